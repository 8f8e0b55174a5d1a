import { COUNTED, WRITER, type Writer } from '../record/clock-domain.ts';
import { originOf, type Envelope, type Unescaped } from '../record/envelope.ts';
import { ANNOTATION } from '../record/names.ts';
import type { LogRecord } from '../record/record.ts';
import { daysOf, instantOfNumber, instantOfText, NO_ZONE, secondsOf, SOME_YEAR, zoneRead } from '../record/time.ts';
import { JSON_ESCAPED, MISSING, QUOTED, UNQUOTED } from '../record/value.ts';
import { beginsAsDocker, criFrame, dockerFrame, type Frame } from './envelope-frame.ts';
import { escapeAsGo, escapePlainly, unescaped } from './envelope-json.ts';
import { ENVELOPES, mayBeCut, type EnvelopeKind } from './envelope-kinds.ts';
import { openObject, type Opened } from './envelope-object.ts';
import { joinPieces } from './envelope-pieces.ts';
import { peel, takeNames, type Peeled, type Text } from './envelope-prefix.ts';

const CR = 0x0d;
const LF = 0x0a;
const OPEN_OBJECT = 0x7b;

/** Old bytes of the line that a change keeps, at offsets of its record's bytes: they stay spelled as they are. */
export interface Kept {
  readonly from: number;
  readonly to: number;
}

/** Reads a line, given without its newline, that nothing stands around. As `readLine`. */
export type ReadLine = (record: LogRecord, bytes: Buffer, start: number, end: number) => boolean;

export const envelopeOf = (record: LogRecord): Envelope | undefined => record.envelope;

/** More prefixes than these are not taken off one line. */
const MOST_PREFIXES = 3;

/** The line as it came, and how it is read. */
interface Around {
  readonly read: ReadLine;
  /** The kind that was asked for, if one was. */
  readonly only: EnvelopeKind | undefined;
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
  readonly line: Buffer;
  readonly pieces: string;
}

/**
 * Reads one line, given without its newline, of what stands inside its envelope; a line without one as it is. A
 * line of several pieces is given as all of them. One piece alone is opaque: it does not say what the whole means.
 *
 * A line that a format reads has no envelope, unless its level is one that collectors write around lines. So most lines pay nothing here.
 */
export function readInside(
  record: LogRecord,
  bytes: Buffer,
  start: number,
  end: number,
  read: ReadLine,
  kind: EnvelopeKind,
): boolean {
  if (kind === 'none') return read(record, bytes, start, end);
  const only = kind === 'auto' ? undefined : kind;
  const isObject = bytes[start] === OPEN_OBJECT;
  if (isObject && read(record, bytes, start, end) && !couldWrap(record)) return true;
  const around: Around = { read, only, bytes, start, end, line: bytes, pieces: '' };
  const isRead = readAround(record, around, kind, isObject);
  // What is a message may be reworded to a line.
  if (isRead && record.manner === 'member' && record.envelope?.inside === undefined) record.mayWrap = true;
  return isRead;
}

function readAround(record: LogRecord, around: Around, kind: EnvelopeKind, isObject: boolean): boolean {
  const { read, only, bytes, start, end } = around;
  if (mayBeCut(kind)) {
    // Both are told by their beginning, and no format has one like theirs.
    const frame = isObject
      ? kind !== 'cri' && beginsAsDocker(bytes, start, end)
      : kind !== 'docker' && criFrame(bytes, start, end);
    if (frame !== false && frame !== undefined) {
      if (isCut(bytes, start, end)) return readPieces(record, around);
      const whole = frame === true ? dockerFrame(bytes, start, end) : frame;
      if (whole !== undefined) return readFramed(record, whole, around);
    }
  }
  if (!isObject && read(record, bytes, start, end)) return true;
  if (only === 'cri' || only === 'docker') return read(record, bytes, start, end);
  const peeled: Peeled = { kinds: [], taken: 0 };
  const text: Text = { bytes, start, end, inside: undefined };
  return readWithin(record, around, text, peeled) || leaveOpaque(record, around, text, peeled);
}

