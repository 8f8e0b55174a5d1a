import { readJson } from './json.ts';
import { levelNamed, levelOfLetter, levelOfValue, type Level } from './levels.ts';
import { readLogfmt } from './logfmt.ts';
import { timeOfKlog, timeOfText, timeOfValue, type WrittenTime } from './times.ts';
import type { Member, Value } from './values.ts';

/** A line with a level, in any format. */
export interface LogRecord {
  readonly kind: 'record';
  readonly format: 'json' | 'logfmt' | 'env_logger' | 'klog';
  readonly level: Level;
  /** The level as the line spells it. */
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
}

/** No format reads it, or it has no level. */
export interface OpaqueLine {
  readonly kind: 'opaque';
}

export const NAMES = {
  level: ['level', 'lvl', 'severity', 'log.level', 'levelname', '@level'],
  msg: ['msg', 'message', '@message'],
  time: [
    'time',
    'ts',
    'timestamp',
    '@timestamp',
    '@t',
    't',
    'datetime',
    'asctime',
    'Timestamp',
    'timeMillis',
    '__REALTIME_TIMESTAMP',
    '_SOURCE_REALTIME_TIMESTAMP',
  ],
} as const;

const ENV_LOGGER = /^\[(\S+) (TRACE|DEBUG|INFO|WARN|ERROR)\b[^\]]*\] (.*)$/su;
const KLOG = /^([TDIWEF])(\d{4} \d\d:\d\d:\d\d\.\d{6}) +\d+ [^\]\s]+\] (.*)$/su;

/** Reads `text`, a line without its end, as the first format that knows it. */
export function readLine(text: string): LogRecord | OpaqueLine {
  const members = readJson(text);
  if (members !== undefined) {
    return fromMembers('json', members, { guessed: false, annotated: members.some(({ name }) => name === 'relevel') });
  }

  const envLogger = ENV_LOGGER.exec(text);
  if (envLogger !== null) {
    const [, time, was, msg] = envLogger as unknown as [string, string, string, string];
    return header({ format: 'env_logger', level: levelNamed(was)!, was, msg, time: named('header', timeOfText(time)) });
  }

  const klog = KLOG.exec(text);
  if (klog !== null) {
    const [, was, time, msg] = klog as unknown as [string, string, string, string];
    return header({ format: 'klog', level: levelOfLetter(was), was, msg, time: named('header', timeOfKlog(time)) });
  }

  const pairs = readLogfmt(text);
  if (pairs === undefined) return { kind: 'opaque' };
  const annotated = pairs.members.some(({ name }) => name === 'relevel.rule');
  return fromMembers('logfmt', pairs.members, { guessed: pairs.guessed, annotated });
}

const named = (name: string, time: WrittenTime | undefined): NamedTime | undefined =>
  time === undefined ? undefined : { name, ...time };

function header(read: Pick<LogRecord, 'format' | 'level' | 'was' | 'msg' | 'time'>): LogRecord {
  return { kind: 'record', members: [], guessed: false, annotated: read.msg?.includes(' relevel.rule=') === true, ...read };
}

function fromMembers(
  format: 'json' | 'logfmt',
  members: readonly Member[],
  marks: Pick<LogRecord, 'guessed' | 'annotated'>,
): LogRecord | OpaqueLine {
  const first = (names: readonly string[]): Member | undefined =>
    names.map((name) => memberAt(members, name)).find((member) => member !== undefined);
  const found = first(NAMES.level);
  const level = levelOfValue(found?.value);
  if (found === undefined || level === undefined) return { kind: 'opaque' };
  const msg = first(NAMES.msg)?.value;
  return {
    kind: 'record',
    format,
    level,
    was: found.raw,
    msg: msg?.kind === 'text' ? msg.text : undefined,
    time: NAMES.time.map((name) => named(name, timeOfValue(memberAt(members, name)?.value))).find((time) => time !== undefined),
    members,
    ...marks,
  };
}

/** The flat name `a.b` if there is one, else `a`, then `b` in it; of doubles the first. */
function memberAt(members: readonly Member[], path: string): Member | undefined {
  const flat = members.find(({ name }) => name === path);
  const dot = path.indexOf('.');
  if (flat !== undefined || dot === -1) return flat;
  const outer = members.find(({ name }) => name === path.slice(0, dot))?.value;
  return outer?.kind === 'object' ? memberAt(outer.members, path.slice(dot + 1)) : undefined;
}

export const valueAt = (record: LogRecord, path: string): Value | undefined => memberAt(record.members, path)?.value;

/** Whether one of the `names` occurs twice at the top. */
export function hasDouble(record: LogRecord, names: ReadonlySet<string>): boolean {
  const own = record.members.map(({ name }) => name).filter((name) => names.has(name));
  return new Set(own).size < own.length;
}
