import { COUNTED, SINCE_START, TIME_OF_DAY } from '../../record/clock-domain.ts';
import { daysOf, instantOfNumber, isDigit, NO_ZONE, secondsOf, SOME_YEAR, twoDigits } from '../../record/time.ts';

const SPACE = 0x20;
const TAB = 0x09;
const COMMA = 0x2c;
const MINUS = 0x2d;
const DOT = 0x2e;
const SLASH = 0x2f;
const COLON = 0x3a;
const CLOSE = 0x5d;
const ZERO = 0x30;
const MS_PER_DAY = 86_400_000;

/** What `readTime` found last. One object: no line costs another. */
export const found = {
  /** Offset behind the time. */
  end: 0,
  /** ms since 1970; of a time of day since midnight, of a program's own clock since its start. */
  instant: NaN,
  /** Minutes east of UTC, `NO_ZONE`, `COUNTED`, `TIME_OF_DAY` or `SINCE_START`. */
  zone: NO_ZONE,
  /** It names no year, and is given in `SOME_YEAR`. */
  yearless: false,
};

/**
 * Reads a time that begins at `at`, in any of the notations that headers of text logs have. False if none begins there, or if a letter
 * or digit follows on it. A number counts if it can be no other: seconds since 1970, or with a fraction since the program began.
 */
export function readTime(bytes: Uint8Array, at: number, end: number): boolean {
  found.yearless = false;
  found.zone = NO_ZONE;
  const first = bytes[at]!;
  const isRead = isDigit(first) ? readDigits(bytes, at, end) : first >= 0x41 && first <= 0x57 && readNamed(bytes, at, end);
  return isRead && !Number.isNaN(found.instant) && (found.end >= end || !isWordByte(bytes[found.end]!));
}

/** Reads a number of seconds or milliseconds, of any size, as `readTime` does. */
export function readCount(bytes: Uint8Array, at: number, end: number, unit: 's' | 'ms'): boolean {
  found.yearless = false;
  const close = numberEnd(bytes, at, end);
  if (close === at || close - at > 20) return false;
  const number = Number(latin1(bytes, at, close));
  found.instant = unit === 's' ? number * 1000 : number;
  found.zone = SINCE_START;
  found.end = close;
  return true;
}

function readDigits(bytes: Uint8Array, at: number, end: number): boolean {
  let digits = at + 1;
  while (digits < end && isDigit(bytes[digits]!)) digits += 1;
  const next = digits < end ? bytes[digits]! : 0;
  switch (digits - at) {
    case 1:
    case 2:
      return readShort(bytes, at, digits, end) || (next === DOT && readNumber(bytes, at, end));
    case 4:
      if (next === SLASH) return readDate(bytes, at, end, next) || readPackedClock(bytes, at, end);
      if (next === MINUS || next === DOT) return readDate(bytes, at, end, next) || (next === DOT && readNumber(bytes, at, end));
      return next === SPACE && readMonthDay(bytes, at, end);
    case 6:
      // 240301 10:00:00, 081109 203615
      return (next === SPACE && readCompactDate(bytes, at, digits, end)) || (next === DOT && readNumber(bytes, at, end));
    case 8:
      return (next === SPACE && readCompactDate(bytes, at, digits, end)) || (next === DOT && readNumber(bytes, at, end));
    default:
      return readNumber(bytes, at, end);
  }
}

/** `2024-03-01T10:00:00.123Z`, with `/` or `.` in the date, a blank for the `T`, a comma before the fraction; the zone may stand apart. */
function readDate(bytes: Uint8Array, at: number, end: number, between: number): boolean {
  if (at + 19 > end || bytes[at + 7] !== between) return false;
  const separator = bytes[at + 10]!;
  if (separator !== SPACE && separator !== TAB && (separator | 0x20) !== 0x74) return false;
  const days = daysOf(twoDigits(bytes, at) * 100 + twoDigits(bytes, at + 2), twoDigits(bytes, at + 5), twoDigits(bytes, at + 8));
  let from = at + 11;
  if (bytes[from] === SPACE) from += 1;
  return readClock(bytes, from, end) && endDate(bytes, days, end);
}

/** klog's `0412 12:24:03.589075`, which names no year; absl's `0000 00:00:1736163964.08`, which counts seconds since 1970. */
function readMonthDay(bytes: Uint8Array, at: number, end: number): boolean {
  const days = daysOf(SOME_YEAR, twoDigits(bytes, at), twoDigits(bytes, at + 2));
  if (Number.isNaN(days)) {
    if (latin1(bytes, at, at + 11) !== '0000 00:00:') return false;
    return readNumber(bytes, at + 11, end) && found.zone === COUNTED;
  }
  if (!readClock(bytes, at + 5, end)) return false;
  found.instant += days * MS_PER_DAY;
  found.yearless = true;
  return true;
}

