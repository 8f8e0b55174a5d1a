import { chmodSync, lstatSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { fileWith, runMain, scratch } from './host.ts';

const WARNED = `version: 1
rules:
  - { id: quiet, when: { level: warn }, then: { level: info } }
`;
const DEAD = `version: 1
rules:
  - { id: disk, when: { level: error, msg: { contains: disk } }, then: { level: warn } }
  - { id: disk-full, when: { level: error, msg: { starts_with: 'disk full' } }, then: { level: info } }
`;
const DONE = { kind: 'done', unread: 0 };
const FAILED = { kind: 'failed' };

test('prints a finding with its place, what to do and where to read more', async () => {
  const path = fileWith(DEAD, 'rules.yaml');
  const { exit, out } = await runMain(['check', path]);
  expect(exit).toEqual(FAILED);
  expect(out)
    .toBe(`${path}:4:22: error: rule "disk-full": rule "disk" comes first and matches every line that this rule matches, so this rule applies to none
  put this rule before "disk"; see docs/lint/behind-broader.md

${path}: 2 rules, 0 examples; without examples: disk, disk-full
`);
});

test.each([
  ['a warning', WARNED, [], DONE],
  ['a warning, if they are denied', WARNED, ['--deny-warnings'], FAILED],
  ['an error', DEAD, [], FAILED],
])('exits as the findings are: %s', async (_claim, text, args, exit) => {
  expect((await runMain(['check', ...args, fileWith(text, 'rules.yaml')])).exit).toEqual(exit);
});

test('finds a rule behind one of another file', async () => {
  const [first, second] = DEAD.split('  - { id: disk-full').map((part, i) =>
    i === 0 ? part : `version: 1\nrules:\n  - { id: disk-full${part}`,
  );
  const { out } = await runMain(['check', fileWith(first!, 'a.yaml'), fileWith(second!, 'b.yaml')]);
  expect(out).toMatch(/b\.yaml:3:22: error: rule "disk-full": rule "disk" comes first/u);
});

test('prints findings for machines', async () => {
  const path = fileWith(DEAD, 'rules.yaml');
  const json = await runMain(['check', '--format', 'json', path]);
  expect(json.exit).toEqual(FAILED);
  expect(JSON.parse(json.out)).toEqual({
    findings: [
      {
        code: 'behind-broader',
        severity: 'error',
        file: path,
        line: 4,
        column: 22,
        rule: 'disk-full',
        message: 'rule "disk" comes first and matches every line that this rule matches, so this rule applies to none',
        remedy: 'put this rule before "disk"',
        page: 'docs/lint/behind-broader.md',
      },
    ],
  });
  const github = await runMain(['check', '--format', 'github', path]);
  expect(github.out).toBe(
    `::error file=${path},line=4,col=22,title=relevel%3A behind-broader::rule "disk" comes first and matches every line that this rule matches, so this rule applies to none; put this rule before "disk"\n`,
  );
  const sarif = JSON.parse((await runMain(['check', '--format', 'sarif', path])).out) as { runs: { results: unknown[] }[] };
  expect(sarif).toMatchObject({
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'relevel' } },
        results: [
          {
            ruleId: 'behind-broader',
            level: 'error',
            locations: [{ physicalLocation: { artifactLocation: { uri: path }, region: { startLine: 4, startColumn: 22 } } }],
          },
        ],
      },
    ],
  });
});

test('failing examples, and files that do not load, are findings for machines', async () => {
  const failing = fileWith(
    `version: 1
rules:
  - id: x
    when: { msg: { contains: disk } }
    then: { level: debug }
    examples:
      - { name: a disk, lines: [{ line: "level=error msg=disk", becomes: info }] }
      - { name: a disc, lines: [{ line: "level=error msg=disc", becomes: same }] }
`,
    'x.yaml',
  );
  const { exit, out } = await runMain(['check', '--format', 'json', failing]);
  expect(exit).toEqual(FAILED);
  expect(JSON.parse(out)).toMatchObject({ findings: [{ code: 'example-fails', line: 3, column: 5, rule: 'x' }] });
  const broken = await runMain(['check', '--format', 'json', fileWith('version: 1\nrules: [{ id: x, wen: {} }]\n', 'bad.yaml')]);
  expect(broken.exit).toEqual({ kind: 'refused' });
  expect(JSON.parse(broken.out)).toMatchObject({
    findings: [{ code: 'missing-key' }, { code: 'unknown-key', severity: 'error', line: 2, column: 18 }],
  });
});

test('finds the lines of a log that must stay, and do not', async () => {
  const rules = fileWith(
    `version: 1
rules:
  - { id: disk, when: { level: error, msg: { contains: disk } }, then: { level: warn }, repeat: { window: 1m } }
`,
    'rules.yaml',
  );
  const log = fileWith(
    ['disk', 'disk', 'login failed'].map((msg) => `{"level":50,"time":1758800000000,"msg":"${msg}"}\n`).join(''),
    'errors.log',
  );
  const { exit, out } = await runMain(['check', '--never', log, rules]);
  expect(exit).toEqual(FAILED);
  expect(out).toContain(`${log}:1:1: error: rule "disk": this line must stay, and is lowered: {"level":50`);
  expect(out).toContain(`${log}:2:1: error: rule "disk": this line must stay, and is collapsed into a summary: {"level":50`);
  expect(out).not.toContain(`${log}:3:`);
  const stays = fileWith('{"level":50,"msg":"login failed"}\n', 'errors.log');
  expect((await runMain(['check', '--never', stays, rules])).exit).toEqual(DONE);
  expect((await runMain(['check', '--never', '/gone.log', rules])).exit).toEqual({ kind: 'refused' });
});

