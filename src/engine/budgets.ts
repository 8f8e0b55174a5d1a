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

  /** Takes one line from the rule's budget; false where nothing is left of it. */
  take(rule: CompiledRule, time: number, now: number): boolean {
    const { budget, id } = rule.rule;
    if (budget === undefined) return true;
    const instant = this.#instant(time, now);
    let spent = this.#spent.get(rule);
    if (spent === undefined || instant - spent.since >= budget.per) this.#spent.set(rule, (spent = { since: instant, lines: 0 }));
    if (spent.lines >= budget.lines) {
      this.#counts.rules.get(id)!.released.budget += 1;
      return false;
    }
    spent.lines += 1;
    return true;
  }

  #instant(time: number, now: number): number {
    return this.#clock === 'replay' ? time : now;
  }
}
