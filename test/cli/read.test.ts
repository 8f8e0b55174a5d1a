import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ReadTable } from '../../src/cli/read-table.ts';
import { runCounted } from '../support/run.ts';
import { fileWith, runMain } from './host.ts';

const ROOT = join(import.meta.dirname, '../..');

const json = async (stdin: string, ...args: string[]): Promise<Record<string, unknown>[]> => {
  const { out, err } = await runMain(['read', ...args], { stdin });
  expect(err).toBe('');
  return out
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Record<string, unknown>);
};

test('shows how each line is understood', async () => {
  const lines = [
    '{"level":50,"time":1795255200000,"pid":7,"big":12345678901234567890,"err":{"code":"E"},"ok":true,"no":null,"msg":"say \\"x\\""}',
    'ts=2026-11-21T10:00:00Z level=warn msg="a b" path=/x?y=z done',
    'web-1  | level=error msg=boom dev=eth0',
    '<11>Nov 21 10:00:00 host app[7]: level=error msg=boom',
    'no log line',
    '{"msg":"no level"}',
    '',
  ];
  expect(await json(`${lines.join('\n')}\nlevel=info msg=last`)).toEqual([
    {
      line: 1,
      format: 'json',
      level: 'error',
      msg: 'say "x"',
      time: '2026-11-21T10:00:00.000Z',
      // JSON's reader rounds it; what is printed has all digits.
      fields: { pid: 7, big: Number('12345678901234567890'), err: { code: 'E' }, ok: true, no: null },
    },
    {
      line: 2,
      format: 'logfmt',
      level: 'warn',
      msg: 'a b',
      time: '2026-11-21T10:00:00.000Z',
      fields: { path: '/x?y=z' },
    },
    {
      line: 3,
      format: 'logfmt',
      envelope: { kind: 'compose', container: 'web-1' },
      level: 'error',
      msg: 'boom',
      time: null,
      fields: { dev: 'eth0' },
    },
    {
      line: 4,
      format: 'logfmt',
      envelope: { kind: 'syslog', unit: 'app', severity: 'error' },
      level: 'error',
      msg: 'boom',
      // Of the years, the one that is nearest to the clock.
      time: '2025-11-21T10:00:00.000Z',
      fields: {},
    },
    { line: 5, format: null, why: 'no pair at the beginning', text: 'no log line' },
    { line: 6, format: null, why: 'no level', text: '{"msg":"no level"}' },
    { line: 7, format: null, why: 'empty', text: '' },
    { line: 8, format: 'logfmt', level: 'info', msg: 'last', time: null, fields: {} },
  ]);
});

test('keeps all digits of a number', async () => {
  expect((await runMain(['read'], { stdin: '{"level":50,"n":12345678901234567890}\n' })).out).toContain(
    '"n":12345678901234567890',
  );
});

test('reads by what options and rules say, the options first', async () => {
  const rules = fileWith('version: 1\nread: { level: [sev], msg: [detail], zone: Europe/Berlin }\nrules: []\n', 'r.yaml');
  const line = '{"sev":"warn","detail":"x","at":"2024-07-01 10:00:00"}\n';
  const read = ['--rules', rules, '--time-key', 'at'];
  expect(await json(line, ...read)).toMatchObject([{ level: 'warn', msg: 'x', time: '2024-07-01T08:00:00.000Z', fields: {} }]);
  expect(await json(line, ...read, '--zone', '+05:30')).toMatchObject([{ time: '2024-07-01T04:30:00.000Z' }]);
  expect(await json(line)).toMatchObject([{ format: null }]);
  expect(await json('{"level":"error","sev":"warn"}\n', ...read, '--level-key', 'level')).toMatchObject([{ level: 'error' }]);
  expect(await json('web | level=error\n', '--envelope', 'none')).toMatchObject([{ format: null }]);
});

test('names the file of a line, if there are several', async () => {
  const [a, b] = [fileWith('level=info\n', 'a.log'), fileWith('level=warn\n', 'b.log')];
  const { out } = await runMain(['read', a, b]);
  expect(
    out
      .split('\n')
      .slice(0, -1)
      .map((line) => (JSON.parse(line) as { source: string }).source),
  ).toEqual([a, b]);
});

