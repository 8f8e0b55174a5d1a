import { execFileSync, spawnSync, type SpawnSyncReturns } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { beforeAll, describe, expect, test } from 'vitest';
import { openProject, ROOT, type Project } from './project.ts';
import { PATIENCE } from '../support/patience.ts';

let project: Project;
beforeAll(() => {
  project = openProject(['typescript', '@types/node', 'undici-types', 'split2', '@types/split2']);
}, PATIENCE.timeout);

const installed = (name: string): string => join(project.folder, 'node_modules/relevel', name);
const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => statSync(join(folder, name)).isFile());

const RULES = `version: 1
rules:
  - { id: repeats, when: { msg: { matches: '(?i)^ETHTOOL' } }, then: { level: warn }, repeat: { by: [], window: 10m, rest: fold } }
`;
const INPUT = '{"level":50,"msg":"ethtool failed"}\n'.repeat(3);
const OUTPUT =
  /^\{"level":40,"msg":"ethtool failed","relevel":\{"rule":"repeats","was":"50"\}\}\n\{"level":40,.*"repeats":2,.*\}\n$/u;

const ESM = `import { pipeline } from 'node:stream/promises';
import { createRelevel, RulesError } from 'relevel';
try { createRelevel({ rules: { text: 'version: 2' } }); } catch (error) { if (!(error instanceof RulesError)) throw error; }
await pipeline(process.stdin, createRelevel({ rules: 'rules.yaml' }), process.stdout);
`;
const CJS = `const { createRelevelLines } = require('relevel');
const split2 = require('split2');
const lines = process.stdin.pipe(split2()).pipe(createRelevelLines({ rules: 'rules.yaml' }));
lines.on('data', (line) => process.stdout.write(line + '\\n'));
`;

test('installs without the net, alone', () => {
  expect(readdirSync(join(project.folder, 'node_modules')).filter((name) => !name.startsWith('.'))).toContain('relevel');
  const { dependencies } = JSON.parse(readFileSync(installed('package.json'), 'utf8')) as { dependencies?: object };
  expect(dependencies).toBeUndefined();
});

test('holds what is needed, and nothing more', () => {
  const documents = ['CHANGELOG.md', 'CONTRIBUTING.md', 'LICENSE', 'README.md', 'SECURITY.md'];
  const top = [...documents, 'deploy', 'dist', 'docs', 'package.json', 'rules'];
  expect(readdirSync(installed('')).toSorted()).toEqual(top);
  const doors = ['index', 'pino'].flatMap((door) => ['.cjs', '.d.cts', '.d.mts', '.mjs'].map((kind) => `${door}${kind}`));
  const others = ['THIRD-PARTY-LICENSES', 'package.json', 'parts', 'relevel.1', 'relevel.js'];
  expect(readdirSync(installed('dist')).toSorted()).toEqual([...doors, ...others].toSorted());
  const known = /\.(?:[cm]?js|d\.[cm]ts|json)$|^parts\/kernel\.base64$|^relevel\.1$|LICENSES$/u;
  expect(filesIn(installed('dist')).filter((name) => !known.test(name))).toEqual([]);
  const texts = filesIn(installed('')).map((name) => readFileSync(installed(name), 'utf8'));
  expect(texts.filter((text) => text.includes(ROOT))).toEqual([]);
  // What nobody calls is shaken off: 400 KB of translations come with an object of all of zod.
  expect(statSync(project.tarball).size).toBeLessThan(740_000);
  const sizes = filesIn(installed('')).map((name) => statSync(installed(name)).size);
  expect(sizes.reduce((sum, size) => sum + size)).toBeLessThan(2_500_000);
});

test('brings no install script and no native code, and says what it is about', () => {
  const { scripts, keywords } = JSON.parse(readFileSync(installed('package.json'), 'utf8')) as {
    scripts: Readonly<Record<string, string>>;
    keywords: readonly string[];
  };
  expect(Object.keys(scripts)).not.toEqual(expect.arrayContaining([expect.stringMatching(/install/u)]));
  expect(keywords.length).toBeGreaterThan(9);
  expect(filesIn(installed('')).filter((name) => /\.(?:node|so)$/u.test(name))).toEqual([]);
});

