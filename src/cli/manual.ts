import type { Option } from './options.ts';

/** What the help says of a command. */
export interface Manual {
  /** Empty for the filter, which is what runs where no command is named. */
  readonly name: string;
  /** One line, for the list of commands. */
  readonly summary: string;
  /** What its words are: `[file ...]`. */
  readonly words: string;
  readonly about: string;
  readonly options: readonly Omit<Option<never>, 'take'>[];
  /** Whole command lines, and what each is for. */
  readonly examples?: readonly (readonly [line: string, what: string])[];
  /** What stands below the options. */
  readonly after: string;
}
