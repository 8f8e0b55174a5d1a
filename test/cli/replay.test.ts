import { expect, test } from 'vitest';
import { fileWith, runMain } from './host.ts';

const OLD = `version: 1
rules:
  - { id: disk, when: { level: error, msg: { contains: disk } }, then: { level: warn } }
  - { id: quiet, when: { level: error, msg: { contains: heartbeat } }, then: { level: info } }
`;
const NEW = `version: 1
rules:
  - { id: disk, when: { level: error, msg: { contains: disk } }, then: { level: info }, repeat: { by: [], window: 1m, rest: fold } }
  - { id: login, when: { level: error, msg: { contains: login } }, then: { level: info } }
`;
const LOG = `{"level":50,"time":1758800000000,"msg":"disk"}
{"level":50,"time":1758800001000,"msg":"disk"}
{"level":50,"time":1758800002000,"msg":"heartbeat"}
{"level":50,"time":1758800003000,"msg":"login failed","password":"hunter2"}
{"level":30,"time":1758800003000,"msg":"other"}
`;

const rules = (text: string): string => fileWith(text, 'rules.yaml');

test('shows what a change of rules would hide, make louder, and lower further', async () => {
  const log = fileWith(LOG);
  const { exit, out } = await runMain(['replay', '--rules', rules(NEW), '--against', rules(OLD), log]);
  expect(exit).toEqual({ kind: 'code', code: 1 });
  expect(out.replaceAll(log, 'in.log')).toBe(`hidden now: 1 line that was at error or above
  1 line: ERROR → INFO · rule "login"
    in.log:4: {"level":50,"time":1758800003000,"msg":"login failed","password":"xxxxx"}

louder now: 1 line
  1 line: INFO → ERROR · rule "quiet"
    in.log:3: {"level":50,"time":1758800002000,"msg":"heartbeat"}

quieter now, and nothing hidden: 2 lines
  1 line: WARN → INFO · rule "disk"
    in.log:1: {"level":50,"time":1758800000000,"msg":"disk"}
  1 line: WARN → (collapsed) · rule "disk"
    in.log:2: {"level":50,"time":1758800001000,"msg":"disk"}

  before \\ after  ERROR  INFO  (collapsed)
  ERROR                     1
  WARN                      1            1
  INFO                1

5 lines read, 4 lines would differ
`);
});

test('what counts as seen is the threshold', async () => {
  const { out } = await runMain([
    'replay',
    '--json',
    '--threshold',
    'warn',
    '--rules',
    rules(NEW),
    '--against',
    rules(OLD),
    fileWith(LOG),
  ]);
  expect(JSON.parse(out)).toMatchObject({ linesRead: 5, threshold: 'warn', lines: { hidden: 3, louder: 1, quieter: 0 } });
});

test('without other rules it compares with none, and lists lines if it is asked to', async () => {
  const log = fileWith(LOG);
  const { out } = await runMain(['replay', '--rows', '--rules', rules(NEW), log]);
  const listed = out.split('hidden now')[0]!.replaceAll(log, 'in.log');
  expect(listed).toBe(`in.log:1: ERROR → INFO · disk · {"level":50,"time":1758800000000,"msg":"disk"}
in.log:2: ERROR → (collapsed) · disk · {"level":50,"time":1758800001000,"msg":"disk"}
in.log:4: ERROR → INFO · login · {"level":50,"time":1758800003000,"msg":"login failed","password":"xxxxx"}
`);
  const { out: bare } = await runMain(['replay', '--rows', '--no-mask', '--rules', rules(NEW), log]);
  expect(bare).toContain('hunter2');
});

test.each([
  ['nothing would change', [fileOf(OLD), '--against', fileOf(OLD)], LOG, 0],
  ['something would', [fileOf(NEW)], LOG, 1],
])('exits as diff does: %s', async (_claim, args, log, code) => {
  const { exit } = await runMain(['replay', '--rules', ...args.map((arg) => (typeof arg === 'string' ? arg : arg()))], {
    stdin: log,
  });
  expect(exit).toEqual({ kind: 'code', code });
});

function fileOf(text: string): () => string {
  return () => rules(text);
}

test.each([
  ['rules that do not load', ['--rules', '/gone.yaml']],
  ['old rules that do not load', ['--rules', 'builtin', '--against', '/gone.yaml']],
  ['a log that is not there', ['--rules', 'builtin', '/gone.log']],
  ['a level that is none', ['--rules', 'builtin', '--threshold', 'loud']],
])('exits with 2 if it could not be found out: %s', async (_claim, args) => {
  const { exit, err } = await runMain(['replay', ...args]);
  expect(exit).toEqual({ kind: 'refused' });
  expect(err).not.toBe('');
});
