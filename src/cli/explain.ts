import { existsSync } from 'node:fs';
import type { EngineSettings } from '../engine/settings.ts';
import { LOCAL } from '../io/zone.ts';
import { loadRuleSet } from '../packs/load-rules.ts';
import { UTC } from '../record/zone.ts';
import { quote, suggest } from '../rules/quote.ts';
import type { RuleSet } from '../rules/rule.ts';
import type { PlacedLine } from '../workbench/line-reader.ts';
import { Explainer } from '../workbench/explain/explainer.ts';
import { renderAccount } from '../workbench/explain/render.ts';
import { defineCommand, refuse } from './command.ts';
import { sayProblems } from './diagnostics.ts';
import { openDiagnostics } from './open-diagnostics.ts';
import { holdsRules, rulesOrFound } from './found-rules.ts';
import { REFUSED, type Exit, type Host } from './host.ts';
import { inputsOf } from './inputs.ts';
import { LineEngine } from './line-engine.ts';
import { move } from './move.ts';
import { ENVELOPE, LINE_FORMAT, LOG_FORMAT, READ_OPTIONS, RULES, set, type Option } from './options.ts';
import type { Parsed } from './parse.ts';
import { print } from './print.ts';
import { settingsOf, type Asked, type Settings } from './settings.ts';
import { anyText, oneOf, yesOrNo } from './values.ts';

interface ExplainAsked extends Asked {
  rule?: string | undefined;
  whyNot?: string | undefined;
  line?: string | undefined;
  json?: boolean | undefined;
}

const OPTIONS: readonly Option<ExplainAsked>[] = [
  { ...RULES, help: RULES.help.replace('builtin)', './relevel.yaml if it is there, else builtin)') },
  { name: 'rule', value: 'id', isTypedOnly: true, help: 'only what this rule does, or fails to do', take: set('rule', anyText) },
  {
    name: 'why-not',
    value: 'id',
    isTypedOnly: true,
    help: 'ask this rule about all lines, and count which of its conditions stopped how many',
    take: set('whyNot', anyText),
  },
  { name: 'line', value: 'text', isTypedOnly: true, help: 'explain this line, and read no file', take: set('line', anyText) },
  { name: 'json', isTypedOnly: true, help: 'print one JSON document, for machines', take: set('json', yesOrNo) },
  LINE_FORMAT,
  ENVELOPE,
  ...READ_OPTIONS,
  {
    name: 'clock',
    value: 'clock',
    help: 'replay: the timestamps in the lines; order: the order of lines, if times cannot be compared (default: replay)',
    take: (asked, text) => set('clock', oneOf<Settings['clock']>('replay', 'order'))(asked, text),
  },
  LOG_FORMAT,
];

export const explain = defineCommand<ExplainAsked>({
  manual: {
    name: 'explain',
    summary: 'show why a rule did, or did not, change a line',
    words: '[file[:line] ...]',
    about: `Runs log files, or stdin, through the rules, and shows why lines became what they are: how
relevel read the line, which rule applied to it, what it waited for and what came instead, and
which rules nearly match it: the condition that fails, what the line has there, and the smallest
change that would do. With <file>:<line> it explains this line; else some lines of each kind,
and what each rule did. It changes nothing.`,
    examples: [
      ['relevel explain --rules rules.yaml app.log', 'what the rules make of a log'],
      ['relevel explain --rules rules.yaml app.log:120', 'one line, with the file around it'],
      ['relevel explain --why-not retry-heals app.log', 'what keeps lines from one rule'],
    ],
    after: 'Exit status: 0 done; 1 failed while running; 2 usage error, or rules with a problem.',
  },
  options: OPTIONS,
  blank: () => ({}),
  run: runExplain,
});

