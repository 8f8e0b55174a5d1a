import { Command as Commander, Option as CommanderOption } from 'commander';
import { quote, suggest } from '../rules/quote.ts';
import { defineCommand, refuse, type Manual } from './command.ts';
import { COMMANDS } from './commands.ts';
import { filter } from './filter.ts';
import { RULES_SHEET, SHORT_HELP, SHORT_HELP_END } from './help-texts.ts';
import { print } from './print.ts';

export const help = defineCommand<object>({
  manual: {
    name: 'help',
    summary: 'show how to use relevel, or one of its commands',
    words: '[command | rules]',
    about: 'Shows every option of relevel, or how to use one of its commands, or the rule language on one screen.',
    after: '',
  },
  options: [],
  blank: () => ({}),
  run: async ({ words }, host) => {
    const [name] = words;
    if (name === undefined) return print(await renderHelp(filter.manual), host);
    if (name === 'rules') return print(RULES_SHEET, host);
    if (Object.hasOwn(COMMANDS, name)) return print(await renderHelp((await COMMANDS[name]!()).manual), host);
    return refuse([`help: ${quote(name)} is no command${suggest(name, Object.keys(COMMANDS), 'commands')}`], '', host);
  },
});

const WIDTH = 96;

/** The help that fits on a screen. */
export async function renderShortHelp(): Promise<string> {
  const manuals = await Promise.all(Object.values(COMMANDS).map(async (load) => (await load()).manual));
  const names = manuals.map(({ name }) => name).join(', ');
  return `${SHORT_HELP}\nCommands: ${names}\n${SHORT_HELP_END}`;
}

/** The help of a command, laid out by commander; of the filter, with the list of commands. */
export async function renderHelp({ name, words, about, options, examples = [], after }: Manual): Promise<string> {
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
  if (name === '') await addCommands(command);
  const width = Math.max(...examples.map(([line]) => line.length));
  const shown = examples.map(([line, what]) => `  ${line.padEnd(width)}  ${what}\n`).join('');
  const below = [...(shown === '' ? [] : [`Examples:\n${shown}`]), ...(after === '' ? [] : [`${after}\n`])];
  return [command.helpInformation(), ...below].join('\n');
}

async function addCommands(command: Commander): Promise<void> {
  for (const load of Object.values(COMMANDS)) {
    const { manual } = await load();
    command.addCommand(new Commander(manual.name).summary(manual.summary).usage(manual.words).helpOption(false));
  }
}
