// What changes in a chunk is a list of edits. One pass writes the input with its edits to the output.
import { check, checkIn, declareArray } from './bounds.ts';
import { bitsOf, first, input, is, isSame, Run, Structs } from './memory.ts';
import { EDIT_WORDS, MOST_EDITS, OUTPUT_SIZE, PIECES_SIZE } from '../layout.ts';

@unmanaged
@final
class Edit {
  from: i32; // in the input
  to: i32;
  piece: i32; // an address
  length: i32;
}
const edits = changetype<Structs<Edit>>(memory.data(4 * EDIT_WORDS * MOST_EDITS, 16));
declareArray(changetype<usize>(edits), 4 * EDIT_WORDS * MOST_EDITS);
const pieces = memory.data(PIECES_SIZE + 16, 16);
declareArray(pieces, PIECES_SIZE + 16);
const output = changetype<Run<u8>>(memory.data(OUTPUT_SIZE + 16, 64));
declareArray(changetype<usize>(output), OUTPUT_SIZE + 16);

@unmanaged
@final
class Spliced {
  edits: i32; // how many are done
  at: i32; // up to where in the input all is written
}
const spliced = changetype<Spliced>(memory.data(8, 16));
declareArray(changetype<usize>(spliced), 8);

/** From here on `memory.copy` is faster than loads and stores. */
const LONG_COPY = 2048;

/** Copies so many bytes, and up to fifteen more that will be written over. Where in the output they end. */
function put(to: i32, from: usize, length: i32): i32 {
  const target = output.at(to);
  if (length > LONG_COPY) {
    check(from, length);
    checkIn(changetype<usize>(output), target, length);
    memory.copy(target, from, length);
  } else {
    for (let i = 0; i < length; i += 16) {
      check(from + i, 16);
      checkIn(changetype<usize>(output), target + i, 16);
      v128.store(target + i, v128.load(from + i));
    }
  }
  return to + length;
}

/**
 * Writes [from, end) of the input to the output, with as many edits made, which lie there in order. If there is no room for more,
 * stops before an edit or within what is copied: see `spliced`. Gives how many bytes were written.
 */
export function splice(from: i32, end: i32, count: i32, room: i32): i32 {
  let to = 0;
  let done = 0;
  room = min(room, OUTPUT_SIZE);
  while (done < count) {
    const edit = edits[done];
    const run = edit.from - from;
    if (run > room - to) break;
    to = put(to, input.at(from), run);
    from = edit.from;
    if (edit.length > room - to) break;
    to = put(to, <usize>edit.piece, edit.length);
    from = edit.to;
    done++;
  }
  const stop = done < count ? edits[done].from : end;
  const run = min(stop - from, room - to);
  to = put(to, input.at(from), run);
  spliced.edits = done;
  spliced.at = from + run;
  return to;
}

/** Whether the text of this length at `words` stands in [start, end). */
export function has(start: i32, end: i32, words: usize, length: i32): bool {
  if (!length) return true;
  const last = end - length;
  check(words, length);
  const byte = load<u8>(words);
  for (let at = start; at <= last; at += 16) {
    for (let places = bitsOf(is(input.block(at), byte)); places; places &= places - 1) {
      const place = at + first(places);
      if (place > last) return false;
      if (isSame(input.at(place), words, length)) return true;
    }
  }
  return false;
}

/** Whether as many bytes at two addresses are the same. */
export function same(a: usize, b: usize, length: i32): bool {
  return isSame(a, b, length);
}

export function editsAt(): usize {
  return changetype<usize>(edits);
}
export function piecesAt(): usize {
  return pieces;
}
export function outputAt(): usize {
  return changetype<usize>(output);
}
export function splicedAt(): usize {
  return changetype<usize>(spliced);
}
