// How a key that is written with escapes is spelled without them.
import { declareArray } from './bounds.ts';
import { Char, input, Run } from './memory.ts';
import { MOST_TEXT } from '../layout.ts';

/** The key, in UTF-8; behind it there is room for a code point, and for the last load of sixteen. */
export const unescaped = changetype<Run<u8>>(memory.data(MOST_TEXT + 20, 16));
declareArray(changetype<usize>(unescaped), MOST_TEXT + 20);

function hexDigit(byte: u8): u32 {
  return <u32>byte <= Char.NINE ? <u32>byte - Char.ZERO : ((<u32>byte) | 0x20) - Char.LETTER_A + 10;
}

/** The number that four hexadecimal digits at `at` spell. */
function unitAt(at: i32): u32 {
  return (hexDigit(input[at]) << 12) | (hexDigit(input[at + 1]) << 8) | (hexDigit(input[at + 2]) << 4) | hexDigit(input[at + 3]);
}

/** Writes a code point at `to`; gives the place behind it. Half a surrogate pair gets bytes that no name has. */
function put(to: i32, point: u32): i32 {
  if (point < 0x80) {
    unescaped[to] = <u8>point;
    return to + 1;
  }
  if (point < 0x800) {
    unescaped[to] = <u8>(0xc0 | (point >> 6));
  } else {
    if (point < 0x10000) {
      unescaped[to] = <u8>(0xe0 | (point >> 12));
    } else {
      unescaped[to++] = <u8>(0xf0 | (point >> 18));
      unescaped[to] = <u8>(0x80 | ((point >> 12) & 0x3f));
    }
    unescaped[++to] = <u8>(0x80 | ((point >> 6) & 0x3f));
  }
  unescaped[++to] = <u8>(0x80 | (point & 0x3f));
  return to + 1;
}

/** What the letter behind a backslash stands for. */
function letterOf(byte: u8): u8 {
  switch (byte) {
    case 0x62: // b
      return 0x08;
    case 0x66: // f
      return 0x0c;
    case 0x6e: // n
      return Char.NEWLINE;
    case 0x72: // r
      return Char.RETURN;
    case 0x74: // t
      return Char.TAB;
    default:
      return byte;
  }
}

/** Writes the valid JSON string in [at, end) without its escapes. How long that is; -1: longer than any name. */
export function unescape(at: i32, end: i32): i32 {
  let to = 0;
  while (at < end) {
    if (to > MOST_TEXT) return -1;
    const byte = input[at++];
    if (byte != Char.BACKSLASH) {
      unescaped[to++] = byte;
      continue;
    }
    const letter = input[at++];
    if (letter != Char.LETTER_U) {
      unescaped[to++] = letterOf(letter);
      continue;
    }
    let point = unitAt(at);
    at += 4;
    if (point >> 10 == 0x36 && at + 6 <= end && input[at] == Char.BACKSLASH && input[at + 1] == Char.LETTER_U) {
      const low = unitAt(at + 2);
      if (low >> 10 == 0x37) {
        point = 0x10000 + ((point & 0x3ff) << 10) + (low & 0x3ff);
        at += 6;
      }
    }
    to = put(to, point);
  }
  return to;
}
