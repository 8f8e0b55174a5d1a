import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { faultsOf, runDay } from '../../bench/day-trial.ts';
import { runStall } from '../../bench/stall-trial.ts';
import { PATIENCE } from '../support/patience.ts';

beforeAll(() => {
  const program = join(import.meta.dirname, '../../dist/relevel.js');
  if (!existsSync(program)) throw new Error('dist/relevel.js is not there; npm run build makes it');
});

function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), 'relevel-soak-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

test('over a day of events and many reloads all counters add up', PATIENCE, async () => {
  const day = { folder: scratch(), lines: 300_000, reloads: 60, seed: 7 };
  const result = await runDay(day);
  expect(faultsOf(day, result)).toEqual([]);
  expect(result.counts.folded).toBeGreaterThan(100);
  expect(result.counts.changed).toBeGreaterThan(1_000);
  expect(Math.max(...result.samples.map(({ residentBytes }) => residentBytes))).toBeLessThan(200e6); // that it is flat takes longer to see
});

test.each(['pipe', 'run', 'follow'] as const)(
  'a reader that stands still stops what is read, and loses nothing: %s',
  PATIENCE,
  async (way) => {
    const result = await runStall({ way, folder: scratch(), lines: 1_000_000, length: 2_000 });
    expect(result).toMatchObject({ isWhole: true, exit: 0 });
    expect(result.takenLate).toBe(result.takenEarly);
    expect(result.takenLate).toBeLessThan(result.bytes / 2);
    expect(result.peakBytes).toBeLessThan(200e6);
  },
);
