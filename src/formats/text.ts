import { levelOfName } from '../record/level.ts';
import { ANNOTATION } from '../record/names.ts';
import { UNQUOTED, type LogRecord } from '../record/record.ts';
import { WRITER } from '../record/clock-domain.ts';
import { daysOf, instantOfText, isDigit, NO_ZONE, secondsOf, SOME_YEAR, twoDigits, zoneRead } from '../record/time.ts';

const SPACE = 0x20;
const OPEN = 0x5b;
const CLOSE = 0x5d;
const COLON = 0x3a;

/** What an annotation in pairs begins with. */
const ANNOTATED = ` ${ANNOTATION}.rule=`;

/**
 * Reads a line that begins with the header of a text logger and goes on with a message. Knows
 * env_logger's (`[2025-04-16T18:03:11Z INFO  target] message`, time and target optional),
 * tracing-subscriber's (`2025-04-16T18:03:11.5Z  INFO target: message`) and klog's
 * (`E0412 12:24:03.589075       1 file.go:12] message`, which names no year). False where the
 * line has none of them; what is then known of it is unspecified.
 */
export function readText(record: LogRecord): boolean {
  if (!readHeader(record)) return false;
  const { bytes, end, msgSlot } = record;
  // A message that is missing ends with the header, and the annotation's blank stands where its own would.
  const from = record.starts[msgSlot]! - 1;
  const at = bytes.latin1Slice(from, end).indexOf(ANNOTATED);
  if (at === -1) return true;
  // Read anew as it was before its annotation: `ERROR done:` has no target, and the annotation is no message of one.
  record.end = from + at;
  const isHeader = readHeader(record);
  record.end = end;
  record.annotated = true;
  return isHeader || readHeader(record);
}

/** Reads a header, and takes all that is behind it for the message. */
function readHeader(record: LogRecord): boolean {
  const first = record.bytes[record.start]!;
  if (first === OPEN) return readEnvLogger(record);
  if (isDigit(first)) return readTracing(record);
  return readKlog(record, first);
}

function readEnvLogger(record: LogRecord): boolean {
  const { bytes, end } = record;
  let at = record.start + 1;
  if (isDigit(bytes[at]!)) {
    const space = tokenEnd(bytes, at, end);
    record.setTime(instantOfText(bytes, at, space), WRITER.envLogger, zoneRead());
    if (Number.isNaN(record.time)) return false;
    at = space + 1;
  }
  const level = wordEnd(bytes, at, end);
  let close = level;
  while (close < end && bytes[close] !== CLOSE) close += 1;
  if (close === level ? close >= end : bytes[level] !== SPACE || close >= end) return false;
  return settle(record, at, level, bytes[close + 1] === SPACE ? close + 2 : close + 1);
}

function readTracing(record: LogRecord): boolean {
  const { bytes, end } = record;
  const space = tokenEnd(bytes, record.start, end);
  record.setTime(instantOfText(bytes, record.start, space), WRITER.tracing, zoneRead());
  if (Number.isNaN(record.time)) return false;
  const at = skipSpaces(bytes, space, end);
  const level = wordEnd(bytes, at, end);
  if (level >= end || bytes[level] !== SPACE) return false;
  // A target is a path of Rust's modules with a colon and a space behind; without one the message begins here.
  let target = level + 1;
  while (target < end && isTarget(bytes[target]!)) target += 1;
  const named = target > level + 2 && bytes[target - 1] === COLON && bytes[target] === SPACE && target < end;
  return settle(record, at, level, named ? target + 1 : level + 1);
}

function readKlog(record: LogRecord, first: number): boolean {
  const { bytes, start, end } = record;
  // I, W, E, F; then mmdd hh:mm:ss.ffffff
  if ((first !== 0x49 && first !== 0x57 && first !== 0x45 && first !== 0x46) || end - start < 22) return false;
  if (bytes[start + 5] !== SPACE || bytes[start + 8] !== COLON || bytes[start + 11] !== COLON || bytes[start + 14] !== 0x2e)
    return false;
  const days = daysOf(SOME_YEAR, twoDigits(bytes, start + 1), twoDigits(bytes, start + 3));
  const seconds = secondsOf(twoDigits(bytes, start + 6), twoDigits(bytes, start + 9), twoDigits(bytes, start + 12));
  const fraction = tokenEnd(bytes, start + 15, end);
  const millis = Number(`0.${bytes.toString('latin1', start + 15, fraction)}`) * 1000;
  record.setTime((days * 86_400 + seconds) * 1000 + Math.round(millis * 1e6) / 1e6, WRITER.klog, NO_ZONE);
  record.yearless = true;
  if (Number.isNaN(record.time)) return false;

  // thread, then file:line]
  let at = skipSpaces(bytes, fraction, end);
  const thread = at;
  while (at < end && isDigit(bytes[at]!)) at += 1;
  if (at === thread || bytes[at] !== SPACE) return false;
  while (at < end && bytes[at] !== CLOSE) at += 1;
  if (at >= end) return false;
  return settle(record, start, start + 1, bytes[at + 1] === SPACE ? at + 2 : at + 1);
}

/** Keeps level and message; the level's name decides whether it was a header at all. */
function settle(record: LogRecord, levelStart: number, levelEnd: number, messageStart: number): boolean {
  const { bytes, names, end } = record;
  const level = levelOfName(bytes.toString('latin1', levelStart, levelEnd));
  if (level === undefined) return false;
  record.level = level;
  record.levelSlot = names.level[0]!;
  record.msgSlot = names.msg[0]!;
  record.set(record.levelSlot, UNQUOTED, levelStart, levelEnd);
  record.set(record.msgSlot, UNQUOTED, Math.min(messageStart, end), end);
  record.loose = true;
  record.headed = true;
  return true;
}

function tokenEnd(bytes: Uint8Array, from: number, end: number): number {
  let at = from;
  while (at < end && bytes[at]! > SPACE) at += 1;
  return at;
}

/** Behind the capitals that begin at `from`. */
function wordEnd(bytes: Uint8Array, from: number, end: number): number {
  let at = from;
  while (at < end && bytes[at]! >= 0x41 && bytes[at]! <= 0x5a) at += 1;
  return at;
}

function skipSpaces(bytes: Uint8Array, from: number, end: number): number {
  let at = from;
  while (at < end && bytes[at] === SPACE) at += 1;
  return at;
}

/** Letters, digits, `_`, `:`. */
function isTarget(byte: number): boolean {
  const lower = byte | 0x20;
  return (lower >= 0x61 && lower <= 0x7a) || isDigit(byte) || byte === COLON || byte === 0x5f;
}
