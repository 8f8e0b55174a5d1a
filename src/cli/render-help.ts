import { Command as Commander, Option as CommanderOption } from 'commander';
import { SHORT_HELP, SHORT_HELP_END } from './help-texts.ts';
import type { Manual } from './manual.ts';

const WIDTH = 96;

/** As the text of the short help. */
const SHORT_WIDTH = 100;

/** The help that fits on a screen. */
export function renderShortHelp(commands: readonly Manual[]): string {
  const rows = ['Commands:'];
  for (const [at, { name }] of commands.entries()) {
    const word = ` ${name}${at === commands.length - 1 ? '' : ','}`;
    if (rows.at(-1)!.length + word.length <= SHORT_WIDTH) rows.push(rows.pop()! + word);
    else rows.push(`         ${word}`);
  }
  return `${SHORT_HELP}\n${rows.join('\n')}\n${SHORT_HELP_END}`;
}

/** The help of a command, laid out by commander, with a list of `commands` if there are any. */
export function renderHelp(
  { name, words, about, options, examples = [], after }: Manual,
  commands: readonly Manual[] = [],
): string {
  const command = new Commander(name === '' ? 'relevel' : `relevel ${name}`)
    .usage(`[options] ${words}`)
    .description(about)
    .helpOption('-h, --help', 'show this help')
    .helpCommand(false)
    .configureHelp({ helpWidth: WIDTH });
  for (const { name: option, short, value, repeatable, help: text } of options) {
    const flags = `${short === undefined ? '' : `-${short}, `}--${option}${value === undefined ? '' : ` <${value}>`}`;
    command.addOption(new CommanderOption(flags, repeatable === true ? `${text}; repeatable` : text));
  }
  command.addOption(new CommanderOption('-V, --version', 'show the version'));
  for (const manual of commands)
    command.addCommand(new Commander(manual.name).summary(manual.summary).usage(manual.words).helpOption(false));
  const width = Math.max(...examples.map(([line]) => line.length));
  const shown = examples.map(([line, what]) => `  ${line.padEnd(width)}  ${what}\n`).join('');
  const below = [...(shown === '' ? [] : [`Examples:\n${shown}`]), ...(after === '' ? [] : [`${after}\n`])];
  return [command.helpInformation(), ...below].join('\n');
}