/** Takes off what stands around a text that no format reads, until one reads what is left. Without one, a severity makes it a record. */
function readWithin(record: LogRecord, around: Around, text: Text, peeled: Peeled): boolean {
  const { bytes, end, inside } = text;
  let at = text.start;
  for (let i = 0; i < MOST_PREFIXES; i += 1) {
    if (bytes[at] === OPEN_OBJECT && inside === undefined) return readCarried(record, around, { ...text, start: at }, peeled);
    const next = peel(bytes, at, end, peeled, around.only);
    if (next === -1) break;
    at = next;
    if (!readLent(record, around, { ...text, start: at }, peeled)) continue;
    if (bytes[at] !== OPEN_OBJECT || inside !== undefined || record.levelAround || !couldWrap(record)) return true;
    return (
      readCarried(record, around, { ...text, start: at }, peeled) || readLent(record, around, { ...text, start: at }, peeled)
    );
  }
  peeled.rest = { ...text, start: at };
  return readBySeverity(record, around, peeled.rest, peeled);
}

/** Reads what is left. A JSON object without a level has that of the prefix before it. */
function readLent(record: LogRecord, around: Around, { bytes, start, end, inside }: Text, peeled: Peeled): boolean {
  record.lent = peeled.severity?.at === 'record' ? peeled.severity : undefined;
  const isRead = around.read(record, bytes, start, end);
  record.lent = undefined;
  return isRead && wrap(record, around, inside, peeled);
}

/** Reads the line that stands in a JSON object. If it stands in none, the object may say what it means by itself. */
function readCarried(record: LogRecord, around: Around, object: Text, peeled: Peeled): boolean {
  const { bytes, start, end } = object;
  peeled.rest = object;
  // It has a level of its own, of which nobody knows what it means.
  if (record.why === 'unknown level') return false;
  const opened = openObject(bytes, start, end, around.only);
  if (opened === undefined) return false;
  const { severity: before } = peeled;
  if (peeled.kinds.at(-1) !== opened.kind) peeled.kinds.push(opened.kind);
  takeNames(peeled, opened.named);
  // Offsets of the text are others than those of the line.
  if (before !== undefined) peeled.severity = { ...before, at: 'line' };
  else if (opened.severity !== undefined) peeled.severity = opened.severity;
  if (readOpened(record, around, opened, peeled)) {
    takeTimeOf(record, opened);
    return true;
  }
  if (opened.severity === undefined || !around.read(record, bytes, start, end)) return false;
  if (record.msgSlot === -1 && !opened.isObject) takeMessage(record, opened);
  if (before === undefined) delete peeled.severity;
  else peeled.severity = before;
  return wrap(record, around, undefined, peeled);
}

function readOpened(record: LogRecord, around: Around, { kind, start, end, isObject }: Opened, peeled: Peeled): boolean {
  const { line } = around;
  if (isObject) return around.read(record, line, start, end) && wrap(record, around, undefined, peeled);
  const inside = unescaped(line, start, end, kind === 'gelf' || kind === 'stern' ? escapeAsGo : escapePlainly);
  if (inside === undefined) return false;
  const { length } = inside.bytes;
  const text: Text = { bytes: inside.bytes, start: 0, end: length, inside };
  peeled.rest = text;
  if (around.read(record, inside.bytes, 0, length)) return wrap(record, around, inside, peeled);
  return around.only === undefined && readWithin(record, around, text, peeled);
}

/** Nothing reads the line. If what stands around it names where it comes from, that much is kept: it may be an awaited event. */
function leaveOpaque(record: LogRecord, around: Around, { bytes, start, end }: Text, peeled: Peeled): boolean {
  const { rest, kinds } = peeled;
  const origin = originOf(peeled);
  if (origin.key === '' || rest === undefined) return around.read(record, bytes, start, end);
  around.read(record, rest.bytes, rest.start, rest.end);
  record.opaque(record.why);
  const { isUnsure = false } = peeled;
  record.envelope = { ...partsOf(around), kinds, origin, isUnsure, inside: rest.inside, severity: undefined };
  return false;
}

/** The end of a name under which Google's exports have a line, such as `jsonPayload`. */
const PAYLOAD = /Payload"[ \t]*:/u;

