import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { fileWith, runMain, scratch } from './host.ts';
import { RULES_SHEET } from '../../src/cli/help-texts.ts';
import { loadRules } from '../../src/rules/load.ts';
import '../../src/rules/linear.ts';

/** What a person at a terminal is told. */
async function told(args: readonly string[], stdin: string, env: Readonly<Record<string, string>> = {}): Promise<string> {
  const { err } = await runMain(args, { stdin, env: { NO_COLOR: '1', ...env }, stderrIsTerminal: () => true });
  return err;
}

/** Until the end of the test, relative paths are of this folder. */
function inFolder(folder: string): void {
  const before = process.cwd();
  process.chdir(folder);
  onTestFinished(() => process.chdir(before));
}

const READ = '{"level":50,"msg":"unrelated"}\n';
const FITS = '{"level":50,"ifacename":"lxc1","error":"operation not supported","msg":"Error while getting ethtool:"}\n';
const OPAQUE = 'this is prose\n';
const NONE =
  'relevel: info: none of the first 3 lines is recognized, so all pass unchanged; see why: relevel read --only opaque\n';
const UNMATCHED = (lines: number, next = 'to have rules proposed for your log: relevel suggest <file>'): string =>
  `relevel: info: no rule matched any of the ${lines} lines; the rules in use: "builtin"; ${next}\n`;

const cases: readonly [claim: string, stdin: string, err: string][] = [
  ['says so if no rule matches', READ.repeat(2), UNMATCHED(2)],
  ['says so if no line is recognized', OPAQUE.repeat(3), NONE + UNMATCHED(3)],
  ['says nothing of an empty input', '', ''],
  ['says nothing if a rule matches', READ + FITS, ''],
  ['is content with one line that it recognizes', OPAQUE.repeat(5) + READ, UNMATCHED(6)],
  ['takes blank lines for none', `\n\n${READ}`, UNMATCHED(3)],
];

test.each(cases)('%s', async (_claim, stdin, err) => {
  expect(await told([], stdin)).toBe(err);
});

test('tells after the first thousand lines, and once', async () => {
  const err = await told([], OPAQUE.repeat(5000) + FITS);
  expect(err).toMatch(/^relevel: info: none of the first 1000 lines[^\n]*\n$/u);
});

test('names the file that was read', async () => {
  const file = fileWith(OPAQUE, 'my app.log');
  expect(await told([file], '')).toContain(`relevel read --only opaque "${file}"\n`);
  expect(await told([fileWith(READ, 'its.log')], '')).toMatch(/relevel suggest "[^"]*its\.log"\n$/u);
});

test('names the rules that were asked for', async () => {
  expect(await told(['-r', 'builtin/ethtool'], READ)).toContain('the rules in use: "builtin/ethtool"; ');
});

test('names a relevel.yaml that is there and not used', async () => {
  const folder = scratch();
  inFolder(folder);
  writeFileSync(join(folder, 'relevel.yaml'), 'version: 1\nrules: []\n');
  expect(await told([], READ)).toBe(UNMATCHED(1, './relevel.yaml is there, and --rules relevel.yaml uses it'));
  expect(await told(['--rules', 'relevel.yaml'], READ)).toContain('to have rules proposed for your log');
});

test('says none of it where nobody watches, nor to a machine', async () => {
  expect((await runMain([], { stdin: OPAQUE })).err).toBe('');
  expect(await told(['--log-format', 'json'], OPAQUE)).toBe('');
});

test('what is read does not change by being looked at', async () => {
  const stdin = OPAQUE + READ + FITS;
  const { out } = await runMain([], { stdin });
  const watched = await runMain([], { stdin, stderrIsTerminal: () => true });
  expect(watched.out).toBe(out);
});

test('a file that has the name of a command is told of', async () => {
  const folder = scratch();
  inFolder(folder);
  writeFileSync(join(folder, 'check'), READ);
  expect(await told(['check', 'builtin'], '')).toBe('relevel: check is taken as the command; the file of that name is ./check\n');
});

const variables: readonly [name: string, err: string][] = [
  ['RELEVEL_HOLD_LINE', 'relevel: warn: no option has the variable "RELEVEL_HOLD_LINE"; did you mean "RELEVEL_HOLD_LINES"\n'],
  ['RELEVEL_QUITE_ANOTHER', 'relevel: warn: no option has the variable "RELEVEL_QUITE_ANOTHER"\n'],
  // of another command
  ['RELEVEL_CHECKPOINT', ''],
  ['RELEVEL_ON_ERROR', ''],
  // what Kubernetes sets for services that are called "relevel" and "relevel-metrics"
  ['RELEVEL_SERVICE_HOST', ''],
  ['RELEVEL_SERVICE_PORT', ''],
  ['RELEVEL_SERVICE_PORT_HTTP', ''],
  ['RELEVEL_PORT', ''],
  ['RELEVEL_PORT_9090_TCP', ''],
  ['RELEVEL_PORT_9090_TCP_ADDR', ''],
  ['RELEVEL_METRICS_SERVICE_HOST', ''],
  ['RELEVEL_METRICS_PORT_9090_TCP_PROTO', ''],
  // of somebody else
  ['RELEVELLER', ''],
];

test.each(variables)('the variable %s', async (name, err) => {
  expect((await runMain([], { stdin: READ, env: { [name]: '1' } })).err).toBe(err);
});

test('the help is one screen; each command and the rule language have more', async () => {
  const { out } = await runMain(['--help']);
  expect(out.split('\n').length).toBeLessThan(30);
  await expect(out).toMatchFileSnapshot(join(import.meta.dirname, 'help/short.txt'));
  expect((await runMain(['help', 'rules'])).out).toBe(RULES_SHEET);
  expect((await runMain(['help', 'follow'])).out).toContain('Examples:\n  relevel follow');
});

test('the sheet of the rule language is a rules file, and fits on a screen', () => {
  const { problems, ruleSet } = loadRules([{ name: 'sheet', text: RULES_SHEET }]);
  expect(problems).toEqual([]);
  expect(ruleSet.rules).toHaveLength(3);
  const lines = RULES_SHEET.split('\n');
  expect(lines.length).toBeLessThan(50);
  expect(lines.filter((line) => line.length > 120)).toEqual([]);
});
