import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fileWith, runMain } from './host.ts';

const RULES = join(import.meta.dirname, 'rules.yaml');

test('says that all is as expected, and which rules have no examples', async () => {
  const { out, ...ran } = await runMain(['check', RULES]);
  // What stands before are findings.
  expect({ ...ran, out: out.slice(out.lastIndexOf('\n\n') + 2) }).toEqual({
    exit: { kind: 'done', unread: 0 },
    out: `${RULES}: 3 rules, 1 example, all as expected; without examples: repeats, once-only\n`,
    err: '',
  });
});

test('the packs that ship are as expected', async () => {
  const { exit, out } = await runMain(['check']);
  expect(exit).toEqual({ kind: 'done', unread: 0 });
  expect(out.trimEnd().split('\n')).toSatisfy((lines: string[]) =>
    lines.every((each) => /^builtin\/[\w-]+: .*, all as expected$/u.test(each)),
  );
});

test('shows an example that is not as expected', async () => {
  const rules = `version: 1
rules:
  - id: x
    when: { msg: { contains: xyz } }
    then: { level: debug }
    examples:
      - { name: an x, lines: [{ line: "level=error msg=\\"xyz\\x1b\\"", becomes: info }] }
      - { name: a y, lines: [{ line: "level=error msg=y", becomes: same }] }
`;
  const path = fileWith(rules, 'x.yaml');
  const { exit, out } = await runMain(['check', path]);
  expect(exit).toEqual({ kind: 'failed' });
  expect(out).toBe(`${path}: rule "x", example "an x", line 1: not as expected
  line      level=error msg="xyz\\x1b"
  expected  level info
  got       level debug
  look at   "then"

${path}: 1 rule, 2 examples, 1 not as expected
`);
});

test.each([
  [
    'level=error msg="cannot Reach db"',
    '"when": msg contains "cannot reach": found "cannot Reach db" (case); add ignore_case: true',
  ],
  ['level=info msg="cannot reach db"', '"when": level error: found info; '],
])('an example that its rule does not match shows the condition that fails: %s', async (line, hint) => {
  const path = fileWith(
    `version: 1
rules:
  - id: x
    when: { level: error, msg: { contains: cannot reach } }
    then: { level: debug }
    examples:
      - { name: an x, lines: [{ line: '${line}', becomes: debug }] }
`,
    'x.yaml',
  );
  expect((await runMain(['check', path])).out).toContain(`  look at   ${hint}`);
  expect((await runMain(['test', path])).out).toContain(`  look at   ${hint}`);
});

test('says all problems of all files, and runs nothing', async () => {
  const path = fileWith('version: 1\nrules: [{ id: x, wen: {} }]\n', 'bad.yaml');
  const { exit, out } = await runMain(['check', path, '/gone.yaml', RULES]);
  expect(exit).toEqual({ kind: 'refused' });
  expect(out).toContain('/gone.yaml: cannot read: no such file or directory\n');
  expect(out).toContain(`${path}:2:18: unknown key "wen"; did you mean "when"\n`);
  expect(out).toMatch(/\d problems; no examples were run\n$/u);
});

test('checks the rules of the environment if none are named', async () => {
  const path = fileWith('version: 1\nrules: []\n', 'mine.yaml');
  const env = { RELEVEL_RULES: `builtin/ethtool,\n ${path}` };
  const { exit, out } = await runMain(['check'], { env });
  expect(exit).toEqual({ kind: 'done', unread: 0 });
  expect(out.split('\n').map((each) => each.split(':')[0])).toEqual(['builtin/ethtool', path, '']);
  expect((await runMain(['check', RULES], { env })).out).toMatch(RULES);
  expect((await runMain(['check'], { env: { RELEVEL_RULES: ',' } })).out).toMatch(/^builtin\//u);
});

test('names the variable of which a path cannot be read', async () => {
  const { exit, out } = await runMain(['check'], { env: { RELEVEL_RULES: '/gone.yaml' } });
  expect(exit).toEqual({ kind: 'refused' });
  expect(out).toBe('RELEVEL_RULES: /gone.yaml: cannot read: no such file or directory\n\n1 problem; no examples were run\n');
});

test.each([
  ['{ level: fatal }'],
  ['{ level: { at_least: fatal }, msg: x }'],
  ['{ any: [{ level: fatal, msg: x }, { level: fatal, pid: 1 }] }'],
  ['{ not: { level: { at_most: error } } }'],
  ['{ all: [{ level: error }, { level: warn }] }'],
])('a rule that can fit no line is an error: %s', async (when) => {
  const path = fileWith(`version: 1\nrules: [{ id: x, when: ${when}, then: { level: info } }]\n`, 'x.yaml');
  const { exit, out } = await runMain(['check', path]);
  expect(exit).toEqual({ kind: 'refused' });
  expect(out)
    .toBe(`${path}: rule "x" can fit no line: no rule judges fatal, and critical only one that names it; write another level into "when"

1 problem; no examples were run
`);
});

test('a rule that can fit no line is warned of when it is loaded', async () => {
  const path = fileWith('version: 1\nrules: [{ id: x, when: { level: fatal }, then: { level: info } }]\n', 'x.yaml');
  const { exit, err } = await runMain(['--rules', path], { stdin: 'level=fatal msg=x\n' });
  expect(exit.kind).toBe('done');
  expect(err).toContain(`${path}: rule "x" can fit no line`);
});
