import type { OwnNames } from '../record/names.ts';
import type { Level } from '../record/level.ts';

/** A scalar written in a rule. Numbers keep their digits, so that integers beyond 2^53 stay exact. */
export type Value =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'number'; readonly digits: string }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'null' };

/** One test of one field. Equality is `in` with a single value. */
export type Test =
  | { readonly kind: 'in'; readonly values: readonly Value[]; readonly ignoreCase: boolean }
  | {
      readonly kind: 'contains' | 'starts_with' | 'ends_with';
      readonly text: string;
      readonly ignoreCase: boolean;
    }
  /** `groups`: the names of its named groups, if it has any. */
  | { readonly kind: 'matches'; readonly text: string; readonly ignoreCase: boolean; readonly groups?: readonly string[] }
  | { readonly kind: 'glob'; readonly globs: readonly string[]; readonly ignoreCase: boolean }
  | { readonly kind: 'gt' | 'gte' | 'lt' | 'lte'; readonly digits: string }
  | { readonly kind: 'exists'; readonly exists: boolean };

/** What a rule asks of a line, as loaded: names of events and lists are already replaced by what they stand for. */
export type Condition =
  | { readonly kind: 'all' | 'any'; readonly of: readonly Condition[] }
  | { readonly kind: 'not'; readonly of: Condition }
  | { readonly kind: 'level'; readonly levels: readonly Level[]; readonly namesCritical?: true }
  | { readonly kind: 'field'; readonly path: string; readonly test: Test };

/** An awaited event. `name` is its name in `events`, or `success` or `failure` where it was written in place. */
export interface RuleEvent {
  readonly name: string;
  readonly condition: Condition;
}

/** The name of a field, or several, of which the first that the line has counts. */
export type FieldName = string | { readonly first_of: readonly string[] };

/** The code of a process that has ended: what conditions call it. */
export const EXIT = '$exit';

export const namesIn = (name: FieldName): readonly string[] => (typeof name === 'string' ? [name] : name.first_of);

/** A field of the line that waits, and the field of the event that must have the same value. */
export interface Correlation {
  readonly here: FieldName;
  readonly there: FieldName;
}

export interface Await {
  readonly success: readonly RuleEvent[];
  readonly failure: readonly RuleEvent[];
  /** ms */
  readonly within: number;
  readonly silence: 'success' | 'failure';
  readonly by: readonly Correlation[];
  /** ms */
  readonly lookback: number | undefined;
  /** Of the events, those that are the end of the process that wrote the lines. Their conditions ask for `$exit` alone. */
  readonly exits?: Exits | undefined;
}

export interface Exits {
  readonly success: readonly Condition[];
  readonly failure: readonly Condition[];
}

/** What to make of a line. `msg` and `note` are templates: `${path}`, `${event.path}`. */
export interface Change {
  readonly level: Level | undefined;
  /** In place of `level`: lines below are raised to it, others stay as they are. */
  readonly raise?: Level | undefined;
  readonly msg: string | undefined;
  readonly note: string | undefined;
}

/** What of a value does not count: what has a usual form, or what a pattern matches. */
export type Mask = MaskName | { readonly pattern: string };

export type MaskName = 'number' | 'hex' | 'uuid' | 'ip' | 'word' | 'path' | 'quoted';

export interface GroupField {
  readonly field: FieldName;
  /** Parts of the value that do not count, or `all` where the whole of it does not. */
  readonly mask: readonly Mask[] | 'all';
}

export interface Repeat {
  readonly by: readonly GroupField[];
  /** ms */
  readonly window: number;
  readonly rest: 'fold' | Level;
}

export interface Budget {
  readonly lines: number;
  /** ms */
  readonly per: number;
  /** The level of lines past it; without one they pass unchanged. */
  readonly over?: Level | undefined;
}

/** What an example expects of its line; `level` is the level afterwards. */
export type Outcome =
  | { readonly kind: 'same' }
  | { readonly kind: 'folded' }
  | {
      readonly kind: 'checks';
      readonly level: Level | undefined;
      readonly rule: string | undefined;
      readonly msg: string | undefined;
      readonly note: string | undefined;
      readonly why: string | undefined;
    };

export interface ExampleLine {
  /** ms since the example began; never falls */
  readonly at: number;
  /** `undefined` where only time passes */
  readonly line: string | undefined;
  readonly becomes: Outcome | undefined;
  /** The code with which the process ends; nothing comes behind it. */
  readonly exit?: number | undefined;
}

export interface Example {
  readonly name: string;
  readonly lines: readonly ExampleLine[];
}

export interface Rule {
  readonly id: string;
  /** The file that it came from, as named by the operator; `builtin/<pack>` for a pack that ships. */
  readonly file: string;
  readonly why: string | undefined;
  readonly refs: readonly string[];
  /** ms since 1970: the first instant at which the rule rests; for a date, the end of that day in UTC. */
  readonly until: number | undefined;
  readonly when: Condition;
  /** Its `when` names critical: of other rules such a line is none of their business. */
  readonly judgesCritical: boolean;
  /** It only counts what it would do. */
  readonly shadow?: true | undefined;
  readonly await: Await | undefined;
  readonly then: Change | undefined;
  readonly else: Change | undefined;
  readonly repeat: Repeat | undefined;
  readonly budget: Budget | undefined;
  readonly examples: readonly Example[];
}

/** How lines are read, where the usual ways do not do. */
export interface Reading extends OwnNames {
  /** Of times that name none: `local`, `UTC`, an offset, or the IANA's name of one. */
  readonly zone?: string | undefined;
}

/** All rules that were asked for, in order. Plain data: it can be written as JSON and read back. */
export interface RuleSet {
  /** What one of the files says of how lines are read. */
  readonly read?: Reading | undefined;
  readonly protect: readonly Condition[];
  readonly rules: readonly Rule[];
}
