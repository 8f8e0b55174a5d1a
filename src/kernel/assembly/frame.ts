// What the container runtime interface puts before a line: `2026-11-21T10:00:00.123456789Z stderr F `. The kernel only knows this
// way to write it; others, and pieces of a line (`P`), it leaves to its callers.
import { check } from './bounds.ts';
import { isDigit } from './json.ts';
import { Char, input } from './memory.ts';
import { BEHIND_TIME, LONGEST_FRAME } from '../layout.ts';

const STDO: u32 = 0x6f647473; // `stdo`, as it lies in memory
const STDE: u32 = 0x65647473;
const UT: u16 = 0x7475;
const RR: u16 = 0x7272;

/** Offset behind the digits, colons and dots at `at`. */
function clockEnd(at: i32, end: i32): i32 {
  while (at < end) {
    const byte = input[at];
    if (!isDigit(byte) && byte != Char.COLON && byte != Char.DOT) break;
    at++;
  }
  return at;
}

/** Whether so many digits stand at `at`. */
function areDigits(at: i32, count: i32): bool {
  for (let i = 0; i < count; i++) if (!isDigit(input[at + i])) return false;
  return true;
}

/** Offset behind the zone at `at`, or -1. */
function zoneEnd(at: i32, end: i32): i32 {
  if (at + 6 > end) return -1;
  if (input[at] == Char.LETTER_Z) return at + 1;
  if (input[at] != Char.PLUS && input[at] != Char.MINUS) return -1;
  return areDigits(at + 1, 2) && input[at + 3] == Char.COLON && areDigits(at + 4, 2) ? at + 6 : -1;
}

/** Offset behind what stands before the text of a whole line of [at, end), or `at` if nothing does. */
export function textStart(at: i32, lineEnd: i32): i32 {
  const end = min(lineEnd, at + LONGEST_FRAME);
  if (at + 11 > end || input[at + 4] != Char.MINUS || input[at + 7] != Char.MINUS || input[at + 10] != Char.LETTER_T) return at;
  if (!areDigits(at, 4) || !areDigits(at + 5, 2) || !areDigits(at + 8, 2)) return at;
  const clock = clockEnd(at + 11, end);
  const zone = clock == at + 11 ? -1 : zoneEnd(clock, end);
  if (zone == -1 || zone + BEHIND_TIME > end || input[zone] != Char.SPACE) return at;
  check(input.at(zone + 1), 6);
  const stream = load<u32>(input.at(zone + 1));
  const rest = load<u16>(input.at(zone + 5));
  if (!(stream == STDO && rest == UT) && !(stream == STDE && rest == RR)) return at;
  return input[zone + 7] == Char.SPACE && input[zone + 8] == Char.LETTER_F && input[zone + 9] == Char.SPACE
    ? zone + BEHIND_TIME
    : at;
}
