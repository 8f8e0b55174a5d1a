import type { Reading, Rule, RuleSet } from '../../rules/rule.ts';
import { loadRules } from '../../rules/load.ts';
import { Lines, type Problem, type RulesFile } from '../../rules/problem.ts';
import { loadTests, type RulesTest, type TestPlace } from '../../rules/tests.ts';
import { at, childrenOf } from '../../rules/walk.ts';
import { escapeControls, quote } from '../../rules/quote.ts';
import { readYaml } from '../../rules/yaml.ts';
import { LineReader } from '../line-reader.ts';
import { Records } from '../records.ts';

/** A rules file with its examples and the tests beside it. */
export interface Suite {
  readonly file: string;
  /** The rules of this file. */
  readonly ruleSet: RuleSet;
  /** Examples in order, then tests. */
  readonly cases: readonly Case[];
  /** Where each rule begins. */
  readonly places: ReadonlyMap<string, TestPlace>;
  /** Where `input` and `golden` are looked for. */
  readonly folder: string;
}

/** One test: an example of a rule, or one of the tests of the file. */
export type Case = RulesTest & { readonly rule: Rule | undefined };

export interface SuiteParts {
  readonly file: RulesFile;
  readonly tests: RulesFile | undefined;
  readonly folder: string;
}

/** Makes a suite of a rules file that loads without problems. `read`: how all files that are loaded have lines read. */
export function suiteOf(
  { file, tests, folder }: SuiteParts,
  read: Reading | undefined,
): { readonly suite: Suite; readonly problems: readonly Problem[]; readonly faults: readonly string[] } {
  const { ruleSet: own } = loadRules([file]);
  const ruleSet = read === undefined ? own : { ...own, read };
  const loaded = tests === undefined ? { tests: [], problems: [] } : loadTests(tests);
  const { rules, examples } = placesIn(file);
  const cases = ruleSet.rules.flatMap((rule) =>
    rule.examples.map((example, index): Case => {
      const place = examples.get(rule.id)?.[index] ?? rules.get(rule.id)!; // it was loaded from this file
      return { kind: 'lines', name: `${rule.id}: ${example.name}`, place, example, rule };
    }),
  );
  const more = loaded.tests.map((test): Case => ({ ...test, rule: undefined }));
  return {
    suite: { file: file.name, ruleSet, cases: [...cases, ...more], places: rules, folder },
    problems: loaded.problems,
    faults: strayLines([...cases, ...more], ruleSet.read),
  };
}

/** Texts of several lines that are not one record. Safe to print. */
function strayLines(cases: readonly Case[], read: Reading | undefined): string[] {
  const texts = cases.flatMap((each) =>
    each.kind === 'golden'
      ? []
      : each.example.lines.flatMap(({ line }) => (line?.includes('\n') === true ? [{ each, line }] : [])),
  );
  if (texts.length === 0) return [];
  const records = new Records(new LineReader({ format: 'auto', envelope: 'auto', read }));
  return texts.flatMap(({ each: { name, place }, line }) => {
    const stray = records.strayIn(line);
    if (stray === undefined) return [];
    const what = `line ${stray} of a text does not continue the first, so these are several records; give each an item of its own`;
    return [`${escapeControls(place.file)}:${place.line}:${place.column}: ${quote(name)}: ${what}`];
  });
}

/** Where rules and their examples begin. */
function placesIn({ name, text }: RulesFile) {
  const rules = new Map<string, TestPlace>();
  const examples = new Map<string, TestPlace[]>();
  const { root } = readYaml(text);
  const lines = new Lines(text);
  for (const { node } of root === undefined ? [] : childrenOf(root, 'rules').values()) {
    const id = String(at(node, 'id')?.data);
    const placeOf = (offset: number): TestPlace => ({ file: name, ...lines.placeOf(offset) });
    rules.set(id, placeOf(node.span.start));
    examples.set(
      id,
      Array.from(childrenOf(node, 'examples').values(), (child) => placeOf(child.node.span.start)),
    );
  }
  return { rules, examples };
}
