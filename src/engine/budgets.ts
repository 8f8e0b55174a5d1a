import type { Counts } from './counts.ts';
import type { CompiledRule } from './plan.ts';
import type { Clock } from './settings.ts';

/** How much each rule has lowered of late, and which rules rest. One for all sources. */
export class Budgets {
  readonly #clock: Clock;
  readonly #counts: Counts;
  readonly #spent = new Map<CompiledRule, { since: number; lines: number }>();

  constructor(clock: Clock, counts: Counts) {
    this.#clock = clock;
    this.#counts = counts;
  }

  /** Whether the rule's `until` is past: by the clock in live, by the line in replay. In an example no rule rests. */
  isResting(rule: CompiledRule, time: number, now: number): boolean {
    const { id, until } = rule.rule;
    if (until === undefined || this.#clock === 'example' || !(this.#instant(time, now) >= until)) return false;
    this.#counts.rules.get(id)!.resting += 1;
    return true;
  }

  /** Whether nothing is left of the rule's budget; the line then leaves unchanged. */
  isSpent(rule: CompiledRule, time: number, now: number): boolean {
    const { budget, id } = rule.rule;
    if (budget === undefined) return false;
    const spent = this.#spent.get(rule);
    if (spent === undefined || isOver(spent.since, this.#instant(time, now), budget.per) || spent.lines < budget.lines) return false;
    this.#counts.rules.get(id)!.released.budget += 1;
    return true;
  }

  /** Takes one line from the rule's budget. */
  take(rule: CompiledRule, time: number, now: number): void {
    const { budget } = rule.rule;
    if (budget === undefined) return;
    const instant = this.#instant(time, now);
    const spent = this.#spent.get(rule);
    if (spent === undefined || isOver(spent.since, instant, budget.per)) this.#spent.set(rule, { since: instant, lines: 1 });
    else spent.lines += 1;
  }

  #instant(time: number, now: number): number {
    return this.#clock === 'replay' ? time : now;
  }
}

/** One that a line without a time began is over at the first line that has one. */
const isOver = (since: number, instant: number, per: number): boolean => (Number.isNaN(since) ? !Number.isNaN(instant) : instant - since >= per);
