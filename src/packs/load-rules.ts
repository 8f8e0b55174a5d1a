import type { PlanDraft } from '../engine/plan.ts';
import { joinRules } from '../rules/join.ts';
import { isStable } from '../rules/maturity.ts';
import type { Problem } from '../rules/problem.ts';
import type { Reading, RuleSet } from '../rules/rule.ts';
import { loadDraft, loadPacks, type Pack } from './builtin.ts';
import { findRules, type RulesSource } from './rules-files.ts';

/** What rules were asked for, and by which option. */
export interface RulesAsked {
  readonly rules: readonly string[];
  readonly off: readonly string[];
  /** What options say of how lines are read: it goes before what rules say. */
  readonly read?: Reading | undefined;
  /** Where an option was said: `--off`, `RELEVEL_OFF`. */
  readonly placeOf: (name: string) => string;
}

export interface RulesLoaded {
  /** Only where nothing is wrong. */
  readonly ruleSet: RuleSet | undefined;
  /** Of the plan for these rules, where they have one. */
  readonly draft?: PlanDraft | undefined;
  /** What is wrong in rules files. */
  readonly problems: readonly Problem[];
  /** What is wrong beside. Safe to print. */
  readonly faults: readonly string[];
}

/** Loads rules, in the order asked for; finds all problems at once. Packs that ship are loaded already, and need no reader of YAML. */
export async function loadRuleSet({ rules, off, placeOf, read }: RulesAsked): Promise<RulesLoaded> {
  const packs = await loadPacks();
  const found = findRules(rules, packs);
  const faults = found.problems.map((problem) => `${placeOf('rules')}: ${problem}`);
  const { ruleSet, problems } = await loadFiles(found.sources);
  if (problems.length > 0 || faults.length > 0) return { ruleSet: undefined, problems, faults };

  await preparePatterns(
    packs.filter(({ name }) => found.sources.some((source) => source.kind === 'pack' && source.name === name)),
  );
  const joined = joinRules(inOrder(found.sources, packs, ruleSet), off, placeOf('off'));
  if (joined.faults.length > 0) return { ruleSet: undefined, problems: [], faults: joined.faults };
  return {
    ruleSet: read === undefined ? joined.ruleSet : { ...joined.ruleSet, read: { ...joined.ruleSet.read, ...read } },
    draft: areAllPacks(found.sources, packs.filter(isStable), off) ? loadDraft() : undefined,
    problems: [],
    faults: [],
  };
}

/** To be called before rules of packs are compiled. The patterns of stable packs do without the linear engine, so that a start is quicker. */
export async function preparePatterns(packs: readonly Pack[]): Promise<void> {
  if (!packs.every(isStable)) await import('../rules/linear.ts');
}

/** Whether the rules are just those that ship, as they are where nobody asks for any. */
const areAllPacks = (sources: readonly RulesSource[], packs: readonly Pack[], off: readonly string[]): boolean =>
  off.length === 0 &&
  sources.length === packs.length &&
  sources.every((source, i) => source.kind === 'pack' && source.name === packs[i]!.name);

async function loadFiles(sources: readonly RulesSource[]) {
  const files = sources.flatMap((source) => (source.kind === 'file' ? [source.file] : []));
  if (files.length === 0) return { ruleSet: { protect: [], rules: [] }, problems: [] };
  const { loadRules } = await import('../rules/load.ts');
  await import('../rules/linear.ts');
  return loadRules(files);
}

/** The rules of packs and files in the order of their sources. What files protect has none. */
function inOrder(sources: readonly RulesSource[], packs: readonly Pack[], ofFiles: RuleSet): RuleSet[] {
  const sets = sources.map((source): RuleSet => {
    if (source.kind === 'pack') return packs.find((pack) => pack.name === source.name)!.ruleSet; // `findRules` names no other
    return { protect: [], rules: ofFiles.rules.filter((rule) => rule.file === source.file.name) };
  });
  return [{ ...ofFiles, rules: [] }, ...sets];
}
