// How a line of JSON is read.
import { check, declareArray } from './bounds.ts';
import { bitsOf, Char, either, first, first64, input, is, isAtMost, lineEnd, Run } from './memory.ts';
import { forget, forgetBefore, Found, kinds, Manner, noteAgain, noteTooMany, objects } from './found.ts';
import {
  FALSE,
  INPUT_SIZE,
  JSON_ESCAPED,
  LONGEST_SHAPED,
  MISSING,
  NESTED,
  NULL,
  NUMBER,
  QUOTED,
  REFUSED,
  TRUE,
} from '../layout.ts';
import { unescape, unescaped } from './unescape.ts';

// V8 makes a number of `a && b` and compares that number: in hot code one `if` follows the other.

/** A bit for each byte that is white space. */
const SPACES: u64 = (1 << Char.SPACE) | (1 << Char.TAB) | (1 << Char.RETURN) | (1 << Char.NEWLINE);

export function isDigit(byte: u8): bool {
  return <u32>byte - Char.ZERO <= 9;
}

function isHex(byte: u8): bool {
  const lower = byte | 0x20;
  return isDigit(byte) || (lower >= 0x61 && lower <= 0x66);
}

// A plain line has no backslash and no control character: then its quotes are all that strings are made of.

@unmanaged
@final
class Line {
  from: i32; // where the line begins that was scanned last
  isPlain: i32; // whether its quotes are known, and are all that its strings are made of
  escaped: i32; // whether the string whose end was found last has an escape
}
export const line = changetype<Line>(memory.data(12, 16));
declareArray(changetype<usize>(line), 12);
/** A bit for each byte of the line that is a quote, and behind it bits that end a search. */
const QUOTE_WORDS = LONGEST_SHAPED / 64 + 2;
const quotes = changetype<Run<u64>>(memory.data(8 * QUOTE_WORDS, 16));
declareArray(changetype<usize>(quotes), 8 * QUOTE_WORDS);

/** A bit for each byte of four masks. */
function bits64(a: v128, b: v128, c: v128, d: v128): u64 {
  return (<u64>(bitsOf(a) | (bitsOf(b) << 16))) | ((<u64>(bitsOf(c) | (bitsOf(d) << 16))) << 32);
}

function isOdd(bytes: v128): v128 {
  return either(isAtMost(bytes, Char.LAST_CONTROL), is(bytes, Char.BACKSLASH));
}

/** A bit for the carriage return that stands before the newline at this place of the 64 bytes at `at`, if one does. */
function returnBefore(at: i32, place: i32): u64 {
  return place > 0 && input[at + place - 1] == Char.RETURN ? (1 as u64) << (place - 1) : 0;
}

/** Offset of the newline at or after `at`, or `end`; of a line no longer than LONGEST_SHAPED finds the quotes. */
export function scanLine(at: i32, end: i32): i32 {
  let odd = i8x16.splat(0);
  line.isPlain = 0;
  line.from = at;
  for (let word = 0; word < LONGEST_SHAPED / 64; word++, at += 64) {
    const a = input.block(at),
      b = input.block(at + 16),
      c = input.block(at + 32),
      d = input.block(at + 48);
    const least = i8x16.min_u(i8x16.min_u(a, b), i8x16.min_u(c, d));
    const places = bits64(is(a, Char.QUOTE), is(b, Char.QUOTE), is(c, Char.QUOTE), is(d, Char.QUOTE));
    const controls = isAtMost(least, Char.LAST_CONTROL);
    if (v128.any_true(controls)) {
      const newlines = bits64(is(a, Char.NEWLINE), is(b, Char.NEWLINE), is(c, Char.NEWLINE), is(d, Char.NEWLINE));
      if (newlines) {
        const to = first64(newlines);
        const before = ((1 as u64) << to) - 1;
        quotes[word] = places & before;
        quotes[word + 1] = ~0; // where a search ends
        // Of a carriage return before the newline nobody takes notice.
        const odds = bits64(isOdd(a), isOdd(b), isOdd(c), isOdd(d)) & before & ~returnBefore(at, to);
        line.isPlain = i32(!v128.any_true(odd) && !odds);
        return min(at + to, end);
      }
    }
    quotes[word] = places;
    if (at + 64 > end) return end;
    const slashes = either(
      either(is(a, Char.BACKSLASH), is(b, Char.BACKSLASH)),
      either(is(c, Char.BACKSLASH), is(d, Char.BACKSLASH)),
    );
    odd = either(odd, either(slashes, controls));
  }
  return lineEnd(at, end);
}

