import { around, type PumpEngine } from '../io/pump-engine.ts';
import type { Host } from './host.ts';
import { openStderr } from './print.ts';

/** ms between two lines of progress. */
const EVERY = 1_000;

export interface Progress {
  readonly engine: PumpEngine;
  /** Takes the line away. */
  readonly end: () => void;
}

/** For a person who waits at a terminal: one line that says how many lines were read, written over and over. */
export function progressOn(engine: PumpEngine, linesRead: () => number, host: Host): Progress {
  if (!host.stderrIsTerminal()) return { engine, end: () => {} };
  const stderr = openStderr(host);
  let next = host.now() + EVERY;
  let isShown = false;
  const after = (now: number): void => {
    if (now < next) return;
    next = now + EVERY;
    isShown = true;
    stderr.write(`\rrelevel: ${linesRead().toLocaleString('en-US')} lines read`);
  };
  return {
    engine: around(engine, { after }),
    end: () => {
      if (isShown) stderr.write('\r\x1b[K');
    },
  };
}
