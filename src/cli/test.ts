import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { findRules } from '../packs/rules-files.ts';
import { isRulesName } from '../rules/file-name.ts';
import { PACKS } from '../packs/shipped.ts';
import '../rules/linear.ts';
import { loadRules } from '../rules/load.ts';
import { compilePattern } from '../rules/pattern.ts';
import { patternFault } from '../rules/pattern-fault.ts';
import { formatProblem, type RulesFile } from '../rules/problem.ts';
import { escapeControls, quote } from '../rules/quote.ts';
import { mutate, type MutationResult } from '../workbench/test/mutate.ts';
import { isCovered, type TestReport } from '../workbench/test/points.ts';
import { asGithub, asJunit, asTap, asText } from '../workbench/test/reporters.ts';
import { hasPassed, runSuite } from '../workbench/test/run-suite.ts';
import { suiteOf, type Suite, type SuiteParts } from '../workbench/test/suite.ts';
import { defineCommand, refuse } from './command.ts';
import { openDiagnostics } from './open-diagnostics.ts';
import { rulesNamed } from './found-rules.ts';
import { attempt, goldenFiles } from './golden-files.ts';
import { FAILED, REFUSED, type Exit, type Host } from './host.ts';
import { set, type Option } from './options.ts';
import type { Parsed } from './parse.ts';
import { print } from './print.ts';
import { DEFAULTS } from './settings.ts';
import { anyText, oneOf, yesOrNo, type Reader } from './values.ts';

interface TestAsked {
  reporter?: keyof typeof REPORTERS | undefined;
  run?: string | undefined;
  update?: boolean | undefined;
  minCoverage?: number | undefined;
  mutate?: boolean | undefined;
}

const REPORTERS = { text: asText, tap: asTap, junit: asJunit, github: asGithub };

const percent: Reader<number> = {
  expected: 'a percentage from 0 to 100',
  read: (text) => (/^\d{1,3}(?:\.\d+)?%?$/u.test(text) && Number.parseFloat(text) <= 100 ? Number.parseFloat(text) : undefined),
};

const OPTIONS: readonly Option<TestAsked>[] = [
  {
    name: 'reporter',
    value: 'reporter',
    isTypedOnly: true,
    help: 'how results are printed: text, tap, junit, github (beside the lines of a pull request) (default: text)',
    take: set('reporter', oneOf('text', 'tap', 'junit', 'github')),
  },
  {
    name: 'run',
    value: 'pattern',
    isTypedOnly: true,
    help: 'run only tests whose name this pattern matches, in the syntax of RE2; an example is called "<rule>: <example>"',
    take: set('run', anyText),
  },
  {
    name: 'update',
    isTypedOnly: true,
    help: 'write golden files anew, if they are not what relevel writes; read the difference before you commit it',
    take: set('update', yesOrNo),
  },
  {
    name: 'min-coverage',
    value: 'percent',
    isTypedOnly: true,
    help: 'fail if tests show less than this of the ways in which rules decide',
    take: set('minCoverage', percent),
  },
  {
    name: 'mutate',
    isTypedOnly: true,
    help: 'break each rule in small ways, and fail if no test notices one of them; an example that would notice is printed',
    take: set('mutate', yesOrNo),
  },
];

export const test = defineCommand<TestAsked>({
  manual: {
    name: 'test',
    summary: 'run the tests of rules, and find out what they do not test',
    words: '[path ...]',
    about: `Runs the examples of rules, and the tests beside them: those of rules.yaml are in
rules.test.yaml. A path is as of "relevel check", or a file of tests; so is what is tested
without one. It reports which of the ways in which each rule decides no test shows.`,
    examples: [
      ['relevel test rules.yaml', 'the examples, and rules.test.yaml'],
      ['relevel test --run heals rules/', 'only tests with this in their name'],
      ['relevel test --mutate rules/', 'what could break unnoticed?'],
    ],
    after: `rules.test.yaml:

  version: 1
  tests:
    - name: another host does not decide
      lines:
        - { line: '{"level":50,"host":"a","msg":"cannot reach db"}', becomes: same }
        - { at: 1s, line: '{"level":30,"host":"b","msg":"connected"}' }
        - { at: 1m }
    - name: a day of the api
      input: api.log
      golden: api.expected.log

Exit status: 0 all passed; 1 a test failed, coverage is below --min-coverage, no test notices
a mutation, or the result cannot be written; 2 usage error, or a file with a problem: no tests
were run.`,
  },
  options: OPTIONS,
  blank: () => ({}),
  run: runTest,
});

