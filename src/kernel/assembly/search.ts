// How a chunk is searched for texts. A scout holds many of them, in one of two ways. By prints: each text has a print, four bytes
// of it, and one of seven sets; `low` tells, for each place in a print, by the low four bits of a byte, in which sets there is a
// print with such a byte there. The eighth set is that of escapes: see `pass.ts`. By windows: see `windows.ts`.
import { check, declareArray } from './bounds.ts';
import { bitsOf, first, input, isSame, Run } from './memory.ts';
import { MOST_BLOCKS, MOST_NEEDS, MOST_PROBE_TEXT, MOST_PROBES, MOST_SCOUTS, PRINT, SETS } from '../layout.ts';

/** The set of escapes. */
export const ESCAPES: u8 = 0x80;

/** Texts that are looked for, and where the numbers of each lie. */
@unmanaged
@final
export class Scout {
  /** For each place in a print, sixteen bytes. */
  @inline low(place: i32): v128 {
    return v128.load(changetype<usize>(this) + 16 * place);
  }
  /** For each set, the first probe with a print of it. */
  @inline get firsts(): Run<u16> {
    return changetype<Run<u16>>(changetype<usize>(this) + FIRSTS);
  }
  /** By the block of bytes that ends a window, how far to jump. */
  @inline get jumps(): Run<u8> {
    return changetype<Run<u8>>(changetype<usize>(this) + JUMPS);
  }
  /** By the same, if that is nowhere, the first probe to compare. */
  @inline get heads(): Run<u16> {
    return changetype<Run<u16>>(changetype<usize>(this) + HEADS);
  }
  /** From each probe the next. Zero is none. */
  @inline get nexts(): Run<u16> {
    return changetype<Run<u16>>(changetype<usize>(this) + NEXTS);
  }
  @inline get texts(): Run<u16> {
    return changetype<Run<u16>>(changetype<usize>(this) + NEXTS + 1 * COLUMN);
  }
  @inline get lengths(): Run<u16> {
    return changetype<Run<u16>>(changetype<usize>(this) + NEXTS + 2 * COLUMN);
  }
  @inline get behind(): Run<u16> {
    return changetype<Run<u16>>(changetype<usize>(this) + NEXTS + 3 * COLUMN);
  }
  @inline get folds(): Run<u16> {
    return changetype<Run<u16>>(changetype<usize>(this) + NEXTS + 4 * COLUMN);
  }
  @inline get needs(): Run<u16> {
    return changetype<Run<u16>>(changetype<usize>(this) + NEXTS + 5 * COLUMN);
  }
  @inline get text(): Run<u8> {
    return changetype<Run<u8>>(changetype<usize>(this) + TEXT);
  }
}
const FIRSTS = 16 * PRINT;
const JUMPS = FIRSTS + 2 * SETS;
const HEADS = JUMPS + MOST_BLOCKS;
const NEXTS = HEADS + 2 * MOST_BLOCKS;
const COLUMN = 2 * (MOST_PROBES + 1);
const TEXT = NEXTS + 6 * COLUMN;
const SCOUT = TEXT + MOST_PROBE_TEXT + 16;
const scouts = memory.data(MOST_SCOUTS * SCOUT, 16);
declareArray(scouts, MOST_SCOUTS * SCOUT);

/** A bit for each who asks for a text. */
const needs = changetype<Run<u32>>(memory.data(MOST_NEEDS / 8, 16));
declareArray(changetype<usize>(needs), MOST_NEEDS / 8);

export function need(number: i32): void {
  needs[number >> 5] |= 1 << (number & 31);
}

export function scoutOf(which: i32): Scout {
  check(scouts + which * SCOUT, SCOUT);
  return changetype<Scout>(scouts + which * SCOUT);
}

function lower(byte: u8): u8 {
  return byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte;
}

/** Whether the text of a probe stands at `at`, counted from where the scout looks, within [from, end). */
export function isAt(scout: Scout, probe: i32, at: i32, from: i32, end: i32): bool {
  const start = at - scout.behind[probe];
  const length: i32 = scout.lengths[probe];
  if (start < from || start + length > end) return false;
  const wanted = changetype<Run<u8>>(scout.text.at(scout.texts[probe]));
  if (!scout.folds[probe]) return wanted[0] == input[start] && isSame(changetype<usize>(wanted), input.at(start), length);
  for (let i = 0; i < length; i++) if (lower(input[start + i]) != lower(wanted[i])) return false;
  return true;
}

