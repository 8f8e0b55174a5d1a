import type { LineDraft } from '../../formats/draft.ts';
import { withGaps } from '../../formats/envelope-pieces.ts';
import type { Severity } from '../../record/envelope.ts';
import { ANNOTATION } from '../../record/names.ts';
import type { LevelPlace } from '../../record/held-level.ts';
import type { LogRecord } from '../../record/record.ts';
import { NUMBER, UNQUOTED } from '../../record/value.ts';
import { spellInstant } from '../../record/time.ts';
import type { Edit } from './change.ts';

const SPACE = 0x20;
const QUOTE = Buffer.from('"');

/** How annotations are written: as now, or as before `was` was always a text. `restore` knows both. */
export type Dialect = 'now' | 'before';

/** Where the level of a line is another, and the number of each in its annotation: the first is 1, and has none there. */
export interface Places {
  readonly changed: readonly LevelPlace[];
  /** `undefined`: from one on. */
  readonly numbers: readonly number[] | undefined;
  /** Where the severity of an envelope was that is another now. */
  readonly severity: Pick<Severity, 'start' | 'end' | 'at'> | undefined;
}

/** Adds what is said of a change, in the manner of the line. `isRewritten`: its message too is another. */
export function addAnnotation(
  draft: LineDraft,
  record: LogRecord,
  edit: Edit,
  places: Places,
  isRewritten: boolean,
  dialect: Dialect,
): void {
  if (record.manner === 'member') addMember(draft, record, edit, places, isRewritten, dialect);
  else addPairs(draft, record, edit, places, isRewritten);
}