async function runTest({ asked, words }: Parsed<TestAsked>, host: Host): Promise<Exit> {
  const faults = faultsOf(asked);
  if (faults.length > 0) return refuse(faults, 'test', host);
  const diagnostics = await openDiagnostics('text', host);
  const { paths, place } = rulesNamed(words, host.env, diagnostics);
  await diagnostics.end();
  const pack = asked.mutate === true ? paths.find((path) => path === 'builtin' || path.startsWith('builtin/')) : undefined;
  if (pack !== undefined)
    return refuse(
      [`--mutate: the tests of ${quote(pack)} are in relevel's repository; there: relevel test --mutate rules/`],
      'test',
      host,
    );
  const { suites, problems } = loadSuites(paths, place);
  if (problems.length > 0) return refuseFiles(problems, host);
  const pattern = asked.run === undefined ? undefined : compilePattern(asked.run, false);
  const isAsked = (name: string): boolean => pattern === undefined || pattern.test(name);
  if (!suites.some(({ cases }) => cases.some(({ name }) => isAsked(name)))) {
    const none = asked.run === undefined ? 'there is no test' : `--run: no test is called so: ${quote(asked.run)}`;
    return refuse([none], 'test', host);
  }
  let report: TestReport;
  try {
    const files = goldenFiles(asked.update === true);
    const results = suites.map((suite) => runSuite(suite, isAsked, DEFAULTS, files));
    const allPass = results.every((each) => each.results.every(hasPassed));
    // Where a test fails already, it cannot tell whether it would notice.
    const wantsMutations = asked.mutate === true && allPass;
    report = {
      suites: results,
      mutations: wantsMutations ? suites.map((suite): MutationResult => mutate(suite, DEFAULTS, files)) : undefined,
      minCoverage: asked.minCoverage,
    };
  } catch (error) {
    if (!(error instanceof Error && error.cause !== undefined)) throw error;
    return refuseFiles([escapeControls(error.message)], host);
  }
  const exit = await print(REPORTERS[asked.reporter ?? 'text'](report), host);
  if (exit.kind !== 'done') return exit;
  const isGood =
    report.suites.every(({ results }) => results.every(hasPassed)) &&
    isCovered(report) &&
    (report.mutations ?? []).every(({ survivors }) => survivors.length === 0);
  return isGood ? exit : FAILED;
}

async function refuseFiles(problems: readonly string[], host: Host): Promise<Exit> {
  const count = `${problems.length} problem${problems.length === 1 ? '' : 's'}`;
  const exit = await print(`${problems.map((problem) => `${problem}\n`).join('\n')}\n${count}; no tests were run\n`, host);
  return exit.kind === 'done' ? REFUSED : exit;
}

function faultsOf({ run, update, mutate: mutates, minCoverage }: TestAsked): string[] {
  const faults: string[] = [];
  const wrong = run === undefined ? undefined : patternFault(run);
  if (wrong !== undefined) faults.push(`--run: ${wrong.message}`);
  if (run !== undefined && mutates === true) faults.push('--mutate asks all tests; leave --run out');
  if (run !== undefined && minCoverage !== undefined) faults.push('--min-coverage counts all tests; leave --run out');
  if (update === true && mutates === true) faults.push('--mutate changes no file; leave --update out');
  return faults;
}

interface Loaded {
  readonly suites: readonly Suite[];
  /** Safe to print. */
  readonly problems: readonly string[];
}

function loadSuites(paths: readonly string[], place: string): Loaded {
  try {
    return load(paths, place);
  } catch (error) {
    if (!(error instanceof Error && error.cause !== undefined)) throw error;
    return { suites: [], problems: [escapeControls(error.message)] };
  }
}

function load(paths: readonly string[], place: string): Loaded {
  const { sources, problems: notFound } = findRules(paths.map(rulesOfTests), PACKS);
  const parts = sources.map((source) => (source.kind === 'pack' ? packNamed(source.name) : partsOf(source.file)));
  const problems = [...notFound, ...paths.flatMap(withoutRules)].map((problem) => `${place}${problem}`);
  const loaded = loadRules(parts.map(({ file }) => file));
  problems.push(...loaded.problems.map(formatProblem));
  if (problems.length > 0) return { suites: [], problems };
  const made = parts.map((part) => suiteOf(part, loaded.ruleSet.read));
  return {
    suites: made.map(({ suite }) => suite),
    problems: made.flatMap((each) => [...each.problems.map(formatProblem), ...each.faults]),
  };
}

const TESTS = /\.test\.(ya?ml)$/u;

/** Whoever names a file of tests means it and its rules. */
function rulesOfTests(path: string): string {
  if (!TESTS.test(path)) return path;
  const rules = ['.yaml', '.yml'].map((ending) => path.replace(TESTS, ending));
  return rules.find((each) => existsSync(each)) ?? path.replace(TESTS, '.$1');
}

/** The tests of packs that ship are in relevel's repository only. */
const packNamed = (name: string): SuiteParts => ({
  file: PACKS.find((each) => each.name === name)!, // `findRules` names no other
  tests: undefined,
  folder: '.',
});

function partsOf(file: RulesFile): SuiteParts {
  const beside = testsBeside(file.name);
  const tests =
    beside === undefined ? undefined : { name: beside, text: attempt(beside, 'read', () => readFileSync(beside, 'utf8')) };
  return { file, tests, folder: dirname(file.name) };
}

const testsBeside = (path: string): string | undefined =>
  ['.test.yaml', '.test.yml']
    .map((ending) => path.replace(/\.ya?ml$/u, ending))
    .find((each) => each !== path && existsSync(each));

/** Tests of a folder that would never run. */
function withoutRules(path: string): string[] {
  if (path === 'builtin' || path.startsWith('builtin/') || !existsSync(path) || !statSync(path).isDirectory()) return [];
  const names = readdirSync(path);
  const rules = new Set(names.filter(isRulesName).flatMap((name) => testsBeside(join(path, name)) ?? []));
  const lost = names.map((name) => join(path, name)).filter((each) => TESTS.test(each) && !rules.has(each));
  return lost.map(
    (each) =>
      `${escapeControls(each)}: there are no rules beside these tests; they are ${escapeControls(each.replace(TESTS, '.$1'))}`,
  );
}
