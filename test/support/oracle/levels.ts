import { spellsNumber, type Member, type Value } from './values.ts';

export const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'critical', 'fatal'] as const;
export type Level = (typeof LEVELS)[number];

export const rank = (level: Level): number => LEVELS.indexOf(level);

/** Where to lower `level` to: `to`, unless that is a rise. */
export const lowered = (level: Level, to: Level | undefined): Level => (to !== undefined && rank(to) < rank(level) ? to : level);

/** Names of levels in small letters, as far as the tests write them. */
const NAMES: Readonly<Record<Level, string>> = {
  trace: 'trace silly fine trac trce trc t',
  debug: 'debug verbose http dbug debu dbg d',
  info: 'info notice success information inf i',
  warn: 'warn warning wrn w',
  error: 'error err eror severe erro e',
  critical: 'critical crit alert c',
  fatal: 'fatal panic emerg emergency fata ftl f',
};

/** A name in any case, also in ANSI colours and with blanks around. */
export function levelNamed(text: string): Level | undefined {
  const around = String.raw`(?:[ \t]|\x1b\[[\d;]*m)*`;
  const word = new RegExp(`^${around}(.*?)${around}$`, 'su').exec(text)![1]!.toLowerCase();
  return LEVELS.find((level) => NAMES[level].split(' ').includes(word));
}

