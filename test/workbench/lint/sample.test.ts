import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openEngine } from '../../../src/engine/engine.ts';
import { pushBytes } from '../../../src/io/pump-engine.ts';
import { withShadowsInForce } from '../../../src/rules/shadow.ts';
import type { RuleSet } from '../../../src/rules/rule.ts';
import { Sample, type Sampled } from '../../../src/workbench/lint/sample.ts';
import { rulesFile } from '../../support/arbitraries/rules-files.ts';
import { stream } from '../../support/arbitraries/streams.ts';
import { slices } from '../../support/feed.ts';
import { ROOMY, rulesOf } from '../../support/run.ts';

function sample(rules: RuleSet, logs: readonly (readonly Buffer[])[], order: 'strict' | 'relaxed' = 'strict'): Sampled {
  const made = new Sample(rules, { ...ROOMY, order });
  for (const [at, chunks] of logs.entries()) {
    const source = made.engine.source(`${at}.log`);
    const input = source.input({ write: () => {} });
    for (const chunk of chunks) pushBytes(made.engine, input, chunk, 0);
    input.end(0);
    source.end(0);
  }
  return made.result();
}

/** A line so many ms after the log began. */
const line = (at: number, level: 'error' | 'info', msg: string, more = {}): string =>
  `${JSON.stringify({ level, time: 1_758_800_000_000 + at, msg, ...more })}\n`;
const logOf = (...lines: readonly string[]): Buffer[] => [Buffer.from(lines.join(''))];

const HEALS = rulesOf(`version: 1
rules:
  - id: heals
    when: { level: error, msg: { starts_with: 'lost ' } }
    await: { success: [{ msg: connected }], within: 5s, silence: success, by: [{ first_of: [peer, hostnmae] }] }
    then: { level: info }
  - { id: disk, when: { level: error, msg: { contains: disk } }, then: { level: warn } }
`);

test('tells the longest hold, and how many lines waited behind it', () => {
  const log = logOf(
    line(0, 'error', 'lost a', { peer: 'a' }),
    line(10, 'info', 'tick'),
    line(20, 'info', 'connected', { peer: 'a' }),
    line(1_000, 'error', 'lost b', { peer: 'b' }),
    line(2_000, 'info', 'tick'),
    line(3_000, 'info', 'no log line at all'),
    line(3_500, 'info', 'connected', { peer: 'b' }),
  );
  const [heals, disk] = sample(HEALS, [log]).rules;
  expect(heals).toMatchObject({
    lines: 2,
    decided: { event: 2, silence: 0, nothing: 0 },
    longestHold: { source: '0.log', line: 4, millis: 2_500, behind: 2 },
  });
  expect(disk).toMatchObject({ lines: 0, longestHold: undefined });
  expect(sample(HEALS, [log], 'relaxed').rules[0]).toMatchObject({ longestHold: { millis: 2_500, behind: 0 } });
});

test('silence decides after the whole time, and nothing at the end of a log', () => {
  const log = logOf(
    line(0, 'error', 'lost a', { peer: 'a' }),
    line(4_000, 'info', 'tick'),
    line(60_000, 'info', 'tick'),
    line(61_000, 'error', 'lost b', { peer: 'b' }),
    line(61_500, 'info', 'tick'),
  );
  expect(sample(HEALS, [log]).rules[0]).toMatchObject({
    lines: 2,
    decided: { event: 0, silence: 1, nothing: 1 },
    longestHold: { line: 1, millis: 5_000, behind: 1 },
  });
});

test('names a field of the key that lines lack, and what they have instead', () => {
  const log = logOf(
    line(0, 'error', 'lost a'),
    line(1, 'error', 'lost a', { hostname: 'a' }),
    line(2, 'error', 'lost a', { peer: 'a' }),
  );
  expect(sample(HEALS, [log]).rules[0]!.missing).toEqual([{ field: 'peer or hostnmae', lines: 2, near: 'hostname' }]);
});

test('the time of a log is that from its first line to its last, and of several logs the sum', () => {
  const day = 86_400_000;
  const log = logOf('Starting up\n', line(0, 'info', 'a'), 'x'.repeat(20_000), '\n', line(2 * day, 'info', 'b'), 'bye');
  expect(sample(HEALS, [log]).span).toBe(2 * day);
  expect(sample(HEALS, [log, [], log]).span).toBe(4 * day);
  expect(sample(HEALS, [log, logOf('no time\n')]).span).toBeUndefined();
  expect(sample(HEALS, []).span).toBeUndefined();
});

test('counts what the engine counts, however the log is cut', () => {
  let waited = 0;
  fc.assert(
    fc.property(
      rulesFile,
      stream,
      fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 8 }),
      (file, arrivals, cuts) => {
        const rules = rulesOf(file);
        const log = Buffer.from(arrivals.flatMap((each) => (each.source === undefined ? [] : [`${each.line}\n`])).join(''));
        const found = sample(rules, [[log]]);
        const engine = openEngine(withShadowsInForce(rules), ROOMY);
        const source = engine.source('0.log');
        const input = source.input({ write: () => {} });
        input.push(log, 0);
        input.end(0);
        source.end(0);
        for (const { rule, lines, decided, expired, missing, longestHold } of found.rules) {
          const counts = engine.counts.rules.get(rule)!;
          expect({ lines, expired }).toEqual({ lines: counts.fitted, expired: counts.resting });
          expect(Object.fromEntries(missing.map(({ field, lines: count }) => [field, count]))).toEqual({ ...counts.missing });
          expect(decided.event + decided.silence + decided.nothing).toBeGreaterThanOrEqual(counts.held);
          expect(longestHold !== undefined).toBe(counts.held > 0);
          waited += counts.held;
        }
        expect(sample(rules, [slices(log, cuts)])).toEqual(found);
      },
    ),
    { numRuns: 60 },
  );
  expect(waited).toBeGreaterThan(20);
});
