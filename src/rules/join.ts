import { escapeControls, quote, suggest } from './quote.ts';
import type { Rule, RuleSet } from './rule.ts';

export interface Joined {
  readonly ruleSet: RuleSet;
  /** Ids that stand twice, or that no rule has. Safe to print. */
  readonly faults: readonly string[];
}

/** One rule set of several, in their order, without the rules of the ids `off`; `offPlace` is where those were named. */
export function joinRules(sets: readonly RuleSet[], off: readonly string[], offPlace: string): Joined {
  const rules = sets.flatMap((set) => set.rules);
  const ids = rules.map((rule) => rule.id);
  const unknown = off.filter((id) => !ids.includes(id));
  return {
    ruleSet: {
      ...readingOf(sets),
      protect: sets.flatMap((set) => set.protect),
      rules: rules.filter((rule) => !off.includes(rule.id)),
    },
    faults: [
      ...differentReadings(sets),
      ...repeatedIds(rules),
      ...unknown.map((id) => `${offPlace}: no rule has the id ${quote(id)}${suggest(id, ids, 'ids')}`),
    ],
  };
}

/** Ids that two sets have; within one, the loader has seen to it. */
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

/** What the first that says anything says of how lines are read. */
export function readingOf(sets: readonly RuleSet[]): Pick<RuleSet, 'read'> {
  const read = sets.find((set) => set.read !== undefined)?.read;
  return read === undefined ? {} : { read };
}

/** Of files the loader has seen to it; of rules that were loaded elsewhere nobody has. */
function differentReadings(sets: readonly RuleSet[]): string[] {
  const said = new Set(sets.flatMap(({ read }) => (read === undefined ? [] : JSON.stringify(read))));
  return said.size > 1 ? ['"read" is not the same in all rules; say it once, or the same in all'] : [];
}
