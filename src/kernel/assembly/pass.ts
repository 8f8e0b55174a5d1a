// How lines are passed over that nobody asks for. One look at each byte tells where texts stand, where an escape may hide one,
// and where lines end.
import { declareArray } from './bounds.ts';
import { Char, either, first, input, is, lineEnd, Run } from './memory.ts';
import { ESCAPES, placesOf, Scout, scoutOf, setsAt, standsAt } from './search.ts';
import { nextWindow } from './windows.ts';
import { BY_PRINTS, PRINT } from '../layout.ts';

/** What was passed over. */
@unmanaged
@final
class Passed {
  lines: i32;
  overlong: i32; // how many of them were longer than `longest`
  next: i32; // where the next line begins
  longest: i32;
  stopped: i32; // where in it something stands, or the end
}
export const passed = changetype<Passed>(memory.data(20, 16));
declareArray(changetype<usize>(passed), 20);

export function passedLines(): i32 {
  return passed.lines;
}
export function passedOverlong(): i32 {
  return passed.overlong;
}
export function stoppedAt(): i32 {
  return passed.stopped;
}

/** Where the line begins that goes on at `at`: at `since`, or behind the last newline since then. */
function lineStart(since: i32, at: i32): i32 {
  while (at > since && input[at - 1] != Char.NEWLINE) at--;
  return at;
}

/** Passes over the lines that end in [from, to), one by one. */
function passEach(from: i32, to: i32): void {
  let next = lineStart(passed.next, from);
  for (let newline = lineEnd(from, to); newline < to; newline = lineEnd(newline + 1, to)) {
    passed.lines++;
    passed.overlong += i32(newline - next > passed.longest);
    next = newline + 1;
  }
  passed.next = next;
}

/** The same, where `count` of them were counted. If none can be too long, only notes since when there was one more newline. */
function passCounted(from: i32, to: i32, count: i32): void {
  if (!count) return;
  if (to - passed.next > passed.longest) {
    passEach(from, to);
    return;
  }
  passed.lines += count;
  passed.next = from;
}

function hidesText(at: i32, end: i32, slashes: bool): bool {
  if (input[at] != Char.BACKSLASH || at + 1 >= end) return false;
  const letter = input[at + 1];
  return letter == Char.LETTER_U || (slashes && letter == Char.SLASH);
}

const each = changetype<Run<u8>>(memory.data(16, 16));
declareArray(changetype<usize>(each), 16);

/**
 * Offset in [at, to) of the first print of a text that stands there, if prints are looked for, or of the first escape; `to`
 * where there is neither.
 */
function findStop(scout: Scout | null, from: i32, at: i32, to: i32, end: i32, slashes: bool): i32 {
  for (; at < to; at += 16) {
    const sets = scout === null ? i8x16.splat(0) : setsAt(scout, at);
    const some = either(sets, is(input.block(at), Char.BACKSLASH));
    if (!v128.any_true(some)) continue;
    each.setBlock(0, sets);
    for (let places = placesOf(some); places; places &= places - 1) {
      const offset = first(places);
      const place = at + offset;
      if (place >= to) return to;
      if (hidesText(place, end, slashes)) return place;
      if (scout !== null && standsAt(scout, each[offset], from, place, end)) return place;
    }
  }
  return to;
}

// What ends so many bytes before the second sixteen of two.
function back1(a: v128, b: v128): v128 {
  return i8x16.shuffle(a, b, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30);
}
function back2(a: v128, b: v128): v128 {
  return i8x16.shuffle(a, b, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29);
}
function back3(a: v128, b: v128): v128 {
  return i8x16.shuffle(a, b, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28);
}

const BLOCK = 32;
const MOST_COUNTED = (255 / (BLOCK / 16)) * BLOCK; // for each of sixteen places there is a byte to count newlines in

function sumOf(counts: v128): i32 {
  const sums = i32x4.extadd_pairwise_i16x8_u(i16x8.extadd_pairwise_i8x16_u(counts));
  return i32x4.extract_lane(sums, 0) + i32x4.extract_lane(sums, 1) + i32x4.extract_lane(sums, 2) + i32x4.extract_lane(sums, 3);
}

/** Passes over what stands before the place found in the block at `at`, if one is. -1: none is there. */
function stopIn(scout: Scout | null, from: i32, begin: i32, at: i32, end: i32, slashes: bool): i32 {
  const last = at + BLOCK - 1;
  const stop = findStop(scout, from, max(at - (PRINT - 1), from), last, end, slashes);
  if (stop == last) return -1;
  passEach(begin, stop);
  return stop;
}

