import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Counts } from '../../src/engine/counts.ts';
import { openEngine } from '../../src/engine/engine.ts';
import { restoreLine } from '../../src/engine/edit/restore.ts';
import type { EngineSettings } from '../../src/engine/settings.ts';
import type { RuleSet } from '../../src/rules/rule.ts';
import { rulesFile } from '../support/arbitraries/rules-files.ts';
import { stream } from '../support/arbitraries/streams.ts';
import { ROOMY, rulesOf, type Arrival } from '../support/run.ts';

interface Outcome {
  readonly lines: readonly string[];
  readonly counts: Counts;
}

/** Sends lines through an engine that, before the n-th of them, adopts the rules that `reloads` has for n. */
function play(
  first: RuleSet,
  input: readonly Arrival[],
  reloads: ReadonlyMap<number, RuleSet>,
  settings: Partial<EngineSettings> = {},
): Outcome {
  const engine = openEngine(first, { ...ROOMY, maxRecord: 0, ...settings });
  const chunks: Buffer[] = [];
  const source = engine.source('test');
  const stdin = source.input({ write: (bytes, start, end) => chunks.push(Buffer.from(bytes.subarray(start, end))) });
  const isTimed = settings.clock === 'live';
  let now = 0;
  input.forEach((arrival, n) => {
    if (isTimed) now = arrival.at;
    while (isTimed && engine.nextDue() < now) engine.advance(engine.nextDue());
    const rules = reloads.get(n);
    if (rules !== undefined) engine.adopt(rules, now);
    if (arrival.source !== undefined) stdin.push(Buffer.from(`${arrival.line}\n`), now);
    else if (isTimed) engine.advance(now);
  });
  stdin.end(now);
  source.end(now);
  return { lines: Buffer.concat(chunks).toString('latin1').split('\n').slice(0, -1), counts: engine.counts };
}

const UNRELATED = `
  - { id: unrelated, when: { other_field: { contains: never-there } }, await: { success: [{ another: x }], within: 1s }, then: { level: debug } }
  - { id: unrelated-too, when: { a_third: never-there }, then: { level: info }, repeat: { by: [a_third], window: 1s, rest: fold } }`;

const places = fc.uniqueArray(fc.nat({ max: 40 }), { minLength: 1, maxLength: 6 });
const settings = fc.record({
  clock: fc.constantFrom('replay' as const, 'live' as const),
  order: fc.constantFrom('strict' as const, 'relaxed' as const),
});
const tight = fc.record({
  clock: fc.constantFrom('replay' as const, 'live' as const),
  order: fc.constant('strict' as const),
  holdLines: fc.integer({ min: 0, max: 4 }),
  holdBytes: fc.integer({ min: 0, max: 600 }),
  groups: fc.integer({ min: 1, max: 3 }),
});

describe('rules that stay the same', () => {
  test('do the same, wherever they are read again', () => {
    let held = 0;
    fc.assert(
      fc.property(rulesFile, stream, places, settings, (text, input, at, chosen) => {
        const quiet = play(rulesOf(text), input, new Map(), chosen);
        const reloaded = play(rulesOf(text), input, new Map(at.map((n) => [n, rulesOf(text)])), chosen);
        expect(reloaded).toEqual(quiet);
        for (const count of quiet.counts.rules.values()) held += count.held;
      }),
      { numRuns: 500 },
    );
    expect(held).toBeGreaterThan(500);
  });

  test('do the same when others come and go around them', () => {
    fc.assert(
      fc.property(rulesFile, stream, places, settings, (text, input, at, chosen) => {
        const more = text.replace('\nrules:', `\nrules:${UNRELATED}`);
        const reloads = at.toSorted((a, b) => a - b).map((n, i) => [n, rulesOf(i % 2 === 0 ? more : text)] as const);
        expect(play(rulesOf(text), input, new Map(reloads), chosen).lines).toEqual(
          play(rulesOf(text), input, new Map(), chosen).lines,
        );
      }),
      { numRuns: 500 },
    );
  });
});

