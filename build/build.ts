import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { build, type BuildOptions, type Plugin } from 'esbuild';
import { writeKernel } from './kernel.ts';
import { buildLibrary } from './library.ts';
import { licencesOf } from './licences.ts';
import { asScripts, keepBytecode } from './start.ts';
import type { Pack } from '../src/packs/builtin.ts';
import type { PlanDraft } from '../src/engine/plan.ts';
import { joinRules } from '../src/rules/join.ts';
import { loadRules } from '../src/rules/load.ts';
import { isPlain } from '../src/rules/pattern.ts';
import { RulesError } from '../src/rules/problem.ts';
import type { Condition, RuleSet } from '../src/rules/rule.ts';

// What imports the kernel can only be imported when the kernel is compiled.
writeKernel();
const { loadPacks } = await import('../src/packs/builtin.ts');
const { PACKS, VERSION } = await import('../src/packs/shipped.ts');
const { draftPlan } = await import('../src/engine/plan.ts');

// `npm run build`: the program, in parts that load when they are needed. Rules that ship are loaded here, once for all:
// the program itself reads no YAML unless it is given some.

/** The start is part of the bargain: a pattern that needs re2js makes every start slower by its 15 ms. */
function refuseSlowPatterns({ rules, protect }: RuleSet): void {
  const patternsOf = (condition: Condition): string[] => {
    switch (condition.kind) {
      case 'all':
      case 'any':
        return condition.of.flatMap(patternsOf);
      case 'not':
        return patternsOf(condition.of);
      case 'field':
        return condition.test.kind === 'matches' ? [condition.test.text] : [];
      case 'level':
        return [];
    }
  };
  const conditions = rules.flatMap(({ when, await: waits }) => [
    when,
    ...[...(waits?.success ?? []), ...(waits?.failure ?? [])].map((event) => event.condition),
  ]);
  for (const pattern of [...conditions, ...protect].flatMap(patternsOf)) {
    if (!isPlain(pattern))
      throw new Error(`rules: pattern ${pattern} is not plain, and would load re2js at each start; see src/rules/pattern.ts`);
  }
}

