/** More words with digits are not left out of a line's skeleton. */
const MOST_TOKENS = 250;

const LITERAL = 0;
const LETTER = 1;
const DIGIT = 2;
/** Goes on with a word only if a letter or digit follows. */
const JOINER = 3;

const CLASSES = new Uint8Array(256);
for (let byte = 0; byte < 256; byte += 1) {
  const isLetter = (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a;
  const isDigit = byte >= 0x30 && byte <= 0x39;
  CLASSES[byte] = isDigit
    ? DIGIT
    : isLetter || byte > 0x7f
      ? LETTER
      : '-_.'.includes(String.fromCharCode(byte))
        ? JOINER
        : LITERAL;
}

const QUOTE = 0x22;
const EQUALS = 0x3d;
const COLON = 0x3a;

/**
 * What is left of a line without its words that have digits, as two hashes; and where these words, its *tokens*, stand. Lines with the same
 * skeleton are written by one statement in nearly all cases: most lines of a log need no other look.
 */
export class Skeleton {
  hash = 0;
  check = 0;
  /** How many tokens the line has. */
  count = 0;
  readonly starts = new Int32Array(MOST_TOKENS);
  readonly ends = new Int32Array(MOST_TOKENS);

  /** Looks at the line `[start, end)`. */
  take(bytes: Uint8Array, start: number, end: number): void {
    let hash = 0x811c9dc5 | 0;
    let check = 0;
    let count = 0;
    let at = start;
    while (at < end) {
      let byte = bytes[at]!;
      let kind = CLASSES[byte]!;
      if (kind === LITERAL || kind === JOINER) {
        hash = Math.imul(hash ^ byte, 0x01000193);
        check = Math.imul(check ^ byte, 0x5bd1e995);
        check ^= check >>> 15;
        at += 1;
        continue;
      }
      const from = at;
      const hashBefore = hash;
      const checkBefore = check;
      let hasDigit = false;
      for (;;) {
        if (kind === DIGIT) hasDigit = true;
        hash = Math.imul(hash ^ byte, 0x01000193);
        check = Math.imul(check ^ byte, 0x5bd1e995);
        check ^= check >>> 15;
        at += 1;
        if (at >= end) break;
        byte = bytes[at]!;
        kind = CLASSES[byte]!;
        if (kind === LITERAL) break;
        if (kind === JOINER && (at + 1 >= end || (CLASSES[bytes[at + 1]!]! !== LETTER && CLASSES[bytes[at + 1]!]! !== DIGIT)))
          break;
      }
      // The name of a value belongs to the statement.
      if (!hasDigit || count === MOST_TOKENS || byte === EQUALS || (byte === QUOTE && bytes[at + 1] === COLON)) continue;
      hash = Math.imul(hashBefore ^ 0x100, 0x01000193);
      check = Math.imul(checkBefore ^ 0x100, 0x5bd1e995);
      this.starts[count] = from;
      this.ends[count] = at;
      count += 1;
    }
    this.hash = hash;
    this.check = check;
    this.count = count;
  }
}

/** A hash of a value's bytes, of which no more than the first so many count. */
export function hashOf(bytes: Uint8Array, start: number, end: number): number {
  const stop = Math.min(end, start + 128);
  let hash = end - start;
  for (let at = start; at < stop; at += 1) hash = Math.imul(hash ^ bytes[at]!, 0x01000193);
  hash ^= hash >>> 15;
  return Math.imul(hash, 0x2c1b3c6d) | 0;
}
