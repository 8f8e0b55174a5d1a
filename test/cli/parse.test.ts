import { expect, test } from 'vitest';
import { FILTER_OPTIONS, variableOf } from '../../src/cli/options.ts';
import type { Environment } from '../../src/cli/environment.ts';
import { parse } from '../../src/cli/parse.ts';
import type { Asked } from '../../src/cli/settings.ts';

const typed = (args: readonly string[], env: Environment = {}) => parse<Asked>(args, env, FILTER_OPTIONS, {});

const good: readonly [args: string, asked: Asked, words?: string[]][] = [
  ['', {}],
  ['a.log b.log', {}, ['a.log', 'b.log']],
  ['-r a.yaml --rules b.yaml', { rules: ['a.yaml', 'b.yaml'] }],
  ['-ra.yaml', { rules: ['a.yaml'] }],
  ['--rules=a=b.yaml', { rules: ['a=b.yaml'] }],
  ['--off a --off b x.log', { off: ['a', 'b'] }, ['x.log']],
  ['--format logfmt', { format: 'logfmt' }],
  ['--clock live --clock replay', { clock: 'replay' }],
  ['--order relaxed', { order: 'relaxed' }],
  ['--hold-lines 1 --groups 2', { holdLines: 1, groups: 2 }],
  ['--hold-bytes 8MiB --group-bytes 1GiB --max-line 100', { holdBytes: 8_388_608, groupBytes: 1_073_741_824, maxLine: 100 }],
  ['--max-line=64KiB', { maxLine: 65_536 }],
  ['--grace 500ms', { grace: 500 }],
  ['--grace 24d', { grace: 2_073_600_000 }],
  ['--shadow --summary --no-annotate', { shadow: true, summary: true, annotate: false }],
  ['--shadow=no --no-annotate=off', { shadow: false, annotate: true }],
  ['--archive -x', { archive: '-x' }],
  ['--log-format ecs', { logFormat: 'ecs' }],
  ['a.log -- --shadow', {}, ['a.log', '--shadow']],
  ['-', {}, ['-']],
];

test.each(good)('reads "%s"', (args, asked, words = []) => {
  const parsed = typed(args.split(' ').filter((arg) => arg !== ''));
  expect(parsed).toMatchObject({ asked, words, problems: [], wants: 'run' });
});

const bad: readonly [args: string, ...problems: string[]][] = [
  ['--shado', 'unknown option "--shado"; did you mean "--shadow"'],
  ['--xyzzy', 'unknown option "--xyzzy"'],
  ['-x', 'unknown option "-x"'],
  ['--rules', '--rules: <rules> is missing'],
  ['--rules=', '--rules: "" is not a text'],
  ['--format xml', '--format: "xml" is not one of auto, json, logfmt, text, json-stream'],
  ['--hold-lines 0', '--hold-lines: "0" is not a whole number from 1 to 1000000000'],
  ['--hold-lines 1e3', '--hold-lines: "1e3" is not a whole number from 1 to 1000000000'],
  ['--max-line 8MB', '--max-line: "8MB" is not a size from 1B to 1GiB, such as 64KiB or 8MiB'],
  ['--max-line 2GiB', '--max-line: "2GiB" is not a size from 1B to 1GiB, such as 64KiB or 8MiB'],
  ['--grace 10', '--grace: "10" is not a duration such as 500ms, 10s or 5m, of at most 24d'],
  ['--grace 25d', '--grace: "25d" is not a duration such as 500ms, 10s or 5m, of at most 24d'], // a timer cannot be set to it
  ['--shadow=maybe', '--shadow: "maybe" is not true or false'],
  ['--format \x1b[2J', '--format: "\\x1b[2J" is not one of auto, json, logfmt, text, json-stream'],
  [
    '--order x --groups y',
    '--order: "x" is not one of strict, relaxed',
    '--groups: "y" is not a whole number from 1 to 1000000000',
  ],
];

test.each(bad)('refuses %j', (args, ...problems) => {
  expect(typed(args.split(' ')).problems).toEqual(problems);
});

const environments: readonly [claim: string, env: Environment, asked: Asked][] = [
  ['a list with commas', { RELEVEL_RULES: 'builtin/ethtool, mine.yaml' }, { rules: ['builtin/ethtool', 'mine.yaml'] }],
  ['a list with newlines', { RELEVEL_OFF: '\na\nb\n' }, { off: ['a', 'b'] }],
  ['a number', { RELEVEL_HOLD_LINES: '10' }, { holdLines: 10 }],
  [
    'a switch',
    { RELEVEL_SHADOW: 'true', RELEVEL_SUMMARY: '0', RELEVEL_NO_ANNOTATE: '1' },
    { shadow: true, summary: false, annotate: false },
  ],
  ['nothing in an empty one', { RELEVEL_RULES: '', RELEVEL_SHADOW: '' }, {}],
  ['nothing in one of another name', { RELEVEL_SERVICE_PORT: '80' }, {}],
];

test.each(environments)('reads %s from the environment', (_claim, env, asked) => {
  expect(typed([], env)).toMatchObject({ asked, problems: [] });
});

test('every option has a variable', () => {
  const names = FILTER_OPTIONS.map(variableOf);
  expect(names).toContain('RELEVEL_LOG_FORMAT');
  for (const name of names)
    expect(typed([], { [name]: '\0' }).placeOf(name.slice(8).toLowerCase().replaceAll('_', '-'))).toBe(name);
});

test('options win over the environment, and say where they were said', () => {
  const env = { RELEVEL_RULES: 'a.yaml', RELEVEL_OFF: 'a', RELEVEL_GRACE: 'bad' };
  const { asked, problems, placeOf } = typed(['-r', 'b.yaml', '--grace', '1s'], env);
  expect(asked).toEqual({ rules: ['b.yaml'], off: ['a'], grace: 1000 });
  expect(problems).toEqual([]);
  expect([placeOf('rules'), placeOf('off')]).toEqual(['-r', 'RELEVEL_OFF']);
});

test('a bad value names its variable', () => {
  expect(typed([], { RELEVEL_GROUPS: 'many' }).problems).toEqual([
    'RELEVEL_GROUPS: "many" is not a whole number from 1 to 1000000000',
  ]);
});

test.each([
  ['--help', 'help'],
  ['-h', 'help'],
  ['--version', 'version'],
  ['--version --help', 'help'],
  ['-- --help', 'run'],
])('%s asks for %s', (args, wants) => {
  expect(typed(args.split(' ')).wants).toBe(wants);
});
