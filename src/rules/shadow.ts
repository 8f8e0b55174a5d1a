import type { RuleSet } from './rule.ts';

/** The same with the rules in shadow in force, for those who ask what rules would do. */
export const withShadowsInForce = (ruleSet: RuleSet): RuleSet =>
  ruleSet.rules.some(({ shadow }) => shadow)
    ? { ...ruleSet, rules: ruleSet.rules.map((rule) => (rule.shadow ? { ...rule, shadow: undefined } : rule)) }
    : ruleSet;

/** Rules that may be in shadow at a time: each is asked by an engine of its own. */
export const MOST_SHADOWS = 8;
