// How a chunk is searched for many texts: by windows. All texts are cut to windows of one length. The last two bytes of a window,
// or a hash of its last three, tell how far to jump, and if that is nowhere, which probes to compare.
import { declareArray } from './bounds.ts';
import { input, Run } from './memory.ts';
import { isAt, need, Scout } from './search.ts';
import { BY_PAIRS, BY_TRIPLES } from '../layout.ts';

const IGNORE_CASE: u32 = 0xdf;

/** What is compiled into each of its callers: by pairs, and by triples. */
class Windows {
  @inline static blockAt(block: i32, at: i32): i32 {
    if (block == BY_PAIRS) return ((<i32>input[at - 1]) << 8) | (<i32>input[at]);
    const a = (<u32>input[at - 2]) & IGNORE_CASE;
    const b = (<u32>input[at - 1]) & IGNORE_CASE;
    const c = (<u32>input[at]) & IGNORE_CASE;
    return <i32>(((a << 10) ^ (b << 5) ^ c) & 0x7fff);
  }

  /** Offset of the first byte at or after `at` that may end a window; `end` or more if there is none. */
  @inline static stop(jumps: Run<u8>, block: i32, at: i32, end: i32): i32 {
    while (at < end) {
      const jump: i32 = jumps[Windows.blockAt(block, at)];
      if (!jump) break;
      at += jump;
    }
    return at;
  }

  /** Offset of the first byte in [at, to) that ends a window of a text; `to` or more if there is none: how far it has come. */
  @inline static next(scout: Scout, block: i32, from: i32, at: i32, to: i32, end: i32): i32 {
    const jumps = scout.jumps;
    at = Windows.stop(jumps, block, at, to);
    while (at < to) {
      if (endsWindow(scout, block, from, at, end)) break;
      at = Windows.stop(jumps, block, at + 1, to);
    }
    return at;
  }

  /**
   * The same, of four parts, each of this length, at a time: how far to jump depends on a byte that the last jump led to, so each
   * of them waits for memory most of the time. The end of a part that has found one is there.
   */
  @inline static nextInLanes(scout: Scout, block: i32, from: i32, at: i32, length: i32, end: i32): i32 {
    const jumps = scout.jumps;
    let at0 = at,
      at1 = at + length,
      at2 = at1 + length,
      at3 = at2 + length;
    let to0 = at1,
      to1 = at2,
      to2 = at3,
      to3 = at3 + length;
    while (true) {
      if (at0 >= to0) break;
      if (at1 >= to1) break;
      if (at2 >= to2) break;
      if (at3 >= to3) break;
      let jump0: i32 = jumps[Windows.blockAt(block, at0)];
      let jump1: i32 = jumps[Windows.blockAt(block, at1)];
      let jump2: i32 = jumps[Windows.blockAt(block, at2)];
      let jump3: i32 = jumps[Windows.blockAt(block, at3)];
      if (!jump0) {
        if (endsWindow(scout, block, from, at0, end)) to0 = at0;
        else jump0 = 1;
      }
      if (!jump1) {
        if (endsWindow(scout, block, from, at1, end)) to1 = at1;
        else jump1 = 1;
      }
      if (!jump2) {
        if (endsWindow(scout, block, from, at2, end)) to2 = at2;
        else jump2 = 1;
      }
      if (!jump3) {
        if (endsWindow(scout, block, from, at3, end)) to3 = at3;
        else jump3 = 1;
      }
      at0 += jump0;
      at1 += jump1;
      at2 += jump2;
      at3 += jump3;
    }
    place[0] = at0;
    place[1] = at1;
    place[2] = at2;
    place[3] = at3;
    stops[0] = to0;
    stops[1] = to1;
    stops[2] = to2;
    stops[3] = to3;
    for (let i = 0; i < LANES; i++) {
      const limit = at + (i + 1) * length;
      if (stops[i] < limit) return stops[i];
      const next = nextWindowIn(scout, block, from, place[i], limit, end);
      if (next < limit) return next;
      place[i] = next;
    }
    return place[LANES - 1];
  }

  /**
   * Offset of the first byte at or after `at` that ends a window of a text; `end` or more if there is none. The longer it finds
   * none, the longer the parts are.
   */
  @inline static find(scout: Scout, block: i32, from: i32, at: i32, end: i32): i32 {
    let length = SHORTEST_LANE;
    while (end - at > LANES * length) {
      const limit = at + LANES * length;
      at = Windows.nextInLanes(scout, block, from, at, length, end);
      if (at < limit) return at;
      if (length < LONGEST_LANE) length *= 2;
    }
    return Windows.next(scout, block, from, at, end, end);
  }
}

const LANES = 4;
const SHORTEST_LANE = 128;
const LONGEST_LANE = 2048;
const place = changetype<Run<i32>>(memory.data(4 * LANES, 16));
declareArray(changetype<usize>(place), 4 * LANES);
const stops = changetype<Run<i32>>(memory.data(4 * LANES, 16));
declareArray(changetype<usize>(stops), 4 * LANES);

/** Whether the window of some text ends at `at`. */
function endsWindow(scout: Scout, block: i32, from: i32, at: i32, end: i32): bool {
  for (let probe: i32 = scout.heads[Windows.blockAt(block, at)]; probe; probe = scout.nexts[probe]) {
    if (isAt(scout, probe, at, from, end)) return true;
  }
  return false;
}

function nextWindowIn(scout: Scout, block: i32, from: i32, at: i32, to: i32, end: i32): i32 {
  return Windows.next(scout, block, from, at, to, end);
}

function findByPairs(scout: Scout, from: i32, at: i32, end: i32): i32 {
  return Windows.find(scout, BY_PAIRS, from, at, end);
}
function findByTriples(scout: Scout, from: i32, at: i32, end: i32): i32 {
  return Windows.find(scout, BY_TRIPLES, from, at, end);
}

/** Offset of the first byte at or after `at`, where the first window may end, that ends one of a text; `end` or more if none does. */
export function nextWindow(scout: Scout, block: i32, from: i32, at: i32, end: i32): i32 {
  return block == BY_PAIRS ? findByPairs(scout, from, at, end) : findByTriples(scout, from, at, end);
}

/** Sets the bits of all whose text stands in [from, end), with a window that ends at or after `at`. */
export function collectWindows(scout: Scout, block: i32, from: i32, at: i32, end: i32): void {
  const jumps = scout.jumps;
  for (at = Windows.stop(jumps, block, at, end); at < end; at = Windows.stop(jumps, block, at + 1, end)) {
    for (let probe: i32 = scout.heads[Windows.blockAt(block, at)]; probe; probe = scout.nexts[probe]) {
      if (isAt(scout, probe, at, from, end)) need(scout.needs[probe]);
    }
  }
}
