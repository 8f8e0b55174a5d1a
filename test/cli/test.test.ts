import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runMain, scratch } from './host.ts';

const DONE = { kind: 'done', unread: 0 };
const FAILED = { kind: 'failed' };
const REFUSED = { kind: 'refused' };

const RULES = `version: 1
rules:
  - id: heals
    when: { level: error, msg: { starts_with: 'cannot reach db-' } }
    await: { success: [{ msg: connected }], within: 5s, by: [host] }
    then: { level: info }
    examples:
      - name: it heals
        lines:
          - { line: '{"level":50,"host":"a","msg":"cannot reach db-1"}', becomes: info }
          - { at: 1s, line: '{"level":30,"host":"a","msg":"connected"}' }
`;
const TESTS = `version: 1
tests:
  - name: another host heals nothing
    lines:
      - { line: '{"level":50,"host":"a","msg":"cannot reach db-1"}', becomes: same }
      - { at: 1s, line: '{"level":30,"host":"b","msg":"connected"}' }
      - { at: 1m }
  - name: a log
    input: app.log
    golden: app.expected.log
`;
const LOG = `{"level":50,"time":1758800000000,"host":"a","msg":"cannot reach db-1"}
{"level":30,"time":1758800001000,"host":"a","msg":"connected"}
`;

/** A folder with these files. */
function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = scratch();
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

async function goldenFolder(more: Readonly<Record<string, string>> = {}): Promise<string> {
  const folder = folderWith({ 'rules.yaml': RULES, 'rules.test.yaml': TESTS, 'app.log': LOG, ...more });
  const { out } = await runMain(['-r', join(folder, 'rules.yaml'), join(folder, 'app.log')]);
  if (more['app.expected.log'] === undefined) writeFileSync(join(folder, 'app.expected.log'), out);
  return folder;
}

test('runs the examples of rules, and the tests beside them: a golden file has what the filter writes', async () => {
  const folder = await goldenFolder();
  const said = `${join(folder, 'rules.yaml')}: 1 rule, 3 tests, all passed
3 tests, all passed
coverage: 3 of 3 ways in which rules decide (100 %)
`;
  for (const path of [join(folder, 'rules.yaml'), folder, join(folder, 'rules.test.yaml')])
    expect(await runMain(['test', path])).toEqual({ exit: DONE, out: said, err: '' });
});

test('shows what a golden file lacks', async () => {
  const folder = await goldenFolder({ 'app.expected.log': LOG });
  const { exit, out } = await runMain(['test', '--run', '^a log$', folder]);
  expect(exit).toEqual(FAILED);
  expect(out.split('\n').slice(0, 6)).toEqual([
    `${join(folder, 'rules.test.yaml')}:8:5: "a log": not as expected`,
    '  line 1:',
    '  - {"level":50,"time":1758800000000,"host":"a","msg":"cannot reach db-1"}',
    '  + {"level":30,"time":1758800000000,"host":"a","msg":"cannot reach db-1","relevel":{"rule":"heals","was":"50","why":"success after 1000 ms"}}',
    '    {"level":30,"time":1758800001000,"host":"a","msg":"connected"}',
    '    ',
  ]);
});

test('--update writes golden files anew, and only those that differ', async () => {
  const folder = await goldenFolder({ 'app.expected.log': LOG });
  const { exit, out } = await runMain(['test', '--update', folder]);
  expect(exit).toEqual(DONE);
  expect(out).toContain('3 tests, all passed; 1 golden file written\n');
  expect(readFileSync(join(folder, 'app.expected.log'), 'utf8')).toContain('"rule":"heals"');
  expect((await runMain(['test', '--update', folder])).out).toContain('3 tests, all passed\n');
});

test.each([
  ['../outside.log', 'a golden file lies in the folder of its tests, or below it'],
  ['up/outside.log', 'a golden file lies in the folder of its tests, or below it'],
  ['link.log', 'a golden file is no link'],
  ['.git/config', 'a golden file is not hidden'],
  ['rules.yaml', 'a golden file is no YAML, as rules are'],
])('--update does not write %s', async (golden, why) => {
  const around = folderWith({ 'outside.log': 'precious' });
  const folder = join(around, 'tests');
  mkdirSync(join(folder, '.git'), { recursive: true });
  const tests = TESTS.replace('app.expected.log', golden);
  const files = { 'rules.yaml': RULES, 'rules.test.yaml': tests, 'app.log': LOG, '.git/config': 'precious' };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  symlinkSync('..', join(folder, 'up'));
  symlinkSync('../outside.log', join(folder, 'link.log'));
  const { exit, out } = await runMain(['test', '--update', folder]);
  expect([exit, out]).toEqual([REFUSED, expect.stringContaining(`${join(folder, golden)}: cannot write: ${why}\n`)]);
  expect(readFileSync(join(around, 'outside.log'), 'utf8')).toBe('precious');
  expect(readFileSync(join(folder, '.git/config'), 'utf8')).toBe('precious');
  expect(readFileSync(join(folder, 'rules.yaml'), 'utf8')).toBe(RULES);
});

