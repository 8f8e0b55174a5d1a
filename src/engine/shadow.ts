import type { RuleSet } from '../rules/rule.ts';
import { EngineCore } from './core.ts';
import type { RuleCounts } from './counts.ts';
import type { Observer } from './observer.ts';
import type { EngineSettings } from './settings.ts';

/** A rule that is in shadow, with all that decides which lines it would judge: the rules before it that are in force. */
interface ShadowRules {
  readonly id: string;
  readonly ruleSet: RuleSet;
}

interface Parted {
  readonly inForce: RuleSet;
  readonly shadows: readonly ShadowRules[];
}

/** Tells the rules in shadow from those in force. */
export function partRules(ruleSet: RuleSet): Parted {
  const { rules } = ruleSet;
  if (!rules.some(({ shadow }) => shadow)) return { inForce: ruleSet, shadows: [] };
  const shadows = rules.flatMap((rule, at): ShadowRules[] => {
    if (!rule.shadow) return [];
    const before = rules.slice(0, at).filter(({ shadow }) => !shadow);
    return [{ id: rule.id, ruleSet: { ...ruleSet, rules: [...before, { ...rule, shadow: undefined }] } }];
  });
  return { inForce: { ...ruleSet, rules: rules.filter(({ shadow }) => !shadow) }, shadows };
}

/** What is told of rules in shadow. */
export interface ShadowEvents {
  /** What they would decide. */
  readonly observer?: Observer | undefined;
  /** A rule is no longer in shadow, as its engine failed; the stream goes on. */
  readonly onFailure?: ((id: string, error: unknown) => void) | undefined;
}

/**
 * An engine by itself for one rule in shadow, whose lines go nowhere. So the rule takes no line from another, and what it counts is what it
 * would do if it were in force. If it fails, nothing else does.
 */
export class Shadow {
  readonly id: string;
  readonly core: EngineCore;
  readonly #onFailure: ShadowEvents['onFailure'];
  #isBroken = false;

  constructor({ id, ruleSet }: ShadowRules, settings: EngineSettings, { observer, onFailure }: ShadowEvents) {
    this.id = id;
    this.#onFailure = onFailure;
    const own = observer && onlyOf(id, observer);
    this.core = new EngineCore(ruleSet, { ...settings, archive: undefined, priorityPrefix: false }, { observer: own });
  }

  get counts(): RuleCounts {
    return this.core.counts.rules.get(this.id)!; // the last of its rules
  }

  get nextDue(): number {
    return this.#isBroken ? Infinity : this.core.nextDue();
  }

  attempt(step: () => void): void {
    if (this.#isBroken) return;
    try {
      step();
    } catch (error) {
      this.#isBroken = true;
      this.#onFailure?.(this.id, error);
    }
  }
}

const onlyOf = (id: string, observer: Observer): Observer => ({
  looks: () => {},
  waits: () => {},
  rests: () => {},
  spares: () => {},
  ends: (judgement) => {
    if (judgement.judged.rule.rule.id === id) observer.ends(judgement);
  },
});
