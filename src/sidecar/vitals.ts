import type { Engine } from '../engine/engine.ts';
import type { Now } from '../io/clock.ts';
import { escapeControls } from '../rules/quote.ts';
import type { OutputState } from './output-watch.ts';
import type { Reloads } from './reloader.ts';

/** All that a running relevel can tell of itself; each figure is asked for only when somebody wants to know it. */
export interface Vitals {
  readonly version: string;
  readonly pid: number;
  /** ms since 1970 */
  readonly startedAt: number;
  readonly now: Now;
  readonly engine: Pick<Engine, 'counts' | 'plan' | 'settings' | 'figures'>;
  /** `undefined` where rules are not reloaded. */
  readonly reloads: (() => Reloads) | undefined;
  readonly memory: () => NodeJS.MemoryUsage;
  readonly cpu: () => NodeJS.CpuUsage;
  /** `undefined` where there is nothing to be behind of: a pipe. */
  readonly inputs: InputVitals | undefined;
  /** Asked as often as anybody likes. */
  readonly outputs: () => readonly OutputState[];
}

/** What those who follow files know. */
export interface InputVitals {
  /** Names of inputs that cannot be read. */
  readonly failing: () => readonly string[];
  /** Why the output takes nothing, so that the inputs wait; `undefined`: it does. */
  readonly outputTrouble: () => string | undefined;
  /** Bytes that lie in the files and were not read yet. */
  readonly lagBytes: () => number;
  /** When the checkpoint was last written, ms since 1970; `undefined` where there is none. */
  readonly checkpointAt: () => number | undefined;
}

/** For so long after a line was let go for want of room, the queue counts as full: it empties and fills between two probes. ms */
const FULL_FOR = 10_000;

/** For so long an output may be away, or take nothing: collectors are restarted, and readers pause. ms */
const STALLED_FOR = 10_000;

export interface Readiness {
  /** Why it is not ready; none: it is. Safe to print. */
  readonly obstacles: readonly string[];
  /** What somebody should see to, ready or not. Safe to print. */
  readonly notes: readonly string[];
}

export function readinessOf({ engine, now, inputs, outputs, reloads }: Vitals): Readiness {
  const { holdLines, holdBytes } = engine.settings;
  const { fullAt, heldLines, heldBytes } = engine.figures;
  const obstacles: string[] = [];
  if (now() - fullAt < FULL_FOR || heldLines >= holdLines || heldBytes >= holdBytes)
    obstacles.push('the hold queue is full: lines are released unchanged');
  for (const name of inputs?.failing() ?? []) obstacles.push(`input fails: ${escapeControls(name)}`);
  const trouble = inputs?.outputTrouble();
  if (trouble !== undefined) obstacles.push(`the output takes nothing: ${escapeControls(trouble)}; the inputs wait`);
  for (const { name, connected, waiting, stalled } of outputs()) {
    if (stalled < STALLED_FOR) continue;
    const since = `for ${Math.floor(stalled / 1000)} s; ${waiting} bytes wait`;
    obstacles.push(`output ${escapeControls(name)}: ${connected ? 'nothing was taken' : 'not connected'} ${since}`);
  }
  const { last } = reloads?.() ?? {};
  const notes: string[] = [];
  if (last?.kind === 'refused') {
    const count = last.problems.length;
    notes.push(
      `rules: the last reload was refused, ${count} problem${count === 1 ? '' : 's'}; the rules before it stay in force`,
    );
  }
  return { obstacles, notes };
}
