import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { RuleCounts } from '../../src/engine/counts.ts';
import { openEngine } from '../../src/engine/engine.ts';
import { runExamples } from '../../src/engine/examples.ts';
import type { RuleSet } from '../../src/rules/rule.ts';
import { rulesFile } from '../support/arbitraries/rules-files.ts';
import { stream } from '../support/arbitraries/streams.ts';
import type { Arrival } from '../support/oracle/expected.ts';
import { PATIENCE } from '../support/patience.ts';
import { ROOMY, rulesOf } from '../support/run.ts';

const CLOCKS = ['replay', 'live', 'order'] as const;

interface Outcome {
  readonly left: string;
  readonly counts: ReturnType<typeof openEngine>['counts'];
}

interface Sending {
  readonly clock: (typeof CLOCKS)[number];
  readonly order: 'strict' | 'relaxed';
  /** Where the bytes of a source are cut, again and again. */
  readonly chunk: number;
}

/** Sends lines through an engine as chunks that are cut anywhere, and gives all that leaves. */
function send(rules: RuleSet, input: readonly Arrival[], { clock, order, chunk }: Sending): Outcome {
  const engine = openEngine(rules, { ...ROOMY, clock, order, envelope: 'auto' });
  const sources = new Map<
    string,
    { readonly source: ReturnType<typeof engine.source>; readonly into: ReturnType<ReturnType<typeof engine.source>['input']> }
  >();
  let left = '';
  let now = 0;
  for (const arrival of input) {
    now = arrival.at;
    while (engine.nextDue() < now) engine.advance(engine.nextDue());
    if (arrival.source === undefined) {
      engine.advance(now);
      continue;
    }
    const { source: name, line } = arrival;
    let open = sources.get(name);
    if (open === undefined) {
      const source = engine.source(name);
      const into = source.input({
        write: (bytes, start, end) => (left += `${name} ${Buffer.from(bytes.subarray(start, end)).toString('latin1')}`),
      });
      sources.set(name, (open = { source, into }));
    }
    const bytes = Buffer.from(`${line}\n`);
    for (let at = 0; at < bytes.length; at += chunk) {
      const part = bytes.subarray(at, at + chunk);
      engine.room(part.length).set(part);
      open.into.pushFilled(part.length, now);
    }
  }
  for (const { source, into } of sources.values()) {
    into.end(now);
    source.end(now);
  }
  return { left: left.replaceAll(/\n\w+ (?=\n|$)/gu, '\n'), counts: engine.counts };
}

const inShadow = (rules: RuleSet, id: string): RuleSet => ({
  ...rules,
  rules: rules.rules.map((rule) => (rule.id === id ? { ...rule, shadow: true } : rule)),
});

test.each(CLOCKS)('a rule in shadow changes nothing, and counts what it would do, by clock %s', PATIENCE, (clock) => {
  let fitted = 0;
  fc.assert(
    fc.property(
      rulesFile,
      stream,
      fc.nat(),
      fc.constantFrom('strict', 'relaxed'),
      fc.integer({ min: 20, max: 400 }),
      (text, input, pick, order, chunk) => {
        const rules = rulesOf(text);
        const { id } = rules.rules[pick % rules.rules.length]!;
        const sending: Sending = { clock, order, chunk };
        const shadowed = send(inShadow(rules, id), input, sending);
        const without = send({ ...rules, rules: rules.rules.filter((rule) => rule.id !== id) }, input, sending);
        expect(shadowed.left).toBe(without.left);
        expect({ ...shadowed.counts, shadows: undefined }).toEqual({ ...without.counts, shadows: undefined });
        expect([...shadowed.counts.shadows.keys()]).toEqual([id]);

        const upTo = rules.rules.slice(0, rules.rules.findIndex((rule) => rule.id === id) + 1);
        const inForce = send({ ...rules, rules: upTo }, input, sending);
        const counted = shadowed.counts.shadows.get(id)!;
        expect(counted).toEqual(inForce.counts.rules.get(id));
        fitted += counted.fitted;
      },
    ),
    { numRuns: 60 },
  );
  expect(fitted).toBeGreaterThan(100);
});

const FOLDS = `
version: 1
rules:
  - id: first
    when: { msg: { contains: fail } }
    then: { level: info }
`;
const withShadow = (rest: string): RuleSet => rulesOf(`${FOLDS}  - id: tried\n    shadow: true\n${rest}`);
const LINE = 'level=error msg="it failed"\n';

test('a rule behind one in shadow gets its lines', () => {
  const rules = rulesOf(`
version: 1
rules:
  - { id: tried, shadow: true, when: { level: error }, then: { level: debug } }
  - { id: behind, when: { level: error }, then: { level: warn } }
`);
  const { left, counts } = send(rules, [{ source: 's', at: 0, line: LINE.trim() }], {
    clock: 'replay',
    order: 'strict',
    chunk: 9,
  });
  expect(left).toContain('level=warn');
  expect(counts.shadows.get('tried')).toMatchObject({ fitted: 1, lowered: 1 });
  expect(counts.rules.has('tried')).toBe(false);
});