test('--update writes a golden file in a folder below that of the tests', async () => {
  const folder = await goldenFolder({ 'rules.test.yaml': TESTS.replace('app.expected.log', 'below/app.log') });
  mkdirSync(join(folder, 'below'));
  expect((await runMain(['test', '--update', folder])).exit).toEqual(DONE);
  expect(readFileSync(join(folder, 'below', 'app.log'), 'utf8')).toContain('"rule":"heals"');
});

test('the golden file of a test is not its input', async () => {
  const folder = await goldenFolder({ 'rules.test.yaml': TESTS.replace('app.expected.log', 'app.log') });
  const { exit, out } = await runMain(['test', '--update', folder]);
  expect([exit, out]).toEqual([REFUSED, expect.stringContaining('the golden file is the input; it needs a name of its own')]);
  expect(readFileSync(join(folder, 'app.log'), 'utf8')).toBe(LOG);
});

const WRONG = RULES.replace('becomes: info', 'becomes: same');

test('a test that fails shows the line, what was expected and what came, and where to look', async () => {
  const folder = folderWith({ 'rules.yaml': WRONG });
  const path = join(folder, 'rules.yaml');
  expect(await runMain(['test', path])).toEqual({
    exit: FAILED,
    out: `${path}:8:9: "heals: it heals": not as expected
  line 1    {"level":50,"host":"a","msg":"cannot reach db-1"}
  expected  same (the same bytes)
  got       level info, rule heals, why success after 1000 ms
  look at   what decided: success after 1000 ms

${path}: 1 rule, 1 test, 1 failed
1 test, 1 failed
coverage: 2 of 3 ways in which rules decide (66.6 %)
  rule "heals": no test shows silence
`,
    err: '',
  });
});

test('prints TAP', async () => {
  const folder = folderWith({
    'rules.yaml': WRONG,
    'rules.test.yaml': TESTS.split('  - name: a log')[0]!.replace('another host heals nothing', '"another host # heals nothing"'),
  });
  const path = join(folder, 'rules.yaml');
  expect((await runMain(['test', '--reporter', 'tap', path])).out).toBe(`TAP version 14
1..2
not ok 1 - ${path}: heals: it heals
  ---
  at: "${path}:8:9"
  message: |
    line 1    {"level":50,"host":"a","msg":"cannot reach db-1"}
    expected  same (the same bytes)
    got       level info, rule heals, why success after 1000 ms
    look at   what decided: success after 1000 ms
  ...
ok 2 - ${path}: another host \\# heals nothing
`);
});

test('prints XML of JUnit, and commands of GitHub', async () => {
  const folder = folderWith({ 'rules.yaml': WRONG.replace('it heals', '"<&> \\u0007"') });
  const path = join(folder, 'rules.yaml');
  const junit = await runMain(['test', '--reporter', 'junit', path]);
  expect(junit.exit).toEqual(FAILED);
  expect(junit.out).toContain(
    `<testcase classname="${path}" name="heals: &lt;&amp;&gt; \\u0007" file="${path}" line="8">\n      <failure message="not as expected">line 1    {&quot;level&quot;`,
  );
  expect(junit.out).toContain('<testsuites name="relevel test" tests="1" failures="1">');
  const { out } = await runMain(['test', '--reporter', 'github', path]);
  expect(out).toContain(`::error file=${path},line=8,col=9,title=relevel test%3A heals%3A <&> \\x07::line 1    {"level":50`);
  expect(out.trimEnd()).not.toContain('\n');
});

test.each([
  ['100', FAILED, ', and --min-coverage is 100 %'],
  ['66.6', DONE, ''],
  ['0%', DONE, ''],
])('--min-coverage %s', async (least, exit, said) => {
  const folder = folderWith({ 'rules.yaml': RULES });
  const ran = await runMain(['test', '--min-coverage', least, folder]);
  expect(ran.exit).toEqual(exit);
  expect(ran.out).toContain(`coverage: 2 of 3 ways in which rules decide (66.6 %)${said}\n`);
});

