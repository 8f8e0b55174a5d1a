import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compilePlan } from '../../../src/engine/plan.ts';
import { covers } from '../../../src/rules/covers.ts';
import { loadRules } from '../../../src/rules/load.ts';
import { pageOf, SEVERITIES, type Finding } from '../../../src/workbench/lint/finding.ts';
import { lint } from '../../../src/workbench/lint/lint.ts';
import { LineReader } from '../../../src/workbench/line-reader.ts';
import { RuleReader } from '../../../src/workbench/rule-reader.ts';
import { rulesFile } from '../../support/arbitraries/rules-files.ts';
import { stream } from '../../support/arbitraries/streams.ts';
import { rulesOf } from '../../support/run.ts';

const ROOT = join(import.meta.dirname, '../../..');
const NOW = Date.UTC(2026, 0, 1);
const SOON = '2026-01-15';

function findingsIn(text: string): Finding[] {
  const file = { name: 'rules.yaml', text };
  const { ruleSet, problems, warnings } = loadRules([file]);
  expect(problems).toEqual([]);
  const { own, loaded } = lint({ files: [file], ruleSet, warnings, now: NOW, order: 'strict' });
  return [...own, ...loaded];
}

const codesIn = (text: string): string[] => findingsIn(text).map(({ code }) => code);

/** What no rules file has by itself. */
const BY_OTHER_MEANS = ['lowers-what-must-stay', 'example-fails', 'sample-fails'];

const codes = Object.keys(SEVERITIES);

