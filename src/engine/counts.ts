/** Why a line that waited, or would have waited, was let go unchanged. */
export const RELEASES = ['failure', 'no-key', 'protected', 'full', 'ended', 'signal', 'reload', 'budget', 'archive'] as const;

export type Release = (typeof RELEASES)[number];

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

/** What became of a stream. `linesIn = unchanged + changed + folded`; `linesOut = unchanged + changed + summaries`. */
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
  /** Lines that were looked at and had two meanings. Part of `unchanged`. */
  ambiguous: number;
  /** By rule id, in the order of the rules. */
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
    ambiguous: 0,
    rules,
  };
}

function newRuleCounts(): RuleCounts {
  const released = Object.fromEntries(RELEASES.map((reason) => [reason, 0])) as Record<Release, number>;
  return { fitted: 0, held: 0, lowered: 0, failed: 0, folded: 0, summaries: 0, released, resting: 0 };
}