/** For each of the sixteen places from `at` on, the sets of the prints that may begin there. */
export function setsAt(scout: Scout, at: i32): v128 {
  const low = i8x16.splat(0x0f);
  return v128.and(
    v128.and(
      i8x16.swizzle(scout.low(0), v128.and(input.block(at), low)),
      i8x16.swizzle(scout.low(1), v128.and(input.block(at + 1), low)),
    ),
    v128.and(
      i8x16.swizzle(scout.low(2), v128.and(input.block(at + 2), low)),
      i8x16.swizzle(scout.low(3), v128.and(input.block(at + 3), low)),
    ),
  );
}

/** Whether a text with a print of these sets stands at `at`. */
export function standsAt(scout: Scout, sets: u32, from: i32, at: i32, end: i32): bool {
  for (; sets; sets &= sets - 1) {
    let compared = -1;
    for (let probe: i32 = scout.firsts[first(sets)]; probe; probe = scout.nexts[probe]) {
      // Several may ask for the same text.
      if (scout.texts[probe] == compared) continue;
      compared = scout.texts[probe];
      if (isAt(scout, probe, at, from, end)) return true;
    }
  }
  return false;
}

/** The sixteen places of `sets` that are not empty. */
export function placesOf(sets: v128): u32 {
  return ~bitsOf(i8x16.eq(sets, i8x16.splat(0))) & 0xffff;
}

const MOST_PLACES = 1024;
const each = changetype<Run<u8>>(memory.data(MOST_PLACES, 16));
declareArray(changetype<usize>(each), MOST_PLACES);
const foundAt = changetype<Run<i32>>(memory.data(4 * (MOST_PLACES + 1), 16));
declareArray(changetype<usize>(foundAt), 4 * (MOST_PLACES + 1));

/** Offset of the first print of a text that stands there, or `end`. Most of what it looks at holds none. */
export function nextPrint(scout: Scout, from: i32, at: i32, end: i32): i32 {
  for (; at < end; at += 16) {
    const sets = setsAt(scout, at);
    if (!v128.any_true(sets)) continue;
    each.setBlock(0, sets);
    for (let places = placesOf(sets); places; places &= places - 1) {
      const place = first(places);
      if (standsAt(scout, each[place], from, at + place, end)) return at + place;
    }
  }
  return end;
}

/** Sets the bits of all who ask for a text with a print of these sets that stands at `at`. */
function collectAt(scout: Scout, sets: u32, from: i32, at: i32, end: i32): void {
  for (; sets; sets &= sets - 1) {
    let compared = -1;
    let stands: bool = false;
    for (let probe: i32 = scout.firsts[first(sets)]; probe; probe = scout.nexts[probe]) {
      if (<i32>scout.texts[probe] != compared) {
        compared = scout.texts[probe];
        stands = isAt(scout, probe, at, from, end);
      }
      if (stands) need(scout.needs[probe]);
    }
  }
}

/**
 * Sets the bits of all whose text stands in [at, end), a line in which some are likely: first finds all places, without a branch
 * that could be guessed wrongly, and then looks at what stands there.
 */
export function collectPrints(scout: Scout, from: i32, at: i32, end: i32): void {
  while (at < end) {
    let count = 0;
    const begin = at;
    const stop = min(end, at + MOST_PLACES);
    for (; at < stop; at += 16) {
      const sets = setsAt(scout, at);
      each.setBlock(at - begin, sets);
      let places = placesOf(sets);
      foundAt[count] = at + first(places | 0x10000);
      count += i32(places != 0);
      for (places &= places - 1; places; places &= places - 1) foundAt[count++] = at + first(places);
    }
    for (let i = 0; i < count; i++) collectAt(scout, each[foundAt[i] - begin], from, foundAt[i], end);
  }
}

export function needsAt(): usize {
  return changetype<usize>(needs);
}
export function printsOf(which: i32): usize {
  return changetype<usize>(scoutOf(which));
}
export function jumpsOf(which: i32): usize {
  return changetype<usize>(scoutOf(which).jumps);
}
export function headsOf(which: i32): usize {
  return changetype<usize>(scoutOf(which).heads);
}
export function probesOf(which: i32): usize {
  return changetype<usize>(scoutOf(which).nexts);
}
export function probeTextOf(which: i32): usize {
  return changetype<usize>(scoutOf(which).text);
}
