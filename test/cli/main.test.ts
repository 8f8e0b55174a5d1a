import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fileWith, runMain, scratch } from './host.ts';

const RULES = join(import.meta.dirname, 'rules.yaml');

const line = (level: number, rest: object): string => `${JSON.stringify({ level, ...rest })}\n`;
const T = 1_700_000_000_000;
const TROUBLE = line(50, { time: T + 1, pid: 7, msg: 'Error creating MSHV' });
const READY = line(30, { time: T + 2, pid: 7, device: '/dev/kvm', outcome: 'ready' });
const REPEAT = line(50, { time: T + 3, msg: 'ethtool failed' });
const OTHER = 'level=error msg="no rule cares"\n';
const STREAM = `${TROUBLE}${OTHER}${READY}${REPEAT.repeat(3)}`;

const LOWERED =
  '{"level":20,"time":1700000000001,"pid":7,"msg":"no MSHV","relevel":{"rule":"probe","was":"50","was_msg":"Error creating MSHV","why":"kvm after 1 ms"}}\n';
const FIRST = '{"level":40,"time":1700000000003,"msg":"ethtool failed","relevel":{"rule":"repeats","was":"50"}}\n';
const FOLDED =
  '{"level":40,"time":1700000000003,"msg":"ethtool failed","relevel":{"rule":"repeats","was":"50","repeats":2,"first":"2023-11-14T22:13:20.003Z","last":"2023-11-14T22:13:20.003Z"}}\n';

test('lowers, folds and lets through', async () => {
  expect(await runMain(['-r', RULES], { stdin: STREAM })).toEqual({
    exit: { kind: 'done', unread: 0 },
    out: `${LOWERED}${OTHER}${READY}${FIRST}${FOLDED}`,
    err: '',
  });
});

const ways: readonly [claim: string, args: string[], env: Record<string, string>, out: string][] = [
  ['leaves the stream alone in shadow', ['--shadow'], {}, STREAM],
  ['does without a rule', ['--off', 'probe'], {}, `${TROUBLE}${OTHER}${READY}${FIRST}${FOLDED}`],
  ['reads stdin as a file', ['-'], {}, `${LOWERED}${OTHER}${READY}${FIRST}${FOLDED}`],
  ['takes options from the environment', [], { RELEVEL_OFF: 'probe,repeats' }, STREAM],
  ['lets a line wait alone', ['--order=relaxed'], {}, `${OTHER}${LOWERED}${READY}${FIRST}${FOLDED}`],
  ['lets longer lines through', ['--max-line=10'], {}, STREAM],
];

test.each(ways)('%s', async (_claim, args, env, out) => {
  const ran = await runMain(['-r', RULES, ...args], { stdin: STREAM, env });
  expect(ran).toEqual({ exit: { kind: 'done', unread: 0 }, out, err: '' });
});

test('leaves no annotations where none are wanted', async () => {
  const { out } = await runMain(['-r', RULES, '--no-annotate'], { stdin: TROUBLE + READY });
  expect(out).toBe(`{"level":20,"time":1700000000001,"pid":7,"msg":"no MSHV"}\n${READY}`);
});

test('says what it did', async () => {
  const { err } = await runMain(['-r', RULES, '--summary'], { stdin: STREAM + TROUBLE });
  expect(err).toBe(`relevel: what became of the lines
  in   7 = 3 unchanged + 2 changed + 2 folded
  out  6 = 3 unchanged + 2 changed + 1 summaries

  rule     fitted  held  lowered  to else  folded  summaries
  probe         2     2        1        0       0          0
  repeats       3     0        1        0       2          1

  probe: unchanged, because
           1  the input ended

  rules that fitted no line: 1
`);
});

test('says what it did to a machine', async () => {
  const { err } = await runMain(['-r', RULES, '--summary', '--log-format', 'json'], { stdin: STREAM });
  expect(JSON.parse(err)).toMatchObject({
    level: 30,
    name: 'relevel',
    counts: { linesIn: 6, changed: 2, rules: { repeats: { folded: 2 } } },
  });
});

