import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { basename, join, resolve } from 'node:path';
import { transform, type BuildResult } from 'esbuild';

// The start is part of the bargain. Half of what it was beside Node's own was the loading of ES modules, and the compilation of
// functions that every run needs: now those are one script, with V8's bytecode beside it. That serves the Node that has built
// it, and no other version: an install from the repository, or an image. Elsewhere it is not read.

/**
 * Makes scripts for `src/cli/loader.ts` of the ES modules that esbuild has split the program into: what `entry` imports is put
 * into one file with it, all others stay by themselves. Gives that file's name, and each file's text by its path.
 */
export async function asScripts(
  { outputFiles, metafile }: BuildResult<{ write: false; metafile: true }>,
  entry: string,
): Promise<{ readonly first: string; readonly files: ReadonlyMap<string, string> }> {
  const together = new Set([entry]);
  for (const path of together) {
    for (const { kind, path: imported } of metafile.outputs[path]!.imports)
      if (kind === 'import-statement') together.add(imported);
  }

  const files = new Map<string, string>();
  let whole = '';
  for (const { path, text } of outputFiles) {
    const part = await partOf(path, text);
    if ([...together].some((other) => resolve(other) === path)) whole += `${part},\n`;
    else files.set(path, scriptOf(part));
  }
  const script = scriptOf(whole);
  // Bytecode is good for one text, and V8 knows texts by their lengths only.
  const first = `first-${createHash('sha256').update(script).digest('hex').slice(0, 8)}.js`;
  files.set(resolve('dist/parts', first), script);
  return { first, files };
}

/** Strict, as modules are. */
const scriptOf = (parts: string): string => `'use strict';({${parts}})\n`;

/** A member of a script's object: one module, as a function that the loader calls, which its parentheses have V8 compile at once. */
async function partOf(path: string, text: string): Promise<string> {
  const { code } = await transform(text, {
    minify: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    supported: { 'dynamic-import': false },
  });
  return `${JSON.stringify(`./${basename(path)}`)}:(function(require,module,exports){${code}})`;
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
