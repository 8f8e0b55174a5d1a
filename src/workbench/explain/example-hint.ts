import type { LineFailure } from '../../engine/examples.ts';
import { ENGINE_DEFAULTS } from '../../engine/settings.ts';
import { UTC } from '../../record/zone.ts';
import type { RuleSet } from '../../rules/rule.ts';
import { Explainer } from './explainer.ts';

/** Each takes an engine of its own. */
const MOST = 20;

/** The failures of examples, with the account of `relevel explain` in place of a hint that says only that a rule does not match a line. */
export function withAccounts<Failure extends LineFailure>(
  failures: readonly Failure[],
  ruleOf: (failure: Failure) => string | undefined,
  ruleSet: RuleSet,
): readonly Failure[] {
  return failures.map((failure, index) => {
    const rule = ruleOf(failure);
    if (index >= MOST || rule === undefined || !failure.hint.startsWith('"when"')) return failure;
    const reasons = reasonsFor(failure.text, rule, ruleSet);
    return reasons === undefined ? failure : { ...failure, hint: `"when": ${reasons}` };
  });
}

/** Which conditions of a rule a line does not match, what it has there, and what would do. */
function reasonsFor(text: string, rule: string, ruleSet: RuleSet): string | undefined {
  const settings = { ...ENGINE_DEFAULTS, clock: 'replay', order: 'relaxed', zone: UTC, archive: undefined } as const;
  const explainer = new Explainer({ ruleSet, settings, now: 0, rule, isAsked: ({ number }) => number === 1 });
  explainer.begin('example');
  for (const line of text.split('\n')) explainer.line(Buffer.from(line));
  explainer.end();
  const miss = explainer.account().lines[0]?.misses.find((each) => each.rule === rule);
  return miss?.reasons.map(({ condition, found, remedy }) => `${condition}: found ${found}; ${remedy}`).join(', and ');
}