test('goes on where a file is missing', async () => {
  const { exit, out, err } = await runMain(['-r', RULES, 'gone\x1b[2J.log', fileWith(OTHER)]);
  expect(exit).toEqual({ kind: 'done', unread: 1 });
  expect([out, err]).toEqual([OTHER, 'relevel: error: gone\\x1b[2J.log: cannot open: no such file or directory\n']);
});

test('keeps the code of an error in ECS, and says the message once', async () => {
  const { err } = await runMain(['-r', RULES, '--log-format', 'ecs', 'gone\u009b.log']);
  expect(JSON.parse(err)).toMatchObject({
    'log.level': 'error',
    message: 'gone\u009b.log: cannot open: no such file or directory',
    error: { code: 'ENOENT' },
  });
  expect(err.match(/"message"/gu)).toHaveLength(1);
  expect(err).not.toContain('\u009b');
});

test('says at the start which rules rest, in live', async () => {
  const expired = `relevel: warn: ${RULES}: rule "once-only" rests: its "until" passed at 2025-12-31T00:00:00Z; mend the cause, or move it\n`;
  expect((await runMain(['-r', RULES, '--clock', 'live'])).err).toBe(expired);
  expect((await runMain(['-r', RULES, '--clock', 'replay'])).err).toBe('');
});

test('says so where the hold queue is full, once', async () => {
  const { out, err } = await runMain(['-r', RULES, '--hold-lines', '1'], { stdin: TROUBLE.repeat(5) });
  expect(out).toBe(TROUBLE.repeat(5));
  expect(err).toBe(
    'relevel: warn: the hold queue was full: 4 lines were released unchanged; see --hold-lines (1) and --hold-bytes (16MiB), above all of "probe"\n',
  );
});

test('stops folding where the archive cannot be written, and says so once', async () => {
  const { exit, out, err } = await runMain(['-r', RULES, '--archive', '/gone/archive'], { stdin: REPEAT.repeat(3) });
  expect(exit).toEqual({ kind: 'done', unread: 0 });
  expect(out).toBe(`${FIRST}${REPEAT}${REPEAT}`);
  expect(err).toBe(
    'relevel: warn: /gone/archive: cannot keep folded lines: no such file or directory; until it can be written, repeats pass unchanged\n',
  );
});

test('colours what it says on a terminal, unless it may not', async () => {
  const terminal = { stderrIsTerminal: () => true };
  expect((await runMain(['gone.log'], terminal)).err).toContain('relevel: \x1b[31merror\x1b[39m: ');
  expect((await runMain(['gone.log'], { ...terminal, env: { NO_COLOR: '1' } })).err).toContain('relevel: error: ');
});

const refused: readonly [claim: string, args: string[], err: string][] = [
  ['a word', ['chekc'], 'relevel: error: "chekc" is neither a command nor a file; did you mean "check"\n'],
  [
    'a far word',
    ['xyzzy'],
    'relevel: error: "xyzzy" is neither a command nor a file; commands are follow, run, restore, status, reload, read, suggest, check, test, record, explain, replay, …\n',
  ],
  ['an option', ['--shadw'], 'relevel: error: unknown option "--shadw"; did you mean "--shadow"\n'],
  ['the option of another command', ['restore', '--shadow'], 'relevel: error: unknown option "--shadow"\n'],
  ['rules that are not there', ['-r', 'gone.yaml'], 'relevel: error: -r: gone.yaml: cannot read: no such file or directory\n'],
  [
    'a pack',
    ['-r', 'builtin/ethtol'],
    'relevel: error: -r: no pack is called "builtin/ethtol"; did you mean "builtin/ethtool"\n',
  ],
  ['an id', ['-r', RULES, '--off', 'prob'], 'relevel: error: --off: no rule has the id "prob"; did you mean "probe"\n'],
];

test.each(refused)('refuses %s, and reads nothing', async (_claim, args, err) => {
  const ran = await runMain(args, { stdin: STREAM });
  expect([ran.exit, ran.out]).toEqual([{ kind: 'refused' }, '']);
  expect(ran.err.replace(/relevel: see .*\n/u, '')).toBe(err);
});

