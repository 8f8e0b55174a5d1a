import { runExamples, type ExampleFailure } from '../engine/examples.ts';
import { sampleFaults, type SampleFault } from '../formats/text/sample.ts';
import { Kernel } from '../kernel/kernel.ts';
import type { TextFormat } from '../record/text-format.ts';
import { unfitness } from '../rules/fit.ts';
import { loadRules, type Loaded } from '../rules/load.ts';
import '../rules/linear.ts';
import { formatProblem, type Problem, type RulesFile } from '../rules/problem.ts';
import type { RuleSet } from '../rules/rule.ts';
import { escapeControls, quote } from '../rules/quote.ts';
import { withAccounts } from '../workbench/explain/example-hint.ts';
import { byPlace, lint, placeOfRule } from '../workbench/lint/lint.ts';
import { pageOf, type Finding } from '../workbench/lint/finding.ts';
import type { Sampled } from '../workbench/lint/sample.ts';
import { renderSample } from '../workbench/lint/sample-text.ts';
import { changedSince } from './changed-rules.ts';
import { fixFiles } from './check-fix.ts';
import { loweredIn, sampleOf } from './check-logs.ts';
import { defineCommand, refuse } from './command.ts';
import { openDiagnostics } from './open-diagnostics.ts';
import { rulesNamed } from './found-rules.ts';
import { set, type Option } from './options.ts';
import { anyText, oneOf, yesOrNo } from './values.ts';
import { FAILED, REFUSED, type Exit, type Host } from './host.ts';
import type { Parsed } from './parse.ts';
import { print, printLines } from './print.ts';
import { findRules } from '../packs/rules-files.ts';
import { DEFAULTS, type Settings } from './settings.ts';
import { PACKS, VERSION } from '../packs/shipped.ts';

interface CheckAsked {
  format?: Format | undefined;
  never?: string[] | undefined;
  sample?: string[] | undefined;
  since?: string | undefined;
  denyWarnings?: boolean | undefined;
  fix?: boolean | undefined;
  order?: Settings['order'];
}

type Format = 'text' | 'json' | 'github' | 'sarif';

const OPTIONS: readonly Option<CheckAsked>[] = [
  {
    name: 'format',
    value: 'format',
    isTypedOnly: true,
    help: 'how findings are printed: text, json, github (beside the lines of a pull request), sarif (default: text)',
    take: set('format', oneOf('text', 'json', 'github', 'sarif')),
  },
  {
    name: 'never',
    value: 'log',
    repeatable: true,
    isTypedOnly: true,
    help: 'a log of lines that must stay: it is an error if a rule lowers one, or collapses it into a summary',
    take: (asked, text) => {
      if (text === '') return anyText.expected;
      asked.never = [...(asked.never ?? []), text];
      return undefined;
    },
  },
  {
    name: 'sample',
    value: 'log',
    repeatable: true,
    isTypedOnly: true,
    help: 'a log of usual lines: say what each rule would do in it, how long lines would wait, and which rules match nothing',
    take: (asked, text) => {
      if (text === '') return anyText.expected;
      asked.sample = [...(asked.sample ?? []), text];
      return undefined;
    },
  },
  {
    name: 'order',
    value: 'order',
    isTypedOnly: true,
    help: 'how relevel will run: strict, or relaxed, in which a long wait delays no other line (default: strict)',
    take: set('order', oneOf('strict', 'relaxed')),
  },
  {
    name: 'since',
    value: 'commit',
    isTypedOnly: true,
    help: 'only findings about rules that changed since this commit of git; examples run all the same',
    take: set('since', anyText),
  },
  {
    name: 'fix',
    isTypedOnly: true,
    help: 'mend plain-pattern, equals-a-glob and other-name in the files, say what was changed, and check the result',
    take: set('fix', yesOrNo),
  },
  {
    name: 'deny-warnings',
    isTypedOnly: true,
    help: 'exit with 1 also if there are only warnings',
    take: set('denyWarnings', yesOrNo),
  },
];

