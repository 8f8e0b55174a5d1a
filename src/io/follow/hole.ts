/** NULs at the start of a line that are a hole, at least: what a writer leaves that goes on at its old place after a truncation. */
const HOLE = Buffer.alloc(4096);

const LF = 0x0a;

/** Where a hole begins in `[start, end)`, of which `start` is the start of a line; `end` if there is none. */
export function holeIn(bytes: Buffer, start: number, end: number): number {
  const searched = bytes.subarray(0, end);
  let at = searched.indexOf(HOLE, start);
  while (at !== -1 && at !== start && bytes[at - 1] !== LF) at = searched.indexOf(HOLE, behindNuls(bytes, at, end));
  return at === -1 ? end : at;
}

/** Behind the NULs that begin at `start`. */
export function behindNuls(bytes: Buffer, start: number, end: number): number {
  let at = start;
  while (at + HOLE.length <= end && bytes.compare(HOLE, 0, HOLE.length, at, at + HOLE.length) === 0) at += HOLE.length;
  while (at < end && bytes[at] === 0) at += 1;
  return at;
}
