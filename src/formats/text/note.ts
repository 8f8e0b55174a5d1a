import { ANNOTATION } from '../../record/names.ts';
import { colourEnd } from '../colour.ts';
import { isWordByte } from './time.ts';

const SPACE = 0x20;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** What an annotation in pairs begins with. */
export const NOTE = ` ${ANNOTATION}.rule=`;

const PAIR = Buffer.from(` ${ANNOTATION}.`);
const EQUALS = 0x3d;
/** Longer names are none of ours. */
const LONGEST_NAME = 16;

/** A pair of an annotation: its name, and where its value stands, quotes included. */
export interface NotePair {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

/** The pair of an annotation whose blank stands at `at`; `undefined` if none does. */
export function notePair(bytes: Buffer, at: number, end: number): NotePair | undefined {
  const from = nameEnd(bytes, at, end);
  const to = from === -1 ? -1 : valueEnd(bytes, from, end);
  return to === -1 ? undefined : { name: bytes.latin1Slice(at + PAIR.length, from - 1), from, to };
}

/** Offset behind the pairs of an annotation that begins at `start`: as `notePair` finds them, without what they say. */
export function noteEnd(bytes: Buffer, start: number, end: number): number {
  let at = start;
  for (;;) {
    const from = nameEnd(bytes, at, end);
    const to = from === -1 ? -1 : valueEnd(bytes, from, end);
    if (to === -1) return at;
    at = to;
  }
}

/** Offset behind the name and the equals sign of the pair of an annotation whose blank stands at `at`; -1 if none does. */
function nameEnd(bytes: Buffer, at: number, end: number): number {
  if (at + PAIR.length > end) return -1;
  for (let i = 0; i < PAIR.length; i += 1) if (bytes[at + i] !== PAIR[i]) return -1;
  const start = at + PAIR.length;
  const limit = Math.min(end, start + LONGEST_NAME);
  let close = start;
  while (close < limit && isWordByte(bytes[close]!)) close += 1;
  return close > start && close < limit && bytes[close] === EQUALS ? close + 1 : -1;
}

function valueEnd(bytes: Buffer, from: number, end: number): number {
  let at = from;
  if (bytes[at] !== QUOTE || at === end) {
    for (;;) {
      while (at < end && bytes[at]! > SPACE) at += 1;
      // The colours that an old level stood in are part of it.
      const behind = colourEnd(bytes, at, end);
      if (behind === at) return at;
      at = behind;
    }
  }
  for (at += 1; at < end && bytes[at] !== QUOTE; at += 1) if (bytes[at] === BACKSLASH) at += 1;
  return at < end ? at + 1 : -1;
}
