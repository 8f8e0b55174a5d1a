import { existsSync, readFileSync } from 'node:fs';
import { readLines } from '../io/read-lines.ts';
import { replaceFile } from '../io/replace-file.ts';
import { findRules } from '../packs/rules-files.ts';
import { PACKS } from '../packs/shipped.ts';
import '../rules/linear.ts';
import { loadRules } from '../rules/load.ts';
import { formatProblem, type RulesFile } from '../rules/problem.ts';
import { escapeControls, quote, suggest } from '../rules/quote.ts';
import type { Example, RuleSet } from '../rules/rule.ts';
import { exampleText } from '../workbench/example-text.ts';
import { withExample } from '../workbench/record/insert.ts';
import { recorded } from '../workbench/record/recorded.ts';
import { defineCommand, refuse } from './command.ts';
import type { Diagnostics } from './diagnostics.ts';
import { openDiagnostics } from './open-diagnostics.ts';
import { rulesOrFound } from './found-rules.ts';
import { FAILED, REFUSED, type Exit, type Host } from './host.ts';
import { RULES, set, type Option } from './options.ts';
import type { Parsed } from './parse.ts';
import { print } from './print.ts';
import type { Asked } from './settings.ts';
import { anyText, yesOrNo } from './values.ts';

interface RecordAsked extends Asked {
  rule?: string | undefined;
  name?: string | undefined;
  write?: boolean | undefined;
}

/** An example of more lines is a log: that is what tests with an input are for. */
const MOST_LINES = 200;

const OPTIONS: readonly Option<RecordAsked>[] = [
  { ...RULES, help: RULES.help.replace('builtin)', './relevel.yaml if it is there, else builtin)') },
  {
    name: 'rule',
    value: 'id',
    isTypedOnly: true,
    help: 'the rule whose example it is: only the rules of its file are asked, as relevel check does',
    take: set('rule', anyText),
  },
  {
    name: 'name',
    value: 'text',
    isTypedOnly: true,
    help: 'the name of the example (default: where the lines are from)',
    take: set('name', anyText),
  },
  {
    name: 'write',
    isTypedOnly: true,
    help: 'put the example into the rules file, behind the other examples of --rule; everything else in it stays as it is',
    take: set('write', yesOrNo),
  },
];

export const record = defineCommand<RecordAsked>({
  manual: {
    name: 'record',
    summary: 'make an example of lines of a log',
    words: '<file:first-last> ...',
    about: `Cuts lines out of a log, and prints them as an example in YAML: with the time of each, with
tokens, passwords, keys and mail addresses masked, and with what the rules make of them today.
Read it before you paste it into a rule: is that what the rules should do?`,
    examples: [
      ['relevel record app.log:120-140', 'an example of these lines'],
      ['relevel record -r rules.yaml --rule heals --write app.log:120-140', 'put it into a rule'],
    ],
    after: `Other secrets than those that relevel knows by their form may remain.

Exit status: 0 done; 1 failed while running; 2 usage error, rules with a problem, or lines
that no example can hold.`,
  },
  options: OPTIONS,
  blank: () => ({}),
  run: async (parsed, host) => {
    const faults = faultsOf(parsed);
    if (faults.length > 0) return refuse(faults, 'record', host);
    const diagnostics = await openDiagnostics('text', host);
    const exit = await cut(parsed, host, diagnostics);
    await diagnostics.end();
    return exit;
  },
});

function faultsOf({ asked, words, placeOf }: Parsed<RecordAsked>): string[] {
  const faults: string[] = [];
  if (words.length === 0) faults.push('which lines? name them, such as app.log:120-140');
  for (const word of words) {
    const place = placeIn(word);
    if (place === undefined) faults.push(`${quote(word)} names no lines; write file:120 or file:120-140`);
    else if (place.last - place.first >= MOST_LINES)
      faults.push(
        `${quote(word)}: an example has at most ${MOST_LINES} lines; make it a test with an input, see relevel help test`,
      );
  }
  if (asked.write === true && asked.rule === undefined) faults.push(`${placeOf('write')}: into which rule? say --rule`);
  return faults;
}

interface Place {
  readonly file: string;
  readonly first: number;
  readonly last: number;
}

function placeIn(word: string): Place | undefined {
  const [, file, from, to = from] = /^(.+):([1-9]\d{0,14})(?:-([1-9]\d{0,14}))?$/su.exec(word) ?? [];
  if (file === undefined || Number(to) < Number(from)) return undefined;
  return { file, first: Number(from), last: Number(to) };
}

