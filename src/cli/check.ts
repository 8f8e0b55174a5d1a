import { runExamples, type ExampleFailure } from '../engine/examples.ts';
import { sampleFaults, type SampleFault } from '../formats/text/sample.ts';
import { Kernel } from '../kernel/kernel.ts';
import type { TextFormat } from '../record/text-format.ts';
import { unfitness } from '../rules/fit.ts';
import { loadRules } from '../rules/load.ts';
import '../rules/linear.ts';
import { formatProblem, type RulesFile } from '../rules/problem.ts';
import type { RuleSet } from '../rules/rule.ts';
import { escapeControls, quote } from '../rules/quote.ts';
import { defineCommand } from './command.ts';
import { FAILED, REFUSED, type Exit, type Host } from './host.ts';
import type { Environment } from './environment.ts';
import { listOf, type Parsed } from './parse.ts';
import { print } from './print.ts';
import { findRules } from '../packs/rules-files.ts';
import { DEFAULTS } from './settings.ts';
import { PACKS } from '../packs/shipped.ts';

export const check = defineCommand<object>({
  manual: {
    name: 'check',
    summary: 'load rules, say what is wrong with them, run their examples',
    words: '[path ...]',
    about: `Loads rules files, says each problem with its place, and runs the examples of the rules,
on a clock of their own. A path is a file, a folder of *.yaml and *.yml, "builtin", or
"builtin/<pack>"; without one, the paths are those of RELEVEL_RULES, or else "builtin".`,
    examples: [
      ['relevel check rules.yaml', 'one file'],
      ['relevel check rules/', 'all files in a folder'],
      ['relevel check builtin', 'the rules that ship'],
    ],
    after: `An example runs with all rules of its file: the first that fits a line judges it.

Exit status: 0 all is as expected; 1 an example is not as expected, or the result cannot be
written; 2 usage error, or a rules file with a problem: no examples were run.`,
  },
  options: [],
  blank: () => ({}),
  run: runCheck,
});

async function runCheck({ words }: Parsed<object>, host: Host): Promise<Exit> {
  const { paths, place } = pathsOf(words, host.env);
  const { sources, problems } = findRules(
    paths,
    PACKS.map((pack) => pack.name),
  );
  const files = sources.map((source) =>
    source.kind === 'file' ? source.file : PACKS.find((pack) => pack.name === source.name)!,
  );
  const loaded = loadRules(files);
  const unfit = loaded.ruleSet.rules.flatMap((rule) => unfitness(rule) ?? []).map(escapeControls);
  const faults = [...problems.map((problem) => `${place}${problem}`), ...loaded.problems.map(formatProblem), ...unfit];
  const checks = faults.length > 0 ? [] : files.map((file) => checkFile(file, loaded.ruleSet));
  const said = [...faults.map((fault) => `${fault}\n`), ...checks.map((each) => each.said)];
  if (faults.length > 0) said.push(`${counted(faults.length, 'problem')}; no examples were run\n`);
  const exit = await print(said.join(faults.length > 0 ? '\n' : ''), host);
  if (exit.kind !== 'done') return exit;
  if (faults.length > 0) return REFUSED;
  return checks.some((each) => each.failures > 0) ? FAILED : exit;
}

/** What to check: the words, else what the filter would take from the environment, else what it takes by default; and the place to name in a problem. */
function pathsOf(words: readonly string[], env: Environment): { readonly paths: readonly string[]; readonly place: string } {
  if (words.length > 0) return { paths: words, place: '' };
  const paths = listOf(env['RELEVEL_RULES'] ?? '');
  return paths.length > 0 ? { paths, place: 'RELEVEL_RULES: ' } : { paths: DEFAULTS.rules, place: '' };
}

/** Runs the examples of one file that loads without problems, and reads its samples. `read` stands in one of the files, and is of all. */
function checkFile(file: RulesFile, { read }: RuleSet): { readonly said: string; readonly failures: number } {
  const { ruleSet: own, warnings } = loadRules([file]);
  const ruleSet = read === undefined ? own : { ...own, read };
  const samples = checkSamples(file, own.read?.formats ?? []);
  const examples = ruleSet.rules.reduce((sum, rule) => sum + rule.examples.length, 0);
  const failures = runExamples(ruleSet, DEFAULTS);
  const without = ruleSet.rules.filter((rule) => rule.examples.length === 0).map((rule) => rule.id);
  const verdict = failures.length === 0 ? 'all as expected' : `${failures.length} not as expected`;
  const head = `${escapeControls(file.name)}: ${counted(ruleSet.rules.length, 'rule')}, ${counted(examples, 'example')}`;
  const note = without.length === 0 ? '' : `; without examples: ${without.map(escapeControls).join(', ')}`;
  const said = `${head}${examples === 0 ? '' : `, ${verdict}`}${note}${samples.verdict}\n`;
  const warned = warnings.map((warning) => `${formatProblem({ ...warning, message: `warning: ${warning.message}` })}\n\n`);
  const described = failures.map((failure) => `${describe(file, failure)}\n`);
  return {
    said: [...warned, ...described, ...samples.described, said].join(''),
    failures: failures.length + samples.described.length,
  };
}

/** Reads the samples of the operator's formats. */
function checkSamples(file: RulesFile, formats: readonly TextFormat[]) {
  const samples = formats.flatMap((format) => format.samples.map((sample) => ({ format, sample })));
  if (formats.length === 0) return { described: [], verdict: '' };
  const kernel = new Kernel();
  const described = samples.flatMap(({ format, sample }) => {
    const faults = sampleFaults(kernel, { ...sample, is: { ...sample.is, $format: format.name } }, formats);
    return faults.length === 0 ? [] : [`${describeSample(file, format.name, sample.line, faults)}\n`];
  });
  const result = described.length === 0 ? 'all as expected' : `${described.length} not as expected`;
  const counts = `${counted(formats.length, 'format')}, ${counted(samples.length, 'sample')}`;
  return { described, verdict: samples.length === 0 ? `; ${counts}` : `; ${counts}, ${result}` };
}

function describeSample(file: RulesFile, format: string, line: string, faults: readonly SampleFault[]): string {
  const listed = (what: 'expected' | 'got'): string =>
    escapeControls(faults.map((fault) => `${fault.name} ${fault[what] ?? 'not there'}`).join(', '));
  return `${escapeControls(file.name)}: format ${quote(format)}: a sample is not read as expected
  line      ${escapeControls(line)}
  expected  ${listed('expected')}
  got       ${listed('got')}
`;
}

const counted = (count: number, thing: string): string => `${count} ${thing}${count === 1 ? '' : 's'}`;

function describe(file: RulesFile, { rule, example, line, text, expected, got, hint }: ExampleFailure): string {
  return `${escapeControls(file.name)}: rule ${quote(rule)}, example ${quote(example)}, line ${line}: not as expected
  line      ${escapeControls(text)}
  expected  ${escapeControls(expected)}
  got       ${escapeControls(got)}
  look at   ${escapeControls(hint)}
`;
}
