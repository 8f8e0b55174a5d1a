// Which lines are alike: by their shape and the bytes of their judged values each gets a number. All numbers are forgotten together.
import { check, declareArray } from './bounds.ts';
import { hashOf, mixed } from './hash.ts';
import { input, isSame, Run } from './memory.ts';
import { kept, Shape, shapeOf, vary } from './shape.ts';
import { MOST_ALIKE, MOST_PARTS, MOST_SHAPES } from '../layout.ts';

/** What `alikeOf` answers if nothing may change now, and a number cannot be given out without that. */
export const NOT_NOW = -2;

const HEADS = 2 * MOST_ALIKE;
/** Longer values together are not compared. */
const LONGEST_KEY = 512;
const heads = changetype<Run<u16>>(memory.data(2 * HEADS, 16)); // counted from one
declareArray(changetype<usize>(heads), 2 * HEADS);
const nexts = changetype<Run<u16>>(memory.data(2 * (MOST_ALIKE + 1), 16));
declareArray(changetype<usize>(nexts), 2 * (MOST_ALIKE + 1));
const hashes = changetype<Run<u32>>(memory.data(4 * (MOST_ALIKE + 1), 16));
declareArray(changetype<usize>(hashes), 4 * (MOST_ALIKE + 1));
const lengths = changetype<Run<u16>>(memory.data(2 * (MOST_ALIKE + 1), 16));
declareArray(changetype<usize>(lengths), 2 * (MOST_ALIKE + 1));
const keys = changetype<Run<u8>>(memory.data((MOST_ALIKE + 1) * LONGEST_KEY + 16, 16));
declareArray(changetype<usize>(keys), (MOST_ALIKE + 1) * LONGEST_KEY + 16);
const key = changetype<Run<u8>>(memory.data(LONGEST_KEY + 32, 16));
declareArray(changetype<usize>(key), LONGEST_KEY + 32);

@unmanaged
@final
class Alikes {
  count: i32;
  epoch: i32;
}
const alikes = changetype<Alikes>(memory.data(8, 16));
declareArray(changetype<usize>(alikes), 8);

// A value that is new in most lines must not count: nothing would be alike. Values are new if they are not among the last ones.

const SEEN = 1 << 13;
const seen = changetype<Run<u32>>(memory.data(4 * SEEN, 16));
declareArray(changetype<usize>(seen), 4 * SEEN);
/** After so many lines of a shape it is asked how many of them were new. */
const ROUND = 512;
/** If as many were, and this often in a row, some value is dropped: before that, there may just be many to learn. */
const MANY = ROUND / 4;
const MOST_ROUNDS = 8;
/** A value that is new as often is dropped at once. */
const NEARLY_ALL = ROUND - ROUND / 20;

export function epoch(): i32 {
  return alikes.epoch;
}

export function forgetAlikes(): void {
  memory.fill(changetype<usize>(heads), 0, 2 * HEADS);
  alikes.count = 0;
  alikes.epoch++;
  for (let i = 0; i < MOST_SHAPES; i++) shapeOf(i).alike = -1;
}

/** A new number. */
function newAlike(mayForget: bool): i32 {
  if (alikes.count == MOST_ALIKE) {
    if (!mayForget) return NOT_NOW;
    forgetAlikes();
  }
  return alikes.count++;
}

/** Of the judged values that count, the one to drop, or -1. */
function partToDrop(shape: Shape): i32 {
  let most = 0;
  let part = -1;
  for (let i = 0; i < shape.judged; i++) {
    const each: i32 = shape.judgedParts[i];
    if (kept[shape.parts[each].slot]) continue;
    if (<i32>shape.others[each] <= most) continue;
    most = shape.others[each];
    part = each;
  }
  return most >= NEARLY_ALL || shape.crowded >= MOST_ROUNDS ? part : -1;
}

/** Begins to count anew, and drops a value if lines of this shape are seldom alike. False if it may not. */
function endRound(shape: Shape, mayDrop: bool): bool {
  const crowded = shape.misses >= MANY ? shape.crowded + 1 : 0;
  shape.crowded = crowded;
  const part = crowded ? partToDrop(shape) : -1;
  if (part != -1) {
    if (!mayDrop) {
      shape.crowded = crowded - 1;
      return false;
    }
    vary(shape, shape.varying, shape.dropped | ((1 as u64) << part));
    return true;
  }
  shape.looked = 0;
  shape.misses = 0;
  memory.fill(changetype<usize>(shape.others), 0, 2 * MOST_PARTS);
  return true;
}

/** Writes the shape and the judged values that count into `key`. How long that is, or -1. */
function makeKey(shape: Shape, spans: Run<i32>): i32 {
  let size = 4;
  store<u32>(key.at(0), shape.serial);
  for (let i = 0; i < shape.judged; i++) {
    const place = 2 * <i32>shape.places[i];
    const begin = spans[place];
    const length = spans[place + 1] - begin;
    if (size + length + 2 > LONGEST_KEY) return -1;
    store<u16>(key.at(size), <u16>length);
    for (let k = 0; k < length; k += 16) key.setBlock(size + 2 + k, input.block(begin + k));
    size += 2 + length;
  }
  return size;
}

/** Counts which of the judged values are new. */
function noteNew(shape: Shape, spans: Run<i32>): void {
  shape.misses++;
  for (let i = 0; i < shape.judged; i++) {
    const place = 2 * <i32>shape.places[i];
    const part = shape.judgedParts[i];
    const begin = spans[place];
    const hash = <u32>hashOf(input.at(begin), spans[place + 1] - begin, mixed(shape.serial, part));
    const at = <i32>(hash & (SEEN - 1));
    if (seen[at] == hash) continue;
    seen[at] = hash;
    shape.others[part]++;
  }
}

/**
 * The number of lines like this one, of which the varying values are given; -1: none. `mayDrop`: whether the shape may change;
 * `mayForget`: whether all numbers may be forgotten.
 */
export function alikeOf(shape: Shape, spans: Run<i32>, mayDrop: bool, mayForget: bool): i32 {
  if (shape.judged && shape.looked >= ROUND && !endRound(shape, mayDrop)) return NOT_NOW;
  if (!shape.judged) {
    let alike = shape.alike;
    if (alike == -1) {
      alike = newAlike(mayForget);
      if (alike != NOT_NOW) shape.alike = alike;
    }
    return alike;
  }
  // It has nothing to drop: no more is learnt of it.
  const isHopeless = shape.crowded > MOST_ROUNDS;
  const size = makeKey(shape, spans);
  if (size == -1) return -1;
  const hash = <u32>hashOf(changetype<usize>(key), size, size);
  const head = <i32>(hash & (HEADS - 1));
  shape.looked++;
  for (let i: i32 = heads[head]; i; i = nexts[i]) {
    if (hashes[i] != hash) continue;
    if (<i32>lengths[i] != size) continue;
    if (isSame(keys.at(i * LONGEST_KEY), changetype<usize>(key), size)) return i - 1;
  }
  if (isHopeless) {
    shape.misses++;
    return -1;
  }
  const i = newAlike(mayForget) + 1;
  if (i <= 0) return NOT_NOW;
  noteNew(shape, spans);
  hashes[i] = hash;
  lengths[i] = <u16>size;
  check(keys.at(i * LONGEST_KEY), size);
  memory.copy(keys.at(i * LONGEST_KEY), changetype<usize>(key), size);
  nexts[i] = heads[head];
  heads[head] = <u16>i;
  return i - 1;
}