test('prints what rules would do in a log', async () => {
  const rules = fileWith(
    `version: 1
rules:
  - { id: disk, when: { level: error, msg: { contains: disk } }, then: { level: warn } }
  - { id: net, when: { level: error, msg: { contains: net } }, then: { level: warn } }
`,
    'rules.yaml',
  );
  const line = (hour: number, msg: string): string =>
    `{"level":50,"time":${1_758_800_000_000 + hour * 3_600_000},"msg":"${msg}"}\n`;
  const log = fileWith([line(0, 'disk a'), line(6, 'disk b'), line(12, 'net')].join(''), 'app.log');
  const text = await runMain(['check', '--sample', log, rules]);
  expect(text.exit).toEqual(DONE);
  expect(text.out.slice(text.out.indexOf('sample '))).toBe(`sample ${log}: 3 lines, 12 h
  rule  lines  a day  longest hold  decided by silence
  disk      2      4
  net       1      2
`);
  const json = await runMain(['check', '--format', 'json', '--sample', log, '--sample', log, rules]);
  expect(JSON.parse(json.out)).toMatchObject({
    findings: [],
    sample: {
      linesRead: 6,
      span: 86_400_000,
      rules: [{ rule: 'disk', lines: 4, perDay: 4, longestHold: null }, { rule: 'net' }],
    },
  });
  const idle = await runMain(['check', '--sample', fileWith('all is well\n'), rules]);
  expect(idle.out).toMatch(/1 line, .*\n  2 rules without a match: disk, net\n$/u);
});

test('a log that cannot be read is named, and nothing is reported', async () => {
  const rules = fileWith(WARNED, 'rules.yaml');
  const { exit, out, err } = await runMain(['check', '--sample', '/gone.log', rules]);
  expect({ exit, out }).toEqual({ exit: { kind: 'refused' }, out: '' });
  expect(err).toContain('/gone.log');
  const asked = await runMain(['check', '--sample', '/gone.log', '--format', 'sarif', rules]);
  expect(asked.exit).toEqual({ kind: 'refused' });
  expect(asked.err).toContain('--sample: it is printed as text or json, not as sarif');
});

const PATTERN = `version: 1
rules:
  - { id: disk, when: { level: error, msg: { matches: disk is full } }, then: { level: warn } } # as ext4 says
`;

test('mends what is mechanical, says so, and checks the result', async () => {
  const path = fileWith(PATTERN, 'rules.yaml');
  chmodSync(path, 0o640);
  const link = join(scratch(), 'link.yaml');
  symlinkSync(path, link);
  const { exit, out, err } = await runMain(['check', '--fix', '--deny-warnings', link]);
  expect(exit).toEqual(DONE);
  expect(err).toBe(`relevel: info: ${link}:3:46: rule "disk": plain-pattern: matches is now contains\n`);
  expect(out).toBe(`${link}: 1 rule, 0 examples; without examples: disk\n`);
  expect(readFileSync(path, 'utf8')).toBe(PATTERN.replace('matches', 'contains'));
  expect(statSync(path).mode & 0o7777).toBe(0o640);
  expect(lstatSync(link).isSymbolicLink()).toBe(true);
  expect(readdirSync(dirname(path))).toEqual(['rules.yaml']);
  const again = await runMain(['check', '--fix', link]);
  expect({ exit: again.exit, err: again.err }).toEqual({ exit: DONE, err: '' });
});

test('mends no pack that ships, and no bytes that it has not read', async () => {
  expect((await runMain(['check', '--fix', 'builtin'])).err).toBe('');
  const path = fileWith('', 'rules.yaml');
  const bytes = Buffer.concat([Buffer.from(PATTERN), Buffer.from([0x23, 0xff, 0x0a])]);
  writeFileSync(path, bytes);
  const { exit, err } = await runMain(['check', '--fix', path]);
  expect(exit).toEqual(FAILED);
  expect(err).toContain('bytes that are no UTF-8, so nothing was written');
  expect(readFileSync(path)).toEqual(bytes);
});

test('a thousand rules are checked in a moment', async () => {
  const rules = Array.from(
    { length: 1_000 },
    (_, i) =>
      `  - { id: r${i}, when: { level: error, msg: { starts_with: 'error ${i}: ' }, code: ${i} }, then: { level: warn } }\n`,
  );
  const path = fileWith(`version: 1\nrules:\n${rules.join('')}`, 'many.yaml');
  const began = process.cpuUsage();
  expect((await runMain(['check', path])).exit).toEqual(DONE);
  const { user } = process.cpuUsage(began);
  // µs. The bar is 2 s of a built program, on a machine of its own.
  expect(user).toBeLessThan(6_000_000);
});
