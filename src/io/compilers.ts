import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** The oldest version of Node with Maglev, a third compiler: before, V8 knows no such flag. */
const MAGLEV = 22;

export const hasMaglev = Number.parseInt(process.versions.node, 10) >= MAGLEV;

/**
 * Does what is done once, without V8's optimizing compiler: to compile functions that are over soon costs more than it saves. On
 * Node 20 rules are read in two thirds of the time; where Maglev comes first there was no difference.
 */
export function doOnce<T>(work: () => T): T {
  if (hasMaglev) return work();
  setFlagsFromString('--no-opt');
  try {
    return work();
  } finally {
    setFlagsFromString('--opt');
  }
}

/**
 * However a process of Node ends, it joins V8's compiler threads; one that waits for a garbage collection then waits for
 * ever, for only the thread that joins could do it (of runs of some seconds on busy cores, one in six hung so on Node 20, in
 * TurboFan; a short one on Node 26, in Maglev and Sparkplug). So the collection is done here, which frees whoever waits and
 * leaves room for those at work; who runs out of room from now on may have more; and no new work is begun.
 */
export function freeCompilers(): void {
  setFlagsFromString('--no-optimize-for-size');
  setFlagsFromString('--no-opt');
  setFlagsFromString('--no-sparkplug');
  if (hasMaglev) setFlagsFromString('--no-maglev');
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void; // what the flag just put there
  collect();
}
