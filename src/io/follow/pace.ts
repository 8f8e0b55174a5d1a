import { lookAt, type Look } from './file.ts';

/** ms. For so long after it last changed, a file is looked at each time. */
const BUSY = 10_000;
/** ms between two looks at a file that has not changed for long, at most. */
const LONGEST = 2_000;
/** ms. For so long after it last changed, all that a path may stand for is looked at each time; then less often, and what it names alone between. */
const LIVELY = 2_000;
/** ms between two looks at all of it, while it is busy, and later. */
const THOROUGH = { busy: 1_000, idle: 5_000 };
/** ms until what failed is tried again. */
const RETRY = 1_000;

/** What a look saw, in one text: it changes with whatever is written to a file, or put in its place. */
export const markOf = (look: Look | undefined): string => (look === undefined ? '' : `${look.id} ${look.size} ${look.changed}`);

/** How often a path is looked at: many files are open for days, and few of them change. */
export class Pace {
  readonly #path: string;
  readonly #interval: number;
  #mark = '';
  #pushed = -1;
  #thoroughAt = -Infinity;
  /** When something last changed, ms since 1970. */
  changedAt = -Infinity;
  /** When the next look is due. */
  dueAt = -Infinity;

  /** `interval`: ms between two looks that there may be. */
  constructor(path: string, interval: number) {
    this.#path = path;
    this.#interval = interval;
  }

  /** A look is due: a glance will do if the path names what it named, and nothing of that is left to read. Throws what the system says. */
  next(now: number, pushed: number, lag: number): 'glance' | 'thorough' {
    const mark = markOf(lookAt(this.#path));
    const isQuiet = mark === this.#mark && pushed === this.#pushed && lag === 0;
    this.#mark = mark;
    this.#pushed = pushed;
    if (!isQuiet) this.changedAt = now;
    const idle = now - this.changedAt;
    this.dueAt = now + (idle < BUSY ? this.#interval / 2 : Math.min(LONGEST, idle / 10));
    const thorough = idle < BUSY ? THOROUGH.busy : THOROUGH.idle;
    if (isQuiet && idle >= LIVELY && now - this.#thoroughAt < thorough) return 'glance';
    this.#thoroughAt = now;
    return 'thorough';
  }

  /** Something changed. */
  wake(now: number): void {
    this.changedAt = now;
    this.dueAt = now + this.#interval / 2;
  }

  putOff(now: number): void {
    this.dueAt = now + RETRY;
  }
}
