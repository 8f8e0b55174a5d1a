import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadRules } from '../../src/rules/load.ts';
import { formatProblem, RulesError } from '../../src/rules/problem.ts';
import type { Condition, Rule, RuleSet, Test } from '../../src/rules/rule.ts';

const DESIGN = readFileSync(join(import.meta.dirname, '../../fixtures/rules-good/design.yaml'), 'utf8');

/** The rules of a text that has no problems. */
function load(text: string, name = 'rules.yaml'): RuleSet {
  const { ruleSet, problems } = loadRules([{ name, text }]);
  expect(problems.map(formatProblem)).toEqual([]);
  expect(JSON.parse(JSON.stringify(ruleSet))).toEqual(ruleSet);
  return ruleSet;
}

const NAMED = `
lists: { virtual: [veth*, br-*], codes: [95, -95, EOPNOTSUPP], none: [], dollar: [$x] }
events:
  ready: { outcome: ready }
  quiet: { not: { is: ready } }
`;

const conditionOf = (written: string): Condition =>
  load(`version: 1${NAMED}rules: [ { id: a, when: ${written} } ]`).rules[0]!.when;

const field = (path: string, asked: Test): Condition => ({ kind: 'field', path, test: asked });
const text = (written: string) => ({ kind: 'text', text: written }) as const;
const number = (digits: string) => ({ kind: 'number', digits }) as const;
const equal = (path: string, ...values: Extract<Test, { kind: 'in' }>['values']): Condition =>
  field(path, { kind: 'in', values, ignoreCase: false });
const all = (...of: Condition[]): Condition => ({ kind: 'all', of });
const any = (...of: Condition[]): Condition => ({ kind: 'any', of });
const not = (of: Condition): Condition => ({ kind: 'not', of });
const READY = equal('outcome', text('ready'));

const conditions: readonly [written: string, condition: Condition][] = [
  ['{}', all()],
  ['{ all: [] }', all()],
  ['{ any: [] }', any()],
  ['{ not: {} }', not(all())],
  ['{ all: [ { a: x } ] }', all(equal('a', text('x')))],
  ['{ code: EIO }', equal('code', text('EIO'))],
  ["{ code: '95' }", equal('code', text('95'))],
  ["{ code: '' }", equal('code', text(''))],
  ['{ code: 95 }', equal('code', number('95'))],
  ['{ code: 1.0 }', equal('code', number('1.0'))],
  ['{ code: -1e3 }', equal('code', number('-1e3'))],
  ['{ code: 12345678901234567890123 }', equal('code', number('12345678901234567890123'))],
  ['{ code: true }', equal('code', { kind: 'boolean', value: true })],
  ['{ code: null }', equal('code', { kind: 'null' })],
  ['{ code: }', equal('code', { kind: 'null' })],
  ['{ code: $virtual }', equal('code', text('$virtual'))],
  ['{ until: 2027-12-31 }', equal('until', text('2027-12-31'))],
  ['{ error.code: x, $line: y }', all(equal('error.code', text('x')), equal('$line', text('y')))],
  ['{ constructor: x, toString: y }', all(equal('constructor', text('x')), equal('toString', text('y')))],
  ['{ fields: { level: x, is: y } }', all(equal('level', text('x')), equal('is', text('y')))],
  ['{ a: { in: [1, x, null] } }', equal('a', number('1'), text('x'), { kind: 'null' })],
  ['{ a: { in: $codes } }', equal('a', number('95'), number('-95'), text('EOPNOTSUPP'))],
  ['{ a: { in: [x, $codes, y] } }', equal('a', text('x'), number('95'), number('-95'), text('EOPNOTSUPP'), text('y'))],
  ['{ a: { in: $none } }', equal('a')],
  ['{ a: { in: $dollar } }', equal('a', text('$x'))],
  ['{ a: { glob: $virtual } }', field('a', { kind: 'glob', globs: ['veth*', 'br-*'], ignoreCase: false })],
  ['{ a: { glob: [x, $virtual] } }', field('a', { kind: 'glob', globs: ['x', 'veth*', 'br-*'], ignoreCase: false })],
  ['{ a: { glob: x* } }', field('a', { kind: 'glob', globs: ['x*'], ignoreCase: false })],
  ['{ a: { contains: x, ignore_case: true } }', field('a', { kind: 'contains', text: 'x', ignoreCase: true })],
  ['{ a: { starts_with: x } }', field('a', { kind: 'starts_with', text: 'x', ignoreCase: false })],
  ['{ a: { ends_with: x } }', field('a', { kind: 'ends_with', text: 'x', ignoreCase: false })],
  ["{ a: { matches: '^\\t[a-z]+$' } }", field('a', { kind: 'matches', text: '^\\t[a-z]+$', ignoreCase: false })],
  ['{ a: { exists: false } }', field('a', { kind: 'exists', exists: false })],
  ['{ a: { gte: 1, lt: 2.5 } }', all(field('a', { kind: 'gte', digits: '1' }), field('a', { kind: 'lt', digits: '2.5' }))],
  ['{ a: { gt: 1, lte: 2 } }', all(field('a', { kind: 'gt', digits: '1' }), field('a', { kind: 'lte', digits: '2' }))],
  ['{ level: warn }', { kind: 'level', levels: [3] }],
  ['{ level: { in: [fatal, info] } }', { kind: 'level', levels: [2, 6] }],
  ['{ level: { at_least: warn } }', { kind: 'level', levels: [3, 4, 5, 6] }],
  ['{ level: critical }', { kind: 'level', levels: [5], namesCritical: true }],
  ['{ level: { at_least: critical } }', { kind: 'level', levels: [5, 6], namesCritical: true }],
  ['{ level: { in: [error, critical] } }', { kind: 'level', levels: [4, 5], namesCritical: true }],
  ['{ level: { at_least: debug, at_most: info } }', { kind: 'level', levels: [1, 2] }],
  ['{ is: ready }', READY],
  ['{ is: quiet }', not(READY)],
  ['{ is: ready, a: x }', all(equal('a', text('x')), READY)],
  ['{ a: &same x, b: *same }', all(equal('a', text('x')), equal('b', text('x')))],
  ["{ a: !!str 5, 'b c': 'it''s' }", all(equal('a', text('5')), equal('b c', text("it's")))],
];

