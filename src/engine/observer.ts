import type { Level } from '../record/level.ts';
import type { LinePlace, Release } from './counts.ts';
import type { Judged } from './judged.ts';
import type { CompiledRule } from './plan.ts';

/**
 * How a rule's judgement of a line ended: with `then` applied, as the first of a group, at the level of `rest`, folded, with `else` applied, at the level of a budget that is used up,
 * or unchanged, and why. `plain`: the rule has no `then` for it, and so it is unchanged.
 */
export type Ending = 'then' | 'first' | 'rest' | 'folded' | 'else' | 'over' | 'plain' | Release;

/** What is told of a line that a rule has judged. */
export interface Judgement {
  readonly judged: Judged;
  readonly ending: Ending;
  /** Its level afterwards; of a folded line, as it came. */
  readonly level: Level;
  /** What decided, if the line waited or looked back. */
  readonly decided: Decided | undefined;
}

export interface Decided {
  readonly kind: 'success' | 'failure';
  readonly by: 'event' | 'silence';
  /** As in an annotation: `connected after 41 ms`. */
  readonly why: string;
  /** From the line to the event; below zero: it came before, times cannot be compared, or silence decided. */
  readonly millis: number;
}

/**
 * Is told of each decision of an engine when it is made, for those who ask why. It changes nothing. What it is handed is good only
 * until it returns. Lines that no rule can care about are not mentioned.
 */
export interface Observer {
  /** The engine looks at this line; what follows, up to the next such call, is of this line or came about by it. */
  looks(place: LinePlace): void;
  /** The line must wait for what decides. */
  waits(judged: Judged, key: string): void;
  /** A rule's judgement of a line is over. */
  ends(judgement: Judgement): void;
  /** A rule that matches the line that is looked at is expired. */
  rests(rule: CompiledRule): void;
  /** A rule would judge the line that is looked at, but the line is protected. */
  spares(rule: CompiledRule): void;
}
