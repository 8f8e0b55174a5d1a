import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..');

/**
 * Each room, in the order of the design, and what it may look into: rooms above it, packages and Node's own modules. What is
 * not listed is not allowed, not even for a type. `node:*`: whatever Node has.
 */
const SEES: Readonly<Record<string, readonly string[]>> = {
  record: [],
  kernel: ['record'],
  formats: ['record', 'kernel', 'stream-json'],
  rules: ['record', 're2js', 'yaml', 'zod'],
  engine: ['record', 'kernel', 'formats', 'rules', 'node:crypto'],
  prober: ['@elastic/ecs-pino-format', 'koffi', 'pino', 'zod', 'node:os'],
  io: ['engine', 'node:*'],
  packs: ['rules', 'engine', 'io', 'node:*'],
  sidecar: ['rules', 'engine', 'io', 'node:*'],
  workbench: ['record', 'kernel', 'formats', 'rules', 'engine', 'io'],
  cli: [
    'record',
    'kernel',
    'formats',
    'rules',
    'engine',
    'prober',
    'io',
    'packs',
    'sidecar',
    'workbench',
    '@elastic/ecs-pino-format',
    'commander',
    'picocolors',
    'pino',
    'node:*',
  ],
  // What stands in a program: its rules are named as on the command line, and found in the same places.
  library: ['record', 'formats', 'rules', 'engine', 'io', 'packs', 'node:*'],
  'index.ts': ['rules', 'engine', 'library'],
  'pino.ts': ['library', 'index.ts', 'pino-abstract-transport', 'node:*'],
};

/**
 * What others may see of the engine: what opens one, what it is given and what it tells, and what the rule language means that it shares with
 * those who explain rules. Its machinery they cannot name, so nobody can take the whole of it.
 */
const ENGINE_SHOWS: readonly string[] = [
  'engine.ts',
  'settings.ts',
  'zone.ts',
  'origins.ts',
  'years.ts',
  'counts.ts',
  'observer.ts',
  'judged.ts',
  'plan.ts',
  'examples.ts',
  'memory/keys.ts',
  'memory/mask.ts',
  'memory/carry.ts',
  'edit/restore.ts',
  'edit/restored-order.ts',
  'edit/annotation-read.ts',
];

/** Rooms that live in a process: they may wait, and ask it things. */
const HOSTED = ['io', 'packs', 'sidecar', 'cli', 'library'];

/** Files that may do what their room may not, or nobody else. */
const MAY: Readonly<Record<string, readonly string[]>> = {
  'src/io/clock.ts': ['Date.now', 'performance.now'],
  // Which clock it is, is said here: to load `performance` takes a part of the start.
  'src/cli/process.ts': ['process.hrtime'],
  // A service manager is told the time by the kernel's own clock, which is not ours.
  'src/cli/sidecar.ts': ['process.hrtime'],
  // Lines of a chunk come one by one, and go on at the end of their turn.
  'src/pino.ts': ['process'],
  // Says on which machines there can be a port to the kernel.
  'src/prober/kernel.ts': ['process'],
};

/** `rules` for `src/rules/load.ts`; `index.ts`, a room of its own, for `src/index.ts`. */
const roomOf = (path: string): string => path.split('/')[1]!;

function childrenOf(node: ts.Node): ts.Node[] {
  const children: ts.Node[] = [];
  ts.forEachChild(node, (child) => void children.push(child));
  return children;
}

/** What a file imports, in whatever way, in its own words. */
function looksOf(node: ts.Node): string[] {
  const module = moduleOf(node);
  if (module === undefined) return childrenOf(node).flatMap(looksOf);
  return [ts.isStringLiteral(module) ? module.text : '?'];
}

function moduleOf(node: ts.Node): ts.Node | undefined {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return node.moduleSpecifier;
  if (ts.isImportTypeNode(node)) return ts.isLiteralTypeNode(node.argument) ? node.argument.literal : node.argument;
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) return node.arguments[0];
  return undefined;
}

/** What a file asks of its process: the time, to be woken, anything else. */
function asksOf(node: ts.Node): string[] {
  if (ts.isNewExpression(node) && node.expression.getText() === 'Date' && (node.arguments?.length ?? 0) === 0)
    return ['Date.now'];
  if (ts.isPropertyAccessExpression(node)) {
    const text = node.getText();
    if (['Date.now', 'performance.now', 'process.hrtime'].includes(text)) return [text];
    return asksOf(node.expression);
  }
  if (ts.isPropertyAssignment(node)) return asksOf(node.initializer);
  if (ts.isIdentifier(node) && ['process', 'setTimeout', 'setInterval', 'setImmediate'].includes(node.text)) return [node.text];
  return childrenOf(node).flatMap(asksOf);
}

