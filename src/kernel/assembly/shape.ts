// How a line is read that looks like an earlier one. What is logged from one place of a program has one shape: the same keys in the
// same order, with the same text between the values, and many values that never change. What all lines of a shape have in common
// is compared at once; only the ends of the other values are left to find. What reads as an earlier line did, has been read as
// `json.ts` and `logfmt.ts` would.
import { check, declareArray } from './bounds.ts';
import { bitsOf, Char, either, first, first64, input, is, isAtMost, isSame, Run, Structs } from './memory.ts';
import { Manner, noted, notes } from './found.ts';
import { Inline, numberEnd } from './json.ts';
import { valueStop } from './logfmt.ts';
import {
  LONGEST_SHAPED,
  MOST_PARTS,
  MOST_SHAPES,
  MOST_SLOTS,
  PART_SIZE,
  SHAPE_LINE,
  SHAPE_PARTS,
  SHAPE_SIZE,
} from '../layout.ts';

/** A value of the first line of a shape. */
@unmanaged
@final
export class Part {
  start: u16; // in that line
  end: u16;
  manner: u8;
  kind: u8;
  slot: i16; // -1: nobody asks for it
}

@unmanaged
@final
export class Shape {
  // What callers read: see `layout.ts`.
  serial: u32; // zero: none; another one if it becomes another shape
  count: i32;
  varying: u64; // a bit for each part whose value is not the same in all lines
  dropped: u64; // of these, judged ones that do not count for `alike`
  length: i32;
  brace: i32;
  // What `tape.ts` keeps.
  pairs: i32; // whether it is logfmt
  lastScan: u32; // by which scan it was met last
  lastLine: u32; // as which line
  follower: i32; // the shape that the next line had, when this one was met last; -1: not known
  // What `alike.ts` keeps.
  alike: i32; // of all its lines, if no judged value varies; -1: not known
  judged: i32; // how many judged values vary and count
  looked: i32; // at how many lines since counting began, and how many of them were new
  misses: i32;
  crowded: i32; // how often in a row there were too many of them
  /** Of the judged values that count: which of the varying ones they are, and which parts. */
  @inline get places(): Run<u8> {
    return changetype<Run<u8>>(changetype<usize>(this) + PLACES);
  }
  @inline get judgedParts(): Run<u8> {
    return changetype<Run<u8>>(changetype<usize>(this) + JUDGED_PARTS);
  }
  /** By part: in how many lines it had a value that is new. */
  @inline get others(): Run<u16> {
    return changetype<Run<u16>>(changetype<usize>(this) + OTHERS);
  }
  /** Behind the last one that fits there is one more, which begins where the line ends. */
  @inline get parts(): Structs<Part> {
    return changetype<Structs<Part>>(changetype<usize>(this) + SHAPE_PARTS);
  }
  /** The first one. */
  @inline get line(): Run<u8> {
    return changetype<Run<u8>>(changetype<usize>(this) + SHAPE_LINE);
  }
}
const PLACES = 80;
const JUDGED_PARTS = PLACES + MOST_PARTS;
export const OTHERS = JUDGED_PARTS + MOST_PARTS;
const shapes = memory.data(MOST_SHAPES * SHAPE_SIZE, 16);
declareArray(shapes, MOST_SHAPES * SHAPE_SIZE);
/** The numbers of the shapes: the one that fitted last comes first. */
const order = changetype<Run<u8>>(memory.data(MOST_SHAPES, 16));
declareArray(changetype<usize>(order), MOST_SHAPES);

/** By slot: whether what becomes of a line depends on the value, and whether the value always counts for `alike`. */
export const judged = changetype<Run<u8>>(memory.data(MOST_SLOTS, 16));
declareArray(changetype<usize>(judged), MOST_SLOTS);
export const kept = changetype<Run<u8>>(memory.data(MOST_SLOTS, 16));
declareArray(changetype<usize>(kept), MOST_SLOTS);

@unmanaged
@final
class Known {
  serial: u32; // the last one that was given out
  newline: i32; // of the line that was read last by a shape
  varying: u64; // what varies in it
  last: i32; // the shape that was met last, or -1
}
const known = changetype<Known>(memory.data(24, 16));
declareArray(changetype<usize>(known), 24);

export function shapeOf(which: i32): Shape {
  check(shapes + which * SHAPE_SIZE, SHAPE_SIZE);
  return changetype<Shape>(shapes + which * SHAPE_SIZE);
}

export function forgetAllShapes(): void {
  assert(SHAPE_SIZE % 16 == 0);
  assert(<i32>offsetof<Shape>() <= PLACES && <i32>offsetof<Part>() == PART_SIZE);
  known.last = -1;
  for (let i = 0; i < MOST_SHAPES; i++) {
    const shape = shapeOf(i);
    shape.serial = 0;
    shape.lastLine = 0;
    order[i] = <u8>i;
  }
}
forgetAllShapes();

