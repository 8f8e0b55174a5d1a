import { writeSync } from 'node:fs';
import { liveClock } from '../io/clock.ts';
import { onEndSignal } from '../io/end-signals.ts';
import { kindOf } from '../io/input/kinds.ts';
import { exitWith, isPoolBusy, leave } from '../io/leave.ts';
import type { Exit, Host } from './host.ts';

const host: Omit<Host, 'manuals'> = {
  env: process.env,
  stdin: 0,
  stdout: 1,
  stderr: 2,
  stderrIsTerminal: () => kindOf(2) === 'terminal',
  // `performance` would be another 1.5 ms.
  now: liveClock(undefined, () => Number(process.hrtime.bigint()) / 1e6),
  pid: process.pid,
  parent: process.ppid,
  onSignal: (handler) => void onEndSignal(handler),
};

/** Does in this process what was typed, and ends it as that ended. */
export async function conduct(
  command: (args: readonly string[], host: Host) => Promise<Exit>,
  manuals: Host['manuals'],
): Promise<void> {
  if (!('WebAssembly' in globalThis)) {
    writeSync(2, 'relevel: error: this Node has no WebAssembly, by which lines are read; start it without --jitless\n');
    return exitWith(1);
  }
  const exit = await command(process.argv.slice(2), { ...host, manuals }).catch((error: unknown): Exit => {
    // By name: what starts commands is a bundle of its own, and does not hold the kernel.
    if (!(error instanceof Error && error.name === 'KernelError')) throw error;
    writeSync(2, `relevel: error: ${error.message}\n`);
    return { kind: 'failed' };
  });
  // A write of the pool that has just ended counts as one under way for the rest of its turn, and `leave` would not wait for it.
  if (isPoolBusy()) await new Promise(setImmediate);
  if (exit.kind === 'failed') exitWith(1);
  else if (exit.kind === 'refused') exitWith(2);
  else if (exit.kind === 'code') exitWith(exit.code);
  else leave(exit);
}
