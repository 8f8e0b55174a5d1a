import { existsSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { loadPacks } from '../src/packs/builtin.ts';
import { matchLines } from './passages.ts';
import { runPipeline, type Run } from './run.ts';
import { drawScreen } from './screen.ts';
import { playStory } from './story.ts';

// `npm start`, in the repository: a story, and then the real prober on this host into the filter with the rules that ship.
// `npm start -- <recording>` plays a recorded host alone, before and after side by side.

const TICKS = 5;
// Longer than the shipped rules look back, so that each tick has its own reasons.
const RHYTHM = ['--every', '600ms', '--count', String(TICKS)];
const PROGRAM = join(import.meta.dirname, 'relevel.js');
const RECORDED = join(import.meta.dirname, '../fixtures/ioctl/recorded-cilium.json');

interface Played {
  readonly run: Run;
  /** What the recording says of its host, if one was played. */
  readonly recorded: string | undefined;
  readonly args: readonly string[];
  /** Why it is not this one, where that was wanted. */
  readonly excuse: string | undefined;
}

async function play(recording: string | undefined): Promise<Played> {
  if (recording !== undefined) return playRecorded(recording, undefined);
  try {
    return { run: await runPipeline(PROGRAM, RHYTHM), recorded: undefined, args: RHYTHM, excuse: undefined };
  } catch (error) {
    if (!(error instanceof Error) || !existsSync(RECORDED)) throw error;
    return playRecorded(RECORDED, error.message.replace(/^relevel: error: /u, ''));
  }
}

async function playRecorded(path: string, excuse: string | undefined): Promise<Played> {
  const run = await runPipeline(PROGRAM, [...RHYTHM, '--replay', path]);
  const { host } = JSON.parse(readFileSync(path, 'utf8')) as { readonly host: string };
  return { run, recorded: host, args: [...RHYTHM, '--replay', relative('.', path)], excuse };
}

// A reader that has seen enough is no fault.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') return;
  console.error(`stdout: cannot write: ${error.message}`);
  process.exitCode = 1;
});

const { NO_COLOR = '', FORCE_COLOR = '', TERM } = process.env;
const packs = await loadPacks();
try {
  const { run, recorded, args, excuse } = await play(process.argv[2]);
  const screen = drawScreen({
    ...matchLines(run.before, run.after),
    counts: run.counts,
    rules: packs.flatMap(({ ruleSet }) => ruleSet.rules),
    command: `relevel probe ${args.join(' ')} | relevel`,
    recorded,
    excuse,
    ticks: TICKS,
    ...(process.argv[2] === undefined ? { story: playStory(PROGRAM) } : {}),
    // A terminal may not know its width, and then says 0.
    columns: process.stdout.isTTY && process.stdout.columns > 0 ? Math.min(120, Math.max(40, process.stdout.columns)) : 100,
    colour: NO_COLOR === '' && (!['', '0'].includes(FORCE_COLOR) || (process.stdout.isTTY && TERM !== 'dumb')),
  });
  process.stdout.write(screen);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
