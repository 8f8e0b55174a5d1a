import { unwrap, type Around } from './envelope.ts';
import { readJson } from './json.ts';
import { readHeader, type Header } from './headers.ts';
import { LEVEL_MARKS, levelOf, levelOn, levelPaths, type Level, type LevelPaths, type Place, type Scale } from './levels.ts';
import { readLogfmt } from './logfmt.ts';
import { timeOfValue, type WrittenTime } from './times.ts';
import type { Member, Value } from './values.ts';

/** A line with a level, in any format. */
export interface LogRecord {
  readonly kind: 'record';
  readonly format: 'json' | 'logfmt' | 'message' | Header['format'];
  /** Of a line with a header. */
  readonly header?: Header;
  /** The pairs of an annotation, of a line that has one behind its text. */
  readonly note?: string;
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
  /** A name for the message comes twice: one message can be kept in an annotation, not two. */
  readonly saysTwice: boolean;
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

const NAMES = {
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

/** Where levels, messages and times are found. */
export interface Reading {
  readonly levels: LevelPaths;
  readonly msg: readonly string[];
  readonly time: readonly string[];
}

/** Names of the operator's, which go before those that there are. */
export function readingWith(
  level: readonly string[],
  msg: readonly string[],
  time: readonly string[],
  numbers: Scale | undefined,
): Reading {
  const before = (own: readonly string[], usual: readonly string[]): readonly string[] => [
    ...own,
    ...usual.filter((name) => !own.includes(name)),
  ];
  return { levels: levelPaths(level, numbers), msg: before(msg, NAMES.msg), time: before(time, NAMES.time) };
}

export const USUAL = readingWith([], [], [], undefined);

/** All of these names: those of a line that occur twice make it ambiguous. */
export const namesOf = ({ levels, msg, time }: Reading): readonly string[] => [
  ...levels.map(([path]) => path),
  ...LEVEL_MARKS,
  ...msg,
  ...time,
];

/** Reads `line`, without its end, as the first format that knows it; else what stands behind the words of collectors. */
export function readLine(line: string, reading: Reading): LogRecord | OpaqueLine {
  const plain = readPlain(line, reading);
  const around = unwrap(line);
  if (plain.kind === 'record' || around === undefined) return plain;
  const inner = readPlain(around.text, reading);
  const read = inner.kind === 'record' ? inner : bySeverity(around, reading);
  if (read === undefined) return { kind: 'opaque', around };
  const { time } = around;
  const isOutdone = read.time === undefined || (read.time.yearless && time?.yearless === false);
  return { ...read, around, time: isOutdone && time !== undefined ? { name: 'envelope', ...time } : read.time };
}

/** A text without a level of its own has that of the priority before it. */
function bySeverity({ priority, text }: Around, reading: Reading): LogRecord | undefined {
  const level = priority === undefined ? undefined : levelOn('priority', priority);
  if (level === undefined || text === '') return undefined;
  const member: Member = { name: '', value: { kind: 'number', digits: priority! }, raw: priority! };
  const common = { kind: 'record', level, was: priority!, around: undefined, guessed: false, lent: true } as const;
  const places: readonly Place[] = [{ path: '', isNested: false, member, scale: 'priority' }];
  const members = readJson(text);
  if (members !== undefined) {
    const namesOne = reading.levels.some(([path]) => path !== 's' && membersAt(members, path).length > 0);
    if (namesOne) return undefined;
    const msg = reading.msg.map((name) => memberAt(members, name)).find((each) => each !== undefined)?.value;
    const time = reading.time
      .map((name) => named(name, timeOfValue(memberAt(members, name)?.value)))
      .find((each) => each !== undefined);
    const annotated = members.some(({ name }) => name === 'relevel');
    const said = msg?.kind === 'text' ? msg.text : undefined;
    return { ...common, format: 'json', places, msg: said, time, members, annotated, saysTwice: saysTwice(members, reading) };
  }
  if (text.startsWith('{')) return undefined;
  return {
    ...common,
    format: 'message',
    places,
    ...withoutNote(text),
    time: undefined,
    members: [],
    saysTwice: false,
  };
}

/** A text and the annotation behind it. */
function withoutNote(text: string): Pick<LogRecord, 'annotated' | 'note'> & { readonly msg: string } {
  const at = text.indexOf(' relevel.rule=');
  return at === -1 ? { msg: text, annotated: false } : { msg: text.slice(0, at), annotated: true, note: text.slice(at + 1) };
}

function readPlain(text: string, reading: Reading): LogRecord | OpaqueLine {
  const members = readJson(text);
  if (members !== undefined) {
    return fromMembers('json', members, { guessed: false, annotated: members.some(({ name }) => name === 'relevel') }, reading);
  }

  const { msg: unmarked, ...marks } = withoutNote(text);
  const header = readHeader(unmarked);
  if (header !== undefined) return fromHeader(header, marks);

  const pairs = readLogfmt(text);
  if (pairs === undefined) return { kind: 'opaque', around: undefined };
  const [only, ...more] = pairs.members;
  if (only !== undefined && more.length === 0 && SETTINGS.includes(only.name) && text === `${only.name}=${only.raw}`)
    return { kind: 'opaque', around: undefined };
  const annotated = pairs.members.some(({ name }) => name === 'relevel.rule');
  return fromMembers('logfmt', pairs.members, { guessed: pairs.guessed, annotated }, reading);
}

/** A pair of such a name alone is a setting, and no line of a log. */
const SETTINGS = ['log_level', 'loglevel', 'LogLevel', 'logLevel', 'Level', 'status', 'PRIORITY'];

const named = (name: string, time: WrittenTime | undefined): NamedTime | undefined =>
  time === undefined ? undefined : { name, ...time };

function fromHeader(header: Header, marks: Pick<LogRecord, 'annotated' | 'note'>): LogRecord {
  const { format, level, was, scale, msg, time, members } = header;
  const member: Member = { name: '', value: { kind: 'text', text: was, untyped: true }, raw: was };
  return {
    kind: 'record',
    around: undefined,
    format,
    header,
    level,
    was,
    msg,
    time: named('header', time),
    members,
    places: [{ path: '', isNested: false, member, scale }],
    guessed: false,
    saysTwice: false,
    ...marks,
    annotated: marks.annotated || members.some(({ name }) => name === 'relevel'),
  };
}

function fromMembers(
  format: 'json' | 'logfmt',
  members: readonly Member[],
  marks: Pick<LogRecord, 'guessed' | 'annotated'>,
  reading: Reading,
): LogRecord | OpaqueLine {
  const first = (names: readonly string[]): Member | undefined =>
    names.map((name) => memberAt(members, name)).find((member) => member !== undefined);
  const found = levelOf(reading.levels, (path, isNested) => (isNested ? nestedAt : flatAt)(members, path));
  if (found === undefined) return { kind: 'opaque', around: undefined };
  const msg = first(reading.msg)?.value;
  return {
    kind: 'record',
    around: undefined,
    format,
    ...found,
    was: found.places[0]!.member.raw,
    msg: msg?.kind === 'text' ? msg.text : undefined,
    time: reading.time.map((name) => named(name, timeOfValue(memberAt(members, name)?.value))).find((time) => time !== undefined),
    members,
    saysTwice: saysTwice(members, reading),
    ...marks,
  };
}

const saysTwice = (members: readonly Member[], reading: Reading): boolean =>
  reading.msg.some((name) => flatAt(members, name).length > 1);

/** All of the flat name `a.b` if there is one, else `a`, then `b` in it; of several `a` the first. */
function membersAt(members: readonly Member[], path: string): readonly Member[] {
  const flat = flatAt(members, path);
  return flat.length > 0 ? flat : nestedAt(members, path);
}

export const flatAt = (members: readonly Member[], path: string): readonly Member[] =>
  members.filter(({ name }) => name === path);

export function nestedAt(members: readonly Member[], path: string): readonly Member[] {
  const dot = path.indexOf('.');
  const outer = dot === -1 ? undefined : members.find(({ name }) => name === path.slice(0, dot))?.value;
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
