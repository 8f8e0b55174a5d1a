import { writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import type { ChildDeath } from './child/child.ts';
import { freeCompilers, hasMaglev } from './compilers.ts';
import { sparesMemory } from './memory.ts';
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

/** ms. Where V8 has more compilers than one, some were seen to wait in a life of 150 ms. */
const SHORT_LIFE = 100;

/** Whether compilers may wait for a collection. Before memory is spared TurboFan alone, which is all that Node 20 has, was never seen to. */
const mayCompilersWait = (): boolean => sparesMemory() || (hasMaglev && process.uptime() * 1000 > SHORT_LIFE);

/**
 * Ends the process by letting its loop run out; what keeps that open is not waited for for long. One whose compilers need not be
 * freed ends at once: to take down its heap piece by piece, which the system does too, would be a part of the start.
 */
export function exitWith(code: number): void {
  process.exitCode = code;
  if (mayCompilersWait()) freeCompilers();
  else if (!isPoolBusy()) process.exit(code);
  setTimeout(endNow, RUN_OUT, code).unref();
}

/** Also where a short life has become a long one by now. */
function endNow(code: number): void {
  freeCompilers();
  process.exit(code);
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