/**
 * Whether the level of a line that JSON reads may be one that a collector has given it. Only the names in it and its level decide: so the
 * answer is the same for all lines that are alike.
 */
export function couldWrap(record: LogRecord): boolean {
  const { names, levelSlot, bytes, start, end } = record;
  const { path } = names.levels.find(({ slot }) => slot === levelSlot)!.name;
  if (path === 'level') return record.kinds[names.gelf.message] !== MISSING;
  return (
    path === 'PRIORITY' ||
    (path === 'severity' && bytes.subarray(start, end).includes('Payload"') && PAYLOAD.test(bytes.latin1Slice(start, end)))
  );
}

/** The text of the object is the record's message: no name of a message is there. */
function takeMessage(record: LogRecord, { start, end }: Opened): void {
  const slot = record.names.msg[0]!;
  record.set(slot, record.bytes.subarray(start, end).includes('\\') ? JSON_ESCAPED : QUOTED, start, end);
  record.msgSlot = slot;
}

const ANNOTATED = ` ${ANNOTATION}.rule=`;

/** A text that no format reads is a record all the same, if a prefix gives it a severity: the text is its message. */
function readBySeverity(record: LogRecord, around: Around, { bytes, start, end, inside }: Text, peeled: Peeled): boolean {
  const { severity } = peeled;
  const textEnd = end > start && bytes[end - 1] === CR ? end - 1 : end;
  // An object without a level takes it from the prefix; of one whose level is unknown, nobody knows what it means.
  if (severity?.at !== 'record' || start === textEnd || bytes[start] === OPEN_OBJECT) return false;
  record.reset(bytes, start, textEnd);
  record.format = 'message';
  record.takeLevel(severity);
  record.msgSlot = record.names.msg[0]!;
  const at = bytes.latin1Slice(start - 1, textEnd).indexOf(ANNOTATED);
  record.set(record.msgSlot, UNQUOTED, start, at === -1 ? textEnd : Math.max(start, start - 1 + at));
  record.annotated = at !== -1;
  if (at !== -1) {
    record.noteStart = start - 1 + at;
    record.noteEnd = textEnd;
  }
  record.loose = true;
  record.headed = true;
  return wrap(record, around, inside, peeled);
}

/** Keeps what stands around a record that was read. */
function wrap(record: LogRecord, around: Around, inside: Unescaped | undefined, peeled: Peeled): boolean {
  const { kinds, time, isUnsure = false } = peeled;
  const severity = record.levelAround ? undefined : peeled.severity;
  record.envelope = { ...partsOf(around), kinds, origin: originOf(peeled), isUnsure, inside, severity };
  if (time !== undefined) takeTime(record, time);
  return true;
}

const partsOf = ({ bytes, start, end, line, pieces }: Around): Pick<Around, 'bytes' | 'start' | 'end' | 'line' | 'pieces'> => ({
  bytes,
  start,
  end,
  line,
  pieces,
});

/** Whether a newline stands in it: then it is the pieces of a line. */
function isCut(bytes: Buffer, start: number, end: number): boolean {
  const newline = bytes.indexOf(LF, start);
  return newline !== -1 && newline < end;
}

/** Reads the lines `[start, end)` as the one that they are pieces of. */
function readPieces(record: LogRecord, around: Around): boolean {
  const { bytes, start, end } = around;
  const joined = joinPieces(bytes, start, bytes[end] === LF ? end + 1 : end);
  if (joined === undefined) {
    record.reset(bytes, start, end);
    return record.opaque('part of a line');
  }
  const { bytes: line, pieces } = joined;
  const lineEnd = line.at(-1) === LF ? line.length - 1 : line.length;
  const frame = line[0] === OPEN_OBJECT ? dockerFrame(line, 0, lineEnd) : criFrame(line, 0, lineEnd);
  return readFramed(record, frame!, { ...around, line, pieces });
}

