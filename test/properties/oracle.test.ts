import fc from 'fast-check';
import { expect, test } from 'vitest';
import { rulesFile } from '../support/arbitraries/rules-files.ts';
import { stream } from '../support/arbitraries/streams.ts';
import type { Options } from '../support/oracle/expected.ts';
import { interpret } from '../support/oracle/interpret.ts';
import { actualOutcomes, expectedOutcomes } from '../support/oracle/outcome.ts';
import { run } from '../support/run.ts';
import { PATIENCE } from '../support/patience.ts';

const OPTIONS: readonly Options[] = [
  { clock: 'replay', order: 'strict' },
  { clock: 'replay', order: 'relaxed' },
  { clock: 'live', order: 'strict' },
  { clock: 'live', order: 'relaxed' },
];

test.each(OPTIONS)('does what the design says, in $clock and in $order order', PATIENCE, (options) => {
  fc.assert(
    fc.property(rulesFile, stream, (rules, input) => {
      const expected = interpret(rules, input, options);
      const output = run(rules, input, options);
      for (const source of new Set(input.flatMap((arrival) => arrival.source ?? []))) {
        const ours = expectedOutcomes(expected, input, source);
        const theirs = output.filter((line) => line.source === source).map(({ line }) => line);
        expect(actualOutcomes(theirs, ours)).toEqual(ours);
      }
    }),
    { numRuns: 500 },
  );
});
