import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fileWith, runMain, scratch } from './host.ts';

const LINES = Array.from({ length: 6 }, (_, nth) =>
  JSON.stringify({
    level: 50,
    time: 1_735_689_600_000 + nth * 1_000,
    device: `sd${nth % 2 === 0 ? 'a' : 'b'}`,
    msg: 'disk is slow',
  }),
);
const LOG = LINES.map((line) => `${line}\n`).join('');

test('proposes, and changes nothing', async () => {
  const file = fileWith(LOG, 'app.log');
  const { exit, out, err } = await runMain(['suggest', file]);
  expect(exit).toEqual({ kind: 'done', unread: 0 });
  expect(err).toBe('');
  expect(out).toBe(`6 lines of ${file}: 6 at error, 0 at warn

    lines  what        statement
        6  repeats     error "disk is slow"
                       say it once in 10m for each device, and count the others
                       about 2 groups; 4 of 6 lines are repeats

To write this rule: relevel suggest --write rules.yaml ${file}
`);
  expect(readFileSync(file, 'utf8')).toBe(LOG);
});

test('what it writes passes check, also of stdin', async () => {
  const written = join(scratch(), 'rules.yaml');
  const { err } = await runMain(['suggest', '--write', written], { stdin: LOG });
  expect(err).toBe(`relevel: info: 1 rule written to "${written}"; check it: relevel check "${written}"\n`);
  const { exit, out } = await runMain(['check', written]);
  expect(exit).toEqual({ kind: 'done', unread: 0 });
  expect(out).toContain(': 1 rule, 1 example, all as expected');
});

test('overwrites nothing', async () => {
  const written = fileWith('mine', 'rules.yaml');
  const { exit, err } = await runMain(['suggest', '--write', written], { stdin: LOG });
  expect(exit).toEqual({ kind: 'refused' });
  expect(err).toBe(`relevel: error: --write: "${written}" is there already; name another file\n`);
  expect(readFileSync(written, 'utf8')).toBe('mine');
});

test('writes no file without a rule', async () => {
  const written = join(scratch(), 'rules.yaml');
  const { err } = await runMain(['suggest', '--write', written], { stdin: LINES[0]! });
  expect(err).toBe(`relevel: info: nothing to write, so "${written}" was not made\n`);
  expect(existsSync(written)).toBe(false);
});

const ENDS: readonly [claim: string, stdin: string, end: string][] = [
  ['an empty log', '', 'There is no line in it.'],
  ['prose', 'this is prose\n', 'No line is recognized, so there is nothing to propose; see why: relevel read --only opaque'],
  [
    'a log without failures',
    '{"level":30,"msg":"all is well"}\n',
    'No line is at warn or error, so there is nothing to propose.',
  ],
  ['one failure', `${LINES[0]!}\n`, 'Nothing to propose yet: what is missing stands beside each statement.'],
  [
    'a failure of a rule that ships',
    '{"level":50,"ifacename":"lxc1","error":"operation not supported","msg":"Error while getting ethtool:"}\n',
    'There is a rule for it already; nothing else to propose.',
  ],
  ['a failed login', '{"level":50,"msg":"failed login of bob"}\n', 'There is nothing else to propose.'],
];

test.each(ENDS)('says of %s what is to be said', async (_claim, stdin, end) => {
  const { exit, out } = await runMain(['suggest'], { stdin });
  expect(exit).toEqual({ kind: 'done', unread: 0 });
  expect(out.trimEnd().split('\n').at(-1)).toBe(end);
});

test('says the same to a program', async () => {
  const { out } = await runMain(['suggest', '--json'], { stdin: LOG });
  expect(JSON.parse(out)).toMatchObject({
    lines: 6,
    errors: 6,
    findings: [
      { kind: 'repeats', level: 'error', statement: 'disk is slow', lines: 6, by: ['device'], window: '10m', isWritten: true },
    ],
  });
});

test('proposes nothing for what a rule of yours matches', async () => {
  const rules = fileWith('version: 1\nrules: [{ id: mine, when: { msg: disk is slow }, then: { level: info } }]\n', 'rules.yaml');
  const { out } = await runMain(['suggest', '--rules', rules], { stdin: LOG });
  expect(out).toContain(`rule "mine" of ${rules} matches it already`);
});

test('a word of the log obeys no terminal', async () => {
  const line = JSON.stringify({ level: 50, msg: 'bad \x1b[2J name' });
  const { out } = await runMain(['suggest'], { stdin: `${line}\n`.repeat(5) });
  expect(out).not.toContain('\x1b');
});

test('says which file cannot be opened, and reads the others', async () => {
  const file = fileWith(LOG, 'app.log');
  const { exit, out, err } = await runMain(['suggest', join(scratch(), 'gone.log'), file]);
  expect(exit).toEqual({ kind: 'done', unread: 1 });
  expect(err).toContain('gone.log: cannot open: no such file or directory');
  expect(out).toContain('disk is slow');
});