/** Offset of the quote that ends the string begun before `at`; `end` if there is none. Sets `line.escaped`. */
function stringEnd(at: i32, end: i32): i32 {
  line.escaped = 0;
  while (true) {
    while (true) {
      if (at >= end) return end;
      const bytes = input.block(at);
      const stops = bitsOf(either(either(is(bytes, Char.QUOTE), is(bytes, Char.BACKSLASH)), isAtMost(bytes, Char.LAST_CONTROL)));
      if (stops) {
        at += first(stops);
        break;
      }
      at += 16;
    }
    if (at >= end) return end;
    if (input[at] == Char.QUOTE) return at;
    if (input[at] != Char.BACKSLASH) return end;
    line.escaped = 1;
    if (at + 1 >= end) return end;
    switch (input[at + 1]) {
      case 0x22:
      case 0x5c:
      case 0x2f:
      case 0x62:
      case 0x66:
      case 0x6e:
      case 0x72:
      case 0x74: // "\/bfnrt
        at += 2;
        break;
      case 0x75: // u
        if (at + 6 > end) return end;
        if (!isHex(input[at + 2]) || !isHex(input[at + 3]) || !isHex(input[at + 4]) || !isHex(input[at + 5])) return end;
        at += 6;
        break;
      default:
        return end;
    }
  }
}

export function numberEnd(at: i32, end: i32): i32 {
  if (at >= end) return -1;
  if (input[at] == Char.MINUS && ++at >= end) return -1;
  if (input[at] == Char.ZERO) at++;
  else at = Inline.digitsEnd(at, end);
  if (<u32>at >= <u32>end) return at;
  if (input[at] == Char.DOT) {
    at = Inline.digitsEnd(at + 1, end);
    if (<u32>at >= <u32>end) return at;
  }
  if ((input[at] | 0x20) != 0x65) return at;
  if (++at >= end) return -1;
  if (input[at] == Char.PLUS || input[at] == Char.MINUS) at++;
  return Inline.digitsEnd(at, end);
}

function scalarEnd(at: i32, end: i32): i32 {
  switch (input[at]) {
    case 0x74:
      return Inline.wordEnd(at, end, 0x65757274); // true
    case 0x66:
      return Inline.wordEnd(at + 1, end, 0x65736c61); // alse
    case 0x6e:
      return Inline.wordEnd(at, end, 0x6c6c756e); // null
    default:
      return numberEnd(at, end);
  }
}

/** Which brackets are open: no line has more than there are bytes. */
const nesting = changetype<Run<u8>>(memory.data(INPUT_SIZE, 16));
declareArray(changetype<usize>(nesting), INPUT_SIZE);

/** Which byte closes what this one opens. */
function closing(open: u8): u8 {
  return open + 2;
}

/** What is written once and compiled into each of its callers: for plain lines, and for others. */
export class Inline {
  @inline static skipSpace(at: i32, end: i32): i32 {
    while (at < end) {
      const byte = input[at];
      if (byte > Char.SPACE) break;
      if (!((SPACES >> byte) & 1)) break;
      at++;
    }
    return at;
  }

  /** Offset of the quote at or after `at` in the plain line that was scanned; behind its end if there is none. */
  @inline static nextQuote(at: i32): i32 {
    const from = at - line.from;
    let word = from >> 6;
    let bits = quotes[word] & ((~0 as u64) << (from & 63));
    while (!bits) bits = quotes[++word];
    return line.from + ((word << 6) | first64(bits));
  }

  @inline static digitsEnd(at: i32, end: i32): i32 {
    const from = at;
    while (at < end) {
      if (!isDigit(input[at])) break;
      at++;
    }
    return at == from ? -1 : at;
  }

  /** Offset behind a word of four letters at `at`, given as they lie in memory; -1 if there is another. */
  @inline static wordEnd(at: i32, end: i32, word: u32): i32 {
    if (at + 4 > end) return -1;
    check(input.at(at), 4);
    return load<u32>(input.at(at)) == word ? at + 4 : -1;
  }

  /** As `stringEnd`, or behind `end`; of a plain line, the quotes are known. */
  @inline static anyStringEnd(at: i32, end: i32, plain: bool): i32 {
    return plain ? Inline.nextQuote(at) : stringEnd(at, end);
  }

