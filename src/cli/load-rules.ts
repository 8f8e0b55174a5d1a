import type { Problem } from '../rules/problem.ts';
import { escapeControls, quote, suggest } from '../rules/quote.ts';
import type { Rule, RuleSet } from '../rules/rule.ts';
import { loadPacks, type Pack } from './builtin.ts';
import type { Diagnostics } from './diagnostics.ts';
import { findRules, type RulesSource } from './rules-files.ts';

/** What rules were asked for, and by which option. */
export interface RulesAsked {
  readonly rules: readonly string[];
  readonly off: readonly string[];
  /** Where an option was said: `--off`, `RELEVEL_OFF`. */
  readonly placeOf: (name: string) => string;
}

export interface RulesLoaded {
  /** Only where nothing is wrong. */
  readonly ruleSet: RuleSet | undefined;
  /** What is wrong in rules files. */
  readonly problems: readonly Problem[];
  /** What is wrong beside. Safe to print. */
  readonly faults: readonly string[];
}

/** Loads rules, in the order asked for; finds all problems at once. Packs that ship are loaded already, and need no reader of YAML. */
export async function loadRuleSet({ rules, off, placeOf }: RulesAsked): Promise<RulesLoaded> {
  const packs = await loadPacks();
  const found = findRules(
    rules,
    packs.map((pack) => pack.name),
  );
  const faults = found.problems.map((problem) => `${placeOf('rules')}: ${problem}`);
  const { ruleSet, problems } = await loadFiles(found.sources);
  if (problems.length > 0 || faults.length > 0) return { ruleSet: undefined, problems, faults };

  const whole = inOrder(found.sources, packs, ruleSet);
  const twice = repeatedIds(whole.rules);
  const ids = whole.rules.map((rule) => rule.id);
  const unknown = off.filter((id) => !ids.includes(id));
  if (twice.length > 0 || unknown.length > 0) {
    const wrong = unknown.map((id) => `${placeOf('off')}: no rule has the id ${quote(id)}${suggest(id, ids, 'ids')}`);
    return { ruleSet: undefined, problems: [], faults: [...twice, ...wrong] };
  }
  return { ruleSet: { ...whole, rules: whole.rules.filter((rule) => !off.includes(rule.id)) }, problems: [], faults: [] };
}

/** Says all that is wrong. */
export function sayProblems({ problems, faults }: RulesLoaded, diagnostics: Diagnostics): void {
  for (const problem of problems) diagnostics.problem(problem);
  for (const text of faults) diagnostics.say('error', text);
}

async function loadFiles(sources: readonly RulesSource[]) {
  const files = sources.flatMap((source) => (source.kind === 'file' ? [source.file] : []));
  if (files.length === 0) return { ruleSet: { protect: [], rules: [] }, problems: [] };
  const { loadRules } = await import('../rules/load.ts');
  await import('../rules/linear.ts');
  return loadRules(files);
}

/** Puts the rules of packs and files in the order of their sources. What they protect has none. */
function inOrder(sources: readonly RulesSource[], packs: readonly Pack[], ofFiles: RuleSet): RuleSet {
  const protect = [...ofFiles.protect];
  const rules: Rule[] = [];
  for (const source of sources) {
    if (source.kind === 'file') {
      rules.push(...ofFiles.rules.filter((rule) => rule.file === source.file.name));
    } else {
      const { ruleSet } = packs.find((pack) => pack.name === source.name)!; // `findRules` names no other
      protect.push(...ruleSet.protect);
      rules.push(...ruleSet.rules);
    }
  }
  return { protect, rules };
}

/** Ids that a pack has, and another pack or file too; within files, the loader has seen to it. */
function repeatedIds(rules: readonly Rule[]): string[] {
  const files = new Map<string, string>();
  const problems: string[] = [];
  for (const { id, file } of rules) {
    const first = files.get(id);
    if (first === undefined) files.set(id, file);
    else
      problems.push(
        `${escapeControls(file)}: duplicate id ${quote(id)}; the first is in ${escapeControls(first)}, choose another`,
      );
  }
  return problems;
}
