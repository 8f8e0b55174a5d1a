import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { loadRules } from '../../src/rules/load.ts';
import { formatProblem } from '../../src/rules/problem.ts';
import { PATIENCE } from '../support/patience.ts';

const DESIGN = readFileSync(join(import.meta.dirname, '../../fixtures/rules-good/design.yaml'), 'utf8');

/** Other work may have the machine. */

/** What must hold whatever the text is. */
function loadAny(text: string): void {
  const { ruleSet, problems } = loadRules([{ name: 'any.yaml', text }]);
  expect(JSON.parse(JSON.stringify(ruleSet))).toEqual(ruleSet);
  if (problems.length > 0) expect(ruleSet).toEqual({ protect: [], rules: [] });
  const lines = text.replace(/^\uFEFF/u, '').split('\n');
  let last = 0;
  for (const problem of problems) {
    const { span, line, column } = problem;
    expect(span.start).toBeGreaterThanOrEqual(last);
    expect(span.end).toBeGreaterThanOrEqual(span.start);
    expect(span.end).toBeLessThanOrEqual(text.length);
    expect(column).toBeGreaterThanOrEqual(1);
    expect(column - 1).toBeLessThanOrEqual(lines[line - 1]!.length);
    // A terminal must not obey what a file says.
    expect(formatProblem(problem)).not.toMatch(/[^\P{Cc}\t\n]|[\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
    last = span.start;
  }
}

const words = fc.constantFrom(
  ...'version: 1|rules:|events:|lists:|protect:|when:|await:|success:|then:|else:|repeat:|examples:|all:|any:|not:|is:|fields:'.split(
    '|',
  ),
  ...'level:|in:|glob:|matches:|contains:|id: a|within: 1s|line: x|&a |*a|$a|!!str |!x |# |(?=a)|${|}|007|0x1|5|~|<<|__proto__'.split(
    '|',
  ),
  ...'a|warn|"|\'|\\|{ | }|[|]|, |: |? |- | |\n|\n  |\n    |\n- |\n  - |---\n|\r\n|\t|\uFEFF|\u202e|\ud800|\0|: >\n|...\n'.split(
    '|',
  ),
);

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.array(words, { maxLength: 40 }).map((some) => some.join('')),
  fc.array(words, { maxLength: 40 }).map((some) => `version: 1\nrules:\n  - id: a\n    when: { ${some.join('')}`),
);

test('gives problems or rules for any text, and never throws', PATIENCE, () => {
  // A second document that is shorter than the mark of one.
  fc.assert(fc.property(anyText, loadAny), { numRuns: 1500, examples: [['...\n\u0000']] });
});

test('gives problems or rules for the design, however damaged', PATIENCE, () => {
  const damage = fc.record({ at: fc.nat(DESIGN.length), without: fc.nat(30), instead: fc.oneof(words, fc.constant('')) });
  const damaged = fc.array(damage, { minLength: 1, maxLength: 3 }).map((list) => {
    return list.reduce((text, { at, without, instead }) => text.slice(0, at) + instead + text.slice(at + without), DESIGN);
  });
  fc.assert(fc.property(damaged, loadAny), { numRuns: 200 });
});

/** What stands in for a value anywhere in a rule of right shape. */
const anyValue = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    5,
    1e30,
    -0.5,
    '',
    'warn',
    'fold',
    '1s',
    '$a',
    '${event.x}',
    '(a)\\1',
    [],
    {},
    [[]],
    { a: {} },
    { is: 'e' },
  ),
  fc.string({ maxLength: 8 }),
);

test('gives problems or rules for any value anywhere', PATIENCE, () => {
  const rule = fc.record(
    Object.fromEntries(
      ['id', 'why', 'refs', 'until', 'when', 'await', 'then', 'else', 'repeat', 'budget', 'examples'].map((key) => [
        key,
        anyValue,
      ]),
    ),
    { requiredKeys: [] },
  );
  const tests = ['in', 'contains', 'glob', 'matches', 'gt', 'exists', 'ignore_case'].map((key) => [key, anyValue] as const);
  const condition = fc.dictionary(
    fc.constantFrom('all', 'any', 'not', 'is', 'fields', 'level', 'msg', '$line', ''),
    fc.oneof(anyValue, fc.record(Object.fromEntries(tests), { requiredKeys: [] })),
  );
  const file = fc.record({
    version: fc.constant(1),
    lists: fc.constant({ a: ['x'] }),
    events: fc.constant({ e: {} }),
    protect: fc.array(condition, { maxLength: 3 }),
    rules: fc.array(rule, { maxLength: 3 }),
  });
  fc.assert(
    fc.property(file, (written) => loadAny(JSON.stringify(written))),
    { numRuns: 300 },
  );
});

const DEEP = 10_000;

const deep: readonly [what: string, text: string][] = [
  ['lists', '['.repeat(DEEP)],
  ['closed lists', `version: 1\na: ${'['.repeat(DEEP)}${']'.repeat(DEEP)}`],
  ['maps', `version: 1\nevents: { a: ${'{ not: '.repeat(DEEP)}{}${' }'.repeat(DEEP)} }`],
  ['items', `${'- '.repeat(DEEP)}x`],
  ['explicit keys', `${'? '.repeat(DEEP)}x`],
  ['indentation', Array.from({ length: 1000 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n')],
  ['anchors', Array.from({ length: 2000 }, (_, i) => `- &a${i + 1} [[[[[[[[*a${i}]]]]]]]]`).join('\n')],
  ['events', `version: 1\nevents:\n${Array.from({ length: DEEP }, (_, i) => `  e${i}: { not: { is: e${i + 1} } }\n`).join('')}`],
];

test.each(deep)('says of %s that nest without end that they do', (_, text) => {
  const { problems } = loadRules([{ name: 'deep.yaml', text }]);
  expect(problems.length).toBeGreaterThan(0);
});

const LARGE = 1_000_000;
const fill = (unit: string): string => unit.repeat(Math.ceil(LARGE / unit.length));

const large: readonly [what: string, text: string, faults: boolean][] = [
  ['one list', `version: 1\nlists: { a: [${fill('x, ')}] }`, false],
  ['one text', `version: 1\nrules: [ { id: a, when: { msg: ${fill('x ')}} } ]`, false],
  ['one pattern', `version: 1\nrules: [ { id: a, when: { msg: { matches: '${fill('(a|')}' } } } ]`, true],
  ['many keys', `version: 1\n${Array.from({ length: 60_000 }, (_, i) => `key${i}: value\n`).join('')}`, true],
  [
    'many rules',
    `version: 1\nrules:\n${Array.from({ length: 20_000 }, (_, i) => `  - { id: r${i}, when: { msg: { contains: x${i} } } }\n`).join('')}`,
    false,
  ],
];

test.each(large)('reads a megabyte of %s', PATIENCE, (_, text, faults) => {
  const { problems } = loadRules([{ name: 'large.yaml', text }]);
  expect(problems.length > 0).toBe(faults);
});