/** A text as a logfmt value: in quotes if it needs them, with JSON's escapes. */
export const pairValue = (text: string): string => (/^[^\s\p{Cc}="\\\ufffd]+$/u.test(text) ? text : JSON.stringify(text));

/** What `was` and `was_msg` hold: the old value's own bytes. */
const addOld = (draft: LineDraft, record: LogRecord, slot: number): void =>
  draft.addOld(record.outerStart(slot), record.outerEnd(slot));

/** The same as a pair: a header's words for a level may hold blanks, as PHP's `Fatal error` does. */
function addOldWord(draft: LineDraft, record: LogRecord, slot: number): void {
  const isQuoted = record.headed && record.kinds[slot] === UNQUOTED && holdsBlank(record, slot);
  if (isQuoted) draft.addBytes(QUOTE);
  addOld(draft, record, slot);
  if (isQuoted) draft.addBytes(QUOTE);
}

function holdsBlank({ bytes, starts, ends }: LogRecord, slot: number): boolean {
  for (let at = starts[slot]!; at < ends[slot]!; at += 1) if (bytes[at] === SPACE) return true;
  return false;
}

/** The message of a text line is kept in quotes of ours, as it may hold anything. */
function addOldMessage(draft: LineDraft, record: LogRecord): void {
  const { msgSlot } = record;
  if (record.headed) draft.addBytes(quoteBytes(record.bytes.subarray(record.outerStart(msgSlot), record.outerEnd(msgSlot))));
  else addOld(draft, record, msgSlot);
}

/** What stands before each value of an annotation behind `was`. */
function labelsOf(spell: (name: string) => string) {
  const label = (name: string): Buffer => Buffer.from(spell(name));
  return {
    wasEnvelope: label('was_envelope'),
    wasMsg: label('was_msg'),
    why: label('why'),
    note: label('note'),
    repeats: label('repeats'),
    first: label('first'),
    last: label('last'),
    pieces: label('pieces'),
  };
}

/** Makes what stands before `was`, which names the rule; anew only if another rule comes. */
function headsOf(spell: (rule: string) => string): (rule: string) => Buffer {
  let last: string | undefined;
  let head = Buffer.alloc(0);
  return (rule) => {
    if (rule !== last) head = Buffer.from(spell(rule));
    last = rule;
    return head;
  };
}

const MEMBER = labelsOf((name) => `,"${name}":`);
const PAIR = labelsOf((name) => ` ${ANNOTATION}.${name}=`);
const memberHead = headsOf((rule) => `,"${ANNOTATION}":{"rule":${JSON.stringify(rule)},"was":`);
const pairsHead = headsOf((rule) => ` ${ANNOTATION}.rule=${rule} ${ANNOTATION}.was=`);

/** The annotation as a last member. Bytes of the line itself go in as they are. */
function addMember(
  draft: LineDraft,
  record: LogRecord,
  { rule, why, note, summary, gaps }: Edit,
  { changed, numbers, severity }: Places,
  isRewritten: boolean,
  dialect: Dialect,
): void {
  draft.addBytes(memberHead(rule));
  addWas(draft, changed[0] ?? firstPlace(record), dialect);
  for (let i = 1; i < changed.length; i += 1) {
    draft.addText(`,"was_${numbers?.[i] ?? i + 1}":`);
    addWas(draft, changed[i]!, dialect);
  }
  if (severity !== undefined) {
    draft.addBytes(MEMBER.wasEnvelope);
    draft.addBytes(QUOTE);
    addSeverity(draft, record, severity);
    draft.addBytes(QUOTE);
  }
  if (isRewritten) {
    draft.addBytes(MEMBER.wasMsg);
    addOldMessage(draft, record);
  }
  addText(draft, MEMBER.why, why);
  addText(draft, MEMBER.note, note);
  if (summary !== undefined) {
    const { repeats, first, last, isFirstYearless, isLastYearless } = summary;
    draft.addBytes(MEMBER.repeats);
    draft.addText(String(repeats));
    addInstant(draft, MEMBER.first, '"', first, isFirstYearless);
    addInstant(draft, MEMBER.last, '"', last, isLastYearless);
  }
  addText(draft, MEMBER.pieces, piecesOf(record, gaps));
  draft.addText('}');
}

/**
 * A store that indexes JSON learns one type for `was`: a number stands in quotes, as the word of a header does. `restore` tells it from a text
 * by the new value.
 */
function addWas(draft: LineDraft, { kind, outerStart, outerEnd }: Outer, dialect: Dialect): void {
  const isQuoted = (dialect === 'now' && kind === NUMBER) || kind === UNQUOTED;
  if (isQuoted) draft.addBytes(QUOTE);
  draft.addOld(outerStart, outerEnd);
  if (isQuoted) draft.addBytes(QUOTE);
}

type Outer = Pick<LevelPlace, 'kind' | 'outerStart' | 'outerEnd'>;

/** Where the level stands that stays as it is. */
function firstPlace(record: LogRecord): Outer {
  const { levelSlot: slot } = record;
  return { kind: record.kinds[slot]!, outerStart: record.outerStart(slot), outerEnd: record.outerEnd(slot) };
}

/** Letters and digits: as they are spelled, if they stand in the text that is written. */
function addSeverity(draft: LineDraft, record: LogRecord, { start, end, at }: NonNullable<Places['severity']>): void {
  if (at === 'record') draft.addOld(start, end);
  else draft.addText(record.envelope!.line.latin1Slice(start, end));
}

function addText(draft: LineDraft, label: Buffer, text: string | undefined): void {
  if (text === undefined) return;
  draft.addBytes(label);
  draft.addText(JSON.stringify(text));
}

/** The annotation as last pairs. */
function addPairs(
  draft: LineDraft,
  record: LogRecord,
  { rule, why, note, summary, gaps }: Edit,
  { changed, numbers, severity }: Places,
  isRewritten: boolean,
): void {
  draft.addBytes(pairsHead(rule));
  addOldWord(draft, record, record.levelSlot);
  for (let i = 1; i < changed.length; i += 1) {
    draft.addText(` ${ANNOTATION}.was_${numbers?.[i] ?? i + 1}=`);
    draft.addOld(changed[i]!.outerStart, changed[i]!.outerEnd);
  }
  if (severity !== undefined) {
    draft.addBytes(PAIR.wasEnvelope);
    addSeverity(draft, record, severity);
  }
  if (isRewritten) {
    draft.addBytes(PAIR.wasMsg);
    addOldMessage(draft, record);
  }
  addPair(draft, PAIR.why, why);
  addPair(draft, PAIR.note, note);
  if (summary !== undefined) {
    const { repeats, first, last, isFirstYearless, isLastYearless } = summary;
    addPair(draft, PAIR.repeats, String(repeats));
    addInstant(draft, PAIR.first, '', first, isFirstYearless);
    addInstant(draft, PAIR.last, '', last, isLastYearless);
  }
  addPair(draft, PAIR.pieces, piecesOf(record, gaps));
}

function addPair(draft: LineDraft, label: Buffer, text: string | undefined): void {
  if (text === undefined) return;
  draft.addBytes(label);
  draft.addText(pairValue(text));
}

function addInstant(draft: LineDraft, label: Buffer, quote: '"' | '', instant: number, isYearless: boolean): void {
  const spelled = spellInstant(instant);
  if (spelled === undefined) return;
  draft.addBytes(label);
  draft.addText(quote);
  draft.addBytes(isYearless ? spelled.subarray(YEAR.length) : spelled);
  draft.addText(quote);
}

/** What stands before the month of an instant whose year is a guess, and is left out. */
const YEAR = '1972-';

/** The instant that `addInstant` spelled, in ms since 1970; NaN if it cannot have spelled this. */
export function readInstant(spelled: string): { readonly instant: number; readonly isYearless: boolean } {
  const isYearless = /^\d\d-/u.test(spelled);
  return { instant: Date.parse(isYearless ? YEAR + spelled : spelled), isYearless };
}

/** How the runtime had cut up the line, which is written as one. */
function piecesOf(record: LogRecord, gaps: readonly number[]): string | undefined {
  const pieces = record.envelope?.pieces ?? '';
  return pieces === '' ? undefined : withGaps(pieces, gaps);
}

/** Bytes in quotes, with `"`, `\` and control characters escaped, all others as they are, UTF-8 or not. */
function quoteBytes(bytes: Buffer): Buffer {
  const escaped = bytes
    .toString('latin1')
    .replace(/["\\\0-\x1f\x7f]/gu, (char) =>
      char === '"' || char === '\\' ? `\\${char}` : `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
    );
  return Buffer.from(`"${escaped}"`, 'latin1');
}

/** Undoes `quoteBytes`, given what stands between the quotes, in latin1. */
export function unquoteBytes(escaped: string): Buffer {
  const text = escaped.replace(/\\(?:u00([\da-f]{2})|(["\\]))/gu, (_, hex: string | undefined, char: string) =>
    hex === undefined ? char : String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(text, 'latin1');
}
