import { FATAL, LEVELS, type Level } from '../record/level.ts';
import { levelsOf } from './literals.ts';
import type { Node } from './node.ts';
import type { Fault } from './problem.ts';
import { quote } from './quote.ts';
import type { Rule } from './rule.ts';
import { readTemplate } from './template.ts';
import { at, childrenOf, textsIn } from './walk.ts';

/** What loads and will not do what its author seems to expect, in a file that has no problems. `rules` are those of the file. */
export function findWarnings(file: Node, rules: readonly Rule[]): Fault[] {
  const nodes = Array.from(childrenOf(file, 'rules').values(), ({ node }) => node);
  const inEvents = groupsIn(at(file, 'events'));
  return nodes.flatMap((node, index) => {
    const groups = new Set([...inEvents, ...groupsIn(node)]);
    return [...findGroups(node, groups), ...findRaises(node, rules[index]!)];
  });
}

const GROUP = /\(\?P?<(\w+)>/gu;

/** The named groups of all patterns in a node. */
function groupsIn(node: Node | undefined): string[] {
  if (node === undefined) return [];
  return [...node.children].flatMap(([key, { node: child }]) => {
    if (key !== 'matches' || typeof child.data !== 'string') return groupsIn(child);
    return Array.from(child.data.matchAll(GROUP), ([, name]) => name!);
  });
}

/** Where a rule names a group as if it were a field. */
function findGroups(rule: Node, groups: ReadonlySet<string>): Fault[] {
  const keys = ['await', 'repeat'].flatMap((part) => {
    const by = at(rule, part);
    return by === undefined ? [] : Array.from(childrenOf(by, 'by').values(), ({ node }) => node);
  });
  const named = keys
    .flatMap((key) => [...textsIn(key)])
    .flatMap((node) => (typeof node.data === 'string' ? [{ node, path: node.data }] : []));
  const quoted = ['then', 'else'].flatMap((part) => {
    const change = at(rule, part);
    if (change === undefined) return [];
    return ['msg', 'note'].flatMap((name) => {
      const node = at(change, name);
      return typeof node?.data === 'string' ? readTemplate(node.data).fields.map(({ path }) => ({ node, path })) : [];
    });
  });
  return [...named, ...quoted].flatMap(({ node, path }): Fault[] => {
    if (!groups.has(path)) return [];
    const message = `${quote(path)} is a named group of "matches", and these bind nothing yet; name a field of the line`;
    return [{ code: 'binds-nothing', message, span: node.span }];
  });
}

/** Where a rule would raise a level by what only lowers. */
function findRaises(node: Node, rule: Rule): Fault[] {
  const { then, repeat } = rule;
  return [
    ...raise(rule, then?.level, 'then', at(node, 'then') && at(at(node, 'then')!, 'level')),
    ...raise(
      rule,
      repeat?.rest === 'fold' ? undefined : repeat?.rest,
      'rest',
      at(node, 'repeat') && at(at(node, 'repeat')!, 'rest'),
    ),
  ];
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
