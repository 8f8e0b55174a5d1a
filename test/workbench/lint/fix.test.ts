import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compilePlan } from '../../../src/engine/plan.ts';
import { loadRules } from '../../../src/rules/load.ts';
import type { RuleSet } from '../../../src/rules/rule.ts';
import { fix } from '../../../src/workbench/lint/fix.ts';
import { lint } from '../../../src/workbench/lint/lint.ts';
import { LineReader } from '../../../src/workbench/line-reader.ts';
import { RuleReader } from '../../../src/workbench/rule-reader.ts';

const MECHANICAL = ['plain-pattern', 'equals-a-glob', 'other-name'];

function findingsIn(text: string) {
  const file = { name: 'rules.yaml', text };
  const { ruleSet, problems, warnings } = loadRules([file]);
  expect(problems).toEqual([]);
  return lint({ files: [file], ruleSet, warnings, now: 0, order: 'strict' }).own;
}

const fixedText = (text: string): string => fix({ name: 'rules.yaml', text }, findingsIn(text))?.text ?? text;
const left = (text: string): string[] => findingsIn(text).flatMap(({ code }) => (MECHANICAL.includes(code) ? [code] : []));

const rule = (when: string): string => `version: 1
# before
rules:
  - id:   a     # a name
    when: ${when} # what it is
    then: { level: debug }

# behind
`;

const mended: readonly (readonly [when: string, becomes: string])[] = [
  ['{ msg: { matches: disk full } }', '{ msg: { contains: disk full } }'],
  ['{ msg: { "matches":   disk full,ignore_case: true } }', '{ msg: { contains:   disk full,ignore_case: true } }'],
  [
    "{ any: [{ msg: { matches: a b } }, { fields: { all: 'x*' } }] }",
    "{ any: [{ msg: { contains: a b } }, { fields: { all: { glob: 'x*' } } }] }",
  ],
  ["{ msg: 'disk * is full' }", "{ msg: { glob: 'disk * is full' } }"],
  ['{ msg: "it\'s * full" }', "{ msg: { glob: 'it''s * full' } }"],
  ['{ msg: disk * is full }', "{ msg: { glob: 'disk * is full' } }"],
  ["{ msg: { in: ['a*', b] } }", "{ msg: { glob: ['a*', b] } }"],
  ['{ message: { contains: disk } }', '{ msg: { contains: disk } }'],
  ["{ message: 'disk *', severity: ERROR }", "{ msg: { glob: 'disk *' }, level: error }"],
  ['{ msg: x y, severity: Warning }', '{ msg: x y, level: warn }'],
];

test.each(mended)('%s becomes %s, and nothing else changes', (when, becomes) => {
  expect(fixedText(rule(when))).toBe(rule(becomes));
  expect(fixedText(rule(when).replaceAll('\n', '\r\n'))).toBe(rule(becomes).replaceAll('\n', '\r\n'));
  expect(left(rule(becomes))).toEqual([]);
});

test.each([
  ['the right name is there', '{ message: a b, msg: x y }'],
  ['the right name is in another part', '{ message: a b, any: [{ msg: x y }, { level: error }] }'],
  ['two names for one', '{ severity: error, lvl: error, msg: x y }'],
  ['the key is quoted', '{ "message": { contains: disk } }'],
  ['critical is for its author to name', '{ severity: critical, msg: x y }'],
  ['no level', '{ severity: { contains: rror }, msg: x y }'],
  ['a level beside that is none', '{ severity: error, msg: x y, any: [{ severity: fatal }, { x: 1 }] }'],
  ['a pattern in slashes', '{ msg: "/disk .*/" }'],
  ['contains is there', '{ msg: { matches: a b, contains: x y } }'],
  ['glob is there', "{ msg: { in: ['a*'], glob: 'b*' } }"],
  ['a number beside', "{ n: { in: ['1*', 2] } }"],
  ['shared by an alias', '{ msg: &m { matches: a b }, x: *m }'],
])('leaves as it is: %s', (_claim, when) => {
  const text = rule(when);
  expect(left(text)).not.toEqual([]);
  expect(fixedText(text)).toBe(text);
});

