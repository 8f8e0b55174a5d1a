import { quote } from '../rules/quote.ts';
import { defineCommand, refuse } from './command.ts';
import { filter } from './filter.ts';
import type { Manual } from './manual.ts';
import { print } from './print.ts';

const SHELLS = ['bash', 'zsh', 'fish'] as const;
type Shell = (typeof SHELLS)[number];

export const completions = defineCommand<object>({
  manual: {
    name: 'completions',
    summary: 'print a completion script for bash, zsh or fish',
    words: '<shell>',
    about: 'Prints a script with which a shell completes commands, options and files: bash, zsh, fish.',
    after: `bash:  relevel completions bash > ~/.local/share/bash-completion/completions/relevel
zsh:   relevel completions zsh > ~/.zfunc/_relevel    (in a folder of $fpath)
fish:  relevel completions fish > ~/.config/fish/completions/relevel.fish`,
  },
  options: [],
  blank: () => ({}),
  run: async ({ words }, host) => {
    const shell = SHELLS.find((name) => name === words[0]);
    if (shell === undefined || words.length > 1) {
      const problem =
        words[0] === undefined ? 'completions: which shell is missing' : `completions: ${quote(words.join(' '))} is no shell`;
      return refuse([`${problem}; shells are ${SHELLS.join(', ')}`], 'completions', host);
    }
    return print(completionsFor(shell, await host.manuals()), host);
  },
});

/** The script of a shell, made from the same tables as the help. */
export function completionsFor(shell: Shell, commands: readonly Manual[]): string {
  return { bash, zsh, fish }[shell]([filter.manual, ...commands]);
}

interface Flag {
  readonly name: string;
  readonly short: string | undefined;
  readonly value: string | undefined;
  readonly help: string;
}

const flagsOf = ({ options }: Manual): Flag[] => [
  ...options.map(({ name, short, value, help }) => ({ name, short, value, help })),
  { name: 'help', short: 'h', value: undefined, help: 'show this help' },
  { name: 'version', short: 'V', value: undefined, help: 'show the version' },
];

/** What stands before the first ":", ";" or "(": a completion has room for a few words. */
const briefly = (help: string): string => /^[^:;(]*/u.exec(help)![0].trim();

const namesOf = (manuals: readonly Manual[]): string[] => manuals.map(({ name }) => name).filter((name) => name !== '');

function bash(manuals: readonly Manual[]): string {
  const cases = manuals.map((manual) => {
    const words = flagsOf(manual).map(({ name }) => `--${name}`);
    return `    ${manual.name === '' ? "''" : manual.name}) words='${words.join(' ')}' ;;`;
  });
  const names = namesOf(manuals).join(' ');
  return `# bash completion for relevel; "relevel completions bash" prints this.
_relevel() {
  local current=\${COMP_WORDS[COMP_CWORD]} command='' words='' i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    [[ \${COMP_WORDS[i]} == -- ]] && return
    [[ $i == 1 && ' ${names} ' == *" \${COMP_WORDS[i]} "* ]] && command=\${COMP_WORDS[i]}
  done
  case $command in
${cases.join('\n')}
  esac
  [[ $COMP_CWORD == 1 ]] && words="${names} $words"
  [[ $command == help ]] && words='${names}'
  [[ $command == completions ]] && words='${SHELLS.join(' ')}'
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}
complete -o bashdefault -o default -F _relevel relevel
`;
}

/** Between single quotes, for zsh's \`_arguments\`, which gives colons and brackets a meaning. */
const zshText = (text: string): string => text.replace(/[[\]:\\]/gu, String.raw`\$&`).replaceAll("'", String.raw`'\''`);

function zsh(manuals: readonly Manual[]): string {
  const specsOf = (manual: Manual): string =>
    flagsOf(manual)
      .map(({ name, value, help }) => {
        const [flag, rest] = value === undefined ? [name, ''] : [`${name}=`, `:${zshText(value)}:_files`];
        return `'*--${flag}[${zshText(briefly(help))}]${rest}'`;
      })
      .join(' ');
  const cases = manuals.map((manual) => {
    const words = { help: `'*:command:(${namesOf(manuals).join(' ')})'`, completions: `'*:shell:(${SHELLS.join(' ')})'` };
    const last = words[manual.name as keyof typeof words] ?? "'*:file:_files'";
    return `    ${manual.name === '' ? '*' : manual.name}) _arguments ${specsOf(manual)} ${last} ;;`;
  });
  const described = manuals.flatMap(({ name, summary }) => (name === '' ? [] : [`'${name}:${zshText(summary)}'`]));
  return `#compdef relevel
# zsh completion for relevel; "relevel completions zsh" prints this.
_relevel() {
  local -a commands=(${described.join(' ')})
  if ((CURRENT == 2)); then _describe command commands; fi
  case $words[2] in
${[...cases.slice(1), cases[0]!].join('\n')}
  esac
}
_relevel "$@"
`;
}

const fishText = (text: string): string => `'${text.replace(/['\\]/gu, String.raw`\$&`)}'`;

function fish(manuals: readonly Manual[]): string {
  const names = namesOf(manuals).join(' ');
  const lines = manuals.flatMap((manual) => {
    const { name, summary } = manual;
    const when = name === '' ? `not __fish_seen_subcommand_from ${names}` : `__fish_seen_subcommand_from ${name}`;
    const command = name === '' ? [] : [`complete -c relevel -n __fish_use_subcommand -a ${name} -d ${fishText(summary)}`];
    const flags = flagsOf(manual).map(({ name: flag, short, value, help }) => {
      const forms = `${short === undefined ? '' : `-s ${short} `}-l ${flag}${value === undefined ? '' : ' -r'}`;
      return `complete -c relevel -n '${when}' ${forms} -d ${fishText(briefly(help))}`;
    });
    return [...command, ...flags];
  });
  return `# fish completion for relevel; "relevel completions fish" prints this.
${lines.join('\n')}
complete -c relevel -n '__fish_seen_subcommand_from help' -f -a '${names}'
complete -c relevel -n '__fish_seen_subcommand_from completions' -f -a '${SHELLS.join(' ')}'
`;
}
