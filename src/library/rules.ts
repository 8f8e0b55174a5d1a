import type { Pack } from '../packs/builtin.ts';
import { findRules, type RulesSource } from '../packs/rules-files.ts';
import { joinRules } from '../rules/join.ts';
import { RulesError, type RulesFile } from '../rules/problem.ts';
import type { RuleSet } from '../rules/rule.ts';
import { packs } from './packs.ts';
import { allowAllPatterns, loadRules as readRules } from './reader.ts';

/** Rules as text, YAML, and the name by which problems call it (`rules` where none is said). */
export interface RulesText {
  readonly text: string;
  readonly name?: string;
}

/**
 * Rules that were loaded. Plain data: it may be sent to a worker, written as JSON and read back by the same version of
 * `relevel`; what is inside a rule beside these may change with any version.
 */
export interface LoadedRules {
  readonly rules: readonly { readonly id: string; readonly file: string; readonly why: string | undefined }[];
  readonly protect: readonly unknown[];
}

/**
 * A text: a file, a folder of `*.yaml` and `*.yml`, `builtin` for all packs that ship, or `builtin/<pack>` for one;
 * or the rules themselves.
 */
export type RulesGiven = string | RulesText | LoadedRules;

/** Where rules are to come from, beside those that a program itself may be told of. */
type Source = RulesSource | { readonly kind: 'loaded'; readonly ruleSet: RuleSet };

/**
 * Loads rules, in the order in which they are to be asked, without those of the ids `off`. Throws `RulesError` with all that is
 * wrong, `TypeError` where something given is no rules at all.
 */
export function loadRules(given: RulesGiven | readonly RulesGiven[], off: readonly string[] = []): LoadedRules {
  return ruleSetOf(given, off);
}

/** The same, for the engine. */
export function ruleSetOf(given: RulesGiven | readonly RulesGiven[], off: readonly string[]): RuleSet {
  const parts: readonly unknown[] = Array.isArray(given) ? given : [given];
  let shipped: readonly Pack[] | undefined;
  const packsOnce = (): readonly Pack[] => (shipped ??= packs());

  const sources: Source[] = [];
  const faults: string[] = [];
  for (const [index, part] of parts.entries()) {
    if (typeof part === 'string') {
      const found = findRules([part], packsOnce());
      sources.push(...found.sources);
      faults.push(...found.problems.map((problem) => `rules: ${problem}`));
    } else if (isText(part)) {
      sources.push({
        kind: 'file',
        file: { name: part.name ?? (index === 0 ? 'rules' : `rules ${index + 1}`), text: part.text },
      });
    } else if (isLoaded(part)) {
      if (JSON.stringify(part.rules).includes('"matches"')) allowAllPatterns();
      sources.push({ kind: 'loaded', ruleSet: part });
    } else {
      throw new TypeError('rules: neither a name (a path, "builtin"), nor { text }, nor rules that were loaded');
    }
  }
  return ruleSetFrom(sources, faults, { off, packs: packsOnce });
}

interface Around {
  readonly off: readonly string[];
  readonly packs: () => readonly Pack[];
}

function ruleSetFrom(sources: readonly Source[], faults: readonly string[], { off, packs: shipped }: Around): RuleSet {
  const files = sources.flatMap((source) => (source.kind === 'file' ? [source.file] : []));
  const read = files.length === 0 ? NOTHING : readRules(files);
  if (read.problems.length > 0 || faults.length > 0) throw new RulesError(read.problems, faults);

  const sets = sources.map((source): RuleSet => {
    switch (source.kind) {
      case 'pack':
        return shipped().find((pack) => pack.name === source.name)!.ruleSet; // `findRules` names no other
      case 'file':
        return { protect: [], rules: rulesIn(read.ruleSet, source.file) };
      case 'loaded':
        return source.ruleSet;
    }
  });
  const joined = joinRules([{ ...read.ruleSet, rules: [] }, ...sets], off, 'off');
  if (joined.faults.length > 0) throw new RulesError([], joined.faults);
  return joined.ruleSet;
}

const NOTHING = { ruleSet: { protect: [], rules: [] }, problems: [] };

const rulesIn = ({ rules }: RuleSet, { name }: RulesFile) => rules.filter((rule) => rule.file === name);

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null;

const isText = (value: unknown): value is RulesText =>
  isObject(value) && typeof value['text'] === 'string' && ['string', 'undefined'].includes(typeof value['name']);

/** What was loaded is not checked again: it is not made by hand. */
const isLoaded = (value: unknown): value is RuleSet =>
  isObject(value) && Array.isArray(value['rules']) && Array.isArray(value['protect']);
