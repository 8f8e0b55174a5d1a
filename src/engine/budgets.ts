import type { Counts } from './counts.ts';
import type { CompiledRule } from './plan.ts';
import type { Heirs } from './reload.ts';
import type { Clock } from './settings.ts';

/** What a rule has lowered since the first line that counts. */
interface Spent {
  /** ms; NaN while no line with a time was seen. */
  since: number;
  lines: number;
}

/** How much each rule has lowered of late, and which rules rest. One for all sources. */
export class Budgets {
  readonly #clock: Clock;
  readonly #counts: Counts;
  readonly #spent = new Map<CompiledRule, Spent>();

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
    if (budget === undefined || (this.#of(rule, time, now)?.lines ?? 0) < budget.lines) return false;
    this.#counts.rules.get(id)!.released.budget += 1;
    return true;
  }

  /** Takes one line from the rule's budget. */
  take(rule: CompiledRule, time: number, now: number): void {
    if (rule.rule.budget === undefined) return;
    const spent = this.#of(rule, time, now);
    if (spent === undefined) this.#spent.set(rule, { since: this.#instant(time, now), lines: 1 });
    else spent.lines += 1;
  }

  /** Hands on what was spent to the heirs; what others spent is forgotten. */
  adopt(heirs: Heirs): void {
    const before = [...this.#spent];
    this.#spent.clear();
    for (const [rule, spent] of before) if (heirs.has(rule)) this.#spent.set(heirs.get(rule)!, spent);
  }

  /** What counts for this instant; `undefined` where that is over. */
  #of(rule: CompiledRule, time: number, now: number): Spent | undefined {
    const spent = this.#spent.get(rule);
    if (spent === undefined) return undefined;
    const instant = this.#instant(time, now);
    // Begun by a line without a time, it lasts from the first one that has one: rather too long than too short.
    if (Number.isNaN(spent.since)) spent.since = instant;
    return instant - spent.since >= rule.rule.budget!.per ? undefined : spent;
  }

  #instant(time: number, now: number): number {
    return this.#clock === 'replay' ? time : now;
  }
}
