/** The six canonical levels, lowest first. A `Level` is an index into this list. */
export const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;

export type LevelName = (typeof LEVELS)[number];
export type Level = 0 | 1 | 2 | 3 | 4 | 5;

export const FATAL: Level = 5;

/** pino's number of each level, in the order of `LEVELS`. */
const NUMBERS = [10, 20, 30, 40, 50, 60] as const;

/** The canonical level of a number: the standard one at or below it; below 10, trace. */
export function levelOfNumber(number: number): Level {
  for (let level: number = FATAL; level > 0; level -= 1) if (number >= NUMBERS[level]!) return level as Level;
  return 0;
}

export const numberOfLevel = (level: Level): number => NUMBERS[level];

/** How a program spells the levels: one text for each of `LEVELS`, in the case that it writes. */
type Manner = readonly [string, string, string, string, string, string];

const LONG: Manner = [...LEVELS];
const FOUR: Manner = ['trac', 'debu', 'info', 'warn', 'erro', 'fata'];
const THREE: Manner = ['trc', 'dbg', 'inf', 'wrn', 'err', 'ftl'];
const ONE: Manner = ['t', 'd', 'i', 'w', 'e', 'f'];

/**
 * Names in lower case, and the manner that each belongs to. Sources: RFC 5424's severities,
 * pino, logrus (four letters on a terminal), zerolog and serilog (three), klog (one), zap, slog,
 * java.util.logging and Log4j.
 */
const NAMES = new Map<string, readonly [Level, Manner]>([
  ...named(0, LONG, 'trace', 'verbose', 'silly', 'finest', 'finer'),
  ...named(1, LONG, 'debug', 'fine'),
  ...named(2, LONG, 'info', 'information', 'informational', 'notice', 'note', 'default'),
  ...named(3, LONG, 'warn', 'warning'),
  ...named(4, LONG, 'error', 'err', 'severe'),
  ...named(5, LONG, 'fatal', 'crit', 'critical', 'panic', 'dpanic', 'alert', 'emerg', 'emergency'),
  ...FOUR.flatMap((name, level) => (name === 'info' || name === 'warn' ? [] : named(level as Level, FOUR, name))),
  ...THREE.flatMap((name, level) => (name === 'err' ? [] : named(level as Level, THREE, name))),
  ...named(5, THREE, 'pnc'),
  ...ONE.flatMap((name, level) => named(level as Level, ONE, name)),
  ...named(5, ONE, 'c'),
]);

function named(level: Level, manner: Manner, ...names: string[]): [string, readonly [Level, Manner]][] {
  return names.map((name) => [name, [level, manner]]);
}

/** `log/slog` writes a level between two names as a name and a distance: `WARN+2`, `DEBUG-4`. */
const SLOG = /^(debug|info|warn|error)([+-]\d{1,4})$/iu;
const SLOG_BASE: Readonly<Record<string, number>> = { debug: -4, info: 0, warn: 4, error: 8 };

/** All names but slog's distances, in lower case, and what each means. */
export function* levelNames(): Iterable<readonly [name: string, level: Level]> {
  for (const [name, [level]] of NAMES) yield [name, level];
}

/** The canonical level of a name, in any case, or `undefined` where it names none. */
export function levelOfName(name: string): Level | undefined {
  const known = NAMES.get(name) ?? NAMES.get(name.toLowerCase());
  if (known !== undefined) return known[0];
  const slog = SLOG.exec(name);
  if (slog === null) return undefined;
  const value = SLOG_BASE[slog[1]!.toLowerCase()]! + Number(slog[2]);
  if (value >= 12) return 5;
  if (value >= 8) return 4;
  if (value >= 4) return 3;
  if (value >= 0) return 2;
  return value >= -4 ? 1 : 0;
}

/** The name of a level as the program that wrote `like` would spell it: its length and case. */
export function spellName(level: Level, like: string): string {
  const manner = NAMES.get(like.toLowerCase())?.[1] ?? LONG;
  // `ERR` stands among three-letter names; `err` among syslog's keywords, which are words.
  const name = (like === 'ERR' ? THREE : manner)[level];
  if (like === like.toUpperCase()) return name.toUpperCase();
  if (like.charAt(0) !== like.charAt(0).toLowerCase()) return name.charAt(0).toUpperCase() + name.slice(1);
  return name;
}
