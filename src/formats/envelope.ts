import { WRITER, type Writer } from '../record/clock-domain.ts';
import type { LogRecord } from '../record/record.ts';
import { daysOf, instantOfText, NO_ZONE, secondsOf, SOME_YEAR, zoneRead } from '../record/time.ts';
import { criFrame, dockerFrame, MOST_WORDS, type Frame } from './envelope-frame.ts';
import { escapedBytes, unescaped, type Unescaped } from './envelope-json.ts';
import { joinPieces } from './envelope-pieces.ts';
import { readLine, type Format } from './index.ts';

const LF = 0x0a;

/** What may stand around the lines of a container: the CRI's header, docker's JSON, or what collectors put before them. */
export type EnvelopeKind = 'none' | 'auto' | 'cri' | 'docker';

/** Old bytes of the line that a change keeps, at offsets of its record's bytes: they stay spelled as they are. */
export interface Kept {
  readonly from: number;
  readonly to: number;
}

/** The line that a record was read from: all of it, with what stands around what was read. */
export interface Envelope {
  /** As it came: where a runtime has cut it up, its pieces. */
  readonly bytes: Buffer;
  readonly start: number;
  /** Without its newline. */
  readonly end: number;
  /** As it is read and changed: the same bytes, but where pieces were joined. */
  readonly line: Buffer;
  /** How it was cut up; empty where it was not. */
  readonly pieces: string;
  /** `stdout` or `stderr`; empty where it is not said. */
  readonly stream: string;
  /** The text inside, where it stands in bytes of its own, and how it was written. */
  readonly inside: Unescaped | undefined;
}

/** Of the records that were read from inside an envelope, until they are read anew. */
const envelopes = new WeakMap<LogRecord, Envelope>();

export const envelopeOf = (record: LogRecord): Envelope | undefined => envelopes.get(record);

/** A collector's words before a line, whose first group, if any, is a time. */
const PREFIXES: readonly (readonly [words: RegExp, writer: Writer])[] = [
  // syslog, RFC 5424
  [/^<\d{1,3}>1 (\S+) \S+ \S+ \S+ \S+ (?:-|(?:\[(?:[^\]\\]|\\.)*\])+) \ufeff?/u, WRITER.syslog],
  // syslog, RFC 3164, and journald's short form
  [/^(?:<\d{1,3}>)?([A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d(?:\.\d+)?) \S+ [^\s:[\]]+(?:\[\d+\])?: /u, WRITER.bsdSyslog],
  // docker compose
  [/^[a-z\d][\w.-]* +\| /iu, WRITER.syslog],
];

/**
 * Reads one line, given without its newline, of what stands inside its envelope; a line without one as it is. A
 * line of several pieces is given as all of them. One piece alone is opaque: it does not say what the whole means.
 */
export function readInside(
  record: LogRecord,
  bytes: Buffer,
  start: number,
  end: number,
  format: Format,
  kind: EnvelopeKind,
): boolean {
  envelopes.delete(record);
  if (kind === 'none') return readLine(record, bytes, start, end, format);
  const newline = bytes.indexOf(LF, start);
  if (newline !== -1 && newline < end) return readPieces(record, bytes, start, end, format);
  const frame =
    bytes[start] === 0x7b ? kind !== 'cri' && dockerFrame(bytes, start, end) : kind !== 'docker' && criFrame(bytes, start, end);
  if (frame) return readFramed(record, frame, { bytes, start, end, line: bytes, pieces: '' }, format);
  if (kind === 'auto' && bytes[start] !== 0x7b) {
    const head = bytes.latin1Slice(start, Math.min(end, start + MOST_WORDS));
    for (const [prefix, writer] of PREFIXES) {
      const [words, time] = prefix.exec(head) ?? [];
      if (words === undefined || !readLine(record, bytes, start + words.length, end, format)) continue;
      envelopes.set(record, { bytes, start, end, line: bytes, pieces: '', stream: '', inside: undefined });
      return settle(record, time, writer);
    }
  }
  return readLine(record, bytes, start, end, format);
}

type Around = Pick<Envelope, 'bytes' | 'start' | 'end' | 'line' | 'pieces'>;

/** Reads the lines `[start, end)` as the one that they are pieces of. */
function readPieces(record: LogRecord, bytes: Buffer, start: number, end: number, format: Format): boolean {
  const joined = joinPieces(bytes, start, bytes[end] === LF ? end + 1 : end);
  if (joined === undefined) {
    record.reset(bytes, start, end);
    return record.opaque('part of a line');
  }
  const { bytes: line, pieces } = joined;
  const lineEnd = line.at(-1) === LF ? line.length - 1 : line.length;
  const frame = line[0] === 0x7b ? dockerFrame(line, 0, lineEnd) : criFrame(line, 0, lineEnd);
  return readFramed(record, frame!, { bytes, start, end, line, pieces }, format);
}

function readFramed(record: LogRecord, frame: Frame, around: Around, format: Format): boolean {
  const { kind, textStart, textEnd, stream, isLast } = frame;
  const { line } = around;
  const inside = kind === 'docker' ? unescaped(line, textStart, textEnd) : undefined;
  // Half a surrogate pair cannot be written back.
  if (kind === 'docker' && inside === undefined) return readLine(record, around.bytes, around.start, around.end, format);
  if (!isLast) {
    record.reset(around.bytes, around.start, around.end);
    return record.opaque('part of a line');
  }
  if (inside === undefined) readLine(record, line, textStart, textEnd, format);
  else readLine(record, inside.bytes, 0, inside.bytes.length, format);
  envelopes.set(record, { ...around, stream, inside });
  return settle(record, frame.time, kind === 'docker' ? WRITER.docker : WRITER.cri);
}

/** An envelope's time counts if the line has none. A time that names no year is outdone by an envelope that names one. */
function settle(record: LogRecord, text: string | undefined, writer: Writer): boolean {
  if (record.level === -1) return false;
  if (text === undefined || !(Number.isNaN(record.time) || record.yearless)) return true;
  if (writer === WRITER.bsdSyslog) {
    if (Number.isNaN(record.time)) setYearless(record, text);
    return true;
  }
  const bytes = Buffer.from(text, 'latin1');
  const time = instantOfText(bytes, 0, bytes.length);
  if (Number.isNaN(time)) return true;
  record.setTime(time, writer, zoneRead());
  record.yearless = false;
  return true;
}

const MONTHS = 'JanFebMarAprMayJunJulAugSepOctNovDec';

/** Keeps a time such as `Nov  1 10:00:00.123`. */
function setYearless(record: LogRecord, text: string): void {
  const month = MONTHS.indexOf(text.slice(0, 3)) / 3 + 1;
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
  const { offsetOf } = envelope.inside;
  return escapedBytes(bytes.subarray(from, to)).equals(envelope.line.subarray(offsetOf(from), offsetOf(to)));
}