function readFramed(record: LogRecord, frame: Frame, around: Around): boolean {
  const { kind, textStart, textEnd, stream, isLast, time } = frame;
  const { read, line, only } = around;
  const inside = kind === 'docker' ? unescaped(line, textStart, textEnd, escapeAsGo) : undefined;
  // Half a surrogate pair cannot be written back.
  if (kind === 'docker' && inside === undefined) return read(record, around.bytes, around.start, around.end);
  if (!isLast) {
    record.reset(around.bytes, around.start, around.end);
    return record.opaque('part of a line');
  }
  const text: Text =
    inside === undefined
      ? { bytes: line, start: textStart, end: textEnd, inside }
      : { bytes: inside.bytes, start: 0, end: inside.bytes.length, inside };
  const peeled: Peeled = {
    kinds: [kind],
    taken: 0,
    stream,
    time: { text: time, writer: kind === 'docker' ? WRITER.docker : WRITER.cri, kind },
  };
  if (read(record, text.bytes, text.start, text.end)) return wrap(record, around, inside, peeled);
  if (only === undefined && readWithin(record, around, text, peeled)) return true;
  const rest = peeled.rest ?? text;
  read(record, rest.bytes, rest.start, rest.end);
  record.opaque(record.why);
  record.envelope = {
    ...partsOf(around),
    kinds: peeled.kinds,
    origin: originOf(peeled),
    isUnsure: peeled.isUnsure ?? false,
    inside: rest.inside,
    severity: undefined,
  };
  return false;
}

/** An envelope's time counts if the line has none. A time that names no year is outdone by an envelope that names one. */
function takeTime(record: LogRecord, { text, writer, kind }: NonNullable<Peeled['time']>): void {
  if (!(Number.isNaN(record.time) || record.yearless)) return;
  if (writer === WRITER.bsdSyslog) {
    if (Number.isNaN(record.time)) setYearless(record, text);
    return;
  }
  if (/^\d{10}\./u.test(text)) return keepTime(record, instantOfNumber(text), writer, COUNTED, kind);
  // Only fluentd writes a blank before the zone.
  const bytes = Buffer.from(text.replace(/ (?=[+-])/u, ''), 'latin1');
  keepTime(record, instantOfText(bytes, 0, bytes.length), writer, zoneRead(), kind);
}

/** The same, of an object around the line. */
function takeTimeOf(record: LogRecord, { kind, time }: Opened): void {
  if (time === undefined || !(Number.isNaN(record.time) || record.yearless)) return;
  const bytes = Buffer.from(time.text, 'latin1');
  const instant = time.isNumber ? instantOfNumber(time.text) : instantOfText(bytes, 0, bytes.length);
  keepTime(record, instant, WRITER.collector, time.isNumber ? COUNTED : zoneRead(), kind, time.name);
}

/** Times of different envelopes, or under different names of one, are not compared. */
function keepTime(record: LogRecord, time: number, writer: Writer, zone: number, kind: string, name = 0): void {
  if (Number.isNaN(time)) return;
  record.setTime(time, writer, zone, writer === WRITER.collector ? ENVELOPES.indexOf(kind as EnvelopeKind) * 8 + name : 0);
  record.yearless = false;
}

const MONTHS = 'JanFebMarAprMayJunJulAugSepOctNovDec';

/** Keeps a time such as `Nov  1 10:00:00.123`. */
function setYearless(record: LogRecord, text: string): void {
  const month = text[3] === ' ' ? MONTHS.indexOf(text.slice(0, 3)) / 3 + 1 : NaN;
  const days = Number.isInteger(month) ? daysOf(SOME_YEAR, month, Number(text.slice(4, 6))) : NaN;
  const seconds = secondsOf(Number(text.slice(7, 9)), Number(text.slice(10, 12)), Number(text.slice(13, 15)));
  const time = (days * 86_400 + seconds + Number(`0${text.slice(15)}`)) * 1000;
  if (Number.isNaN(time)) return;
  record.setTime(Math.round(time * 1e3) / 1e3, WRITER.bsdSyslog, NO_ZONE);
  record.yearless = true;
}

/** Whether these bytes of a record are spelled in its line as we would spell them. */
export function isSpelledPlainly({ bytes }: LogRecord, envelope: Envelope | undefined, { from, to }: Kept): boolean {
  if (envelope?.inside === undefined) return true;
  const { offsetOf, escape } = envelope.inside;
  return escape(bytes.subarray(from, to)).equals(envelope.line.subarray(offsetOf(from), offsetOf(to)));
}
