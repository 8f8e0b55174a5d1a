import { colourEnd } from '../colour.ts';

const ESCAPE = 0x1b;

/** A line without its colours, and without its annotation: patterns know of neither. One view serves line after line. */
export class View {
  bytes: Buffer = Buffer.alloc(0);
  /** Where each byte of the view stands in the line; and what ends it. */
  #places = new Int32Array(0);
  end = 0;

  /** Takes `[start, end)` but for `[cutStart, cutEnd)`, which may be nothing. */
  take(bytes: Uint8Array, start: number, end: number, cutStart: number, cutEnd: number): void {
    if (this.bytes.length < end - start) {
      this.bytes = Buffer.allocUnsafeSlow(end - start);
      this.#places = new Int32Array(end - start + 1);
    }
    let to = 0;
    let at = start;
    while (at < end) {
      if (at === cutStart && cutEnd > cutStart) {
        at = cutEnd;
        continue;
      }
      const behind = bytes[at] === ESCAPE ? colourEnd(bytes, at, end) : at;
      if (behind > at) {
        at = behind;
        continue;
      }
      this.bytes[to] = bytes[at]!;
      this.#places[to] = at;
      to += 1;
      at += 1;
    }
    this.end = to;
    this.#places[to] = cutEnd === end && cutEnd > cutStart ? cutStart : end;
  }

  /** Where a value of the view begins in the line. */
  startOf(offset: number): number {
    return this.#places[offset]!;
  }

  /** Where it ends, if it began at `start`: before colours that stand behind it. */
  endOf(offset: number, start: number): number {
    return offset > start ? this.#places[offset - 1]! + 1 : this.#places[offset]!;
  }
}
