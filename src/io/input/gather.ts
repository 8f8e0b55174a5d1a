/** A reader that is a little slower than we are has it grow again and again. */
const KEPT = 4;

/** A growing run of bytes that are to be written, from `start` to `end` of `bytes`. */
export class Gather {
  readonly #room: number;
  bytes: Uint8Array;
  start = 0;
  end = 0;

  /** `room`: bytes that it begins with, and goes back to when it is empty and has more than `KEPT` times as many. */
  constructor(room: number) {
    this.#room = room;
    this.bytes = new Uint8Array(room);
  }

  get length(): number {
    return this.end - this.start;
  }

  append(from: Uint8Array, start: number, end: number): void {
    const needed = this.end + end - start;
    if (needed > this.bytes.length) this.#grow(needed);
    // A short run is copied faster by hand than through a subarray, which is an allocation.
    if (end - start <= 64) for (let at = start, to = this.end; at < end; at += 1, to += 1) this.bytes[to] = from[at]!;
    else this.bytes.set(from.subarray(start, end), this.end);
    this.end = needed;
  }

  /** Drops `count` bytes from the front. */
  take(count: number): void {
    this.start += count;
    if (this.start === this.end) this.clear();
  }

  clear(): void {
    this.start = 0;
    this.end = 0;
    if (this.bytes.length > KEPT * this.#room) this.bytes = new Uint8Array(this.#room);
  }

  #grow(needed: number): void {
    const bytes = new Uint8Array(Math.max(needed, this.bytes.length * 2));
    bytes.set(this.bytes.subarray(0, this.end));
    this.bytes = bytes;
  }
}
