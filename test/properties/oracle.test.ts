import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Counts } from '../../src/engine/counts.ts';
import { BASE } from '../support/arbitraries/alphabet.ts';
import { rulesFile } from '../support/arbitraries/rules-files.ts';
import { stream, streamFrom } from '../support/arbitraries/streams.ts';
import type { Arrival, Options } from '../support/oracle/expected.ts';
import { explain } from '../support/oracle/interpret.ts';
import { actualOutcomes, expectedOutcomes } from '../support/oracle/outcome.ts';
import { offsetAt, UTC_TABLE, type ZoneTable } from '../support/oracle/times.ts';
import { PATIENCE } from '../support/patience.ts';
import { runCounted } from '../support/run.ts';

const OPTIONS: readonly Options[] = (['replay', 'live', 'order'] as const).flatMap((clock) =>
  (['strict', 'relaxed'] as const).map((order) => ({ clock, order })),
);

/** For each line that a rule let be, why. */
const reasonsIn = ({ rules }: Counts): string[] =>
  [...rules]
    .flatMap(([id, { released, stayed }]) =>
      Object.entries({ ...released, stayed }).flatMap(([reason, lines]) => Array<string>(lines).fill(`${id}: ${reason}`)),
    )
    .toSorted();

/** The engine does what the design says with this input. */
function agree(rules: string, input: readonly Arrival[], { zone = UTC_TABLE, ...options }: Options): void {
  const { expected, releases } = explain(rules, input, { ...options, zone });
  const { left: output, counts } = runCounted(rules, input, {
    ...options,
    envelope: 'auto',
    zone: { offsetAt: (instant) => offsetAt(zone, instant) },
  });
  for (const source of new Set(input.flatMap((arrival) => arrival.source ?? []))) {
    const ours = expectedOutcomes(expected, input, source);
    const theirs = output.filter((line) => line.source === source).map(({ line }) => line);
    expect(actualOutcomes(theirs, ours)).toEqual(ours);
  }
  const why = releases.map(({ rule, reason }) => `${rule}: ${reason}`);
  expect(reasonsIn(counts)).toEqual(why.toSorted());
}

test.each(OPTIONS)('does what the design says, by clock $clock and in $order order', PATIENCE, (options) => {
  fc.assert(
    fc.property(rulesFile, stream, (rules, input) => agree(rules, input, options)),
    { numRuns: 350 },
  );
});

/** Most of their waits end with the process, if they are open then. */
const rulesOfExits = rulesFile.map((text) =>
  text.replaceAll('success: [ready', 'success: [ended, ready').replaceAll('failure: [refused', 'failure: [{ $exit: 1 }, refused'),
);

test.each(OPTIONS)('knows what the end of a process means, by clock $clock and in $order order', PATIENCE, (options) => {
  const code = fc.constantFrom(0, 1, 3, 143);
  let decided = 0;
  fc.assert(
    fc.property(rulesOfExits, stream, fc.integer({ min: 1, max: 100 }), code, (rules, whole, percent, exit) => {
      // Mostly while something waits.
      const input = whole.slice(0, Math.ceil((whole.length * percent) / 100));
      decided += explain(rules, input, { ...options, exit }).endings.filter((ending) => ending === 'exit').length;
      agree(rules, input, { ...options, exit });
    }),
    { numRuns: 150 },
  );
  expect(decided).toBeGreaterThan(10);
});

const HOUR = 3_600_000;

/** Zones whose clocks are set within a stream, by which an hour is there twice, or is left out; and one that is never set. */
const zones: readonly (readonly [name: string, zone: ZoneTable])[] = [
  [
    'repeat an hour',
    [
      { from: -Infinity, offset: -4 * HOUR },
      { from: BASE + 5000, offset: -5 * HOUR },
    ],
  ],
  [
    'leave out an hour',
    [
      { from: -Infinity, offset: 0 },
      { from: BASE + 5000, offset: HOUR },
    ],
  ],
  ['are at five and a half hours', [{ from: -Infinity, offset: 5.5 * HOUR }]],
];

test.each(zones)('does so in a zone whose clocks %s', PATIENCE, (_, zone) => {
  const clock = fc.constantFrom('replay' as const, 'live' as const);
  // Clocks of the zone show around midnight what the lines say, and are set there.
  const from = fc.constantFrom(0, ...zone.map(({ offset }) => offset));
  fc.assert(
    fc.property(
      rulesFile,
      from.chain((offset) => streamFrom(BASE + offset)),
      clock,
      (rules, input, each) => agree(rules, input, { clock: each, order: 'strict', zone }),
    ),
    { numRuns: 200 },
  );
});
