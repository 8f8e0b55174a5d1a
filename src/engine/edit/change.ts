import type { Level } from '../../record/level.ts';

/** What is done to a line, and what is said about it. */
export interface Edit {
  readonly rule: string;
  readonly level: Level;
  /** The new message, decoded; `undefined` leaves the old one. */
  readonly msg: string | undefined;
  readonly why: string | undefined;
  readonly note: string | undefined;
  readonly summary: SummaryFacts | undefined;
  /** Of a line that came in pieces: how many lines stand between each and the next, if it is written where they stood. */
  readonly gaps: readonly number[];
}

export interface SummaryFacts {
  readonly repeats: number;
  /** ms since 1970; NaN if the line had no time. */
  readonly first: number;
  readonly last: number;
  /** Their years are a guess, and are not written. */
  readonly isFirstYearless: boolean;
  readonly isLastYearless: boolean;
}