/** What numbers mean, and the words of formats that have their own. What is not here has no meaning. */
const SCALES = {
  pino: (number: number) =>
    number >= 10 && number <= 99
      ? (['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const)[Math.min(Math.floor(number / 10), 6) - 1]
      : undefined,
  syslog: (number: number) => (['fatal', 'critical', 'critical', 'error', 'warn', 'info', 'info', 'debug'] as const)[number],
  priority: (number: number) =>
    number <= 191
      ? (['fatal', 'critical', 'critical', 'error', 'warn', 'info', 'info', 'debug'] as const)[number % 8]
      : undefined,
  google: (number: number) =>
    (['info', 'debug', 'info', 'info', 'warn', 'error', 'critical', 'critical', 'fatal'] as const)[number / 100],
  python: (number: number) =>
    number >= 10 && number <= 50
      ? (['debug', 'info', 'warn', 'error', 'critical'] as const)[Math.floor(number / 10) - 1]
      : undefined,
  opentelemetry: (number: number) =>
    number >= 1 && number <= 24
      ? (['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const)[Math.floor((number - 1) / 4)]
      : undefined,
  monolog: (number: number) =>
    new Map<number, Level>([
      [100, 'debug'],
      [200, 'info'],
      [250, 'info'],
      [300, 'warn'],
      [400, 'error'],
      [500, 'critical'],
      [550, 'critical'],
      [600, 'fatal'],
    ]).get(number),
  logback: (number: number) =>
    new Map<number, Level>([
      [5000, 'trace'],
      [10_000, 'debug'],
      [20_000, 'info'],
      [30_000, 'warn'],
      [40_000, 'error'],
    ]).get(number),
} as const satisfies Readonly<Record<string, (number: number) => Level | undefined>>;

const LETTERS: Readonly<Record<'klog' | 'mongodb' | 'zerolog', Readonly<Record<string, Level>>>> = {
  zerolog: { TRC: 'trace', DBG: 'debug', INF: 'info', WRN: 'warn', ERR: 'error', FTL: 'fatal' },
  klog: { I: 'info', W: 'warn', E: 'error', F: 'fatal' },
  mongodb: { D1: 'debug', D2: 'debug', D5: 'debug', D: 'debug', I: 'info', W: 'warn', E: 'error', F: 'fatal' },
};

/** How a place spells levels. */
export type Scale = keyof typeof SCALES | keyof typeof LETTERS | 'names';

const isLettered = (scale: Scale): scale is keyof typeof LETTERS => Object.hasOwn(LETTERS, scale);

/** `to` on this scale: itself, or what is nearest to it. */
function nearest(scale: Scale, to: Level): Level {
  const known = new Set<Level | undefined>(
    scale === 'names'
      ? LEVELS
      : isLettered(scale)
        ? Object.values(LETTERS[scale])
        : Array.from({ length: 40_001 }, (_, number) => SCALES[scale](number)),
  );
  const distance = (level: Level): number => Math.abs(rank(level) - rank(to));
  return LEVELS.filter((level) => known.has(level)).reduce((best, level) => (distance(level) < distance(best) ? level : best));
}

/** `to`, or what is nearest to it and all of these can say. */
export const nearestOfAll = (scales: readonly Scale[], to: Level): Level =>
  [...scales, ...scales, ...scales].reduce((level, scale) => nearest(scale, level), to);

/** Names for levels, in the order in which they are asked, and the scale of a number there. */
export type LevelPaths = readonly (readonly [path: string, numbers: Numbers])[];

/** On which scale numbers of a name are levels; `usual`: on that of most programs. */
type Numbers = Scale | 'usual' | undefined;

/** Those of the design. */
const PATHS: LevelPaths = [
  ['level', 'usual'],
  ['lvl', 'usual'],
  ['severity', 'google'],
  ['log.level', undefined],
  ['levelname', undefined],
  ['level_name', undefined],
  ['@level', undefined],
  ['@l', undefined],
  ['severityText', undefined],
  ['severity_text', undefined],
  ['error_severity', undefined],
  ['LogLevel', undefined],
  ['Level', undefined],
  ['loglevel', undefined],
  ['log_level', undefined],
  ['logLevel', undefined],
  ['level_value', undefined],
  ['levelno', 'python'],
  ['severityNumber', 'opentelemetry'],
  ['severity_number', 'opentelemetry'],
  ['PRIORITY', 'syslog'],
  ['status', undefined],
  ['s', undefined],
];

/** Names of the operator's before those; `numbers`: what numbers mean there, and under the usual names for a number. */
export function levelPaths(own: readonly string[], numbers: Scale | undefined): LevelPaths {
  const usual = PATHS.map(([path, scale]) => [path, path === 'level' || path === 'lvl' ? (numbers ?? scale) : scale] as const);
  const first = own.map(
    (path) => [path, numbers ?? (PATHS.find(([name]) => name === path) ?? [path, 'usual' as const])[1]] as const,
  );
  return [...first, ...usual.filter(([path]) => !own.includes(path))];
}

/** Names that must be there, or that are looked at, beside those of levels. */
export const LEVEL_MARKS = ['c', 'ctx', 'short_message', 'version'];

/** Where a line holds its level. */
export interface Place {
  readonly path: string;
  /** Under a path of the flat name, or in objects: both may hold it. */
  readonly isNested: boolean;
  readonly member: Member;
  readonly scale: Scale;
}

/** Finds members by a path: all of a flat name, or the last of a nested one. */
type Find = (path: string, isNested: boolean) => readonly Member[];

/** A name, flat and nested. */
const BOTH = [false, true];

/** The level of a line, and all places that hold it, the one that decides first; nothing if it has none. */
export function levelOf(paths: LevelPaths, find: Find): { readonly level: Level; readonly places: readonly Place[] } | undefined {
  const names = paths.flatMap(([path, numbers]) => BOTH.map((isNested) => ({ path, numbers, isNested })));
  const first = names.flatMap(({ path, numbers, isNested }) => {
    const [member] = find(path, isNested);
    const level = member && levelAt(path, numbers, member.value, find);
    return level === undefined ? [] : [{ path, member: member!, level }];
  })[0];
  if (first === undefined) return undefined;
  const { level } = first;
  const places = names.flatMap(({ path, numbers, isNested }) =>
    find(path, isNested).flatMap((member): Place[] => {
      const scale = scaleAt(path, numbers, member.value, level, find);
      return scale === undefined ? [] : [{ path, isNested, member, scale }];
    }),
  );
  const isFirst = ({ member }: Place): boolean => member === first.member;
  return { level, places: [...places.filter(isFirst), ...places.filter((place) => !isFirst(place))] };
}

/** The level that stands under a name by itself. */
function levelAt(path: string, numbers: Numbers, value: Value, find: Find): Level | undefined {
  const number = numberOf(path, value);
  if (number === undefined) return value.kind === 'text' ? levelNamedAt(path, value.text, find) : undefined;
  if (isUsual(path)) {
    const asUsual = SCALES.pino(number) ?? (isGelf(find) ? SCALES.syslog(number) : undefined);
    const level = numbers === 'usual' ? asUsual : levelOn(numbers!, number);
    const isSpoken = ['level_name', 'levelname', 'severityText', 'severity_text'].some((name) => {
      const [beside] = find(name, false);
      return beside?.value.kind === 'text' && levelNamed(beside.value.text) !== undefined;
    });
    return isSpoken ? undefined : level;
  }
  return numbers === undefined || numbers === 'usual' ? undefined : levelOn(numbers, number);
}

/** Whether numbers under the name are those of most programs: `level`, `lvl`, and names of an operator's that are new. */
const isUsual = (path: string): boolean => path === 'level' || path === 'lvl' || PATHS.every(([name]) => name !== path);

/** The scale by which a value holds `level`, also one that would be none by itself. */
function scaleAt(path: string, numbers: Numbers, value: Value, level: Level, find: Find): Scale | undefined {
  const number = numberOf(path, value);
  if (number === undefined) {
    if (value.kind !== 'text' || levelNamedAt(path, value.text, find) !== level) return undefined;
    return path === 's' ? 'mongodb' : 'names';
  }
  // What an operator says of numbers leaves nothing to guess.
  const known: readonly Scale[] = numbers === 'usual' ? ['pino', 'monolog', 'python', 'syslog'] : numbers ? [numbers] : [];
  const scales = [...known, ...(path === 'level_value' ? (['logback'] as const) : [])];
  return scales.find((scale) => levelOn(scale, number) === level);
}

export function levelOn(scale: Scale, written: number | string): Level | undefined {
  if (scale === 'names') return typeof written === 'string' ? levelNamed(written) : undefined;
  if (isLettered(scale)) return Object.hasOwn(LETTERS[scale], written) ? LETTERS[scale][written] : undefined;
  return SCALES[scale](Number(written));
}

function levelNamedAt(path: string, text: string, find: Find): Level | undefined {
  if (path === 's') return find('c', false).length > 0 && find('ctx', false).length > 0 ? levelOn('mongodb', text) : undefined;
  return path === 'status' && text.trim().toLowerCase() === 'success' ? undefined : levelNamed(text);
}

/** A number in quotes is none but under PRIORITY. */
function numberOf(path: string, value: Value): number | undefined {
  if (value.kind === 'number') return Number(value.digits);
  if (value.kind !== 'text' || !spellsNumber(value.text)) return undefined;
  return path === 'PRIORITY' || (value.untyped && !value.quoted) ? Number(value.text) : undefined;
}

function isGelf(find: Find): boolean {
  const [version] = find('version', false);
  const isJson = version?.value.kind === 'text' && !version.value.untyped && version.value.text === '1.1';
  return isJson || find('short_message', false).some(({ value }) => !(value.kind === 'text' && value.untyped));
}
