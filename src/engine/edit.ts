import { LineDraft, type Lent } from '../formats/draft.ts';
import { envelopeOf, isSpelledPlainly } from '../formats/envelope.ts';
import { LEVELS, numberOfLevel, spellLevel, type Level } from '../record/level.ts';
import { ANNOTATION } from '../record/names.ts';
import { NUMBER, type LogRecord } from '../record/record.ts';

/** What is done to a line, and what is said about it. */
export interface Edit {
  readonly rule: string;
  readonly level: Level;
  /** The new message, decoded; `undefined` leaves the old one. */
  readonly msg: string | undefined;
  readonly why: string | undefined;
  readonly note: string | undefined;
  readonly summary: SummaryFacts | undefined;
}

export interface SummaryFacts {
  readonly repeats: number;
  /** RFC 3339; `undefined` where the line had no time. */
  readonly first: string | undefined;
  readonly last: string | undefined;
}

const draft = new LineDraft();

/**
 * The line of `record` with its new level and message in place of the old bytes, and the
 * annotation at its end. All other bytes stay; nothing is serialised anew. `end` lies behind the
 * line's newline, if it has one. What it gives is good until the next call.
 */
export function applyEdit(record: LogRecord, edit: Edit, end: number, annotate: boolean): Lent {
  const { levelSlot, msgSlot } = record;
  const msg = msgSlot !== -1 && canRewrite(record) ? edit.msg : undefined;
  const messageFirst = msgSlot !== -1 && record.starts[msgSlot]! < record.starts[levelSlot]!;
  draft.begin(record, end);
  if (msg !== undefined && messageFirst) replaceMessage(record, msg);
  if (edit.level !== record.level) {
    draft.replace(record.starts[levelSlot]!, record.ends[levelSlot]!);
    draft.addText(newLevel(record, edit.level));
  }
  if (msg !== undefined && !messageFirst) replaceMessage(record, msg);
  if (annotate) {
    draft.replace(record.annotateAt, record.annotateAt);
    if (record.manner === 'member') addMember(record, edit, msg !== undefined);
    else addPairs(record, edit, msg !== undefined);
  }
  return draft.finish();
}

function replaceMessage(record: LogRecord, msg: string): void {
  draft.replace(record.outerStart(record.msgSlot), record.outerEnd(record.msgSlot));
  draft.addText(writeMessage(record, msg));
}

/** In the manner of the old one; a number needs no look at it. */
const newLevel = (record: LogRecord, level: Level): string =>
  record.kinds[record.levelSlot] === NUMBER ? String(numberOfLevel(level)) : spellLevel(level, spelledLevel(record));

/** Whether the old message can be kept in an annotation and had back as it was spelled: where it has to be quoted, its escapes are ours. */
function canRewrite(record: LogRecord): boolean {
  const { msgSlot, headed } = record;
  if (!headed) return true;
  return isSpelledPlainly(record, envelopeOf(record), { from: record.outerStart(msgSlot), to: record.outerEnd(msgSlot) });
}

/** The level as the line spells it, decoded. */
export const spelledLevel = (record: LogRecord): string => record.spelling(record.levelSlot) ?? LEVELS[record.level as Level];

/** Control characters, and nothing else, as JSON escapes them: for messages that stand without quotes. */
const escapeControls = (text: string): string =>
  text.replace(/[\p{Cc}\u2028\u2029]/gu, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);

function writeMessage(record: LogRecord, msg: string): string {
  if (record.manner === 'member') return JSON.stringify(msg);
  // The message of a text line is the rest of the line: it has no quotes to be in.
  return record.headed ? escapeControls(msg) : pairValue(msg);
}

/** A text as a logfmt value: in quotes where it needs them, with JSON's escapes. */
const pairValue = (text: string): string => (/^[^\s\p{Cc}="\\\ufffd]+$/u.test(text) ? text : JSON.stringify(text));

/** What `was` and `was_msg` hold: the old value's own bytes. */
const addOld = (record: LogRecord, slot: number): void => draft.addOld(record.outerStart(slot), record.outerEnd(slot));

/** What stands before each part of an annotation, made once. */
const labels = (begin: string, spell: (name: string) => string) => ({
  rule: begin,
  was: spell('was'),
  wasMsg: spell('was_msg'),
  why: spell('why'),
  note: spell('note'),
  repeats: spell('repeats'),
  first: spell('first'),
  last: spell('last'),
  pieces: spell('pieces'),
});
const MEMBERS = labels(`,"${ANNOTATION}":{"rule":`, (name) => `,"${name}":`);
const PAIRS = labels(` ${ANNOTATION}.rule=`, (name) => ` ${ANNOTATION}.${name}=`);

/** The annotation as a last member. Bytes of the line itself go in as they are. */
function addMember(record: LogRecord, { rule, why, note, summary }: Edit, isRewritten: boolean): void {
  addText(MEMBERS.rule, rule);
  draft.addText(MEMBERS.was);
  addOld(record, record.levelSlot);
  if (isRewritten) {
    draft.addText(MEMBERS.wasMsg);
    addOld(record, record.msgSlot);
  }
  addText(MEMBERS.why, why);
  addText(MEMBERS.note, note);
  if (summary !== undefined) {
    draft.addText(MEMBERS.repeats);
    draft.addText(String(summary.repeats));
    addText(MEMBERS.first, summary.first);
    addText(MEMBERS.last, summary.last);
  }
  addText(MEMBERS.pieces, piecesOf(record));
  draft.addText('}');
}

function addText(label: string, text: string | undefined): void {
  if (text === undefined) return;
  draft.addText(label);
  draft.addJson(text);
}

/** The annotation as last pairs. */
function addPairs(record: LogRecord, { rule, why, note, summary }: Edit, isRewritten: boolean): void {
  draft.addText(PAIRS.rule);
  draft.addText(rule);
  draft.addText(PAIRS.was);
  addOld(record, record.levelSlot);
  if (isRewritten) {
    const { msgSlot } = record;
    draft.addText(PAIRS.wasMsg);
    if (record.headed) draft.addBytes(quoteBytes(record.bytes.subarray(record.outerStart(msgSlot), record.outerEnd(msgSlot))));
    else addOld(record, msgSlot);
  }
  addPair(PAIRS.why, why);
  addPair(PAIRS.note, note);
  if (summary !== undefined) {
    addPair(PAIRS.repeats, String(summary.repeats));
    addPair(PAIRS.first, summary.first);
    addPair(PAIRS.last, summary.last);
  }
  addPair(PAIRS.pieces, piecesOf(record));
}

function addPair(label: string, text: string | undefined): void {
  if (text === undefined) return;
  draft.addText(label);
  draft.addText(pairValue(text));
}

/** How the runtime had cut up the line, which is written as one. */
function piecesOf(record: LogRecord): string | undefined {
  const pieces = envelopeOf(record)?.pieces ?? '';
  return pieces === '' ? undefined : pieces;
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

/** Undoes `quoteBytes`, given what stands between the quotes. */
export function unquoteBytes(escaped: string): Buffer {
  const text = escaped.replace(/\\(?:u00([\da-f]{2})|(["\\]))/gu, (_, hex: string | undefined, char: string) =>
    hex === undefined ? char : String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(text, 'latin1');
}