test('links in its documents lead to files that are in it', () => {
  const documents = filesIn(installed('')).filter((name) => name.endsWith('.md'));
  const broken = documents.flatMap((name) =>
    Array.from(readFileSync(installed(name), 'utf8').matchAll(/\]\((?!https?:)([^)#]+)[^)]*\)/gu), ([, target]) =>
      join(name, '..', target!),
    ).filter((target) => target.startsWith('..') || !existsSync(installed(target))),
  );
  expect(documents).toContain('docs/rules.md');
  expect(broken).toEqual([]);
});

test('runs by npx', () => {
  const sample = join(ROOT, 'fixtures/cases/a-prober-finds-kvm/input.log');
  const expected = readFileSync(join(ROOT, 'fixtures/cases/a-prober-finds-kvm/expected.log'), 'utf8');
  expect(project.run('npx', ['--offline', 'relevel', sample])).toBe(expected);
  expect(() => project.run('npx', ['--offline', 'relevel', 'probe', '--summary'])).toThrow(/npm install koffi/u);
});

describe.each([
  ['an ES module', 'esm.mjs', ESM],
  ['CommonJS', 'cjs.cjs', CJS],
])('from %s', (_claim, name, text) => {
  test('the library works', () => {
    project.write('rules.yaml', RULES);
    project.write(name, text);
    expect(project.run(process.execPath, [name], INPUT)).toMatch(OUTPUT);
  });
});

test('both are one library', () => {
  project.write(
    'both.mjs',
    "import { createRequire } from 'node:module';\nimport { RulesError } from 'relevel';\nconsole.log(createRequire(import.meta.url)('relevel').RulesError === RulesError);\n",
  );
  expect(project.run(process.execPath, ['both.mjs'])).toBe('true\n');
});

const TYPED = `import { Readable } from 'node:stream';
import split2 from 'split2';
import { createRelevel, createRelevelLines, loadRules, RulesError, type Counts, type Line, type Problem, type Relevel, type RelevelOptions } from 'relevel';
import transport, { type PinoRelevelOptions } from 'relevel/pino';

const options: RelevelOptions = { rules: ['builtin', { text: 'version: 1' }], holdLines: 7, archive: (line) => void line.length };
const relevel: Relevel = createRelevel(options);
Readable.from(['a']).pipe(relevel).pipe(process.stdout);
const lines: AsyncIterable<Line> = Readable.from(['a']).pipe(split2()).pipe(createRelevelLines({ rules: loadRules('builtin') }));
export const counts: Readonly<Counts> = relevel.counts;
export const held: number | undefined = relevel.counts.rules.get('x')?.released.full;
export function placesOf(error: unknown): string[] {
  if (!(error instanceof RulesError)) return [];
  return error.problems.map(({ file, line, column, code }: Problem) => \`\${file}:\${line}:\${column} \${code satisfies string}\`);
}
export async function main(): Promise<void> {
  for await (const line of lines) console.log(line);
  const said: PinoRelevelOptions = { rules: 'builtin', destination: 'app.log', mkdir: true };
  (await transport(said)).end();
  // @ts-expect-error no such order
  createRelevel({ order: 'loose' });
  // @ts-expect-error a function cannot go to a worker
  await transport({ archive: () => {} });
  relevel.reload('builtin', ['x']);
}
`;

test.each([
  ['ES modules and CommonJS', ['typed.mts', 'typed.cts'], 'nodenext'],
  ['a bundler', ['typed.ts'], 'bundler'],
])('its types hold for %s, strictly', PATIENCE, (_claim, names, resolution) => {
  for (const name of names) project.write(name, TYPED);
  const module = resolution === 'bundler' ? 'esnext' : 'nodenext';
  const flags = [
    '--strict',
    '--exactOptionalPropertyTypes',
    '--noEmit',
    '--target',
    'es2022',
    '--types',
    'node',
    '--esModuleInterop',
  ];
  const tsc = join(project.folder, 'node_modules/typescript/bin/tsc');
  expect(project.run(process.execPath, [tsc, ...flags, '--module', module, '--moduleResolution', resolution, ...names])).toBe('');
});

test('publint finds nothing', async () => {
  const { messages, pkg } = await publint({ pkgDir: installed(''), strict: true, pack: false });
  expect(messages.map((message) => formatMessage(message, pkg, { color: false }))).toEqual([]);
});

test('the types are not wrong', PATIENCE, async () => {
  const result = await checkPackage(createPackageFromTarballData(readFileSync(project.tarball)));
  expect(result).toMatchObject({ packageName: 'relevel', types: { kind: 'included' } });
  // What Node 10 to 16 could not resolve is not asked of it.
  const problems =
    'problems' in result
      ? result.problems.filter((problem) => !('resolutionKind' in problem && problem.resolutionKind === 'node10'))
      : ['?'];
  expect(problems).toEqual([]);
});

test('each package that is bundled is among the licences, with its text', () => {
  const licences = readFileSync(installed('dist/THIRD-PARTY-LICENSES'), 'utf8');
  const parts = licences.split(/^-{80}\n/mu).slice(1);
  const named = new Map(parts.map((part) => [/^(\S+) /u.exec(part)![1]!, part]));
  // What every bundle says of itself: esbuild leaves the path of each module of CommonJS that it took in.
  const bundles = filesIn(installed('dist')).filter((name) => /\.[cm]?js$/u.test(name));
  const said = new Set<string>();
  for (const name of bundles)
    for (const [, folder] of readFileSync(installed(join('dist', name)), 'utf8').matchAll(
      /"node_modules\/((?:@[^/"]+\/)?[^/"]+)/gu,
    ))
      said.add(folder!);
  expect([...said].filter((name) => !named.has(name))).toEqual([]);
  for (const [name, part] of named) {
    expect(existsSync(join(ROOT, 'node_modules', name)), name).toBe(true);
    expect(part, name).toMatch(/permi(?:ssion|tted)|Licensed under/iu);
  }
  expect([...named.keys()]).toEqual(
    expect.arrayContaining(['yaml', 'zod', 're2js', 'pino', 'split2', 'pino-abstract-transport', 'commander']),
  );
});

test('the bill of materials names what ships', PATIENCE, () => {
  const text = execFileSync('npm', ['run', '--silent', 'sbom'], { cwd: ROOT, encoding: 'utf8', maxBuffer: 16 * 1024 ** 2 });
  const { components, metadata } = JSON.parse(text) as {
    components: { name: string; scope: string; licenses: object[] }[];
    metadata: { component: { name: string } };
  };
  expect(metadata.component.name).toBe('relevel');
  const names = components.map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(['yaml', 'zod', 're2js', 'pino', 'koffi']));
  expect(names).not.toContain('vitest');
  expect(components.filter(({ scope }) => scope === 'optional').map(({ name }) => name)).toEqual(['koffi']);
  expect(components.filter(({ licenses }) => licenses.length === 0)).toEqual([]);
});

