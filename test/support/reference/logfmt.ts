import { colourEnd } from '../../../src/formats/colour.ts';
import type { LogRecord } from '../../../src/record/record.ts';
import { FLAG, LOGFMT_ESCAPED, MISSING, QUOTED, UNQUOTED } from '../../../src/record/value.ts';

const SPACE = 0x20;
const QUOTE = 0x22;
const EQUALS = 0x3d;
const BACKSLASH = 0x5c;
const ESCAPE = 0x1b;

const NO_PAIR = 'no pair at the beginning';

/** A key as programs write it: no bracket, quote or comma, which code and addresses have before their first `=`. */
const KEY_BYTES = new Uint8Array(256).fill(1, 0x21);
for (const byte of Buffer.from('"\'`()[]{}<>,;&?|\\#=')) KEY_BYTES[byte] = 0;

function beginsWithPair({ bytes, start, end }: LogRecord): boolean {
  const from = colourEnd(bytes, start, end);
  let at = from;
  while (at < end && KEY_BYTES[bytes[at]!] === 1) at += 1;
  return at > from && at < end && bytes[at] === EQUALS;
}

/** Reads logfmt without the kernel: the reference for it. */
export function readLogfmtPlainly(record: LogRecord): boolean {
  const { bytes, end, kinds } = record;
  const table = record.names.top;
  record.loose = true;
  if (!beginsWithPair(record)) return record.opaque(NO_PAIR);
  let at = record.start;
  let lastQuoted = -1;
  let seenQuoted = false;

  while (at < end) {
    // between pairs
    let byte = bytes[at]!;
    if (byte <= SPACE) {
      at = byte === ESCAPE ? Math.max(at + 1, colourEnd(bytes, at, end)) : at + 1;
      continue;
    }

    // key
    const keyStart = at;
    let wide = false;
    while (byte > SPACE && byte !== EQUALS && byte !== QUOTE) {
      if (byte >= 0x80) wide = true;
      at += 1;
      if (at === end) break;
      byte = bytes[at]!;
    }
    if (byte === QUOTE && at < end) {
      if (!seenQuoted) return record.opaque('quote in a key');
      const close = looseQuote(bytes, at + 1, end);
      if (close === -1) return record.opaque('quote never closed');
      record.ambiguous = true;
      if (lastQuoted !== -1) record.set(lastQuoted, LOGFMT_ESCAPED, record.starts[lastQuoted]!, close);
      at = close + 1;
      continue;
    }
    if (at === keyStart) return record.opaque('value without a key');
    if (wide && bytes.toString('utf8', keyStart, at).includes('\ufffd')) return record.opaque('key that is not UTF-8');
    const slot = table.find(bytes, keyStart, at)?.slot ?? -1;
    const again = slot !== -1 && kinds[slot] !== MISSING;
    if (at === end || byte !== EQUALS) {
      keep(record, slot, FLAG, keyStart, at);
      continue;
    }
    at += 1; // the =

    // value
    if (at < end && bytes[at] === QUOTE) {
      const valueStart = at + 1;
      let escaped = false;
      at = valueStart;
      while (at < end && bytes[at] !== QUOTE) {
        if (bytes[at] === BACKSLASH) {
          escaped = true;
          at += 1;
        }
        at += 1;
      }
      if (at >= end) return record.opaque('quote never closed');
      seenQuoted = true;
      lastQuoted = again ? -1 : slot;
      keep(record, slot, escaped ? LOGFMT_ESCAPED : QUOTED, valueStart, at);
      at += 1;
    } else {
      const valueStart = at;
      for (;;) {
        while (at < end && bytes[at]! > SPACE) at += 1;
        const behind = colourEnd(bytes, at, end);
        if (behind === at) break;
        at = behind;
      }
      keep(record, slot, UNQUOTED, valueStart, at);
    }
  }
  return record.settle();
}

function keep(record: LogRecord, slot: number, kind: number, start: number, end: number): void {
  if (slot === -1) return;
  if (record.kinds[slot] === MISSING) record.set(slot, kind, start, end);
  else record.again(slot, kind, start, end);
}

/** Offset of the first quote that a space or the end follows, or -1. */
function looseQuote(bytes: Uint8Array, from: number, end: number): number {
  for (let at = from; at < end; at += 1) {
    if (bytes[at] === QUOTE && (at + 1 === end || bytes[at + 1]! <= SPACE)) return at;
  }
  return -1;
}
