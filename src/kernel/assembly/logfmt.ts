// How a line of logfmt is read.
import { declareArray } from './bounds.ts';
import { bitsOf, Char, either, first, input, is, isAtMost, Run } from './memory.ts';
import { forget, Found, guess, kinds, Manner, noteAgain, starts } from './found.ts';
import {
  FLAG,
  KEY_NOT_UTF8,
  LOGFMT_ESCAPED,
  MISSING,
  NO_KEY,
  NO_PAIR,
  QUOTE_IN_KEY,
  QUOTE_OPEN,
  QUOTED,
  UNQUOTED,
} from '../layout.ts';

@unmanaged
@final
class Last {
  isWide: i32; // whether `keyStop` passed over bytes beyond ASCII
  escaped: i32; // whether the value whose quote was found last has an escape
}
const last = changetype<Last>(memory.data(8, 16));
declareArray(changetype<usize>(last), 8);

/** Offset of the first byte at or after `at` that is at most a space, `=` or `"`. */
function keyStop(at: i32, end: i32): i32 {
  while (at < end) {
    const bytes = input.block(at);
    const stops = bitsOf(either(either(is(bytes, Char.EQUALS), is(bytes, Char.QUOTE)), isAtMost(bytes, Char.SPACE)));
    const wide = bitsOf(bytes);
    if (stops) {
      const to = first(stops);
      if (wide & ((1 << to) - 1)) last.isWide = 1;
      at += to;
      break;
    }
    if (wide) last.isWide = 1;
    at += 16;
  }
  return min(at, end);
}

export function valueStop(at: i32, end: i32): i32 {
  while (at < end) {
    const stops = bitsOf(isAtMost(input.block(at), Char.SPACE));
    if (stops) {
      at += first(stops);
      break;
    }
    at += 16;
  }
  return min(at, end);
}

/** Offset of the quote that ends a value, or -1. Sets `escaped`. */
function quoteStop(at: i32, end: i32): i32 {
  last.escaped = 0;
  while (at < end) {
    const bytes = input.block(at);
    const stops = bitsOf(either(is(bytes, Char.QUOTE), is(bytes, Char.BACKSLASH)));
    if (!stops) {
      at += 16;
      continue;
    }
    at += first(stops);
    if (at >= end) return -1;
    if (input[at] == Char.QUOTE) return at;
    last.escaped = 1;
    at += 2;
  }
  return -1;
}

function looseQuote(at: i32, end: i32): i32 {
  for (; at < end; at++) {
    if (input[at] == Char.QUOTE && (at + 1 == end || input[at + 1] <= Char.SPACE)) return at;
  }
  return -1;
}

/** A bit for each byte below 0x80 that a key has in a line that begins with one: no bracket, quote or comma, which code and
 * addresses have before their first `=`. */
const KEY_BYTES_LOW: u64 =
  0xfffffffe00000000 &
  ~(((1 as u64) << 0x22) | ((1 as u64) << 0x23) | ((1 as u64) << 0x26) | ((1 as u64) << 0x27) | ((1 as u64) << 0x28)) &
  ~(((1 as u64) << 0x29) | ((1 as u64) << 0x2c) | ((1 as u64) << 0x3b) | ((1 as u64) << 0x3c) | ((1 as u64) << 0x3d)) &
  ~(((1 as u64) << 0x3e) | ((1 as u64) << 0x3f));
const KEY_BYTES_HIGH: u64 =
  0xffffffffffffffff &
  ~(((1 as u64) << 0x1b) | ((1 as u64) << 0x1c) | ((1 as u64) << 0x1d) | ((1 as u64) << 0x20) | ((1 as u64) << 0x3b)) &
  ~(((1 as u64) << 0x3c) | ((1 as u64) << 0x3d));

function isKeyByte(byte: u8): bool {
  if (byte >= 0x80) return true;
  return bool(((byte < 0x40 ? KEY_BYTES_LOW : KEY_BYTES_HIGH) >> (byte & 63)) & 1);
}

/** Offset behind the ANSI colours (`ESC [ 1 ; 31 m`) that begin at `at`; `at` if none do. */
function colourEnd(at: i32, end: i32): i32 {
  while (at + 2 < end && input[at] == Char.ESCAPE && input[at + 1] == Char.BRACKET) {
    let next = at + 2;
    // Digits, `:` and `;`.
    while (next < end && <u32>input[next] - Char.ZERO <= 11) next++;
    if (next >= end || input[next] != Char.LETTER_M) break;
    at = next + 1;
  }
  return at;
}

