import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runTrial } from './follow-trial.ts';

// `tsx bench/follow.ts`: the long form of what test/system/follow.test.ts does for a few seconds.

for (const rotation of ['rename', 'copytruncate'] as const) {
  const folder = mkdtempSync(join(tmpdir(), 'relevel-follow-'));
  try {
    const { said, ...result } = await runTrial({ folder, rotation, files: 8, length: 60_000, kills: 20, seed: 20_261_121 });
    console.log(rotation, result);
    // Without what is said at each start of a rule that rests.
    console.log([...new Set(said.split('\n'))].filter((line) => line !== '' && !line.includes('rests')).join('\n'));
    if (result.lost > 0 || result.disordered > 0 || result.strange > 0) process.exitCode = 1;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
