import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { COMMANDS } from '../../src/cli/commands.ts';
import { filter } from '../../src/cli/filter.ts';
import type { Option } from '../../src/cli/options.ts';

export const ROOT = join(import.meta.dirname, '../..');

/** What a user reads, by its path. CHANGELOG and CONTRIBUTING are for those who look into it. */
export const PAGES: readonly string[] = [
  'README.md',
  'deploy/README.md',
  ...readdirSync(join(ROOT, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .toSorted()
    .map((name) => `docs/${name}`),
];

export const textOf = (page: string): string => readFileSync(join(ROOT, page), 'utf8');

/** A fenced block: `console` shows commands and what they say; a name behind the kind is that of a file, which it shows. */
export const BLOCK = /^```(\w+)(?: (\S+))?\n(.*?)^```$/gmsu;

/** A part of a page that is written by its test: `<!-- options: run -->` to `<!-- /options -->`. */
export const PART = /(<!-- (\w+)(?:: (\w+))? -->\n).*?(<!-- \/\2 -->)/gsu;

type Shown = Omit<Option<never>, 'take'>;

/** Of a command, `relevel` being the filter. */
export async function optionsOf(command: string): Promise<readonly Shown[]> {
  return command === 'relevel' ? filter.manual.options : (await COMMANDS[command]!()).manual.options;
}

/** Commands that do what the filter does. */
const FILTERS: readonly string[] = ['run', 'follow'];

/** Options as a table; of those that do what the filter does, only what it has not, or says otherwise. */
export async function optionsTable(command: string): Promise<string> {
  const common = FILTERS.includes(command) ? filter.manual.options : [];
  const own = (await optionsOf(command)).filter(
    ({ name, help }) => !common.some((each) => each.name === name && each.help === help),
  );
  const rows = own.map(({ name, short, value, repeatable, help }) => {
    const flags = [...(short === undefined ? [] : [`-${short}`]), `--${name}${value === undefined ? '' : ` <${value}>`}`];
    return [flags.map((flag) => `\`${flag}\``).join(', '), escaped(`${help}${repeatable === true ? '; repeatable' : ''}`)];
  });
  return table(['option', ''], rows);
}

/** A table in Markdown, with what stands before and behind it. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |\n`.replaceAll('|  |', '| |'));
  return `\n${lines.join('')}\n`;
}

const escaped = (text: string): string =>
  text
    .replaceAll(/\*\.\w+/gu, '`$&`')
    .replaceAll('<', String.raw`\<`)
    .replaceAll('|', String.raw`\|`);

export const isThere = (path: string): boolean => existsSync(join(ROOT, path));
