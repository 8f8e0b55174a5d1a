/** Why a line that waited, or would have waited, was let go unchanged. */
export const RELEASES = [
  'failure',
  'no-key',
  'protected',
  'full',
  'forgotten',
  'ended',
  'signal',
  'reload',
  'truncated',
  'budget',
  'archive',
] as const;

export type Release = (typeof RELEASES)[number];

/** Upper bounds of `heldFor`, ms. */
export const HELD_BOUNDS = [1, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000, 300_000] as const;

/** What one rule did. All are numbers of lines, except `summaries` and `resting`. */
export interface RuleCounts {
  /** Lines that it judged. */
  fitted: number;
  /** Lines that had to wait. */
  held: number;
  /** Lines that left with `then` or `rest` applied. */
  lowered: number;
  /** Lines that left with `else` applied. */
  failed: number;
  folded: number;
  /** Summaries written. */
  summaries: number;
  /** Lines that it judged and let go unchanged, by reason. */
  readonly released: Record<Release, number>;
  /** Times that its `until` kept it from judging a line that it fits. */
  resting: number;
}

/**
 * What became of a stream. A line that a container runtime has cut into pieces is one, in and out.
 * `linesIn = unchanged + changed + folded`; `linesOut = unchanged + changed + summaries`.
 */
export interface Counts {
  linesIn: number;
  bytesIn: number;
  linesOut: number;
  bytesOut: number;
  unchanged: number;
  changed: number;
  folded: number;
  summaries: number;
  /** Lines that were longer than `maxLine`. Part of `unchanged`. */
  overlong: number;
  /** Lines that were looked at and not understood. Part of `unchanged`. */
  opaque: number;
  /** The same, by why: a reader's own words, and no others. */
  readonly opaqueFor: Record<string, number>;
  /** Lines that were looked at and had two meanings. Part of `unchanged`. */
  ambiguous: number;
  /** Lines whose wait is over, by how long it took by the clock: one figure for each of `HELD_BOUNDS`, and one for all longer. */
  readonly heldFor: number[];
  /** All of these waits together, ms. */
  heldMillis: number;
  /** By rule id, in the order of the rules; then those that a reload took away after they had fitted a line. */
  readonly rules: Map<string, RuleCounts>;
}

export function newCounts(ids: Iterable<string>): Counts {
  const rules = new Map<string, RuleCounts>();
  for (const id of ids) rules.set(id, newRuleCounts());
  return {
    linesIn: 0,
    bytesIn: 0,
    linesOut: 0,
    bytesOut: 0,
    unchanged: 0,
    changed: 0,
    folded: 0,
    summaries: 0,
    overlong: 0,
    opaque: 0,
    opaqueFor: {},
    ambiguous: 0,
    heldFor: [...HELD_BOUNDS.map(() => 0), 0],
    heldMillis: 0,
    rules,
  };
}

/** Makes room for the rules with these ids. What was counted stays, for rules that went away too: no counter ever falls. */
export function adoptIds({ rules }: Counts, ids: readonly string[]): void {
  const before = new Map(rules);
  rules.clear();
  for (const id of ids) rules.set(id, before.get(id) ?? newRuleCounts());
  for (const [id, counts] of before) if (counts.fitted > 0 || counts.resting > 0) rules.set(id, counts);
}

/** Counts a line that was looked at and not understood. */
export function countOpaque(counts: Counts, why: string): void {
  counts.opaque += 1;
  counts.opaqueFor[why] = (counts.opaqueFor[why] ?? 0) + 1;
}

/** Counts a line whose wait took so many ms. */
export function countHeld(counts: Counts, millis: number): void {
  const bucket = HELD_BOUNDS.findIndex((bound) => millis <= bound);
  counts.heldFor[bucket === -1 ? HELD_BOUNDS.length : bucket]! += 1;
  counts.heldMillis += millis;
}

const NO_RELEASES = Object.fromEntries(RELEASES.map((reason) => [reason, 0])) as Record<Release, number>;

function newRuleCounts(): RuleCounts {
  return { fitted: 0, held: 0, lowered: 0, failed: 0, folded: 0, summaries: 0, released: { ...NO_RELEASES }, resting: 0 };
}