/** Chromium's `0412/122403.589075`: month, day and clock without anything between them. */
function readPackedClock(bytes: Uint8Array, at: number, end: number): boolean {
  if (at + 11 > end) return false;
  const seconds = secondsOf(twoDigits(bytes, at + 5), twoDigits(bytes, at + 7), twoDigits(bytes, at + 9));
  found.instant = (daysOf(SOME_YEAR, twoDigits(bytes, at), twoDigits(bytes, at + 2)) * 86_400 + seconds) * 1000;
  found.end = at + 11;
  found.yearless = true;
  takeFraction(bytes, end);
  return true;
}

/** `240301 10:00:00` and `081109 203615`, with two digits of the year; `20240301 10:00:00`, with four. */
function readCompactDate(bytes: Uint8Array, at: number, digits: number, end: number): boolean {
  const isLong = digits - at === 8;
  const year = isLong ? twoDigits(bytes, at) * 100 + twoDigits(bytes, at + 2) : 2000 + twoDigits(bytes, at);
  const from = isLong ? at + 4 : at + 2;
  const days = daysOf(year, twoDigits(bytes, from), twoDigits(bytes, from + 2));
  let clock = digits + 1;
  if (bytes[clock] === SPACE) clock += 1;
  if (isLong || bytes[clock + 1] === COLON || bytes[clock + 2] === COLON)
    return readClock(bytes, clock, end) && endDate(bytes, days, end);
  const seconds = secondsOf(twoDigits(bytes, clock), twoDigits(bytes, clock + 2), twoDigits(bytes, clock + 4));
  found.instant = days * MS_PER_DAY + seconds * 1000;
  found.end = clock + 6;
  return clock + 6 <= end;
}

/** What begins with one or two digits: a day and the name of a month, a short year, a time of day. */
function readShort(bytes: Uint8Array, at: number, digits: number, end: number): boolean {
  const number = digits - at === 2 ? twoDigits(bytes, at) : bytes[at]! - ZERO;
  const between = bytes[digits]!;
  if (between === COLON) return readTimeOfDay(bytes, at, end);
  if (between >= 0x41) return readJoinedDate(bytes, digits, number, end);
  if (between !== SPACE && between !== MINUS && between !== SLASH) return false;
  const month = monthAt(bytes, digits + 1, end);
  if (month > 0 && between === SPACE && bytes[digits + 4] === SPACE && bytes[digits + 7] === COLON) {
    // 01 Mar 10:00:00.123
    if (!readClock(bytes, digits + 5, end)) return false;
    found.instant += daysOf(SOME_YEAR, month, number) * MS_PER_DAY;
    found.yearless = true;
    return true;
  }
  if (month > 0 && bytes[digits + 4] === between) {
    // 01 Mar 2024 10:00:00, 01-Mar-2024 10:00:00, 1-Mar-2024::10:00:00, 01/Mar/2024:10:00:00
    const year = twoDigits(bytes, digits + 5) * 100 + twoDigits(bytes, digits + 7);
    let clock = digits + 9;
    if (bytes[clock] === COLON && bytes[clock + 1] === COLON) clock += 1;
    if (bytes[clock] !== SPACE && bytes[clock] !== COLON) return false;
    return readClock(bytes, clock + 1, end) && endDate(bytes, daysOf(year, month, number), end);
  }
  if (between === SLASH && readMonthFirst(bytes, digits, number, end)) return true;
  if (digits - at !== 2 || !isDigit(bytes[digits + 1] ?? 0)) return false;
  const second = twoDigits(bytes, digits + 1);
  if (between !== SPACE && bytes[digits + 3] === between && bytes[digits + 6] === SPACE) {
    // 17/06/09 20:10:40, 17-06-09 20:10:40; and 06/09/17, if no year is that small
    const third = twoDigits(bytes, digits + 4);
    const isMonthFirst = between === SLASH && number <= 12 && third > 12;
    const days = isMonthFirst ? daysOf(2000 + third, number, second) : daysOf(2000 + number, second, third);
    return readClock(bytes, digits + 7, end) && endDate(bytes, days, end);
  }
  if (between !== MINUS || bytes[digits + 3] !== SPACE || !readClock(bytes, digits + 4, end)) return false;
  // 03-17 16:13:38.811
  found.instant += daysOf(SOME_YEAR, number, second) * MS_PER_DAY;
  found.yearless = true;
  return true;
}

