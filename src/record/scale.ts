import { LEVELS, spellName, type Level, type LevelName, type Manner } from './level.ts';

/** What a program writes for each level in one place: numbers, or the words of a format that has its own. */
export interface Scale {
  readonly name: string;
  /** The level of a number, or of a word of a format's own; `undefined` if it is no level here. */
  readonly levelOf: (written: number | string) => Level | undefined;
  /** What is written for each level: the nearest that there is, if the scale has no such level. */
  readonly written: Manner;
}

type Steps = Readonly<Record<number, LevelName>>;

const levelOf = (name: LevelName): Level => LEVELS.indexOf(name) as Level;

/** A scale of which only these numbers are levels. */
function exact(name: string, steps: Steps, written: Manner): Scale {
  const levels = new Map<number | string, Level>(
    Object.entries(steps).map(([number, level]) => [Number(number), levelOf(level)]),
  );
  return { name, written, levelOf: (number) => levels.get(number) };
}

/** A scale where a number between two counts as the lower one, and one up to `most` as the last. */
function stepped(name: string, steps: Steps, most: number, written: Manner): Scale {
  const rising = Object.entries(steps).map(([number, level]) => [Number(number), levelOf(level)] as const);
  return {
    name,
    written,
    levelOf: (number) => {
      if (typeof number !== 'number' || number > most) return undefined;
      let level: Level | undefined;
      for (let i = 0; i < rising.length && number >= rising[i]![0]; i += 1) level = rising[i]![1];
      return level;
    },
  };
}

/**
 * Words that a text format has for levels. Of several words for one level the first is written; a level without a word is written as the
 * nearest that has one, of two equally near the lower: so none becomes fatal by that.
 */
export function wordScale(name: string, known: Readonly<Record<string, LevelName>>): Scale {
  const first = (level: Level): string | undefined => Object.keys(known).find((word) => levelOf(known[word]!) === level);
  const nearest = (level: Level): string => {
    const near = LEVELS.map((_, other) => other as Level).sort((a, b) => Math.abs(a - level) - Math.abs(b - level) || a - b);
    return near.map(first).find((word) => word !== undefined) ?? '';
  };
  return words(name, known, [nearest(0), nearest(1), nearest(2), nearest(3), nearest(4), nearest(5), nearest(6)]);
}

/** Words that a format has in place of the usual ones. */
function words(name: string, known: Readonly<Record<string, LevelName>>, written: Manner): Scale {
  const levels = new Map<number | string, Level>(Object.entries(known).map(([word, level]) => [word, levelOf(level)]));
  return { name, written, levelOf: (word) => levels.get(word) };
}

/** pino's and bunyan's: a number of the program's own counts as the standard one below it. */
export const PINO = stepped('pino', { 10: 'trace', 20: 'debug', 30: 'info', 40: 'warn', 50: 'error', 60: 'fatal' }, 99, [
  '10',
  '20',
  '30',
  '40',
  '50',
  '60',
  '60',
]);

/** RFC 5424, section 6.2.1. */
export const SYSLOG = exact(
  'syslog',
  { 0: 'fatal', 1: 'critical', 2: 'critical', 3: 'error', 4: 'warn', 5: 'info', 6: 'info', 7: 'debug' },
  ['7', '7', '6', '4', '3', '2', '0'],
);

const priorities = new Map<number, Scale>();

/** Of a priority of syslog's, which is eight times its facility and its severity; `undefined` if it is none. */
export function priority(written: number): Scale | undefined {
  if (written > 191) return undefined;
  const facility = written >> 3;
  let scale = priorities.get(facility);
  if (scale === undefined) {
    const [trace, debug, info, warn, error, critical, fatal] = SYSLOG.written;
    const spelled = (severity: string): string => String(facility * 8 + Number(severity));
    scale = {
      name: 'priority',
      levelOf: (number) => (typeof number === 'number' && number >> 3 === facility ? SYSLOG.levelOf(number & 7) : undefined),
      written: [spelled(trace), spelled(debug), spelled(info), spelled(warn), spelled(error), spelled(critical), spelled(fatal)],
    };
    priorities.set(facility, scale);
  }
  return scale;
}

/** `LogSeverity` of Google Cloud's logging. */
export const GOOGLE = exact(
  'google',
  {
    0: 'info',
    100: 'debug',
    200: 'info',
    300: 'info',
    400: 'warn',
    500: 'error',
    600: 'critical',
    700: 'critical',
    800: 'fatal',
  },
  ['100', '100', '200', '400', '500', '600', '800'],
);

/** Python's `logging`; a number of the program's own counts as the standard one below it. */
export const PYTHON = stepped('python', { 10: 'debug', 20: 'info', 30: 'warn', 40: 'error', 50: 'critical' }, 50, [
  '10',
  '10',
  '20',
  '30',
  '40',
  '50',
  '50',
]);

/** `SeverityNumber` of OpenTelemetry. */
export const OPENTELEMETRY = stepped(
  'opentelemetry',
  { 1: 'trace', 5: 'debug', 9: 'info', 13: 'warn', 17: 'error', 21: 'fatal' },
  24,
  ['1', '5', '9', '13', '17', '21', '21'],
);

/** Monolog writes them as `level`, beside `level_name`. */
export const MONOLOG = exact(
  'monolog',
  {
    100: 'debug',
    200: 'info',
    250: 'info',
    300: 'warn',
    400: 'error',
    500: 'critical',
    550: 'critical',
    600: 'fatal',
  },
  ['100', '100', '200', '300', '400', '500', '600'],
);

/** logback writes them as `level_value`, beside `level`. */
export const LOGBACK = exact('logback', { 5000: 'trace', 10_000: 'debug', 20_000: 'info', 30_000: 'warn', 40_000: 'error' }, [
  '5000',
  '10000',
  '20000',
  '30000',
  '40000',
  '40000',
  '40000',
]);

/** The names of `LogSeverity`, which Google Cloud's logging writes around a line. */
export const GOOGLE_NAMES = words(
  'google names',
  {
    DEFAULT: 'info',
    DEBUG: 'debug',
    INFO: 'info',
    NOTICE: 'info',
    WARNING: 'warn',
    ERROR: 'error',
    CRITICAL: 'critical',
    ALERT: 'critical',
    EMERGENCY: 'fatal',
  },
  ['DEBUG', 'DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL', 'EMERGENCY'],
);

/** MongoDB's structured logs. */
export const MONGODB = words(
  'mongodb',
  {
    F: 'fatal',
    E: 'error',
    W: 'warn',
    I: 'info',
    D: 'debug',
    D1: 'debug',
    D2: 'debug',
    D3: 'debug',
    D4: 'debug',
    D5: 'debug',
  },
  ['D5', 'D1', 'I', 'W', 'E', 'E', 'F'],
);

/** `level`, or the nearest to it that all of these can say: places of one line that say different levels would not be its level. */
export function nearestSaid(level: Level, scales: readonly (Scale | undefined)[]): Level {
  let said = level;
  // One place needs one look.
  const turns = scales.length > 1 ? LEVELS.length : 1;
  for (let turn = 0; turn < turns; turn += 1) for (const scale of scales) if (scale !== undefined) said = readBack(scale, said);
  return said;
}

function readBack({ levelOf: read, written }: Scale, level: Level): Level {
  const spelled = written[level];
  return read(/^\d/u.test(spelled) ? Number(spelled) : spelled) ?? level;
}

/** `level` as the program that wrote `like` would write it: on its scale; without one, as a word of the same length and case. */
export const spellLevel = (level: Level, like: string, scale: Scale | undefined): string =>
  scale === undefined ? spellName(level, like) : scale.written[level];
