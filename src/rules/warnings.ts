import { FATAL, LEVELS, type Level } from '../record/level.ts';
import { levelsOf } from './literals.ts';
import type { Node } from './node.ts';
import type { Fault } from './problem.ts';
import { quote } from './quote.ts';
import type { Rule } from './rule.ts';
import { at, childrenOf } from './walk.ts';

/** What loads and will not do what its author seems to expect, in a file that has no problems. `rules` are those of the file. */
export function findWarnings(file: Node, rules: readonly Rule[]): Fault[] {
  const nodes = Array.from(childrenOf(file, 'rules').values(), ({ node }) => node);
  return nodes.flatMap((node, index) => findRaises(node, rules[index]!));
}

/** Where a rule would raise a level by what only lowers. */
function findRaises(node: Node, rule: Rule): Fault[] {
  const { then, repeat } = rule;
  return [
    ...neverRaises(rule, then?.raise, at(node, 'then') && at(at(node, 'then')!, 'raise')),
    ...raise(rule, then?.level, 'then', at(node, 'then') && at(at(node, 'then')!, 'level')),
    ...raise(
      rule,
      repeat?.rest === 'fold' ? undefined : repeat?.rest,
      'rest',
      at(node, 'repeat') && at(at(node, 'repeat')!, 'rest'),
    ),
  ];
}

/** Where all lines that a rule asks for are where it would raise them to, or above. */
function neverRaises({ when }: Rule, level: Level | undefined, node: Node | undefined): Fault[] {
  if (level === undefined || node === undefined) return [];
  const below = (1 << level) - 1;
  if ((levelsOf(when) & below) !== 0) return [];
  const message = `"raise" only raises, and "when" asks for no level below ${LEVELS[level]}; ask for lower levels, or raise to a higher one`;
  return [{ code: 'never-raises', message, span: node.span }];
}

/** Only if `when` asks for such levels: a rule that asks for none has mostly errors in mind, and meets a trace line by chance. */
function raise({ when }: Rule, level: Level | undefined, part: 'then' | 'rest', node: Node | undefined): Fault[] {
  if (level === undefined || node === undefined) return [];
  const asked = LEVELS.map((_, index) => index).filter((index) => index !== FATAL && ((levelsOf(when) >> index) & 1) === 1);
  const below = asked.filter((index) => index < level);
  if (below.length === 0 || (asked[0] === 0 && below.length < asked.length)) return [];
  const names = below.map((index) => LEVELS[index]).join(', ');
  const message = `${quote(part)} only lowers, so lines of level ${names} keep their level; ask "when" for higher levels, or lower to less`;
  return [{ code: 'never-lowers', message, span: node.span }];
}
