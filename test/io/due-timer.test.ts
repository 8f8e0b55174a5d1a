import { expect, test } from 'vitest';
import { dueTimer } from '../../src/io/due-timer.ts';

/** Runs a timer for something long due, while each look at `reads` finds what `arriving` says. Tells how many looks it took. */
function looksUntilDue(arriving: (look: number) => boolean): Promise<number> {
  return new Promise((resolve) => {
    let due = 0;
    let looks = 0;
    let reads = 0;
    const timer = dueTimer({
      now: () => 100,
      nextDue: () => due,
      reads: () => {
        looks += 1;
        if (arriving(looks)) reads += 1;
        return reads;
      },
      onDue: () => {
        due = Infinity;
        resolve(looks);
      },
      keepsProcess: true,
    });
    timer.arm();
  });
}

const cases: readonly [claim: string, arriving: (look: number) => boolean, looks: number][] = [
  ['declares the time at once where nothing comes', () => false, 2],
  ['first takes what has arrived', (look) => look <= 6, 8],
  ['does not wait for ever for a stream that never falls silent', () => true, 130],
];

test.each(cases)('%s', async (_claim, arriving, looks) => {
  expect(await looksUntilDue(arriving)).toBe(looks);
});

test('declares nothing once it is stopped', async () => {
  const told: number[] = [];
  const timer = dueTimer({ now: () => 100, nextDue: () => 0, reads: () => 0, onDue: (at) => told.push(at), keepsProcess: true });
  timer.arm();
  timer.stop();
  // A timer set later, and a turn after it.
  await new Promise((resolve) => setTimeout(() => setImmediate(resolve), 2));
  expect(told).toEqual([]);
});
