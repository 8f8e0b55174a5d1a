import { LEVELS, type Level } from '../../record/level.ts';
import { LogRecord } from '../../record/record.ts';
import type { Names } from '../../record/names.ts';
import { spellLevel } from '../../record/scale.ts';
import { isQuoted, NUMBER, NUMBER_SPELLING, UNQUOTED } from '../../record/value.ts';
import type { LineReader } from '../line-reader.ts';

const QUOTE = 0x22;
const COMMA = 0x2c;
const EQUALS = 0x3d;
const BRACE = 0x7d;
const SPACE = 0x20;

/**
 * Makes lines that differ from others in one field. What it makes need not be a good line: whoever asks runs it and sees. Of a line
 * inside an envelope that escapes it, and of one that no format reads, it makes none. Of a record it changes the first line.
 */
export class LineEditor {
  readonly #reader: LineReader;
  readonly #names: Names;
  readonly #record: LogRecord;
  #rest = '';

  /** `paths`: all fields that will be asked for. */
  constructor(reader: LineReader, paths: Iterable<string>) {
    this.#reader = reader;
    this.#record = reader.recordWith(paths);
    this.#names = this.#record.names;
  }

  /** How a field is spelled in a line; `undefined`, if it has none or no scalar. */
  valueOf(line: string, path: string): string | undefined {
    if (!this.#read(line)) return undefined;
    if (path === 'level') return LEVELS[this.#record.level as Level];
    const slot = this.#slotOf(path);
    return slot === -1 ? undefined : this.#record.spelling(slot);
  }

  /** ms since 1970; NaN, if it has none. */
  timeOf(line: string): number {
    return this.#read(line) ? this.#record.time : NaN;
  }

  /** The line with another value of a field, or with that field if it had none. */
  withValue(line: string, path: string, value: string): string | undefined {
    if (!this.#read(line)) return undefined;
    const record = this.#record;
    const slot = this.#slotOf(path);
    if (slot === -1) return this.#withMore(path, value);
    const isNumber = record.kinds[slot] === NUMBER && NUMBER_SPELLING.test(value);
    return this.#spliced(record.outerStart(slot), record.outerEnd(slot), isNumber ? value : this.#spelled(slot, value));
  }

  /** The line without a field. */
  without(line: string, path: string): string | undefined {
    if (!this.#read(line)) return undefined;
    return this.#withoutSlot(this.#slotOf(path));
  }

  /** The line without its own time. */
  withoutTime(line: string): string | undefined {
    if (!this.#read(line)) return undefined;
    return this.#withoutSlot(this.#record.timeSlot);
  }

  withLevel(line: string, level: Level): string | undefined {
    if (!this.#read(line)) return undefined;
    let changed: string | undefined;
    // From the last on, so that places before it stay where they are.
    for (const { start, end, spelled, scale } of this.#record.levelPlaces().toSorted((a, b) => b.start - a.start)) {
      const text = spellLevel(level, spelled, scale);
      changed = changed === undefined ? this.#spliced(start, end, text) : changed.slice(0, start) + text + changed.slice(end);
    }
    return changed;
  }

  /** The line with its own time so many ms later; `undefined` if it has none that can be written so. */
  later(line: string, millis: number): string | undefined {
    if (!Number.isInteger(millis) || !this.#read(line) || Number.isNaN(this.#record.time)) return undefined;
    const { timeSlot, time } = this.#record;
    const [start, end] = timeSlot === -1 ? [0, this.#record.end] : [this.#record.starts[timeSlot]!, this.#record.ends[timeSlot]!];
    const text = shifted(this.#record.bytes.toString('latin1', start, end), millis);
    const made = text === undefined ? undefined : this.#spliced(start, end, text);
    return made !== undefined && this.#read(made) && this.#record.time === time + millis ? made : undefined;
  }

  /** Only ASCII lines are changed, in which offsets of bytes are those of characters. */
  #read(line: string): boolean {
    const [head = ''] = line.split('\n', 1);
    this.#rest = line.slice(head.length);
    const bytes = Buffer.from(head);
    return (
      bytes.length === head.length &&
      this.#reader.read(this.#record, { bytes, source: 'example' }) &&
      this.#record.bytes === bytes
    );
  }

  #slotOf(path: string): number {
    if (path === 'msg') return this.#record.msgSlot;
    return path.startsWith('$') || !this.#names.asked.has(path) ? -1 : this.#record.find(this.#names.slotsOf(path));
  }

  #spelled(slot: number, value: string): string {
    const { headed, manner, kinds, msgSlot } = this.#record;
    if (manner === 'member' && !(headed && slot === msgSlot)) return JSON.stringify(value);
    if (headed && slot === msgSlot && kinds[slot] === UNQUOTED) return value;
    return isQuoted(kinds[slot]!) ? JSON.stringify(value) : pairValue(value);
  }

  #withMore(path: string, value: string): string | undefined {
    if (path.startsWith('$') || path === 'msg' || path === 'level') return undefined;
    const { bytes, end, manner } = this.#record;
    const isNumber = NUMBER_SPELLING.test(value);
    if (manner !== 'member') return this.#spliced(end, end, ` ${path}=${pairValue(value)}`);
    const close = bytes.lastIndexOf(BRACE, end);
    return this.#spliced(close, close, `,${JSON.stringify(path)}:${isNumber ? value : JSON.stringify(value)}`);
  }

  #withoutSlot(slot: number): string | undefined {
    if (slot === -1) return undefined;
    const { bytes, headed, manner, msgSlot, kinds } = this.#record;
    const [from, to] = [this.#record.outerStart(slot), this.#record.outerEnd(slot)];
    if (headed && slot === msgSlot && kinds[slot] === UNQUOTED) return undefined;
    if (manner === 'member') {
      const keyEnd = bytes.lastIndexOf(QUOTE, from - 1);
      const key = bytes.lastIndexOf(QUOTE, keyEnd - 1);
      if (key < 0) return undefined;
      if (bytes[key - 1] === COMMA) return this.#spliced(key - 1, to, '');
      return this.#spliced(key, bytes[to] === COMMA ? to + 1 : to, '');
    }
    const equals = bytes.lastIndexOf(EQUALS, from);
    if (equals < 0 || equals < from - 1) return undefined;
    const before = bytes.lastIndexOf(SPACE, equals);
    return before === -1 ? this.#spliced(0, Math.min(to + 1, this.#record.end), '') : this.#spliced(before, to, '');
  }

  #spliced(from: number, to: number, text: string): string {
    const line = this.#record.bytes.toString('latin1');
    return line.slice(0, from) + text + line.slice(to) + this.#rest;
  }
}

/** A value of a pair, in quotes if it has to be. */
const pairValue = (text: string): string => (/^[^\s\p{Cc}="\\]+$/u.test(text) ? text : JSON.stringify(text));

const CLOCK = /(\d{2}):(\d{2}):(\d{2})(?:([.,])(\d{1,9}))?/u;
const DAY = 86_400_000;

/** A time so many ms later, written in the same way; `undefined` if that cannot be said, or would be on another day. */
function shifted(text: string, millis: number): string | undefined {
  if (/^\d{9,19}(?:\.\d+)?$/u.test(text)) return shiftedNumber(text, millis);
  const found = CLOCK.exec(text);
  if (found === null) return undefined;
  const [whole, hours, minutes, seconds, point = '.', fraction = ''] = found;
  const ms = Number(fraction.padEnd(3, '0').slice(0, 3));
  const total = ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000 + ms + millis;
  if (total < 0 || total >= DAY) return undefined;
  const two = (value: number): string => String(value).padStart(2, '0');
  const rest = total % 1000;
  const digits =
    fraction.length < 3
      ? rest === 0 && fraction === ''
        ? ''
        : String(rest).padStart(3, '0')
      : String(rest).padStart(3, '0') + fraction.slice(3);
  const clock = `${two(Math.floor(total / 3_600_000))}:${two(Math.floor(total / 60_000) % 60)}:${two(Math.floor(total / 1000) % 60)}`;
  return text.replace(whole, `${clock}${digits === '' ? '' : point + digits}`);
}

/** By its size a number counts seconds, or ms, µs, ns. */
function shiftedNumber(text: string, millis: number): string | undefined {
  const [whole = '', fraction = ''] = text.split('.');
  const perMilli = [0n, 1n, 1_000n, 1_000_000n][Math.floor((whole.length - 10) / 3)];
  if (perMilli === undefined) return undefined;
  if (perMilli > 0n) return String(BigInt(whole) + BigInt(millis) * perMilli) + (fraction === '' ? '' : `.${fraction}`);
  const total = BigInt(whole) * 1000n + BigInt(fraction.padEnd(3, '0').slice(0, 3)) + BigInt(millis);
  const rest = String(total % 1000n).padStart(3, '0');
  return `${total / 1000n}${rest === '000' && fraction === '' ? '' : `.${rest}${fraction.slice(3)}`}`;
}
