import { build } from 'esbuild';
import { blindColours, embed, lateBuiltins, type Modules } from './plugins.ts';

/** The program as one file, for machines without npm: `node relevel.cjs`. It starts a little later than the program in parts. */
export async function buildSingle(modules: Modules): Promise<string> {
  const { outputFiles } = await build({
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    minify: true,
    external: ['koffi'],
    logLevel: 'warning',
    write: false,
    entryPoints: ['src/cli/bin.ts'],
    plugins: [embed(modules), lateBuiltins, blindColours],
  });
  return outputFiles[0]!.text;
}
