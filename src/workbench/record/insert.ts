import { Lines, type RulesFile } from '../../rules/problem.ts';
import type { Node } from '../../rules/node.ts';
import { at, childrenOf } from '../../rules/walk.ts';
import { readYaml } from '../../rules/yaml.ts';

/** Why an example cannot be put into a file, with the place. */
export interface NoPlace {
  readonly line: number;
  readonly column: number;
  readonly why: string;
}

/** The text of a rules file with one more example in a rule; all that stood in it stays as it is. `write` is given the indentation. */
export function withExample({ text }: RulesFile, rule: string, write: (indent: number) => string): string | NoPlace {
  const { root } = readYaml(text);
  const nodes = root === undefined ? [] : Array.from(childrenOf(root, 'rules').values(), ({ node }) => node);
  const node = nodes.find((each) => at(each, 'id')?.data === rule)!; // the file was loaded, and has the rule
  const lines = new Lines(text);
  const refuse = (of: Node, why: string): NoPlace => ({ ...lines.placeOf(of.span.start), why });
  if (isFlow(text, node)) return refuse(node, 'this rule is written in braces, where no example of several lines fits');
  const examples = at(node, 'examples');
  const [first] = examples?.children.values() ?? [];
  if (examples !== undefined && (first === undefined || isFlow(text, examples) || text[examples.span.start] === '*'))
    return refuse(examples, 'these examples are no list with a "-" before each, so none can be put behind them');
  const newline = text.includes('\r\n') ? '\r\n' : '\n';
  const after = endOfLine(text, (examples ?? node).span);
  const keys = lines.placeOf(node.span.start).column - 1;
  const written =
    first === undefined ? `${' '.repeat(keys)}examples:\n${write(keys + 2)}` : write(dashColumn(text, first.node.span.start));
  const before = text.slice(0, after);
  return `${before}${before.endsWith('\n') ? '' : newline}${written.replaceAll('\n', newline)}${text.slice(after)}`;
}

/** Whether a map or list is written in braces or brackets. */
const isFlow = (text: string, { span }: Node): boolean => /[{[]/u.test(text[span.start] ?? '');

/** Behind the line on which the last of a node stands; blank lines behind it are not its own. */
function endOfLine(text: string, { start, end }: Node['span']): number {
  let last = end;
  while (last > start && /\s/u.test(text[last - 1]!)) last -= 1;
  const newline = text.indexOf('\n', last);
  return newline === -1 ? text.length : newline + 1;
}

/** The column, from zero, of the dash before an item. */
function dashColumn(text: string, item: number): number {
  const line = text.lastIndexOf('\n', item - 1) + 1;
  return text.slice(line, item).indexOf('-');
}