test('leaves what is allowed, what stands in events, and what stands under not', () => {
  const not = rule("{ msg: { contains: x y }, not: { host: 'a*' } }");
  expect(fixedText(not)).toBe(not);
  const allowed = rule("{ msg: 'disk *' }").replace('# what it is', '# relevel: allow equals-a-glob until 2030-01-01');
  expect(fixedText(allowed)).toBe(allowed);
  const event = rule('{ is: full }').replace('rules:', 'events: { full: { msg: { matches: disk full } } }\nrules:');
  expect(left(event)).toEqual(['plain-pattern']);
  expect(fixedText(event)).toBe(event);
});

test('mends lists and maps in blocks, and scalars of one line only', () => {
  const text = `version: 1
rules:
  - id: a
    when:
      message:            # the text
        matches: disk full
      severity: error
      host:
        in:
          - 'a*'          # any
          - b
      path: |-
        a*
    then: { level: debug }
`;
  const becomes = text
    .replace('message:', 'msg:')
    .replace('matches:', 'contains:')
    .replace('severity:', 'level:')
    .replace('in:\n', 'glob:\n');
  expect(fixedText(text)).toBe(becomes);
});

const TEXTS = ['disk full', 'disk * full', 'a*', 'net', '/x.*/', "it's *", 'n? *', '$x *'];
const yaml = (text: string): string => `'${text.replaceAll("'", "''")}'`;
const scalar = fc.constantFrom(...TEXTS).map(yaml);
const testOf = fc.oneof(
  scalar,
  scalar.map((text) => `{ matches: ${text.replaceAll(/[*?$]/gu, '')} }`),
  fc
    .array(scalar, { minLength: 1, maxLength: 3 })
    .map((texts) => `{ in: [${texts.filter((text) => !text.includes('$')).join(', ') || "'a'"}] }`),
  scalar.map((text) => `{ contains: ${text} }`),
);
const field = fc
  .tuple(fc.constantFrom('msg', 'message', 'host', 'severity', 'lvl'), testOf, fc.constantFrom('error', 'WARN', 'fatal'))
  .map(([name, of, level]) => `${name}: ${name === 'severity' || name === 'lvl' ? level : of}`);
const map = fc
  .uniqueArray(field, { minLength: 1, maxLength: 3, selector: (each) => each.split(':', 1)[0] })
  .map((each) => each.join(', '));
const when = fc.oneof(
  map.map((of) => `{ ${of} }`),
  fc.tuple(map, map).map(([a, b]) => `{ ${a}, any: [{ ${b} }, { x: 1 }] }`),
  fc.tuple(map, map).map(([a, b]) => `{ ${a}, not: { ${b} } }`),
);

const LINES = ['error', 'warn', 'fatal', 'WARN'].flatMap((level) =>
  [...TEXTS, 'disk a full', 'abc', "it's so", 'n1 x'].flatMap((text) =>
    ['msg', 'message'].flatMap((message) =>
      ['level', 'severity', 'lvl'].map((name) => JSON.stringify({ [name]: level, [message]: text, host: 'a*', x: 2 })),
    ),
  ),
);

test('what matched before still matches, and findings that can be mended are gone', () => {
  const reader = new LineReader({ format: 'auto', envelope: 'none', read: undefined });
  const matchedBy = (ruleSet: RuleSet): boolean[] => {
    const rules = new RuleReader(ruleSet, compilePlan(ruleSet).names, reader);
    return LINES.map((line) => rules.read({ bytes: Buffer.from(line), source: 's' }) && rules.matches(ruleSet.rules[0]!.when));
  };
  let [mendedRules, matched] = [0, 0];
  fc.assert(
    fc.property(when, (condition) => {
      const text = rule(condition);
      const loaded = loadRules([{ name: 'rules.yaml', text }]);
      fc.pre(loaded.problems.length === 0);
      const made = fix({ name: 'rules.yaml', text }, findingsIn(text));
      if (made === undefined) return;
      mendedRules += 1;
      const after = loadRules([{ name: 'rules.yaml', text: made.text }]);
      expect(after.problems).toEqual([]);
      const [was, is] = [matchedBy(loaded.ruleSet), matchedBy(after.ruleSet)];
      for (const [index, matches] of was.entries()) {
        if (!matches) continue;
        matched += 1;
        expect(is[index], LINES[index]).toBe(true);
      }
      // Once is enough.
      expect(fixedText(made.text)).toBe(made.text);
      expect(left(made.text).length).toBeLessThan(left(text).length);
    }),
    { numRuns: 100 },
  );
  expect(mendedRules).toBeGreaterThan(30);
  expect(matched).toBeGreaterThan(100);
});
