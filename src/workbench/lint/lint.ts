import type { EngineSettings } from '../../engine/settings.ts';
import type { Node } from '../../rules/node.ts';
import { Lines, type Problem, type RulesFile, type Span } from '../../rules/problem.ts';
import type { Rule, RuleSet } from '../../rules/rule.ts';
import { at, childrenOf } from '../../rules/walk.ts';
import { readYaml } from '../../rules/yaml.ts';
import { ExampleLint } from './example-lint.ts';
import { SEVERITIES, type Finding } from './finding.ts';
import { remarksOn, type Remark } from './rule-lint.ts';

interface LintOptions {
  /** All that are loaded, in order; they have no problems. */
  readonly files: readonly RulesFile[];
  readonly ruleSet: RuleSet;
  /** What the loader warns of. */
  readonly warnings: readonly Problem[];
  /** ms since 1970. */
  readonly now: number;
  /** In which relevel will run. */
  readonly order: EngineSettings['order'];
}

/** What is to be said of rules that load: in order of place, and `loaded` of it by the loader. */
export function lint({ files, ruleSet, warnings, now, order }: LintOptions): {
  readonly own: Finding[];
  readonly loaded: Finding[];
} {
  const places = new Map<string, Placed>(files.flatMap(placesIn));
  const examples = new ExampleLint(ruleSet);
  const found = ruleSet.rules.flatMap((rule) => {
    const placed = places.get(rule.id)!; // it was loaded from one of the files
    const remarks = [...remarksOn(rule, ruleSet, now, order), ...examples.remarksOn(rule)];
    return remarks.map((remark) => findingOf(remark, rule, placed));
  });
  const loaded = warnings.map((warning) => ofWarning(warning, [...places.values()]));
  const isWanted = (finding: Finding): boolean => !isAllowed(finding, places, now);
  return { own: found.filter(isWanted).toSorted(byPlace), loaded: loaded.filter(isWanted) };
}

export const byPlace = (a: Finding, b: Finding): number =>
  (a.file < b.file ? -1 : a.file > b.file ? 1 : 0) || a.line - b.line || a.column - b.column;

/** A rule in the text of its file. */
interface Placed {
  readonly id: string;
  readonly file: RulesFile;
  readonly node: Node;
  readonly lines: Lines;
  /** The lines from and to which it stands, comments right above it among them; from one. */
  readonly first: number;
  readonly last: number;
}

function placesIn(file: RulesFile): (readonly [string, Placed])[] {
  const { root } = readYaml(file.text);
  if (root === undefined) return [];
  const lines = new Lines(file.text);
  return Array.from(childrenOf(root, 'rules').values(), ({ node }) => {
    const id = String(at(node, 'id')?.data);
    let first = lines.placeOf(node.span.start).line;
    while (first > 1 && /^\s*#/u.test(lines.textOf(first - 1))) first -= 1;
    const last = lines.placeOf(Math.max(node.span.start, node.span.end - 1)).line;
    return [id, { id, file, node, lines, first, last }];
  });
}

/** Where a rule begins in its file. */
export function placeOfRule(file: RulesFile, rule: string): Pick<Finding, 'file' | 'line' | 'column'> {
  const [, placed] = placesIn(file).find(([id]) => id === rule)!; // it was loaded from this file
  return { file: file.name, ...placed.lines.placeOf(placed.node.span.start) };
}

function findingOf({ code, key, path = [], message, remedy }: Remark, rule: Rule, { file, node, lines }: Placed): Finding {
  let place = node.children.get(key);
  for (const step of path) place = place?.node.children.get(step) ?? place;
  const span: Span = place?.key ?? node.span;
  const { line, column } = lines.placeOf(span.start);
  return { code, severity: SEVERITIES[code], file: file.name, line, column, rule: rule.id, message, remedy };
}

function ofWarning({ code, file, line, column, message }: Problem, places: readonly Placed[]): Finding {
  const rule = places.find((placed) => placed.file.name === file && placed.first <= line && line <= placed.last);
  const [what, ...right] = message.split('; ');
  return { code, severity: 'warning', file, line, column, rule: rule?.id, message: what!, remedy: right.join('; ') };
}

const ALLOW = /#\s*relevel:\s*allow\s+([a-z-]+)\s+until\s+(\d{4}-\d{2}-\d{2})\b/gu;

/** Whether a comment in the rule, or right above it, allows the finding: `# relevel: allow long-hold until 2027-01-31`. */
function isAllowed({ code, rule }: Finding, places: ReadonlyMap<string, Placed>, now: number): boolean {
  const placed = rule === undefined ? undefined : places.get(rule);
  if (placed === undefined) return false;
  for (let line = placed.first; line <= placed.last; line += 1)
    for (const [, allowed, until] of placed.lines.textOf(line).matchAll(ALLOW))
      if (allowed === code && now < Date.parse(`${until}T24:00:00Z`)) return true;
  return false;
}