export const check = defineCommand<CheckAsked>({
  manual: {
    name: 'check',
    summary: 'load rules, say what is wrong with them, run their examples',
    words: '[path ...]',
    about: `Loads rules files, says each problem with its place, runs the examples of the rules, on a
clock of their own, and finds what loads and hardly does what its author wants. A path is a
file, a folder of *.yaml and *.yml, "builtin", or "builtin/<pack>"; without one, the paths are
those of RELEVEL_RULES, or else ./relevel.yaml if it is there, or else "builtin".`,
    examples: [
      ['relevel check rules.yaml', 'one file'],
      ['relevel check rules/', 'all files in a folder'],
      ['relevel check builtin', 'the rules that ship'],
      ['relevel check --never errors.log rules/', 'no rule may lower a line of this log'],
      ['relevel check --sample app.log rules/', 'what each rule would do in this log'],
    ],
    after: `An example runs with all rules of its file: the first that fits a line judges it. A comment
in a rule, "# relevel: allow <code> until <date>", allows a finding; docs/lint explains each.

Exit status: 0 all is as expected; 1 an example is not as expected, a finding is an error, or
the result cannot be written; 2 usage error, a log that cannot be read, or a rules file with a
problem: no examples were run.`,
  },
  options: OPTIONS,
  blank: () => ({}),
  run: runCheck,
});

async function runCheck({ asked, words }: Parsed<CheckAsked>, host: Host): Promise<Exit> {
  const { format = 'text' } = asked;
  if (asked.sample !== undefined && format !== 'text' && format !== 'json')
    return refuse([`--sample: it is printed as text or json, not as ${format}`], 'check', host);
  const diagnostics = await openDiagnostics('text', host);
  const { paths, place } = rulesNamed(words, host.env, diagnostics);
  const { sources, problems } = findRules(paths, PACKS);
  const found = sources.map((source) =>
    source.kind === 'file' ? source.file : PACKS.find((pack) => pack.name === source.name)!,
  );
  const loaded = loadRules(found);
  const unfit = loaded.ruleSet.rules.flatMap((rule) => unfitness(rule) ?? []).map(escapeControls);
  const faults = [...problems.map((problem) => `${place}${problem}`), ...loaded.problems.map(formatProblem), ...unfit];
  if (faults.length > 0) {
    await diagnostics.end();
    const said = faults.map((fault) => `${fault}\n`);
    said.push(`${counted(faults.length, 'problem')}; no examples were run\n`);
    const exit = await print(
      format === 'text' ? said.join('\n') : await machineWords(format, loaded.problems.map(findingOfProblem)),
      host,
    );
    // What is no place in a file has no other way to be told.
    if (format !== 'text')
      await printLines(
        [...problems, ...unfit].map((problem) => `relevel: error: ${problem}`),
        host,
      );
    return exit.kind === 'done' ? REFUSED : exit;
  }

  const since = asked.since === undefined ? undefined : changedSince(asked.since, found, host.env);
  if (since?.kind === 'failed') {
    await diagnostics.end();
    return refuse([`--since: ${since.why}`], 'check', host);
  }
  const isWanted = ({ rule }: Finding): boolean => since === undefined || rule === undefined || since.ids.has(rule);
  const lintFiles = (files: readonly RulesFile[], { ruleSet, warnings }: Loaded) => {
    const { own, loaded: ofLoader } = lint({ files, ruleSet, warnings, now: host.now(), order: asked.order ?? 'strict' });
    return { files, ruleSet, own: own.filter(isWanted), ofLoader: ofLoader.filter(isWanted) };
  };
  let linted = lintFiles(found, loaded);
  if (asked.fix === true) {
    const fixed = fixFiles(found, linted.own, diagnostics);
    if (fixed === undefined) {
      await diagnostics.end();
      return FAILED;
    }
    if (fixed.some((file, index) => file !== found[index])) linted = lintFiles(fixed, loadRules(fixed));
  }
  const { files, ruleSet, own, ofLoader } = linted;
  const logs = { ruleSet, order: asked.order ?? 'strict', host, diagnostics };
  const lowered = await loweredIn(asked.never ?? [], logs);
  const sampled = lowered === undefined || asked.sample === undefined ? undefined : await sampleOf(asked.sample, logs);
  await diagnostics.end();
  if (lowered === undefined || (asked.sample !== undefined && sampled === undefined)) return REFUSED;
  const sample = sampled && { ...sampled, rules: sampled.rules.filter(({ rule }) => since?.ids.has(rule) ?? true) };
  const checks = files.map((file) => checkFile(file, ruleSet));
  const findings = [...own, ...ofLoader, ...lowered, ...checks.flatMap((each) => each.findings)].toSorted(byPlace);
  const text = [
    ...files.flatMap((file, i) => [...own.filter((finding) => finding.file === file.name).map(describeFinding), checks[i]!.said]),
    ...lowered.map(describeFinding),
    ...(sample === undefined ? [] : [`\n${renderSample(sample, asked.sample!)}`]),
  ];
  const exit = await print(format === 'text' ? text.join('') : await machineWords(format, findings, sample), host);
  if (exit.kind !== 'done') return exit;
  const isBad = findings.some(({ severity }) => severity === 'error' || asked.denyWarnings === true);
  return isBad ? FAILED : exit;
}

