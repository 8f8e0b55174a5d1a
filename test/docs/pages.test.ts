import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { COMMANDS } from '../../src/cli/commands.ts';
import { vitalsOf } from '../sidecar/vitals.ts';
import { metricsOf } from '../../src/sidecar/metrics.ts';
import { BLOCK, isThere, optionsOf, optionsTable, PAGES, PART, ROOT, table, textOf } from './pages.ts';
import { PATIENCE } from '../support/patience.ts';

// What the pages show is what the built program does. `npm test -- -u` writes it anew; read the diff before you commit it.

const PROGRAM = join(ROOT, 'dist/relevel.js');

beforeAll(() => {
  if (!existsSync(PROGRAM)) throw new Error('dist/relevel.js is not there; npm run build makes it');
});

/** Each page's commands run in a folder of their own, with these of the repository in it. */
const FOLDERS = ['fixtures', 'rules', 'deploy'];

/** What a terminal shows where somebody types the commands of a block, its lines that begin with `$ `. */
function play(block: string, folder: string): string {
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

/** All metrics that there are, as a table: those of a process that follows files, and reloads its rules. */
async function metricsTable(): Promise<string> {
  const inputs = { failing: () => [], outputTrouble: () => undefined, lagBytes: () => 0, checkpointAt: () => 0 };
  const outputs = () => [{ name: 'stdout', connected: true, waiting: 0, delivered: 0, stalled: 0 }];
  const text = await metricsOf(vitalsOf(undefined, {}, { inputs, outputs }).vitals);
  const kinds = new Map(Array.from(text.matchAll(/^# TYPE (\S+) (\w+)$/gmu), ([, name, kind]) => [name!, kind!]));
  const families = Array.from(text.matchAll(/^# HELP (\S+) (.*)$/gmu), ([, name, help]) => {
    const labels = new Set(
      Array.from(text.matchAll(new RegExp(`^${name}(?:_bucket)?\\{(.*)\\}`, 'gmu')), ([, inside]) => inside!)
        .flatMap((inside) => Array.from(inside.matchAll(/(\w+)="/gu), ([, label]) => label!))
        .map((label) => `\`${label}\``),
    );
    return [`\`${name!}\``, kinds.get(name!)!, [...labels].join(' '), help!];
  });
  return table(['metric', 'kind', 'labels', ''], families);
}

const PARTS: Readonly<Record<string, (of: string) => Promise<string>>> = { options: optionsTable, metrics: metricsTable };

describe.each(PAGES)('%s', (page) => {
  const text = textOf(page);

  test('shows what the program does', PATIENCE, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'relevel-docs-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    for (const name of FOLDERS) symlinkSync(join(ROOT, name), join(folder, name));
    // What a program imports.
    mkdirSync(join(folder, 'node_modules'));
    symlinkSync(ROOT, join(folder, 'node_modules/relevel'));
    symlinkSync(join(ROOT, 'node_modules/pino'), join(folder, 'node_modules/pino'));
    const played = text.replaceAll(BLOCK, (block: string, kind: string, name: string | undefined, inside: string) => {
      if (name !== undefined) writeFileSync(join(folder, name), inside);
      return kind === 'console' ? `\`\`\`console\n${play(inside, folder)}\`\`\`` : block;
    });
    const made = await Promise.all(Array.from(played.matchAll(PART), ([, , kind, of]) => PARTS[kind!]!(of ?? '')));
    const whole = played.replaceAll(PART, (_all, head: string, _kind, _of, tail: string) => `${head}${made.shift()!}${tail}`);
    await expect(whole).toMatchFileSnapshot(join(ROOT, page));
  });

  test('names no command, and no option, that there is not', async () => {
    const commands = Array.from(codeOf(text).matchAll(/\brelevel ([a-z]+)(?![\w./:-])/gu), ([, name]) => name!);
    expect(commands.filter((name) => !Object.hasOwn(COMMANDS, name) && !NO_COMMANDS.includes(name))).toEqual([]);
    const options = await Promise.all(['relevel', ...Object.keys(COMMANDS)].map(optionsOf));
    const known = new Set([...options.flat().map(({ name }) => `--${name}`), ...OTHERS]);
    const named = Array.from(text.matchAll(/(?<![\w-])--[a-z][a-z-]*/gu), ([name]) => name);
    expect(named.filter((name) => !known.has(name))).toEqual([]);
  });

  test('links to what is there', () => {
    const targets = Array.from(text.matchAll(/\]\((?!https:)([^)]+)\)/gu), ([, target]) => target!);
    expect(targets.length).toBeGreaterThan(0);
    for (const target of targets) {
      const [file, anchor] = target.split('#') as [string, string | undefined];
      const path = file === '' ? page : join(dirname(page), file);
      expect([target, isThere(path)]).toEqual([target, true]);
      if (anchor !== undefined) expect(anchorsOf(path)).toContain(anchor);
    }
  });
});

/** What is typed: blocks, indented lines, and what stands between backquotes. */
function codeOf(text: string): string {
  const blocks = Array.from(text.matchAll(BLOCK), ([, , , inside]) => inside!);
  const rest = text.replaceAll(BLOCK, '');
  return [...blocks, ...(rest.match(/^ {4}.*$/gmu) ?? []), ...(rest.match(/`[^`\n]+`/gu) ?? [])].join('\n');
}

/** A slip, to show what is said of it; messages of the program's own. */
const NO_COMMANDS = ['restroe', 'that', 'does', 'needs', 'with'];
/** Every command's; a daemon's, npm's, docker's, git's, kubectl's. */
const OTHERS = [
  '--timestamps',
  '--prefix',
  '--global',
  '--help',
  '--version',
  '--flag',
  '--short',
  '--disable-wasm-trap-handler',
  '--init',
  '--from',
  '--read-only',
  '--rm',
  '--tag',
  '--log-file',
  '--inspect',
];

/** What a page's headings are called in links, as GitHub calls them. */
function anchorsOf(page: string): string[] {
  const text = textOf(page).replaceAll(BLOCK, '');
  return Array.from(text.matchAll(/^#+ (.+)$/gmu), ([, heading]) =>
    heading!
      .toLowerCase()
      .replaceAll(/[^\w -]/gu, '')
      .replaceAll(' ', '-'),
  );
}

test('every command is named', () => {
  const text = PAGES.map(textOf).join('\n');
  expect(Object.keys(COMMANDS).filter((name) => !text.includes(`relevel ${name}`))).toEqual([]);
});

test('every option of every command stands in a table', async () => {
  const text = PAGES.map(textOf).join('\n');
  const tables = Array.from(text.matchAll(PART), ([, , kind, of]) => (kind === 'options' ? of : undefined));
  const withOptions = await Promise.all(
    Object.keys(COMMANDS).map(async (name) => [name, (await optionsOf(name)).length > 0] as const),
  );
  const expected = withOptions.filter(([, has]) => has).map(([name]) => name);
  expect(tables.filter((name) => name !== undefined).toSorted()).toEqual(['relevel', ...expected].toSorted());
});

test('README knows which Node it needs', () => {
  const { engines } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { engines: { node: string } };
  expect(textOf('README.md')).toContain(`${engines.node.replace('>=', '')} or newer`);
});

test('README is read in a few minutes', () => {
  expect(textOf('README.md').split('\n').length).toBeLessThan(200);
});