test.each(conditions)('reads the condition %s', (written, condition) => {
  expect(conditionOf(written)).toEqual(condition);
});

const ruleOf = (written: string): Rule =>
  load(`version: 1\nevents: { ready: { outcome: ready } }\nrules: [ { id: a, when: {}, ${written} } ]`).rules[0]!;

const NO_CHECKS = { kind: 'checks', level: undefined, rule: undefined, msg: undefined, note: undefined, why: undefined } as const;
const READY_EVENT = { name: 'ready', condition: READY };
const ALONE = { success: [], failure: [], within: 1000, silence: 'success', by: [], lookback: undefined } as const;

const parts: readonly [written: string, part: Partial<Rule>][] = [
  ['', { file: 'rules.yaml', why: undefined, refs: [], until: undefined, await: undefined, then: undefined, examples: [] }],
  ['until: 2027-12-31', { until: Date.UTC(2028, 0, 1) }],
  ["until: '2027-12-31T12:00:00.5+01:00'", { until: Date.UTC(2027, 11, 31, 11, 0, 0, 500) }],
  ['await: { within: 1s, silence: success }', { await: ALONE }],
  [
    'await: { within: 1s, success: [ready], silence: failure }',
    { await: { ...ALONE, success: [READY_EVENT], silence: 'failure' } },
  ],
  ['await: { within: 1s, success: [ready] }', { await: { ...ALONE, success: [READY_EVENT], silence: 'failure' } }],
  [
    'await: { within: 1s, silence: success, failure: [ { is: ready } ] }',
    { await: { ...ALONE, failure: [{ name: 'failure', condition: READY }] } },
  ],
  [
    'await: { within: 1s, success: [ { is: ready } ], lookback: 0s }',
    { await: { ...ALONE, success: [{ name: 'success', condition: READY }], silence: 'failure', lookback: 0 } },
  ],
  [
    'await: { within: 1s, silence: success, by: [pid, { here: a, there: b }] }',
    {
      await: {
        ...ALONE,
        by: [
          { here: 'pid', there: 'pid' },
          { here: 'a', there: 'b' },
        ],
      },
    },
  ],
  ['then: { level: debug }', { then: { level: 1, msg: undefined, note: undefined } }],
  ["then: { msg: 'x ${a} $5 {b}' }", { then: { level: undefined, msg: 'x ${a} $5 {b}', note: undefined } }],
  ['repeat: { window: 10m }', { repeat: { by: [], window: 600_000, rest: 'fold' } }],
  ['repeat: { window: 1h, rest: trace, by: [a] }', { repeat: { by: [{ field: 'a', mask: [] }], window: 3_600_000, rest: 0 } }],
  [
    'repeat: { window: 1d, by: [ { field: msg, mask: [hex, ip] }, { field: a, mask: all } ] }',
    {
      repeat: {
        by: [
          { field: 'msg', mask: ['hex', 'ip'] },
          { field: 'a', mask: 'all' },
        ],
        window: 86_400_000,
        rest: 'fold',
      },
    },
  ],
  ['budget: { lines: 5, per: 500ms }', { budget: { lines: 5, per: 500 } }],
  [
    'examples: [ { name: n, lines: [ { line: x, becomes: same }, { at: 2s }, { line: y, becomes: folded } ] } ]',
    {
      examples: [
        {
          name: 'n',
          lines: [
            { at: 0, line: 'x', becomes: { kind: 'same' } },
            { at: 2000, line: undefined, becomes: undefined },
            { at: 2000, line: 'y', becomes: { kind: 'folded' } },
          ],
        },
      ],
    },
  ],
  [
    'examples: [ { name: n, lines: [ { line: x, becomes: info }, { line: y, becomes: { level: warn, note: z } } ] } ]',
    {
      examples: [
        {
          name: 'n',
          lines: [
            { at: 0, line: 'x', becomes: { ...NO_CHECKS, level: 2 } },
            { at: 0, line: 'y', becomes: { ...NO_CHECKS, level: 3, note: 'z' } },
          ],
        },
      ],
    },
  ],
];

