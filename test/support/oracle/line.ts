import type { Seen } from './conditions.ts';
import type { LogRecord } from './record.ts';

/** A line that has arrived. */
export interface Line extends Seen {
  /** The index of its arrival. */
  readonly input: number;
  /** In ms, by the clock. */
  readonly arrived: number;
  /** `t` of the design, in ms. */
  readonly time: number | undefined;
  /** Read, and neither ambiguous nor annotated: it may be judged and be a success. */
  readonly trusted: boolean;
}

/** A line that a rule may change. */
export interface Judged extends Line {
  readonly content: LogRecord;
}

export const isJudgeable = (line: Line): line is Judged => line.trusted;

/** `a - b`; not a number where a time is missing, so that every comparison with it is false. */
export const difference = (a: number | undefined, b: number | undefined): number =>
  a === undefined || b === undefined ? Number.NaN : a - b;

/** The item that is due first; of several, the one that has been there longest. */
export const earliest = <T>(items: readonly T[], due: (item: T) => number): T | undefined =>
  items.reduce<T | undefined>((best, item) => (best === undefined || due(item) < due(best) ? item : best), undefined);
