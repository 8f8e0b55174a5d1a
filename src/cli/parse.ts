import { quote, suggest } from '../rules/quote.ts';
import type { Environment } from './environment.ts';
import { variableOf, type Option } from './options.ts';

/** What was typed, taken apart. */
export interface Parsed<Asked> {
  readonly asked: Asked;
  /** What is no option. */
  readonly words: readonly string[];
  readonly wants: 'run' | 'help' | 'version';
  /** Where an option was said: `--off`, `RELEVEL_OFF`. */
  readonly placeOf: (name: string) => string;
  /** All that is wrong, each with its place. Safe to print. */
  readonly problems: readonly string[];
}

/** Reads arguments into `asked`; for options that they leave out, the environment. Never throws. */
export function parse<Asked>(
  args: readonly string[],
  env: Environment,
  options: readonly Option<Asked>[],
  asked: Asked,
): Parsed<Asked> {
  const words: string[] = [];
  const problems: string[] = [];
  const places = new Map<string, string>();
  let wants: Parsed<Asked>['wants'] = 'run';

  const take = (option: Option<Asked>, place: string, text: string): void => {
    places.set(option.name, place);
    const expected = option.take(asked, text);
    if (expected !== undefined) problems.push(`${place}: ${quote(text)} is not ${expected}`);
  };

  const rest = args[Symbol.iterator]();
  for (const arg of rest) {
    if (arg === '--') {
      words.push(...rest);
    } else if (arg === '-h' || arg === '--help') {
      wants = 'help';
    } else if (arg === '-V' || arg === '--version') {
      if (wants === 'run') wants = 'version';
    } else if (arg === '-' || !arg.startsWith('-')) {
      words.push(arg);
    } else {
      const { place, text: attached } = takeApart(arg);
      const option = options.find(({ name, short }) => place === `--${name}` || place === `-${short}`);
      if (option === undefined) {
        problems.push(unknownOption(place, options));
      } else if (option.value === undefined) {
        take(option, place, attached ?? 'true');
      } else {
        const text = attached ?? rest.next().value;
        if (text === undefined) problems.push(`${place}: <${option.value}> is missing`);
        else take(option, place, text);
      }
    }
  }

  for (const option of options) {
    if (option.isTypedOnly === true) continue;
    const place = variableOf(option);
    const text = env[place];
    if (text === undefined || text === '' || places.has(option.name)) continue;
    for (const value of option.repeatable === true ? listOf(text) : [text]) take(option, place, value);
  }
  return { asked, words, wants, problems, placeOf: (name) => places.get(name) ?? `--${name}` };
}

/** A variable's list, separated by commas or newlines. */
export const listOf = (text: string): string[] =>
  text
    .split(/[,\n]/u)
    .map((value) => value.trim())
    .filter((value) => value !== '');

/** `--name=value` and `-nvalue`. */
function takeApart(arg: string): { readonly place: string; readonly text: string | undefined } {
  if (!arg.startsWith('--')) return { place: arg.slice(0, 2), text: arg.length > 2 ? arg.slice(2) : undefined };
  const equals = arg.indexOf('=');
  return equals === -1 ? { place: arg, text: undefined } : { place: arg.slice(0, equals), text: arg.slice(equals + 1) };
}

/** Names the nearest option; there are too many to name them all. */
function unknownOption(place: string, options: readonly { readonly name: string }[]): string {
  const names = [...options.map(({ name }) => `--${name}`), '--help', '--version'];
  const nearest = suggest(place, names, 'options');
  return `unknown option ${quote(place)}${nearest.startsWith('; did you mean') ? nearest : ''}`;
}
