import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { basename, join, resolve } from 'node:path';
import { transform, type BuildResult } from 'esbuild';
import { withPlainPrivates } from './privates.ts';

// The start is part of the bargain. Half of what it was beside Node's own was the loading of ES modules, and the compilation of
// functions that every run needs: now those are one script, with V8's bytecode beside it. That serves the Node that has built
// it, and no other version: an install from the repository, or an image. Elsewhere it is not read.

/** What esbuild has made, what of it is to be loaded at once, and how the file of that is called. */
interface Bundle {
  readonly built: BuildResult<{ write: false; metafile: true }>;
  /** With what it imports it is put into one file; all others stay by themselves. */
  readonly entry: string;
  readonly name: string;
}

interface Scripts {
  /** In which file a part is, by its name, where that is not its own. */
  readonly files: Readonly<Record<string, string>>;
  /** Each file's text, by its path. */
  readonly texts: ReadonlyMap<string, string>;
}

/** Makes scripts for `src/cli/loader.ts` of the ES modules that esbuild has split the program into. */
export async function asScripts(bundles: readonly Bundle[]): Promise<Scripts> {
  const files: Record<string, string> = {};
  const texts = new Map<string, string>();
  for (const { built, entry, name } of bundles) {
    const together = new Set([entry]);
    for (const path of together) {
      for (const { kind, path: imported, external } of built.metafile.outputs[path]!.imports)
        if (kind === 'import-statement' && external !== true) together.add(imported);
    }
    const isTogether = (path: string): boolean => [...together].some((other) => resolve(other) === path);

    const parts: string[] = [];
    for (const { path, text } of built.outputFiles) {
      if (isTogether(path)) parts.push(await partOf(path, text));
      else texts.set(path, scriptOf(await partOf(path, text)));
    }
    const script = scriptOf(parts.map((part) => `${part},\n`).join(''));
    // Bytecode is good for one text, and V8 knows texts by their lengths only.
    const file = `${name}-${createHash('sha256').update(script).digest('hex').slice(0, 8)}.js`;
    texts.set(resolve('dist/parts', file), script);
    for (const path of together) files[`./${basename(path)}`] = file;
  }
  return { files, texts };
}

/** Strict, as modules are. */
const scriptOf = (parts: string): string => `'use strict';({${parts}})\n`;

/** A member of a script's object: one module, as a function that the loader calls, which its parentheses have V8 compile at once. */
async function partOf(path: string, text: string): Promise<string> {
  const { code } = await transform(withPlainPrivates(withPlainExports(text)), {
    minify: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    supported: { 'dynamic-import': false },
  });
  return `${JSON.stringify(`./${basename(path)}`)}:(function(require,module,exports){${code}})`;
}

/**
 * What esbuild makes of exports are calls for each of them, twice; as an object's getters, one literal, they take no time. A
 * default is left to it.
 */
function withPlainExports(text: string): string {
  const [whole, list] = /\bexport\s*\{([^}]*)\};\s*$/u.exec(text) ?? [];
  if (whole === undefined || list === undefined || /\bdefault\b/u.test(list)) return text;
  const getters = list.split(',').map((item) => {
    const [name, as = name] = item.trim().split(/\s+as\s+/u);
    return `get ${as}(){return ${name}}`;
  });
  return `module.exports={${getters.join(',')}};${text.slice(0, -whole.length)}`;
}

/**
 * Has V8's bytecode of what is loaded at once written beside it, of all functions that these lines need: the program is run on
 * them, by the Node that builds it, between pipes; and then for a command.
 */
export async function keepBytecode(lines: readonly string[]): Promise<void> {
  const env = { PATH: process.env['PATH'], NODE: process.execPath, RECORDER: join(import.meta.dirname, 'record.cjs') };
  const program = '"$NODE" --require "$RECORDER" dist/relevel.js';
  for (const pipeline of [`cat | ${program} | cat`, `cat | ${program} run -- cat | cat`]) {
    const run = spawn('sh', ['-c', pipeline], { env, stdio: ['pipe', 'pipe', 'inherit'] });
    run.stdin.write(lines.map((line) => `${line}\n`).join(''));
    // The end comes by itself, as that of a daemon does.
    run.stdout.once('data', () => run.stdin.end());
    run.stdout.resume();
    const [code] = (await once(run, 'close')) as [number | null];
    if (code !== 0) throw new Error(`the program that was built ends with ${code}`);
  }
}
