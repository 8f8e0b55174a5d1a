import { escapeControls } from '../rules/quote.ts';
import { REFUSED, type Exit, type Host } from './host.ts';
import type { Manual } from './manual.ts';
import type { Option } from './options.ts';
import { parse, type Parsed } from './parse.ts';
import { print, printLines } from './print.ts';

export interface Command {
  readonly manual: Manual;
  /** `args`: without the command's own name. */
  readonly run: (args: readonly string[], host: Host) => Promise<Exit>;
}

export interface CommandParts<Asked> {
  readonly manual: Omit<Manual, 'options'>;
  readonly options: readonly Option<Asked>[];
  /** Nothing was said yet. */
  readonly blank: () => Asked;
  readonly run: (parsed: Parsed<Asked>, host: Host) => Promise<Exit>;
}

/** Makes a command of its parts. */
export function defineCommand<Asked>({ manual, options, blank, run }: CommandParts<Asked>): Command {
  const whole: Manual = { ...manual, options };
  return {
    manual: whole,
    run: async (args, host) => {
      const parsed = parse(args, host.env, options, blank());
      return (await answerInstead(parsed, whole, host)) ?? run(parsed, host);
    },
  };
}

/** Answers `--help`, `--version` and what is asked wrongly; `undefined` where there is something to do. */
export async function answerInstead(parsed: Parsed<unknown>, manual: Manual, host: Host): Promise<Exit | undefined> {
  if (parsed.wants === 'help') return print(await helpOf(manual, host), host);
  if (parsed.wants === 'version') return print(`${(await import('../packs/shipped.ts')).VERSION}\n`, host);
  return parsed.problems.length > 0 ? refuse(parsed.problems, manual.name, host) : undefined;
}

/** Says what was asked wrongly, and where to read how it is asked. */
export async function refuse(problems: readonly string[], command: string, host: Host): Promise<Exit> {
  const help = command === '' ? 'relevel --help' : `relevel help ${command}`;
  await printLines([...problems.map((problem) => `relevel: error: ${problem}`), `relevel: see "${escapeControls(help)}"`], host);
  return REFUSED;
}

/** The filter has so many options that its help is short, and `relevel help` the long one. */
async function helpOf(manual: Manual, { manuals }: Host): Promise<string> {
  const { renderHelp, renderShortHelp } = await import('./render-help.ts');
  return manual.name === '' ? renderShortHelp(await manuals()) : renderHelp(manual);
}