describe('a fresh clone', () => {
  /** What git has of the work tree, in a folder of its own, with the packages of ours or with none. */
  function cloneWith(packages: 'packages' | 'no packages'): string {
    const folder = join(project.folder, `clone-${packages.replace(' ', '-')}`);
    mkdirSync(folder);
    const names = execFileSync('git', ['ls-files', '-z'], { cwd: ROOT, encoding: 'utf8' }).split('\0').slice(0, -1);
    for (const name of names) if (existsSync(join(ROOT, name))) cpSync(join(ROOT, name), join(folder, name));
    if (packages === 'packages') symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    return folder;
  }
  const prepare = (folder: string, ...args: string[]): SpawnSyncReturns<string> =>
    spawnSync(process.execPath, ['build/prepare.mjs', ...args], { cwd: folder, encoding: 'utf8' });

  test('packs the program that it builds', () => {
    const folder = cloneWith('packages');
    const out = execFileSync('npm', ['pack', '--dry-run', '--json'], { cwd: folder, encoding: 'utf8', stdio: 'pipe' });
    const [packed] = JSON.parse(out) as [{ files: { path: string }[] }];
    expect(packed.files.map(({ path }) => path)).toEqual(
      expect.arrayContaining(['dist/relevel.js', 'dist/index.mjs', 'dist/pino.d.mts']),
    );
  });

  test('is left as it is by an installation without the development tools, and packs what was built', () => {
    const folder = cloneWith('no packages');
    expect(prepare(folder)).toMatchObject({ status: 0, stdout: '', stderr: '' });
    expect(existsSync(join(folder, 'dist'))).toBe(false);
    cpSync(join(ROOT, 'dist'), join(folder, 'dist'), { recursive: true });
    expect(prepare(folder, 'prepack')).toMatchObject({ status: 0, stdout: '', stderr: '' });
  });
});
