import { openEngine } from '../engine/engine.ts';
import type { RuleCounts } from '../engine/counts.ts';
import type { PumpEngine } from '../io/pump-engine.ts';
import { LOCAL } from '../io/zone.ts';
import { loadPacks, type Pack } from '../packs/builtin.ts';
import { preparePatterns } from '../packs/load-rules.ts';
import { PACKS } from '../packs/shipped.ts';
import { UTC } from '../record/zone.ts';
import { joinRules } from '../rules/join.ts';
import type { Maturity } from '../rules/maturity.ts';
import { escapeControls, quote, suggest } from '../rules/quote.ts';
import { counted } from '../workbench/counted.ts';
import { defineCommand, refuse } from './command.ts';
import { openDiagnostics } from './open-diagnostics.ts';
import type { Exit, Host } from './host.ts';
import { inputsOf } from './inputs.ts';
import { move } from './move.ts';
import type { Parsed } from './parse.ts';
import { print } from './print.ts';
import { DEFAULTS } from './settings.ts';
import { anyText } from './values.ts';

interface PacksAsked {
  try?: string[];
}

export const packs = defineCommand<PacksAsked>({
  manual: {
    name: 'packs',
    summary: 'list the rules that ship, and try them on a log',
    words: '[pack ...]',
    about: `Lists the packs of rules that ship with relevel: what each is for, and its rules. "builtin" stands
for the stable packs; others, such as those that are incubating, must be named. With names of
packs it also shows why the lines of each rule are harmless, and where to read more. With --try
it runs all packs over log files instead, and shows which rules match, and what they would do
with the lines. It changes nothing.`,
    examples: [
      ['relevel packs', 'all of them'],
      ['relevel packs kubelet', 'one pack, with reasons and sources'],
      ['relevel packs --try app.log', 'what they would lower in a log'],
      ['relevel --rules builtin/kubelet app.log', 'use one pack'],
    ],
    after: 'Exit status: 0 done; 1 failed while running; 2 usage error.',
  },
  options: [
    {
      name: 'try',
      value: 'file',
      repeatable: true,
      isTypedOnly: true,
      help: 'run the packs over this log, or over stdin ("-")',
      take: (asked, text) => {
        if (text === '') return anyText.expected;
        asked.try = [...(asked.try ?? []), text];
        return undefined;
      },
    },
  ],
  blank: () => ({}),
  run: runPacks,
});

async function runPacks({ asked, words }: Parsed<PacksAsked>, host: Host): Promise<Exit> {
  const all = await loadPacks();
  const names = all.map(({ name }) => shortName(name));
  const unknown = words.filter((word) => !names.includes(shortName(word)));
  if (unknown.length > 0)
    return refuse(
      unknown.map((word) => `no pack is called ${quote(word)}${suggest(word, names, 'packs')}`),
      'packs',
      host,
    );
  const chosen = words.length === 0 ? all : all.filter(({ name }) => words.some((word) => shortName(word) === shortName(name)));
  await preparePatterns(chosen);
  if (asked.try !== undefined) return tryPacks(chosen, asked.try, host);
  return print(chosen.map((pack) => listed(pack, words.length > 0)).join('\n'), host);
}

/** A pack may be named as `--rules` names it. */
const shortName = (name: string): string => name.replace(/^builtin\//u, '');

function listed({ name, maturity, ruleSet }: Pack, isWhole: boolean): string {
  const rules = ruleSet.rules.map(({ id, why, refs }) =>
    isWhole ? [`  ${id}`, ...wrapped(why ?? '', '    '), ...refs.map((ref) => `    ${ref}`)].join('\n') : `  ${id}`,
  );
  return [headOf(name, maturity), ...wrapped(purposeOf(name), '  '), '', ...rules, ''].join('\n');
}

/** What is not stable is used only if it is named. */
const headOf = (name: string, maturity: Maturity): string => (maturity === 'stable' ? name : `${name} (${maturity})`);

/** The comment at the beginning of a pack says what it is for. */
function purposeOf(name: string): string {
  const { text } = PACKS.find((pack) => pack.name === name)!;
  const [comment = ''] = /^(?:#.*\n)*/u.exec(text) ?? [];
  return comment.replaceAll(/^# ?/gmu, '').trim().replaceAll('\n', ' ');
}

const WIDTH = 80;

function wrapped(text: string, indent: string): string[] {
  const lines: string[] = [];
  let line = indent;
  for (const word of text.split(/\s+/u)) {
    if (line !== indent && line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = indent;
    }
    line += line === indent ? word : ` ${word}`;
  }
  return [...lines, line];
}

async function tryPacks(chosen: readonly Pack[], files: readonly string[], host: Host): Promise<Exit> {
  const diagnostics = await openDiagnostics(DEFAULTS.logFormat, host);
  const { ruleSet } = joinRules(
    chosen.map((pack) => pack.ruleSet),
    [],
    '',
  );
  const engine = openEngine(ruleSet, {
    ...DEFAULTS,
    clock: 'replay',
    order: 'relaxed',
    zone: UTC,
    local: LOCAL,
    archive: undefined,
  });
  const exit = await move(inputsOf(files, host.stdin), silent(engine), { ...DEFAULTS, output: undefined }, host, diagnostics);
  await diagnostics.end();
  if (exit.kind !== 'done') return exit;
  const shown = chosen.flatMap((pack) => found(pack, engine.counts.rules) ?? []);
  const { linesIn, changed, folded } = engine.counts;
  const total = `${counted(linesIn, 'line')}: ${counted(changed + folded, 'line')} lowered or collapsed into summaries by ${counted(shown.length, 'pack')}\n`;
  const printed = await print([...shown, total].join('\n'), host);
  // The exit of the reading says which files could not be read.
  return printed.kind === 'done' ? exit : printed;
}

/** The engine, with nothing written. */
const silent = (engine: PumpEngine): PumpEngine => ({
  source: (name) => {
    const source = engine.source(name);
    return { input: () => source.input({ write: () => {} }), end: (now) => source.end(now) };
  },
  room: (size) => engine.room(size),
  advance: (now) => engine.advance(now),
  nextDue: () => engine.nextDue(),
  standDown: () => engine.standDown(),
});

/** What a pack's rules did; `undefined` if none matched a line. */
function found({ name, maturity, ruleSet }: Pack, counts: ReadonlyMap<string, RuleCounts>): string | undefined {
  const rows = ruleSet.rules.flatMap(({ id, why }) => {
    const { fitted, lowered, stayed, folded } = counts.get(id)!;
    if (fitted === 0) return [];
    const unchanged = fitted - lowered - stayed - folded;
    const parts = [
      `${counted(fitted, 'line')} matched`,
      ...(lowered > 0 ? [`${lowered} lowered`] : []),
      ...(stayed > 0 ? [`${stayed} kept their level`] : []),
      ...(folded > 0 ? [`${folded} collapsed into summaries`] : []),
      ...(unchanged > 0 ? [`${unchanged} unchanged`] : []),
    ];
    return [`  ${escapeControls(id)}: ${parts.join(', ')}`, ...wrapped(why ?? '', '    ')];
  });
  return rows.length === 0 ? undefined : [headOf(name, maturity), ...rows, ''].join('\n');
}
