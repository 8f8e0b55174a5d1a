import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RELEASES, type RuleCounts } from '../../src/engine/counts.ts';
import { openEngine } from '../../src/engine/engine.ts';
import type { Ending, Observer } from '../../src/engine/observer.ts';
import { LEVELS } from '../../src/record/level.ts';
import { rulesFile } from '../support/arbitraries/rules-files.ts';
import { stream } from '../support/arbitraries/streams.ts';
import { feed, slices } from '../support/feed.ts';
import { ROOMY, rulesOf } from '../support/run.ts';

/** What an observer was told of one line. */
interface Told {
  readonly rule: string;
  readonly ending: Ending;
  readonly was: string;
  readonly level: string;
  readonly text: string;
}

/** Runs lines through an engine that is observed, and gives what it told, by line. */
function observe(rules: string, chunks: readonly Buffer[]) {
  const told = new Map<number, Told[]>();
  const waits = new Map<string, number>();
  const rests = new Map<string, number>();
  const counted = (map: Map<string, number>, id: string): void => void map.set(id, (map.get(id) ?? 0) + 1);
  const observer: Observer = {
    looks: () => {},
    waits: ({ rule }) => counted(waits, rule.rule.id),
    ends: ({ judged, ending, level }) => {
      const { number, rule, record } = judged;
      const one = { rule: rule.rule.id, ending, was: LEVELS[judged.level], level: LEVELS[level], text: record.line };
      told.set(number, [...(told.get(number) ?? []), one]);
    },
    rests: ({ rule }) => counted(rests, rule.id),
    spares: () => {},
  };
  const engine = openEngine(rulesOf(rules), ROOMY, { observer });
  const source = engine.source('source');
  const output: Buffer[] = [];
  const input = source.input({ write: (bytes, start, end) => output.push(Buffer.from(bytes.subarray(start, end))) });
  for (const chunk of chunks) input.push(chunk, 0);
  input.end(0);
  source.end(0);
  return { told, waits, rests, counts: engine.counts, output: Buffer.concat(output) };
}

const lines = stream.map((arrivals) => arrivals.flatMap((arrival) => (arrival.source === undefined ? [] : [arrival.line])));
const sizes = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 9 });

test('tells one ending of each line that a rule judges, and they add up to what is counted', () => {
  const seen = new Set<Ending>();
  fc.assert(
    fc.property(rulesFile, lines, sizes, (rules, texts, by) => {
      const input = Buffer.from(texts.map((text) => `${text}\n`).join(''));
      const { told, waits, rests, counts, output } = observe(rules, slices(input, by));
      expect(output).toEqual(feed(rulesOf(rules), [input]).output);
      const all = [...told.values()].flat();
      expect(all).toHaveLength(told.size);
      for (const [number, [only]] of told) {
        // Of a record of several lines, the first has its number.
        expect(only!.text.split('\n')[0]!.replace(/\r$/u, '')).toBe(texts[number - 1]!.split('\n')[0]!.replace(/\r$/u, ''));
        seen.add(only!.ending);
      }
      for (const [id, count] of counts.rules) {
        const endings = all.filter(({ rule }) => rule === id);
        const of = (...ending: Ending[]): number => endings.filter((each) => ending.includes(each.ending)).length;
        expect(endings).toHaveLength(count.fitted);
        expect({
          held: waits.get(id) ?? 0,
          resting: rests.get(id) ?? 0,
          folded: of('folded'),
          failed: of('else'),
          changed: of('then', 'first', 'rest'),
          released: Object.fromEntries(RELEASES.map((reason) => [reason, of(reason)])),
        }).toEqual(summed(count));
      }
    }),
    { numRuns: 300 },
  );
  expect([...seen]).toEqual(expect.arrayContaining(['then', 'first', 'rest', 'folded', 'else', 'failure', 'silence', 'no-key']));
});

const summed = ({ held, resting, folded, failed, lowered, stayed, raised, released }: RuleCounts) => ({
  held,
  resting,
  folded,
  failed,
  changed: lowered + stayed + raised,
  released,
});

test('tells the level before and after, also of a line that waited, and what decided', () => {
  const rules = `version: 1
rules:
  - id: heals
    when: { level: error, msg: failed }
    await: { success: [{ msg: works }], within: 5s }
    then: { level: debug }
`;
  const decided: unknown[] = [];
  const observer: Observer = {
    looks: ({ line }) => decided.push(line),
    waits: ({ number }, key) => decided.push(['waits', number, key]),
    ends: ({ judged, ending, level, decided: by }) => decided.push([judged.number, ending, judged.level, level, by?.why]),
    rests: () => {},
    spares: () => {},
  };
  const engine = openEngine(rulesOf(rules), ROOMY, { observer });
  const input = engine.source('source').input({ write: () => {} });
  for (const [time, level, msg] of [
    [1000, 30, 'begins'],
    [2000, 50, 'failed'],
    [2040, 30, 'works'],
  ] as const)
    input.push(Buffer.from(`${JSON.stringify({ level, time: 1.7e12 + time, msg })}\n`), 0);
  // It is looked at twice: when it comes, and when the next line shows that none continues it.
  expect(decided).toEqual([2, 2, ['waits', 2, ''], 3, [2, 'then', 4, 1, 'success after 40 ms']]);
});

test('tells which rule an expired rule and a protected line would have had', () => {
  const rules = `version: 1
protect: [{ msg: { contains: lost } }]
rules:
  - { id: old, until: 2020-01-01, when: { msg: { contains: disk } }, then: { level: debug } }
  - { id: new, when: { msg: { contains: disk } }, then: { level: debug } }
`;
  const told: string[] = [];
  const observer: Observer = {
    looks: () => {},
    waits: () => {},
    ends: ({ judged }) => told.push(`ends ${judged.rule.rule.id}`),
    rests: ({ rule }) => told.push(`rests ${rule.id}`),
    spares: ({ rule }) => told.push(`spares ${rule.id}`),
  };
  const input = openEngine(rulesOf(rules), ROOMY, { observer })
    .source('source')
    .input({ write: () => {} });
  input.push(Buffer.from('{"level":50,"time":1700000000000,"msg":"disk lost"}\n'), 0);
  expect(told).toEqual(['rests old', 'spares new']);
});
