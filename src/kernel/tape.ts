import type { Instance } from './instance.ts';
import {
  ENTRY_FLAGS,
  ENTRY_WORDS,
  MOST_SHAPES,
  SCANNED_EPOCH,
  SCANNED_NEXT,
  SCANNED_OVERLONG,
  SCANNED_PASSED,
  SCANNED_WORDS,
  SHAPED,
  SHAPE_SHIFT,
  SHAPE_SIZE,
  SHAPE_VARYING,
  TAPE_WORDS,
} from './layout.ts';
import type { Search } from './scouts.ts';

/** Longer than any line that the kernel could be given. */
const NO_LIMIT = 0x7fff_ffff;

/** What is told of the lines of a chunk: good until the next is asked about. */
export interface Lines {
  /** Entries, one behind the other: see `ENTRY_START` and the others in `layout.ts`. */
  readonly words: Int32Array;
  readonly count: number;
  /** Behind the last line that was dealt with: where the next scan begins, or the unfinished line. */
  readonly next: number;
  /** Lines that are not listed, and how many of these are too long. */
  readonly passed: number;
  readonly overlong: number;
  /** Another number than before: `alike` does not mean what it meant. */
  readonly epoch: number;
  /**
   * Lists whole lines of `[from, end)` of the input; with `search` no line in which none of its texts stands, and no escape that may hide
   * one. It may list too many, never too few, and may end before all are dealt with. `frame`: how lines may be framed.
   */
  scan(from: number, end: number, search: Search | undefined, slashes: boolean, longest: number, frame: number): void;
  /** How many words the entry at `word` has. */
  lengthOf(word: number): number;
}

/** The lines of a chunk that somebody may care about, as the kernel lists them. */
export class Tape implements Lines {
  readonly words: Int32Array;
  count = 0;
  next = 0;
  passed = 0;
  overlong = 0;
  epoch = 0;
  readonly #instance: Instance;
  readonly #scanned: Int32Array;
  readonly #shapes: Int32Array;

  constructor(instance: Instance) {
    this.#instance = instance;
    const { call, memory } = instance;
    this.words = new Int32Array(memory, call.tape(), TAPE_WORDS);
    this.#scanned = new Int32Array(memory, call.scanned(), SCANNED_WORDS);
    this.#shapes = new Int32Array(memory, call.shapes(), (MOST_SHAPES * SHAPE_SIZE) >> 2);
  }

  scan(from: number, end: number, search: Search | undefined, slashes: boolean, longest: number, frame: number): void {
    const { which, block, window } = search ?? NO_SEARCH;
    const most = Math.min(longest, NO_LIMIT);
    const searches = search === undefined ? 0 : 1;
    this.count = this.#instance.call.scan(from, end, which, block, window, slashes ? 1 : 0, most, searches, frame);
    const scanned = this.#scanned;
    this.next = scanned[SCANNED_NEXT]!;
    this.passed = scanned[SCANNED_PASSED]!;
    this.overlong = scanned[SCANNED_OVERLONG]!;
    this.epoch = scanned[SCANNED_EPOCH]!;
  }

  lengthOf(word: number): number {
    const flags = this.words[word + ENTRY_FLAGS]!;
    if ((flags & SHAPED) === 0) return ENTRY_WORDS;
    const varying = (flags >> SHAPE_SHIFT) * (SHAPE_SIZE >> 2) + SHAPE_VARYING;
    return ENTRY_WORDS + 2 * (bitsIn(this.#shapes[varying]!) + bitsIn(this.#shapes[varying + 1]!));
  }
}

/** How many bits are set. */
function bitsIn(word: number): number {
  let bits = word - ((word >>> 1) & 0x5555_5555);
  bits = (bits & 0x3333_3333) + ((bits >>> 2) & 0x3333_3333);
  return Math.imul((bits + (bits >>> 4)) & 0x0f0f_0f0f, 0x0101_0101) >>> 24;
}

const NO_SEARCH: Search = { which: 0, block: 0, window: 0 };
