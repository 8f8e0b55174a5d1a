import { levelOfName } from '../record/level.ts';
import { ANNOTATION } from '../record/names.ts';
import { WRITER } from '../record/clock-domain.ts';
import type { LogRecord } from '../record/record.ts';
import { KLOG } from '../record/scale.ts';
import { UNQUOTED } from '../record/value.ts';
import { daysOf, instantOfText, isDigit, NO_ZONE, secondsOf, SOME_YEAR, twoDigits, zoneRead } from '../record/time.ts';
import { colourEnd } from './colour.ts';

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
 * (`E0412 12:24:03.589075       1 file.go:12] message`, which names no year), the first two also in colours. False where the
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
  const { bytes, start, end } = record;
  const at = colourEnd(bytes, start, end);
  const first = bytes[at]!;
  if (first === OPEN) return readEnvLogger(record, at);
  if (isDigit(first)) return readTracing(record, at);
  return readKlog(record, first);
}

function readEnvLogger(record: LogRecord, open: number): boolean {
  const { bytes, end } = record;
  let at = colourEnd(bytes, open + 1, end);
  if (isDigit(bytes[at]!)) {
    const space = tokenEnd(bytes, at, end);
    record.setTime(instantOfText(bytes, at, space), WRITER.envLogger, zoneRead());
    if (Number.isNaN(record.time)) return false;
    at = colourEnd(bytes, colourEnd(bytes, space, end) + 1, end);
  }
  const level = wordEnd(bytes, at, end);
  const behind = colourEnd(bytes, level, end);
  let close = behind;
  while (close < end && bytes[close] !== CLOSE) close += 1;
  if (close === behind ? close >= end : bytes[behind] !== SPACE || close >= end) return false;
  const message = colourEnd(bytes, close + 1, end);
  return settle(record, at, level, bytes[message] === SPACE ? message + 1 : message);
}

function readTracing(record: LogRecord, from: number): boolean {
  const { bytes, end } = record;
  const space = tokenEnd(bytes, from, end);
  record.setTime(instantOfText(bytes, from, space), WRITER.tracing, zoneRead());
  if (Number.isNaN(record.time)) return false;
  const at = colourEnd(bytes, skipSpaces(bytes, colourEnd(bytes, space, end), end), end);
  const level = wordEnd(bytes, at, end);
  const behind = colourEnd(bytes, level, end);
  if (behind >= end || bytes[behind] !== SPACE) return false;
  return settle(record, at, level, targetEnd(bytes, behind + 1, end) ?? behind + 1);
}

/** Behind a path of Rust's modules with a colon and a space behind; without one the message begins at `from`. */
function targetEnd(bytes: Uint8Array, from: number, end: number): number | undefined {
  const first = colourEnd(bytes, from, end);
  let at = first;
  while (at < end && isTarget(bytes[at]!)) at += 1;
  const colon = colourEnd(bytes, at, end);
  if (colon > at && bytes[colon] === COLON) {
    const behind = colourEnd(bytes, colon + 1, end);
    return at > first && bytes[behind] === SPACE && behind < end ? behind + 1 : undefined;
  }
  return at > first + 1 && bytes[at - 1] === COLON && bytes[at] === SPACE && at < end ? at + 1 : undefined;
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
  record.headWords = KLOG;
  return settle(record, start, start + 1, bytes[at + 1] === SPACE ? at + 2 : at + 1);
}

/** Keeps level and message; the level's name decides whether it was a header at all. */
function settle(record: LogRecord, levelStart: number, levelEnd: number, messageStart: number): boolean {
  const { bytes, names, end } = record;
  const level = levelOfName(bytes.toString('latin1', levelStart, levelEnd));
  if (level === undefined) return false;
  record.level = level;
  record.levelSlot = names.levels[0]!.slot;
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