test('groups what is opaque by its shape', async () => {
  const lines = [
    'started in 12 ms',
    'level=info',
    'started in 7 ms',
    'user "a" left',
    'user "b c" left',
    'started in 9 ms',
    'other',
  ];
  expect(await json(`${lines.join('\n')}\n`, '--only', 'opaque')).toEqual([
    { lines: 3, why: 'no pair at the beginning', first: 1, shape: 'started in <number> ms', example: 'started in 12 ms' },
    { lines: 2, why: 'no pair at the beginning', first: 4, shape: 'user "…" left', example: 'user "a" left' },
    { lines: 1, why: 'no pair at the beginning', first: 7, shape: 'other', example: 'other' },
  ]);
  expect(await json('level=info\n', '--only', 'opaque')).toEqual([]);
});

test('refuses what is asked wrongly', async () => {
  const only = await runMain(['read', '--only', 'x']);
  expect([only.exit, only.err.includes('--only')]).toEqual([{ kind: 'refused' }, true]);
  const { exit, err } = await runMain(['read', '--zone', 'Mars']);
  expect(exit).toEqual({ kind: 'refused' });
  expect(err).toContain('--zone: "Mars" is not a zone; zones are local, UTC, an offset such as +02:00');
});

test('draws a table that no line can break', () => {
  const table = new ReadTable(80, false);
  const place = { source: undefined, line: 1 };
  const none = { why: undefined, envelope: undefined, mark: undefined, fields: [] };
  const rows = [
    table.row({ ...none, format: 'json', level: 'error', msg: 'a\u001b[31m\nb', time: '2026-11-21T10:00:00.000Z' }, place, ''),
    table.row(
      { ...none, format: undefined, why: 'no level', level: undefined, msg: undefined, time: undefined },
      place,
      `x${'y'.repeat(300)}`,
    ),
  ];
  expect(rows.join('')).toBe(
    [
      'line  format     envelope         level    time                     msg and fields',
      '1     json                        error    2026-11-21T10:00:00.000Z a\\x1b[31m\\x0ab',
      '1     -                           opaque   no level                 xyyyyyyyyyyyyyyyyyy…',
      '',
    ].join('\n'),
  );
});

test('has colours, if it is asked for them', () => {
  const row = new ReadTable(80, true).row(
    {
      why: undefined,
      envelope: undefined,
      mark: undefined,
      fields: [],
      format: 'json',
      level: 'warn',
      msg: 'x',
      time: undefined,
    },
    { source: undefined, line: 1 },
    '',
  );
  expect(row).toContain('\u001b[33mwarn');
});

test('shows which lines continue one before them, each in its own container', async () => {
  const lines = [
    '2024-03-01 10:00:00,123 ERROR app failed',
    'Traceback (most recent call last):',
    '  File "a.py", line 1, in f',
    'ValueError: no',
    '',
    'During handling of the above exception, another exception occurred:',
    '',
    'plain text',
    '  indented, behind nothing that is read',
    'web-1  | 2024-03-01 10:00:00,123 ERROR app failed',
    'db-1   | level=info msg=fine',
    'web-1  |   at foo.bar(Baz.java:3)',
    'db-1   | at the end of the day',
  ];
  const shown = await json(lines.join('\n'), '--zone', 'UTC');
  expect(shown.map(({ continues }) => continues)).toEqual([
    undefined, 1, 1, 1, undefined, 1, undefined, undefined, undefined, undefined, undefined, 10, undefined,
  ]); // prettier-ignore
  const opaque = await json(lines.join('\n'), '--zone', 'UTC', '--only', 'opaque');
  expect(opaque.map(({ example }) => example)).toEqual([
    '', 'plain text', '  indented, behind nothing that is read', 'db-1   | at the end of the day',
  ]); // prettier-ignore
});

test('agrees with the engine on what continues a line', async () => {
  const rules =
    'version: 1\nrules: [{ id: r, when: { level: { at_least: debug } }, then: { level: debug }, repeat: { by: [], window: 1m } }]\n';
  for (const name of readdirSync(join(ROOT, 'fixtures/cases')).filter((each) => /trace|record|behind/u.test(each))) {
    const file = join(ROOT, 'fixtures/cases', name, 'input.log');
    const { counts } = runCounted(rules, linesOf(readFileSync(file, 'utf8')), {
      clock: 'replay',
      order: 'strict',
      envelope: 'auto',
    });
    const shown = await json(readFileSync(file, 'utf8'), '--zone', 'UTC');
    const heads = new Set(shown.flatMap(({ continues }) => (continues === undefined ? [] : [continues])));
    expect(counts.records, name).toBe(heads.size);
  }
});

const linesOf = (text: string): { source: string; at: number; line: string }[] =>
  text
    .split('\n')
    .slice(0, -1)
    .map((line) => ({ source: 'stdin', at: 0, line }));
