import { isDigit } from '../../record/time.ts';
import type { Pattern } from './compile.ts';
import { skipBlanks } from './literal.ts';

const COLON = 0x3a;
const DOT = 0x2e;
const ESCAPE = 0x1b;
const BACKSLASH = 0x5c;
const LETTER_R = 0x72;
const LETTER_S = 0x73;
const LETTER_U = 0x75;
const EQUALS = 0x3d;
const LETTER_E = 0x65;
const LETTER_M = 0x6d;

/** No shorter run of digits is a clock or a date of its own, or a number of seconds since 1970. */
const MOST_BARE = 5;
/** A fraction of so many digits makes a number one of seconds. */
const FRACTION = 3;

/** Bytes that may stand behind a number that is a time because of its place; `true`: any. */
export type CountEnds = Uint8Array | true;

/** Which these are in lines of these patterns: `{time:s}` and `{time:ms}` take any number. */
export function countEnds(patterns: readonly Pattern[]): CountEnds {
  const ends = new Uint8Array(256);
  for (const { steps, suffix } of patterns) {
    const isCount = ({ kind }: Pattern['steps'][number]): boolean => kind === 's' || kind === 'ms';
    if (suffix.some(isCount)) return true;
    for (let i = 0; i < steps.length; i += 1) {
      if (!isCount(steps[i]!)) continue;
      const next = steps[i + 1];
      const byte = next?.kind === 'literal' ? next.atoms.find((atom) => atom >= 0) : undefined;
      if (byte === undefined || byte === DOT) return true;
      ends[byte] = 1;
    }
  }
  return ends;
}

/**
 * Whether a time may stand in `[start, end)` that a header, an envelope or a value of a line gives it: in no notation that is read as one is
 * there neither a clock (`1:00:00`, `1:00 AM`), nor six digits in a row, nor a fraction of a second, nor an exponent. It may say yes wrongly,
 * never no wrongly: where escapes, colours or an annotation may stand in the midst of a time, it says yes.
 */
export function mayHoldTime(bytes: Uint8Array, start: number, end: number, counts: CountEnds): boolean {
  let at = start;
  while (at < end) {
    const byte = bytes[at]!;
    if (isDigit(byte)) {
      let close = at + 1;
      while (close < end && isDigit(bytes[close]!)) close += 1;
      if (close - at > MOST_BARE || mayBeTime(bytes, close, end, counts)) return true;
      at = close;
      continue;
    }
    if (byte === ESCAPE || (byte === BACKSLASH && bytes[at + 1] === LETTER_U)) return true;
    // ` relevel.rule=` is cut out of a line before its header is read.
    if (byte === DOT && bytes[at + 1] === LETTER_R && bytes[at + 5] === EQUALS) return true;
    at += 1;
  }
  return false;
}

/** Whether the few digits that end at `close` may belong to a time. */
function mayBeTime(bytes: Uint8Array, close: number, end: number, counts: CountEnds): boolean {
  if (counts === true) return true;
  const next = close < end ? bytes[close]! : 0;
  if (next === COLON) {
    if (!isDigit(bytes[close + 1]!) || !isDigit(bytes[close + 2]!)) return counts[COLON] === 1;
    return bytes[close + 3] === COLON || counts[COLON] === 1 || halvesDay(bytes, close + 3);
  }
  if (next === DOT) {
    let fraction = close + 1;
    while (fraction < end && isDigit(bytes[fraction]!)) fraction += 1;
    return fraction - close > FRACTION || (fraction < end && bytes[fraction] === LETTER_S);
  }
  if ((next | 0x20) === LETTER_E) return true;
  const behind = skipBlanks(bytes, close, end);
  return behind < end && counts[bytes[behind]!] === 1;
}

/** Whether `AM` or `PM` stands at `at`, or behind a blank there. */
function halvesDay(bytes: Uint8Array, at: number): boolean {
  const from = bytes[at] === 0x20 ? at + 1 : at;
  return (bytes[from + 1]! | 0x20) === LETTER_M;
}
