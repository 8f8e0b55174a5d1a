import { join } from 'node:path';
import { expect, test } from 'vitest';
import { CheckpointKeeper } from '../../../src/io/follow/checkpoint-keeper.ts';
import type { FollowOutput } from '../../../src/io/follow/output.ts';
import { scratch } from '../scratch.ts';

const MIB = 1 << 20;

test.each([
  [0, false],
  [31 * MIB, false],
  [33 * MIB, true],
])('holds back while the last checkpoint is %d bytes behind what was read: %s', async (behind, holdsBack) => {
  // The keeper asks no more of an output.
  const output = { taken: 0, written: 0, sync: async () => {} } as unknown as FollowOutput;
  let problem: Error | undefined;
  const keeper = new CheckpointKeeper({
    path: join(scratch(), 'checkpoint'),
    isOurs: () => true,
    every: 1000,
    firstAfter: 0,
    now: () => 0,
    output,
    take: () => ({ checkpoint: { searchedAt: 0, paths: [] }, behind }),
    onSettled: () => {},
    onProblem: (error) => (problem = error),
  });
  keeper.add(40 * MIB);
  expect(keeper.holdsBack).toBe(true);
  await keeper.end();
  expect(problem).toBeUndefined();
  expect(keeper.holdsBack).toBe(holdsBack);
});
