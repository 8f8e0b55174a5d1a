import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fileWith, runMain } from './host.ts';

const RULES = fileWithRules(`version: 1
rules:
  - id: heals
    when: { level: { at_least: warn }, msg: { starts_with: 'cannot reach ' } }
    await: { success: [{ msg: connected }], within: 5s, by: [host] }
    then: { level: info }
  - { id: other, when: { level: error, msg: { contains: 'no route' } }, then: { level: warn } }
`);

/** One for all tests: nothing changes it. */
function fileWithRules(text: string): () => string {
  return () => fileWith(text, 'rules.yaml');
}

const LOG = `{"level":50,"time":1758800000000,"host":"a","msg":"cannot reach b"}
{"level":30,"time":1758800001000,"host":"a","msg":"connected"}
{"level":50,"time":1758800002000,"host":"a","msg":"no route"}
{"level":30,"time":1758800003000,"host":"a","msg":"no route"}
`;

interface Told {
  readonly lines: readonly { readonly line: number; readonly verdict?: { readonly rule: string; readonly ending: string } }[];
  readonly rules: readonly { readonly rule: string; readonly lines: number; readonly stopped: readonly unknown[] }[];
  readonly linesRead: number;
}

const json = async (...args: string[]): Promise<Told> => {
  const { out, exit } = await runMain(['explain', '--json', '--rules', RULES(), ...args]);
  expect(exit).toEqual({ kind: 'done', unread: 0 });
  return JSON.parse(out) as Told;
};

test('tells in JSON what each rule did', async () => {
  const told = await json(fileWith(LOG));
  expect(told.lines.map(({ line, verdict }) => [line, verdict?.rule, verdict?.ending])).toEqual([
    [1, 'heals', 'then'],
    [3, 'other', 'then'],
    [4, undefined, undefined],
  ]);
  expect(told.rules.map(({ rule, lines }) => [rule, lines])).toEqual([
    ['heals', 1],
    ['other', 1],
  ]);
  expect(told.linesRead).toBe(4);
});

test('explains the line that is named, with the file around it', async () => {
  const file = fileWith(LOG);
  expect((await json(`${file}:1`)).lines.map(({ line, verdict }) => [line, verdict?.ending])).toEqual([[1, 'then']]);
  expect((await json(`${file}:2`)).lines.map(({ line, verdict }) => [line, verdict?.ending])).toEqual([[2, undefined]]);
});

test('restricts the account to one rule, and counts what stopped lines', async () => {
  const told = await json('--why-not', 'other', fileWith(LOG));
  expect(told.lines.map(({ line }) => line)).toEqual([3, 4]);
  expect(told.rules).toEqual([
    {
      rule: 'other',
      lines: 1,
      endings: { then: 1 },
      near: 1,
      stopped: [
        { condition: 'msg contains "no route"', alone: 1, all: 2, first: 1 },
        { condition: 'level error', alone: 1, all: 2, first: 4 },
      ],
      notes: [],
    },
  ]);
});

test('shows some lines that are alike, and counts the others', async () => {
  const line = '{"level":30,"host":"a","msg":"no route"}\n';
  const { out } = await runMain(['explain', '--rules', RULES(), fileWith(line.repeat(1_000))]);
  expect(out.match(/does not match/gu)).toHaveLength(3);
  expect(out).toContain(
    'rule "other": 0 lines; 1,000 lines nearly\n    level error stopped 1,000 lines, 1,000 of them alone (line 1)',
  );
});

test('lines of two files do not meet', async () => {
  const [first, second] = LOG.split('\n');
  const { out } = await runMain([
    'explain',
    '--rules',
    RULES(),
    fileWith(`${first}\n`, 'one.log'),
    fileWith(`${second}\n`, 'two.log'),
  ]);
  expect(out).toContain('the input ended before anything decided');
  expect(out).toContain('nothing like what it awaits is in the file');
});

test('reads stdin, and escapes what a terminal would obey', async () => {
  const { out } = await runMain(['explain', '--rules', RULES()], {
    stdin: '{"level":50,"msg":"no route \\u001b[31m"}\nno route \x1b\n',
  });
  expect(out).toContain('stdin:1: ');
  expect(out).toContain(String.raw`msg "no route \x1b[31m`);
  expect(out).not.toContain('\x1b');
});

test('sees that a log is a rules file', async () => {
  const path = RULES();
  const { exit, err } = await runMain(['explain', '--rules', path, path]);
  expect(exit).toEqual({ kind: 'refused' });
  expect(err).toContain('is a rules file, and no log; name it with --rules');
});

test.each([
  [['--rule', 'heal'], '--rule: no rule is called "heal"; did you mean "heals"'],
  [['--rule', 'heals', '--why-not', 'heals'], '--why-not: say either --rule or --why-not'],
  [['--line', 'x', 'a.log'], '--line: it is explained without a file; leave "a.log" out'],
])('refuses %j', async (args, said) => {
  const { exit, err, out } = await runMain(['explain', '--rules', RULES(), ...args]);
  expect([exit, out]).toEqual([{ kind: 'refused' }, '']);
  expect(err).toContain(`relevel: error: ${said}\n`);
});

test('a file that is not there is named', async () => {
  const gone = join(import.meta.dirname, 'gone.log');
  const { exit, err } = await runMain(['explain', '--rules', RULES(), gone]);
  expect(exit).toMatchObject({ unread: 1 });
  expect(err).toContain(`${gone}: cannot open`);
});
