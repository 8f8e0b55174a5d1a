/** The canonical levels, lowest first. A `Level` is an index into this list. */
export const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'critical', 'fatal'] as const;

export type LevelName = (typeof LEVELS)[number];
export type Level = 0 | 1 | 2 | 3 | 4 | 5 | 6;

export const levelOf = (name: LevelName): Level => LEVELS.indexOf(name) as Level;

/** Only rules that name it judge such a line. */
export const CRITICAL = levelOf('critical');
/** No rule judges such a line. */
export const FATAL = levelOf('fatal');

/** The levels that a rule may give a line: critical is never one. */
export const TARGETS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const satisfies readonly LevelName[];

/** The levels that a rule may raise harmless lines to. */
export const RAISED = ['debug', 'info', 'warn', 'error'] as const satisfies readonly LevelName[];

/** How a program spells the levels: one text for each of `LEVELS`, in the case that it writes. */
export type Manner = readonly [string, string, string, string, string, string, string];

const LONG: Manner = [...LEVELS];
const FOUR: Manner = ['trac', 'debu', 'info', 'warn', 'erro', 'crit', 'fata'];
const LOG15: Manner = ['trce', 'dbug', 'info', 'warn', 'eror', 'crit', 'crit'];
const THREE: Manner = ['trc', 'dbg', 'inf', 'wrn', 'err', 'crt', 'ftl'];
const ONE: Manner = ['t', 'd', 'i', 'w', 'e', 'c', 'f'];

type Named = readonly [string, readonly [Level, Manner]];

/** Names in lower case, and once more in capitals, in which most programs write them. */
const inBothCases = (all: readonly Named[]): readonly Named[] => [
  ...all,
  ...all.map(([name, meaning]) => [name.toUpperCase(), meaning] as const),
];

/**
 * Names in lower case, and the manner that each belongs to. Sources: RFC 5424's severities, pino, winston, logrus (four
 * letters on a terminal), log15 and .NET (four others), zerolog and serilog (three), klog (one), zap, slog, java.util.logging,
 * Log4j, Python, PostgreSQL and OpenTelemetry (numbered ones).
 */
const NAMES = new Map<string, readonly [Level, Manner]>(
  inBothCases([
    ...named('trace', LONG, 'trace', 'trace2', 'trace3', 'trace4', 'silly', 'fine', 'finer', 'finest'),
    ...named('debug', LONG, 'debug', 'verbose', 'http', 'config'),
    ...named('debug', LONG, 'debug1', 'debug2', 'debug3', 'debug4', 'debug5'),
    ...named('info', LONG, 'info', 'information', 'informational', 'notice', 'note', 'default', 'success', 'log'),
    ...named('info', LONG, 'info2', 'info3', 'info4'),
    ...named('warn', LONG, 'warn', 'warning', 'warn2', 'warn3', 'warn4'),
    ...named('error', LONG, 'error', 'err', 'severe', 'error2', 'error3', 'error4'),
    ...named('critical', LONG, 'critical', 'crit', 'alert'),
    ...named('fatal', LONG, 'fatal', 'panic', 'dpanic', 'emerg', 'emergency', 'fatal2', 'fatal3', 'fatal4'),
    ...inManner(FOUR, 'trac', 'debu', 'erro', 'fata'),
    ...inManner(LOG15, 'trce', 'dbug', 'eror'),
    ...inManner(THREE, 'trc', 'dbg', 'inf', 'wrn', 'crt', 'ftl'),
    ...named('fatal', THREE, 'pnc'),
    ...inManner(ONE, ...ONE),
  ]),
);

function named(level: LevelName, manner: Manner, ...names: string[]): Named[] {
  return names.map((name) => [name, [levelOf(level), manner]]);
}

function inManner(manner: Manner, ...names: string[]): Named[] {
  return names.map((name) => [name, [manner.indexOf(name) as Level, manner]]);
}

/** `log/slog` writes a level between two names as a name and a distance: `WARN+2`, `DEBUG-4`. */
const SLOG = /^(debug|info|warn|error)([+-]\d{1,4})$/iu;
const NINE = 0x39;
const SLOG_BASE: Readonly<Record<string, number>> = { debug: -4, info: 0, warn: 4, error: 8 };

/** The canonical level of a name, in any case, or `undefined` where it names none. */
export function levelOfName(name: string): Level | undefined {
  const known = NAMES.get(name) ?? NAMES.get(name.toLowerCase());
  if (known !== undefined) return known[0];
  // Most words end in a letter.
  const slog = name.charCodeAt(name.length - 1) <= NINE ? SLOG.exec(name) : null;
  if (slog === null) return undefined;
  const value = SLOG_BASE[slog[1]!.toLowerCase()]! + Number(slog[2]);
  if (value >= 12) return FATAL;
  if (value >= 8) return levelOf('error');
  if (value >= 4) return levelOf('warn');
  if (value >= 0) return levelOf('info');
  return levelOf(value >= -4 ? 'debug' : 'trace');
}

/** What a header may begin with, or have in the place of a message's first word: names that hardly stand in capitals else. */
const CAPITALS: ReadonlySet<string> = new Set(
  (
    'TRACE DEBUG VERBOSE INFO NOTICE WARN WARNING ERR ERROR SEVERE CRIT CRITICAL ALERT FATAL PANIC EMERG EMERGENCY ' +
    'FINE FINER FINEST'
  ).split(' '),
);

/** As `levelOfName`, of names in capitals that are no usual words. */
export function capitalLevel(name: string): Level | undefined {
  return CAPITALS.has(name) || (SLOG.test(name) && name === name.toUpperCase()) ? levelOfName(name) : undefined;
}

/** What was spelled last: most lines have the same level, and get the same. */
const spelled: { level: Level; like: string | undefined; name: string } = { level: 0, like: undefined, name: '' };

/** The name of a level as the program that wrote `like` would spell it: its length and case. */
export function spellName(level: Level, like: string): string {
  if (spelled.level !== level || spelled.like !== like) {
    spelled.level = level;
    spelled.like = like;
    spelled.name = spell(level, like);
  }
  return spelled.name;
}

function spell(level: Level, like: string): string {
  const manner = (NAMES.get(like) ?? NAMES.get(like.toLowerCase()))?.[1] ?? LONG;
  // `ERR` stands among three-letter names; `err` among syslog's keywords, which are words.
  const name = (like === 'ERR' ? THREE : manner)[level];
  if (like === like.toUpperCase()) return name.toUpperCase();
  if (like.charAt(0) !== like.charAt(0).toLowerCase()) return name.charAt(0).toUpperCase() + name.slice(1);
  return name;
}
