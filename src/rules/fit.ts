import { levelsJudged } from './literals.ts';
import { quote } from './quote.ts';
import type { Rule } from './rule.ts';

/** Why a rule can never judge a line, with its place; `undefined` if it may. */
export function unfitness(rule: Rule): string | undefined {
  if (levelsJudged(rule) !== 0) return undefined;
  const right = 'no rule judges fatal, and critical only one that names it; write another level into "when"';
  return `${rule.file}: rule ${quote(rule.id)} can fit no line: ${right}`;
}

/** Why a rule can never lower a line whose process is not seen to end; `undefined` if it can. */
export function exitNeed({ id, file, await: waiting }: Rule): string | undefined {
  if (waiting?.exits === undefined || waiting.success.length > 0 || waiting.silence === 'success') return undefined;
  return `${file}: rule ${quote(id)} lowers nothing here: its "success" is the end of the process, which only "relevel run" sees`;
}
