import { wholeNumber } from './bytes.ts';
import { COUNTED, domainOf, NO_DOMAIN, WRITER, type ClockDomain } from './clock-domain.ts';
import { levelIn, placeIn, saysTheSame, type LevelPlace, type Value } from './held-level.ts';
import type { Envelope, Severity } from './envelope.ts';
import type { Level } from './level.ts';
import type { Names } from './names.ts';
import type { Scale } from './scale.ts';
import { instantOfNumber, instantOfText, zoneRead } from './time.ts';
import { decodeText, FALSE, FLAG, isQuoted, MISSING, NESTED, NUMBER, NUMBER_SPELLING, QUOTED, TRUE, UNQUOTED } from './value.ts';

/** Reached only where a union has a member that no case names. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`);
}

/** A value under a name that the line has had before. */
interface Again extends Value {
  readonly slot: number;
}

/** What records of lines that are alike have in common. */
export type Likeness = Pick<LogRecord, 'level' | 'levelSlot' | 'msgSlot' | 'annotated' | 'loose' | 'manner' | 'mayWrap'> & {
  readonly kinds: Uint8Array;
};

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
  /** The words of a header for levels, where they are not the usual ones. */
  headWords: Scale | undefined;
  /** -1 where it has no message. */
  msgSlot = -1;
  /** The message stands in the line twice, and is not to be rewritten. */
  msgAgain = false;
  /** Its own time, ms since 1970; NaN if it has none. Of a time that names no zone, as if it were UTC: `namesNoZone` tells. */
  time = NaN;
  /** Where its own time stands, if under a name; else -1. */
  timeSlot = -1;
  /** How its own time is written. */
  timeDomain: ClockDomain = NO_DOMAIN;
  /** Its own time names no year: it is given in a leap year, and the engine finds the right one. */
  yearless = false;
  /** It has two meanings: it is never changed and proves no success. */
  ambiguous = false;
  /** It bears an annotation already. */
  annotated = false;
  /** Its level stands in a header. */
  headed = false;
  /** By which pattern, of a line without colours: only to tell whether another line is read by the same one. */
  header: object | undefined;
  /** Where the header has the level once more; -1 if it has not. */
  headAgain = -1;
  headAgainEnd = -1;
  /** Of a line of text: where its annotation stands; -1 if it has none. */
  noteStart = -1;
  noteEnd = -1;
  /** All of its values are texts: `95` and `true` are fitted by their spelling. */
  loose = false;
  /** Where an annotation goes. */
  annotateAt = 0;
  /** How an annotation is written. */
  manner: 'member' | 'pairs' = 'pairs';
  /** Why it was not understood, where `level` is -1. */
  why = '';
  source = '';
  /** Which format has read it. */
  format = '';
  /** Before a line is read: the severity of a prefix before it, which is the level of a JSON object that has none. */
  lent: Severity | undefined;
  /** Its level stands in an envelope. */
  levelAround = false;
  /** Another message might be read as a line inside an envelope. */
  mayWrap = false;
  /** What stands around the line that was read, if anything does. */
  envelope: Envelope | undefined;
  /** The text of the lines that go on with it, without the newline of the last; empty if none do. */
  tail = '';
  #line: string | undefined;
  /** Values under names that the line has had before, which say the same. */
  readonly #again: Again[] = [];

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
    this.headWords = undefined;
    this.msgSlot = -1;
    this.msgAgain = false;
    if (this.#again.length > 0) this.#again.length = 0;
    this.time = NaN;
    this.timeSlot = -1;
    this.timeDomain = NO_DOMAIN;
    this.yearless = false;
    this.ambiguous = false;
    this.annotated = false;
    this.headed = false;
    this.header = undefined;
    this.headAgain = -1;
    this.noteStart = -1;
    this.loose = false;
    this.annotateAt = end;
    this.manner = 'pairs';
    this.why = '';
    this.format = '';
    this.levelAround = false;
    this.mayWrap = false;
    this.envelope = undefined;
    this.tail = '';
  }

  /** What tells lines of one stream apart that come from different containers, pods or units; empty if nothing does. */
  get originKey(): string {
    return this.envelope?.origin.key ?? '';
  }

  /** Takes the whole line for what was read, and nothing for what stands around: of a line that is opaque. */
  unwrap(): void {
    if (this.envelope === undefined) return;
    const { envelope, why } = this;
    this.reset(envelope.bytes, envelope.start, envelope.end);
    this.opaque(why);
  }

  /** Goes on with a line that has the same kinds of values as `other` had, the same level and the same names; where they lie is to be set. */
  resetLike(other: Likeness, bytes: Buffer, start: number, end: number): void {
    this.reset(bytes, start, end);
    this.kinds.set(other.kinds);
    this.level = other.level;
    this.levelSlot = other.levelSlot;
    this.msgSlot = other.msgSlot;
    this.annotated = other.annotated;
    this.loose = other.loose;
    this.manner = other.manner;
    this.mayWrap = other.mayWrap;
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
    if (!this.#findLevel()) {
      if (this.lent === undefined || this.manner !== 'member' || this.#namesLevel())
        return this.opaque(this.#namesLevel() ? 'unknown level' : 'no level');
      this.takeLevel(this.lent);
    }
    if (this.#again.length > 0) this.#lookAgain();
    return true;
  }

  /** Takes the severity of an envelope for the line's level: it has none of its own. */
  takeLevel({ level, scale, start, end }: Severity): void {
    this.level = level;
    this.levelAround = true;
    this.headWords = scale;
    this.levelSlot = this.names.levels[0]!.slot;
    this.set(this.levelSlot, NUMBER, start, end);
  }

  /** The first of the names for it that holds one has the level. */
  #findLevel(): boolean {
    const { levels } = this.names;
    for (let i = 0; i < levels.length; i += 1) {
      const at = levels[i]!;
      if (this.kinds[at.slot] === MISSING) continue;
      const level = levelIn(this, at);
      if (level === undefined) continue;
      this.level = level;
      this.levelSlot = at.slot;
      return true;
    }
    return false;
  }

  #namesLevel(): boolean {
    return this.names.levels.some(({ slot, beside }) => beside.length === 0 && this.kinds[slot] !== MISSING);
  }

  /** A name comes once more: the line has two meanings, unless it says the same. */
  again(slot: number, kind: number, start: number, end: number): void {
    const value = { slot, kind, start, end };
    if (saysTheSame(this, slot, value)) this.#again.push(value);
    else this.ambiguous = true;
  }

  /** What comes twice must be changed twice, or not at all. */
  #lookAgain(): void {
    const places = this.levelPlaces();
    for (const { slot, kind, start, end } of this.#again) {
      const first = this.starts[slot]!;
      const holds = (at: number): boolean => at >= first && at < this.ends[slot]!;
      if (slot === this.msgSlot || (kind === NESTED && this.msgSlot !== -1 && holds(this.starts[this.msgSlot]!)))
        this.msgAgain = true;
      // An object is read once: its second level would stay as it is. So would a value that is a level only the first time.
      const isPlace = (at: LevelPlace): boolean => (kind === NESTED ? holds(at.start) : at.slot === slot);
      const isBoth = kind !== NESTED && places.some((at) => at.start >= start && at.end <= end);
      if (places.some(isPlace) && !isBoth) this.ambiguous = true;
    }
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

  /** Keeps a time that a format or an envelope has read; `zone` as `zoneRead` gives it, `name` its place among those of the writer. */
  setTime(time: number, writer: number, zone: number, name = 0): void {
    this.time = time;
    this.timeDomain = domainOf(writer, name, zone);
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
      this.timeSlot = slot;
      this.timeDomain = domainOf(writer, i, isCounted ? COUNTED : zoneRead());
      return;
    }
  }

  /** The first of `slots` that holds something, or -1. */
  find(slots: readonly number[]): number {
    for (let i = 0; i < slots.length; i += 1) if (this.kinds[slots[i]!] !== MISSING) return slots[i]!;
    return -1;
  }

  /** Where the line holds its level, `levelSlot` first, then in the order of the names: an edit changes all of these. */
  levelPlaces(): readonly LevelPlace[] {
    const level = this.level as Level;
    if (this.headed || this.levelAround) return this.#headPlaces();
    const places: LevelPlace[] = [];
    for (const at of this.names.levels) {
      const { slot } = at;
      if (this.kinds[slot] === MISSING) continue;
      const value = { kind: this.kinds[slot]!, start: this.starts[slot]!, end: this.ends[slot]! };
      for (const each of [value, ...this.#again.filter((again) => again.slot === slot)]) {
        const place = placeIn(this, at, level, each);
        if (place === undefined) continue;
        if (slot === this.levelSlot && each === value) places.unshift(place);
        else places.push(place);
      }
    }
    return places;
  }

  /** The word of a header and its other one, or the number of an envelope. */
  #headPlaces(): readonly LevelPlace[] {
    const slot = this.levelSlot;
    const first = this.#headPlace(this.starts[slot]!, this.ends[slot]!);
    return this.headAgain === -1 ? [first] : [first, this.#headPlace(this.headAgain, this.headAgainEnd)];
  }

  #headPlace(start: number, end: number): LevelPlace {
    const spelled = this.bytes.latin1Slice(start, end);
    const { levelSlot: slot, headWords: scale } = this;
    return { slot, kind: this.kinds[slot]!, scale, start, end, outerStart: start, outerEnd: end, spelled };
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
    return decodeText(this.bytes.utf8Slice(this.starts[slot]!, this.ends[slot]!), kind);
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

  /** Whether a value is a text of which nobody knows what it was: not one of the object behind a header, which tells texts from numbers. */
  isLoose(slot: number): boolean {
    return this.loose && (this.manner === 'pairs' || this.kinds[slot] === UNQUOTED);
  }

  /** The number that a slot holds, as digits: also a text that spells one, if it is loose. */
  digits(slot: number): string | undefined {
    if (this.kinds[slot] === NUMBER) return this.raw(slot);
    if (!this.isLoose(slot)) return undefined;
    const text = this.text(slot);
    return text !== undefined && NUMBER_SPELLING.test(text) ? text : undefined;
  }

  /** The whole line, decoded, and those that go on with it. */
  get line(): string {
    if (this.#line === undefined) {
      const head = this.bytes.utf8Slice(this.start, this.end);
      this.#line = this.tail === '' ? head : `${head}\n${this.tail}`;
    }
    return this.#line;
  }

  /** Where a value's own bytes begin and end, quotes included. */
  outerStart(slot: number): number {
    return isQuoted(this.kinds[slot]!) ? this.starts[slot]! - 1 : this.starts[slot]!;
  }

  outerEnd(slot: number): number {
    return isQuoted(this.kinds[slot]!) ? this.ends[slot]! + 1 : this.ends[slot]!;
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
