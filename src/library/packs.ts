import type { Pack } from '../packs/builtin.ts';
import { PACKS } from '../packs/shipped.ts';
import { loadRules } from './reader.ts';

// In the built library, `build/library.ts` puts rules that are loaded already in place of this file.

/** The packs that ship, in order of name, ready for the engine. */
export const packs = (): readonly Pack[] =>
  PACKS.map((file) => {
    const { ruleSet } = loadRules([file]);
    const rules = ruleSet.rules.map((rule) => ({ ...rule, examples: [] }));
    return { name: file.name, maturity: file.maturity, ruleSet: { ...ruleSet, rules } };
  });
