import { isBlank } from './literal.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const EQUALS = 0x3d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;

/** A key as programs write it: no bracket, quote or comma, which code and addresses have before their first `=`. */
const KEY_BYTES = new Uint8Array(256).fill(1, 0x21);
for (const byte of Buffer.from('"\'`()[]{}<>,;&?|\\#=')) KEY_BYTES[byte] = 0;

/** Pairs that `pairsBefore` found, the last of the line first. */
export const pairs = {
  count: 0,
  keyStarts: new Int32Array(64),
  keyEnds: new Int32Array(64),
  valueStarts: new Int32Array(64),
  valueEnds: new Int32Array(64),
};

/**
 * Finds the longest tail of `[from, end)` that is nothing but `key=value`, `key="value"` and `"key"=value`, with blanks between. Offset of
 * its first byte; `end` if there is none. It goes from the end to the front and looks at each byte a fixed number of times.
 */
export function pairsBefore(bytes: Uint8Array, from: number, end: number): number {
  pairs.count = 0;
  let start = end;
  let at = blanksStart(bytes, from, end);
  while (at > from) {
    const pair = pairStart(bytes, from, at);
    if (pair === -1 || (pair > from && !isBlank(bytes[pair - 1]!))) break;
    pairs.count += 1;
    start = pair;
    at = blanksStart(bytes, from, pair);
  }
  return start;
}

/** The pair that ends at `end`: its start, or -1. Keeps it as the next one of `pairs`. */
function pairStart(bytes: Uint8Array, from: number, end: number): number {
  if (bytes[end - 1] === QUOTE) {
    const open = openingQuote(bytes, from, end - 1);
    if (open > from && bytes[open - 1] === EQUALS) {
      const key = keyStart(bytes, from, open - 1);
      if (key !== -1) return keep(key, open - 1, open, end);
    }
  }
  let word = end;
  while (word > from && !isBlank(bytes[word - 1]!)) word -= 1;
  let equals = word;
  while (equals < end && bytes[equals] !== EQUALS) equals += 1;
  if (equals === end || bytes[equals + 1] === EQUALS || (equals + 1 < end && bytes[equals + 1] === QUOTE)) return -1;
  const key = keyStart(bytes, from, equals);
  return key === -1 ? -1 : keep(key, equals, equals + 1, end);
}

/** Where the key begins that ends at `end`; -1 if none does. Its quotes count with it. */
function keyStart(bytes: Uint8Array, from: number, end: number): number {
  if (end > from && bytes[end - 1] === QUOTE) {
    const open = openingQuote(bytes, from, end - 1);
    return open !== -1 && open < end - 2 ? open : -1;
  }
  let at = end;
  while (at > from && KEY_BYTES[bytes[at - 1]!] === 1) at -= 1;
  return at === end ? -1 : at;
}

/** The first quote before `close` without a backslash of its own; -1 if there is none. */
function openingQuote(bytes: Uint8Array, from: number, close: number): number {
  let at = close - 1;
  while (at >= from) {
    if (bytes[at] === QUOTE) {
      let slash = at;
      while (slash > from && bytes[slash - 1] === BACKSLASH) slash -= 1;
      if ((at - slash) % 2 === 0) return at;
      at = slash;
    }
    at -= 1;
  }
  return -1;
}

function keep(keyStarts: number, keyEnds: number, valueStarts: number, valueEnds: number): number {
  const { count } = pairs;
  if (count === pairs.keyStarts.length) grow();
  pairs.keyStarts[count] = keyStarts;
  pairs.keyEnds[count] = keyEnds;
  pairs.valueStarts[count] = valueStarts;
  pairs.valueEnds[count] = valueEnds;
  return keyStarts;
}

function grow(): void {
  for (const name of ['keyStarts', 'keyEnds', 'valueStarts', 'valueEnds'] as const) {
    const larger = new Int32Array(2 * pairs[name].length);
    larger.set(pairs[name]);
    pairs[name] = larger;
  }
}

/** Offset of the blanks that end at `end`. */
export function blanksStart(bytes: Uint8Array, from: number, end: number): number {
  let at = end;
  while (at > from && isBlank(bytes[at - 1]!)) at -= 1;
  return at;
}

/**
 * Where the JSON object begins that ends at `end`, if one does: there is only one place for it, as brackets outside of strings come in pairs.
 * -1 if there is none. Whether it is a valid one only reading can tell.
 */
export function objectBefore(bytes: Uint8Array, from: number, end: number): number {
  if (bytes[end - 1] !== CLOSE_OBJECT) return -1;
  let depth = 0;
  for (let at = end - 1; at >= from; at -= 1) {
    const byte = bytes[at];
    if (byte === QUOTE) {
      at = openingQuote(bytes, from, at);
      if (at === -1) return -1;
    } else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) {
      depth += 1;
    } else if (byte === OPEN_OBJECT || byte === OPEN_LIST) {
      depth -= 1;
      if (depth === 0) return byte === OPEN_OBJECT ? at : -1;
    }
  }
  return -1;
}

/** Whether `[start, end)` is one text in quotes: the first one ends with the last byte. */
export function isQuotedWhole(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < 2 || bytes[start] !== QUOTE || bytes[end - 1] !== QUOTE) return false;
  for (let at = start + 1; at < end; at += 1) {
    if (bytes[at] === BACKSLASH) at += 1;
    else if (bytes[at] === QUOTE) return at === end - 1;
  }
  return false;
}

/** Whether a backslash stands in a text. */
export function hasBackslash(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at += 1) if (bytes[at] === BACKSLASH) return true;
  return false;
}
