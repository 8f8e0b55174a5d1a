import type { Level } from './levels.ts';
import type { ZoneTable } from './times.ts';

/** A line with its time of arrival in ms by the clock, or mere passing of time until then. */
export type Arrival =
  | { readonly source: string; readonly at: number; readonly line: string }
  | { readonly source?: undefined; readonly at: number; readonly line?: undefined };

export interface Options {
  readonly clock: 'replay' | 'live' | 'order';
  readonly order: 'strict' | 'relaxed';
  /** Of times that name none; UTC if it is not said. */
  readonly zone?: ZoneTable;
  /** Behind all lines, the processes that wrote them end with this code. */
  readonly exit?: number | undefined;
}

/** One line of output. `input` is the index of the arrival whose line it is. */
export type Expected = Unchanged | Changed | Summary;

export interface Unchanged {
  readonly kind: 'unchanged';
  readonly input: number;
}

export interface Changed extends Edit {
  readonly kind: 'changed';
  readonly decidedBy: 'then' | 'else' | 'rest' | 'over';
}

interface Summary extends Edit {
  readonly kind: 'summary';
  readonly repeats: number;
  /** In ms; nothing if the year is not known. */
  readonly first: number | undefined;
  readonly last: number | undefined;
}

export interface Edit {
  readonly input: number;
  readonly rule: string;
  readonly level: Level;
  /** The old level as the line spells it. */
  readonly was: string;
  /** The new message, if it was rewritten. */
  readonly msg: string | undefined;
  readonly note: string | undefined;
}

/** A line that a rule judged and that left unchanged, or in `stayed` at the level that it had. */
export interface Release {
  readonly rule: string;
  readonly reason:
    'failure' | 'silence' | 'ended' | 'no-key' | 'no-message' | 'no-time' | 'protected' | 'budget' | 'raised' | 'stayed';
}

/** How waits ended and groups closed, for tests that must know what their input leads to. */
export type Ending =
  | 'lookback success'
  | 'lookback failure'
  | 'success'
  | 'failure'
  | 'silence'
  | 'silence by the clock'
  | 'protected'
  | 'exit'
  | 'end'
  | 'no time'
  | 'across clocks'
  | 'folded'
  | 'over budget';

export type Noted = Ending | Release;
