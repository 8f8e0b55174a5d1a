import { statSync } from 'node:fs';
import { kindOf } from '../io/input/kinds.ts';
import { quote, suggest } from '../rules/quote.ts';
import { refuse } from './command.ts';
import { COMMANDS } from './commands.ts';
import { filter } from './filter.ts';
import { printLines } from './print.ts';
import type { Exit, Host } from './host.ts';

/** Does what was typed, `args` without the program's name. Whatever is to be said of it has been said when it returns. */
export async function main(args: readonly string[], host: Host): Promise<Exit> {
  const [first] = args;
  if (first === undefined && kindOf(host.stdin) === 'terminal') return filter.run(['--help'], host);
  if (first === undefined || first.startsWith('-')) return filter.run(args, host);
  if (Object.hasOwn(COMMANDS, first)) {
    if (host.stderrIsTerminal() && statSync(first, { throwIfNoEntry: false })?.isFile() === true)
      await printLines([`relevel: ${first} is taken as the command; the file of that name is ./${first}`], host);
    return (await COMMANDS[first]!()).run(args.slice(1), host);
  }
  // A word without a dot or a slash was more likely meant as a command than as a file that is not there.
  if (/^[a-z][a-z-]*$/u.test(first) && statSync(first, { throwIfNoEntry: false }) === undefined) {
    return refuse(
      [`${quote(first)} is neither a command nor a file${suggest(first, Object.keys(COMMANDS), 'commands')}`],
      '',
      host,
    );
  }
  return filter.run(args, host);
}
