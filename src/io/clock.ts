/** A wall clock that moves by more than this against ours was set, or the machine slept: small drift is not followed. */
const JUMP = 5_000;

/** Tells the time, whole ms since 1970; never less than it told before. */
export type Now = () => number;

/**
 * The live clock: the wall clock's time at the start, carried on by the monotonic one, so
 * that a clock that is being slewed moves no deadline.
 *
 * Set forward by more than 5 s (or after a sleep of the machine, which the monotonic clock
 * does not count) it follows. Set back it does not: it goes on from where it was, ahead of
 * the wall clock, until that one has caught up. Deadlines keep their length that way.
 */
export function liveClock(wall: () => number = () => Date.now(), monotonic: () => number = () => performance.now()): Now {
  let base = wall() - monotonic();
  let last = -Infinity;
  return () => {
    const elapsed = monotonic();
    const real = wall();
    if (real - (base + elapsed) > JUMP) base = real - elapsed;
    last = Math.max(last, Math.floor(base + elapsed));
    return last;
  };
}

/** ms of a clock that nobody sets, from some moment on. */
export const elapsed = (): number => performance.now();
