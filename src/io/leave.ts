import { constants } from 'node:os';
import type { PumpEnd } from './pump.ts';

/** What a shell expects of a filter that ended so. */
export function exitCodeOf(end: PumpEnd): number {
  switch (end.kind) {
    case 'done':
      return end.unread > 0 ? 1 : 0;
    case 'reader-left':
      return 0;
    case 'killed':
      return 128 + constants.signals[end.signal];
  }
}

/**
 * Ends the process, also while a read or write of the thread pool blocks: `process.exit` joins the pool first, and
 * would wait for it. There, an end by a signal is left to the signal itself, which a shell reports as the same
 * 128 + n. The process with the id 1 is immune to it, and waits.
 */
export function leave(end: PumpEnd): never {
  if (end.kind === 'killed' && process.getActiveResourcesInfo().includes('FSReqCallback')) {
    process.removeAllListeners(end.signal);
    process.kill(process.pid, end.signal);
  }
  process.exit(exitCodeOf(end));
}
