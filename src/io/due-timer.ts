import type { Now } from './clock.ts';

/** ms. The clock may be set while we wait, and Node's timers end at 2^31. */
const LONGEST = 60_000;

/**
 * Read turns that may bring something before the time is declared come all the same. Each
 * reads at least what a pipe held when the turn began, so what had arrived in time has long been looked at; without a
 * bound, a stream that never falls silent would stop the clock.
 */
const MOST_TURNS = 64;

export interface DueTimerOptions {
  readonly now: Now;
  /** When `onDue` is next needed, ms since 1970; Infinity for never. */
  readonly nextDue: () => number;
  /** Chunks read so far. */
  readonly reads: () => number;
  readonly onDue: (now: number) => void;
  /** Whether the process is to go on for it. Where it is not, it can end before the time has come. */
  readonly keepsProcess: boolean;
}

export interface DueTimer {
  /** To be called whenever `nextDue` may have changed. */
  arm(): void;
  stop(): void;
}

/** One timer for whatever is due next. What has arrived is read before its deadline is declared passed. */
export function dueTimer({ now, nextDue, reads, onDue, keepsProcess }: DueTimerOptions): DueTimer {
  let armedFor = Infinity;
  let timer: NodeJS.Timeout | undefined;
  let turn: NodeJS.Immediate | undefined;

  const arm = (): void => {
    const due = nextDue();
    // A later due time leaves the timer as it is: it finds nothing due, and arms itself anew.
    if (turn !== undefined || due >= armedFor) return;
    clearTimeout(timer);
    armedFor = due;
    timer = setTimeout(lookFirst, Math.min(Math.max(due - now(), 0), LONGEST));
    if (!keepsProcess) timer.unref();
  };
  const lookFirst = (): void => {
    armedFor = Infinity;
    if (nextDue() > now()) return arm();
    takeTurn(MOST_TURNS);
  };
  // Timers come before the poll for input in Node's loop, and `setImmediate` comes after it.
  const takeTurn = (left: number): void => {
    const before = reads();
    turn = setImmediate(() => {
      turn = undefined;
      if (reads() !== before && left > 0) return takeTurn(left - 1);
      const at = now();
      if (nextDue() <= at) onDue(at);
      arm();
    });
  };
  const stop = (): void => {
    clearTimeout(timer);
    clearImmediate(turn);
    turn = undefined;
    armedFor = Infinity;
  };
  return { arm, stop };
}
