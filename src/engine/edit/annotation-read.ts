import { notePair } from '../../formats/text/note.ts';
import { valueEnd } from '../../formats/json.ts';
import { ANNOTATION } from '../../record/names.ts';
import type { LogRecord } from '../../record/record.ts';
import { MISSING, UNQUOTED } from '../../record/value.ts';

const QUOTE = 0x22;
const COMMA = 0x2c;

const MEMBER = Buffer.from(`,"${ANNOTATION}":{`);
const RULE = Buffer.from(` ${ANNOTATION}.rule=`);

/** The name of an annotation's member, before its value. */
const MEMBER_NAME = /^"(\w+)":/u;
/** Longer names are none of ours. */
const LONGEST_NAME = 16;

/** A value of an annotation, at offsets of the record's bytes, quotes included. */
export interface Entry {
  readonly from: number;
  readonly to: number;
}

/** The annotation of a line, at offsets of the record's bytes, and what stands in it under which name. */
export interface Annotation {
  readonly start: number;
  readonly end: number;
  readonly entries: ReadonlyMap<string, Entry>;
}

/** The annotation at the end of a line that was read; `undefined` if there is none that an edit could have written. */
export const annotationOf = (record: LogRecord): Annotation | undefined =>
  record.manner === 'member' ? memberOf(record) : pairsOf(record);

/** What a value says, decoded; `undefined` if it is no text, or no number that is written plainly. */
export function textOf({ bytes }: LogRecord, { from, to }: Entry): string | undefined {
  const text = bytes.utf8Slice(from, to);
  if (bytes[from] !== QUOTE) return text;
  try {
    return JSON.parse(text) as string;
  } catch {
    return undefined;
  }
}

function memberOf(record: LogRecord): Annotation | undefined {
  const { bytes } = record;
  const slot = record.names.annotation[0]!;
  const end = record.ends[slot]!;
  const start = record.starts[slot]! - MEMBER.length + 1;
  if (record.kinds[slot] === MISSING || end !== record.annotateAt || !stands(record, MEMBER, start)) return undefined;
  const entries = new Map<string, Entry>();
  for (let at = start + MEMBER.length; at < end; at += 1) {
    const [label, name] = MEMBER_NAME.exec(bytes.latin1Slice(at, Math.min(end, at + LONGEST_NAME))) ?? [];
    if (label === undefined) return undefined;
    const from = at + label.length;
    at = valueEnd(bytes, from, end);
    if (at === -1) return undefined;
    entries.set(name!, { from, to: at });
    if (bytes[at] !== COMMA) return at === end - 1 ? { start, end, entries } : undefined;
  }
  return undefined;
}

function pairsOf(record: LogRecord): Annotation | undefined {
  const { bytes } = record;
  const start = pairsStart(record);
  if (!stands(record, RULE, start)) return undefined;
  const end = record.noteStart === -1 ? record.end : record.noteEnd;
  const entries = new Map<string, Entry>();
  for (let at = start; at < end;) {
    const pair = notePair(bytes, at, end);
    if (pair === undefined) return undefined;
    entries.set(pair.name, pair);
    at = pair.to;
  }
  return { start, end, entries };
}

/** Where the annotation begins: the reader of text found it; among pairs it has a name of its own. */
function pairsStart(record: LogRecord): number {
  if (record.noteStart !== -1) return record.noteStart;
  const slot = record.names.annotation.find((at) => record.kinds[at] === UNQUOTED);
  return slot === undefined ? -1 : record.starts[slot]! - RULE.length;
}

function stands({ bytes, start }: LogRecord, text: Buffer, at: number): boolean {
  return at >= start && bytes.subarray(at, at + text.length).equals(text);
}
