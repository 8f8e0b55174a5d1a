import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compilePlan } from '../../src/engine/plan.ts';
import { contradictionIn } from '../../src/rules/contradiction.ts';
import { areDisjoint } from '../../src/rules/disjoint.ts';
import type { Condition, Test } from '../../src/rules/rule.ts';
import { LineReader } from '../../src/workbench/line-reader.ts';
import { RuleReader } from '../../src/workbench/rule-reader.ts';
import { rulesFile } from '../support/arbitraries/rules-files.ts';
import { stream } from '../support/arbitraries/streams.ts';
import { rulesOf } from '../support/run.ts';

const whenOf = (when: string): Condition =>
  rulesOf(`version: 1\nrules: [{ id: a, when: ${when}, then: { note: x } }]\n`).rules[0]!.when;

const contradictions: readonly (readonly [when: string, isFound: boolean])[] = [
  ['{ level: error, all: [{ level: { at_most: warn } }] }', true],
  ['{ level: error, all: [{ level: { at_least: warn } }] }', false],
  ['{ level: error, not: { level: { at_least: warn } } }', true],
  ['{ level: { at_least: warn }, not: { level: error } }', false],
  ['{ ms: { gt: 5, lt: 3 } }', true],
  ['{ ms: { gt: 5, lt: 5 } }', true],
  ['{ ms: { gte: 5, lte: 5 } }', false],
  ['{ ms: { gte: 5, lt: 5.0 } }', true],
  ['{ ms: { gt: 9007199254740992, lt: 9007199254740994 } }', false],
  ['{ ms: { gt: 3, lt: 5 } }', false],
  ['{ all: [{ host: { in: [a] } }, { host: { in: [b] } }] }', true],
  ['{ all: [{ host: { in: [a] } }, { host: { in: [a, b] } }] }', false],
  ['{ all: [{ host: { in: [A], ignore_case: true } }, { host: a }] }', false],
  ['{ all: [{ host: a }, { name: b }] }', false],
  ['{ all: [{ n: 1 }, { n: "1" }] }', false],
  ['{ all: [{ n: 1 }, { n: "2" }] }', true],
  ['{ all: [{ n: 1 }, { n: 1.0 }] }', false],
  ['{ all: [{ n: true }, { n: "true" }] }', false],
  ['{ all: [{ n: true }, { n: false }] }', true],
  ['{ all: [{ n: true }, { n: 1 }] }', true],
  ['{ code: { exists: false, gt: 3 } }', true],
  ['{ code: { exists: true, gt: 3 } }', false],
  ['{ all: [{ msg: { starts_with: a } }, { msg: { in: [b, c] } }] }', true],
  ['{ all: [{ msg: { starts_with: a } }, { msg: { in: [b, ab] } }] }', false],
  ['{ all: [{ msg: { starts_with: disk } }, { msg: { starts_with: net } }] }', true],
  ['{ all: [{ msg: { starts_with: disk } }, { msg: { starts_with: disk a } }] }', false],
  ['{ all: [{ msg: { starts_with: disk } }, { msg: { glob: "net *" } }] }', true],
  ['{ all: [{ msg: { starts_with: disk a } }, { msg: { glob: disk } }] }', true],
  ['{ all: [{ msg: { starts_with: disk a } }, { msg: { glob: "disk*" } }] }', false],
  ['{ all: [{ msg: { ends_with: full } }, { msg: { ends_with: gone } }] }', true],
  ['{ all: [{ msg: disk full }, { msg: { matches: "^net" } }] }', true],
  ['{ all: [{ msg: disk full }, { msg: { matches: "^disk" } }] }', false],
  ['{ all: [{ msg: disk full }, { msg: { contains: net } }] }', true],
  ['{ all: [{ n: abc }, { n: { gt: 3 } }] }', true],
  ['{ msg: disk full, not: { msg: { contains: disk } } }', true],
  ['{ msg: { contains: disk }, not: { msg: { contains: disk full } } }', false],
  ['{ msg: a, any: [{ msg: b }, { msg: c }] }', true],
  ['{ msg: a, any: [{ msg: b }, { level: error }] }', false],
  ['{ any: [{ n: { gt: 5, lt: 3 } }, { all: [{ msg: a }, { msg: b }] }] }', true],
  ['{ any: [{ n: { gt: 5, lt: 3 } }, { msg: a }] }', false],
];

test.each(contradictions)('%s contradicts itself: %s', (when, isFound) => {
  expect(contradictionIn(whenOf(when)) !== undefined).toBe(isFound);
});