  /** Passes over `"key" :`; offset of the value, or -1. */
  @inline static keyEnd(at: i32, end: i32, plain: bool): i32 {
    if (at >= end) return -1;
    if (input[at] != Char.QUOTE) return -1;
    const close = Inline.anyStringEnd(at + 1, end, plain);
    if (close >= end) return -1;
    const colon = Inline.skipSpace(close + 1, end);
    if (colon >= end) return -1;
    if (input[colon] != Char.COLON) return -1;
    return Inline.skipSpace(colon + 1, end);
  }

  @inline static anyNestedEnd(at: i32, end: i32, plain: bool): i32 {
    let depth = 0;
    while (at < end) {
      // a value begins here
      const byte = input[at];
      if (byte == Char.BRACE || byte == Char.BRACKET) {
        nesting[depth++] = byte;
        at = Inline.skipSpace(at + 1, end);
        if (at >= end) return -1;
        if (input[at] != closing(byte)) {
          if (byte == Char.BRACE) at = Inline.keyEnd(at, end, plain);
          if (at == -1) return -1;
          continue;
        }
        depth--;
        at++;
      } else if (byte == Char.QUOTE) {
        const start = at + 1;
        at = Inline.anyStringEnd(start, end, plain);
        if (at >= end) return -1;
        if (plain) Found.note(start, at, Manner.TO_QUOTE, QUOTED, -1);
        at++;
      } else {
        const start = at;
        at = scalarEnd(at, end);
        if (at == -1) return -1;
        if (plain && byte <= Char.NINE) Found.note(start, at, Manner.OVER_NUMBER, NUMBER, -1);
      }
      // behind a value: brackets close, or a comma leads to the next
      while (true) {
        if (!depth) return at;
        at = Inline.skipSpace(at, end);
        if (at >= end) return -1;
        const open = nesting[depth - 1];
        const next = input[at];
        if (next == Char.COMMA) {
          at = Inline.skipSpace(at + 1, end);
          if (open == Char.BRACE) at = Inline.keyEnd(at, end, plain);
          if (at == -1) return -1;
          break;
        }
        if (next != closing(open)) return -1;
        depth--;
        at++;
      }
    }
    return -1;
  }

  /** The slot of the key in [key, close), which was just passed over; `parent` as for `Found.find`. */
  @inline static slotOf(parent: i32, key: i32, close: i32, plain: bool): i32 {
    if (!plain && line.escaped) return slotOfEscaped(parent, key, close);
    return close > key ? Found.find(parent, changetype<Run<u8>>(input.at(key)), close - key) : -1;
  }

  /** Of a value that is no string, object or list, by its first byte. */
  @inline static kindOf(byte: u8): i32 {
    return byte == 0x74 ? TRUE : byte == 0x66 ? FALSE : byte == 0x6e ? NULL : NUMBER;
  }

  /**
   * Reads the object in [at, end). Offset of its closing brace, or REFUSED if it is not one JSON object and nothing
   * else.
   */
  @inline static readAnyJson(at: i32, end: i32, plain: bool): i32 {
    forget();
    at = Inline.skipSpace(at, end);
    if (at >= end) return REFUSED;
    if (input[at] != Char.BRACE) return REFUSED;
    at = Inline.skipSpace(at + 1, end);
    if (at < end && input[at] == Char.END_BRACE) return Inline.skipSpace(at + 1, end) == end ? at : REFUSED;
    while (true) {
      // key
      if (at >= end) return REFUSED;
      if (input[at] != Char.QUOTE) return REFUSED;
      const key = at + 1;
      const close = Inline.anyStringEnd(key, end, plain);
      if (close >= end) return REFUSED;
      const slot = Inline.slotOf(0, key, close, plain);
      at = Inline.skipSpace(close + 1, end);
      if (at >= end) return REFUSED;
      if (input[at] != Char.COLON) return REFUSED;
      at = Inline.skipSpace(at + 1, end);
      if (at >= end) return REFUSED;

      // value
      const byte = input[at];
      let start = at;
      let stop: i32;
      let kind: i32;
      let manner = Manner.AS_IT_IS;
      if (byte == Char.QUOTE) {
        start = at + 1;
        stop = Inline.anyStringEnd(start, end, plain);
        if (stop >= end) return REFUSED;
        kind = !plain && line.escaped ? JSON_ESCAPED : QUOTED;
        at = stop + 1;
        if (plain) Found.note(start, stop, Manner.TO_QUOTE, kind, slot);
      } else if (byte == Char.BRACE || byte == Char.BRACKET) {
        kind = NESTED;
        const isAsked = slot != -1 && objects[slot] && kinds[slot] == MISSING;
        if (plain && isAsked) Found.note(at, at, manner, kind, slot);
        else if (plain && slot != -1) noteTooMany();
        if (isAsked && byte == Char.BRACE) stop = readInside(at + 1, end, slot + 1, plain);
        else stop = plain ? plainNestedEnd(at, end) : nestedEnd(at, end);
        if (stop < 0) return stop;
        at = stop;
      } else {
        at = stop = scalarEnd(at, end);
        if (stop == -1) return REFUSED;
        kind = Inline.kindOf(byte);
        if (kind == NUMBER) manner = Manner.OVER_NUMBER;
        if (plain && (kind == NUMBER || slot != -1)) Found.note(start, stop, manner, kind, slot);
      }
      if (slot != -1) {
        if (kinds[slot] != MISSING) noteAgain(slot, kind, start, stop);
        else Found.set(slot, kind, start, stop);
      }

      // comma or end
      at = Inline.skipSpace(at, end);
      if (at >= end) return REFUSED;
      if (input[at] == Char.END_BRACE) return Inline.skipSpace(at + 1, end) == end ? at : REFUSED;
      if (input[at] != Char.COMMA) return REFUSED;
      at = Inline.skipSpace(at + 1, end);
    }
  }
}

