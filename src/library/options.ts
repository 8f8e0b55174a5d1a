import { ENGINE_DEFAULTS, type Archive, type EngineSettings } from '../engine/settings.ts';
import { UTC, zoneNamed } from '../record/zone.ts';
import { ENVELOPES, type EnvelopeKind } from '../formats/envelope-kinds.ts';
import { LOCAL } from '../io/zone.ts';
import { quote, suggest } from '../rules/quote.ts';
import type { Reading } from '../rules/rule.ts';
import type { RulesGiven } from './rules.ts';

/** What may be said about a stream. All may be left out; sizes are in bytes. */
export interface RelevelOptions {
  /** Which rules, in the order in which they are asked: `'builtin'`. */
  readonly rules?: RulesGiven | readonly RulesGiven[] | undefined;
  /** Ids of rules to do without. */
  readonly off?: readonly string[] | undefined;
  /** What rules see as `$source`: `'stream'`. */
  readonly source?: string | undefined;
  /**
   * Where time comes from. `'live'`: the clock, as lines arrive; times without a zone are local. `'replay'`: the lines themselves, and no
   * timer runs; times without a zone are UTC. `'order'`: the same, and if times cannot be compared, the order of lines decides. `'live'`
   */
  readonly clock?: 'live' | 'replay' | 'order' | undefined;
  /** `'strict'`: a line that waits holds those behind it; `'relaxed'`: it waits alone. `'strict'` */
  readonly order?: 'strict' | 'relaxed' | undefined;
  /** What the lines are: `'auto'`, looked at line by line. */
  readonly format?: 'auto' | 'json' | 'logfmt' | 'text' | undefined;
  /** What collectors write around each line, by who does: `'auto'`, looked at line by line. `'none'`: lines are read as they are. */
  readonly envelope?: EnvelopeKind | undefined;
  /** Zone of times that name none: `'local'`, `'UTC'`, `'+02:00'` or `'Europe/Berlin'`. Goes before what rules say under `read`. */
  readonly zone?: string | undefined;
  /** Names of the level, the message and the time that are searched before the usual ones. They go before what rules say. */
  readonly levelKey?: readonly string[] | undefined;
  readonly messageKey?: readonly string[] | undefined;
  readonly timeKey?: readonly string[] | undefined;
  /** Most lines that are held: 65536. Past this and the next, lines are let go unchanged. */
  readonly holdLines?: number | undefined;
  /** Most bytes that are held: 16 MiB. */
  readonly holdBytes?: number | undefined;
  /** Most open groups of repeats: 10000. Past this and the next, the oldest is closed, with its summary. */
  readonly groups?: number | undefined;
  /** Most bytes kept for open groups: 16 MiB. */
  readonly groupBytes?: number | undefined;
  /** Longer lines pass without being looked at: 64 KiB. */
  readonly maxLine?: number | undefined;
  /** Most bytes of a record of several lines, such as an error with its stack trace; 0: each line is judged by itself. Default 65,536. */
  readonly maxRecord?: number | undefined;
  /** How long, in ms, a line that a rule matches waits for lines that continue it. Default 50. */
  readonly recordWait?: number | undefined;
  /** Whether changed lines say what was changed; summaries do in any case. `true` */
  readonly annotate?: boolean | undefined;
  /** Whether `<N>` stands before each line, by its level, as sd-daemon(3) has it. Not with `createRelevelLines`. `false` */
  readonly priorityPrefix?: boolean | undefined;
  /** Takes the bytes of each line that is folded, newline included. Where it throws, the line passes instead. */
  readonly archive?: ((line: Uint8Array) => void) | undefined;
  /** The clock of `'live'`, whole ms since 1970, that never goes back. Where it is left out, the machine's. */
  readonly now?: (() => number) | undefined;
}

/** All that can be said, with nothing left open. */
export interface LibrarySettings {
  readonly rules: RulesGiven | readonly RulesGiven[];
  readonly off: readonly string[];
  /** What goes before what rules say of how lines are read. */
  readonly read: Reading;
  readonly source: string;
  readonly now: (() => number) | undefined;
  readonly engine: EngineSettings;
}

interface Check {
  readonly expected: string;
  readonly fits: (value: unknown) => boolean;
}

const MOST = 1e9;
const LARGEST = 1024 ** 3;

