import { ownOf, type Lent } from '../../formats/draft.ts';
import type { Sink } from '../settings.ts';
import { Queue } from './queue.ts';

/** Where the queue's bytes go. */
export interface Outlet extends Sink {
  /** Writes a line of our own making, `[0, end)`, which must not be glued to a line that came without its newline. */
  writeLine(bytes: Buffer, end: number): void;
}

/** A line in the queue, or a run of settled ones. Offsets count all bytes that ever went through the queue. */
export interface Held {
  start: number;
  end: number;
  lines: number;
  /** While it waits, nothing behind it can leave. */
  waiting: boolean;
  /** What leaves in place of its own bytes; `undefined`: those. Empty: nothing. */
  instead: Buffer | undefined;
}

/** The pieces of one line, each in its own place, in the order in which they came. */
export interface HeldPieces {
  readonly pieces: readonly (Held | Buffer)[];
  /** How many lines stand between each and the next. */
  readonly gaps: readonly number[];
}

/** Where a line stands that is held: in the queue, or in relaxed order as bytes of its own. */
export type LinePlace = Held | Buffer | HeldPieces;

/** The lines of a record, each in its own place, in the order in which they came. */
export interface HeldRecord {
  readonly head: LinePlace;
  /** Lines that go on with the head, and their text. */
  readonly rest: readonly LinePlace[];
  readonly tail: string;
  /** More lines went on with it than a record may have. */
  readonly isCut: boolean;
}

export type HeldPlace = LinePlace | HeldRecord;

/** How many lines stand there, of which one in pieces is one. */
export const linesAt = (place: HeldPlace): number => ('head' in place ? 1 + place.rest.length : 1);

/**
 * What stands in line for one output while something waits: a ring of bytes and, in order, what
 * each part of it is. Bytes leave at the front as soon as nothing before them waits. The ring
 * grows by doubling and is let go when it is empty.
 */
export class HoldQueue {
  readonly #outlet: Outlet;
  readonly #largest: number;
  #bytes = EMPTY;
  /** Which offset lies at the beginning of `#bytes`. */
  #base = 0;
  #end = 0;
  readonly #entries = new Queue<Held>();
  /** Those that have left, to be filled again. */
  #spare: Held[] = [];
  #lines = 0;
  #extra = 0;

  /** `most`: bytes that it will seldom hold more of. */
  constructor(outlet: Outlet, most: number) {
    this.#outlet = outlet;
    this.#largest = Math.ceil(most * 1.25);
  }

  get isEmpty(): boolean {
    return this.#entries.size === 0;
  }

  /** Lines in the queue. */
  get lines(): number {
    return this.#lines;
  }

  /** Bytes in the queue. */
  get size(): number {
    return (this.isEmpty ? 0 : this.#end - this.#entries.first!.start) + this.#extra;
  }

  /** The first that waits; it is the front, for whatever is settled there has left. */
  get front(): Held | undefined {
    return this.#entries.first;
  }

  /** Appends bytes that are settled: `lines` lines, or a piece of one. */
  pass(bytes: Buffer, start: number, end: number, lines: number): void {
    const { last } = this.#entries;
    this.#lines += lines;
    if (last !== undefined && !last.waiting && last.instead === undefined) {
      this.#append(bytes, start, end);
      last.end = this.#end;
      last.lines += lines;
      return;
    }
    const from = this.#append(bytes, start, end);
    this.#enter(from, lines, false, undefined);
  }

  /** Appends a line of our own making. */
  insert(line: Buffer): void {
    this.#extra += line.length;
    this.#lines += 1;
    this.#enter(this.#end, 1, false, line);
  }

  /** The same, before a line that waits; it leaves at once if nothing before that one waits. */
  insertBefore(held: Held, line: Lent): void {
    if (held === this.front) {
      this.#outlet.writeLine(line.bytes, line.end);
      return;
    }
    const bytes = ownOf(line);
    this.#extra += bytes.length;
    this.#lines += 1;
    // It is seldom far from the end: that of the line that is being judged.
    this.#entries.insertBefore(held, this.#fill(held.start, held.start, 1, false, bytes));
  }

  /** Appends a line that waits. */
  hold(bytes: Buffer, start: number, end: number): Held {
    const from = this.#append(bytes, start, end);
    this.#lines += 1;
    return this.#enter(from, 1, true, undefined);
  }

  /** Appends an entry for what lies from `start` on. */
  #enter(start: number, lines: number, waiting: boolean, instead: Buffer | undefined): Held {
    const held = this.#fill(start, this.#end, lines, waiting, instead);
    this.#entries.push(held);
    return held;
  }

