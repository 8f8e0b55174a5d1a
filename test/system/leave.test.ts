import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runningOf } from './running.ts';
import { PATIENCE } from '../support/patience.ts';

const BUNDLES = mkdtempSync(join(tmpdir(), 'relevel-leave-'));
const COMPILING = join(BUNDLES, 'compiling.mjs');

beforeAll(() => {
  buildSync({ entryPoints: ['test/io/compiling.ts'], outfile: COMPILING, bundle: true, platform: 'node', format: 'esm' });
});
afterAll(() => rmSync(BUNDLES, { recursive: true }));

/** At a time. */
const AT_ONCE = 4;
const ROUNDS = 6;

// With `process.exit` alone, as lives of under 200 ms once ended, a third to a half of these hang on Node 26.10, and none on
// Node 20.20, where a hang was seen in runs of some seconds only.
test('ends while compilers are at work that find no room', PATIENCE, async () => {
  for (let round = 0; round < ROUNDS; round++) {
    const runs = Array.from({ length: AT_ONCE }, () => runningOf(spawn(process.execPath, [COMPILING], { detached: true })));
    const ends = await Promise.all(runs.map(async (run) => [await run.ended, run.stdout(), run.stderr()]));
    expect(ends).toEqual(runs.map(() => [0, 'compiling\n', '']));
  }
});