async function runExplain({ asked, words, placeOf }: Parsed<ExplainAsked>, host: Host): Promise<Exit> {
  const settings = settingsOf(asked);
  const faults = faultsOf(asked, words, placeOf);
  if (faults.length > 0) return refuse(faults, 'explain', host);
  const diagnostics = await openDiagnostics(settings.logFormat, host);
  const rules = rulesOrFound(asked.rules, diagnostics);
  const loaded = await loadRuleSet({ ...settings, rules, placeOf });
  const { ruleSet } = loaded;
  if (ruleSet === undefined) {
    sayProblems(loaded, diagnostics);
    await diagnostics.end();
    return REFUSED;
  }
  const only = asked.whyNot ?? asked.rule;
  const unknown =
    only === undefined ? undefined : unknownRule(only, ruleSet, placeOf(asked.whyNot === undefined ? 'rule' : 'why-not'));
  if (unknown !== undefined) {
    await diagnostics.end();
    return refuse([unknown], 'explain', host);
  }
  const places = words.map(placeIn);
  const engine: EngineSettings = {
    ...settings,
    clock: asked.clock === 'order' ? 'order' : 'replay',
    order: 'relaxed',
    zone: UTC,
    local: LOCAL,
    archive: undefined,
  };
  const explainer = new Explainer({ ruleSet, settings: engine, now: host.now(), rule: only, isAsked: askedFor(places, asked) });
  const exit = asked.line === undefined ? await readFiles(explainer) : explainLine(asked.line);
  await diagnostics.end();
  if (exit !== undefined && exit.kind !== 'done') return exit;
  const account = explainer.account();
  const shown =
    asked.json === true ? `${JSON.stringify(account)}\n` : renderAccount(account, { areRulesAsked: asked.whyNot !== undefined });
  const printed = await print(shown, host);
  return printed.kind === 'done' && exit !== undefined ? exit : printed;

  async function readFiles(into: Explainer): Promise<Exit> {
    const reading = {
      begin: (name: string) => into.begin(name),
      line: (line: Buffer) => {
        into.line(line);
        return '';
      },
      end: () => {
        into.end();
        return '';
      },
    };
    const inputs = inputsOf([...new Set(places.map(({ file }) => file))], host.stdin);
    return move(
      inputs,
      new LineEngine(reading, settings.maxLine),
      { ...settings, output: undefined, archive: undefined },
      host,
      diagnostics,
    );
  }

  function explainLine(text: string): undefined {
    explainer.begin('--line');
    for (const line of text.split('\n')) explainer.line(Buffer.from(line));
    explainer.end();
  }
}

/** What cannot be asked. */
function faultsOf({ line, rule, whyNot }: ExplainAsked, words: readonly string[], placeOf: (name: string) => string): string[] {
  const faults: string[] = [];
  if (line !== undefined && words.length > 0)
    faults.push(`${placeOf('line')}: it is explained without a file; leave ${quote(words[0]!)} out`);
  if (rule !== undefined && whyNot !== undefined) faults.push(`${placeOf('why-not')}: say either --rule or --why-not`);
  for (const word of words) if (holdsRules(word)) faults.push(`${quote(word)} is a rules file, and no log; name it with --rules`);
  return faults;
}

function unknownRule(id: string, { rules }: RuleSet, place: string): string | undefined {
  const ids = rules.map((rule) => rule.id);
  return ids.includes(id) ? undefined : `${place}: no rule is called ${quote(id)}${suggest(id, ids, 'rules')}`;
}

interface Place {
  readonly file: string;
  readonly line: number | undefined;
}

/** `app.log:120`, unless a file is called so. */
function placeIn(word: string): Place {
  const [, file, line] = /^(.+):([1-9]\d{0,14})$/u.exec(word) ?? [];
  if (file === undefined || existsSync(word)) return { file: word, line: undefined };
  return { file, line: Number(line) };
}

/** The lines that are asked about; `undefined`, if it is for us to choose some. */
function askedFor(places: readonly Place[], { line }: ExplainAsked): ((place: PlacedLine) => boolean) | undefined {
  if (line !== undefined) return () => true;
  const asked = new Set(places.flatMap((place) => (place.line === undefined ? [] : [`${place.file}:${place.line}`])));
  return asked.size === 0 ? undefined : ({ source, number }) => asked.has(`${source}:${number}`);
}
