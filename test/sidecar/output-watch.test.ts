import { expect, test } from 'vitest';
import { OutputWatch } from '../../src/sidecar/output-watch.ts';

interface Step {
  readonly connected?: boolean;
  readonly waiting?: number;
  readonly delivered?: number;
}

/** One step a second; how long it has been stalled at each, in seconds. */
const cases: readonly [claim: string, steps: readonly Step[], stalled: readonly number[]][] = [
  ['nothing waits', [{}, {}, {}], [0, 0, 0]],
  ['all waits', [{ waiting: 1 }, { waiting: 2 }, { waiting: 2 }], [0, 1, 2]],
  ['some is taken', [{ waiting: 5 }, { waiting: 5, delivered: 1 }, { waiting: 9, delivered: 1 }], [0, 0, 1]],
  ['nobody is there, and nothing waits', [{ connected: false }, { connected: false }, { connected: false }], [0, 1, 2]],
  ['it comes back', [{ connected: false }, { connected: false }, {}, { waiting: 1 }], [0, 1, 0, 1]],
];

test.each(cases)('%s', (_claim, steps, stalled) => {
  const output = { name: 'x', connected: true, waiting: 0, delivered: 0 };
  let now = 0;
  const watch = new OutputWatch(
    () => [output],
    () => now,
  );
  const seen = steps.map((step) => {
    Object.assign(output, { connected: true, waiting: 0, delivered: 0, ...step });
    const [state] = watch.sample();
    now += 1_000;
    return state!.stalled / 1000;
  });
  expect(seen).toEqual(stalled);
});