  #fill(start: number, end: number, lines: number, waiting: boolean, instead: Buffer | undefined): Held {
    let held = this.#spare.pop();
    if (held === undefined) {
      held = { start, end, lines, waiting, instead };
    } else {
      held.start = start;
      held.end = end;
      held.lines = lines;
      held.waiting = waiting;
      held.instead = instead;
    }
    return held;
  }

  /** The bytes of a held line; good until the queue is next changed. */
  bytesOf(held: Held): Buffer {
    return this.#bytes.subarray(held.start - this.#base, held.end - this.#base);
  }

  /** Ends the wait of a line; it leaves as `instead`, or as it came. What can leave, leaves. */
  settle(held: Held, instead: Lent | undefined): void {
    held.waiting = false;
    if (held === this.front) {
      this.#entries.shift();
      this.#lines -= held.lines;
      if (instead === undefined) this.#outlet.write(this.#bytes, held.start - this.#base, held.end - this.#base);
      else this.#outlet.writeLine(instead.bytes, instead.end);
      this.#spare.push(held);
      this.#drain();
      return;
    }
    held.instead = instead && ownOf(instead);
    this.#extra += instead?.end ?? 0;
  }

  #drain(): void {
    const entries = this.#entries;
    for (let entry = entries.first; entry !== undefined && !entry.waiting; entry = entries.first) {
      entries.shift();
      this.#lines -= entry.lines;
      if (entry.instead === undefined) {
        this.#outlet.write(this.#bytes, entry.start - this.#base, entry.end - this.#base);
      } else {
        this.#extra -= entry.instead.length;
        this.#outlet.writeLine(entry.instead, entry.instead.length);
        entry.instead = undefined;
      }
      this.#spare.push(entry);
    }
    if (!this.isEmpty) return;
    entries.trim(MOST_SPARE);
    if (this.#spare.length > MOST_SPARE) this.#spare = [];
    this.#base = this.#end;
    if (this.#bytes.length > KEPT) this.#bytes = EMPTY;
  }

  /** Offset at which the bytes were put. */
  #append(bytes: Buffer, start: number, end: number): number {
    const length = end - start;
    if (this.#end - this.#base + length > this.#bytes.length) this.#makeRoom(length);
    bytes.copy(this.#bytes, this.#end - this.#base, start, end);
    this.#end += length;
    return this.#end - length;
  }

  #makeRoom(length: number): void {
    const front = this.#entries.first?.start ?? this.#end;
    const live = this.#end - front;
    // Moved only when at least half of it is void, so that each byte is moved less than once on the average; at its largest, when
    // a fifth is: there each byte is moved four times, and no more memory is taken.
    const wanted = 2 ** Math.ceil(Math.log2((live + length) * 1.5));
    // What is outgrown lies about for a while: the last step is a large one, so that there is less of it.
    const size = Math.max(SMALLEST, live + length, wanted * 2 > this.#largest ? this.#largest : wanted);
    const isRoomy = (live + length) * 2 <= this.#bytes.length || size <= this.#bytes.length;
    const target = isRoomy ? this.#bytes : Buffer.allocUnsafeSlow(size);
    this.#bytes.copy(target, 0, front - this.#base, this.#end - this.#base);
    this.#bytes = target;
    this.#base = front;
  }
}

const EMPTY = Buffer.alloc(0);
/** So many entries are kept for the next wait. */
const MOST_SPARE = 4096;
const SMALLEST = 64 * 1024;
/** An empty ring of at most this size is kept for the next wait. */
const KEPT = 1024 * 1024;
