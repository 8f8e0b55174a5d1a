import type { Line } from './line.ts';
import type { Rule } from './rules.ts';
import type { Moment } from './times.ts';

interface Count {
  /** By clock, the time of the first line counted, in ms; if it had none by that clock, that of the first line after it that has one. */
  readonly starts: Map<string, number>;
  lines: number;
}

/** How many lines each rule has lowered of late; `timeOf` is the time that a line has for budgets. */
export class Budgets {
  readonly #timeOf: (line: Line) => Moment | undefined;
  readonly #counts = new Map<Rule, Count>();

  constructor(timeOf: (line: Line) => Moment | undefined) {
    this.#timeOf = timeOf;
  }

  isUsedUp(rule: Rule, line: Line): boolean {
    return rule.budget !== undefined && (this.#countFor(rule, line)?.lines ?? 0) >= rule.budget.lines;
  }

  /** Counts `line` as one that `rule` lowered. */
  count(rule: Rule, line: Line): void {
    const count = this.#countFor(rule, line) ?? { starts: new Map<string, number>(), lines: 0 };
    this.#start(count, line);
    count.lines += 1;
    this.#counts.set(rule, count);
  }

  /** What has been counted in the span that `line` falls in. */
  #countFor(rule: Rule, line: Line): Count | undefined {
    const count = this.#counts.get(rule);
    if (count === undefined || rule.budget === undefined) return undefined;
    this.#start(count, line);
    const time = this.#timeOf(line);
    return time !== undefined && time.ms - count.starts.get(time.clock)! >= rule.budget.per ? undefined : count;
  }

  #start({ starts }: Count, line: Line): void {
    const time = this.#timeOf(line);
    if (time !== undefined && !starts.has(time.clock)) starts.set(time.clock, time.ms);
  }
}