describe.each(codes)('%s', (code) => {
  const page = readFileSync(join(ROOT, pageOf(code)!), 'utf8');

  test('its page says what to avoid, what to prefer, why, and what the exceptions are', () => {
    const headings = Array.from(page.matchAll(/^## (.+)$/gmu), ([, heading]) => heading);
    expect(headings).toEqual(['Avoid', 'Prefer', 'Why', 'Exceptions']);
    expect(page).toMatch(new RegExp(`^# \`${code}\`: \\S`, 'u'));
  });
});

test.each(codes.filter((code) => !BY_OTHER_MEANS.includes(code)))(
  '%s is found in the rules to avoid, and not in those to prefer',
  (code) => {
    const page = readFileSync(join(ROOT, pageOf(code)!), 'utf8');
    const [bad, good] = Array.from(page.matchAll(/^```yaml\n(.*?)^```$/gmsu), ([, text]) => text!.replace('$SOON', SOON));
    expect(codesIn(bad!)).toContain(code);
    expect(codesIn(good!)).not.toContain(code);
  },
);

test('each page is of a code', () => {
  expect(readdirSync(join(ROOT, 'docs/lint')).toSorted()).toEqual(codes.map((code) => `${code}.md`).toSorted());
});

const HOLD = `version: 1
rules:
  # COMMENT
  - id: heals
    when: { level: error, msg: { contains: reconnecting } }
    await: { success: [{ msg: connected }], within: 2m }
    then: { level: info }
`;

test('a finding has its place, its rule and what to do', () => {
  expect(findingsIn(HOLD)).toEqual([
    {
      code: 'long-hold',
      severity: 'warning',
      file: 'rules.yaml',
      line: 6,
      column: 5,
      rule: 'heals',
      message: 'a line that waits holds all lines behind it for up to 2m',
      remedy: 'shorten "within", name a "failure" that comes earlier, or run relevel with --order relaxed',
    },
  ]);
});

test.each([
  ['relevel: allow long-hold until 2026-06-30', []],
  ['relevel: allow long-hold until 2026-01-01', []],
  ['relevel: allow long-hold until 2025-12-31', ['long-hold']],
  ['relevel: allow too-broad until 2026-06-30', ['long-hold']],
  ['long-hold is fine', ['long-hold']],
])('a comment allows what it names, up to its day: %s', (comment, left) => {
  expect(codesIn(HOLD.replace('COMMENT', comment))).toEqual(left);
});

const RECORD = `version: 1
rules:
  - id: disk
    when: { level: error, msg: { contains: slow } }
    then: { level: warn }
    examples:
      - name: slow
        lines:
          - { line: '{"level":50,"msg":"full"}', becomes: same }
          - line: |
TEXT
`;

test.each([
  ['one record', ['ERROR [main] app.Disk: slow', 'java.io.IOException: x', '\tat a.b.C(D.java:1)'], []],
  [
    'one record with an empty line in it',
    ['ERROR [main] app.Disk: slow', '\tat a.b.C(D.java:1)', '', 'goroutine 7 [running]:'],
    [],
  ],
  ['two lines', ['{"level":50,"msg":"slow"}', '{"level":50,"msg":"slow"}'], [[10, 'line 2 of this text']]],
  [
    'a record and a line',
    ['ERROR [main] app.Disk: slow', '\tat a.b.C(D.java:1)', 'ERROR [main] app.Disk: slow'],
    [[10, 'line 3 of this text']],
  ],
])('the text of an example is one record: %s', (_claim, lines, found) => {
  const text = RECORD.replace('TEXT', lines.map((line) => `              ${line}`).join('\n'));
  const stray = findingsIn(text).filter(({ code }) => code === 'several-records');
  expect(stray.map(({ line, message }) => [line, message.slice(0, 'line 2 of this text'.length)])).toEqual(found);
});

test.each([
  ['hostnmae', ['key-in-no-example']],
  ['hostname', []],
  ['db', []],
  ['Host', ['key-in-no-example']],
])('a key of a rule without examples that is nearly one that is known: %s', (key, found) => {
  const rules = `version: 1
rules:
  - id: heals
    when: { level: error, msg: { contains: reconnecting } }
    await: { success: [{ msg: connected }], within: 5s, by: [${key}] }
    then: { level: info }
`;
  expect(codesIn(rules)).toEqual(found);
});

test('a rule that covers another matches every line that the other does', () => {
  const reader = new LineReader({ format: 'auto', envelope: 'none', read: undefined });
  let covered = 0;
  fc.assert(
    fc.property(rulesFile, stream, (file, arrivals) => {
      const ruleSet = rulesOf(file);
      const rules = new RuleReader(ruleSet, compilePlan(ruleSet).names, reader);
      const pairs = ruleSet.rules.flatMap((broad) => ruleSet.rules.map((narrow) => [broad, narrow] as const));
      const found = pairs.filter(([broad, narrow]) => broad !== narrow && covers(broad.when, narrow.when));
      for (const arrival of arrivals) {
        if (arrival.source === undefined) continue;
        rules.read({ bytes: Buffer.from(arrival.line), source: arrival.source });
        for (const [broad, narrow] of found) {
          if (!rules.matches(narrow.when)) continue;
          covered += 1;
          expect(rules.matches(broad.when)).toBe(true);
        }
      }
    }),
    { numRuns: 1_000 },
  );
  expect(covered).toBeGreaterThan(20);
});

const broader: readonly [broad: string, narrow: string, isCovered: boolean][] = [
  ['{ level: error }', '{ level: error, msg: x }', true],
  ['{ level: error }', '{ level: { at_least: error }, msg: x }', false],
  ['{ msg: { contains: disk } }', "{ msg: { starts_with: 'disk full' } }", true],
  ['{ msg: { contains: disk } }', '{ msg: { in: [disk a, disk b] } }', true],
  ['{ msg: { contains: disk } }', '{ msg: { in: [disk a, b] } }', false],
  ['{ msg: { contains: Disk } }', '{ msg: disk }', false],
  ['{ msg: { contains: Disk, ignore_case: true } }', '{ msg: disk }', true],
  ['{ msg: { contains: disk } }', '{ msg: { contains: disk, ignore_case: true } }', false],
  ['{ msg: { starts_with: a } }', '{ msg: { contains: a } }', false],
  ['{ code: { exists: true } }', '{ code: 5 }', true],
  ['{ code: { in: [1, 2] } }', '{ code: 2 }', true],
  ['{ code: { in: [1, 2] } }', '{ code: 3 }', false],
  ['{ any: [{ msg: a }, { level: error }] }', '{ level: error, host: b }', true],
  ['{ msg: a }', '{ any: [{ msg: a }, { msg: b }] }', false],
  ['{ level: { at_least: warn } }', '{ any: [{ level: warn, msg: a }, { level: error, msg: b }] }', true],
  ['{ not: { msg: a } }', '{ not: { msg: a }, level: error }', true],
  ['{ not: { msg: a } }', '{ not: { msg: b } }', false],
];

test.each(broader)('%s covers %s: %s', (broad, narrow, isCovered) => {
  const { rules } = rulesOf(
    `version: 1\nrules: [{ id: a, when: ${broad}, then: { note: x } }, { id: b, when: ${narrow}, then: { note: x } }]\n`,
  );
  expect(covers(rules[0]!.when, rules[1]!.when)).toBe(isCovered);
});
