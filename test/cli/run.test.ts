import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fileWith, runMain, scratch } from './host.ts';

const RULES = join(import.meta.dirname, 'rules.yaml');
const QUIET = ['--clock', 'replay']; // says nothing of rules that rest

const REPEAT = '{"level":50,"msg":"ethtool failed"}';
const FIRST = '{"level":40,"msg":"ethtool failed","relevel":{"rule":"repeats","was":"50"}}';

test.each(Array.from({ length: 256 }, (_, code) => code))('exits with %i as the command does', async (code) => {
  expect((await runMain(['run', '--', 'sh', '-c', `exit ${code}`])).exit).toEqual({ kind: 'code', code });
});

test('tells of what the command died', async () => {
  const { exit, out } = await runMain(['run', '--', 'sh', '-c', 'echo last; kill -USR1 $$']);
  expect([exit, out]).toEqual([{ kind: 'died', signal: 'SIGUSR1' }, 'last\n']);
});

const ways: readonly [claim: string, options: string[], out: string, err: string][] = [
  ['one source of two outputs', [], `${FIRST}\n{"level":40`, ''],
  ['without a rule', ['--off', 'repeats'], `${REPEAT}\n${REPEAT}\n`, ''],
  ['in shadow', ['--shadow'], `${REPEAT}\n${REPEAT}\n`, ''],
];

test.each(ways)('judges %s', async (_claim, options, out, err) => {
  const ran = await runMain(['run', '-r', RULES, ...QUIET, ...options, '--', 'sh', '-c', `echo '${REPEAT}'; echo '${REPEAT}'`]);
  expect(ran.exit).toEqual({ kind: 'code', code: 0 });
  expect(ran.out.slice(0, out.length)).toBe(out);
  expect(ran.err).toBe(err);
});

test('the source is named as the command', async () => {
  const rules = fileWith(
    `version: 1\nrules:\n  - { id: by-source, when: { level: error, $source: sh }, then: { level: info } }\n`,
    'rules.yaml',
  );
  const { out } = await runMain(['run', '-r', rules, '--', '/bin/sh', '-c', `echo '${REPEAT}'`]);
  expect(out).toContain('"level":30');
});

test('says what it did', async () => {
  const { err } = await runMain(['run', '--summary', '--', 'sh', '-c', 'echo a; echo b >&2']);
  expect(err).toContain('b\n');
  expect(err).toContain('in   2 = 2 unchanged');
});

test('puts its own words behind a last line without a newline', async () => {
  const { err } = await runMain(['run', '--summary', '--', 'sh', '-c', 'printf last >&2']);
  expect(err).toMatch(/^last\nrelevel: /u);
});

test('appends to a file', async () => {
  const path = join(scratch(), 'out.log');
  const { out } = await runMain(['run', '--output', path, '--', 'echo', 'a']);
  expect([out, readFileSync(path, 'utf8')]).toEqual(['', 'a\n']);
});

const BAD = 'version: 1\nrules:\n  - { id: a b, when: {}, thn: {} }\n';

test('bad rules keep no command from running, and all their problems are said', async () => {
  const { exit, out, err } = await runMain([
    'run',
    '-r',
    fileWith(BAD, 'bad.yaml'),
    '--',
    'sh',
    '-c',
    `echo '${REPEAT}'; exit 4`,
  ]);
  expect([exit, out]).toEqual([{ kind: 'code', code: 4 }, `${REPEAT}\n`]);
  expect(err).toContain('bad.yaml:3:11: bad id "a b"');
  expect(err).toContain('bad.yaml:3:26: unknown key "thn"');
  expect(err).toContain('relevel: error: sh runs unfiltered: each line leaves as it comes');
});

test('unless they are to', async () => {
  const { exit, out, err } = await runMain(['run', '--on-error', 'fail', '-r', fileWith(BAD, 'bad.yaml'), '--', 'echo', 'ran']);
  expect([exit, out]).toEqual([{ kind: 'refused' }, '']);
  expect(err).toContain('bad.yaml:3:26: unknown key "thn"');
});

const refused: readonly [claim: string, args: string[], err: string][] = [
  ['no command', [], 'no command is named behind "--", as in: relevel run -- date'],
  ['nothing behind the dashes', ['--'], 'no command is named behind "--", as in: relevel run -- date'],
  ['a command without dashes', ['date'], '"date": a command belongs behind "--", as in: relevel run -- date'],
  ['a word before them', ['date', '--', 'date'], '"date": a command belongs behind "--", as in: relevel run -- date'],
  ['an option', ['--shadw', '--', 'date'], 'unknown option "--shadw"; did you mean "--shadow"'],
  ['a choice', ['--on-error', 'maybe', '--', 'date'], '--on-error: "maybe" is not one of pass, fail'],
];

test.each(refused)('refuses %s', async (_claim, args, err) => {
  const ran = await runMain(['run', ...args]);
  expect(ran).toEqual({ exit: { kind: 'refused' }, out: '', err: `relevel: error: ${err}\nrelevel: see "relevel help run"\n` });
});

test('its help', async () => {
  const { out } = await runMain(['help', 'run']);
  expect(out.split('\n').every((each) => each.length <= 96)).toBe(true);
  await expect(out).toMatchFileSnapshot(join(import.meta.dirname, 'help/run.txt'));
});
