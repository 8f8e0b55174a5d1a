import { expect, test } from 'vitest';
import { liveClock } from '../../src/io/clock.ts';

const steps: readonly [claim: string, wall: number, monotonic: number, told: number][] = [
  ['is carried on by the monotonic clock', 1_000_010, 10, 1_000_010],
  ['tells whole milliseconds', 1_000_011, 11.9, 1_000_011],
  ['ignores a clock that is slewed', 1_004_020, 20, 1_000_020],
  ['follows a clock that is set forward', 1_100_000, 30, 1_100_000],
  ['goes on where the wall clock is set back', 500_000, 40, 1_100_010],
  ['counts a sleep of the machine', 2_000_000, 50, 2_000_000],
];

test.each(steps)('%s', (_claim, wall, monotonic, told) => {
  const upTo = steps.findIndex((step) => step[1] === wall);
  let at: readonly [number, number] = [1_000_000, 0];
  const now = liveClock(
    () => at[0],
    () => at[1],
  );
  for (const [, realWall, elapsed] of steps.slice(0, upTo)) {
    at = [realWall, elapsed];
    now();
  }
  at = [wall, monotonic];
  expect(now()).toBe(told);
});
