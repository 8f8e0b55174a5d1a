import type { Unescaped } from '../record/envelope.ts';

const BACKSLASH = 0x5c;
const LETTER_U = 0x75;

const LETTERS: Readonly<Record<string, number>> = { b: 8, t: 9, n: 10, f: 12, r: 13, '"': 0x22, '\\': 0x5c, '/': 0x2f };

/**
 * The text of the JSON string `[start, end)`, which is a valid one, without its quotes; `undefined` where it holds half a surrogate pair.
 * `escape`: how new bytes in it are to be written.
 */
export function unescaped(bytes: Buffer, start: number, end: number, escape: Unescaped['escape']): Unescaped | undefined {
  const text = Buffer.allocUnsafe(end - start);
  // Where what was written otherwise than it reads ends, in the text and in `bytes`.
  const ends: number[] = [];
  const written: number[] = [];
  const line = bytes.subarray(0, end);
  let to = 0;
  let at = start;
  while (at < end) {
    const next = line.indexOf(BACKSLASH, at);
    const plain = next === -1 ? end : next;
    to += bytes.copy(text, to, at, plain);
    at = plain;
    if (at === end) break;
    if (bytes[at + 1] === LETTER_U) {
      const char = charAt(bytes, at);
      if (char === undefined) return undefined;
      to += text.write(char, to);
      at += 6 * char.length;
    } else {
      text[to++] = LETTERS[String.fromCharCode(bytes[at + 1]!)]!;
      at += 2;
    }
    ends.push(to);
    written.push(at);
  }
  const offsetOf = (offset: number): number => {
    // The last escape that ends at or before it.
    let low = 0;
    let high = ends.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (ends[middle]! <= offset) low = middle + 1;
      else high = middle;
    }
    return low === 0 ? start + offset : written[low - 1]! + offset - ends[low - 1]!;
  };
  return { bytes: text.subarray(0, to), offsetOf, escape };
}

/** The character that `\u` escapes write at `at`, one or a pair of them. */
function charAt(bytes: Buffer, at: number): string | undefined {
  const unit = Number.parseInt(bytes.latin1Slice(at + 2, at + 6), 16);
  if (unit < 0xd800 || unit > 0xdfff) return String.fromCharCode(unit);
  if (unit > 0xdbff || bytes[at + 6] !== BACKSLASH || bytes[at + 7] !== LETTER_U) return undefined;
  const low = Number.parseInt(bytes.latin1Slice(at + 8, at + 12), 16);
  return low >= 0xdc00 && low <= 0xdfff ? String.fromCharCode(unit, low) : undefined;
}

/** Bytes as they are written inside a JSON string, UTF-8 or not: no more is escaped than must be. */
export function escapePlainly(text: Buffer): Buffer {
  const escaped = text.toString('latin1').replace(/["\\\0-\x1f]/gu, (char) => SPELLINGS[char] ?? escapeOf(char.charCodeAt(0)));
  return Buffer.from(escaped, 'latin1');
}

/** The same, as docker and all that Go's library encodes write it. */
export function escapeAsGo(text: Buffer): Buffer {
  const escaped = text
    .toString('latin1')
    .replace(/["\\\0-\x1f<>&]|\xe2\x80[\xa8\xa9]/gu, (char) => SPELLINGS[char] ?? escapeOf(char.charCodeAt(0)));
  return Buffer.from(escaped, 'latin1');
}

/** Those that are not written by their number; U+2028 and U+2029, which JavaScript once held to be newlines, by their UTF-8. */
const SPELLINGS: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\xe2\x80\xa8': '\\u2028',
  '\xe2\x80\xa9': '\\u2029',
};

const escapeOf = (code: number): string => `\\u${code.toString(16).padStart(4, '0')}`;
