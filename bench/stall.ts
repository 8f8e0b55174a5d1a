import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runStall } from './stall-trial.ts';

// `tsx bench/stall.ts`: a reader that stops for 30 s; the long form of what test/system/soak.test.ts does for two.

for (const way of ['pipe', 'run', 'follow'] as const) {
  const folder = mkdtempSync(join(tmpdir(), 'relevel-stall-'));
  try {
    const result = await runStall({ way, folder, lines: 5_000_000, length: 30_000 });
    console.log(way, result);
    if (!result.isWhole || result.takenLate !== result.takenEarly || result.peakBytes > 150e6 || result.exit !== 0)
      process.exitCode = 1;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