describe('other rules', () => {
  test('lose no line', () => {
    let released = 0;
    fc.assert(
      fc.property(rulesFile, rulesFile, stream, places, fc.oneof(settings, tight), (one, other, input, at, chosen) => {
        const reloads = at.map((n, i) => [n, rulesOf(i % 2 === 0 ? other : one)] as const);
        const { lines, counts } = play(rulesOf(one), input, new Map(reloads), chosen);
        expect(counts.linesIn).toBe(input.filter(({ source }) => source !== undefined).length);
        expect(counts.unchanged + counts.changed + counts.folded).toBe(counts.linesIn);
        expect(lines).toHaveLength(counts.unchanged + counts.changed + counts.summaries);
        const repeats = lines.map((line) => Number(/(?:"repeats":|relevel\.repeats=)(\d+)/u.exec(line)?.[1] ?? 0));
        expect(repeats.reduce((sum, each) => sum + each, 0)).toBe(counts.folded);
        for (const count of counts.rules.values()) released += count.released.reload;
      }),
      { numRuns: 500 },
    );
    expect(released).toBeGreaterThan(50);
  });

  test('keep the order', () => {
    fc.assert(
      fc.property(rulesFile, rulesFile, stream, places, tight, (one, other, input, at, chosen) => {
        const reloads = at.map((n, i) => [n, rulesOf(i % 2 === 0 ? other : one)] as const);
        const { lines } = play(rulesOf(one), input, new Map(reloads), chosen);
        const came = input.flatMap((arrival) => (arrival.source === undefined ? [] : [latin1(arrival.line)]));
        let next = 0;
        for (const line of lines) {
          if (/"repeats":|relevel\.repeats=/u.test(line)) continue;
          // A line may have come with an annotation already: whichever it was that came first.
          const restored = restoreLine(Buffer.from(line, 'latin1'))?.toString('latin1') ?? line;
          const found = [line, restored].map((text) => came.indexOf(text, next)).filter((place) => place !== -1);
          expect(found, line).not.toEqual([]);
          next = Math.min(...found) + 1;
        }
      }),
      { numRuns: 300 },
    );
  });
});

const latin1 = (text: string): string => Buffer.from(text).toString('latin1');

const RULES = `version: 1
rules:
  - id: waits
    when: { msg: failed }
    await: { success: [{ msg: ready }], within: 1m, by: [pid], lookback: 5s }
    then: { level: debug, note: NOTE }
  - id: folds
    when: { msg: again }
    then: { level: info }
    repeat: { by: [], window: 1h, rest: fold }
    budget: { lines: BUDGET, per: 1h }
`;
const rules = (note: string, budget: number): RuleSet => rulesOf(RULES.replace('NOTE', note).replace('BUDGET', String(budget)));

const line = (msg: string, second: number): string => JSON.stringify({ level: 50, time: 1e12 + second * 1000, pid: 1, msg });
const arrivals = (...lines: string[]): Arrival[] => lines.map((text) => ({ source: 'test', at: 0, line: text }));
const fates = (lines: readonly string[]): string[] =>
  lines.map((text) => {
    const { level, msg, relevel } = JSON.parse(text) as { level: number; msg: string; relevel?: { repeats?: number } };
    return `${msg} ${level}${relevel?.repeats === undefined ? '' : ` for ${relevel.repeats}`}`;
  });

test('a wait of a rule that changed is released unchanged, one of a rule that stays goes on', () => {
  const input = arrivals(line('failed', 0), line('ready', 1));
  expect(fates(play(rules('a', 9), input, new Map([[1, rules('b', 9)]])).lines)).toEqual(['failed 50', 'ready 50']);
  expect(fates(play(rules('a', 9), input, new Map([[1, rules('a', 8)]])).lines)).toEqual(['failed 20', 'ready 50']);
});

test('a group of a rule that changed is summarised, one of a rule that stays goes on', () => {
  const input = arrivals(line('again', 0), line('again', 1), line('again', 2), line('again', 3));
  const changed = play(rules('a', 9), input, new Map([[2, rules('a', 8)]])).lines;
  expect(fates(changed)).toEqual(['again 30', 'again 30 for 1', 'again 30', 'again 30 for 1']);
  expect(fates(play(rules('a', 9), input, new Map([[2, rules('b', 9)]])).lines)).toEqual(['again 30', 'again 30 for 3']);
});

test('what was seen before is looked back at, unless the rule changed', () => {
  const input = arrivals(line('ready', 0), line('failed', 1));
  expect(fates(play(rules('a', 9), input, new Map([[1, rules('a', 8)]])).lines)).toEqual(['ready 50', 'failed 20']);
  expect(fates(play(rules('a', 9), input, new Map([[1, rules('b', 9)]])).lines)).toEqual(['ready 50', 'failed 50']);
});

test('a budget that is used up stays so', () => {
  const input = arrivals(line('again', 0), line('again', 1), line('again', 2));
  expect(fates(play(rules('a', 2), input, new Map([[2, rules('b', 2)]])).lines)).toEqual([
    'again 30',
    'again 50',
    'again 30 for 1',
  ]);
});

test('no counter falls, and rules that never did anything leave none behind', () => {
  const input = arrivals(line('again', 0), line('again', 1));
  const { counts } = play(rules('a', 9), input, new Map([[1, { protect: [], rules: [] }]]));
  expect([...counts.rules.keys()]).toEqual(['folds']);
  expect(counts.rules.get('folds')).toMatchObject({ fitted: 1, lowered: 1 });
  expect(counts.unchanged + counts.changed).toBe(2);
});
