import { hostname } from 'node:os';
import { ecsFormat } from '@elastic/ecs-pino-format';
import { pino, type Logger, type LoggerOptions } from 'pino';
import { formatProblem } from '../rules/problem.ts';
import type { Details, Diagnostics } from './diagnostics.ts';
import type { Host } from './host.ts';
import type { Stderr } from './print.ts';

/** Diagnostics as lines of pino's JSON, or of ECS. */
export function logDiagnostics(format: 'json' | 'ecs', { write, end }: Stderr, { now, pid }: Host): Diagnostics {
  const base = { name: 'relevel', pid, hostname: hostname() };
  const options = format === 'json' ? pinoOptions(base, now) : ecsOptions(base, now);
  const logger: Logger = pino(options, { write: (line) => write(escapeForTerminals(line)) });
  return {
    // The message is pino's second argument, never a field: in ECS a field `message` would come twice.
    say: (severity, message, details = {}) => logger[severity](details, message),
    problem: (problem) => {
      const { file, line, column, code } = problem;
      logger.error({ rules: { file, line, column }, code }, formatProblem(problem));
    },
    table: (title, _table, details) => logger.info({ counts: details }, title),
    end,
  };
}

function pinoOptions(base: Details, now: () => number): LoggerOptions {
  return { base, timestamp: () => `,"time":${now()}` };
}

/** ECS as its own package writes it, with `error.code`, which that has no place for. */
function ecsOptions(base: Details, now: () => number): LoggerOptions {
  const ecs = ecsFormat({ apmIntegration: false });
  const toEcs = ecs.formatters?.log ?? ((fields: Record<string, unknown>) => fields);
  return {
    ...ecs,
    base,
    timestamp: () => `,"@timestamp":"${new Date(now()).toISOString()}"`,
    formatters: {
      ...ecs.formatters,
      log: ({ code, ...fields }) => ({ ...toEcs(fields), ...(code === undefined ? {} : { error: { code } }) }),
    },
  };
}

/** JSON escapes controls up to U+001F; a terminal obeys more than those. */
const escapeForTerminals = (line: string): string =>
  line.replace(/[\x7f-\x9f]|[\p{Cf}\p{Zl}\p{Zp}]/gu, (char) =>
    Array.from({ length: char.length }, (_, i) => `\\u${char.charCodeAt(i).toString(16).padStart(4, '0')}`).join(''),
  );