test('a reload puts a rule into shadow, into force, and away, in the middle of a line', () => {
  const engine = openEngine(rulesOf(FOLDS), { ...ROOMY, clock: 'live' });
  let left = '';
  const source = engine.source('s');
  const into = source.input({ write: (bytes, start, end) => (left += Buffer.from(bytes.subarray(start, end)).toString()) });
  const push = (text: string): void => {
    engine.room(text.length).set(Buffer.from(text));
    into.pushFilled(text.length, 0);
  };
  const tried = '    when: { msg: { contains: other } }\n    then: { level: debug }\n';
  push('level=error msg="no o');
  engine.adopt(withShadow(tried), 0);
  push('ther, of which it saw a part"\nlevel=error msg=other\n');
  expect(engine.counts.shadows.get('tried')).toMatchObject({ fitted: 1, lowered: 1 });
  engine.adopt(rulesOf(`${FOLDS}  - id: tried\n${tried}`), 0);
  push('level=error msg=other\n');
  engine.adopt(rulesOf(FOLDS), 0);
  push('level=error msg=other\n');
  into.end(0);
  source.end(0);
  expect(left.split('\n').map((line) => line.split(' ')[0])).toEqual([
    'level=error',
    'level=error',
    'level=debug',
    'level=error',
    '',
  ]);
  expect(engine.counts.shadows.get('tried')).toMatchObject({ fitted: 1 });
  expect(engine.counts.rules.get('tried')).toMatchObject({ fitted: 1 });
});

test('lines that come one by one are seen, too', () => {
  const engine = openEngine(withShadow('    when: { level: error }\n    then: { level: debug }\n'), { ...ROOMY, clock: 'live' });
  const source = engine.source('s');
  const lines: string[] = [];
  const into = source.lineInput<string>({ same: (line) => lines.push(line), made: (bytes) => lines.push(bytes.toString()) });
  into.push('one', Buffer.from('level=error msg=one\n'), 0);
  into.end(0);
  source.end(0);
  expect(lines).toEqual(['one']);
  expect(engine.counts.shadows.get('tried')).toMatchObject({ lowered: 1 });
});

test('if a rule fails in shadow, the stream goes on, and whoever asks is told once', () => {
  const failures: string[] = [];
  const observer = {
    looks: () => {},
    waits: () => {},
    rests: () => {},
    spares: () => {},
    ends: () => {
      throw new Error('full');
    },
  };
  const rules = withShadow('    when: { level: error, msg: { contains: no } }\n    then: { level: debug }\n');
  const engine = openEngine(
    rules,
    { ...ROOMY, clock: 'live' },
    { shadows: { observer, onFailure: (id, error) => failures.push(`${id}: ${String(error)}`) } },
  );
  let left = '';
  const source = engine.source('s');
  const into = source.input({ write: (bytes, start, end) => (left += Buffer.from(bytes.subarray(start, end)).toString()) });
  for (const text of ['level=error msg="no"\n', LINE, 'level=error msg="no"\n']) into.push(Buffer.from(text), 0);
  engine.advance(5);
  into.end(9);
  source.end(9);
  expect(left.split('\n').map((line) => line.split(' ')[0])).toEqual(['level=error', 'level=info', 'level=error', '']);
  expect(failures).toEqual(['tried: Error: full']);
});

test('its examples run as if it were in force, and those of others as if it were not there', () => {
  const rules = rulesOf(`
version: 1
rules:
  - id: tried
    shadow: true
    when: { level: error }
    then: { level: debug }
    examples: [{ name: a, lines: [{ line: 'level=error msg=x', becomes: debug }] }]
  - id: behind
    when: { level: error }
    then: { level: warn }
    examples: [{ name: b, lines: [{ line: 'level=error msg=x', becomes: warn }] }]
`);
  expect(runExamples(rules, ROOMY)).toEqual([]);
});

test('counts of several rules are each their own', () => {
  const rules = rulesOf(`
version: 1
rules:
  - { id: a, shadow: true, when: { level: error }, then: { level: debug } }
  - { id: b, shadow: true, when: { level: error }, then: { level: warn }, repeat: { by: [], window: 1m } }
`);
  const input = [0, 1, 2].map((at): Arrival => ({ source: 's', at, line: LINE.trim() }));
  const { counts } = send(rules, input, { clock: 'replay', order: 'strict', chunk: 100 });
  const of = ({ fitted, lowered, folded }: RuleCounts): number[] => [fitted, lowered, folded];
  expect(of(counts.shadows.get('a')!)).toEqual([3, 3, 0]);
  expect(of(counts.shadows.get('b')!)).toEqual([3, 1, 2]);
});
