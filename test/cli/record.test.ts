import { readFileSync, statSync, symlinkSync, lstatSync, chmodSync, writeFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { runMain, scratch } from './host.ts';

const DONE = { kind: 'done', unread: 0 };
const REFUSED = { kind: 'refused' };

const RULES = `# Ours.
version: 1
rules:
  - id: heals
    when: { level: error, msg: { contains: 'cannot reach' } }
    await: { success: [{ msg: connected }], within: 5s, by: [host] } # as measured
    then: { level: info }
    examples:
      - name: it heals # mostly
        lines:
          - { line: '{"level":50,"host":"a","msg":"cannot reach"}', becomes: info }
          - { line: '{"level":30,"host":"a","msg":"connected"}' }

  # The other one.
  - id: bare
    when: { msg: bare }
    then: { level: debug }
`;
const LOG = `{"level":30,"time":1758800000000,"msg":"before"}
{"level":50,"time":1758800001000,"host":"a","msg":"cannot reach 'db'","password":"hunter2"}
{"level":30,"time":1758800002500,"host":"a","msg":"connected"}
{"level":50,"time":1758800003000,"host":"b","msg":"cannot reach"}
\tat a.b.C(D.java:1)
{"level":50,"time":1758800004000,"host":"c","msg":"bare"}
`;

function folderWith(files: Readonly<Record<string, string | Buffer>>): (name: string) => string {
  const folder = scratch();
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return (name) => join(folder, name);
}

test('prints lines as an example: with offsets, quoted, without secrets, and with what the rules make of them', async () => {
  const at = folderWith({ 'rules.yaml': RULES, 'app.log': LOG });
  const { exit, out, err } = await runMain(['record', '-r', at('rules.yaml'), '--name', 'two', `${at('app.log')}:2-5`]);
  expect(exit).toEqual(DONE);
  expect(out).toBe(`      - name: two
        lines:
          - line: '{"level":50,"time":1758800001000,"host":"a","msg":"cannot reach ''db''","password":"xxxxx"}'
            becomes: info
          - at: 1500ms
            line: '{"level":30,"time":1758800002500,"host":"a","msg":"connected"}'
            becomes: same
          - at: 2s
            line: "{\\"level\\":50,\\"time\\":1758800003000,\\"host\\":\\"b\\",\\"msg\\":\\"cannot reach\\"}\\n\\tat a.b.C(D.java:1)"
            becomes: same
`);
  expect(err).toContain('secrets are masked');
});

test('lets the time pass that it takes until silence decides', async () => {
  const at = folderWith({ 'rules.yaml': RULES.replace('within: 5s', 'within: 5s, silence: success'), 'app.log': LOG });
  const { out } = await runMain(['record', '-r', at('rules.yaml'), `${at('app.log')}:4`]);
  expect(out.split('\n').slice(-3)).toEqual(['            becomes: info', '          - { at: 5001ms }', '']);
});

test('--write puts it behind the other examples; comments, layout, mode and links stay', async () => {
  const at = folderWith({ 'real.yaml': RULES, 'app.log': LOG });
  chmodSync(at('real.yaml'), 0o640);
  symlinkSync('real.yaml', at('rules.yaml'));
  const args = ['record', '-r', at('rules.yaml'), '--rule', 'heals', '--write', '--name', 'more', `${at('app.log')}:2-3`];
  expect(await runMain(args)).toMatchObject({ exit: DONE, out: '' });
  const [head, tail] = RULES.split('\n\n  # The other');
  expect(readFileSync(at('rules.yaml'), 'utf8')).toBe(`${head}
      - name: more
        lines:
          - line: '{"level":50,"time":1758800001000,"host":"a","msg":"cannot reach ''db''","password":"xxxxx"}'
            becomes: info
          - at: 1500ms
            line: '{"level":30,"time":1758800002500,"host":"a","msg":"connected"}'
            becomes: same

  # The other${tail}`);
  expect(statSync(at('real.yaml')).mode & 0o777).toBe(0o640);
  expect(lstatSync(at('rules.yaml')).isSymbolicLink()).toBe(true);
  expect(readdirSync(scratchOf(at)).toSorted()).toEqual(['app.log', 'real.yaml', 'rules.yaml']);
  expect((await runMain(['check', at('rules.yaml')])).exit).toEqual(DONE);
});

const scratchOf = (at: (name: string) => string): string => at('.');

test('--write begins the examples of a rule that has none, also in a file with CRLF and no newline at its end', async () => {
  const at = folderWith({ 'rules.yaml': RULES.replaceAll('\n', '\r\n').trimEnd(), 'app.log': LOG });
  const { exit } = await runMain(['record', '-r', at('rules.yaml'), '--rule', 'bare', '--write', `${at('app.log')}:1`]);
  expect(exit).toEqual(DONE);
  expect(readFileSync(at('rules.yaml'), 'utf8')).toContain(
    `then: { level: debug }\r\n    examples:\r\n      - name: 'as in ${at('app.log')}:1'\r\n        lines:\r\n`,
  );
  expect((await runMain(['check', at('rules.yaml')])).exit).toEqual(DONE);
});

test.each([
  ['no lines', [], 'which lines? name them, such as app.log:120-140'],
  ['a word that names none', ['app.log'], '"app.log" names no lines; write file:120 or file:120-140'],
  ['lines backwards', ['app.log:3-2'], 'names no lines'],
  ['too many', ['app.log:1-201'], 'an example has at most 200 lines'],
  ['--write without a rule', ['--write', 'app.log:1'], '--write: into which rule? say --rule'],
  ['lines behind the end', ['LOG:1-99'], 'it has no line 7'],
  ['a log that is not there', ['gone.log:1'], 'gone.log: cannot read: no such file or directory'],
  ['a rule that is not there', ['--rule', 'heels', 'LOG:1'], '--rule: no rule is called "heels"; did you mean "heals"'],
  ['a rule in braces', ['--rule', 'flow', '--write', 'LOG:1'], ':2:9: this rule is written in braces'],
  ['examples in brackets', ['--rule', 'brackets', '--write', 'LOG:1'], 'these examples are no list'],
])('refuses %s', async (_claim, args, said) => {
  const flow = `version: 1\nrules: [{ id: flow, when: { msg: x }, then: { level: debug } }]\n`;
  const brackets = `version: 1\nrules:\n  - id: brackets\n    when: { msg: y }\n    then: { level: debug }\n    examples: [{ name: x, lines: [] }]\n`;
  const at = folderWith({ 'rules.yaml': RULES, 'flow.yaml': flow, 'brackets.yaml': brackets, 'app.log': LOG });
  const rules = ['rules', 'flow', 'brackets'].flatMap((name) => ['-r', at(`${name}.yaml`)]);
  const { exit, err } = await runMain(['record', ...rules, ...args.map((arg) => arg.replace('LOG', at('app.log')))]);
  expect(exit).toEqual(REFUSED);
  expect(err).toContain(said);
});

test('--write leaves a rules file as it is that has bytes which are no UTF-8', async () => {
  const rules = Buffer.from(RULES.replace('Ours.', 'Caf\xe9.'), 'latin1');
  const at = folderWith({ 'rules.yaml': rules, 'app.log': LOG });
  const { exit, err } = await runMain(['record', '-r', at('rules.yaml'), '--rule', 'heals', '--write', `${at('app.log')}:2-3`]);
  expect(exit).toEqual(REFUSED);
  expect(err).toContain('rules.yaml: it has bytes that are no UTF-8');
  expect(readFileSync(at('rules.yaml')).equals(rules)).toBe(true);
});

test('refuses a byte that is no UTF-8, with its place', async () => {
  const at = folderWith({ 'app.log': Buffer.from('{"level":30}\n{"level":30,"msg":"\xe9"}\n', 'latin1') });
  const { exit, err } = await runMain(['record', `${at('app.log')}:1-2`]);
  expect(exit).toEqual(REFUSED);
  expect(err).toContain(`${at('app.log')}:2:20: this byte is no UTF-8, and YAML cannot hold it`);
});

const hostile = fc.oneof(
  fc.string({
    unit: fc.constantFrom(
      '"',
      "'",
      '\\',
      '\t',
      ' ',
      '#',
      ':',
      '-',
      '|',
      '\r',
      '\0',
      '\x7f',
      '\x85',
      '\u2028',
      '\ufeff',
      '{',
      '}',
      'é',
      '😀',
      '\x1b',
      'a',
    ),
  }),
  fc.string({ unit: 'binary' }).map((text) => text.replaceAll('\n', ' ')),
);
const line = fc.oneof(
  hostile,
  hostile.map((msg) => JSON.stringify({ level: 50, host: 'a', msg: `cannot reach ${msg}` })),
  fc.constantFrom(
    '{"level":30,"host":"a","msg":"connected"}',
    '\tat a.b.C(D.java:1)',
    '',
    'level=error msg="cannot reach" host=a',
  ),
);

test('what it prints of any lines is an example that passes, pasted into its rule', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(line, { minLength: 1, maxLength: 6 }), async (lines) => {
      const folder = scratch();
      const [log, rules] = [join(folder, 'a.log'), join(folder, 'r.yaml')];
      writeFileSync(log, `${lines.join('\n')}\n`);
      writeFileSync(rules, RULES);
      const where = `${log}:1-${lines.length}`;
      const { exit, out, err } = await runMain(['record', '-r', rules, '--rule', 'heals', where]);
      expect([exit, err.replace(/.*secrets are masked.*\n/u, '')]).toEqual([DONE, '']);
      expect(out).not.toMatch(/[^\P{Cc}\n]/u);
      expect(parse(out)).toHaveLength(1);
      writeFileSync(rules, RULES.replace('\n\n  # The other', `\n${out}\n  # The other`));
      const checked = await runMain(['check', rules]);
      expect([checked.exit, checked.out]).toEqual([DONE, expect.stringContaining('3 rules'.replace('3', '2'))]);
      writeFileSync(rules, RULES);
      expect((await runMain(['record', '-r', rules, '--rule', 'heals', '--write', where])).exit).toEqual(DONE);
    }),
    { numRuns: 40 },
  );
}, 60_000);
