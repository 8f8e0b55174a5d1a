// What the readers look for in a line, and what they find.
import { declareArray } from './bounds.ts';
import { isSame, Run, Structs } from './memory.ts';
import { AGAIN_WORDS, MISSING, MOST_AGAIN, MOST_HEADS, MOST_PARTS, MOST_SLOTS, MOST_TEXT, READING_WORDS } from '../layout.ts';

/** The line that was read last. A struct, not globals: V8 takes two more loads to get at one of these. */
@unmanaged
@final
class Reading {
  found: i32; // how many values were found
  ambiguous: i32; // whether it may have two meanings: a name comes twice, or it was guessed
  again: i32; // how many values there are under names that came before
  guessed: i32; // whether it has two meanings for sure
}
export const reading = changetype<Reading>(memory.data(4 * READING_WORDS, 16));
declareArray(changetype<usize>(reading), 4 * READING_WORDS);

/** A value under a name that came before. */
@unmanaged
@final
class Again {
  slot: i32;
  kind: i32;
  start: i32;
  end: i32;
}
const again = changetype<Structs<Again>>(memory.data(4 * AGAIN_WORDS * MOST_AGAIN, 16));
declareArray(changetype<usize>(again), 4 * AGAIN_WORDS * MOST_AGAIN);

export function noteAgain(slot: i32, kind: i32, start: i32, end: i32): void {
  reading.ambiguous = 1;
  if (reading.again == MOST_AGAIN) {
    reading.guessed = 1;
    return;
  }
  const value = again[reading.again++];
  value.slot = slot;
  value.kind = kind;
  value.start = start;
  value.end = end;
}

/** The line was read in one of several ways that there are. */
export function guess(): void {
  reading.ambiguous = 1;
  reading.guessed = 1;
}

// What was found: the slots, and by slot the value.
export const found = changetype<Run<u16>>(memory.data(2 * MOST_SLOTS, 16));
declareArray(changetype<usize>(found), 2 * MOST_SLOTS);
export const kinds = changetype<Run<u8>>(memory.data(MOST_SLOTS, 16));
declareArray(changetype<usize>(kinds), MOST_SLOTS);
export const starts = changetype<Run<i32>>(memory.data(4 * MOST_SLOTS, 16));
declareArray(changetype<usize>(starts), 4 * MOST_SLOTS);
export const ends = changetype<Run<i32>>(memory.data(4 * MOST_SLOTS, 16));
declareArray(changetype<usize>(ends), 4 * MOST_SLOTS);

// The names that are looked for: by hash the first one, and from each the next. Zero is none.
const COLUMN = 2 * (MOST_SLOTS + 1);
const heads = changetype<Run<u16>>(memory.data(2 * MOST_HEADS, 16));
declareArray(changetype<usize>(heads), 2 * MOST_HEADS);
const nexts = changetype<Run<u16>>(memory.data(COLUMN, 16));
declareArray(changetype<usize>(nexts), COLUMN);
const lengths = changetype<Run<u16>>(memory.data(COLUMN, 16));
declareArray(changetype<usize>(lengths), COLUMN);
const texts = changetype<Run<i32>>(memory.data(2 * COLUMN, 16));
declareArray(changetype<usize>(texts), 2 * COLUMN);
const slots = changetype<Run<u16>>(memory.data(COLUMN, 16));
declareArray(changetype<usize>(slots), COLUMN);
/** In which object a name is looked for: zero, at the top; else inside the value of this slot, counted from one. */
const parents = changetype<Run<u16>>(memory.data(COLUMN, 16));
declareArray(changetype<usize>(parents), COLUMN);
/** By slot: whether there are names that are looked for inside its value. */
export const objects = changetype<Run<u8>>(memory.data(MOST_SLOTS, 16));
declareArray(changetype<usize>(objects), MOST_SLOTS);
const text = changetype<Run<u8>>(memory.data(MOST_TEXT + 16, 16));
declareArray(changetype<usize>(text), MOST_TEXT + 16);

/** How one gets from the beginning of a value to its end. */
export const enum Manner {
  TO_QUOTE,
  TO_SPACE,
  OVER_NUMBER,
  AS_IT_IS,
}

