import type { PlanDraft } from '../engine/plan.ts';
import type { Maturity } from '../rules/maturity.ts';
import type { RuleSet } from '../rules/rule.ts';

// In the built program, `build/build.ts` puts rules that are loaded already in place of this file, and a draft of their plan.

/** A pack that ships, ready for the engine; its rules have lost their examples. */
export interface Pack {
  /** `builtin/<pack>` */
  readonly name: string;
  readonly maturity: Maturity;
  readonly ruleSet: RuleSet;
}

/** Of the plan for all stable packs together. */
export const loadDraft = (): PlanDraft | undefined => undefined;

/** In order of name. Throws `RulesError` where a pack has problems. */
export async function loadPacks(): Promise<readonly Pack[]> {
  const { PACKS } = await import('./shipped.ts');
  const { loadRules } = await import('../rules/load.ts');
  const { RulesError } = await import('../rules/problem.ts');
  await import('../rules/linear.ts');
  return PACKS.map((file) => {
    const { ruleSet, problems } = loadRules([file]);
    if (problems.length > 0) throw new RulesError(problems);
    const rules = ruleSet.rules.map((rule) => ({ ...rule, examples: [] }));
    return { name: file.name, maturity: file.maturity, ruleSet: { ...ruleSet, rules } };
  });
}
