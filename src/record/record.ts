import { wholeNumber } from './bytes.ts';
import { COUNTED, domainOf, NO_DOMAIN, WRITER, type ClockDomain, type Writer } from './clock-domain.ts';
import { levelOfName, levelOfNumber, type Level } from './level.ts';
import type { Names } from './names.ts';
import { PINO, type Scale } from './scale.ts';
import { instantOfNumber, instantOfText, zoneRead } from './time.ts';

/** Reached only where a union has a member that no case names. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`);
}

/** What a slot of a record holds. A text's span lies inside its quotes, where it has any. */
export const MISSING = 0;
export const QUOTED = 1;
/** A JSON string with a backslash in it. */
export const JSON_ESCAPED = 2;
/** A quoted logfmt value with a backslash in it. */
export const LOGFMT_ESCAPED = 3;
/** Text without quotes: a logfmt value, the message of a text line. */
export const UNQUOTED = 4;
/** A logfmt key without a value; it counts as the text `true`. */
export const FLAG = 5;
export const NUMBER = 6;
export const TRUE = 7;
export const FALSE = 8;
export const NULL = 9;
/** An object or a list: it is there, and equals nothing. */
export const NESTED = 10;

/** The opposite of a JSON string's escapes. Throws on an invalid one, which no reader lets through. */
const unescapeJson = (text: string): string => JSON.parse(`"${text}"`) as string;

const LOGFMT_ESCAPES: Readonly<Record<string, string>> = {
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  '"': '"',
  '\\': '\\',
  '/': '/',
};

