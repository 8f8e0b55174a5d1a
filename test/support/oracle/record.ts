import { unwrap, type Around } from './envelope.ts';
import { readJson } from './json.ts';
import {
  LEVEL_MARKS,
  LEVEL_PATHS,
  levelNamed,
  levelOf,
  levelOfLetter,
  levelOn,
  type Level,
  type Place,
  type Scale,
} from './levels.ts';
import { readLogfmt } from './logfmt.ts';
import { timeOfKlog, timeOfText, timeOfValue, type WrittenTime } from './times.ts';
import type { Member, Value } from './values.ts';

/** A line with a level, in any format. */
export interface LogRecord {
  readonly kind: 'record';
  readonly format: 'json' | 'logfmt' | 'env_logger' | 'klog' | 'message';
  /** What stands before it. */
  readonly around: Around | undefined;
  /** Its level is the priority before it. */
  readonly lent?: true;
  readonly level: Level;
  /** Where the line holds it, the place that decides first. */
  readonly places: readonly Place[];
  /** The level as the line spells it there. */
  readonly was: string;
  readonly msg: string | undefined;
  /** Its own time, and under which name it stands. */
  readonly time: NamedTime | undefined;
  readonly members: readonly Member[];
  /** Read by mercy for broken quoting. */
  readonly guessed: boolean;
  readonly annotated: boolean;
}

export interface NamedTime extends WrittenTime {
  readonly name: string;
  /** Whoever wrote it around the line. */
  readonly by?: string;
}

/** No format reads it, or it has no level. */
export interface OpaqueLine {
  readonly kind: 'opaque';
  readonly around: Around | undefined;
}

export const NAMES = {
  level: [...LEVEL_PATHS, ...LEVEL_MARKS],
  msg: [
    'msg',
    'message',
    '@message',
    'fields.message',
    'short_message',
    'MESSAGE',
    'Message',
    'RenderedMessage',
    'body',
    '@m',
    '@mt',
    'jsonPayload.message',
    'jsonPayload.msg',
  ],
  time: [
    'time',
    'ts',
    'timestamp',
    '@timestamp',
    '@t',
    't',
    't.$date',
    'datetime',
    'asctime',
    'Timestamp',
    'timeMillis',
    '__REALTIME_TIMESTAMP',
    '_SOURCE_REALTIME_TIMESTAMP',
  ],
} as const;

const ENV_LOGGER = /^\[(\S+) (?:\x1b\[[\d;]*m)*(TRACE|DEBUG|INFO|WARN|ERROR|CRITICAL)(?:\x1b\[[\d;]*m)*(?=[ \]])[^\]]*\] (.*)$/su;
const KLOG = /^([IWEF])(\d{4} \d\d:\d\d:\d\d\.\d{6}) +\d+ [^\]\s]+\] (.*)$/su;

/** Reads `line`, without its end, as the first format that knows it; else what stands behind the words of collectors. */
export function readLine(line: string): LogRecord | OpaqueLine {
  const plain = readPlain(line);
  const around = unwrap(line);
  if (plain.kind === 'record' || around === undefined) return plain;
  const inner = readPlain(around.text);
  const read = inner.kind === 'record' ? inner : bySeverity(around);
  if (read === undefined) return { kind: 'opaque', around };
  const { time } = around;
  const isOutdone = read.time === undefined || (read.time.yearless && time?.yearless === false);
  return { ...read, around, time: isOutdone && time !== undefined ? { name: 'envelope', ...time } : read.time };
}

/** A text without a level of its own has that of the priority before it. */
function bySeverity({ priority, text }: Around): LogRecord | undefined {
  const level = priority === undefined ? undefined : levelOn('priority', priority);
  if (level === undefined || text === '') return undefined;
  const member: Member = { name: '', value: { kind: 'number', digits: priority! }, raw: priority! };
  const common = { kind: 'record', level, was: priority!, around: undefined, guessed: false, lent: true } as const;
  const places: readonly Place[] = [{ path: '', member, scale: 'priority' }];
  const members = readJson(text);
  if (members !== undefined) {
    const namesOne = LEVEL_PATHS.some((path) => path !== 's' && membersAt(members, path).length > 0);
    if (namesOne) return undefined;
    const msg = NAMES.msg.map((name) => memberAt(members, name)).find((each) => each !== undefined)?.value;
    const time = NAMES.time
      .map((name) => named(name, timeOfValue(memberAt(members, name)?.value)))
      .find((each) => each !== undefined);
    const annotated = members.some(({ name }) => name === 'relevel');
    return { ...common, format: 'json', places, msg: msg?.kind === 'text' ? msg.text : undefined, time, members, annotated };
  }
  if (text.startsWith('{')) return undefined;
  return {
    ...common,
    format: 'message',
    places,
    msg: text,
    time: undefined,
    members: [],
    annotated: text.includes(' relevel.rule='),
  };
}

