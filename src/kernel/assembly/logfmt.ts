// How a line of logfmt is read.
import { declareArray } from './bounds.ts';
import { bitsOf, Char, either, first, input, is, isAtMost, Run } from './memory.ts';
import { forget, Found, kinds, Manner, reading, starts } from './found.ts';
import { FLAG, GIVE_UP, LOGFMT_ESCAPED, MISSING, NO_KEY, QUOTE_IN_KEY, QUOTE_OPEN, QUOTED, UNQUOTED } from '../layout.ts';

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

/** What a key may be made of at the beginning of a line, so that the line is logfmt for sure: `[a-zA-Z0-9_.@-]`. */
function isKeyByte(byte: u8): bool {
  if (<u32>(byte | 0x20) - Char.LETTER_A < 26) return true;
  if (<u32>byte - Char.ZERO <= 9) return true;
  return byte == Char.UNDERSCORE || byte == Char.DOT || byte == Char.MINUS || byte == Char.AT;
}

/** Whether the line in [at, end) begins with a plain key and `=`. */
function beginsWithPair(at: i32, end: i32): bool {
  const key = at;
  while (at < end) {
    if (!isKeyByte(input[at])) break;
    at++;
  }
  return at > key && at < end && input[at] == Char.EQUALS;
}

/**
 * Reads the pairs in [at, end). Zero, or why it is none; GIVE_UP if the line does not begin with a plain pair, if a key has bytes
 * beyond ASCII, or if there are colours outside quotes.
 */
export function readLogfmt(at: i32, end: i32): i32 {
  forget();
  if (!beginsWithPair(at, end)) return GIVE_UP;
  let lastQuoted = -1;
  let seenQuoted = false;
  while (at < end) {
    if (input[at] <= Char.SPACE) {
      if (input[at] == Char.ESCAPE) return GIVE_UP;
      at++;
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
      reading.ambiguous = 1;
      if (lastQuoted != -1) Found.set(lastQuoted, LOGFMT_ESCAPED, starts[lastQuoted], close);
      at = close + 1;
      continue;
    }
    if (at == key) return NO_KEY;
    if (last.isWide) return GIVE_UP;
    const slot = Found.find(0, changetype<Run<u8>>(input.at(key)), at - key);
    const again = slot != -1 && kinds[slot] != MISSING;
    if (again) reading.ambiguous = 1;
    if (at == end || input[at] != Char.EQUALS) {
      if (slot != -1 && !again) {
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
      if (lastQuoted != -1) Found.set(slot, last.escaped ? LOGFMT_ESCAPED : QUOTED, value, at);
      Found.note(value, at, Manner.TO_QUOTE, QUOTED, slot);
      at++;
    } else {
      const value = at;
      at = valueStop(at, end);
      if (slot != -1 && !again) Found.set(slot, UNQUOTED, value, at);
      Found.note(value, at, Manner.TO_SPACE, UNQUOTED, slot);
    }
  }
  return 0;
}
