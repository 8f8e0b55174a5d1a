import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import type { Counts, RuleCounts } from '../src/engine/counts.ts';

/** As `relevel --summary --log-format json` tells them. */
export interface ToldCounts extends Omit<Counts, 'rules'> {
  readonly rules: Readonly<Record<string, RuleCounts>>;
}

/** What went through `relevel probe … | relevel`. */
export interface Run {
  /** All that the prober wrote. */
  readonly before: string;
  /** All that the filter made of it. */
  readonly after: string;
  readonly counts: ToldCounts;
}

/** Runs the prober, of the built `program`, into the filter. Throws an `Error` with what the one that failed said. */
export async function runPipeline(program: string, probeArgs: readonly string[]): Promise<Run> {
  // What the user has set for a filter of theirs is not for ours.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('RELEVEL_')));
  const start = (args: readonly string[]): Child => watched(spawn(process.execPath, [program, ...args], { env, stdio: 'pipe' }));
  const prober = start(['probe', ...probeArgs]);
  const filter = start(['--summary', '--log-format', 'json']);
  prober.process.stdin!.end();
  prober.process.stdout!.pipe(filter.process.stdin!);

  const [before, after, said] = await Promise.all([prober.stdout, filter.stdout, filter.stderr]);
  // 3 is an answer too: no hypervisor can be used.
  const failed = ![0, 3].includes(await prober.code) ? prober : (await filter.code) !== 0 ? filter : undefined;
  if (failed !== undefined) throw new Error((await failed.stderr).trim() || `relevel ended with ${await failed.code}`);
  return { before, after, counts: countsIn(said) };
}

interface Child {
  readonly process: ChildProcess;
  readonly stdout: Promise<string>;
  readonly stderr: Promise<string>;
  readonly code: Promise<number>;
}

function watched(process: ChildProcess): Child {
  process.stdin!.on('error', () => {}); // it ended before it had read all, and its exit code says why
  return {
    process,
    stdout: text(process.stdout!),
    stderr: text(process.stderr!),
    code: once(process, 'exit').then(([code]) => Number(code)),
  };
}

/** The last message on stderr; before it may stand warnings. */
function countsIn(said: string): ToldCounts {
  const last = said.trimEnd().split('\n').at(-1) ?? '';
  return (JSON.parse(last) as { readonly counts: ToldCounts }).counts;
}
