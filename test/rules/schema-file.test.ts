import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { format, resolveConfig } from 'prettier';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { isRulesName } from '../../src/rules/file-name.ts';
import { loadRules } from '../../src/rules/load.ts';
import type { ProblemCode } from '../../src/rules/problem.ts';
import { rulesJsonSchema } from '../../src/rules/schema.ts';

const ROOT = join(import.meta.dirname, '../..');
const FILE = join(ROOT, 'rules/schema.json');

const validator = new Ajv2020({ strict: false, allErrors: true, logger: false });
const isValid = validator.compile(rulesJsonSchema());

/** What no schema of shapes can see: names that stand for something elsewhere, spellings, what several keys mean together. */
const BEYOND_SHAPES: ReadonlySet<ProblemCode> = new Set([
  'binds-nothing',
  'bad-yaml',
  'bad-number',
  'unknown-name',
  'event-cycle',
  'too-large',
  'duplicate-id',
  'bad-name',
  'bad-test',
  'bad-pattern',
  'comment-after-text',
  'bad-duration',
  'bad-until',
  'bad-template',
  'bad-example',
  'contradiction',
]);

// `npm test -- -u` writes it anew: editors read it, and it ships.
test('rules/schema.json is what the definition says that loads rules', async () => {
  const written = await format(JSON.stringify(rulesJsonSchema()), { ...(await resolveConfig(FILE)), filepath: FILE });
  await expect(written).toMatchFileSnapshot(FILE);
});

const packs = readdirSync(join(ROOT, 'rules')).filter(isRulesName);
const golden = readdirSync(join(ROOT, 'fixtures/cases'))
  .map((name) => join('fixtures/cases', name, 'rules.yaml'))
  // Others are run with rules that ship.
  .filter((path) => existsSync(join(ROOT, path)));

test.each([...packs.map((name) => join('rules', name)), ...golden])('an independent validator accepts %s', (path) => {
  expect(isValid(parse(readFileSync(join(ROOT, path), 'utf8'))), JSON.stringify(isValid.errors)).toBe(true);
});

const bad = readdirSync(join(ROOT, 'fixtures/rules-bad')).map((name) => join('fixtures/rules-bad', name, 'rules.yaml'));

test('it refuses each bad file whose fault is one of shape, and no others', () => {
  const verdicts = bad.flatMap((path) => {
    const text = readFileSync(join(ROOT, path), 'utf8');
    const codes = loadRules([{ name: path, text }]).problems.map(({ code }) => code);
    const hasBadShape = codes.some((code) => !BEYOND_SHAPES.has(code));
    let written: unknown;
    try {
      written = parse(text, { logLevel: 'silent' });
    } catch {
      // No YAML, and so nothing to validate.
      return [];
    }
    return [{ path, codes: [...new Set(codes)].join(), hasBadShape, isRefused: !isValid(written) }];
  });
  expect(verdicts.filter(({ hasBadShape, isRefused }) => hasBadShape && !isRefused)).toEqual([]);
  expect(verdicts.filter(({ hasBadShape }) => hasBadShape).length).toBeGreaterThan(10);
});

test('it knows the words at each place that has a list of them', () => {
  const rule = { id: 'x', when: { level: 'error' }, then: { level: 'info' } };
  const file = (more: object): object => ({ version: 1, rules: [{ ...rule, ...more }] });
  expect(isValid(file({}))).toBe(true);
  for (const wrong of [
    { then: { level: 'loud' } },
    { when: { level: 'warning' } },
    { await: { within: '5s', silence: 'maybe' } },
    { repeat: { window: '5s', rest: 'drop' } },
    { repeat: { window: '5s', by: [{ field: 'msg', mask: ['digits'] }] } },
    { when: { msg: { contain: 'x' } } },
    { examples: [{ name: 'x' }] },
    { wen: {} },
    { budget: { lines: 'many', per: '1m' } },
  ])
    expect([wrong, isValid(file(wrong))]).toEqual([wrong, false]);
});