/** `01Mar2024 10:00:00.123`. */
function readJoinedDate(bytes: Uint8Array, at: number, day: number, end: number): boolean {
  const month = monthAt(bytes, at, end);
  if (month === 0 || bytes[at + 7] !== SPACE) return false;
  const year = twoDigits(bytes, at + 3) * 100 + twoDigits(bytes, at + 5);
  return readClock(bytes, at + 8, end) && endDate(bytes, daysOf(year, month, day), end);
}

/**
 * `3/1/2024, 9:05:01 PM` and `03/31/2024 10:00:00`. Some write the day first: without a half of the day, only a number that is no month
 * tells which is which.
 */
function readMonthFirst(bytes: Uint8Array, slash: number, first: number, end: number): boolean {
  const next = slash + (bytes[slash + 2] === SLASH ? 2 : 3);
  if (bytes[next] !== SLASH || !isDigit(bytes[next + 4] ?? 0)) return false;
  const second = next === slash + 3 ? twoDigits(bytes, slash + 1) : oneDigit(bytes, slash + 1);
  const year = twoDigits(bytes, next + 1) * 100 + twoDigits(bytes, next + 3);
  const clock = next + (bytes[next + 5] === COMMA ? 7 : 6);
  if (bytes[clock - 1] !== SPACE || !readTimeOfDay(bytes, clock, end)) return false;
  const isHalved = (bytes[found.end - 1]! | 0x20) === 0x6d;
  if (!isHalved && first <= 12 && second <= 12) return false;
  found.zone = NO_ZONE;
  found.instant += (first > 12 ? daysOf(year, second, first) : daysOf(year, first, second)) * MS_PER_DAY;
  return true;
}

/** `10:00:00.123`, `10:00AM`, `9:05:01 PM`. */
function readTimeOfDay(bytes: Uint8Array, at: number, end: number): boolean {
  const digits = bytes[at + 1] === COLON ? 1 : 2;
  const minutes = at + digits + 1;
  let read = readClock(bytes, at, end);
  if (!read) {
    const hour = digits === 2 ? twoDigits(bytes, at) : oneDigit(bytes, at);
    found.instant = secondsOf(hour, twoDigits(bytes, minutes), 0) * 1000;
    found.end = minutes + 2;
    read = halfOfDay(bytes, found.end, end) !== undefined;
  }
  const half = halfOfDay(bytes, found.end, end);
  if (half !== undefined) {
    const hours = Math.floor(found.instant / 3_600_000);
    if (!(hours >= 1 && hours <= 12)) return false;
    found.instant += ((hours % 12) + half.hours - hours) * 3_600_000;
    found.end = half.end;
  }
  found.zone = TIME_OF_DAY;
  return read;
}

function halfOfDay(bytes: Uint8Array, at: number, end: number): { readonly hours: number; readonly end: number } | undefined {
  const from = bytes[at] === SPACE ? at + 1 : at;
  if (from + 2 > end || (bytes[from + 1]! | 0x20) !== 0x6d) return undefined;
  const letter = bytes[from]! | 0x20;
  return letter === 0x61 ? { hours: 0, end: from + 2 } : letter === 0x70 ? { hours: 12, end: from + 2 } : undefined;
}

/** A number that can be no other thing than a time: of nine digits or more, or with a fraction of three or before an `s`. */
function readNumber(bytes: Uint8Array, at: number, end: number): boolean {
  const close = numberEnd(bytes, at, end);
  if (close - at > 40) return false;
  const text = latin1(bytes, at, close);
  const counted = instantOfNumber(text);
  found.end = close;
  if (!Number.isNaN(counted)) {
    found.instant = counted;
    found.zone = COUNTED;
    return true;
  }
  const dot = text.indexOf('.');
  if (dot === -1 || /e/iu.test(text)) return false;
  const isSeconds = bytes[close] === 0x73 && close < end;
  if (!isSeconds && text.length - dot < 4) return false;
  found.instant = Math.round(Number(text) * 1e9) / 1e6;
  found.zone = SINCE_START;
  if (isSeconds) found.end = close + 1;
  return true;
}

