import type { LogRecord } from '../record/record.ts';
import { missingIn, type KeyPart } from './memory/keys.ts';

/** Why a line that waited, or would have waited, was let go unchanged. */
export const RELEASES = [
  'failure',
  'silence',
  'no-key',
  'no-message',
  'no-time',
  'protected',
  'full',
  'forgotten',
  'ended',
  'signal',
  'reload',
  'truncated',
  'budget',
  'raised',
  'archive',
  'unwritable',
] as const;

export type Release = (typeof RELEASES)[number];

/** Upper bounds of `heldFor`, ms. */
export const HELD_BOUNDS = [1, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000, 300_000] as const;

/** What one rule did. All are numbers of records, of one line or several, except `summaries` and `resting`. */
export interface RuleCounts {
  /** Lines that it judged. */
  fitted: number;
  /** Lines that had to wait. */
  held: number;
  /** Lines that left with `then` or `rest` applied, but for those in `stayed`. */
  lowered: number;
  /** Lines that left with `then` or `rest` applied and kept their level, which that would have raised. */
  stayed: number;
  /** Lines that left with `else` applied. */
  failed: number;
  /** Lines that `then` has raised. */
  raised: number;
  /** Lines that left at the level of `over`, as the budget was used up. */
  over: number;
  /** Changed lines and summaries that kept their message, because the new one could not be written so that it reads as it was asked for. */
  keptMessages: number;
  folded: number;
  /** Summaries written. */
  summaries: number;
  /** Lines that it judged and let go unchanged, by reason. */
  readonly released: Record<Release, number>;
  /** Of those released for `no-key`: how many had no value in each field of `by`. */
  readonly missing: Record<string, number>;
  /** The protected line that released the last of those released for `protected`. */
  protectedBy: LinePlace | undefined;
  /** Times that its `until` kept it from judging a line that it fits. */
  resting: number;
}

/** Where a line came: its number in its source, from one. */
export interface LinePlace {
  readonly source: string;
  readonly line: number;
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
  /** Records of several lines that were judged as one, and their lines. */
  records: number;
  recordLines: number;
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
  /** By rule id, what rules in shadow would have done. Part of no other figure. */
  readonly shadows: Map<string, RuleCounts>;
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
    records: 0,
    recordLines: 0,
    overlong: 0,
    opaque: 0,
    opaqueFor: {},
    ambiguous: 0,
    heldFor: [...HELD_BOUNDS.map(() => 0), 0],
    heldMillis: 0,
    rules,
    shadows: new Map(),
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

/** Counts a line without a key, and gives the reason: a field of `parts` was missing, or else it had no message. */
export function countKeyless(count: RuleCounts, parts: readonly KeyPart[], record: LogRecord): 'no-key' | 'no-message' {
  const missing = missingIn(parts, record);
  const reason = missing.length > 0 ? 'no-key' : 'no-message';
  count.released[reason] += 1;
  for (const field of missing) count.missing[field] = (count.missing[field] ?? 0) + 1;
  return reason;
}

/** Counts a line whose wait took so many ms. */
export function countHeld(counts: Counts, millis: number): void {
  const bucket = HELD_BOUNDS.findIndex((bound) => millis <= bound);
  counts.heldFor[bucket === -1 ? HELD_BOUNDS.length : bucket]! += 1;
  counts.heldMillis += millis;
}

const NO_RELEASES = Object.fromEntries(RELEASES.map((reason) => [reason, 0])) as Record<Release, number>;

function newRuleCounts(): RuleCounts {
  return {
    fitted: 0,
    held: 0,
    lowered: 0,
    stayed: 0,
    failed: 0,
    raised: 0,
    over: 0,
    keptMessages: 0,
    folded: 0,
    summaries: 0,
    released: { ...NO_RELEASES },
    // Without a prototype, so that even a field called `__proto__` is a member.
    missing: Object.create(null) as Record<string, number>,
    protectedBy: undefined,
    resting: 0,
  };
}
