import type { Example } from './rule.ts';
import { exampleLines, exampleOf } from './schema-example.ts';
import { issue, keyed, listOf, text, version, type Issues } from './schema-words.ts';
import { checkShape } from './issues.ts';
import { Lines, placeFaults, type Problem, type RulesFile } from './problem.ts';
import { childrenOf } from './walk.ts';
import { readYaml } from './yaml.ts';

/** A test of rules: lines and what becomes of them, as in an example; or a log, and what relevel writes of it. */
export type RulesTest = { readonly name: string; readonly place: TestPlace } & (
  | { readonly kind: 'lines'; readonly example: Example }
  | { readonly kind: 'golden'; readonly input: string; readonly golden: string }
);

/** Where a test begins. Line and column count from one. */
export interface TestPlace {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export interface LoadedTests {
  /** None, if there are problems. */
  readonly tests: readonly RulesTest[];
  readonly problems: readonly Problem[];
}

const test = keyed('a test, which is a map', {
  name: text.describe('What the test shows.'),
  lines: exampleLines.optional(),
  input: text.describe('A log, by its path from the folder of the tests.').optional(),
  golden: text.describe('What relevel writes of it.').optional(),
}).superRefine(checkTest);

function checkTest(map: { lines?: unknown; input?: unknown; golden?: unknown }, ctx: Issues): void {
  const refuse = (message: string, key?: string): void =>
    ctx.addIssue(
      issue(message, { code: 'bad-example', ...(key === undefined ? {} : { key: true }) }, key === undefined ? [] : [key]),
    );
  if (map.lines !== undefined) {
    for (const key of ['input', 'golden'] as const)
      if (map[key] !== undefined) refuse(`"${key}" beside "lines"; a test has either lines, or an input and a golden file`, key);
  } else if (map.input === undefined && map.golden === undefined) {
    refuse('a test of nothing; say "lines", or "input" and "golden"');
  } else if (map.input === undefined) {
    refuse('"golden" without "input"; say which log to read', 'golden');
  } else if (map.golden === undefined) {
    refuse('"input" without "golden"; say which file has what relevel writes', 'input');
  } else if (map.input === map.golden) {
    refuse('the golden file is the input; it needs a name of its own', 'golden');
  }
}

const testsSchema = keyed('a map that begins with "version: 1"', {
  version: version.describe('The version of the rule language: 1.'),
  tests: listOf(test, 'a list of tests').default([]),
});

/** Reads a file of tests. Never throws; finds all problems at once. */
export function loadTests(file: RulesFile): LoadedTests {
  const { root, faults } = readYaml(file.text);
  const { draft, faults: shape } = root === undefined ? { draft: undefined, faults: [] } : checkShape(testsSchema, root, faults);
  const problems = placeFaults(file, [...faults, ...shape]);
  if (problems.length > 0 || root === undefined || draft === undefined) return { tests: [], problems };
  const places = new Lines(file.text);
  const children = childrenOf(root, 'tests');
  const tests = draft.tests.map(({ name, lines, input = '', golden = '' }, index): RulesTest => {
    const place = { file: file.name, ...places.placeOf(children.get(index)!.node.span.start) };
    if (lines === undefined) return { name, place, kind: 'golden', input, golden };
    return { name, place, kind: 'lines', example: exampleOf({ name, lines }) };
  });
  return { tests, problems };
}