test('a mutation that no test notices comes with an example that notices it; with those, all are noticed', async () => {
  const folder = folderWith({ 'rules.yaml': RULES });
  const path = join(folder, 'rules.yaml');
  const { exit, out } = await runMain(['test', '--mutate', path]);
  expect(exit).toEqual(FAILED);
  expect(out).toContain(`${path}:3:5: no test notices this mutation: rule "heals": "by" without "host"; this one would:
      - name: 'needs the same "host"'
        lines:
`);
  const examples = Array.from(out.matchAll(/^ {6}- name:.*\n(?: {8,}.*\n)*/gmu), ([text]) => text);
  expect(examples.length).toBeGreaterThan(5);
  writeFileSync(path, RULES + examples.join(''));
  const again = await runMain(['test', '--mutate', path]);
  expect(again.exit).toEqual(DONE);
  expect(again.out).toMatch(/: \d+ mutations: \d+ noticed, 0 not noticed\n/u);
  const tap = await runMain(['test', '--mutate', '--reporter', 'tap', path]);
  expect(tap.out).toMatch(/^ok \d+ - .*: \d+ mutations are noticed$/mu);
});

test.each<[claim: string, args: string[], files: Record<string, string>, said: string]>([
  [
    'tests that do not load',
    ['.'],
    { 'rules.yaml': RULES, 'rules.test.yaml': 'version: 1\ntests: [{ nam: x }]\n' },
    'rules.test.yaml:2:11: unknown key "nam"; did you mean "name"\n',
  ],
  [
    'a test of nothing',
    ['.'],
    { 'rules.yaml': RULES, 'rules.test.yaml': 'version: 1\ntests: [{ name: x }]\n' },
    ':2:9: a test of nothing; say "lines", or "input" and "golden"\n',
  ],
  [
    'two kinds in one',
    ['.'],
    { 'rules.yaml': RULES, 'rules.test.yaml': 'version: 1\ntests: [{ name: x, lines: [], input: a }]\n' },
    ':2:31: "input" beside "lines"; a test has either lines, or an input and a golden file\n',
  ],
  [
    'no golden file is named',
    ['.'],
    { 'rules.yaml': RULES, 'rules.test.yaml': 'version: 1\ntests: [{ name: x, input: a }]\n' },
    ':2:20: "input" without "golden"; say which file has what relevel writes\n',
  ],
  [
    'several records in one text',
    ['.'],
    {
      'rules.yaml': RULES,
      'rules.test.yaml': 'version: 1\ntests:\n  - name: x\n    lines: [{ line: "level=info\\nlevel=warn" }]\n',
    },
    'rules.test.yaml:3:5: "x": line 2 of a text does not continue the first, so these are several records; give each an item of its own\n',
  ],
  [
    'a log that is not there',
    ['.'],
    { 'rules.yaml': RULES, 'rules.test.yaml': TESTS },
    'app.log: cannot read: no such file or directory\n',
  ],
  [
    'tests without rules',
    ['.'],
    { 'rules.yaml': RULES, 'lost.test.yaml': TESTS },
    'lost.test.yaml: there are no rules beside these tests; they are ',
  ],
  ['rules that do not load', ['.'], { 'rules.yaml': RULES.replace('await', 'awat') }, 'unknown key "awat"'],
])('exits with 2: %s', async (_claim, paths, files, said) => {
  const folder = folderWith(files);
  const { exit, out } = await runMain(['test', ...paths.map((path) => join(folder, path))]);
  expect(exit).toEqual(REFUSED);
  expect(out).toContain(said);
  expect(out).toMatch(/\d+ problems?; no tests were run\n$/u);
});

test.each([
  [['--run', '('], '--run: bad pattern: missing closing )'],
  [['--run', 'x', '--mutate'], '--mutate asks all tests; leave --run out'],
  [['--run', 'x', '--min-coverage', '5'], '--min-coverage counts all tests; leave --run out'],
  [['--update', '--mutate'], '--mutate changes no file; leave --update out'],
  [['--min-coverage', '101'], 'a percentage from 0 to 100'],
  [['--mutate', 'builtin'], '--mutate: the tests of "builtin" are in relevel\'s repository; there: relevel test --mutate rules/'],
  [['--run', 'nothing is called so'], '--run: no test is called so: "nothing is called so"'],
])('refuses %j', async (args, said) => {
  const folder = folderWith({ 'rules.yaml': RULES });
  const { exit, err } = await runMain(['test', ...args, folder]);
  expect(exit).toEqual(REFUSED);
  expect(err).toContain(said);
});

test('finds the rules of the project, and says so', async () => {
  const before = process.cwd();
  const folder = folderWith({ 'relevel.yaml': RULES });
  process.chdir(folder);
  try {
    const { exit, out, err } = await runMain(['test']);
    expect(exit).toEqual(DONE);
    expect(err).toContain('rules: ./relevel.yaml, which is in this folder');
    expect(out).toContain('./relevel.yaml: 1 rule, 1 test, all passed\n');
  } finally {
    process.chdir(before);
  }
});
