import { resolve } from 'node:path';
import { build, type BuildOptions, type Metafile, type Plugin } from 'esbuild';
import { declarationsOf } from './declarations.ts';
import { sharedFrom } from './shared.ts';

// The library's doors: one implementation, as CommonJS, which an ES module hands on. So a program that has both has one `RulesError`.

const settings = {
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  minify: true,
  logLevel: 'warning',
  write: false,
  metafile: true,
} as const satisfies BuildOptions;

/** Puts the library's own way of loading things in the place of files that cannot wait. */
function putOff(): Plugin {
  const modules: Readonly<Record<string, string>> = {
    // Only when rules are read is their reader loaded: `require` of what is bundled waits, and is at once.
    'src/library/reader.ts': `
      export function loadRules(files) { allowAllPatterns(); return require('../rules/load.ts').loadRules(files); }
      export function allowAllPatterns() { require('../rules/linear.ts'); }`,
    'src/library/packs.ts': `export const packs = () => structuredClone(require('./parts/packs.json'));`,
  };
  return {
    name: 'put-off',
    setup: (building) => {
      // The program's; whoever bundles the library finds it, too.
      building.onResolve({ filter: /^\.\/parts\/packs\.json$/ }, ({ path }) => ({ path, external: true }));
      for (const [path, contents] of Object.entries(modules)) {
        const whole = resolve(path);
        building.onLoad({ filter: /\/src\/library\// }, (args) =>
          args.path === whole ? { contents, loader: 'js', resolveDir: resolve('src/library') } : undefined,
        );
      }
    },
  };
}

/** The transport is a user of the library, and takes it from beside it. */
const besideIt: Plugin = {
  name: 'beside-it',
  setup: (building) => {
    building.onResolve({ filter: /^\.\/index\.ts$/ }, ({ importer }) =>
      importer === resolve('src/pino.ts') ? { path: './index.cjs', external: true } : undefined,
    );
  },
};

/** What the doors give, by name; `default` among them. */
const DOORS = {
  index: ['RulesError', 'createRelevel', 'createRelevelLines', 'createRelevelSync', 'loadRules'],
  pino: ['default'],
} as const;

export interface Library {
  /** By path. */
  readonly files: ReadonlyMap<string, string | Uint8Array>;
  /** What went into them. */
  readonly metafiles: readonly Metafile[];
}

/** Makes the library; the caller writes it where it is to be. */
export async function buildLibrary(): Promise<Library> {
  const files = new Map<string, string | Uint8Array>();
  const metafiles: Metafile[] = [];
  for (const [door, names] of Object.entries(DOORS)) {
    const { outputFiles, metafile } = await build({
      ...settings,
      entryPoints: { [door]: `src/${door}.ts` },
      outdir: 'dist',
      outExtension: { '.js': '.cjs' },
      plugins: [putOff(), besideIt, sharedFrom('./parts')],
      // What is a default for an ES module is the whole of a module of CommonJS.
      footer: {
        js: isSole(names) ? 'module.exports=Object.assign(module.exports.default,{default:module.exports.default});' : '',
      },
    });
    metafiles.push(metafile);
    for (const { path, contents } of outputFiles) files.set(path, contents);
    const declarations = declarationsOf(`src/${door}.ts`);
    files.set(`dist/${door}.mjs`, wrapperOf(door, names));
    files.set(`dist/${door}.d.mts`, declarations);
    files.set(`dist/${door}.d.cts`, isSole(names) ? asWhole(declarations) : declarations);
  }
  return { files, metafiles };
}

const isSole = (names: readonly string[]): boolean => names.length === 1 && names[0] === 'default';

/** Declarations whose default is the whole module, and what else they give its members. */
function asWhole(declarations: string): string {
  const list = /export \{ (.*), (\w+) as default \};\n$/u.exec(declarations);
  if (list === null) throw new Error('what a door gives is not written as its default and other names');
  const [all, others, name] = list;
  return declarations.replace(all, `declare namespace ${name} { export { ${others} }; }\nexport = ${name};\n`);
}

function wrapperOf(door: string, names: readonly string[]): string {
  const lines = names.map((name) => (name === 'default' ? 'export default it;' : `export const ${name} = it.${name};`));
  return `import it from './${door}.cjs';\n${lines.join('\n')}\n`;
}