/** Undoes the escapes that go-logfmt writes and reads, JSON's. Any other backslash stays as it is. */
function unescapeLogfmt(text: string): string {
  return text.replace(/\\(?:u([\da-fA-F]{4})|(["\\/bfnrt]))/gu, (_, hex: string | undefined, letter: string | undefined) =>
    hex === undefined ? LOGFMT_ESCAPES[letter!]! : String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

/** JSON's grammar of a number, for texts that are spelled as one. */
const NUMBER_SPELLING = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/u;

/** A value of a line that holds its level. */
export interface LevelPlace {
  readonly slot: number;
  /** How it spells levels; `undefined` where it is a name. */
  readonly scale: Scale | undefined;
  /** The name's or number's own bytes: what stands around it in the value (quotes, blanks, colours) stays as it is. */
  readonly start: number;
  readonly end: number;
  /** The name or number, decoded: what a new one is spelled like. */
  readonly spelled: string;
}

/**
 * A line that was understood: where its level, message, time and the fields that rules ask for
 * stand in its bytes. One record is filled again and again; nothing of it outlives the line but
 * what was copied out. A reader fills the slots; texts are decoded when they are asked for.
 */
export class LogRecord {
  readonly names: Names;
  bytes: Buffer = Buffer.alloc(0);
  /** The line without its newline or CRLF. */
  start = 0;
  end = 0;

  readonly kinds: Uint8Array;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  readonly #texts: (string | undefined)[];
  /** Which of the texts are this line's. */
  readonly #decoded: Uint8Array;

  /** Canonical level, or -1 where the line is opaque. */
  level: Level | -1 = -1;
  levelSlot = -1;
  /** -1 where it has no message. */
  msgSlot = -1;
  /** Its own time, ms since 1970; NaN if it has none. Of a time that names no zone, as if it were UTC: `namesNoZone` tells. */
  time = NaN;
  /** How its own time is written. */
  timeDomain: ClockDomain = NO_DOMAIN;
  /** Its own time names no year: it is given in a leap year, and the engine finds the right one. */
  yearless = false;
  /** It has two meanings: it is never changed and proves no success. */
  ambiguous = false;
  /** It bears an annotation already. */
  annotated = false;
  /** Its level stands in a header, and its message is the rest of the line. */
  headed = false;
  /** All of its values are texts: `95` and `true` are fitted by their spelling. */
  loose = false;
  /** Where an annotation goes. */
  annotateAt = 0;
  /** How an annotation is written. */
  manner: 'member' | 'pairs' = 'pairs';
  /** Why it was not understood, where `level` is -1. */
  why = '';
  source = '';
  #line: string | undefined;

  constructor(names: Names) {
    this.names = names;
    this.kinds = new Uint8Array(names.size);
    this.starts = new Int32Array(names.size);
    this.ends = new Int32Array(names.size);
    this.#texts = new Array<string | undefined>(names.size).fill(undefined);
    this.#decoded = new Uint8Array(names.size);
  }

  /** Forgets the last line and points at the next, without its newline. */
  reset(bytes: Buffer, start: number, end: number): void {
    this.bytes = bytes;
    this.start = start;
    this.end = end;
    this.kinds.fill(MISSING);
    this.#decoded.fill(0);
    this.#line = undefined;
    this.level = -1;
    this.levelSlot = -1;
    this.msgSlot = -1;
    this.time = NaN;
    this.timeDomain = NO_DOMAIN;
    this.yearless = false;
    this.ambiguous = false;
    this.annotated = false;
    this.headed = false;
    this.loose = false;
    this.annotateAt = end;
    this.manner = 'pairs';
    this.why = '';
  }

  set(slot: number, kind: number, start: number, end: number): void {
    this.kinds[slot] = kind;
    this.starts[slot] = start;
    this.ends[slot] = end;
  }

  /** Finds level, message and time in the slots, once they are filled. False where there is no level. */
  settle(): boolean {
    const { names } = this;
    this.annotated ||= this.find(names.annotation) !== -1;
    this.msgSlot = this.find(names.msg);
    this.#findTime();
    this.levelSlot = this.find(names.level);
    if (this.levelSlot === -1) return this.opaque('no level');
    const level = this.#levelOf(this.levelSlot);
    if (level === undefined) return this.opaque('unknown level');
    this.level = level;
    return true;
  }

  /** Marks the line as not understood: nothing is known of it but its bytes. */
  opaque(why: string): false {
    this.kinds.fill(MISSING);
    this.level = -1;
    this.levelSlot = -1;
    this.msgSlot = -1;
    this.time = NaN;
    this.timeDomain = NO_DOMAIN;
    this.ambiguous = false;
    this.annotated = false;
    this.why = why;
    return false;
  }

  /** Keeps a time that a format or an envelope has read; `zone` as `zoneRead` gives it. */
  setTime(time: number, writer: Writer, zone: number): void {
    this.time = time;
    this.timeDomain = domainOf(writer, 0, zone);
  }

  /** The first of the names that holds an instant: the others may be durations, or words. */
  #findTime(): void {
    const slots = this.names.time;
    for (let i = 0; i < slots.length; i += 1) {
      const slot = slots[i]!;
      const kind = this.kinds[slot]!;
      if (kind === MISSING || kind === FLAG || kind > NUMBER) continue;
      const time = this.#instantOf(slot, kind);
      if (Number.isNaN(time)) continue;
      const writer = this.manner === 'member' ? WRITER.json : WRITER.logfmt;
      this.time = time;
      this.timeDomain = domainOf(writer, i, isCounted ? COUNTED : zoneRead());
      return;
    }
  }

  /** The first of `slots` that holds something, or -1. */
  find(slots: readonly number[]): number {
    for (let i = 0; i < slots.length; i += 1) if (this.kinds[slots[i]!] !== MISSING) return slots[i]!;
    return -1;
  }

  /** Where the line holds its level, `levelSlot` first: an edit changes all of these. */
  levelPlaces(): readonly LevelPlace[] {
    const { levelSlot: slot } = this;
    const scale = this.kinds[slot] === NUMBER || this.digits(slot) !== undefined ? PINO : undefined;
    return [{ slot, scale, start: this.starts[slot]!, end: this.ends[slot]!, spelled: this.spelling(slot)! }];
  }

  /** A text's value; `undefined` where the slot holds none. */
  text(slot: number): string | undefined {
    const kind = this.kinds[slot]!;
    if (kind === MISSING || kind > FLAG) return undefined;
    if (this.#decoded[slot] === 1) return this.#texts[slot];
    const text = this.#decode(slot, kind);
    this.#texts[slot] = text;
    this.#decoded[slot] = 1;
    return text;
  }

  #decode(slot: number, kind: number): string {
    if (kind === FLAG) return 'true';
    const raw = this.bytes.utf8Slice(this.starts[slot]!, this.ends[slot]!);
    if (kind === JSON_ESCAPED) return unescapeJson(raw);
    return kind === LOGFMT_ESCAPED ? unescapeLogfmt(raw) : raw;
  }

  /** The bytes of a value as they stand, for numbers: their digits. */
  raw(slot: number): string {
    return this.bytes.latin1Slice(this.starts[slot]!, this.ends[slot]!);
  }

  /** A scalar as a key: texts and numbers by their spelling. `undefined` for null, objects, lists and what is missing. */
  spelling(slot: number): string | undefined {
    const kind = this.kinds[slot]!;
    if (kind === NUMBER) return this.raw(slot);
    if (kind === TRUE) return 'true';
    return kind === FALSE ? 'false' : this.text(slot);
  }

  /** The number that a slot holds, as digits: in a loose record also a text that spells one. */
  digits(slot: number): string | undefined {
    if (this.kinds[slot] === NUMBER) return this.raw(slot);
    if (!this.loose) return undefined;
    const text = this.text(slot);
    return text !== undefined && NUMBER_SPELLING.test(text) ? text : undefined;
  }

  /** The whole line, decoded. */
  get line(): string {
    return (this.#line ??= this.bytes.utf8Slice(this.start, this.end));
  }

  /** Where a value's own bytes begin and end, quotes included. */
  outerStart(slot: number): number {
    const kind = this.kinds[slot]!;
    return kind >= QUOTED && kind <= LOGFMT_ESCAPED ? this.starts[slot]! - 1 : this.starts[slot]!;
  }

  outerEnd(slot: number): number {
    const kind = this.kinds[slot]!;
    return kind >= QUOTED && kind <= LOGFMT_ESCAPED ? this.ends[slot]! + 1 : this.ends[slot]!;
  }

  #levelOf(slot: number): Level | undefined {
    if (this.kinds[slot] === NUMBER) {
      const number = wholeNumber(this.bytes, this.starts[slot]!, this.ends[slot]!);
      if (number !== -1) return levelOfNumber(number);
    }
    const digits = this.digits(slot);
    if (digits !== undefined) return levelOfNumber(Number(digits));
    const text = this.kinds[slot] === FLAG ? undefined : this.text(slot);
    return text === undefined ? undefined : levelOfName(text);
  }

  /** Sets `isCounted`. NaN if the slot, which holds a text or a number, holds no instant. */
  #instantOf(slot: number, kind: number): number {
    const start = this.starts[slot]!;
    const end = this.ends[slot]!;
    isCounted = true;
    if (kind === NUMBER) {
      const number = wholeNumber(this.bytes, start, end);
      // 1973 to 5138, in ms: the common case, read without a string.
      return number >= 1e11 && number < 1e14 ? number : instantOfNumber(this.raw(slot));
    }
    const isPlain = kind === QUOTED || kind === UNQUOTED;
    const bytes = isPlain ? this.bytes : Buffer.from(this.text(slot)!);
    const instant = isPlain ? instantOfText(bytes, start, end) : instantOfText(bytes, 0, bytes.length);
    if (!Number.isNaN(instant)) {
      isCounted = false;
      return instant;
    }
    const text = this.text(slot)!;
    return NUMBER_SPELLING.test(text) ? instantOfNumber(text) : NaN;
  }
}

/** Whether the instant that was read last is a number. Beside the return value, so that no line costs an object. */
let isCounted = false;
