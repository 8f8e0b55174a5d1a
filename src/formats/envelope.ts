import type { LogRecord } from '../record/record.ts';
import { instantOfText } from '../record/time.ts';
import { valueEnd } from './json.ts';
import { escapedBytes, unescaped, type Unescaped } from './envelope-json.ts';
import { readLine, type Format } from './index.ts';

/** What may stand around the lines of a container: the CRI's header, docker's JSON, or what collectors put before them. */
export type EnvelopeKind = 'none' | 'auto' | 'cri' | 'docker';

/** A change to a line, at offsets of its record's bytes. */
export interface Splice {
  readonly start: number;
  readonly end: number;
  readonly text: Buffer;
}

/** The line that a record was read from: all of it, with what stands around what was read. */
export interface Envelope {
  readonly bytes: Buffer;
  readonly start: number;
  /** Without its newline. */
  readonly end: number;
  /** `stdout` or `stderr`; empty where it is not said. */
  readonly stream: string;
  /** Its own time, ms since 1970; NaN where it says none. */
  readonly time: number;
  /** The text inside, where it stands in bytes of its own, and how it was written. */
  readonly inside: Unescaped | undefined;
}

/** Of the records that were read from inside an envelope, until they are read anew. */
const envelopes = new WeakMap<LogRecord, Envelope>();

export const envelopeOf = (record: LogRecord): Envelope | undefined => envelopes.get(record);

/** A container runtime's or a collector's words before a line; 1: a time in RFC 3339, 2: the stream, 3: the CRI's tags. */
const CRI = /^(\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)) (stdout|stderr) ([FP])(?::\S*)? /u;
const PREFIXES: readonly RegExp[] = [
  // syslog, RFC 5424
  /^<\d{1,3}>1 (\S+) \S+ \S+ \S+ \S+ (?:-|(?:\[(?:[^\]\\]|\\.)*\])+) \ufeff?/u,
  // syslog, RFC 3164, and journald's short form
  /^(?:<\d{1,3}>)?[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d(?:\.\d+)? \S+ [^\s:[\]]+(?:\[\d+\])?: /u,
  // docker compose
  /^[a-z\d][\w.-]* +\| /iu,
];
/** Longer words before a line are not looked for. */
const MOST = 256;

/**
 * Reads one line, given without its newline, of what stands inside its envelope; a line without one as it is. A
 * part of a line that the runtime has cut up is opaque: no part says what the whole means.
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
  if (bytes[start] === 0x7b)
    return kind === 'cri' ? readLine(record, bytes, start, end, format) : readDocker(record, bytes, start, end, format);
  if (kind === 'docker') return readLine(record, bytes, start, end, format);

  const head = bytes.latin1Slice(start, Math.min(end, start + MOST));
  const cri = CRI.exec(head);
  if (cri !== null) {
    const [words, time, stream, tag] = cri;
    if (tag === 'P' || continues(bytes, start, stream!)) {
      record.reset(bytes, start, end);
      return record.opaque('part of a line');
    }
    readLine(record, bytes, start + words.length, end, format);
    return settle(record, bytes, start, end, stream!, instantIn(time), undefined);
  }
  if (kind === 'auto') {
    for (const prefix of PREFIXES) {
      const [words, time] = prefix.exec(head) ?? [];
      if (words === undefined || !readLine(record, bytes, start + words.length, end, format)) continue;
      return settle(record, bytes, start, end, '', instantIn(time), undefined);
    }
  }
  return readLine(record, bytes, start, end, format);
}

/** The line with these changes, which follow each other, and with what stands around it as it was. */
export function spliceInside(
  { bytes, start, inside }: Pick<Envelope, 'bytes' | 'start' | 'inside'>,
  splices: readonly Splice[],
  end: number,
): Buffer {
  const pieces: Buffer[] = [];
  let at = start;
  for (const splice of splices) {
    const from = inside === undefined ? splice.start : inside.offsetOf(splice.start);
    pieces.push(bytes.subarray(at, from), inside === undefined ? splice.text : escapedBytes(splice.text));
    at = inside === undefined ? splice.end : inside.offsetOf(splice.end);
  }
  pieces.push(bytes.subarray(at, end));
  return Buffer.concat(pieces);
}