/** Puts the values of modules that read files in the place of the modules. */
function embed(modules: Readonly<Record<string, string>>): Plugin {
  return {
    name: 'embed',
    setup: (building) => {
      for (const [path, contents] of Object.entries(modules)) {
        const whole = resolve(path);
        building.onLoad({ filter: /\/src\/packs\// }, (args) => (args.path === whole ? { contents, loader: 'js' } : undefined));
      }
    },
  };
}

/**
 * Node's own modules, got without the detour through an ES module: that reads every export, and some of them load much
 * more. Those that are seldom needed, or late, load when a function of theirs is first called, or an object looked into.
 */
const LATE: readonly string[] = [
  'node:crypto',
  'node:module',
  'node:net',
  'node:os',
  'node:path',
  'node:tty',
  'node:v8',
  'node:vm',
];

const builtins: Plugin = {
  name: 'builtins',
  setup: (building) => {
    building.onResolve({ filter: /^node:/ }, ({ kind, path }) =>
      kind === 'import-statement' ? { path, namespace: 'builtin' } : undefined,
    );
    building.onLoad({ filter: /.*/, namespace: 'builtin' }, async ({ path }) => {
      const module = (await import(path)) as Readonly<Record<string, unknown>>;
      const names = Object.keys(module).filter((name) => name !== 'default' && name !== 'module.exports');
      const getterOf = (name: string): string => {
        if (!LATE.includes(path)) return '$get';
        if (typeof module[name] === 'function') return '$late';
        return typeof module[name] === 'object' && module[name] !== null ? '$inside' : '$get';
      };
      const exports = names.map((name) => `export const ${name}=/* @__PURE__ */${getterOf(name)}('${name}');`);
      // `get` and `it` are names that a module of Node's own may export. To ask for a module costs some µs each time.
      const helpers = [
        `let $it;const $load=()=>$it??=process.getBuiltinModule('${path}');`,
        'const $get=(name)=>$load()[name];',
        'const $late=(name)=>function(...args){const it=$load()[name];return new.target?new it(...args):it(...args)};',
        'const $inside=(name)=>new Proxy({},{get:(_,key)=>$load()[name][key]});',
      ];
      return { contents: helpers.join('') + exports.join(''), loader: 'js' };
    });
  },
};

/**
 * picocolors looks at `process.stdout` as it loads, which makes a pipe or socket non-blocking that others share; we
 * tell it ourselves whether there is a terminal.
 */
const blindColours: Plugin = {
  name: 'blind-colours',
  setup: (building) => {
    building.onLoad({ filter: /\/picocolors\.js$/ }, ({ path }) => {
      const text = readFileSync(path, 'utf8');
      const contents = text.replace('(p.stdout || {}).isTTY', 'false');
      if (contents === text) throw new Error('picocolors has changed: see what it does with process.stdout as it loads');
      return { contents };
    });
  },
};

/**
 * Has every part that is loaded later import the main path, which then is one file: else esbuild cuts it up by who
 * shares what, and each file costs half a millisecond.
 */
const oneMainPath: Plugin = {
  name: 'one-main-path',
  setup: (building) => {
    const parts = new Set([...partsOf('src/cli'), ...partsOf('src/packs')]);
    building.onLoad({ filter: /\/src\/.*\.ts$/ }, ({ path }) => {
      if (!parts.has(path)) return undefined;
      return { contents: `${readFileSync(path, 'utf8')}\nimport ${JSON.stringify(resolve('src/cli/main.ts'))};`, loader: 'ts' };
    });
  },
};

/** Parts by whose names others ask for them: what is started, and what `relevel run` loads when its command runs. */
const PARTS: readonly string[] = ['begin', 'run-attend', 'run-unstarted'];

/** What `relevel run` is started by has a file of its own, and leaves these to the loader. */
const partsLater: Plugin = {
  name: 'parts-later',
  setup: (building) => {
    building.onResolve({ filter: /^\.\// }, ({ path, kind }) => {
      const part = basename(path, '.ts');
      return kind === 'dynamic-import' && PARTS.includes(part) ? { path: `./${part}.js`, external: true } : undefined;
    });
  },
};

/** Our own files that are imported when they are needed, by whole path. */
function partsOf(folder: string): ReadonlySet<string> {
  const files = readdirSync(folder).map((name) => join(folder, name));
  return new Set(
    files.flatMap((file) =>
      Array.from(readFileSync(file, 'utf8').matchAll(/\bimport\('(\.[^']+)'\)/gu), ([, target]) => resolve(folder, target!)),
    ),
  );
}

/** As `src/packs/load-rules.ts` joins them where nobody asks for others. */
const draftOf = (packs: readonly Pack[]): PlanDraft =>
  draftPlan(
    joinRules(
      packs.map(({ ruleSet }) => ruleSet),
      [],
      '',
    ).ruleSet,
  );

const embedded = (packs: readonly Pack[]): Plugin =>
  embed({
    'src/packs/builtin.ts':
      `export const loadPacks=async()=>JSON.parse(${JSON.stringify(JSON.stringify(packs))});` +
      `export const loadDraft=()=>JSON.parse(${JSON.stringify(JSON.stringify(draftOf(packs)))});`,
    'src/packs/shipped.ts': `export const VERSION=${JSON.stringify(VERSION)};export const PACKS=${JSON.stringify(PACKS)};`,
  });

const settings = {
  outdir: 'dist',
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  minifyWhitespace: true,
  minifySyntax: true,
  external: ['koffi'],
  // CommonJS packages ask for Node's own modules by it, and for nothing else: the rest is bundled.
  banner: { js: 'const require=process.getBuiltinModule;' },
  logLevel: 'warning',
  write: false,
  metafile: true,
} as const satisfies BuildOptions;

/** What the packs' own examples show. */
function exampleLines(): string[] {
  const lines = loadRules(PACKS).ruleSet.rules.flatMap((rule) => rule.examples.flatMap((example) => example.lines));
  return lines.flatMap(({ line }) => line ?? []);
}

async function main(): Promise<void> {
  const packs = await loadPacks();
  for (const { ruleSet } of packs) refuseSlowPatterns(ruleSet);

  const program = await build({
    ...settings,
    entryPoints: Object.fromEntries(PARTS.map((part) => [`parts/${part}`, `src/cli/${part}.ts`])),
    chunkNames: 'parts/[name]-[hash]',
    splitting: true,
    plugins: [embedded(packs), builtins, blindColours, oneMainPath],
  });
  const run = await build({
    ...settings,
    entryPoints: { 'parts/begin-run': 'src/cli/begin-run.ts' },
    plugins: [builtins, partsLater],
  });
  const scripts = await asScripts([
    { built: program, entry: 'dist/parts/begin.js', name: 'first' },
    { built: run, entry: 'dist/parts/begin-run.js', name: 'run' },
  ]);
  // What is started need be no ES module, and by the package.json beside it is none: those take Node 3 ms more. Without that
  // file it runs too.
  const started = await build({
    ...settings,
    format: 'iife',
    minify: true,
    banner: {},
    define: { FILES: JSON.stringify(scripts.files) },
    entryPoints: { relevel: 'src/cli/bin.ts' },
    plugins: [builtins],
  });
  // By itself, so that the program is not cut up by what the two share.
  const demo = await build({
    ...settings,
    entryPoints: { demo: 'demo/main.ts' },
    outExtension: { '.js': '.mjs' },
    plugins: [embedded(packs), builtins, blindColours],
  });
  const library = await buildLibrary(packs);
  const licences = licencesOf([program.metafile, run.metafile, started.metafile, ...library.metafiles]);
  // All at once: somebody may be running what was built before.
  rmSync('dist', { recursive: true, force: true });
  mkdirSync('dist/parts', { recursive: true });
  for (const [path, text] of scripts.texts) writeFileSync(path, text);
  for (const { path, contents } of [...started.outputFiles, ...demo.outputFiles]) writeFileSync(path, contents);
  for (const [path, contents] of library.files) writeFileSync(path, contents);
  writeFileSync('dist/package.json', '{ "type": "commonjs" }\n');
  writeFileSync('dist/THIRD-PARTY-LICENSES', licences);
  chmodSync('dist/relevel.js', 0o755);
  await keepBytecode(exampleLines());
}

try {
  await main();
} catch (error) {
  if (!(error instanceof RulesError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
