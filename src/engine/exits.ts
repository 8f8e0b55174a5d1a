import { unreachable } from '../record/record.ts';
import type { Captures } from '../rules/captures.ts';
import { compareNumbers } from '../rules/number.ts';
import { EXIT, type Await, type Condition, type Test } from '../rules/rule.ts';

/** What it means to a rule that a process ended with this code; if it is both, a failure. */
export function exitMeaning({ exits }: Await, code: number): 'success' | 'failure' | undefined {
  if (exits === undefined) return undefined;
  if (exits.failure.some((condition) => fits(condition, code))) return 'failure';
  return exits.success.some((condition) => fits(condition, code)) ? 'success' : undefined;
}

/** Such a condition asks for the code alone: the loader has seen to that. */
function fits(condition: Condition, code: number): boolean {
  switch (condition.kind) {
    case 'all':
      return condition.of.every((part) => fits(part, code));
    case 'any':
      return condition.of.some((part) => fits(part, code));
    case 'not':
      return !fits(condition.of, code);
    case 'field':
      return holds(condition.test, String(code));
    case 'level':
      return false;
    default:
      return unreachable(condition);
  }
}

function holds(test: Test, code: string): boolean {
  switch (test.kind) {
    case 'in':
      return test.values.some((value) => value.kind === 'number' && compareNumbers(code, value.digits) === 0);
    case 'gt':
      return compareNumbers(code, test.digits) > 0;
    case 'gte':
      return compareNumbers(code, test.digits) >= 0;
    case 'lt':
      return compareNumbers(code, test.digits) < 0;
    case 'lte':
      return compareNumbers(code, test.digits) <= 0;
    default:
      return false;
  }
}

/** What texts can quote of the end of a process: `${event.$exit}`. */
export const exitCaptures = (code: number): Captures => {
  const groups = new Map([[EXIT, String(code)]]);
  return { names: new Set(groups.keys()), in: () => groups, reads: [] };
};
