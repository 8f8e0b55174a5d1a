import { ANNOTATION } from '../../record/names.ts';
import { colourEnd } from '../colour.ts';

const SPACE = 0x20;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** What an annotation in pairs begins with. */
export const NOTE = ` ${ANNOTATION}.rule=`;

const PAIR = Buffer.from(` ${ANNOTATION}.`);
const PAIR_NAME = /^(\w+)=/u;
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
  if (at + PAIR.length > end || bytes.compare(PAIR, 0, PAIR.length, at, at + PAIR.length) !== 0) return undefined;
  const start = at + PAIR.length;
  const [label, name] = PAIR_NAME.exec(bytes.latin1Slice(start, Math.min(end, start + LONGEST_NAME))) ?? [];
  if (label === undefined) return undefined;
  const from = start + label.length;
  const to = valueEnd(bytes, from, end);
  return to === -1 ? undefined : { name: name!, from, to };
}

/** Offset behind the pairs of an annotation that begins at `start`. */
export function noteEnd(bytes: Buffer, start: number, end: number): number {
  let at = start;
  for (let pair = notePair(bytes, at, end); pair !== undefined; pair = notePair(bytes, at, end)) at = pair.to;
  return at;
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