/** What is wrong with a file, of which `path` is from the project's root. */
function faultsOf(path: string, text: string): string[] {
  const faults: string[] = [];
  if (path.split('/').some((part) => /^(?:utils?|helpers?|common|types?)(?:\.|$)/u.test(part)))
    faults.push(`${path} has a name that says nothing`);
  if (!path.startsWith('src/')) return faults;

  const room = roomOf(path);
  const parsed = parse(path, text);
  const sees = SEES[room] ?? [];
  for (const target of looksOf(parsed)) {
    const seen = seenFrom(path, target);
    const isHidden = seen === 'engine' && room !== 'engine' && !ENGINE_SHOWS.includes(inEngine(path, target));
    if (isHidden || (seen !== room && !namesFor(seen).some((name) => sees.includes(name))))
      faults.push(`${path} imports ${target}`);
  }
  const isTime = (ask: string): boolean => /^(?:Date|performance|process)\./u.test(ask);
  for (const ask of new Set(asksOf(parsed))) {
    if (MAY[path]?.includes(ask) === true || (HOSTED.includes(room) && !isTime(ask))) continue;
    faults.push(`${path} asks ${ask}`);
  }
  return faults;
}

const parse = (path: string, text: string): ts.Node => ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);

/** How a list may name what is seen, so that it is allowed. */
const namesFor = (seen: string): string[] => (seen.startsWith('node:') ? [seen, 'node:*'] : [seen]);

/** A room for a file of ours, however far up it says it is; else the name of a package. */
function seenFrom(path: string, target: string): string {
  if (target.startsWith('node:')) return target;
  if (!target.startsWith('.')) return /^(?:@[^/]*\/)?[^/]*/u.exec(target)![0];
  const whole = join(path, '..', target);
  return whole.startsWith('src/') ? roomOf(whole) : whole;
}

/** Files that import one another, directly or by others, also for types or later: each such circle as a list of its files. */
function circlesOf(imports: ReadonlyMap<string, readonly string[]>): string[][] {
  const reached = new Map([...imports.keys()].map((path) => [path, reachedFrom(path, imports)]));
  const circles = [...reached].map(([path, files]) => [...files].filter((file) => reached.get(file)!.has(path)).toSorted());
  return [...new Map(circles.filter(({ length }) => length > 0).map((files) => [files.join(), files])).values()];
}

function reachedFrom(path: string, imports: ReadonlyMap<string, readonly string[]>): Set<string> {
  const reached = new Set<string>();
  const next = [path];
  for (let file = next.pop(); file !== undefined; file = next.pop()) {
    for (const target of imports.get(file) ?? []) {
      if (reached.has(target) || !imports.has(target)) continue;
      reached.add(target);
      next.push(target);
    }
  }
  return reached;
}

/** The files of ours that a file imports, by their paths from the project's root. */
const importsOf = (path: string, text: string): string[] =>
  looksOf(parse(path, text))
    .filter((target) => target.startsWith('.'))
    .map((target) => join(path, '..', target));

/** Which file of the engine that is. */
const inEngine = (path: string, target: string): string => join(path, '..', target).slice('src/engine/'.length);

const filesIn = (folder: string): string[] =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name));

const faultsIn = (path: string): string[] => faultsOf(path, readFileSync(join(ROOT, path), 'utf8'));

test.each(Object.keys(SEES))('%s stays in its room', (room) => {
  const files = filesIn('src').filter((path) => roomOf(path) === room);
  expect(files.flatMap(faultsIn)).toEqual([]);
});

test.each(Object.keys(SEES))('%s may look into no more than it does', (room) => {
  const paths = filesIn('src').filter((path) => roomOf(path) === room);
  const used = paths.flatMap((path) => {
    const looks = looksOf(parse(path, readFileSync(join(ROOT, path), 'utf8')));
    return looks.flatMap((target) => namesFor(seenFrom(path, target)));
  });
  // A room that is not built yet has its list already.
  expect(paths.length === 0 ? [] : SEES[room]!.filter((name) => !used.includes(name))).toEqual([]);
});

test('the engine shows no more than others look at', () => {
  const outside = filesIn('src').filter((path) => roomOf(path) !== 'engine');
  const seen = outside.flatMap((path) => importsOf(path, readFileSync(join(ROOT, path), 'utf8')));
  expect(ENGINE_SHOWS.filter((name) => !seen.includes(`src/engine/${name}`))).toEqual([]);
});

test('there is no other room', () => {
  expect(filesIn('src').filter((path) => SEES[roomOf(path)] === undefined)).toEqual([]);
});

test('no file has a name that says nothing', () => {
  expect([...filesIn('test'), ...filesIn('bench')].flatMap(faultsIn)).toEqual([]);
});

test('rooms look upward only', () => {
  const rooms = Object.keys(SEES);
  const downward = rooms.flatMap((room, index) =>
    rooms.slice(index).filter((below) => SEES[room]!.some((seen) => seen === below)),
  );
  expect(downward).toEqual([]);
});

