import { ecsFormat } from '@elastic/ecs-pino-format';
import { pino, type Logger, type LoggerOptions } from 'pino';
import type { Fields, ProbeEvent } from './event.ts';
import { writeLogfmt } from './logfmt.ts';

export type ProbeFormat = 'pino' | 'ecs' | 'logfmt';

/** Whose lines these are: the same on each, so that rules can tell one process from another. */
export interface Origin {
  readonly pid: number;
  readonly hostname: string;
  /** ms since 1970 */
  readonly now: () => number;
}

/** Spells an event as one line, its newline included. */
export type Render = (event: ProbeEvent) => string;

export function renderer(format: ProbeFormat, origin: Origin): Render {
  switch (format) {
    case 'pino':
      return renderPino(origin);
    case 'ecs':
      return renderEcs(origin);
    case 'logfmt':
      return renderLogfmt(origin);
  }
}

/**
 * Wide enough for each counter of a driver. JSON.stringify cannot write a bigint; pino's way around that can, but cuts
 * objects at 100 members if not told otherwise.
 */
const EDGE_LIMIT = 65_536;

function renderPino({ pid, hostname, now }: Origin): Render {
  return throughPino({ base: { pid, hostname }, timestamp: () => `,"time":${now()}` });
}

/** ECS as its own package writes it, with `error.code` put back, which that drops. It has no place for an errno: ours stays. */
function renderEcs({ pid, hostname, now }: Origin): Render {
  const ecs = ecsFormat({ apmIntegration: false });
  const toEcs = ecs.formatters?.log ?? ((fields: Record<string, unknown>) => fields);
  return throughPino({
    ...ecs,
    base: { pid, hostname },
    timestamp: () => `,"@timestamp":"${new Date(now()).toISOString()}"`,
    formatters: {
      ...ecs.formatters,
      log: (fields) => ({ ...toEcs(fields), ...(fields['code'] === undefined ? {} : { error: { code: fields['code'] } }) }),
    },
  });
}

/** The message is pino's second argument, never a field: a field `message` would come twice in ECS. */
function throughPino(options: LoggerOptions): Render {
  let line = '';
  const logger: Logger = pino(
    { ...options, level: 'debug', edgeLimit: EDGE_LIMIT },
    {
      write(text) {
        line = text;
      },
    },
  );
  return ({ level, message, fields }) => {
    logger[level](jsonOf(fields), message);
    return line;
  };
}

/** `Object.fromEntries` also makes a member of a statistic that is named `__proto__`. */
function jsonOf(fields: Fields): Record<string, unknown> {
  const told = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(told.map(([name, value]) => [name, value instanceof Map ? Object.fromEntries(value) : value]));
}

function renderLogfmt({ pid, hostname, now }: Origin): Render {
  return ({ level, message, fields }) => {
    const time = new Date(now()).toISOString();
    const head = Object.entries({ time, level, msg: message, pid, hostname });
    return `${writeLogfmt([...head, ...Object.entries(fields)], 'go')}\n`;
  };
}
