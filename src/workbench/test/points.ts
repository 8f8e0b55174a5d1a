import { escapeControls } from '../../rules/quote.ts';
import type { TestPlace } from '../../rules/tests.ts';
import { percentOf } from './coverage.ts';
import type { MutationResult } from './mutate.ts';
import { hasPassed, type CaseResult, type SuiteResult } from './run-suite.ts';

/** All that `relevel test` found out. */
export interface TestReport {
  readonly suites: readonly SuiteResult[];
  /** One for each suite; absent, if nobody asked for mutations. */
  readonly mutations: readonly MutationResult[] | undefined;
  /** Percent of what rules can decide that tests have to show. */
  readonly minCoverage: number | undefined;
}

/** Something that passed or failed. Safe to print, but for its name. */
export interface Point {
  readonly file: string;
  readonly name: string;
  readonly place: TestPlace | undefined;
  /** Why it failed, in lines; `undefined`: it passed. */
  readonly failure: string | undefined;
}

export const coverageIn = ({ suites }: TestReport): number => percentOf(suites.flatMap(({ coverage }) => coverage));

export const isCovered = (report: TestReport): boolean =>
  report.minCoverage === undefined || coverageIn(report) >= report.minCoverage;

/** Everything of a report that can fail, each by itself. */
export function pointsOf(report: TestReport): Point[] {
  const points = report.suites.flatMap(({ suite, results }, index) => {
    const tests = results.map((result) => pointOf(suite.file, result));
    return [...tests, ...mutationPoints(suite.file, report.mutations?.[index])];
  });
  if (report.minCoverage === undefined) return points;
  const failure = isCovered(report) ? undefined : `coverage is ${written(coverageIn(report))} %\n`;
  return [...points, { file: 'coverage', name: `at least ${report.minCoverage} %`, place: undefined, failure }];
}

function pointOf(file: string, result: CaseResult): Point {
  const { name, place } = result.case;
  return { file, name, place, failure: hasPassed(result) ? undefined : failureText(result) };
}

function mutationPoints(file: string, mutation: MutationResult | undefined): Point[] {
  if (mutation === undefined) return [];
  if (mutation.survivors.length === 0)
    return [{ file, name: `${mutation.noticed} mutations are noticed`, place: undefined, failure: undefined }];
  return mutation.survivors.map(({ mutant, place, example }) => ({
    file,
    name: `mutation: ${mutant.name}`,
    place,
    failure: `no test notices this mutation; this one would:\n${example}`,
  }));
}

/** What is not as expected. Safe to print. */
export function failureText({ failures, diff }: CaseResult): string {
  const lines = failures.map(
    ({ line, text, expected, got, hint }) => `line ${line}    ${escapeControls(text)}
expected  ${escapeControls(expected)}
got       ${escapeControls(got)}
look at   ${escapeControls(hint)}
`,
  );
  return `${lines.join('\n')}${diff}`;
}

/** A percentage with at most one digit behind the point, rounded down: 99.99 is not 100. */
export const written = (percent: number): string => String(Math.floor(percent * 10) / 10);
