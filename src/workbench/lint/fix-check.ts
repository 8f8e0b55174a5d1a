import type { Condition, RuleSet } from '../../rules/rule.ts';
import { MESSAGE_NAMES, LEVEL_NAMES } from './rule-lint.ts';

/** Whether rules differ only in what fixes may change: in the conditions of the rules named. */
export function areFixed(before: RuleSet, after: RuleSet, rules: ReadonlySet<string>): boolean {
  if (JSON.stringify([before.read, before.protect]) !== JSON.stringify([after.read, after.protect])) return false;
  if (before.rules.length !== after.rules.length) return false;
  return before.rules.every((rule, index) => {
    const other = after.rules[index]!;
    if (!rules.has(rule.id)) return JSON.stringify(rule) === JSON.stringify(other);
    const [own, others] = [rule, other].map((each) => JSON.stringify({ ...each, when: undefined }));
    return own === others && isFixed(rule.when, other.when);
  });
}

/** The order of parts may differ: keys have an order of their own. */
function isFixed(before: Condition, after: Condition): boolean {
  if (before.kind === 'field') return JSON.stringify(before) === JSON.stringify(after) || isFixedTest(before, after);
  if (before.kind === 'level') return JSON.stringify(before) === JSON.stringify(after);
  if (before.kind === 'not') return after.kind === 'not' && isFixed(before.of, after.of);
  if (after.kind !== before.kind || after.of.length !== before.of.length) return false;
  const left = [...before.of];
  return after.of.every((part) => {
    const same = left.findIndex((each) => isFixed(each, part));
    if (same === -1) return false;
    left.splice(same, 1);
    return true;
  });
}

function isFixedTest({ path, test }: Condition & { readonly kind: 'field' }, after: Condition): boolean {
  if (after.kind === 'level') return LEVEL_NAMES.includes(path) && after.levels.length === 1 && test.kind === 'in';
  if (after.kind !== 'field') return false;
  if (after.path !== path && !(after.path === 'msg' && MESSAGE_NAMES.includes(path))) return false;
  if (JSON.stringify(test) === JSON.stringify(after.test)) return true;
  if (test.kind === 'matches' && after.test.kind === 'contains')
    return test.text === after.test.text && test.ignoreCase === after.test.ignoreCase;
  if (test.kind !== 'in' || after.test.kind !== 'glob' || test.ignoreCase !== after.test.ignoreCase) return false;
  const texts = test.values.map((value) => (value.kind === 'text' ? value.text : undefined));
  return JSON.stringify(texts) === JSON.stringify(after.test.globs);
}
