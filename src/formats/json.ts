import type { LogRecord } from '../record/record.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { TOO_LONG } from '../kernel/names.ts';

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** What may follow a backslash, beside `u` and four hex digits. */
const ESCAPES = new Uint8Array(256);
for (const letter of '"\\/bfnrt') ESCAPES[letter.charCodeAt(0)] = 1;

const HEX = new Uint8Array(256);
for (const digit of '0123456789abcdefABCDEF') HEX[digit.charCodeAt(0)] = 1;

/** Bytes that a string's scan must stop at: the quote, the backslash, control characters. */
const STOPS = new Uint8Array(256).fill(1, 0, 0x20);
STOPS[QUOTE] = 1;
STOPS[BACKSLASH] = 1;

/** Which of the open brackets are objects, for values that are only passed over. Grows to the deepest nesting seen. */
let nesting = new Uint8Array(1024);

/**
 * Reads a line that is one JSON object, RFC 8259, as strictly as `JSON.parse` does, and keeps the
 * values that `record` has slots for. At the top the first member of a name counts, and a second one with another value
 * makes the record ambiguous; inside, the last one counts, as everywhere in JavaScript.
 */
export function readJson(kernel: Kernel, record: LogRecord): boolean {
  const close = kernel.names.read(record, 'readJson');
  if (close < 0) return record.opaque(close === TOO_LONG ? 'too long to be read' : 'not JSON');
  record.annotateAt = close;
  record.manner = 'member';
  return record.settle();
}

/** Reads the object `[start, end)` at the end of a text line, and makes it the place of an annotation. False if it is none. */
export function readTailObject(kernel: Kernel, record: LogRecord, start: number, end: number): boolean {
  if (record.bytes[end - 1] !== CLOSE_OBJECT) return false;
  const close = kernel.names.read(record, 'readJson', start, end);
  if (close < 0) return false;
  record.annotateAt = close;
  record.manner = 'member';
  return true;
}

/** Offset behind the value that begins at `at`, or -1 where it is none. */
export function valueEnd(bytes: Uint8Array, at: number, end: number): number {
  if (at >= end) return -1;
  const first = bytes[at]!;
  if (first === QUOTE) {
    const close = stringEnd(bytes, at + 1, end);
    return close === -1 ? -1 : close + 1;
  }
  if (first === OPEN_OBJECT || first === OPEN_LIST) return nestedEnd(bytes, at, end);
  return scalarEnd(bytes, at, end);
}

function scalarEnd(bytes: Uint8Array, at: number, end: number): number {
  switch (bytes[at]) {
    case 0x74:
      return wordEnd(bytes, at, end, 'true');
    case 0x66:
      return wordEnd(bytes, at, end, 'false');
    case 0x6e:
      return wordEnd(bytes, at, end, 'null');
    default:
      return numberEnd(bytes, at, end);
  }
}

/** Passes over an object or a list however deep it is: no recursion, a byte for each level. */
function nestedEnd(bytes: Uint8Array, from: number, end: number): number {
  let depth = 0;
  let at = from;
  while (at < end) {
    // a value begins here
    const byte = bytes[at]!;
    if (byte === OPEN_OBJECT || byte === OPEN_LIST) {
      if (depth === nesting.length) nesting = grown(nesting);
      const isObject = byte === OPEN_OBJECT;
      nesting[depth++] = isObject ? 1 : 0;
      at = skipSpace(bytes, at + 1, end);
      if (at >= end) return -1;
      if (bytes[at] !== (isObject ? CLOSE_OBJECT : CLOSE_LIST)) {
        if (isObject) at = memberKeyEnd(bytes, at, end);
        if (at === -1) return -1;
        continue;
      }
      depth -= 1;
      at += 1;
    } else if (byte === QUOTE) {
      at = stringEnd(bytes, at + 1, end) + 1;
      if (at === 0) return -1;
    } else {
      at = scalarEnd(bytes, at, end);
      if (at === -1) return -1;
    }

    // behind a value: brackets close, or a comma leads to the next
    for (;;) {
      if (depth === 0) return at;
      at = skipSpace(bytes, at, end);
      if (at >= end) return -1;
      const isObject = nesting[depth - 1] === 1;
      const next = bytes[at]!;
      if (next === COMMA) {
        at = skipSpace(bytes, at + 1, end);
        if (isObject) at = memberKeyEnd(bytes, at, end);
        if (at === -1) return -1;
        break;
      }
      if (next !== (isObject ? CLOSE_OBJECT : CLOSE_LIST)) return -1;
      depth -= 1;
      at += 1;
    }
  }
  return -1;
}

