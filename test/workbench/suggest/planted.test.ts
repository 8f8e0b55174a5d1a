import { expect, test } from 'vitest';
import { findingsIn } from './findings.ts';
import { plantedLog } from './planted.ts';

const SEEDS = 200;

test(`finds what was planted, and nothing else, over ${SEEDS} seeds`, () => {
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const { lines, pairs } = plantedLog(seed);
    const found = findingsIn(lines).flatMap((finding) =>
      finding.kind === 'heals'
        ? [{ failure: finding.text, success: finding.proposal.success[0], by: finding.proposal.by.map(({ here }) => here) }]
        : [],
    );
    const planted = pairs.map(({ failure, success, by }) => ({ failure, success: `msg: '${success}'`, by: [by] }));
    const sorted = <Pair extends { failure: string }>(all: readonly Pair[]): Pair[] =>
      all.toSorted((a, b) => (a.failure < b.failure ? -1 : 1));
    expect(sorted(found), `seed ${seed}`).toEqual(sorted(planted));
  }
}, 600_000);