test('refuses bad rules with all their problems', async () => {
  const bad = fileWith('version: 1\nrules:\n  - { id: a b, when: {}, thn: {} }\n', 'bad.yaml');
  const { exit, out, err } = await runMain(['-r', bad, '-r', RULES], { stdin: STREAM });
  expect([exit, out]).toEqual([{ kind: 'refused' }, '']);
  expect(err).toContain(`${bad}:3:11: bad id "a b"`);
  expect(err).toContain(`${bad}:3:26: unknown key "thn"; did you mean "then"\n    - { id: a b, when: {}, thn: {} }\n`);
});

test('refuses an id that two sources have', async () => {
  const { exit, err } = await runMain(['-r', 'builtin/ethtool', '-r', 'builtin']);
  expect(exit).toEqual({ kind: 'refused' });
  expect(err).toMatch(
    /^relevel: error: builtin\/ethtool: duplicate id "[\w-]+"; the first is in builtin\/ethtool, choose another\n/u,
  );
});

test('takes a folder in order of name, and each source in the order given', async () => {
  const folder = scratch();
  const rule = (id: string): string => `version: 1\nrules: [{ id: ${id}, when: { msg: x }, then: { level: debug } }]\n`;
  for (const name of ['b', 'a', 'c']) writeFileSync(join(folder, `${name}.yml`), rule(name));
  writeFileSync(join(folder, 'note.txt'), 'no rules');
  writeFileSync(join(folder, 'a.test.yml'), 'no rules either, but the tests of a.yml');
  const whose = async (...rules: string[]): Promise<string | undefined> =>
    /"rule":"(\w+)"/u.exec(
      (
        await runMain(
          rules.flatMap((each) => ['-r', each]),
          { stdin: '{"level":50,"msg":"x"}\n' },
        )
      ).out,
    )?.[1];
  expect(await whose(folder)).toBe('a');
  expect(await whose('builtin', join(folder, 'c.yml'), join(folder, 'b.yml'))).toBe('c');
  mkdirSync(join(folder, 'empty'));
  expect((await runMain(['-r', join(folder, 'empty')])).err).toContain(
    'no rules in this folder; they are files *.yaml or *.yml\n',
  );
});

test('restores what it changed, to the byte, and lets all else through', async () => {
  const long = `${'x'.repeat(3 << 20)}\n`;
  const stream = `${TROUBLE}${OTHER}${READY}level=error msg="ethtool\u00e9"\r\n${long}no newline`;
  const { out } = await runMain(['-r', RULES], { stdin: stream });
  expect(out).not.toBe(stream);
  expect(await runMain(['restore'], { stdin: out })).toEqual({ exit: { kind: 'done', unread: 0 }, out: stream, err: '' });
});

test('restores lines wherever they were cut into chunks', async () => {
  const lines = Array.from({ length: 5000 }, (_, i) => `level=error n=${i} msg="ethtool of ${i}"\n`);
  const { out } = await runMain(['-r', RULES], { stdin: lines.join('') });
  expect(out.split('relevel.was=error')).toHaveLength(5001);
  expect((await runMain(['restore'], { stdin: out })).out).toBe(lines.join(''));
});

test('restores lines in the format that it is told, and in no other', async () => {
  const odd = 'a=1 level=error msg="ethtool"\n';
  const { out } = await runMain(['-r', RULES, '--format', 'logfmt'], { stdin: odd });
  expect(out).toContain('relevel.was=error');
  expect((await runMain(['restore', '--format', 'json'], { stdin: out })).out).toBe(out);
  expect((await runMain(['restore', '--format', 'logfmt'], { stdin: out })).out).toBe(odd);
});

test('restores all lines behind one that it cannot', async () => {
  const lines = `[2025-01-01T00:00:00Z DEBUG a] relevel.rule=r relevel.was=ERROR relevel.was_msg="\n${LOWERED}`;
  expect((await runMain(['restore'], { stdin: lines })).out).toBe(lines.replace(LOWERED, TROUBLE));
});

