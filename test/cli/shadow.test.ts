import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fileWith, runMain, scratch } from './host.ts';

const RULES = `
version: 1
rules:
  - { id: tried, shadow: true, when: { level: error, msg: { contains: fail } }, then: { level: debug } }
  - { id: behind, when: { level: error, msg: { contains: fail } }, then: { level: warn } }
`;
const LINES = 'level=error msg="it failed" password=hunter2\nlevel=error msg="it broke"\n';

test('writes a row for each line that a rule in shadow would change, without secrets, for its owner alone', async () => {
  const rows = join(scratch(), 'rows');
  const { out, err } = await runMain(
    ['-r', fileWith(RULES, 'rules.yaml'), '--shadow-log', rows, '--summary', fileWith(LINES, 'app.log')],
    {},
  );
  expect(out).toMatch(
    /^level=warn msg="it failed" password=hunter2 relevel.rule=behind relevel.was=error\nlevel=error msg="it broke"\n$/u,
  );
  expect(readFileSync(rows, 'utf8')).toMatch(
    /^\S+app.log:1: ERROR → DEBUG · tried · level=error msg="it failed" password=xxxxx\n$/u,
  );
  expect(statSync(rows).mode & 0o777).toBe(0o600);
  expect(err).toContain('in shadow: what these rules would have done');
  expect(err).toMatch(/tried +1 +0 +1/u);
});

test('leaves secrets in on request', async () => {
  const rows = join(scratch(), 'rows');
  await runMain(['-r', fileWith(RULES, 'rules.yaml'), '--shadow-log', rows, '--no-mask', fileWith(LINES, 'app.log')], {});
  expect(readFileSync(rows, 'utf8')).toContain('password=hunter2');
});

test('under --shadow, writes rows of all rules', async () => {
  const rows = join(scratch(), 'rows');
  const { out } = await runMain(
    ['-r', fileWith(RULES, 'rules.yaml'), '--shadow', '--shadow-log', rows, fileWith(LINES, 'app.log')],
    {},
  );
  expect(out).toBe(LINES);
  expect(
    readFileSync(rows, 'utf8')
      .split('\n')
      .map((row) => row.split(' · ')[1]),
  ).toEqual(['tried', 'behind', undefined]);
});

test('goes on if the rows cannot be written, and says so once', async () => {
  const rows = join(scratch(), 'gone', 'rows');
  const { out, err } = await runMain(
    ['-r', fileWith(RULES, 'rules.yaml'), '--shadow-log', rows, fileWith(LINES.repeat(3), 'app.log')],
    {},
  );
  expect(out.split('\n')).toHaveLength(7);
  expect(err.match(/cannot write rows/gu)).toHaveLength(1);
  expect(err).toContain('until it can be written, rows are lost');
});

test.each([
  ['--output', '--shadow-log: '],
  ['--archive', '--shadow-log: '],
])('refuses rows in the file of %s', async (option, problem) => {
  const file = join(scratch(), 'both');
  writeFileSync(file, '');
  chmodSync(file, 0o600);
  const { exit, err } = await runMain(
    ['-r', fileWith(RULES, 'rules.yaml'), option, file, '--shadow-log', file, fileWith(LINES, 'app.log')],
    {},
  );
  expect(exit.kind).not.toBe('done');
  expect(err).toContain(problem);
});

test('explain and replay tell what a rule in shadow would do', async () => {
  const rules = fileWith(RULES, 'rules.yaml');
  const log = fileWith(LINES, 'app.log');
  const explained = await runMain(['explain', '-r', rules, log], {});
  expect(explained.out).toContain('rule "tried": error becomes debug');
  expect(explained.out).toContain('the rule is in shadow: relevel leaves the line as it is, and counts this');
  const replayed = await runMain(['replay', '-r', rules, '--rows', log], {});
  expect(replayed.out).toContain('ERROR → DEBUG · tried');
});
