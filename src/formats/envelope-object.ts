import type { Named, Severity } from '../record/envelope.ts';
import { levelOfName } from '../record/level.ts';
import { GOOGLE_NAMES, SYSLOG, type Scale } from '../record/scale.ts';
import type { EnvelopeKind } from './envelope-kinds.ts';
import { newlineBefore } from './envelope-frame.ts';
import { valueEnd } from './json.ts';

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_OBJECT = 0x7b;

/** A member whose value is the line, or the line's own JSON. */
interface Carrier {
  readonly name: string;
  readonly kind: EnvelopeKind;
  /** If one of these is there too; else any object with the member will do. */
  readonly beside?: readonly string[];
  readonly severity?: { readonly name: string; readonly scale: Scale };
  /** It may be an object. Elsewhere an object is a part of a record: `log` of `log.level`. */
  readonly isObject?: true;
}

/** The first that is there is taken. */
const CARRIERS: readonly Carrier[] = [
  { name: 'MESSAGE', kind: 'journald', severity: { name: 'PRIORITY', scale: SYSLOG } },
  { name: 'short_message', kind: 'gelf', severity: { name: 'level', scale: SYSLOG } },
  { name: 'textPayload', kind: 'google', severity: { name: 'severity', scale: GOOGLE_NAMES } },
  { name: 'jsonPayload', kind: 'google', isObject: true, severity: { name: 'severity', scale: GOOGLE_NAMES } },
  { name: 'log', kind: 'fluent' },
  { name: '@message', kind: 'cloudwatch' },
  { name: 'message', kind: 'stern', beside: ['podName', 'containerName'] },
  { name: 'message', kind: 'cloudwatch', beside: ['logStreamName', 'ingestionTime', 'eventId'] },
  { name: 'message', kind: 'fluent' },
];

/** The names of members that a line may stand in. */
export const CARRIER_NAMES: readonly string[] = [...new Set(CARRIERS.map(({ name }) => name))];

/** Where the parts of an origin stand: names, and paths with `/`. The first that is a text is taken. */
const PARTS: Readonly<Record<keyof Named, readonly string[]>> = {
  namespace: [
    'kubernetes/namespace_name',
    'kubernetes/pod_namespace',
    'kubernetes/namespace',
    'resource/labels/namespace_name',
    'namespace',
    '_namespace_name',
  ],
  pod: ['kubernetes/pod_name', 'kubernetes/pod/name', 'resource/labels/pod_name', 'podName', '_pod_name'],
  container: [
    'kubernetes/container_name',
    'kubernetes/container/name',
    'resource/labels/container_name',
    'containerName',
    'container_name',
    '_container_name',
    'CONTAINER_NAME',
  ],
  unit: ['_SYSTEMD_UNIT', 'UNIT', 'SYSLOG_IDENTIFIER'],
  stream: ['stream', 'source', 'logName'],
};

/** Where the time stands. Its place tells one domain from another. */
const TIMES = ['time', 'timestamp', '@timestamp', 'date', '_SOURCE_REALTIME_TIMESTAMP', '__REALTIME_TIMESTAMP'] as const;

export interface Opened {
  readonly kind: EnvelopeKind;
  /** The line: the text of a JSON string without its quotes and the newline at its end, or an object. */
  readonly start: number;
  readonly end: number;
  readonly isObject: boolean;
  readonly severity: Severity | undefined;
  readonly named: Named;
  /** As it is written, without quotes, and its place among the names of times. */
  readonly time: { readonly text: string; readonly isNumber: boolean; readonly name: number } | undefined;
}

interface Span {
  readonly start: number;
  readonly end: number;
}

/** Finds the line in a JSON object `[start, end)` that a collector has put it into; `undefined` if it holds none. */
export function openObject(bytes: Buffer, start: number, end: number, only: string | undefined): Opened | undefined {
  const members = membersOf(bytes, start, end);
  if (members === undefined) return undefined;
  const isIn = (value: Span | undefined, byte: number): boolean => value !== undefined && bytes[value.start] === byte;
  const carrier = CARRIERS.find(
    ({ name, kind, beside, isObject: mayBeObject }) =>
      (isIn(members.get(name), QUOTE) || (mayBeObject === true && isIn(members.get(name), OPEN_OBJECT))) &&
      (only === undefined || kind === only) &&
      (beside?.some((other) => members.has(other)) ?? true),
  );
  if (carrier === undefined) return undefined;
  const value = members.get(carrier.name)!;
  const isObject = bytes[value.start] === OPEN_OBJECT;
  const whole = parsed(bytes.utf8Slice(start, end));
  if (whole === undefined) return undefined;
  return {
    kind: carrier.kind,
    ...(isObject ? value : textIn(bytes, value)),
    isObject,
    severity: severityIn(bytes, members, carrier),
    named: namedIn(whole),
    time: timeIn(bytes, members),
  };
}