const LOG = Buffer.from('{"log":"');
const STREAM = /^,"stream":"(stdout|stderr)"/u;
const TIME = /"time":"([^"\\]+)"\}$/u;

/** docker's json-file: `{"log":"text\n","stream":"stderr","time":"..."}`. An object that is not one is a line of its own. */
function readDocker(record: LogRecord, bytes: Buffer, start: number, end: number, format: Format): boolean {
  const plainly = (): boolean => readLine(record, bytes, start, end, format);
  if (bytes.compare(LOG, 0, LOG.length, start, Math.min(end, start + LOG.length)) !== 0) return plainly();
  const from = start + LOG.length;
  const close = valueEnd(bytes, from - 1, end);
  if (close === -1) return plainly();
  const rest = bytes.latin1Slice(close, end);
  const stream = STREAM.exec(rest)?.[1];
  const time = TIME.exec(rest)?.[1];
  const inside = stream === undefined || time === undefined ? undefined : unescaped(bytes, from, close - 1);
  if (inside === undefined) return plainly();
  const text = inside.bytes;
  if (text.at(-1) !== 0x0a || continuesDocker(bytes, start, stream!)) {
    record.reset(bytes, start, end);
    return record.opaque('part of a line');
  }
  readLine(record, text, 0, text.length - 1, format);
  return settle(record, bytes, start, end, stream!, instantIn(time), inside);
}

function settle(
  record: LogRecord,
  bytes: Buffer,
  start: number,
  end: number,
  stream: string,
  time: number,
  inside: Unescaped | undefined,
): boolean {
  envelopes.set(record, { bytes, start, end, stream, time, inside });
  if (record.level === -1) return false;
  // A header that names no year is outdone by an envelope that names one.
  if (!Number.isNaN(time) && (Number.isNaN(record.time) || record.yearless)) {
    record.time = time;
    record.yearless = false;
  }
  return true;
}

function instantIn(text: string | undefined): number {
  if (text === undefined) return NaN;
  const bytes = Buffer.from(text, 'latin1');
  return instantOfText(bytes, 0, bytes.length);
}

/** Lines before one that are looked at for its beginning: another stream's may lie between. */
const LOOK_BACK = 8;

/** Whether the line at `start` ends one that was cut up: the last one before it of its stream was a part. */
function continues(bytes: Buffer, start: number, stream: string): boolean {
  for (const head of headsBefore(bytes, start)) {
    const [, , other, tag] = CRI.exec(head) ?? [];
    if (other === stream) return tag === 'P';
  }
  return false;
}

function continuesDocker(bytes: Buffer, start: number, stream: string): boolean {
  let lineEnd = start - 1;
  for (let left = LOOK_BACK; left > 0 && lineEnd > 0; left -= 1) {
    const lineStart = bytes.lastIndexOf(0x0a, lineEnd - 1) + 1;
    const tail = bytes.latin1Slice(Math.max(lineStart, lineEnd - MOST), lineEnd);
    const [, newline, other] = /(\\n)?","stream":"(stdout|stderr)",[^}]*\}$/u.exec(tail) ?? [];
    if (other === stream) return newline === undefined;
    lineEnd = lineStart - 1;
  }
  return false;
}

function* headsBefore(bytes: Buffer, start: number): Generator<string> {
  let lineEnd = start - 1;
  for (let left = LOOK_BACK; left > 0 && lineEnd > 0; left -= 1) {
    const lineStart = bytes.lastIndexOf(0x0a, lineEnd - 1) + 1;
    yield bytes.latin1Slice(lineStart, Math.min(lineEnd, lineStart + MOST));
    lineEnd = lineStart - 1;
  }
}