test('restores pieces where they stood among the lines of the other stream', async () => {
  const at = (stream: string, tag: string, text: string): string => `2026-11-21T10:00:00.123456789Z ${stream} ${tag} ${text}\n`;
  const lowered =
    'level=debug msg="it is missing" relevel.rule=lower relevel.was=error relevel.pieces=22@2026-11-21T10:00:00.123456789Z/2';
  const written = [
    at('stdout', 'F', 'a'),
    at('stdout', 'F', 'b'),
    at('stdout', 'F', 'c'),
    at('stderr', 'F', lowered),
    at('stdout', 'F', 'd'),
  ];
  const [a, b, c, , d] = written;
  const pieces = [at('stderr', 'P', 'level=error msg="it is'), at('stderr', 'F', ' missing"')];
  expect((await runMain(['restore'], { stdin: written.join('') })).out).toBe([a, pieces[0], b, c, pieces[1], d].join(''));
});

test('restores lines of files, one file after the other', async () => {
  const { exit, out } = await runMain(['restore', fileWith(LOWERED), '/gone', fileWith(OTHER)]);
  expect([exit, out]).toEqual([{ kind: 'done', unread: 1 }, TROUBLE + OTHER]);
});

test.each([['--version'], ['restore', '--version']])('%s says which version it is', async (...args) => {
  expect((await runMain(args)).out).toMatch(/^\d+\.\d+\.\d+\n$/u);
});

// `npx vitest -u` rewrites the files; read the diff before you commit it.
test.each([
  ['relevel'],
  ['follow'],
  ['restore'],
  ['suggest'],
  ['check'],
  ['test'],
  ['record'],
  ['explain'],
  ['replay'],
  ['help'],
])('the help of %s', async (name) => {
  const { exit, out } = await runMain(name === 'relevel' ? ['help'] : ['help', name]);
  expect(exit).toEqual({ kind: 'done', unread: 0 });
  expect(out.split('\n').every((each) => each.length <= 96)).toBe(true);
  await expect(out).toMatchFileSnapshot(join(import.meta.dirname, `help/${name}.txt`));
});

const VALUES = `[
  { "level": 50, "time": ${T + 3},
    "msg": "ethtool failed", "n": 12345678901234567890.10 },
  ${REPEAT.trim()},
  { "level": 50, oops }
]
{"a":1}`;

const VALUES_FIRST =
  '{"level":40,"time":1700000000003,"msg":"ethtool failed","n":12345678901234567890.10,"relevel":{"rule":"repeats","was":"50"}}\n';

test.each([
  ['stdin', []],
  ['a file', ['FILE']],
])('makes lines of JSON values: %s', async (_claim, words) => {
  const args = words.map(() => fileWith(VALUES));
  const { exit, out, err } = await runMain(['-r', RULES, '--format', 'json-stream', ...args], { stdin: VALUES });
  expect(out.split('\n').slice(1)).toEqual([
    '{ "level": 50, oops }',
    '{"a":1}',
    expect.stringMatching(/^\{"level":40,.*"repeats":1,/u),
    '',
  ]);
  expect(out.startsWith(VALUES_FIRST)).toBe(true);
  const place = VALUES.indexOf('oops');
  expect(err).toBe(
    `relevel: error: ${args[0] ?? 'stdin'}: byte ${place}: no JSON: expected an object key; it passes as it came\n`,
  );
  expect(exit).toEqual({ kind: 'failed' });
});

test('leaves JSON values as they came in shadow', async () => {
  const { out } = await runMain(['-r', RULES, '--shadow'], { stdin: VALUES, env: { RELEVEL_FORMAT: 'json-stream' } });
  expect(out).toBe(VALUES);
});

test('tells of ten places that are no JSON, and counts the others', async () => {
  const { err } = await runMain(['--format=json-stream'], { stdin: 'x\n1\n'.repeat(13) });
  expect(err.trim().split('\n')).toHaveLength(11);
  expect(err).toContain('relevel: error: 3 more places were no JSON\n');
});

test.each([
  [['run', '--format', 'json-stream', '--', 'true'], '--format', 'run'],
  [['follow', '--format', 'json-stream', '*.log'], '--format', 'follow'],
])('takes no JSON values from %j', async (args, place, command) => {
  expect(await runMain(args)).toEqual({
    exit: { kind: 'refused' },
    out: '',
    err: `relevel: error: ${place}: "json-stream" is not one of auto, json, logfmt, text (json-stream is for files and stdin)\nrelevel: see "relevel help ${command}"\n`,
  });
});
