import { readdirSync, readFileSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import { build, transform, type BuildOptions, type BuildResult, type Metafile, type Plugin } from 'esbuild';
import { blindColours, embed, lateBuiltins, type Modules } from './plugins.ts';
import { sharedFrom } from './shared.ts';

// The program: `dist/relevel.js`, which a user starts, and `dist/parts`, which it loads when they are needed. All of it is
// CommonJS, because Node needs some ten milliseconds less to load that than to load ES modules.

const settings = {
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  minify: true,
  external: ['koffi'],
  outdir: 'dist',
  logLevel: 'warning',
  write: false,
  metafile: true,
} as const satisfies BuildOptions;

/** Parts that others load by name: what `src/cli/bin.ts` starts, and what `relevel run` loads when its command runs. */
const PARTS: readonly string[] = ['begin', 'commands', 'run-attend', 'run-unstarted'];

/** The start of `relevel run` is one file, because each start of a command waits for it; these files it loads later. */
const LATER: readonly string[] = ['begin', 'begin-run', 'commands', 'run-attend', 'run-unstarted'];

const laterFrom = (folder: string): Plugin => ({
  name: 'later',
  setup: (building) => {
    building.onResolve({ filter: /^\.\// }, ({ path, kind }) => {
      const part = basename(path, '.ts');
      return kind === 'dynamic-import' && LATER.includes(part) ? { path: `${folder}/${part}.js`, external: true } : undefined;
    });
  },
});

/**
 * Makes each part that is loaded later import the main path. Otherwise esbuild cuts the main path into many files, by who shares
 * what, and each file costs half a millisecond of the start.
 */
const oneMainPath: Plugin = {
  name: 'one-main-path',
  setup: (building) => {
    const parts = new Set([...importedLater('src/cli'), ...importedLater('src/packs')]);
    building.onLoad({ filter: /\/src\/.*\.ts$/ }, ({ path }) => {
      if (!parts.has(path)) return undefined;
      return { contents: `${readFileSync(path, 'utf8')}\nimport ${JSON.stringify(resolve('src/cli/main.ts'))};`, loader: 'ts' };
    });
  },
};

/** The files that files of a folder import when they need them, by whole path. */
function importedLater(folder: string): string[] {
  const files = readdirSync(folder).map((name) => join(folder, name));
  return files.flatMap((file) =>
    Array.from(readFileSync(file, 'utf8').matchAll(/\bimport\('(\.[^']+)'\)/gu), ([, target]) => resolve(folder, target!)),
  );
}

/** What the rules that ship are, when they have been read. */
export interface Data {
  readonly packs: string;
  readonly draft: string;
  /** Modules that may stand in scripts as they are. */
  readonly modules: Modules;
}

// Long texts are files of their own: in a script, V8 looks at each of their characters to find the end of it.

const READ = "import{readFileSync}from'node:fs';const read=(name)=>readFileSync(__dirname+'/'+name,'utf8');";

const readPacks = `${READ}
  export const loadPacks=async()=>JSON.parse(read('packs.json'));
  export const loadDraft=()=>JSON.parse(read('draft.json'));`;

/** Puts the kernel, which is one long text in a module, into a file of its own; tells the file and its text. */
const kernelFile = (tell: (file: string, text: string) => void): Plugin => ({
  name: 'kernel-file',
  setup: (building) => {
    building.onLoad({ filter: /\/src\/kernel\/(?:code|module)\.ts$/ }, ({ path }) => {
      const [, name, text] = /export const (\w+) =\s*'([^']+)'/u.exec(readFileSync(path, 'utf8')) ?? [];
      if (name === undefined || text === undefined) throw new Error(`${path} is not one text, as build/kernel.ts writes it`);
      tell('kernel.base64', text);
      return { contents: `${READ}export const ${name}=read('kernel.base64');`, loader: 'js' };
    });
  },
});

export interface Program {
  /** Each file's text, by its path. */
  readonly files: ReadonlyMap<string, string>;
  readonly metafiles: readonly Metafile[];
}

export async function buildProgram(data: Data): Promise<Program> {
  const texts = new Map([
    ['dist/package.json', '{ "type": "commonjs" }\n'],
    ['dist/parts/packs.json', data.packs],
    ['dist/parts/draft.json', data.draft],
  ]);
  const parts = await build({
    ...settings,
    entryPoints: Object.fromEntries(PARTS.map((part) => [`parts/${part}`, `src/cli/${part}.ts`])),
    chunkNames: 'parts/[name]-[hash]',
    splitting: true,
    plugins: [
      embed({ ...data.modules, 'src/packs/builtin.ts': readPacks }),
      kernelFile((file, text) => void texts.set(`dist/parts/${file}`, text)),
      lateBuiltins,
      blindColours,
      oneMainPath,
      sharedFrom('.'),
    ],
  });
  const run = await build({
    ...settings,
    entryPoints: { 'parts/begin-run': 'src/cli/begin-run.ts' },
    plugins: [lateBuiltins, laterFrom('.'), sharedFrom('.')],
  });
  const started = await build({
    ...settings,
    entryPoints: { relevel: 'src/cli/bin.ts' },
    plugins: [laterFrom('./parts'), sharedFrom('./parts')],
  });
  const bundles = [parts, run, started];
  return {
    files: new Map([...texts, ...(await Promise.all(bundles.map(asCommonJs))).flat()]),
    metafiles: bundles.map(({ metafile }) => metafile),
  };
}

/** esbuild splits ES modules only, so what it made is turned into CommonJS afterwards. */
function asCommonJs({ outputFiles }: BuildResult<{ write: false }>): Promise<[path: string, text: string][]> {
  return Promise.all(
    outputFiles.map(async ({ path, text }) => {
      const { code } = await transform(text, {
        minify: true,
        platform: 'node',
        target: 'node20',
        format: 'cjs',
        supported: { 'dynamic-import': false },
      });
      return [relative('.', path), code] as [string, string];
    }),
  );
}