test('a condition with many alternatives is looked through in a moment', () => {
  const any = (name: string): string => `{ any: [${Array.from({ length: 60 }, (_, i) => `{ ${name}: ${i} }`).join(', ')}] }`;
  const when = whenOf(`{ all: [${['a', 'b', 'c', 'd', 'a', 'b'].map(any).join(', ')}, { a: none }] }`);
  const began = process.cpuUsage();
  contradictionIn(when);
  expect(process.cpuUsage(began).user).toBeLessThan(1_000_000);
});

const TEXTS = ['', 'a', 'A', 'ab', 'ba', 'b', '1', '1.0', 'true', 'TRUE', 'null', 'K', '\u{212A}'];
const DIGITS = ['1', '1.0', '2', '-95', '9007199254740992', '9007199254740993'];

const TESTS: readonly Test[] = [
  ...[true, false].map((exists): Test => ({ kind: 'exists', exists })),
  ...DIGITS.flatMap((digits) => (['gt', 'gte', 'lt', 'lte'] as const).map((kind): Test => ({ kind, digits }))),
  ...DIGITS.map((digits): Test => ({ kind: 'in', values: [{ kind: 'number', digits }], ignoreCase: false })),
  ...[true, false].map((value): Test => ({ kind: 'in', values: [{ kind: 'boolean', value }], ignoreCase: false })),
  { kind: 'in', values: [{ kind: 'null' }], ignoreCase: false },
  { kind: 'in', values: [{ kind: 'null' }, { kind: 'text', text: 'a' }, { kind: 'number', digits: '2' }], ignoreCase: false },
  ...[true, false].flatMap((ignoreCase) =>
    TEXTS.flatMap((text): Test[] => [
      { kind: 'in', values: [{ kind: 'text', text }], ignoreCase },
      ...(['contains', 'starts_with', 'ends_with', 'matches'] as const).map((kind): Test => ({ kind, text, ignoreCase })),
      ...[text, `${text}*`, `?${text}`, `${text}?*`].map((glob): Test => ({ kind: 'glob', globs: [glob], ignoreCase })),
    ]),
  ),
];

const VALUES = [
  ...TEXTS.map((text) => JSON.stringify(text)),
  ...DIGITS,
  '1e0',
  'true',
  'false',
  'null',
  '{}',
  '[1]',
  '"bab"',
  '"Kb"',
];
const LINES = [
  '{"level":"error","msg":"x"}',
  'level=error msg=x n',
  ...VALUES.map((value) => `{"level":"error","msg":"x","n":${value}}`),
  ...[...TEXTS, ...DIGITS, '1e0', 'bab', 'Kb', 'false'].flatMap((text) => [
    `level=error msg=x n=${text}`,
    `level=error msg=x n="${text}"`,
  ]),
];

test('no value of a line matches two tests that are disjoint', () => {
  const conditions = TESTS.map((each): Condition => ({ kind: 'field', path: 'n', test: each }));
  const ruleSet = { protect: conditions, rules: [] };
  const rules = new RuleReader(
    ruleSet,
    compilePlan(ruleSet).names,
    new LineReader({ format: 'auto', envelope: 'none', read: undefined }),
  );
  const matched = LINES.map((line) => {
    expect(rules.read({ bytes: Buffer.from(line), source: 's' })).toBe(true);
    return conditions.map((condition) => rules.matches(condition));
  });
  let disjoint = 0;
  for (const [i, a] of TESTS.entries())
    for (const [j, b] of TESTS.entries()) {
      if (!areDisjoint(a, b)) continue;
      disjoint += 1;
      const line = LINES.find((_, at) => matched[at]![i]! && matched[at]![j]!);
      if (line !== undefined) expect.fail(`${JSON.stringify([a, b])}: ${line}`);
    }
  expect(disjoint).toBeGreaterThan(TESTS.length ** 2 / 10);
});

test('a line never matches a condition that contradicts itself', () => {
  const reader = new LineReader({ format: 'auto', envelope: 'none', read: undefined });
  let found = 0;
  fc.assert(
    fc.property(rulesFile, stream, (file, arrivals) => {
      const ruleSet = rulesOf(file);
      const whens = ruleSet.rules.map(({ when }) => when);
      const pairs = whens.flatMap((a, i) => whens.slice(i + 1).map((b): Condition => ({ kind: 'all', of: [a, b] })));
      const never = [...whens, ...pairs].filter((condition) => contradictionIn(condition) !== undefined);
      if (never.length === 0) return;
      found += never.length;
      const rules = new RuleReader(ruleSet, compilePlan(ruleSet).names, reader);
      for (const arrival of arrivals) {
        if (arrival.source === undefined) continue;
        rules.read({ bytes: Buffer.from(arrival.line), source: arrival.source });
        if (rules.record.level === -1) continue;
        for (const condition of never) expect(rules.matches(condition)).toBe(false);
      }
    }),
    { numRuns: 500 },
  );
  expect(found).toBeGreaterThan(100);
});