/** Offset behind the number at `at`; -1 if there is none. */
function overNumber(at: i32, end: i32): i32 {
  const digits = i8x16.sub(input.block(at), i8x16.splat(Char.ZERO));
  const length = first(bitsOf(i8x16.gt_u(digits, i8x16.splat(9))) | 0x10000);
  const next = input[at + length];
  if (next == Char.DOT || (next | 0x20) == 0x65 || <u32>length - 1 >= 15) return numberEnd(at, end);
  if (length > 1 && input[at] == Char.ZERO) return numberEnd(at, end);
  return at + length;
}

/** How many bytes are the same, of as many. Up to fifteen more are loaded. */
function sameLength(a: usize, b: usize, length: i32): i32 {
  for (let i = 0; i < length; i += 16) {
    check(a + i, 16);
    check(b + i, 16);
    const other = bitsOf(i8x16.eq(v128.load(a + i), v128.load(b + i))) ^ 0xffff; // not `ne`: V8 takes two more for that
    if (other) return min(i + first(other), length);
  }
  return length;
}

/**
 * The part, from `from` on, of which a line has another value that differs from the first line at this place of that one: with
 * another letter there, or another end. -1: none, the line has another shape.
 */
function partAt(shape: Shape, from: i32, place: i32): i32 {
  const parts = shape.parts;
  for (let i = from; i < shape.count && <i32>parts[i].start <= place; i++)
    if (place <= <i32>parts[i].end) return parts[i].manner == Manner.AS_IT_IS ? -1 : i;
  return -1;
}

/** Offset of the end of the value that begins at `at` in the line that was scanned; -1 if there is none. */
function valueEnd(manner: i32, at: i32, end: i32): i32 {
  switch (manner) {
    case Manner.TO_QUOTE:
      return Inline.nextQuote(at);
    case Manner.TO_SPACE:
      return input[at] == Char.QUOTE ? -1 : valueStop(at, end); // a quoted one would end at the next quote
    default:
      return overNumber(at, end);
  }
}

/** Whether the plain line in [at, end), which was scanned, has this shape; more may vary in it than before. */
function readLoosely(shape: Shape, at: i32, end: i32, spans: Run<i32>): bool {
  const line = shape.line;
  const parts = shape.parts;
  let varying = shape.varying;
  let left = varying;
  let from = 0; // in the first line
  let after = 0; // the first part behind that
  let place = 0;
  while (true) {
    let next = first64(left); // of none, the number of the one that is behind all
    let to: i32 = parts[next].start;
    const same = sameLength(line.at(from), input.at(at), to - from);
    let differs = same < to - from;
    if (next == MOST_PARTS) {
      if (!differs && at + same == end) break;
      differs = true;
    }
    if (differs) {
      next = partAt(shape, after, from + same);
      if (next == -1) return false;
      varying |= (1 as u64) << next;
      to = parts[next].start;
    }
    const part = parts[next];
    const start = at + (to - from);
    at = valueEnd(part.manner, start, end);
    if (<u32>at > <u32>end) return false;
    spans[place] = start;
    spans[place + 1] = at;
    place += 2;
    from = part.end;
    after = next + 1;
    left = after == MOST_PARTS ? 0 : varying & ((~0 as u64) << after);
  }
  known.varying = varying;
  return true;
}

/** Offset of the quote that ends the string that goes on at `at`; -1 if it has an escape or a control character, or no end. */
function plainStringEnd(at: i32, end: i32): i32 {
  while (at < end) {
    const bytes = input.block(at);
    const stops = bitsOf(either(either(is(bytes, Char.QUOTE), is(bytes, Char.BACKSLASH)), isAtMost(bytes, Char.LAST_CONTROL)));
    if (stops) {
      at += first(stops);
      return input[at] == Char.QUOTE ? at : -1;
    }
    at += 16;
  }
  return -1;
}

/** Offset behind the value of logfmt without quotes that begins at `at`; -1 if it is none, or has a backslash. */
function plainValueStop(at: i32, end: i32): i32 {
  if (input[at] == Char.QUOTE) return -1;
  while (at < end) {
    const bytes = input.block(at);
    const stops = bitsOf(either(isAtMost(bytes, Char.SPACE), is(bytes, Char.BACKSLASH)));
    if (stops) {
      at += first(stops);
      return input[at] == Char.BACKSLASH ? -1 : at;
    }
    at += 16;
  }
  return -1;
}

/**
 * Reads the line at `at`, which was not scanned, if it has this shape and only what varied before varies in it: what all lines have
 * in common is plain. Offset of its newline; -1 if it is none of these.
 */
function readStrictly(shape: Shape, at: i32, end: i32, spans: Run<i32>): i32 {
  const line = shape.line;
  const parts = shape.parts;
  let left = shape.varying;
  let from = 0; // in the first line
  let place = 0;
  while (true) {
    const next = first64(left); // of none, the number of the one that is behind all
    const part = parts[next];
    const length = <i32>part.start - from;
    if (length >= end - at) return -1;
    if (!isSame(line.at(from), input.at(at), length)) return -1;
    at += length;
    if (next == MOST_PARTS) break;
    spans[place] = at;
    switch (<i32>part.manner) {
      case Manner.TO_QUOTE:
        at = plainStringEnd(at, end);
        break;
      case Manner.TO_SPACE:
        at = plainValueStop(at, end);
        break;
      default:
        at = overNumber(at, end);
    }
    if (<u32>at >= <u32>end) return -1;
    spans[place + 1] = at;
    place += 2;
    from = part.end;
    left &= left - 1;
  }
  if (input[at] == Char.NEWLINE) return at;
  return input[at] == Char.RETURN && at + 1 < end && input[at + 1] == Char.NEWLINE ? at + 1 : -1;
}

