import { COUNTED, domainOf, NO_DOMAIN, WRITER, type ClockDomain } from '../record/clock-domain.ts';
import { levelOfName, type Level } from '../record/level.ts';
import { PINO } from '../record/scale.ts';
import { instantOfText, NO_ZONE, twoDigits, zoneRead } from '../record/time.ts';

const QUOTE = 0x22;
const COMMA = 0x2c;
const EQUALS = 0x3d;

const FIRST_LEVEL = Buffer.from('{"level":');
const TIME = Buffer.from(',"time":');
const LEVEL = Buffer.from('level=');

/** What a glance at the usual places of a line tells, without reading the whole of it. */
export interface Glance {
  /** -1 where the places are not the usual ones: only reading can tell. */
  level: Level | -1;
  /** The level is a number: it is none if the line names one of `SPOKEN` further on. */
  isNumber: boolean;
  /** Its own time, ms since 1970; NaN where only reading can tell. */
  time: number;
  /** How that is written. */
  domain: ClockDomain;
}

/** `time` is the first of its names. */
const COUNTED_TIME = domainOf(WRITER.json, 0, COUNTED);

/**
 * Looks for a level where the loggers put it: in the first member of a JSON object, in one of the
 * first pairs of logfmt. What it finds is what a reader would find, if the line turns out to be
 * whole and `isNumber` has been asked about: `level` and `time` go before all of their other names, and the first of a name counts.
 */
export function glance(bytes: Buffer, start: number, end: number, seen: Glance): void {
  seen.level = -1;
  seen.isNumber = false;
  seen.time = NaN;
  seen.domain = NO_DOMAIN;
  if (bytes[start] === 0x7b) glanceJson(bytes, start, end, seen);
  else glanceLogfmt(bytes, start, end, seen);
}

function glanceJson(bytes: Buffer, start: number, end: number, seen: Glance): void {
  if (!stands(FIRST_LEVEL, bytes, start, end)) return;
  let at = start + FIRST_LEVEL.length;
  if (bytes[at] === QUOTE) {
    const name = at + 1;
    at = lettersEnd(bytes, name, end);
    if (bytes[at] !== QUOTE) return;
    seen.level = levelOfName(bytes.toString('latin1', name, at)) ?? -1;
    at += 1;
  } else {
    // Two digits: other numbers are of other scales.
    const number = twoDigits(bytes, at);
    at += 2;
    if (!(number >= 10) || bytes[at] !== COMMA) return;
    seen.level = PINO.levelOf(number) ?? -1;
    seen.isNumber = true;
  }
  if (seen.level !== -1 && stands(TIME, bytes, at, end)) glanceTime(bytes, at + TIME.length, end, seen);
}

/** A number of thirteen digits, which is ms, or a quoted RFC 3339 text that names its zone. */
function glanceTime(bytes: Buffer, from: number, end: number, seen: Glance): void {
  if (bytes[from] === QUOTE) {
    let close = from + 1;
    while (close < end && bytes[close] !== QUOTE && close - from < 40) close += 1;
    const time = instantOfText(bytes, from + 1, close);
    if (Number.isNaN(time) || zoneRead() === NO_ZONE) return;
    seen.time = time;
    seen.domain = domainOf(WRITER.json, 0, zoneRead());
    return;
  }
  if (from + 13 >= end || bytes[from] === 0x30) return;
  let number = 0;
  for (let at = from; at < from + 13; at += 1) {
    const byte = bytes[at]!;
    if (byte < 0x30 || byte > 0x39) return;
    number = number * 10 + byte - 0x30;
  }
  const next = bytes[from + 13];
  if (next !== COMMA && next !== 0x7d) return;
  seen.time = number;
  seen.domain = COUNTED_TIME;
}

/** Of a pair it takes the key and passes over the value; in the fourth it gives up. */
function glanceLogfmt(bytes: Buffer, start: number, end: number, seen: Glance): void {
  let at = start;
  for (let pair = 0; pair < 3; pair += 1) {
    // A line that begins otherwise may be a text logger's.
    if (at >= end || bytes[at]! < 0x61 || bytes[at]! > 0x7a) return;
    if (stands(LEVEL, bytes, at, end)) {
      const name = at + LEVEL.length;
      const close = lettersEnd(bytes, name, end);
      if (close === end || bytes[close] === 0x20) seen.level = levelOfName(bytes.toString('latin1', name, close)) ?? -1;
      return;
    }
    while (at < end && bytes[at] !== EQUALS && bytes[at]! > 0x20 && bytes[at] !== QUOTE) at += 1;
    if (bytes[at] !== EQUALS) return;
    at += 1;
    if (bytes[at] === QUOTE) {
      at += 1;
      while (at < end && bytes[at] !== QUOTE && bytes[at] !== 0x5c) at += 1;
      if (bytes[at] !== QUOTE) return;
      at += 1;
    } else {
      while (at < end && bytes[at]! > 0x20) at += 1;
    }
    if (bytes[at] !== 0x20) return;
    at += 1;
  }
}

function lettersEnd(bytes: Buffer, from: number, end: number): number {
  let at = from;
  while (at < end && (bytes[at]! | 0x20) >= 0x61 && (bytes[at]! | 0x20) <= 0x7a) at += 1;
  return at;
}

function stands(text: Buffer, bytes: Buffer, at: number, end: number): boolean {
  if (at + text.length > end) return false;
  for (let i = 0; i < text.length; i += 1) if (bytes[at + i] !== text[i]) return false;
  return true;
}
