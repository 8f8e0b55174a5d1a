/** A line as far as levels are concerned: the other members and pairs are ready. */
interface Leveled {
  readonly level: string;
  /** Picks one of the manners. */
  readonly manner: number;
  /** The other members of a JSON line, those of time first. */
  readonly times: readonly string[];
  readonly members: readonly string[];
  /** The other pairs of a logfmt line, those of time first. */
  readonly pairs: readonly string[];
  readonly at: string;
}

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'critical', 'fatal'];

/** What programs write for each level, in their order. */
const SPELLINGS = {
  pino: ['10', '20', '30', '40', '50', '60', '60'],
  syslog: ['7', '7', '6', '4', '3', '2', '0'],
  google: ['0', '100', '300', '400', '500', '600', '800'],
  python: ['10', '10', '20', '30', '40', '50', '50'],
  opentelemetry: ['1', '5', '9', '13', '17', '20', '24'],
  monolog: ['100', '100', '250', '300', '400', '550', '600'],
  logback: ['5000', '10000', '20000', '30000', '40000', '40000', '40000'],
  mongodb: ['D5', 'D1', 'I', 'W', 'E', 'E', 'F'],
  winston: ['silly', 'http', 'success', 'warn', 'error', 'alert', 'emerg'],
  log15: ['trce', 'dbug', 'info', 'warn', 'eror', 'crit', 'crit'],
} as const;

/** Lines whose level stands where few loggers put it, or twice, or beside what looks like one. */
export function oddLevels({ level, manner, times, members, pairs, at }: Leveled): string {
  const spelled = (by: keyof typeof SPELLINGS): string => SPELLINGS[by][LEVELS.indexOf(level)]!;
  const upper = level.toUpperCase();
  const json = (first: string, ...more: readonly string[]): string => `{${[first, ...times, ...more, ...members].join(',')}}`;
  const logfmt = (...own: readonly string[]): string => [...own, ...pairs].join(' ');
  const number = spelled('pino');
  const manners: readonly (() => string)[] = [
    // a number and a name
    () => json(`"level":${spelled('monolog')}`, `"level_name":"${upper}"`),
    () => json(`"level":${number}`, '"level_name":"DEBUG"'),
    () => json('"level":50', `"levelname":"${upper}"`),
    () => json('"level":30', `"severityText":"${level}"`),
    () => json(`"level":${number}`, '"level_name":"none"'),
    () => json(`"levelno":${spelled('python')}`, `"levelname":"${upper}"`),
    () => json(`"level":"${upper}"`, `"level_value":${spelled('logback')}`),
    () => json(`"severityText":"${upper}"`, `"severityNumber":${spelled('opentelemetry')}`),
    // two names
    () => json(`"severity":"${upper}"`, `"level":${number}`),
    () => json(`"level":${number}`, `"severity":"${upper}"`, `"status":"${level}"`),
    () => json(`"level":${number}`, '"severity":"ERROR"'),
    () => json('"log.level":"ERROR"', '"level":"production"'),
    () => json('"level":"production"', `"severity":"${upper}"`),
    () => json('"level":null', `"lvl":"${level}"`),
    () => json('"level":{"name":"error"}', `"@l":"${level}"`),
    () => json('"status":"success"', `"loglevel":"${level}"`),
    () => json('"status":"Success"'),
    () => json(`"status":200`, `"LogLevel":"${level}"`),
    // scales
    () => json('"version":"1.1"', `"level":${spelled('syslog')}`),
    () => json(`"level":${spelled('syslog')}`, '"short_message":"gone"'),
    () => json(`"level":${spelled('syslog')}`),
    () => json(`"severity":${spelled('google')}`),
    () => json(`"severity_number":${spelled('opentelemetry')}`),
    () => json(`"levelno":${spelled('python')}`),
    () => json(`"level_value":${spelled('logback')}`),
    () => json(`"PRIORITY":"${spelled('syslog')}"`),
    () => json(`"PRIORITY":${spelled('syslog')}`),
    () => json(`"level":${spelled('monolog')}`),
    () => json(`"level":"${number}"`),
    () => json(`"level":"${spelled('winston')}"`),
    () => json('"s":"E"', `"level_name":"${level}"`),
    () => json(`"s":"${spelled('mongodb')}"`, '"c":"NETWORK"', '"ctx":"conn1"'),
    () => json('"s":"error"', '"c":"NETWORK"', '"ctx":"conn1"'),
    // around the level
    () => json(String.raw`"level":"\u001b[31m${level}\u001b[39m"`),
    () => json(String.raw`"level":"\u001B[1m\u001B[31m ${upper}\u001B[0m"`, `"severity":"${upper}"`),
    () => json(`"level":"${upper}  "`),
    () => json(String.raw`"level":"\t${level}\t"`),
    () => logfmt(`level=\u001b[31m${spelled('log15')}\u001b[0m`),
    () => logfmt(`lvl=" ${spelled('log15')}"`),
    () => logfmt(String.raw`level="\u001b[31m${level}\u001b[0m"`),
    () => `[${at} \u001b[1m\u001b[31m${level === 'fatal' ? 'ERROR' : upper}\u001b[0m app] probe failed`,
    // twice
    () => json(`"level":${number}`, `"level":${number}`),
    () => json(`"level":"${level}"`, String.raw`"level":"\u00${level.charCodeAt(0).toString(16)}${level.slice(1)}"`),
    () => json(`"level":${number}`, `"level":${number}.0`),
    () => json(`"log":{"level":"${level}"}`, `"log":{"level":"${level}"}`),
    () => json(`"level":${number}`, '"dev":"a"', String.raw`"dev":"\u0061"`),
    () => json(`"level":${number}`, '"n":1', '"n":1.0'),
    () => logfmt(`level=${level}`, 'n=1', 'n="1"'),
    () => logfmt(`level=${level}`, `level="${level}"`),
    () => logfmt(`level=${number}`, `level="${number}"`),
    () => logfmt(`level=${number}`),
    () => logfmt(`severity=${upper}`, `level=${level}`, 'status=ok'),
    // free text
    () => logfmt('UPDATE player SET', `level=${number}`),
    () => logfmt('2025/01/01 [ERROR] http:', `level=${level}`),
    () => logfmt('f(a=1', `level=${level}`),
    () => ` ${logfmt(`level=${level}`)}`,
  ];
  return manners[manner % manners.length]!();
}