/** Has the shape that stands at this place of the order tried first; gives its number. */
function putFirst(place: i32): i32 {
  const which = order[place];
  for (; place > 0; place--) order[place] = order[place - 1];
  order[0] = which;
  return which;
}

/** Notes that the shape follows the one before. */
function meet(which: i32): i32 {
  const last = known.last;
  if (last != -1) shapeOf(last).follower = which;
  known.last = which;
  return which;
}

/**
 * The number of the shape of the line at `at`, of as many that are tried; -1: none. Its newline: `newlineByShape`. First that is
 * tried which came next the last time: programs log the same things one after the other.
 */
export function findShape(at: i32, end: i32, tries: i32, spans: Run<i32>): i32 {
  const follower = known.last == -1 ? -1 : shapeOf(known.last).follower;
  if (follower != -1) {
    known.newline = shapeOf(follower).serial ? readStrictly(shapeOf(follower), at, end, spans) : -1;
    if (known.newline != -1) return meet(follower);
  }
  for (let i = 0; i < tries; i++) {
    const which: i32 = order[i];
    const shape = shapeOf(which);
    if (!shape.serial) return -1;
    if (which == follower) continue;
    known.newline = readStrictly(shape, at, end, spans);
    if (known.newline == -1) continue;
    if (i) putFirst(i);
    return meet(which);
  }
  return -1;
}

export function newlineByShape(): i32 {
  return known.newline;
}

/** The same, for the plain line in [at, end), which was scanned, in which more may vary; `varyingInLine` tells what. */
export function findLooseShape(at: i32, end: i32, tries: i32, spans: Run<i32>): i32 {
  for (let i = 0; i < tries; i++) {
    const shape = shapeOf(order[i]);
    if (!shape.serial) return -1;
    if (readLoosely(shape, at, end, spans)) return meet(putFirst(i));
  }
  return -1;
}

export function varyingInLine(): u64 {
  return known.varying;
}

/** From now on these values vary, and these of them are dropped: it becomes another shape. */
export function vary(shape: Shape, varying: u64, dropped: u64): void {
  shape.serial = ++known.serial;
  shape.varying = varying;
  shape.dropped = dropped;
  shape.alike = -1;
  shape.judged = 0;
  shape.looked = 0;
  shape.misses = 0;
  shape.crowded = 0;
  memory.fill(changetype<usize>(shape.others), 0, 2 * MOST_PARTS);
  let place = 0;
  for (let left = varying; left; left &= left - 1) {
    const i = first64(left);
    const slot: i32 = shape.parts[i].slot;
    if (slot != -1 && judged[slot] && !((dropped >> i) & 1)) {
      shape.places[shape.judged] = <u8>place;
      shape.judgedParts[shape.judged] = <u8>i;
      shape.judged++;
    }
    place++;
  }
}

/** The place in the order of the shape that is to give way to a new one: one that is free, or that was met longest ago. */
export function oldestShape(): i32 {
  let oldest = 0;
  for (let i = 0; i < MOST_SHAPES; i++) {
    const shape = shapeOf(order[i]);
    if (!shape.serial) return i;
    if (shape.lastLine < shapeOf(order[oldest]).lastLine) oldest = i;
  }
  return oldest;
}

export function shapeAt(place: i32): i32 {
  return order[place];
}

/** Keeps the shape of the plain line in [at, end) that was read last, in place of the one at this place of the order. */
export function keepShape(at: i32, end: i32, place: i32): i32 {
  const which = meet(putFirst(place));
  const shape = shapeOf(which);
  shape.length = end - at;
  shape.count = notes.count;
  shape.parts[MOST_PARTS].start = <u16>shape.length;
  for (let i = 0; i < notes.count; i++) {
    const value = noted[i];
    const part = shape.parts[i];
    part.start = <u16>(value.start - at);
    part.end = <u16>(value.end - at);
    part.manner = <u8>value.manner;
    part.kind = <u8>value.kind;
    part.slot = <i16>value.slot;
  }
  for (let i = 0; i < shape.length; i += 16) shape.line.setBlock(i, input.block(at + i)); // there is room for what is copied too much
  shape.follower = -1;
  vary(shape, 0, 0);
  return which;
}

/** Whether the line that was read last may be kept: it is not too long, and has not too many values, or one without a place here. */
export function isKeepable(at: i32, end: i32): bool {
  return notes.count <= MOST_PARTS && end - at <= LONGEST_SHAPED;
}

export function shapesAt(): usize {
  return shapes;
}
export function judgedAt(): usize {
  return changetype<usize>(judged);
}
export function keptAt(): usize {
  return changetype<usize>(kept);
}
