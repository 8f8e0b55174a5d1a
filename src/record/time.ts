const ZERO = 0x30;
const MS_PER_DAY = 86_400_000;

/** A lower number is a duration, a counter or a level, but no time of a log line: as seconds it would lie before March 1973. */
const LEAST = 1e8;

/** The last instant that a `Date` has, ms since 1970. */
const LAST = 8.64e15;

/**
 * The instant that a number means, in ms since 1970: below 1e11 it counts seconds, below 1e14 ms,
 * below 1e17 µs, else ns. `digits` is a JSON number. NaN if it is too small or too large to be one.
 */
export function instantOfNumber(digits: string): number {
  const number = Number(digits);
  if (!(number >= LEAST)) return NaN;
  const shift = number < 1e11 ? 3 : number < 1e14 ? 0 : number < 1e17 ? -3 : -6;
  // Shifting the decimal point in the text rounds once; multiplying 1700000000.123 by 1000 would round twice.
  const instant = /[eE]/u.test(digits) ? number * 10 ** shift : Number(`${digits}e${shift}`);
  return instant <= LAST ? instant : NaN;
}

/** What `zoneRead` tells of a text that names no zone. */
export const NO_ZONE = 1440;

let zone = NO_ZONE;

/** The zone of the instant that `instantOfText` read last, in minutes east of UTC; `NO_ZONE` if the text named none. */
export const zoneRead = (): number => zone;

/**
 * The instant that an RFC 3339 text means, in ms since 1970, or NaN if it is none. Takes any
 * number of digits in the fraction, a comma before it (as Python and log4j write it), a space for the `T`, an
 * offset without its colon (`+0900`, as zap writes it), and a text without an offset, which is read as if it
 * were UTC: then `zoneRead` says so. A leap second is the first of the next minute.
 */
export function instantOfText(bytes: Uint8Array, start: number, end: number): number {
  // 2024-04-19T05:32:58
  if (end - start < 19 || bytes[start + 4] !== 0x2d || bytes[start + 7] !== 0x2d) return NaN;
  const separator = bytes[start + 10]! | 0x20;
  if ((separator !== 0x74 && separator !== 0x20) || bytes[start + 13] !== 0x3a || bytes[start + 16] !== 0x3a) return NaN;
  const days = daysOf(
    twoDigits(bytes, start) * 100 + twoDigits(bytes, start + 2),
    twoDigits(bytes, start + 5),
    twoDigits(bytes, start + 8),
  );
  const seconds = secondsOf(twoDigits(bytes, start + 11), twoDigits(bytes, start + 14), twoDigits(bytes, start + 17));

  // fraction
  let at = start + 19;
  let millis = 0;
  if (at < end && (bytes[at] === 0x2e || bytes[at] === 0x2c)) {
    let scale = 100;
    const first = at + 1;
    for (at = first; at < end && isDigit(bytes[at]!); at += 1, scale /= 10) millis += (bytes[at]! - ZERO) * scale;
    if (at === first) return NaN;
    // Beyond a microsecond the sum of parts would show the rounding of each.
    millis = Math.round(millis * 1e6) / 1e6;
  }

  zone = at === end ? NO_ZONE : offsetOf(bytes, at, end);
  const offset = zone === NO_ZONE ? 0 : zone;
  return days * MS_PER_DAY + seconds * 1000 + millis - offset * 60_000;
}

/** The minutes east of UTC of `Z`, `+09:00` or `+0900`; NaN if it is none of them. */
function offsetOf(bytes: Uint8Array, start: number, end: number): number {
  const sign = bytes[start]!;
  if ((sign | 0x20) === 0x7a) return end === start + 1 ? 0 : NaN;
  if (sign !== 0x2b && sign !== 0x2d) return NaN;
  const colon = bytes[start + 3] === 0x3a ? 1 : 0;
  if (end !== start + 5 + colon) return NaN;
  const hours = twoDigits(bytes, start + 1);
  const minutes = twoDigits(bytes, start + 3 + colon);
  if (!(hours < 24 && minutes < 60)) return NaN;
  const offset = hours * 60 + minutes;
  return sign === 0x2d && offset > 0 ? -offset : offset;
}

/** The leap year in which a time without a year is read; the engine finds the right one. */
export const SOME_YEAR = 1972;

/** Seconds of a day; NaN where there is no such time. */
export function secondsOf(hours: number, minutes: number, seconds: number): number {
  return hours < 24 && minutes < 60 && seconds <= 60 ? hours * 3600 + minutes * 60 + seconds : NaN;
}

const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const isLeap = (year: number): boolean => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);

/** Days since 1970 of a date in the Gregorian calendar; NaN where there is no such day. `month` and `day` count from one. */
export function daysOf(year: number, month: number, day: number): number {
  if (!(month >= 1 && month <= 12 && day >= 1)) return NaN;
  if (day > MONTH_DAYS[month - 1]! + (month === 2 && isLeap(year) ? 1 : 0)) return NaN;
  // Counts from 1 March, so that the leap day is the last of its year; 719,468 days lie before 1970.
  const shifted = month > 2 ? year : year - 1;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  return shifted * 365 + Math.floor(shifted / 4) - Math.floor(shifted / 100) + Math.floor(shifted / 400) + dayOfYear - 719_468;
}

export const isDigit = (byte: number): boolean => byte >= ZERO && byte <= 0x39;

/** The number that two digits spell; NaN where one of them is none. */
export function twoDigits(bytes: Uint8Array, at: number): number {
  const tens = bytes[at]!;
  const ones = bytes[at + 1]!;
  return isDigit(tens) && isDigit(ones) ? (tens - ZERO) * 10 + ones - ZERO : NaN;
}

/** What was last written, and its day: most instants are of one day, and only its time of day is written anew. */
let written = Buffer.alloc(0);
let lastDay = NaN;

/** `instant` in RFC 3339, UTC, to the ms, in bytes that are good until the next call; `undefined` where no calendar has it. */
export function spellInstant(instant: number): Buffer | undefined {
  const whole = Math.trunc(instant);
  const day = Math.floor(whole / MS_PER_DAY);
  if (day !== lastDay) {
    const date = new Date(whole);
    if (Number.isNaN(date.getTime())) return undefined;
    written = Buffer.from(date.toISOString());
    lastDay = day;
  }
  const millis = (whole - day * MS_PER_DAY) | 0;
  const seconds = (millis / 1000) | 0;
  const minutes = (seconds / 60) | 0;
  const end = written.length - 1; // the Z
  putTwo(end - 12, (minutes / 60) | 0);
  putTwo(end - 9, minutes % 60);
  putTwo(end - 6, seconds % 60);
  putTwo(end - 3, ((millis % 1000) / 10) | 0);
  written[end - 1] = ZERO + (millis % 10);
  return written;
}

function putTwo(at: number, number: number): void {
  written[at] = ZERO + ((number / 10) | 0);
  written[at + 1] = ZERO + (number % 10);
}
