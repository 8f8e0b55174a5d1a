// The searches that callers ask for, by prints or by windows.
import { collectPrints, nextPrint, scoutOf } from './search.ts';
import { collectWindows, nextWindow } from './windows.ts';
import { BY_PRINTS } from '../layout.ts';

/** Offset of a byte of the first text that stands in [from, end), or `end`. `at`: where the first print begins, or window ends. */
export function scoutNext(which: i32, block: i32, from: i32, at: i32, end: i32): i32 {
  const scout = scoutOf(which);
  return block == BY_PRINTS ? nextPrint(scout, from, at, end) : min(nextWindow(scout, block, from, at, end), end);
}

/** Sets the bits of `needs`, in addition to those that are set, of all whose text stands in [from, end). */
export function scoutCollect(which: i32, block: i32, from: i32, at: i32, end: i32): void {
  const scout = scoutOf(which);
  if (block == BY_PRINTS) collectPrints(scout, from, at, end);
  else collectWindows(scout, block, from, at, end);
}
