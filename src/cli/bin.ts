#!/usr/bin/env node
import { fstatSync } from 'node:fs';
import { isatty } from 'node:tty';
import { liveClock } from '../io/clock.ts';
import { exitWith, leave } from '../io/leave.ts';
import type { Host } from './host.ts';

const host: Host = {
  env: process.env,
  stdin: 0,
  stdout: 1,
  stderr: 2,
  // To ask the kind first is cheap; `node:tty` takes 2 ms to load, and a pipe is no terminal.
  stderrIsTerminal: () => fstatSync(2).isCharacterDevice() && isatty(2),
  // `performance` would be another 1.5 ms.
  now: liveClock(undefined, () => Number(process.hrtime.bigint()) / 1e6),
  pid: process.pid,
  onSignal: (handler) => {
    process.on('SIGTERM', handler);
    process.on('SIGINT', handler);
    // Unheard, it would have Node open its debugger, to whoever is on this host.
    process.on('SIGUSR1', () => {});
  },
};

async function run(): Promise<void> {
  const [first, ...rest] = process.argv.slice(2);
  // A command is started before the rest of the program is loaded.
  const exit =
    first === 'run'
      ? await (await import('./run.ts')).run.run(rest, host)
      : await (await import('./main.ts')).main(process.argv.slice(2), host);
  // A write of the pool that has just ended counts as one under way for the rest of its turn, and `leave` would not wait for it.
  await new Promise(setImmediate);
  if (exit.kind === 'failed') exitWith(1);
  else if (exit.kind === 'refused') exitWith(2);
  else if (exit.kind === 'code') exitWith(exit.code);
  else leave(exit);
}

void run();
