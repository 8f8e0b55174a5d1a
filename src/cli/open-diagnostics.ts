import { formatProblem } from '../rules/problem.ts';
import { escapeControls } from '../rules/quote.ts';
import type { Diagnostics, Severity } from './diagnostics.ts';
import type { Host } from './host.ts';
import { openStderr, type Stderr } from './print.ts';
import type { LogFormat } from './settings.ts';

/** pino, or a package of colours, is loaded only where the format, or a terminal, asks for it. */
export async function openDiagnostics(format: LogFormat, host: Host, stderr: Stderr = openStderr(host)): Promise<Diagnostics> {
  if (format === 'text') return textDiagnostics(stderr, await paintFor(host));
  const { logDiagnostics } = await import('./diagnostics-log.ts');
  return logDiagnostics(format, stderr, host);
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
