import type { EngineSettings } from '../engine/settings.ts';
import { LOCAL } from '../io/zone.ts';
import { loadRuleSet } from '../packs/load-rules.ts';
import { LEVELS, levelOf, type LevelName } from '../record/level.ts';
import { UTC } from '../record/zone.ts';
import type { RuleSet } from '../rules/rule.ts';
import { Comparison } from '../workbench/replay/comparison.ts';
import { renderRow, renderTally } from '../workbench/replay/render.ts';
import { Tally } from '../workbench/replay/tally.ts';
import { withShadowsInForce } from '../rules/shadow.ts';
import { hideSecrets } from '../workbench/suggest/secrets.ts';
import { defineCommand } from './command.ts';
import { sayProblems, type Diagnostics } from './diagnostics.ts';
import { openDiagnostics } from './open-diagnostics.ts';
import { rulesOrFound } from './found-rules.ts';
import { REFUSED, type Exit, type Host } from './host.ts';
import { inputsOf } from './inputs.ts';
import { move } from './move.ts';
import { ENVELOPE, LINE_FORMAT, LOG_FORMAT, READ_OPTIONS, RULES, set, type Option } from './options.ts';
import type { Parsed } from './parse.ts';
import { print } from './print.ts';
import { progressOn } from './progress.ts';
import { settingsOf, type Asked, type Settings } from './settings.ts';
import { anyText, oneOf, yesOrNo, noOrYes } from './values.ts';

interface ReplayAsked extends Asked {
  against?: string[] | undefined;
  threshold?: LevelName | undefined;
  rows?: boolean | undefined;
  json?: boolean | undefined;
}

const OPTIONS: readonly Option<ReplayAsked>[] = [
  { ...RULES, help: RULES.help.replace('builtin)', './relevel.yaml if it is there, else builtin)') },
  {
    name: 'against',
    value: 'rules',
    repeatable: true,
    isTypedOnly: true,
    help: 'the rules that are in force, named like --rules (default: none)',
    take: (asked, text) => {
      if (text === '') return anyText.expected;
      asked.against = [...(asked.against ?? []), text];
      return undefined;
    },
  },
  {
    name: 'threshold',
    value: 'level',
    isTypedOnly: true,
    help: 'lines of this level and above are seen: what falls below is hidden (default: error)',
    take: set('threshold', oneOf(...LEVELS)),
  },
  { name: 'rows', isTypedOnly: true, help: 'list each line that would differ', take: set('rows', yesOrNo) },
  { name: 'json', isTypedOnly: true, help: 'print one JSON document, for machines', take: set('json', yesOrNo) },
  {
    name: 'no-mask',
    isTypedOnly: true,
    help: 'print the text of lines as it is; else tokens, passwords and keys in it are hidden',
    take: set('mask', noOrYes),
  },
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

/** As of diff. */
const SAME: Exit = { kind: 'code', code: 0 };
const DIFFERENT: Exit = { kind: 'code', code: 1 };

export const replay = defineCommand<ReplayAsked>({
  manual: {
    name: 'replay',
    summary: 'show what rules would change in a log, before they do',
    words: '[file ...]',
    about: `Runs logs, or stdin, through the rules of --rules and those of --against, and shows of which
lines they make something different: first those that would be hidden and were not, then those
that would be louder. It compares levels, and which lines are collapsed into summaries; not
messages and annotations. It changes nothing.`,
    examples: [
      ['relevel replay -r new.yaml app.log', 'what these rules would change'],
      ['relevel replay -r new.yaml --against old.yaml app.log', 'what a change of the rules would do'],
    ],
    after: 'Exit status: 0 nothing would change; 1 something would; 2 that could not be found out.',
  },
  options: OPTIONS,
  blank: () => ({}),
  run: runReplay,
});

async function runReplay({ asked, words, placeOf }: Parsed<ReplayAsked>, host: Host): Promise<Exit> {
  const settings = settingsOf(asked);
  const diagnostics = await openDiagnostics(settings.logFormat, host);
  const load = (rules: readonly string[], option: string): Promise<RuleSet | undefined> =>
    loadFor({ ...settings, rules }, (name) => (name === 'rules' ? placeOf(option) : placeOf(name)), diagnostics);
  const after = await load(rulesOrFound(asked.rules, diagnostics), 'rules');
  const before = asked.against === undefined ? NO_RULES : await load(asked.against, 'against');
  if (after === undefined || before === undefined) {
    await diagnostics.end();
    return REFUSED;
  }

  const threshold = levelOf(asked.threshold ?? 'error');
  const shown = asked.mask === false ? (text: string): string => text : hideSecrets;
  const tally = new Tally();
  let rows = '';
  const comparison = new Comparison({
    // What is read in two ways cannot be compared: the new rules say how.
    before: { ...before, read: after.read ?? before.read },
    after: withShadowsInForce(after),
    settings: engineSettings(settings),
    threshold,
    wantsText: asked.rows === true ? () => true : tally.wantsText,
    onDifference: (found) => {
      const difference = { ...found, text: found.text === undefined ? undefined : shown(found.text) };
      tally.add(difference);
      if (asked.rows === true && asked.json !== true) rows += renderRow(difference);
    },
    rows: () => {
      const made = rows;
      rows = '';
      return made;
    },
  });
  const progress = progressOn(comparison, () => comparison.linesRead, host);
  const moving = { ...settings, shadow: false, output: undefined, archive: undefined };
  const exit = await move(inputsOf(words, host.stdin), progress.engine, moving, host, diagnostics);
  progress.end();
  await diagnostics.end();
  if (exit.kind !== 'done') return exit.kind === 'failed' ? REFUSED : exit;
  const result = tally.result();
  const { linesRead } = comparison;
  const text =
    asked.json === true
      ? `${JSON.stringify({ linesRead, threshold: LEVELS[threshold], ...result })}\n`
      : renderTally(result, { linesRead, threshold });
  const printed = await print(text, host);
  if (printed.kind === 'failed') return REFUSED;
  // A file that was not read may differ.
  if (exit.unread > 0) return REFUSED;
  return result.changes.length === 0 ? SAME : DIFFERENT;
}

const NO_RULES: RuleSet = { protect: [], rules: [] };

const engineSettings = (settings: Settings): EngineSettings => ({
  ...settings,
  clock: settings.clock === 'order' ? 'order' : 'replay',
  order: 'relaxed',
  zone: UTC,
  local: LOCAL,
  archive: undefined,
});

async function loadFor(
  settings: Settings,
  placeOf: (name: string) => string,
  diagnostics: Diagnostics,
): Promise<RuleSet | undefined> {
  const loaded = await loadRuleSet({ ...settings, placeOf });
  if (loaded.ruleSet === undefined) sayProblems(loaded, diagnostics);
  return loaded.ruleSet;
}
