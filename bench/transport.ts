import { execFileSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { spreadOf } from './measure.ts';

// `npx tsx bench/transport.ts [--lines 200000] [--rounds 5]`: the pino transport against pino-pretty's, each in a process that logs so
// many lines and ends when all are written. The ratio is of times, pair by pair: below 1, ours is faster.

const { values } = parseArgs({
  options: { lines: { type: 'string', default: '200000' }, rounds: { type: 'string', default: '5' } },
});

const ROOT = resolve(import.meta.dirname, '..');
const LOGGER = join(import.meta.dirname, 'baselines/pino-logger.mjs');
const TARGETS = { relevel: join(ROOT, 'dist/pino.cjs'), 'pino-pretty': 'pino-pretty' } as const;

function secondsOf(target: string): number {
  const from = performance.now();
  execFileSync(process.execPath, [LOGGER, target, values.lines], { stdio: ['ignore', 'ignore', 'inherit'] });
  return (performance.now() - from) / 1000;
}

for (const target of Object.values(TARGETS)) secondsOf(target);
const rounds = Array.from({ length: Number(values.rounds) }, () => ({
  ours: secondsOf(TARGETS.relevel),
  theirs: secondsOf(TARGETS['pino-pretty']),
}));
const shown = (figures: readonly number[], digits: number): string => {
  const { median, min, max } = spreadOf(figures);
  return `${median.toFixed(digits)} (${min.toFixed(digits)}–${max.toFixed(digits)})`;
};
console.log(
  `relevel/pino  ${shown(
    rounds.map(({ ours }) => ours),
    2,
  )} s`,
);
console.log(
  `pino-pretty   ${shown(
    rounds.map(({ theirs }) => theirs),
    2,
  )} s`,
);
console.log(
  `ratio         ${shown(
    rounds.map(({ ours, theirs }) => ours / theirs),
    3,
  )}`,
);
