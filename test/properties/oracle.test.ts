import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Counts } from '../../src/engine/counts.ts';
import { rulesFile } from '../support/arbitraries/rules-files.ts';
import { stream } from '../support/arbitraries/streams.ts';
import type { Options } from '../support/oracle/expected.ts';
import { explain } from '../support/oracle/interpret.ts';
import { actualOutcomes, expectedOutcomes } from '../support/oracle/outcome.ts';
import { PATIENCE } from '../support/patience.ts';
import { runCounted } from '../support/run.ts';

const OPTIONS: readonly Options[] = [
  { clock: 'replay', order: 'strict' },
  { clock: 'replay', order: 'relaxed' },
  { clock: 'live', order: 'strict' },
  { clock: 'live', order: 'relaxed' },
];

/** For each line that a rule let be, why. */
const reasonsIn = ({ rules }: Counts): string[] =>
  [...rules]
    .flatMap(([id, { released, stayed }]) =>
      Object.entries({ ...released, stayed }).flatMap(([reason, lines]) => Array<string>(lines).fill(`${id}: ${reason}`)),
    )
    .toSorted();

test.each(OPTIONS)('does what the design says, in $clock and in $order order', PATIENCE, (options) => {
  fc.assert(
    fc.property(rulesFile, stream, (rules, input) => {
      const { expected, releases } = explain(rules, input, options);
      const { left: output, counts } = runCounted(rules, input, options);
      for (const source of new Set(input.flatMap((arrival) => arrival.source ?? []))) {
        const ours = expectedOutcomes(expected, input, source);
        const theirs = output.filter((line) => line.source === source).map(({ line }) => line);
        expect(actualOutcomes(theirs, ours)).toEqual(ours);
      }
      const why = releases.map(({ rule, reason }) => `${rule}: ${reason}`);
      expect(reasonsIn(counts)).toEqual(why.toSorted());
    }),
    { numRuns: 500 },
  );
});
