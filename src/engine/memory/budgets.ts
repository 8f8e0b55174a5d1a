import { ARRIVAL, isYearGuessed, namesNoDate, NO_DOMAIN, withoutOrigin, type ClockDomain } from '../../record/clock-domain.ts';
import type { Counts } from '../counts.ts';
import type { CompiledRule } from '../plan.ts';
import type { Heirs } from '../reload.ts';
import type { Clock } from '../settings.ts';
import type { Timed } from '../timed.ts';

/** What a rule has lowered since the first line that counts. */
interface Spent {
  /** By how times are written, the first that was seen since then, in ms: times of one domain cannot be compared with another's. */
  readonly since: Map<ClockDomain, number>;
  lines: number;
}

/** Of times in more domains than these nobody knows how long they last: the budget stays as it is. */
const MOST_DOMAINS = 64;

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
  isResting(rule: CompiledRule, at: Timed, now: number): boolean {
    const { id, until } = rule.rule;
    if (until === undefined || this.#clock === 'example' || !(this.#dateOf(at, now) >= until)) return false;
    this.#counts.rules.get(id)!.resting += 1;
    return true;
  }

  /** Whether nothing is left of the rule's budget. */
  isSpent(rule: CompiledRule, at: Timed, now: number): boolean {
    const { budget } = rule.rule;
    return budget !== undefined && (this.#of(rule, at, now)?.lines ?? 0) >= budget.lines;
  }

  /** Takes one line from the rule's budget. */
  take(rule: CompiledRule, at: Timed, now: number): void {
    if (rule.rule.budget === undefined) return;
    let spent = this.#of(rule, at, now);
    if (spent === undefined) {
      this.#spent.set(rule, (spent = { since: new Map(), lines: 0 }));
      this.#isOver(rule, spent, at, now);
    }
    spent.lines += 1;
  }

  /** Hands on what was spent to the heirs; what others spent is forgotten. */
  adopt(heirs: Heirs): void {
    const before = [...this.#spent];
    this.#spent.clear();
    for (const [rule, spent] of before) if (heirs.has(rule)) this.#spent.set(heirs.get(rule)!, spent);
  }

  /** What counts for a line of this time; `undefined` where that is over. */
  #of(rule: CompiledRule, at: Timed, now: number): Spent | undefined {
    const spent = this.#spent.get(rule);
    return spent === undefined || this.#isOver(rule, spent, at, now) ? undefined : spent;
  }

  /** Whether it is over; if nothing tells, it lasts from this line: rather too long than too short. */
  #isOver(rule: CompiledRule, { since }: Spent, at: Timed, now: number): boolean {
    // It is one for all sources, so for all containers too.
    const domain = this.#isByLine ? withoutOrigin(at.domain) : ARRIVAL;
    const time = this.#isByLine ? at.time : now;
    if (domain === NO_DOMAIN) return false;
    const first = since.get(domain);
    if (first !== undefined) return time - first >= rule.rule.budget!.per;
    if (since.size < MOST_DOMAINS) since.set(domain, time);
    return false;
  }

  /** What `until` is compared with; NaN if nobody knows the date. */
  #dateOf({ time, domain }: Timed, now: number): number {
    if (!this.#isByLine) return now;
    return isYearGuessed(domain) || namesNoDate(domain) ? NaN : time;
  }

  get #isByLine(): boolean {
    return this.#clock === 'replay' || this.#clock === 'order';
  }
}