function slotOfEscaped(parent: i32, key: i32, close: i32): i32 {
  const length = unescape(key, close);
  return length > 0 ? Found.find(parent, unescaped, length) : -1;
}

function nestedEnd(at: i32, end: i32): i32 {
  return Inline.anyNestedEnd(at, end, false);
}
function plainNestedEnd(at: i32, end: i32): i32 {
  return Inline.anyNestedEnd(at, end, true);
}

/**
 * Reads the members of an object of which some are asked for, from behind its brace; `parent` as for `Found.find`. Offset behind
 * its closing brace, or REFUSED. It goes only as deep as the names that are looked for.
 */
function readInside(at: i32, end: i32, parent: i32, plain: bool): i32 {
  at = Inline.skipSpace(at, end);
  if (at < end && input[at] == Char.END_BRACE) return at + 1;
  while (true) {
    // key
    if (at >= end) return REFUSED;
    if (input[at] != Char.QUOTE) return REFUSED;
    const key = at + 1;
    const close = Inline.anyStringEnd(key, end, plain);
    if (close >= end) return REFUSED;
    const slot = Inline.slotOf(parent, key, close, plain);
    at = Inline.skipSpace(close + 1, end);
    if (at >= end) return REFUSED;
    if (input[at] != Char.COLON) return REFUSED;
    at = Inline.skipSpace(at + 1, end);
    if (at >= end) return REFUSED;

    // value
    if (slot != -1 && kinds[slot] != MISSING) {
      forgetBefore(slot);
      noteTooMany();
    }
    const byte = input[at];
    let start = at;
    let stop: i32;
    let kind: i32;
    if (byte == Char.QUOTE) {
      start = at + 1;
      stop = Inline.anyStringEnd(start, end, plain);
      if (stop >= end) return REFUSED;
      kind = !plain && line.escaped ? JSON_ESCAPED : QUOTED;
      at = stop + 1;
      if (plain) Found.note(start, stop, Manner.TO_QUOTE, kind, slot);
    } else if (byte == Char.BRACE || byte == Char.BRACKET) {
      kind = NESTED;
      if (plain && slot != -1) Found.note(at, at, Manner.AS_IT_IS, kind, slot);
      if (byte == Char.BRACE && slot != -1 && objects[slot]) stop = readInside(at + 1, end, slot + 1, plain);
      else stop = plain ? plainNestedEnd(at, end) : nestedEnd(at, end);
      if (stop < 0) return stop;
      at = stop;
    } else {
      at = stop = scalarEnd(at, end);
      if (stop == -1) return REFUSED;
      kind = Inline.kindOf(byte);
      if (plain && (kind == NUMBER || slot != -1))
        Found.note(start, stop, kind == NUMBER ? Manner.OVER_NUMBER : Manner.AS_IT_IS, kind, slot);
    }
    if (slot != -1) Found.set(slot, kind, start, stop);

    // comma or end
    at = Inline.skipSpace(at, end);
    if (at >= end) return REFUSED;
    if (input[at] == Char.END_BRACE) return at + 1;
    if (input[at] != Char.COMMA) return REFUSED;
    at = Inline.skipSpace(at + 1, end);
  }
}

export function readJson(at: i32, end: i32): i32 {
  return Inline.readAnyJson(at, end, false);
}

/** The same for a plain line that was scanned. */
export function readPlainJson(at: i32, end: i32): i32 {
  return Inline.readAnyJson(at, end, true);
}
