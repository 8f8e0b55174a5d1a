import type { Ending } from '../../engine/observer.ts';
import type { Reason } from '../remedy.ts';

// What is told of a line. All texts of the line itself are raw: whoever prints them escapes them.

/** How a line was read. */
export interface Reading {
  /** `undefined`: no format recognizes the line. */
  readonly format: string | undefined;
  readonly why: string | undefined;
  readonly level: string | undefined;
  readonly msg: string | undefined;
  readonly time: string | undefined;
  readonly mark: 'ambiguous' | 'annotated' | undefined;
}

/** A rule that does not match the line, and why. */
export interface Miss {
  readonly rule: string;
  readonly reasons: readonly Pick<Reason, 'condition' | 'found' | 'remedy'>[];
}

/** A name and a value of a key. */
export type KeyValue = readonly [name: string, value: string | undefined];

/** What the rule that applied to a line has made of it. */
export interface Verdict {
  readonly rule: string;
  readonly ending: Ending;
  readonly before: string;
  readonly after: string;
  /** In an annotation's words: `connected after 41 ms`. */
  readonly decided: string | undefined;
  /** The line that decided, if one did. */
  readonly decidedBy: number | undefined;
  /** The values that tell for whom it waited, or to which group it belongs. */
  readonly key: readonly KeyValue[];
  /** Names of the key for which the line has no value. */
  readonly missing: readonly string[];
  /** What more there is to know, a sentence each. */
  readonly notes: readonly string[];
}

/** All that is told of one line. */
export interface LineAccount {
  readonly source: string;
  readonly line: number;
  readonly text: string;
  readonly read: Reading;
  readonly verdict: Verdict | undefined;
  /** Why no rule applied to it, a sentence each. */
  readonly notes: readonly string[];
  /** The nearest first. */
  readonly misses: readonly Miss[];
}

/** What one rule did with all lines. */
export interface RuleAccount {
  readonly rule: string;
  readonly lines: number;
  readonly endings: Readonly<Partial<Record<Ending, number>>>;
  /** Lines that nearly match. */
  readonly near: number;
  /** What kept lines from it, most lines first. */
  readonly stopped: readonly Stopped[];
  /** A sentence each: on its groups, its keys, what it waits for. */
  readonly notes: readonly string[];
}

/** A condition that kept lines from a rule. */
export interface Stopped {
  readonly condition: string;
  /** Lines that match everything else. */
  readonly alone: number;
  readonly all: number;
  /** The number of the first line that it stopped alone; else of the first that it stopped. */
  readonly first: number;
}

export interface Account {
  readonly lines: readonly LineAccount[];
  /** Lines that a rule applied to, and some that nearly match one, of which nothing more is told. */
  readonly more: number;
  readonly linesRead: number;
  readonly rules: readonly RuleAccount[];
}
