import type { Counts, RuleCounts } from '../engine/counts.ts';
import type { OutputState } from './output-watch.ts';
import type { Reload } from './reloader.ts';
import { readinessOf, type Readiness, type Vitals } from './vitals.ts';

/** What `relevel status` is told. */
export interface Status extends Readiness {
  readonly version: string;
  readonly pid: number;
  /** ms */
  readonly up: number;
  readonly rules: number;
  /** Where rules are reloaded. */
  readonly lastReload: Reload['kind'] | undefined;
  readonly held: { readonly lines: number; readonly bytes: number; readonly mostLines: number; readonly mostBytes: number };
  readonly waits: number;
  readonly groups: number;
  readonly lagBytes: number | undefined;
  /** ms */
  readonly checkpointAge: number | undefined;
  readonly outputs: readonly OutputState[];
  readonly memoryBytes: number;
  readonly counts: Counts;
}

export function statusOf(vitals: Vitals): Status {
  const { engine, inputs } = vitals;
  const { figures } = engine;
  const now = vitals.now();
  const checkpointAt = inputs?.checkpointAt();
  return {
    ...readinessOf(vitals),
    version: vitals.version,
    pid: vitals.pid,
    up: now - vitals.startedAt,
    rules: engine.plan.rules.length,
    lastReload: vitals.reloads?.().last?.kind,
    held: {
      lines: figures.heldLines,
      bytes: figures.heldBytes,
      mostLines: engine.settings.holdLines,
      mostBytes: engine.settings.holdBytes,
    },
    waits: figures.openWaits,
    groups: figures.openGroups,
    lagBytes: inputs?.lagBytes(),
    checkpointAge: checkpointAt === undefined ? undefined : now - checkpointAt,
    outputs: vitals.outputs(),
    memoryBytes: vitals.memory().rss,
    counts: engine.counts,
  };
}

export function writeStatus(status: Status): string {
  return JSON.stringify({
    ...status,
    counts: { ...status.counts, rules: [...status.counts.rules], shadows: [...status.counts.shadows] },
  });
}

const NOT_COUNTED = { stayed: 0, raised: 0, over: 0, missing: {}, protectedBy: undefined };

/** The opposite of `writeStatus`; `undefined` where the text is something else. */
export function readStatus(text: string): Status | undefined {
  try {
    type Listed = readonly (readonly [string, never])[];
    const status = JSON.parse(text) as Status & { readonly counts: { readonly rules: Listed; readonly shadows: Listed } };
    if (typeof status.version !== 'string' || !Array.isArray(status.obstacles)) return undefined;
    // An earlier version does not count all that this one does.
    const whole = (listed: Listed): Map<string, RuleCounts> =>
      new Map(listed.map(([id, counts]) => [id, { ...NOT_COUNTED, ...(counts as RuleCounts) }]));
    const { rules, shadows }: { readonly rules: Listed; readonly shadows?: Listed } = status.counts;
    return {
      ...status,
      outputs: status.outputs ?? [],
      counts: { ...status.counts, rules: whole(rules), shadows: whole(shadows ?? []) },
    };
  } catch {
    return undefined;
  }
}
