import { GOOGLE, LOGBACK, MONGODB, MONOLOG, OPENTELEMETRY, PINO, PYTHON, SYSLOG, type Scale } from './scale.ts';

/** Numbers on a scale hold a level: in any line, or only in GELF's. */
interface NumbersOf {
  readonly scale: Scale;
  readonly only?: 'gelf';
}

/** A name that programs write levels under. Names of levels are levels under each. */
export interface LevelName {
  readonly path: string;
  /** The scales by which a number is the level. */
  readonly numbers?: readonly NumbersOf[];
  /** The scales by which a number says the level once more that another name holds: an edit changes it too. */
  readonly echoes?: readonly Scale[];
  /** A number written as a text counts as one. */
  readonly quotedNumbers?: true;
  /** A number here is not the level if one of `SPOKEN` holds a name of a level. */
  readonly yields?: true;
  /** Words of its own, in place of the usual names. */
  readonly words?: Scale;
  /** It holds a level only if these names are in the line too. */
  readonly beside?: readonly string[];
  /** A name of a level that is none here. */
  readonly except?: string;
}

/** pino's and bunyan's scale is the usual one; beside a name, the number may be of another that agrees with it. */
const USUAL = {
  numbers: [{ scale: PINO }, { scale: SYSLOG, only: 'gelf' }],
  echoes: [MONOLOG, PYTHON, SYSLOG],
  yields: true,
} as const satisfies Partial<LevelName>;

/** Where a line's level is found: under the first of these that holds one. `log.level` is a flat key or a nested one. */
const LEVEL_NAMES: readonly LevelName[] = [
  { path: 'level', ...USUAL },
  { path: 'lvl', ...USUAL },
  { path: 'severity', numbers: [{ scale: GOOGLE }] },
  { path: 'log.level' },
  { path: 'levelname' },
  { path: 'level_name' },
  { path: '@level' },
  { path: '@l' },
  { path: 'severityText' },
  { path: 'severity_text' },
  { path: 'error_severity' },
  { path: 'LogLevel' },
  { path: 'Level' },
  { path: 'loglevel' },
  { path: 'log_level' },
  { path: 'logLevel' },
  { path: 'level_value', echoes: [LOGBACK] },
  { path: 'levelno', numbers: [{ scale: PYTHON }] },
  { path: 'severityNumber', numbers: [{ scale: OPENTELEMETRY }] },
  { path: 'severity_number', numbers: [{ scale: OPENTELEMETRY }] },
  { path: 'PRIORITY', numbers: [{ scale: SYSLOG }], quotedNumbers: true },
  { path: 'status', except: 'success' },
  { path: 's', words: MONGODB, beside: ['c', 'ctx'] },
];

/** Names under which programs write the level's name beside its number. */
export const SPOKEN: readonly string[] = ['level_name', 'levelname', 'severityText', 'severity_text'];

/** What marks a line as GELF: a message under this name, or this version. */
export const GELF = { message: 'short_message', version: { path: 'version', text: '1.1' } } as const;

/** Scales that an operator can name for the numbers of a level. */
export const NUMBER_SCALES = {
  pino: PINO,
  syslog: SYSLOG,
  python: PYTHON,
  opentelemetry: OPENTELEMETRY,
  google: GOOGLE,
  monolog: MONOLOG,
};

export type NumberScale = keyof typeof NUMBER_SCALES;

/**
 * `LEVEL_NAMES` behind those of an operator, which hold levels as `level` does if they are new; `numbers`: the scale of theirs, of `level`
 * and of `lvl`, if one was named.
 */
export function levelNamesOf(own: readonly string[], numbers: NumberScale | undefined): readonly LevelName[] {
  // A number that says the level once more by another scale could be read by this one when it is changed.
  const named = numbers === undefined ? {} : { numbers: [{ scale: NUMBER_SCALES[numbers] }], echoes: [] };
  const first = own.map((path) => ({ ...(LEVEL_NAMES.find((name) => name.path === path) ?? { path, ...USUAL }), ...named }));
  const rest = LEVEL_NAMES.filter(({ path }) => !own.includes(path));
  return [...first, ...rest.map((name) => (name.path === 'level' || name.path === 'lvl' ? { ...name, ...named } : name))];
}
