import { quote, suggest } from '../rules/quote.ts';
import { defineCommand, refuse } from './command.ts';
import { filter } from './filter.ts';
import { RULES_SHEET } from './help-texts.ts';
import { print } from './print.ts';
import { renderHelp } from './render-help.ts';

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
    if (name === 'rules') return print(RULES_SHEET, host);
    const manuals = await host.manuals();
    if (name === undefined) return print(renderHelp(filter.manual, manuals), host);
    const manual = manuals.find((each) => each.name === name);
    if (manual !== undefined) return print(renderHelp(manual), host);
    const names = manuals.map((each) => each.name);
    return refuse([`help: ${quote(name)} is no command${suggest(name, names, 'commands')}`], '', host);
  },
});