test('no files import one another in a circle, not even for a type', () => {
  const imports = filesIn('src').map((path) => [path, importsOf(path, readFileSync(join(ROOT, path), 'utf8'))] as const);
  expect(circlesOf(new Map(imports))).toEqual([]);
});

describe('a circle is found', () => {
  const planted: readonly [claim: string, files: Readonly<Record<string, string>>, circles: readonly string[][]][] = [
    ['none', { 'src/io/a.ts': "import './b.ts';", 'src/io/b.ts': "import type { C } from './c.ts';", 'src/io/c.ts': '' }, []],
    ['of a file with itself', { 'src/io/a.ts': "import './a.ts';" }, [['src/io/a.ts']]],
    [
      'for a type',
      { 'src/io/a.ts': "import { b } from './in/b.ts';", 'src/io/in/b.ts': "import type { A } from '../a.ts';" },
      [['src/io/a.ts', 'src/io/in/b.ts']],
    ],
    [
      'of three, one of them put off',
      {
        'src/io/a.ts': "import './b.ts';",
        'src/io/b.ts': "await import('./c.ts');",
        'src/io/c.ts': "export * from './a.ts';",
        'src/io/d.ts': "import './a.ts';",
      },
      [['src/io/a.ts', 'src/io/b.ts', 'src/io/c.ts']],
    ],
  ];

  test.each(planted)('%s', (_claim, files, circles) => {
    const imports = Object.entries(files).map(([path, text]) => [path, importsOf(path, text)] as const);
    expect(circlesOf(new Map(imports))).toEqual(circles);
  });
});

describe('a trespass is found', () => {
  const planted: readonly [claim: string, path: string, text: string, faults: readonly string[]][] = [
    ['none', 'src/engine/a.ts', "import { readLine } from '../formats/index.ts';", []],
    ['a look downward', 'src/record/a.ts', "import { a } from '../engine/a.ts';", ['src/record/a.ts imports ../engine/a.ts']],
    ['one for a type', 'src/record/a.ts', "import type { A } from '../rules/a.ts';", ['src/record/a.ts imports ../rules/a.ts']],
    ['one within a type', 'src/record/a.ts', "type A = import('../cli/a.ts').A;", ['src/record/a.ts imports ../cli/a.ts']],
    ['one that is put off', 'src/rules/a.ts', "await import('../engine/a.ts');", ['src/rules/a.ts imports ../engine/a.ts']],
    ['one that is not known', 'src/rules/a.ts', 'await import(name);', ['src/rules/a.ts imports ?']],
    ['one that is passed on', 'src/io/a.ts', "export * from '../cli/a.ts';", ['src/io/a.ts imports ../cli/a.ts']],
    ['one at the library', 'src/cli/a.ts', "import { relevel } from '../index.ts';", ['src/cli/a.ts imports ../index.ts']],
    [
      'one out of src',
      'src/cli/a.ts',
      "import { run } from '../../test/support/run.ts';",
      ['src/cli/a.ts imports ../../test/support/run.ts'],
    ],
    ['the engine', 'src/io/a.ts', "import { openEngine } from '../engine/engine.ts';", []],
    [
      'what is within it',
      'src/io/a.ts',
      "import type { A } from '../engine/core.ts';",
      ['src/io/a.ts imports ../engine/core.ts'],
    ],
    ['a package', 'src/formats/a.ts', "import split from 'split2';", ['src/formats/a.ts imports split2']],
    [
      'a part of one',
      'src/cli/a.ts',
      "import { parser } from 'stream-json/parser.js';",
      ['src/cli/a.ts imports stream-json/parser.js'],
    ],
    ['the file system', 'src/engine/a.ts', "import { readSync } from 'node:fs';", ['src/engine/a.ts imports node:fs']],
    ['the clock', 'src/cli/a.ts', 'const at = Date.now();', ['src/cli/a.ts asks Date.now']],
    ['the clock, put by', 'src/io/a.ts', 'const now = performance.now;', ['src/io/a.ts asks performance.now']],
    ['the clock as a date', 'src/engine/a.ts', 'const at = new Date();', ['src/engine/a.ts asks Date.now']],
    ['not a date of a time', 'src/engine/a.ts', 'const at = new Date(time).getTime();', []],
    ['a timer', 'src/engine/a.ts', 'setTimeout(advance, 5);', ['src/engine/a.ts asks setTimeout']],
    ['the process', 'src/prober/a.ts', 'const { env } = process;', ['src/prober/a.ts asks process']],
    ['not a field of its name', 'src/engine/a.ts', 'const a = { process: 1 }; a.process += 1; // process.env', []],
    ['a name', 'src/io/utils.ts', '', ['src/io/utils.ts has a name that says nothing']],
    ['a name in the tests', 'test/helpers/a.ts', '', ['test/helpers/a.ts has a name that says nothing']],
  ];

  test.each(planted)('%s', (_claim, path, text, faults) => {
    expect(faultsOf(path, text)).toEqual(faults);
  });
});
