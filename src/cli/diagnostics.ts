import { codeOf } from '../io/fault.ts';
import type { RulesLoaded } from '../packs/load-rules.ts';
import type { Problem } from '../rules/problem.ts';

export type Severity = 'info' | 'warn' | 'error';

/** What a message is about, for those who read it by machine. */
export type Details = Readonly<Record<string, unknown>>;

/** What we say of our own doings, on stderr. */
export interface Diagnostics {
  /** `message` may hold anything: it is escaped. */
  readonly say: (severity: Severity, message: string, details?: Details) => void;
  /** Something wrong with a rules file. */
  readonly problem: (problem: Problem) => void;
  /** A table for people; for machines, what it is made of. Safe to print. */
  readonly table: (title: string, table: string, details: Details) => void;
  /** Waits until all is written. */
  readonly end: () => Promise<void>;
}

/** Says all that is wrong with the rules that were asked for. */
export function sayProblems({ problems, faults }: Pick<RulesLoaded, 'problems' | 'faults'>, diagnostics: Diagnostics): void {
  for (const problem of problems) diagnostics.problem(problem);
  for (const text of faults) diagnostics.say('error', text);
}

/** What a machine is to know of an error: the system's name for it, our own words being the message. */
export function detailsOf(error: unknown): Details {
  const code = codeOf(error) ?? (error instanceof Error ? codeOf(error.cause) : undefined);
  return code === undefined ? {} : { code };
}
