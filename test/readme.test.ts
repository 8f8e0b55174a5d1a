import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { COMMANDS } from '../src/cli/commands.ts';
import { FILTER_OPTIONS } from '../src/cli/options.ts';

// What README shows is what the built program does. `npm test -- -u` writes it anew; read the diff before you commit it.

const ROOT = join(import.meta.dirname, '..');
const README = join(ROOT, 'README.md');
const PROGRAM = join(ROOT, 'dist/relevel.js');

const readme = readFileSync(README, 'utf8');

/** A fenced block: `console` shows commands and what they say; a name behind the kind is that of a file, which it shows. */
const BLOCK = /^```(\w+)(?: (\S+))?\n(.*?)^```$/gmsu;
const OPTIONS = /(?<=<!-- options -->\n).*?(?=<!-- \/options -->)/su;

const folder = mkdtempSync(join(tmpdir(), 'relevel-readme-'));
beforeAll(() => {
  if (!existsSync(PROGRAM)) throw new Error('dist/relevel.js is not there; npm run build makes it');
  symlinkSync(join(ROOT, 'fixtures'), join(folder, 'fixtures'));
  // What a program imports.
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(ROOT, join(folder, 'node_modules/relevel'));
  symlinkSync(join(ROOT, 'node_modules/pino'), join(folder, 'node_modules/pino'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What a terminal shows where somebody types the commands of a block, its lines that begin with `$ `. */
function play(block: string): string {
  const commands = block.split('\n').filter((line) => line.startsWith('$ '));
  const steps = commands.map((line) => `echo '${line.replaceAll("'", String.raw`'\''`)}'\n${line.slice('$ '.length)}\n`);
  const relevel = `relevel() { '${process.execPath}' '${PROGRAM}' "$@"; }`;
  return execFileSync('bash', ['--norc', '-c', `${relevel}\nexec 2>&1\n${steps.join('')}true`], {
    cwd: folder,
    env: { PATH: process.env['PATH'], LC_ALL: 'C' },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

function optionsTable(): string {
  const rows = FILTER_OPTIONS.map(({ name, short, value, repeatable, help }) => {
    const flags = [...(short === undefined ? [] : [`-${short}`]), `--${name}${value === undefined ? '' : ` <${value}>`}`];
    const text = help
      .replaceAll(/\*\.\w+/gu, '`$&`')
      .replaceAll('<', String.raw`\<`)
      .replaceAll('|', String.raw`\|`);
    return `| ${flags.map((flag) => `\`${flag}\``).join(', ')} | ${text}${repeatable === true ? '; repeatable' : ''} |\n`;
  });
  return `\n| option | |\n| --- | --- |\n${rows.join('')}\n`;
}

test('shows what the program does, and its options', { timeout: 120_000 }, async () => {
  const played = readme.replaceAll(BLOCK, (block: string, kind: string, name: string | undefined, text: string) => {
    if (name !== undefined) writeFileSync(join(folder, name), text);
    return kind === 'console' ? `\`\`\`console\n${play(text)}\`\`\`` : block;
  });
  expect(played).toMatch(OPTIONS);
  await expect(played.replace(OPTIONS, optionsTable)).toMatchFileSnapshot(README);
});

test('names each command, and no other', () => {
  const named = new Set(Array.from(readme.matchAll(/\brelevel ([a-z]+)(?![\w./-])/gu), ([, name]) => name!));
  named.delete('restroe'); // a slip, to show what is said of it
  expect([...named].toSorted()).toEqual(Object.keys(COMMANDS).toSorted());
});

test('names options that there are', async () => {
  const commands = await Promise.all(Object.values(COMMANDS).map((load) => load()));
  const known = [...FILTER_OPTIONS, ...commands.flatMap(({ manual }) => manual.options)].map(({ name }) => `--${name}`);
  // Every command's, a daemon's, npm's and docker's.
  const others = ['--help', '--flag', '--short', '--init'];
  const named = Array.from(readme.matchAll(/(?<![\w-])--[a-z][a-z-]*/gu), ([name]) => name);
  expect(named.length).toBeGreaterThan(0);
  expect(named.filter((name) => !known.includes(name) && !others.includes(name))).toEqual([]);
});

test('links to what is there', () => {
  const targets = Array.from(readme.matchAll(/\]\((?!https:)([^)#]+)/gu), ([, target]) => target!);
  expect(targets.length).toBeGreaterThan(0);
  expect(targets.filter((target) => !existsSync(join(ROOT, target)))).toEqual([]);
});

test('knows which Node it needs', () => {
  const { engines } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { engines: { node: string } };
  expect(readme).toContain(`${engines.node.replace('>=', '')} or newer`);
});