/** Passes over `"key" :`; offset of the value, or -1. */
function memberKeyEnd(bytes: Uint8Array, at: number, end: number): number {
  if (at >= end || bytes[at] !== QUOTE) return -1;
  const close = stringEnd(bytes, at + 1, end);
  if (close === -1) return -1;
  const colon = skipSpace(bytes, close + 1, end);
  return colon < end && bytes[colon] === COLON ? skipSpace(bytes, colon + 1, end) : -1;
}

/** Offset of the quote that ends the string begun before `from`, or -1. */
function stringEnd(bytes: Uint8Array, from: number, end: number): number {
  let at = from;
  for (;;) {
    while (at < end && STOPS[bytes[at]!] === 0) at += 1;
    if (at >= end) return -1;
    const byte = bytes[at]!;
    if (byte === QUOTE) return at;
    if (byte !== BACKSLASH) return -1;
    at = escapeEnd(bytes, at + 1, end);
    if (at === -1) return -1;
  }
}

/** Offset behind the escape whose letter stands at `at`, or -1 where it is none. */
function escapeEnd(bytes: Uint8Array, at: number, end: number): number {
  if (at >= end) return -1;
  const letter = bytes[at]!;
  if (letter !== 0x75) return ESCAPES[letter] === 1 ? at + 1 : -1;
  if (at + 5 > end) return -1;
  return (HEX[bytes[at + 1]!]! & HEX[bytes[at + 2]!]! & HEX[bytes[at + 3]!]! & HEX[bytes[at + 4]!]!) === 1 ? at + 5 : -1;
}

function wordEnd(bytes: Uint8Array, at: number, end: number, word: string): number {
  if (at + word.length > end) return -1;
  for (let i = 1; i < word.length; i += 1) if (bytes[at + i] !== word.charCodeAt(i)) return -1;
  return at + word.length;
}

function numberEnd(bytes: Uint8Array, from: number, end: number): number {
  let at = bytes[from] === 0x2d ? from + 1 : from;
  // A leading zero stands alone.
  if (at < end && bytes[at] === 0x30) at += 1;
  else at = digitsEnd(bytes, at, end);
  if (at === -1) return -1;
  if (at < end && bytes[at] === 0x2e) at = digitsEnd(bytes, at + 1, end);
  if (at !== -1 && at < end && (bytes[at]! | 0x20) === 0x65) {
    at += 1;
    if (at < end && (bytes[at] === 0x2b || bytes[at] === 0x2d)) at += 1;
    at = digitsEnd(bytes, at, end);
  }
  return at;
}

/** Offset behind one digit or more, or -1. */
function digitsEnd(bytes: Uint8Array, from: number, end: number): number {
  let at = from;
  while (at < end && bytes[at]! >= 0x30 && bytes[at]! <= 0x39) at += 1;
  return at === from ? -1 : at;
}

function skipSpace(bytes: Uint8Array, from: number, end: number): number {
  let at = from;
  while (at < end && bytes[at]! <= 0x20) {
    const byte = bytes[at]!;
    if (byte !== 0x20 && byte !== 0x09 && byte !== 0x0d && byte !== 0x0a) break;
    at += 1;
  }
  return at;
}

function grown(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(bytes.length * 2);
  larger.set(bytes);
  return larger;
}