function readPlain(text: string): LogRecord | OpaqueLine {
  const members = readJson(text);
  if (members !== undefined) {
    return fromMembers('json', members, { guessed: false, annotated: members.some(({ name }) => name === 'relevel') });
  }

  const envLogger = ENV_LOGGER.exec(text);
  if (envLogger !== null) {
    const [, time, was, msg] = envLogger as unknown as [string, string, string, string];
    return header({ format: 'env_logger', level: levelNamed(was)!, was, msg, time: named('header', timeOfText(time)) }, 'names');
  }

  const klog = KLOG.exec(text);
  if (klog !== null) {
    const [, was, time, msg] = klog as unknown as [string, string, string, string];
    return header({ format: 'klog', level: levelOfLetter(was), was, msg, time: named('header', timeOfKlog(time)) }, 'klog');
  }

  const pairs = readLogfmt(text);
  if (pairs === undefined) return { kind: 'opaque', around: undefined };
  const [only, ...more] = pairs.members;
  if (only !== undefined && more.length === 0 && SETTINGS.includes(only.name) && text === `${only.name}=${only.raw}`)
    return { kind: 'opaque', around: undefined };
  const annotated = pairs.members.some(({ name }) => name === 'relevel.rule');
  return fromMembers('logfmt', pairs.members, { guessed: pairs.guessed, annotated });
}

/** A pair of such a name alone is a setting, and no line of a log. */
const SETTINGS = ['log_level', 'loglevel', 'LogLevel', 'logLevel', 'Level', 'status', 'PRIORITY'];

const named = (name: string, time: WrittenTime | undefined): NamedTime | undefined =>
  time === undefined ? undefined : { name, ...time };

function header(read: Pick<LogRecord, 'format' | 'level' | 'was' | 'msg' | 'time'>, scale: Scale): LogRecord {
  const member: Member = { name: '', value: { kind: 'text', text: read.was, untyped: true }, raw: read.was };
  const annotated = read.msg?.includes(' relevel.rule=') === true;
  return {
    kind: 'record',
    around: undefined,
    members: [],
    places: [{ path: '', member, scale }],
    guessed: false,
    annotated,
    ...read,
  };
}

function fromMembers(
  format: 'json' | 'logfmt',
  members: readonly Member[],
  marks: Pick<LogRecord, 'guessed' | 'annotated'>,
): LogRecord | OpaqueLine {
  const first = (names: readonly string[]): Member | undefined =>
    names.map((name) => memberAt(members, name)).find((member) => member !== undefined);
  const found = levelOf((path) => membersAt(members, path));
  if (found === undefined) return { kind: 'opaque', around: undefined };
  const msg = first(NAMES.msg)?.value;
  return {
    kind: 'record',
    around: undefined,
    format,
    ...found,
    was: found.places[0]!.member.raw,
    msg: msg?.kind === 'text' ? msg.text : undefined,
    time: NAMES.time.map((name) => named(name, timeOfValue(memberAt(members, name)?.value))).find((time) => time !== undefined),
    members,
    ...marks,
  };
}

/** All of the flat name `a.b` if there is one, else `a`, then `b` in it; of several `a` the first. */
export function membersAt(members: readonly Member[], path: string): readonly Member[] {
  const flat = members.filter(({ name }) => name === path);
  const dot = path.indexOf('.');
  if (flat.length > 0 || dot === -1) return flat;
  const outer = members.find(({ name }) => name === path.slice(0, dot))?.value;
  return outer?.kind === 'object' ? membersAt(outer.members, path.slice(dot + 1)) : [];
}

/** Of doubles the first. */
const memberAt = (members: readonly Member[], path: string): Member | undefined => membersAt(members, path)[0];

export const valueAt = (record: LogRecord, path: string): Value | undefined => memberAt(record.members, path)?.value;

/**
 * Whether one of the `names` occurs twice at the top with values that differ; or one that holds the level, of which an edit could
 * not change both.
 */
export function hasDouble({ members, places }: LogRecord, names: ReadonlySet<string>): boolean {
  return [...names].some((name) => {
    const all = members.filter((member) => member.name === name);
    if (all.length < 2) return false;
    const hold = all.filter((member) => places.some((place) => place.member === member));
    const isAround = places.some(({ path, member }) => path !== member.name && path.startsWith(`${name}.`));
    return all.some((member) => !isSame(all[0]!, member)) || isAround || (hold.length > 0 && hold.length < all.length);
  });
}

function isSame(a: Member, b: Member): boolean {
  return a.value.kind === 'text' && b.value.kind === 'text' ? a.value.text === b.value.text : a.raw === b.raw;
}