async function cut(parsed: Parsed<RecordAsked>, host: Host, diagnostics: Diagnostics): Promise<Exit> {
  const { asked, words, placeOf } = parsed;
  const sources = loadFor(asked, placeOf, diagnostics);
  if (sources === undefined) return REFUSED;
  const { file, ruleSet } = sources;

  const places = words.map((word) => placeIn(word)!); // it was checked
  const lines: Buffer[] = [];
  const numbers: string[] = [];
  try {
    for (const { file: log, first, last } of places) {
      const found = readLines(log, first, last);
      if (found.length < last - first + 1) {
        diagnostics.say('error', `${log}: it has no line ${first + found.length}`);
        return REFUSED;
      }
      lines.push(...found);
      numbers.push(...found.map((_, index) => `${log}:${first + index}`));
    }
  } catch (error) {
    if (!(error instanceof Error && error.cause !== undefined)) throw error;
    diagnostics.say('error', error.message);
    return REFUSED;
  }

  const made = recorded(lines, asked.name ?? `as in ${words.join(', ')}`, ruleSet, asked.rule);
  if (made.kind === 'refused') {
    for (const { index, column, why } of made.lines) diagnostics.say('error', `${numbers[index]}:${column}: ${why}`);
    return REFUSED;
  }
  if (made.isMasked) diagnostics.say('info', 'secrets are masked; others may remain, so read the lines before you share them');
  return asked.write === true ? write(made.example, file!, asked.rule!, diagnostics) : print(exampleText(made.example, 6), host);
}

interface RulesToAsk {
  /** The file with the rule of `--rule`. */
  readonly file: RulesFile | undefined;
  readonly ruleSet: RuleSet;
}

/** The rules that are asked; `undefined`, if they do not load, which is said. */
function loadFor(
  { rule, rules, write: writes }: RecordAsked,
  placeOf: (name: string) => string,
  diagnostics: Diagnostics,
): RulesToAsk | undefined {
  const { sources, problems } = findRules(rulesOrFound(rules, diagnostics), PACKS);
  const files = sources.map((source) =>
    source.kind === 'file' ? source.file : PACKS.find((pack) => pack.name === source.name)!,
  );
  const loaded = loadRules(files);
  for (const problem of problems) diagnostics.say('error', `${placeOf('rules')}: ${problem}`);
  for (const problem of loaded.problems) diagnostics.say('error', formatProblem(problem));
  if (problems.length + loaded.problems.length > 0) return undefined;
  if (rule === undefined) return { file: undefined, ruleSet: loaded.ruleSet };
  const ids = loaded.ruleSet.rules.map(({ id }) => id);
  const of = loaded.ruleSet.rules.find(({ id }) => id === rule);
  if (of === undefined) {
    diagnostics.say('error', `${placeOf('rule')}: no rule is called ${quote(rule)}${suggest(rule, ids, 'rules')}`);
    return undefined;
  }
  const file = files.find(({ name }) => name === of.file)!; // it came from one of them
  if (writes === true && !existsSync(file.name)) {
    diagnostics.say(
      'error',
      `${placeOf('write')}: rule ${quote(rule)} is of ${escapeControls(file.name)}, which ships with relevel; leave --write out`,
    );
    return undefined;
  }
  const { ruleSet } = loadRules([file]);
  return { file, ruleSet: { ...ruleSet, read: loaded.ruleSet.read } };
}

function write(example: Example, file: RulesFile, rule: string, diagnostics: Diagnostics): Exit {
  if (!readFileSync(file.name).equals(Buffer.from(file.text))) {
    diagnostics.say(
      'error',
      `${file.name}: it has bytes that are no UTF-8, or is being changed; leave --write out, and paste what is printed`,
    );
    return REFUSED;
  }
  const text = withExample(file, rule, (indent) => exampleText(example, indent));
  if (typeof text !== 'string') {
    diagnostics.say(
      'error',
      `${file.name}:${text.line}:${text.column}: ${text.why}; leave --write out, and paste what is printed`,
    );
    return REFUSED;
  }
  // A layout that nobody has thought of must not cost a rules file.
  const before = loadRules([file]).ruleSet.rules.find(({ id }) => id === rule)!; // it was loaded
  const { ruleSet, problems } = loadRules([{ ...file, text }]);
  const after = ruleSet.rules.find(({ id }) => id === rule);
  if (problems.length > 0 || JSON.stringify(after?.examples) !== JSON.stringify([...before.examples, example])) {
    diagnostics.say('error', `${file.name}: no place for an example was found; leave --write out, and paste what is printed`);
    return REFUSED;
  }
  try {
    replaceFile(file.name, text);
  } catch (error) {
    if (!(error instanceof Error && error.cause !== undefined)) throw error;
    diagnostics.say('error', error.message);
    return FAILED;
  }
  diagnostics.say(
    'info',
    `rule ${quote(rule)} of ${quote(file.name)} has one example more; check it: relevel check ${quote(file.name)}`,
  );
  return { kind: 'done', unread: 0 };
}