/** Whether the line in [at, end) begins with a pair, perhaps in colours. */
function beginsWithPair(at: i32, end: i32): bool {
  at = colourEnd(at, end);
  const key = at;
  while (at < end) {
    if (!isKeyByte(input[at])) break;
    at++;
  }
  return at > key && at < end && input[at] == Char.EQUALS;
}

/** Whether the bytes at `at` are so many that go on with a code point. */
function areTails(at: i32, end: i32, count: i32): bool {
  if (at + count > end) return false;
  for (let i = 0; i < count; i++) if ((input[at + i] & 0xc0) != 0x80) return false;
  return true;
}

/** Whether [at, end) is UTF-8, and has no U+FFFD, which stands for what is not. */
function isUtf8(at: i32, end: i32): bool {
  while (at < end) {
    const byte = <u32>input[at];
    if (byte < 0x80) {
      at++;
      continue;
    }
    const tails = byte >= 0xf0 ? 3 : byte >= 0xe0 ? 2 : 1;
    if (byte < 0xc2 || byte > 0xf4 || !areTails(at + 1, end, tails)) return false;
    const next = <u32>input[at + 1];
    // Spelled too long, half of a surrogate pair, or beyond the last code point.
    if ((byte == 0xe0 && next < 0xa0) || (byte == 0xed && next > 0x9f)) return false;
    if ((byte == 0xf0 && next < 0x90) || (byte == 0xf4 && next > 0x8f)) return false;
    if (byte == 0xef && next == 0xbf && input[at + 2] == 0xbd) return false;
    at += 1 + tails;
  }
  return true;
}

/** Reads the pairs in [at, end). Zero, or why it is none. */
export function readLogfmt(at: i32, end: i32): i32 {
  forget();
  if (!beginsWithPair(at, end)) return NO_PAIR;
  let lastQuoted = -1;
  let seenQuoted = false;
  while (at < end) {
    if (input[at] <= Char.SPACE) {
      at = input[at] == Char.ESCAPE ? max(at + 1, colourEnd(at, end)) : at + 1;
      continue;
    }
    // key
    const key = at;
    last.isWide = 0;
    at = keyStop(at, end);
    if (at < end && input[at] == Char.QUOTE) {
      if (!seenQuoted) return QUOTE_IN_KEY;
      const close = looseQuote(at + 1, end);
      if (close == -1) return QUOTE_OPEN;
      guess();
      if (lastQuoted != -1) Found.set(lastQuoted, LOGFMT_ESCAPED, starts[lastQuoted], close);
      at = close + 1;
      continue;
    }
    if (at == key) return NO_KEY;
    if (last.isWide && !isUtf8(key, at)) return KEY_NOT_UTF8;
    const slot = Found.find(0, changetype<Run<u8>>(input.at(key)), at - key);
    const again = slot != -1 && kinds[slot] != MISSING;
    if (at == end || input[at] != Char.EQUALS) {
      if (again) noteAgain(slot, FLAG, key, at);
      else if (slot != -1) {
        Found.set(slot, FLAG, key, at);
        Found.note(key, at, Manner.AS_IT_IS, FLAG, slot);
      }
      continue;
    }
    at++;

    // value
    if (at < end && input[at] == Char.QUOTE) {
      const value = at + 1;
      at = quoteStop(value, end);
      if (at == -1) return QUOTE_OPEN;
      seenQuoted = true;
      lastQuoted = again ? -1 : slot;
      const kind = last.escaped ? LOGFMT_ESCAPED : QUOTED;
      if (again) noteAgain(slot, kind, value, at);
      else if (slot != -1) Found.set(slot, kind, value, at);
      Found.note(value, at, Manner.TO_QUOTE, QUOTED, slot);
      at++;
    } else {
      const value = at;
      at = valueStop(at, end);
      while (at < end && input[at] == Char.ESCAPE) {
        const behind = colourEnd(at, end);
        if (behind == at) break;
        at = valueStop(behind, end);
      }
      if (again) noteAgain(slot, UNQUOTED, value, at);
      else if (slot != -1) Found.set(slot, UNQUOTED, value, at);
      Found.note(value, at, Manner.TO_SPACE, UNQUOTED, slot);
    }
  }
  return 0;
}