/** Offset behind a number: digits, a fraction, an exponent. */
function numberEnd(bytes: Uint8Array, from: number, end: number): number {
  let at = from;
  while (at < end && isDigit(bytes[at]!)) at += 1;
  if (at + 1 < end && bytes[at] === DOT && isDigit(bytes[at + 1]!)) {
    at += 1;
    while (at < end && isDigit(bytes[at]!)) at += 1;
  }
  if (at + 2 < end && (bytes[at]! | 0x20) === 0x65 && bytes[at + 1] === 0x2b && isDigit(bytes[at + 2]!)) {
    at += 2;
    while (at < end && isDigit(bytes[at]!)) at += 1;
  }
  return at;
}

const MONTHS = 'janfebmaraprmayjunjulaugsepoctnovdec';
const DAYS = 'sunmontuewedthufrisat';

/** The month whose three letters stand at `at`, from one; 0 if none do. */
function monthAt(bytes: Uint8Array, at: number, end: number): number {
  if (at + 3 > end || bytes[at]! < 0x41) return 0;
  const place = MONTHS.indexOf(latin1(bytes, at, at + 3).toLowerCase());
  return place % 3 === 0 ? place / 3 + 1 : 0;
}

/** What begins with the name of a day or a month: `Fri Mar 01 10:00:00.123 2024`, `Mar  1 10:00:00`, `Mar 01, 2024 9:05:01 PM`. */
function readNamed(bytes: Uint8Array, at: number, end: number): boolean {
  if (at + 15 > end || bytes[at + 3] !== SPACE) return false;
  let month = at;
  const isDay = DAYS.indexOf(latin1(bytes, at, at + 3).toLowerCase()) % 3 === 0;
  if (isDay) month = at + 4;
  const number = monthAt(bytes, month, end);
  if (number === 0 || bytes[month + 3] !== SPACE) return false;
  let from = month + 4;
  if (bytes[from] === SPACE) from += 1;
  let digits = from;
  while (digits < from + 2 && isDigit(bytes[digits]!)) digits += 1;
  if (digits === from) return false;
  const day = digits - from === 2 ? twoDigits(bytes, from) : bytes[from]! - ZERO;
  if (!isDay && (bytes[digits] === COMMA || isDigit(bytes[digits + 3] ?? 0))) {
    const year = bytes[digits] === COMMA ? digits + 2 : digits + 1;
    const days = daysOf(twoDigits(bytes, year) * 100 + twoDigits(bytes, year + 2), number, day);
    if (bytes[year + 4] !== SPACE || !readTimeOfDay(bytes, year + 5, end)) return false;
    found.zone = NO_ZONE;
    found.instant += days * MS_PER_DAY;
    return true;
  }
  if (bytes[digits] !== SPACE || !readClock(bytes, digits + 1, end)) return false;
  const clock = found.instant;
  let year = found.end + 1;
  if (!isDay) {
    found.instant = clock + daysOf(SOME_YEAR, number, day) * MS_PER_DAY;
    found.yearless = true;
    return true;
  }
  if (bytes[found.end] === SPACE && takeZoneWord(bytes, year, end)) year = found.end + 1;
  if (year + 4 > end || bytes[year - 1] !== SPACE) return false;
  found.instant = clock + daysOf(twoDigits(bytes, year) * 100 + twoDigits(bytes, year + 2), number, day) * MS_PER_DAY;
  found.end = year + 4;
  return true;
}

/** Reads `hh:mm:ss` with a fraction or without one, into `instant` and `end`. */
function readClock(bytes: Uint8Array, at: number, end: number): boolean {
  const hours = bytes[at + 1] === COLON ? oneDigit(bytes, at) : twoDigits(bytes, at);
  let from = bytes[at + 1] === COLON ? at + 1 : at + 2;
  if (from + 6 > end || bytes[from] !== COLON || bytes[from + 3] !== COLON) return false;
  const seconds = secondsOf(hours, twoDigits(bytes, from + 1), twoDigits(bytes, from + 4));
  if (Number.isNaN(seconds)) return false;
  found.instant = seconds * 1000;
  found.end = from + 6;
  takeFraction(bytes, end);
  return true;
}

/** Adds the fraction of a second that may follow. */
function takeFraction(bytes: Uint8Array, end: number): void {
  let at = found.end;
  if (at + 1 >= end || (bytes[at] !== DOT && bytes[at] !== COMMA) || !isDigit(bytes[at + 1]!)) return;
  let millis = 0;
  let scale = 100;
  for (at += 1; at < end && isDigit(bytes[at]!); at += 1, scale /= 10) millis += (bytes[at]! - ZERO) * scale;
  // Beyond a microsecond the sum of parts would show the rounding of each.
  found.instant += Math.round(millis * 1e6) / 1e6;
  found.end = at;
}