async function machineWords(format: Exclude<Format, 'text'>, findings: readonly Finding[], sample?: Sampled): Promise<string> {
  const { asGithub, asJson, asSarif } = await import('../workbench/lint/formats.ts');
  if (format === 'json') return asJson(findings, sample);
  return format === 'github' ? asGithub(findings) : asSarif(findings, VERSION);
}

function findingOfProblem({ code, file, line, column, message }: Problem): Finding {
  const [what, ...right] = message.split('; ');
  return { code, severity: 'error', file, line, column, rule: undefined, message: what!, remedy: right.join('; ') };
}

function describeFinding({ code, severity, file, line, column, rule, message, remedy }: Finding): string {
  const of = rule === undefined ? '' : `rule ${quote(rule)}: `;
  const page = pageOf(code);
  return `${escapeControls(file)}:${line}:${column}: ${severity}: ${of}${escapeControls(message)}\n  ${escapeControls(remedy)}${page === undefined ? '' : `; see ${page}`}\n\n`;
}

/** Runs the examples of one file that loads without problems, and reads its samples. `read` stands in one of the files, and is of all. */
function checkFile(file: RulesFile, { read }: RuleSet): { readonly said: string; readonly findings: readonly Finding[] } {
  const { ruleSet: own, warnings } = loadRules([file]);
  const ruleSet = read === undefined ? own : { ...own, read };
  const samples = checkSamples(file, own.read?.formats ?? []);
  const examples = ruleSet.rules.reduce((sum, rule) => sum + rule.examples.length, 0);
  const failures = withAccounts(runExamples(ruleSet, DEFAULTS), ({ rule }) => rule, ruleSet);
  const without = ruleSet.rules.filter((rule) => rule.examples.length === 0).map((rule) => rule.id);
  const verdict = failures.length === 0 ? 'all as expected' : `${failures.length} not as expected`;
  const head = `${escapeControls(file.name)}: ${counted(ruleSet.rules.length, 'rule')}, ${counted(examples, 'example')}`;
  const note = without.length === 0 ? '' : `; without examples: ${without.map(escapeControls).join(', ')}`;
  const said = `${head}${examples === 0 ? '' : `, ${verdict}`}${note}${samples.verdict}\n`;
  const warned = warnings.map((warning) => `${formatProblem({ ...warning, message: `warning: ${warning.message}` })}\n\n`);
  const described = failures.map((failure) => `${describe(file, failure)}\n`);
  const failed = failures.map((failure): Finding => {
    const { rule, example, line, expected, got, hint } = failure;
    const message = `example ${quote(example)}, line ${line}: expected ${expected}, got ${got}`;
    return { code: 'example-fails', severity: 'error', ...placeOfRule(file, rule), rule, message, remedy: `look at ${hint}` };
  });
  const misread = samples.described.map((): Finding => ({
    code: 'sample-fails',
    severity: 'error',
    file: file.name,
    line: 1,
    column: 1,
    rule: undefined,
    message: 'a sample of a format is not read as expected',
    remedy: 'see relevel check without --format',
  }));
  return { said: [...warned, ...described, ...samples.described, said].join(''), findings: [...failed, ...misread] };
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
