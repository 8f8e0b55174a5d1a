import type { ClockDomain } from '../record/clock-domain.ts';
import { theKernel } from './kernel.ts';

/** Int32s and float64s in a `struct swept`, and where in it what lies. */
const SWEPT = {
  ints: 14,
  doubles: 7,
  passed: 0,
  overlong: 1,
  folded: 2,
  cuts: 3,
  knownTo: 4,
  stop: 5,
  isFull: 6,
  closing: 7,
  judgedBy: 8,
  newline: 9,
  time: 5,
  closingTime: 6,
} as const;

/** Where the lines of a sweep come from, and which of their times count. */
export interface SweepPlace {
  readonly source: number;
  readonly stream: number;
  /** How times are written that the kernel may compare: of lines that write them otherwise it is not sure. */
  readonly domain: ClockDomain;
  /** A later time is none. */
  readonly latest: number;
  /** What the end of a rule is compared with; NaN: the line's own time. */
  readonly clock: number;
}

/** What became of the lines of the last sweep: `sweep.c`. */
export class SweptLines {
  readonly #ints: Int32Array;
  readonly #doubles: Float64Array;
  /** Where each part that was folded begins and ends; `cutCount` of them. */
  readonly cuts: Int32Array;

  constructor() {
    const { call, memory } = theKernel();
    this.#ints = new Int32Array(memory, call.swept(), SWEPT.ints);
    this.#doubles = new Float64Array(memory, call.swept(), SWEPT.doubles);
    this.cuts = new Int32Array(memory, call.cuts(), 2 * call.mostCuts());
  }

  /** There was none. */
  clear(): void {
    const ints = this.#ints.fill(0);
    ints[SWEPT.stop] = ints[SWEPT.closing] = ints[SWEPT.judgedBy] = ints[SWEPT.newline] = -1;
  }

  /** Lines that it passed over, which leave as they came. */
  get passed(): number {
    return this.#ints[SWEPT.passed]!;
  }

  /** How many of these were longer than a line that is judged may be. */
  get overlong(): number {
    return this.#ints[SWEPT.overlong]!;
  }

  /** How many lines it folded. */
  get folded(): number {
    return this.#ints[SWEPT.folded]!;
  }

  /** In how many parts of the chunk they lie; these are in `cuts`, the beginning and the end of each. */
  get cutCount(): number {
    return this.#ints[SWEPT.cuts]!;
  }

  /** Behind the last line of which it knows the time, which is `time`; zero: of none. */
  get knownTo(): number {
    return this.#ints[SWEPT.knownTo]!;
  }

  get time(): number {
    return this.#doubles[SWEPT.time]!;
  }

  /** Where something stands in the line at which it ended; its end, where that is all that is left; -1: not known. */
  get stop(): number {
    return this.#ints[SWEPT.stop]!;
  }

  /** Where the line at which it ended ends, if that is known, and that no escape hides anything in it; else -1. */
  get newline(): number {
    return this.#ints[SWEPT.newline]!;
  }

  /** It ended only because it had cut the chunk into too many parts. */
  get isFull(): boolean {
    return this.#ints[SWEPT.isFull] === 1;
  }

  /** The rule of which the line at which it ended closes groups, before all else; -1: none. */
  get closing(): number {
    return this.#ints[SWEPT.closing]!;
  }

  /** The time of that line. */
  get closingTime(): number {
    return this.#doubles[SWEPT.closingTime]!;
  }

  /** The rule that judges it, where only its group is not known; -1: this cannot tell. */
  get judgedBy(): number {
    return this.#ints[SWEPT.judgedBy]!;
  }
}
