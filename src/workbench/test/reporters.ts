import { counted } from '../counted.ts';
import { escapeControls, quote } from '../../rules/quote.ts';
import { escapeData, escapeProperty } from '../lint/formats.ts';
import { coverageIn, failureText, isCovered, pointsOf, written, type Point, type TestReport } from './points.ts';
import { hasPassed, type SuiteResult } from './run-suite.ts';

/** For people. */
export function asText(report: TestReport): string {
  const suites = report.suites.map((suite, index) => suiteText(suite) + mutationText(report, index));
  const tests = report.suites.flatMap(({ results }) => results);
  const failed = tests.filter((result) => !hasPassed(result)).length;
  const updated = tests.filter(({ isUpdated }) => isUpdated).length;
  const verdict = failed === 0 ? 'all passed' : `${failed} failed`;
  const news = updated === 0 ? '' : `; ${counted(updated, 'golden file')} written`;
  return `${suites.join('')}${counted(tests.length, 'test')}, ${verdict}${news}\n${coverageText(report)}`;
}

function suiteText({ suite, results }: SuiteResult): string {
  const failures = results.filter((result) => !hasPassed(result));
  const described = failures.map(
    (result) =>
      `${placeText(result.case.place)}: ${quote(result.case.name)}: not as expected\n${indented(failureText(result))}\n`,
  );
  const verdict = failures.length === 0 ? 'all passed' : `${failures.length} failed`;
  const { rules } = suite.ruleSet;
  const head = `${escapeControls(suite.file)}: ${counted(rules.length, 'rule')}, ${counted(results.length, 'test')}`;
  return `${described.join('')}${head}${results.length === 0 ? '' : `, ${verdict}`}\n`;
}

function mutationText({ mutations, suites }: TestReport, index: number): string {
  const mutation = mutations?.[index];
  if (mutation === undefined) return '';
  const { survivors, noticed, equivalent } = mutation;
  const described = survivors.map(
    ({ mutant, place, example }) =>
      `${placeText(place)}: no test notices this mutation: ${escapeControls(mutant.name)}; this one would:\n${example}\n`,
  );
  const all = noticed + survivors.length + equivalent.length;
  const alike = equivalent.length === 0 ? '' : `, ${equivalent.length} equivalent on all that was tried`;
  const file = escapeControls(suites[index]!.suite.file);
  return `${described.join('')}${file}: ${counted(all, 'mutation')}: ${noticed} noticed, ${survivors.length} not noticed${alike}\n`;
}

function coverageText(report: TestReport): string {
  const rules = report.suites.flatMap(({ coverage }) => coverage);
  const ways = rules.reduce((sum, rule) => sum + rule.ways.length, 0);
  const missing = rules.filter((rule) => rule.missing.length > 0);
  const shown = ways - missing.reduce((sum, rule) => sum + rule.missing.length, 0);
  const listed = missing.map((rule) => `  rule ${quote(rule.rule)}: no test shows ${rule.missing.join(', ')}\n`);
  const bound = isCovered(report) ? '' : `, and --min-coverage is ${report.minCoverage} %`;
  return `coverage: ${shown} of ${ways} ways in which rules decide (${written(coverageIn(report))} %)${bound}\n${listed.join('')}`;
}

const placeText = (place: Point['place']): string =>
  place === undefined ? 'rules' : `${escapeControls(place.file)}:${place.line}:${place.column}`;

const indented = (text: string): string => text.replace(/^(?=.)/gmu, '  ');

/** TAP, version 14: https://testanything.org/tap-version-14-specification.html. */
export function asTap(report: TestReport): string {
  const points = pointsOf(report);
  const lines = points.map(({ file, name, place, failure }, index) => {
    const description = escapeControls(`${file}: ${name}`).replace(/[\\#]/gu, String.raw`\$&`);
    if (failure === undefined) return `ok ${index + 1} - ${description}\n`;
    const at = place === undefined ? '' : `  at: ${JSON.stringify(placeText(place))}\n`;
    return `not ok ${index + 1} - ${description}\n  ---\n${at}  message: |\n${failure.replace(/^(?=.)/gmu, '    ')}  ...\n`;
  });
  return `TAP version 14\n1..${points.length}\n${lines.join('')}`;
}

/** JUnit's XML, as CI servers read it: a test suite for each file. */
export function asJunit(report: TestReport): string {
  const points = pointsOf(report);
  const files = [...new Set(points.map(({ file }) => file))];
  const suites = files.map((file) => {
    const each = points.filter((point) => point.file === file);
    const cases = each.map(({ name, place, failure }) => {
      const where = place === undefined ? '' : ` file="${xml(place.file)}" line="${place.line}"`;
      const head = `    <testcase classname="${xml(file)}" name="${xml(name)}"${where}`;
      if (failure === undefined) return `${head}/>\n`;
      return `${head}>\n      <failure message="not as expected">${xml(failure)}</failure>\n    </testcase>\n`;
    });
    return `  <testsuite name="${xml(file)}" ${totals(each)}>\n${cases.join('')}  </testsuite>\n`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="relevel test" ${totals(points)}>\n${suites.join('')}</testsuites>\n`;
}

const totals = (points: readonly Point[]): string =>
  `tests="${points.length}" failures="${points.filter(({ failure }) => failure !== undefined).length}"`;

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** XML 1.0 has no way to write most control characters, nor half a surrogate pair. */
const xml = (text: string): string =>
  text
    .replace(/[^\P{Cc}\n\t]|[\p{Cs}\ufffe\uffff]/gu, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .replace(/[&<>"]/gu, (char) => ENTITIES[char]!);

/** Commands of a workflow, which GitHub shows beside the lines. */
export function asGithub(report: TestReport): string {
  return pointsOf(report)
    .flatMap(({ file, name, place, failure }) => {
      if (failure === undefined) return [];
      const { line, column } = place ?? { line: 1, column: 1 };
      const properties = { file: place?.file ?? file, line, col: column, title: `relevel test: ${name}` };
      const listed = Object.entries(properties).map(([key, value]) => `${key}=${escapeProperty(escapeControls(String(value)))}`);
      return [`::error ${listed.join(',')}::${escapeData(failure)}\n`];
    })
    .join('');
}
