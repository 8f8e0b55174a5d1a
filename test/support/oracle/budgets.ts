import { difference, type Line } from './line.ts';
import type { Rule } from './rules.ts';

interface Count {
  /** The time of the first line counted, in ms; if it had none, that of the first line after it that has one. */
  start: number | undefined;
  lines: number;
}

/** How many lines each rule has lowered of late; `timeOf` is the time that a line has for budgets. */
export class Budgets {
  readonly #timeOf: (line: Line) => number | undefined;
  readonly #counts = new Map<Rule, Count>();

  constructor(timeOf: (line: Line) => number | undefined) {
    this.#timeOf = timeOf;
  }

  isUsedUp(rule: Rule, line: Line): boolean {
    return rule.budget !== undefined && (this.#countFor(rule, line)?.lines ?? 0) >= rule.budget.lines;
  }

  /** Counts `line` as one that `rule` lowered. */
  count(rule: Rule, line: Line): void {
    const count = this.#countFor(rule, line) ?? { start: this.#timeOf(line), lines: 0 };
    count.lines += 1;
    this.#counts.set(rule, count);
  }

  /** What has been counted in the span that `line` falls in. */
  #countFor(rule: Rule, line: Line): Count | undefined {
    const count = this.#counts.get(rule);
    if (count === undefined || rule.budget === undefined) return undefined;
    const time = this.#timeOf(line);
    count.start ??= time;
    return difference(time, count.start) >= rule.budget.per ? undefined : count;
  }
}