const oneOf = (...words: string[]): Check => ({
  expected: `one of ${words.join(', ')}`,
  fits: (value) => words.includes(value as string),
});
const upTo = (most: number, least = 1): Check => ({
  expected: `a whole number from ${least} to ${most}`,
  fits: (value) => Number.isInteger(value) && (value as number) >= least && (value as number) <= most,
});
const kindOf = (kind: string, expected: string): Check => ({ expected, fits: (value) => typeof value === kind });

const NAMES: Check = {
  expected: 'a list of names',
  fits: (value) => Array.isArray(value) && value.every((name) => typeof name === 'string' && name !== ''),
};

const CHECKS: Readonly<Record<keyof RelevelOptions, Check>> = {
  rules: { expected: 'rules', fits: () => true },
  off: { expected: 'a list of ids', fits: (value) => Array.isArray(value) && value.every((id) => typeof id === 'string') },
  source: kindOf('string', 'a text'),
  clock: oneOf('live', 'replay', 'order'),
  order: oneOf('strict', 'relaxed'),
  format: oneOf('auto', 'json', 'logfmt', 'text'),
  envelope: oneOf(...ENVELOPES),
  zone: {
    expected: 'a zone: local, UTC, an offset such as +02:00, or a name such as Europe/Berlin',
    fits: (value) => typeof value === 'string' && (value === 'local' || zoneNamed(value) !== undefined),
  },
  levelKey: NAMES,
  messageKey: NAMES,
  timeKey: NAMES,
  holdLines: upTo(MOST),
  holdBytes: upTo(LARGEST),
  groups: upTo(MOST),
  groupBytes: upTo(LARGEST),
  maxLine: upTo(LARGEST),
  maxRecord: upTo(LARGEST, 0),
  recordWait: upTo(MOST, 0),
  annotate: kindOf('boolean', 'true or false'),
  priorityPrefix: kindOf('boolean', 'true or false'),
  archive: kindOf('function', 'a function'),
  now: kindOf('function', 'a function'),
};

/** Fills in what was left open. Throws `TypeError` with all that is wrong. */
export function settingsOf(options: RelevelOptions): LibrarySettings {
  const wrong = problemsOf(options as Readonly<Record<string, unknown>>);
  if (wrong.length > 0) throw new TypeError(`relevel: ${wrong.join('; ')}`);
  const { holdLines, holdBytes, groups, groupBytes, maxLine, maxRecord, recordWait, ...choices } = {
    ...ENGINE_DEFAULTS,
    ...said(options),
  };
  const { annotate, priorityPrefix, order, format, envelope } = choices;
  const archive = options.archive === undefined ? undefined : archiveOf(options.archive);
  const bounds = { holdLines, holdBytes, groups, groupBytes, maxLine, maxRecord, recordWait };
  const clock = options.clock ?? 'live';
  return {
    rules: options.rules ?? ['builtin'],
    off: options.off ?? [],
    read: readingOf(options),
    source: options.source ?? 'stream',
    now: options.now,
    engine: {
      clock,
      zone: clock === 'live' ? LOCAL : UTC,
      local: LOCAL,
      order,
      format,
      envelope,
      annotate,
      priorityPrefix,
      archive,
      ...bounds,
    },
  };
}

function readingOf({ levelKey, messageKey, timeKey, zone }: RelevelOptions): Reading {
  return {
    ...(levelKey === undefined ? {} : { level: levelKey }),
    ...(messageKey === undefined ? {} : { msg: messageKey }),
    ...(timeKey === undefined ? {} : { time: timeKey }),
    ...(zone === undefined ? {} : { zone }),
  };
}

function problemsOf(options: Readonly<Record<string, unknown>>): string[] {
  const names = Object.keys(CHECKS);
  return Object.entries(options).flatMap(([name, value]) => {
    if (value === undefined) return [];
    const check = (CHECKS as Readonly<Record<string, Check>>)[name];
    if (check === undefined) return [`unknown option ${quote(name)}${suggest(name, names, 'options')}`];
    return check.fits(value) ? [] : [`${name}: not ${check.expected}`];
  });
}

type Said = { readonly [Key in keyof RelevelOptions]?: Exclude<RelevelOptions[Key], undefined> };

/** Without what was said to be undefined. */
const said = (options: RelevelOptions): Said =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));

const archiveOf = (take: (line: Uint8Array) => void): Archive => ({
  keep: (bytes, start, end) => {
    try {
      take(Uint8Array.prototype.slice.call(bytes, start, end));
      return true;
    } catch {
      return false;
    }
  },
});
