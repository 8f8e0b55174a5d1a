import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { basename, join, resolve } from 'node:path';
import { build, transform, type BuildResult } from 'esbuild';

// A start of the program is some 40 ms, half of them Node's own, and part of the bargain. ES modules and the compilation of
// what every run needs were a third of it.

const SMALL = { minify: true, platform: 'node', target: 'node20', logLevel: 'warning' } as const;

/**
 * Makes scripts for `src/cli/loader.ts` of the ES modules that esbuild has split the program into: what `entry` imports is put
 * into one file with it, all others stay by themselves. Gives each file's text by its path.
 */
export async function asScripts(
  { outputFiles, metafile }: BuildResult<{ write: false; metafile: true }>,
  entry: string,
): Promise<ReadonlyMap<string, string>> {
  const first = new Set([entry]);
  for (const path of first) {
    for (const { kind, path: imported } of metafile.outputs[path]!.imports) if (kind === 'import-statement') first.add(imported);
  }

  const byPath = new Map<string, string>();
  let whole = '';
  for (const { path, text } of outputFiles) {
    const part = await partOf(path, text);
    if ([...first].some((other) => resolve(other) === path)) whole += `${part},\n`;
    else byPath.set(path, scriptOf(part));
  }
  const script = scriptOf(whole);
  // Bytecode is good for one text, and V8 knows texts by their lengths only.
  const name = `first-${createHash('sha256').update(script).digest('hex').slice(0, 8)}.js`;
  byPath.set(resolve('dist/parts', name), script);
  byPath.set(resolve('dist/relevel.js'), await loaderOf(name));
  return byPath;
}

/** Strict, as modules are. */
const scriptOf = (parts: string): string => `'use strict';({${parts}})\n`;

/** A member of a script's object: one module, as a function that the loader calls. */
async function partOf(path: string, text: string): Promise<string> {
  const { code } = await transform(text.replace(/^#!.*/u, ''), { ...SMALL, format: 'cjs', supported: { 'dynamic-import': false } });
  return `${JSON.stringify(`./${basename(path)}`)}(require,module,exports){${code.replaceAll('require("./parts/', 'require("./')}}`;
}

async function loaderOf(first: string): Promise<string> {
  const { outputFiles } = await build({
    ...SMALL,
    entryPoints: ['src/cli/loader.ts'],
    bundle: true,
    format: 'cjs',
    define: { FIRST: JSON.stringify(first) },
    write: false,
  });
  return outputFiles[0]!.text;
}

/**
 * Has V8's bytecode of the first file written beside it, of all functions that these lines need: the program is run on them,
 * by the Node that builds it, between pipes.
 */
export async function keepBytecode(lines: readonly string[]): Promise<void> {
  const pipeline = 'cat | "$NODE" --require "$RECORDER" dist/relevel.js | cat';
  const env = { PATH: process.env['PATH'], NODE: process.execPath, RECORDER: join(import.meta.dirname, 'build-record.cjs') };
  const run = spawn('sh', ['-c', pipeline], { env, stdio: ['pipe', 'pipe', 'inherit'] });
  run.stdin.write(lines.map((line) => `${line}\n`).join(''));
  // The end comes by itself, as that of a daemon does.
  run.stdout.once('data', () => run.stdin.end());
  run.stdout.resume();
  const [code] = (await once(run, 'close')) as [number | null];
  if (code !== 0) throw new Error(`the program that was built ends with ${code}`);
}
