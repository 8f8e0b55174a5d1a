import { codeOf } from '../io/fault.ts';
import type { RulesLoaded } from '../packs/load-rules.ts';
import { formatProblem, type Problem } from '../rules/problem.ts';
import { escapeControls } from '../rules/quote.ts';
import type { Host } from './host.ts';
import { openStderr, type Stderr } from './print.ts';
import type { LogFormat } from './settings.ts';

type Severity = 'info' | 'warn' | 'error';

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

/** pino, or a package of colours, is loaded only where the format, or a terminal, asks for it. */
export async function openDiagnostics(format: LogFormat, host: Host, stderr: Stderr = openStderr(host)): Promise<Diagnostics> {
  if (format === 'text') return textDiagnostics(stderr, await paintFor(host));
  const { logDiagnostics } = await import('./diagnostics-log.ts');
  return logDiagnostics(format, stderr, host);
}

/** Says all that is wrong with the rules that were asked for. */
export function sayProblems({ problems, faults }: Pick<RulesLoaded, 'problems' | 'faults'>, diagnostics: Diagnostics): void {
  for (const problem of problems) diagnostics.problem(problem);
  for (const text of faults) diagnostics.say('error', text);
}

type Paint = (severity: Severity) => string;

/** Colours on a terminal, unless NO_COLOR says otherwise; https://no-color.org. */
async function paintFor({ env, stderrIsTerminal }: Host): Promise<Paint> {
  if ((env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb' || !stderrIsTerminal()) return (severity) => severity;
  const { default: picocolors } = await import('picocolors');
  const { red, yellow, cyan } = picocolors.createColors(true);
  return (severity) => ({ error: red, warn: yellow, info: cyan })[severity](severity);
}

function textDiagnostics({ write, end }: Stderr, paint: Paint): Diagnostics {
  return {
    say: (severity, message) => write(`relevel: ${paint(severity)}: ${escapeControls(message)}\n`),
    problem: (problem) => write(`${formatProblem(problem)}\n\n`),
    table: (title, table) => write(`relevel: ${title}\n${table}`),
    end,
  };
}

/** What a machine is to know of an error: the system's name for it, our own words being the message. */
export function detailsOf(error: unknown): Details {
  const code = codeOf(error) ?? (error instanceof Error ? codeOf(error.cause) : undefined);
  return code === undefined ? {} : { code };
}
