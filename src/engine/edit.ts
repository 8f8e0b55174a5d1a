import { envelopeOf, isSpelledPlainly, spliceLine, type Kept, type Piece, type Splice } from '../formats/envelope.ts';
import { LEVELS, spellLevel, type Level } from '../record/level.ts';
import { ANNOTATION } from '../record/names.ts';
import type { LogRecord } from '../record/record.ts';

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

/**
 * The line of `record` with its new level and message spliced over the old bytes, and the
 * annotation at its end. All other bytes stay; nothing is serialised anew. `end` lies behind the
 * line's newline, if it has one.
 */
export function applyEdit(record: LogRecord, asked: Edit, end: number, annotate: boolean): Buffer {
  const edit = canRewrite(record) ? asked : { ...asked, msg: undefined };
  const splices: Splice[] = [];
  const splice = (from: number, to: number, ...text: readonly Piece[]): void => {
    splices.push({ start: from, end: to, text });
  };
  const { levelSlot, msgSlot } = record;
  const spliceMessage = (): void => {
    if (edit.msg !== undefined && msgSlot !== -1)
      splice(record.outerStart(msgSlot), record.outerEnd(msgSlot), writeMessage(record, edit.msg));
  };
  const messageFirst = msgSlot !== -1 && record.starts[msgSlot]! < record.starts[levelSlot]!;
  if (messageFirst) spliceMessage();
  if (edit.level !== record.level) {
    splice(record.starts[levelSlot]!, record.ends[levelSlot]!, spellLevel(edit.level, spelledLevel(record)));
  }
  if (!messageFirst) spliceMessage();
  if (annotate) splice(record.annotateAt, record.annotateAt, ...annotation(record, edit));
  return spliceLine(record, splices, end);
}

/** Whether the old message can be kept in an annotation and had back as it was spelled: where it has to be quoted, its escapes are ours. */
function canRewrite(record: LogRecord): boolean {
  const { msgSlot, headed } = record;
  if (!headed || msgSlot === -1) return true;
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

/** The annotation in the manner of the line: a last member, or last pairs. Bytes of the line itself go in as they are. */
function annotation(record: LogRecord, edit: Edit): Piece[] {
  return record.manner === 'member' ? memberOf(record, edit) : pairsOf(record, edit);
}

/** What `was` and `was_msg` hold: the old value's own bytes. */
const oldBytes = (record: LogRecord, slot: number): Kept => ({ from: record.outerStart(slot), to: record.outerEnd(slot) });

function memberOf(record: LogRecord, edit: Edit): Piece[] {
  let behind = '';
  const add = (name: string, value: string | number | undefined): void => {
    if (value !== undefined) behind += `,"${name}":${JSON.stringify(value)}`;
  };
  add('why', edit.why);
  add('note', edit.note);
  add('repeats', edit.summary?.repeats);
  add('first', edit.summary?.first);
  add('last', edit.summary?.last);
  add('pieces', piecesOf(record));
  const pieces: Piece[] = [`,"${ANNOTATION}":{"rule":${JSON.stringify(edit.rule)},"was":`, oldBytes(record, record.levelSlot)];
  if (edit.msg !== undefined && record.msgSlot !== -1) pieces.push(',"was_msg":', oldBytes(record, record.msgSlot));
  pieces.push(`${behind}}`);
  return pieces;
}

function pairsOf(record: LogRecord, edit: Edit): Piece[] {
  let behind = '';
  const add = (name: string, value: string | number | undefined): void => {
    if (value !== undefined) behind += ` ${ANNOTATION}.${name}=${pairValue(String(value))}`;
  };
  add('why', edit.why);
  add('note', edit.note);
  add('repeats', edit.summary?.repeats);
  add('first', edit.summary?.first);
  add('last', edit.summary?.last);
  add('pieces', piecesOf(record));
  const pieces: Piece[] = [` ${ANNOTATION}.rule=${edit.rule} ${ANNOTATION}.was=`, oldBytes(record, record.levelSlot)];
  if (edit.msg !== undefined && record.msgSlot !== -1) {
    const old = oldBytes(record, record.msgSlot);
    pieces.push(` ${ANNOTATION}.was_msg=`, record.headed ? quoteBytes(record.bytes.subarray(old.from, old.to)) : old);
  }
  pieces.push(behind);
  return pieces;
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
