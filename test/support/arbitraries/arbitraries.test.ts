import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Ending, Expected, Release } from '../oracle/expected.ts';
import { explain } from '../oracle/interpret.ts';
import { rulesFile } from './rules-files.ts';
import { stream } from './streams.ts';

const SAMPLES = 300;

type What = Ending | Release['reason'] | Expected['kind'] | 'then' | 'else' | 'rest' | 'over';

/** In how many of a hundred samples each occurs at least; if one went silent, the promises would be tested on nothing. */
const SAID: Readonly<Partial<Record<What, number>>> = {
  unchanged: 90,
  changed: 60,
  // how waits end
  success: 7,
  failure: 4,
  silence: 15,
  end: 20,
  protected: 6,
  'lookback success': 8,
  'lookback failure': 3,
  // what is done to lines
  then: 60,
  else: 9,
  rest: 3,
  over: 2,
  folded: 11,
  summary: 11,
  'over budget': 10,
  // why lines were released
  ended: 20,
  'no-key': 5,
  'no-message': 3,
  stayed: 5,
  raised: 3,
};
const AT_LEAST: Readonly<Record<'replay' | 'live', Readonly<Partial<Record<What, number>>>>> = {
  // Of a success whose time cannot be compared nothing comes.
  replay: { ...SAID, success: 7, 'lookback success': 6, 'lookback failure': 2, 'no time': 8, 'across clocks': 2 },
  live: { ...SAID, 'silence by the clock': 25, 'across clocks': 4 },
};

test.each(['replay', 'live'] as const)('in %s no part of the language stays silent', (clock) => {
  const counts = new Map<string, number>();
  // A fixed seed: the rates are the claim, not their luck.
  const samples = fc.sample(fc.tuple(rulesFile, stream), { numRuns: SAMPLES, seed: 20_250_101 });
  for (const [rules, input] of samples) {
    const { expected, endings, releases } = explain(rules, input, { clock, order: 'strict' });
    const happened = expected.flatMap((item): What[] => (item.kind === 'changed' ? [item.kind, item.decidedBy] : [item.kind]));
    for (const what of new Set<What>([...endings, ...releases.map(({ reason }) => reason), ...happened]))
      counts.set(what, (counts.get(what) ?? 0) + 1);
  }
  for (const [what, percent] of Object.entries(AT_LEAST[clock])) {
    expect.soft(((counts.get(what) ?? 0) * 100) / SAMPLES, what).toBeGreaterThanOrEqual(percent);
  }
});
