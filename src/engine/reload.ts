import type { CompiledRule } from './plan.ts';
import type { Rule } from '../rules/rule.ts';

/** For each rule that stays, the one of the new plan that takes its place. */
export type Heirs = ReadonlyMap<CompiledRule, CompiledRule>;

/** Pairs rules with the same id and the same definition; their order, and what stands around them, may differ. */
export function heirsOf(before: readonly CompiledRule[], after: readonly CompiledRule[]): Heirs {
  const byId = new Map(after.map((compiled) => [compiled.rule.id, compiled]));
  const heirs = new Map<CompiledRule, CompiledRule>();
  for (const compiled of before) {
    const heir = byId.get(compiled.rule.id);
    if (heir !== undefined && definitionOf(heir.rule) === definitionOf(compiled.rule)) heirs.set(compiled, heir);
  }
  return heirs;
}

/** All of a rule that decides about lines. Names of events and lists are replaced by what they stand for already. */
export function definitionOf({ until, when, await: waits, then, else: otherwise, repeat, budget }: Rule): string {
  return JSON.stringify([until, when, waits, then, otherwise, repeat, budget]);
}
