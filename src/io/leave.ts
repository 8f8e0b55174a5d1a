import { writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import type { ChildDeath } from './child/child.ts';
import type { PumpEnd } from './pump.ts';

/** What a shell expects of a filter that ended so. */
export function exitCodeOf(end: PumpEnd | ChildDeath): number {
  switch (end.kind) {
    case 'done':
      return end.unread > 0 ? 1 : 0;
    case 'reader-left':
      return 0;
    case 'killed':
    case 'died':
      return 128 + constants.signals[end.signal];
  }
}

/**
 * Ends the process, also while a read or write of the thread pool blocks: `process.exit` joins the pool first, and
 * would wait for it. There, an end by a signal is left to the signal itself, which a shell reports as the same
 * 128 + n. The process with the id 1 is immune to it, and waits.
 */
export function leave(end: PumpEnd | ChildDeath): void {
  if (end.kind === 'died') dieOf(end.signal);
  if (end.kind === 'killed' && isPoolBusy()) dieOf(end.signal);
  exitWith(exitCodeOf(end));
}

/** ms. What is still open by then is not waited for. */
const RUN_OUT = 100;

/** Ends the process at once; if the thread pool is busy, by letting the loop run out, which is not waited for for long. */
export function exitWith(code: number): void {
  process.exitCode = code;
  if (isPoolBusy()) setTimeout(() => process.exit(code), RUN_OUT).unref();
  else process.exit(code);
}

/** Whether a thread of the pool reads or writes. */
export const isPoolBusy = (): boolean => process.getActiveResourcesInfo().includes('FSReqCallback');

/** Ends by a signal, so that our parent sees what it would have seen. The process with the id 1 is immune to it, and comes back. */
function dieOf(signal: NodeJS.Signals): void {
  try {
    writeFileSync('/proc/self/coredump_filter', '0'); // a core of ours is of no interest
  } catch {
    // Then ours is as large as it is.
  }
  if (signal !== 'SIGKILL') {
    // Node has its own ways with SIGPIPE and SIGUSR1; a listener that is taken off leaves the system's.
    process.on(signal, () => {});
    process.removeAllListeners(signal);
  }
  process.kill(process.pid, signal);
}