test.each(parts)('reads the part of a rule %s', (written, part) => {
  expect(ruleOf(written)).toMatchObject(part);
});

test('loads the example of the design', () => {
  const { protect, rules } = load(DESIGN);
  expect(protect).toEqual([field('msg', { kind: 'contains', text: 'No Hypervisor was found', ignoreCase: false })]);
  expect(rules.map(({ id, examples }) => [id, examples.length])).toEqual([
    ['hypervisor-probe', 2],
    ['ethtool-unsupported', 2],
  ]);
  expect(rules[0]!.await).toMatchObject({
    within: 1000,
    silence: 'success',
    lookback: 5000,
    success: [{ name: 'hypervisor_ready' }],
  });
});

const spellings: readonly [how: string, text: string][] = [
  ['CRLF', DESIGN.replaceAll('\n', '\r\n')],
  ['a byte order mark', `\uFEFF${DESIGN}`],
  ['document markers', `---\n${DESIGN}...\n`],
];

test.each(spellings)('reads the same with %s', (_, spelled) => {
  expect(load(spelled)).toEqual(load(DESIGN));
});

const fine = ['version: 1', 'version: 1 # one', 'version: 1\nrules: []', '{ "version": 1, "rules": [] }'];

test.each(fine)('takes %j for a file without rules', (written) => {
  expect(load(written)).toEqual({ protect: [], rules: [] });
});

test('keeps the rules of several files in the order given, each with its own lists and events', () => {
  const one = 'version: 1\nevents: { e: { a: x } }\nprotect: [ { is: e } ]\nrules: [ { id: one, when: { is: e } } ]';
  const two = 'version: 1\nevents: { e: { a: y } }\nprotect: [ { is: e } ]\nrules: [ { id: two, when: { is: e } } ]';
  const { ruleSet } = loadRules([
    { name: 'b.yaml', text: two },
    { name: 'a.yaml', text: one },
  ]);
  expect(ruleSet.protect).toEqual([equal('a', text('y')), equal('a', text('x'))]);
  expect(ruleSet.rules.map(({ id, file, when }) => [id, file, when])).toEqual([
    ['two', 'b.yaml', equal('a', text('y'))],
    ['one', 'a.yaml', equal('a', text('x'))],
  ]);
});

test('finds the problems of all files, and an id that two files have', () => {
  const { problems, ruleSet } = loadRules([
    { name: 'a.yaml', text: 'version: 1\nrules:\n  - { id: x, when: { level: loud } }\n' },
    { name: 'b\x1b.yaml', text: 'version: 1\nrules: [\n' },
    { name: 'c.yaml', text: 'version: 1\nrules:\n  - { id: x, when: {} }\n' },
  ]);
  expect(ruleSet.rules).toEqual([]);
  expect(problems.map(({ file, code, line, column }) => [file, code, line, column])).toEqual([
    ['a.yaml', 'unknown-word', 3, 29],
    ['b\x1b.yaml', 'bad-yaml', 3, 1],
    ['c.yaml', 'duplicate-id', 3, 11],
  ]);
  expect(problems[2]!.message).toBe('duplicate id "x"; the first is at a.yaml:3:11, choose another');
  expect(new RulesError(problems).message).toBe(problems.map(formatProblem).join('\n\n'));
  expect(formatProblem(problems[1]!)).toContain('b\\x1b.yaml:3:1: ');
});
