import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { build, type Metafile, type Plugin } from 'esbuild';

// Packages that the program and the library both use, each bundled once, into a file of its own beside the program's parts.

const SHARED: readonly string[] = ['re2js', 'yaml', 'zod'];

const WHOLE = new RegExp(`^(?:${SHARED.join('|')})$`);

/** Has a bundle load them from there. `folder`: where they are, seen from the bundle. */
export const sharedFrom = (folder: string): Plugin => ({
  name: 'shared',
  setup: (building) => {
    building.onResolve({ filter: WHOLE }, ({ path }) => ({ path: `${folder}/${path}.js`, external: true }));
  },
});

export interface Shared {
  /** Each file's text, by its path. */
  readonly files: ReadonlyMap<string, string>;
  readonly metafiles: readonly Metafile[];
}

export async function buildShared(): Promise<Shared> {
  const files = new Map<string, string>();
  const metafiles: Metafile[] = [];
  for (const name of SHARED) {
    const { outputFiles, metafile } = await build({
      bundle: true,
      platform: 'node',
      format: 'cjs',
      target: 'node20',
      minify: true,
      logLevel: 'warning',
      write: false,
      metafile: true,
      outfile: `dist/parts/${name}.js`,
      stdin: { contents: `export { ${(await namesUsed(name)).join(', ')} } from '${name}';`, resolveDir: '.' },
    });
    files.set(relative('.', outputFiles[0]!.path), outputFiles[0]!.text);
    metafiles.push(metafile);
  }
  return { files, metafiles };
}

/** What the source asks of a package, of all that it has: by name, or as a member of all of it. */
async function namesUsed(name: string): Promise<string[]> {
  const module = (await import(name)) as Readonly<Record<string, unknown>>;
  // A namespace in it would bring all of the package; only types are taken from such.
  const has = Object.keys(module).filter((each) => Object.prototype.toString.call(module[each]) !== '[object Module]');
  const used = new Set<string>();
  for (const path of readdirSync('src', { recursive: true, encoding: 'utf8' })) {
    if (!path.endsWith('.ts')) continue;
    const text = readFileSync(join('src', path), 'utf8');
    for (const [, names, whole] of text.matchAll(new RegExp(`import (?:\\{([^}]*)\\}|\\* as (\\w+)) from '${name}'`, 'gu'))) {
      for (const each of names?.split(',') ?? []) used.add(each.trim());
      if (whole === undefined) continue;
      for (const [, member] of text.matchAll(new RegExp(`\\b${whole}\\s*\\.(\\w+)`, 'gu'))) used.add(member!);
    }
  }
  return has.filter((each) => used.has(each));
}