/** A value of the line, as `shape.ts` needs it. */
@unmanaged
@final
class Value {
  start: i32;
  end: i32;
  manner: Manner;
  kind: i32;
  slot: i32; // -1: nobody asks for it
}
export const noted = changetype<Structs<Value>>(memory.data(20 * MOST_PARTS, 16));
declareArray(changetype<usize>(noted), 20 * MOST_PARTS);

@unmanaged
@final
class Noted {
  count: i32; // more than MOST_PARTS: the line has too many values, or one that has no place in a shape
}
export const notes = changetype<Noted>(memory.data(4, 16));
declareArray(changetype<usize>(notes), 4);

export function noteTooMany(): void {
  notes.count = MOST_PARTS + 1;
}

/** What is compiled into each of its callers. */
export class Found {
  /** The slot of a name inside the value of `parent`, a slot counted from one, or at the top: zero. -1: nobody asks for it. */
  @inline static find(parent: i32, name: Run<u8>, length: i32): i32 {
    const hash = (length * 37 + name[0] * 5 + name[length - 1] * 11) & 255;
    for (let i: i32 = heads[hash]; i; i = nexts[i]) {
      if (<i32>lengths[i] != length) continue;
      if (<i32>parents[i] != parent) continue;
      if (isSame(text.at(texts[i]), changetype<usize>(name), length)) return slots[i];
    }
    return -1;
  }

  @inline static set(slot: i32, kind: i32, start: i32, end: i32): void {
    if (kinds[slot] == MISSING) found[reading.found++] = <u16>slot;
    kinds[slot] = <u8>kind;
    starts[slot] = start;
    ends[slot] = end;
  }

  @inline static note(start: i32, end: i32, manner: Manner, kind: i32, slot: i32): void {
    const count = notes.count;
    if (count < MOST_PARTS) {
      const value = noted[count];
      value.start = start;
      value.end = end;
      value.manner = manner;
      value.kind = kind;
      value.slot = slot;
    }
    notes.count = count + 1;
  }
}

export function forget(): void {
  let count = reading.found;
  while (count > 0) kinds[found[--count]] = <u8>MISSING;
  reading.found = 0;
  reading.ambiguous = 0;
  reading.again = 0;
  reading.guessed = 0;
  notes.count = 0;
}

/** Forgets what was found inside the value of a slot. */
function forgetNames(slot: i32): void {
  for (let hash = 0; hash < MOST_HEADS; hash++) {
    for (let i: i32 = heads[hash]; i; i = nexts[i]) {
      if (<i32>parents[i] != slot + 1) continue;
      kinds[slots[i]] = <u8>MISSING;
      if (objects[slots[i]]) forgetNames(slots[i]);
    }
  }
}

/** A name inside an object comes again: the last one counts, and what was found inside the one before does not. */
export function forgetBefore(slot: i32): void {
  if (!objects[slot]) return;
  forgetNames(slot);
  let count = 0;
  for (let i = 0; i < reading.found; i++) if (kinds[found[i]] != MISSING) found[count++] = found[i];
  reading.found = count;
}

export function readingAt(): usize {
  return changetype<usize>(reading);
}
export function foundAt(): usize {
  return changetype<usize>(found);
}
export function kindsAt(): usize {
  return changetype<usize>(kinds);
}
export function startsAt(): usize {
  return changetype<usize>(starts);
}
export function endsAt(): usize {
  return changetype<usize>(ends);
}
export function headsAt(): usize {
  return changetype<usize>(heads);
}
export function nextsAt(): usize {
  return changetype<usize>(nexts);
}
export function lengthsAt(): usize {
  return changetype<usize>(lengths);
}
export function textsAt(): usize {
  return changetype<usize>(texts);
}
export function slotsAt(): usize {
  return changetype<usize>(slots);
}
export function textAt(): usize {
  return changetype<usize>(text);
}
export function parentsAt(): usize {
  return changetype<usize>(parents);
}
export function objectsAt(): usize {
  return changetype<usize>(objects);
}
export function againAt(): usize {
  return changetype<usize>(again);
}
