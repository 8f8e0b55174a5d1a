import type { Counts } from '../../engine/counts.ts';
import type { Judgement, Observer } from '../../engine/observer.ts';
import type { CompiledRule } from '../../engine/plan.ts';
import type { Rule, RuleSet } from '../../rules/rule.ts';

/** What can decide what becomes of a line that a rule matches. */
export const WAYS = [
  'matched',
  'success',
  'failure',
  'silence',
  'else',
  'protect',
  'budget',
  'until',
  'first',
  'folded',
  'rest',
  'summary',
] as const;

export type Way = (typeof WAYS)[number];

/** Of one rule: the ways in which it can decide, and those that no test shows. */
export interface RuleCoverage {
  readonly rule: string;
  readonly ways: readonly Way[];
  readonly missing: readonly Way[];
}

/** Finds out in which of their ways rules decide. */
export class Coverage {
  readonly observer: Observer;
  readonly #ruleSet: RuleSet;
  readonly #seen = new Map<string, Set<Way>>();

  constructor(ruleSet: RuleSet) {
    this.#ruleSet = ruleSet;
    for (const { id } of ruleSet.rules) this.#seen.set(id, new Set());
    this.observer = {
      looks: () => {},
      waits: ({ rule }) => this.#see(rule, 'matched'),
      ends: (judgement) => this.#judged(judgement),
      rests: (rule) => this.#see(rule, 'until'),
      spares: (rule) => this.#see(rule, 'protect'),
    };
  }

  /** Takes what was counted in a test. */
  readonly onPlayed = ({ rules }: Counts): void => {
    for (const [id, { summaries }] of rules) if (summaries > 0) this.#seen.get(id)?.add('summary');
  };

  result(): RuleCoverage[] {
    return this.#ruleSet.rules.map((rule) => {
      const ways = waysOf(rule, this.#ruleSet);
      return { rule: rule.id, ways, missing: ways.filter((way) => !this.#seen.get(rule.id)!.has(way)) };
    });
  }

  #judged({ judged: { rule }, ending, decided }: Judgement): void {
    this.#see(rule, 'matched');
    if (decided !== undefined) this.#see(rule, decided.by === 'silence' ? 'silence' : decided.kind);
    if (ending === 'else' || ending === 'first' || ending === 'folded' || ending === 'rest' || ending === 'budget')
      this.#see(rule, ending);
    // Without a `then`, the first of a group stays as it is.
    if (ending === 'plain' && rule.repeat !== undefined) this.#see(rule, 'first');
    if (ending === 'over') this.#see(rule, 'budget');
    if (ending === 'protected') this.#see(rule, 'protect');
  }

  #see({ rule }: CompiledRule, way: Way): void {
    this.#seen.get(rule.id)!.add(way);
  }
}

function waysOf(rule: Rule, { protect }: RuleSet): Way[] {
  const { await: waits, repeat } = rule;
  const ways: Partial<Record<Way, boolean>> = {
    matched: true,
    success: waits !== undefined && waits.success.length + (waits.exits?.success.length ?? 0) > 0,
    failure: waits !== undefined && waits.failure.length + (waits.exits?.failure.length ?? 0) > 0,
    silence: waits !== undefined,
    else: rule.else !== undefined,
    protect: protect.length > 0,
    budget: rule.budget !== undefined,
    until: rule.until !== undefined,
    first: repeat !== undefined,
    folded: repeat?.rest === 'fold',
    rest: repeat !== undefined && repeat.rest !== 'fold',
    summary: repeat?.rest === 'fold',
  };
  return WAYS.filter((way) => ways[way]);
}

/** How much of what rules can decide is shown, in percent; all of it, if there is nothing to decide. */
export function percentOf(coverage: readonly RuleCoverage[]): number {
  const all = coverage.reduce((sum, { ways }) => sum + ways.length, 0);
  const missing = coverage.reduce((sum, each) => sum + each.missing.length, 0);
  return all === 0 ? 100 : (100 * (all - missing)) / all;
}
