import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Counts } from '../../src/engine/counts.ts';
import { BASE } from '../support/arbitraries/alphabet.ts';
import { rulesFile, rulesFileThatReads } from '../support/arbitraries/rules-files.ts';
import { stream, streamFrom } from '../support/arbitraries/streams.ts';
import type { Arrival, Options } from '../support/oracle/expected.ts';
import { explain } from '../support/oracle/interpret.ts';
import { actualOutcomes, expectedOutcomes } from '../support/oracle/outcome.ts';
import { readRules } from '../support/oracle/rules.ts';
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

const withoutGelf = (arrival: Arrival): Arrival =>
  arrival.line === undefined ? arrival : { ...arrival, line: arrival.line.replaceAll('short_message', 'text') };

/** The engine does what the design says with this input. */
function agree(rules: string, drawn: readonly Arrival[], { zone = UTC_TABLE, ...options }: Options): void {
  // GELF's number is syslog's, whatever an operator says of numbers: where both hold, the engine keeps a message that it could write.
  const input = rules.includes('numbers: ') ? drawn.map(withoutGelf) : drawn;
  const { reading } = readRules(rules);
  const { expected, releases } = explain(rules, input, { ...options, zone });
  const { left: output, counts } = runCounted(rules, input, {
    ...options,
    envelope: 'auto',
    zone: { offsetAt: (instant) => offsetAt(zone, instant) },
  });
  for (const source of new Set(input.flatMap((arrival) => arrival.source ?? []))) {
    const ours = expectedOutcomes(expected, input, source, reading);
    const theirs = output.filter((line) => line.source === source).map(({ line }) => line);
    expect(actualOutcomes(theirs, ours, reading)).toEqual(ours);
  }
  const why = releases.map(({ rule, reason }) => `${rule}: ${reason}`);
  expect(reasonsIn(counts)).toEqual(why.toSorted());
}

test.each(OPTIONS)('does what the design says, by clock $clock and in $order order', PATIENCE, (options) => {
  fc.assert(
    fc.property(rulesFileThatReads, stream, (rules, input) => agree(rules, input, options)),
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
  expect(decided).toBeGreaterThan(4);
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

/** Within seconds of which clocks of the zone that rules name show an hour again, or leave one out. */
const CHANGES: readonly (readonly [zone: string, change: number, walls: number])[] = [
  ['Europe/Berlin', Date.UTC(2024, 9, 27, 1), 2 * HOUR],
  ['America/New_York', Date.UTC(2024, 10, 3, 6), -4 * HOUR],
];

test.each(CHANGES)('does so in the zone %s that rules name, when its clocks are set back', PATIENCE, (zone, change, offset) => {
  const clock = fc.constantFrom('replay' as const, 'live' as const);
  const from = fc.constantFrom(0, offset, offset - HOUR);
  fc.assert(
    fc.property(
      rulesFile,
      from.chain((by) => streamFrom(change - 5000 + by)),
      clock,
      (rules, input, each) => {
        const named = `version: 1\nread: { zone: ${zone} }\n${rules.replace(/^version: 1\n(?:read: .*\n)?/u, '')}`;
        agree(named, input, { clock: each, order: 'strict' });
      },
    ),
    { numRuns: 150 },
  );
});

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