function passRest(scout: Scout | null, from: i32, at: i32, end: i32, slashes: bool): i32 {
  const stop = findStop(scout, from, max(at - (PRINT - 1), from), end, end, slashes);
  passEach(at, stop);
  return stop;
}

/** As `findStop`, of all of [from, end), and passes over the lines before it. Nothing that is found often is branched on. */
function passByPrints(scout: Scout, from: i32, end: i32, slashes: bool): i32 {
  const low0 = scout.low(0),
    low1 = scout.low(1),
    low2 = scout.low(2),
    low3 = scout.low(3);
  const nibble = i8x16.splat(0x0f);
  const escape = i8x16.splat(ESCAPES);
  // For each of sixteen places, the sets of the prints of which the first byte may stand there, and so on.
  let firsts = escape,
    seconds = escape,
    thirds = i8x16.splat(0);
  let at = from;
  while (end - at >= BLOCK) {
    const begin = at;
    const to = min(at + MOST_COUNTED, end);
    let newlines = i8x16.splat(0);
    for (; to - at >= BLOCK; at += BLOCK) {
      const a = input.block(at);
      const lowA = v128.and(a, nibble);
      const firstA = i8x16.swizzle(low0, lowA);
      const secondA = i8x16.swizzle(low1, lowA);
      const thirdA = v128.or(i8x16.swizzle(low2, lowA), v128.and(is(a, Char.BACKSLASH), escape));
      const setsA = v128.and(
        v128.and(back3(firsts, firstA), back2(seconds, secondA)),
        v128.and(back1(thirds, thirdA), i8x16.swizzle(low3, lowA)),
      );
      const b = input.block(at + 16);
      const lowB = v128.and(b, nibble);
      firsts = i8x16.swizzle(low0, lowB);
      seconds = i8x16.swizzle(low1, lowB);
      thirds = v128.or(i8x16.swizzle(low2, lowB), v128.and(is(b, Char.BACKSLASH), escape));
      const setsB = v128.and(
        v128.and(back3(firstA, firsts), back2(secondA, seconds)),
        v128.and(back1(thirdA, thirds), i8x16.swizzle(low3, lowB)),
      );
      newlines = i8x16.sub(i8x16.sub(newlines, is(a, Char.NEWLINE)), is(b, Char.NEWLINE));
      if (!v128.any_true(either(setsA, setsB))) continue;
      const stop = stopIn(scout, from, begin, at, end, slashes);
      if (stop != -1) return stop;
    }
    passCounted(begin, at, sumOf(newlines));
  }
  return passRest(scout, from, at, end, slashes);
}

/** The same, for escapes alone. */
function passToEscape(from: i32, end: i32, slashes: bool): i32 {
  let slash = i8x16.splat(0);
  let at = from;
  while (end - at >= BLOCK) {
    const begin = at;
    const to = min(at + MOST_COUNTED, end);
    let newlines = i8x16.splat(0);
    for (; to - at >= BLOCK; at += BLOCK) {
      const a = input.block(at);
      const slashA = is(a, Char.BACKSLASH);
      const escapesA = v128.and(back1(slash, slashA), either(is(a, Char.LETTER_U), is(a, Char.SLASH)));
      const b = input.block(at + 16);
      slash = is(b, Char.BACKSLASH);
      const escapesB = v128.and(back1(slashA, slash), either(is(b, Char.LETTER_U), is(b, Char.SLASH)));
      newlines = i8x16.sub(i8x16.sub(newlines, is(a, Char.NEWLINE)), is(b, Char.NEWLINE));
      if (!v128.any_true(either(escapesA, escapesB))) continue;
      const stop = stopIn(null, from, begin, at, end, slashes);
      if (stop != -1) return stop;
    }
    passCounted(begin, at, sumOf(newlines));
  }
  return passRest(null, from, at, end, slashes);
}

/**
 * Passes over the lines of [at, end) that nobody asks for: none of the texts stands in them, and no escape that may hide one.
 * Offset of the first line that is left, or of the unfinished one; `stoppedAt` tells where in it something stands, or is `end`.
 */
export function passOver(which: i32, block: i32, window: i32, at: i32, end: i32, slashes: bool, longest: i32): i32 {
  passed.lines = 0;
  passed.overlong = 0;
  passed.next = at;
  passed.longest = longest;
  const scout = scoutOf(which);
  passed.stopped =
    block == BY_PRINTS
      ? passByPrints(scout, at, end, slashes)
      : passToEscape(at, min(nextWindow(scout, block, at, at + window - 1, end), end), slashes);
  return passed.next;
}

/** Offset of the first `\u` at or after `at`, with `slashes` also of the first `\/`; `end` if there is none. */
export function nextEscape(at: i32, end: i32, slashes: bool): i32 {
  return findStop(null, at, at, end, end, slashes);
}