/** Adds the day to a clock that was read, and the zone that may follow it. */
function endDate(bytes: Uint8Array, days: number, end: number): boolean {
  found.instant += days * MS_PER_DAY;
  const at = found.end;
  if (at >= end) return true;
  const first = bytes[at]!;
  if (first === SPACE) {
    const next = bytes[at + 1]!;
    if (next === 0x2b || next === MINUS) takeOffset(bytes, at + 1, end);
    else if (!takeZoneWord(bytes, at + 1, end)) takeRegion(bytes, at + 1, end);
    return true;
  }
  if ((first | 0x20) === 0x7a) {
    found.zone = 0;
    found.end = at + 1;
    return true;
  }
  if (first === 0x2b || first === MINUS) takeOffset(bytes, at, end);
  return true;
}

/** Takes `+09:00`, `+0900` or `+09`. */
function takeOffset(bytes: Uint8Array, at: number, end: number): void {
  const hours = twoDigits(bytes, at + 1);
  if (!(hours < 24) || at + 3 > end) return;
  let close = at + 3;
  let minutes = 0;
  const from = bytes[close] === COLON ? close + 1 : close;
  const more = from + 2 <= end ? twoDigits(bytes, from) : NaN;
  if (more < 60) {
    minutes = more;
    close = from + 2;
  }
  if (close < end && isWordByte(bytes[close]!)) return;
  const offset = hours * 60 + minutes;
  found.zone = bytes[at] === MINUS && offset > 0 ? -offset : offset;
  found.instant -= found.zone * 60_000;
  found.end = close;
}

/** Names of zones that stand behind a time. All but UTC's own mean one offset here and another there: such a time is in the zone of `read.zone`. */
const ZONE_WORDS: ReadonlySet<number> = new Set(
  (
    'UTC GMT WET WEST CET CEST EET EEST MSK BST IST PKT ICT WIB HKT SGT PHT KST JST AEST AEDT ACST ACDT AWST NZST NZDT ' +
    'EST EDT CST CDT MST MDT PST PDT AKST AKDT HST AST ADT BRT ART CLT COT PET SAST EAT WAT CAT IRST IDT NPT'
  )
    .split(' ')
    .map((word) => packed(Buffer.from(word), 0, word.length)),
);
const UTC = packed(Buffer.from('UTC'), 0, 3);
const GMT = packed(Buffer.from('GMT'), 0, 3);

/** Up to four letters as one number: a look-up without a string. */
function packed(bytes: Uint8Array, start: number, end: number): number {
  let number = 0;
  for (let at = start; at < end; at += 1) number = (number << 8) | bytes[at]!;
  return number;
}

function takeZoneWord(bytes: Uint8Array, at: number, end: number): boolean {
  let close = at;
  while (close < end && close - at < 4 && bytes[close]! >= 0x41 && bytes[close]! <= 0x5a) close += 1;
  if (close - at < 3 || (close < end && isWordByte(bytes[close]!))) return false;
  const word = packed(bytes, at, close);
  if (!ZONE_WORDS.has(word)) return false;
  if (word === UTC || word === GMT) found.zone = 0;
  found.end = close;
  return true;
}

/** Takes `Europe/Berlin` as PHP writes it: as with the name of a zone, such a time is in the zone of `read.zone`. */
function takeRegion(bytes: Uint8Array, at: number, end: number): void {
  let close = at;
  let slashes = 0;
  while (close < end && (isWordByte(bytes[close]!) || bytes[close] === SLASH)) {
    if (bytes[close] === SLASH) slashes += 1;
    close += 1;
  }
  // A path in a message stands behind a blank, too, but no bracket ends it.
  if (slashes > 0 && isCapital(bytes[at]!) && bytes[close] === CLOSE && close < end) found.end = close;
}

const isCapital = (byte: number): boolean => byte >= 0x41 && byte <= 0x5a;

/** As `twoDigits`, of one. */
const oneDigit = (bytes: Uint8Array, at: number): number => (isDigit(bytes[at]!) ? bytes[at]! - ZERO : NaN);

/** Letters, digits and `_`. */
export const isWordByte = (byte: number): boolean =>
  isDigit(byte) || ((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a) || byte === 0x5f;

function latin1(bytes: Uint8Array, start: number, end: number): string {
  let text = '';
  for (let at = start; at < end; at += 1) text += String.fromCharCode(bytes[at]!);
  return text;
}