/** `undefined` where an escape stands in it that JSON does not know, which is no reason not to read a log line. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** Without its quotes, and without a newline at its end. */
function textIn(bytes: Buffer, value: Span): Span {
  const start = value.start + 1;
  const end = value.end - 1;
  return { start, end: end - newlineBefore(bytes, start, end) };
}

/** The members at the top by name, those whose name has no escape; `undefined` if it is no object, or a name stands there twice. */
function membersOf(bytes: Buffer, start: number, end: number): ReadonlyMap<string, Span> | undefined {
  const members = new Map<string, Span>();
  let at = skipSpace(bytes, start, end) + 1;
  if (bytes[at - 1] !== OPEN_OBJECT) return undefined;
  for (;;) {
    at = skipSpace(bytes, at, end);
    const nameEnd = bytes[at] === QUOTE ? valueEnd(bytes, at, end) : -1;
    if (nameEnd === -1) return undefined;
    const name = bytes.latin1Slice(at + 1, nameEnd - 1);
    at = skipSpace(bytes, nameEnd, end);
    if (bytes[at] !== COLON) return undefined;
    at = skipSpace(bytes, at + 1, end);
    const close = valueEnd(bytes, at, end);
    if (close === -1 || members.has(name)) return undefined;
    members.set(name, { start: at, end: close });
    at = skipSpace(bytes, close, end);
    if (bytes[at] !== COMMA) return skipSpace(bytes, at + 1, end) === end ? members : undefined;
    at += 1;
  }
}

function severityIn(bytes: Buffer, members: ReadonlyMap<string, Span>, { severity }: Carrier): Severity | undefined {
  const value = severity && members.get(severity.name);
  if (value === undefined) return undefined;
  const isQuoted = bytes[value.start] === QUOTE;
  const start = isQuoted ? value.start + 1 : value.start;
  const end = isQuoted ? value.end - 1 : value.end;
  const written = bytes.latin1Slice(start, end);
  const { scale } = severity!;
  if (/^\d{1,3}$/u.test(written)) {
    const level = scale.levelOf(Number(written));
    return level === undefined ? undefined : { level, scale, start, end, at: 'line' };
  }
  const level = /^[A-Za-z]+$/u.test(written) ? (scale.levelOf(written) ?? levelOfName(written)) : undefined;
  return level === undefined ? undefined : { level, scale, start, end, at: 'line' };
}

function namedIn(whole: unknown): Named {
  const named: Named = {};
  for (const [part, places] of Object.entries(PARTS)) {
    const found = places.map((place) => textAt(whole, place)).find((text) => text !== undefined);
    if (found !== undefined) named[part as keyof Named] = found;
  }
  // Google's ends with it, as a part of the name of a log.
  const stream = /(?:^|[/])(stdout|stderr)$/u.exec(named.stream ?? '')?.[1];
  delete named.stream;
  return stream === undefined ? named : { ...named, stream };
}

function textAt(whole: unknown, place: string): string | undefined {
  let value: unknown = whole;
  for (const name of place.split('/')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[name];
  }
  return typeof value === 'string' && value !== '' ? value.replace(/^\//u, '') : undefined;
}

function timeIn(bytes: Buffer, members: ReadonlyMap<string, Span>): Opened['time'] {
  for (const [name, key] of TIMES.entries()) {
    const value = members.get(key);
    if (value === undefined) continue;
    const isQuoted = bytes[value.start] === QUOTE;
    const text = isQuoted ? bytes.latin1Slice(value.start + 1, value.end - 1) : bytes.latin1Slice(value.start, value.end);
    const isNumber = /^\d+(?:\.\d+)?$/u.test(text);
    if (isQuoted || isNumber) return { text, isNumber, name };
  }
  return undefined;
}

function skipSpace(bytes: Buffer, from: number, end: number): number {
  let at = from;
  while (at < end && (bytes[at] === 0x20 || bytes[at] === 0x09 || bytes[at] === 0x0d)) at += 1;
  return at;
}
