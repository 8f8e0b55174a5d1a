import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { plotOf } from './day-plot.ts';
import { faultsOf, quartersOf, runDay } from './day-trial.ts';

// `tsx bench/day.ts`: the long form of what test/system/soak.test.ts does in a moment. Draws bench/day.svg, and keeps its
// figures in bench/day.json.

/**
 * What is kept after a collection, the last quarter of the day over the second; resident memory, the last over the third:
 * the C library's allocator takes longer to settle, and with MALLOC_ARENA_MAX=1 settles sooner.
 */
const FLAT = 1.15;

const tenths = (bytes: number): number => Math.round(bytes / 1e5) / 10;

const folder = mkdtempSync(join(tmpdir(), 'relevel-day-'));
try {
  const day = { folder, lines: 10_000_000, reloads: 1_000, seed: 20_261_121 };
  const result = await runDay(day);
  const resident = quartersOf(result.samples, ({ residentBytes }) => residentBytes).map((values) => Math.max(...values));
  const kept = quartersOf(result.kept, ({ bytes }) => bytes).map((values) => Math.min(...values));
  const faults = faultsOf(day, result);
  if (kept[3]! > FLAT * kept[1]!) faults.push(`more is kept: ${kept.join(' ')}`);
  if (resident[3]! > FLAT * resident[2]!) faults.push(`memory rose: ${resident.join(' ')}`);
  const seconds = Math.round(result.samples.at(-1)!.seconds);
  const figures = {
    machine: `${cpus().length} × ${cpus()[0]?.model ?? 'unknown CPU'}, Node ${process.version}`,
    lines: day.lines,
    reloads: result.adopted,
    seconds,
    counts: Object.fromEntries(Object.entries(result.counts).filter(([, value]) => typeof value === 'number')),
    // By quarters of the day.
    residentAtMostMB: resident.map(tenths),
    keptAtLeastMB: kept.map(tenths),
    faults,
  };
  console.log(figures);
  writeFileSync(join(import.meta.dirname, 'day.json'), `${JSON.stringify(figures, null, 2)}\n`);
  const caption = `Resident memory, and what is kept of objects and buffers, over a day of events: ${day.lines / 1e6} million lines, ${result.adopted} reloads, in ${seconds} s`;
  writeFileSync(join(import.meta.dirname, 'day.svg'), plotOf(result, caption));
  if (faults.length > 0) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true });
}
