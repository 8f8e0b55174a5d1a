import type { Lent } from '../formats/draft.ts';
import { ENTRY_TEXT } from '../kernel/layout.ts';
import type { ClockDomain } from '../record/clock-domain.ts';
import type { Level } from '../record/level.ts';
import type { LogRecord } from '../record/record.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { Alike } from './alike.ts';
import type { Candidate } from './candidate.ts';
import { assemble, type EditPlaces, type Recipe } from './edit/recipe.ts';
import { layoutOf, offsetOf, type Kind, type LineRead, type Span } from './kind.ts';
import { keyOf, keyOfSpans, type KeyPart } from './memory/keys.ts';
import type { CompiledRule } from './plan.ts';
import { linesAt } from './hold/hold.ts';
import type { HeldInput } from './hold/leaving.ts';
import type { Waiting, WaitSource } from './hold/waits.ts';

/** A line that a rule judges, with all that its fate depends on. */
export interface Judged {
  readonly rule: CompiledRule;
  /** As it came. */
  readonly level: Level;
  /** The whole line, with its envelope: `[start, end)` of `bytes`; `end` lies behind its newline. */
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
  /** Behind the last of the lines that go on with it, which lie behind it in `bytes`; how many lines that are, with it; and their text. */
  readonly recordEnd: number;
  readonly lines: number;
  readonly tail: string;
  /** More lines went on with it than a record may have. */
  readonly isCut: boolean;
  /** Bytes of what was read of it and of the lines that go on with it. */
  readonly length: number;
  readonly time: number;
  readonly domain: ClockDomain;
  /** When it came, by the clock. */
  readonly arrival: number;
  readonly source: WaitSource;
  readonly input: HeldInput;
  /** In its source, from one. */
  readonly number: number;
  /** Of a line that came in pieces: how many lines stand between each and the next. */
  readonly gaps: readonly number[];
  /** Container, pod or unit that it comes from. */
  readonly origin: string;
  /** Where it is held, and where it begins in all bytes of its stream; `undefined`: it is the line that is being looked at. */
  readonly standing: Standing | undefined;
  /** The line, read. */
  readonly record: LogRecord;
  /** What is known of all lines that are like it, and where in it an edit would go. */
  readonly kind: Kind | undefined;
  readonly places: EditPlaces | undefined;
  /** The line as a recipe of its kind has it: edited where it stands, or by itself, only lent. */
  make(recipe: Recipe, millis: number): 'edited' | Lent;
  /** As `keyOf`. */
  keyOf(parts: readonly KeyPart[], message: KeyPart | undefined): string | undefined;
}

/** Where a line stands that is held. */
export type Standing = Pick<Waiting, 'held' | 'at'>;

/** What is known of a line whatever rule judges it. */
type Facts = Pick<Judged, 'end' | 'time' | 'domain' | 'arrival' | 'source' | 'input' | 'number' | 'gaps'>;

/** A line that was read. */
export class ReadLine implements Judged {
  readonly rule: CompiledRule;
  readonly end: number;
  readonly time: number;
  readonly domain: ClockDomain;
  readonly arrival: number;
  readonly source: WaitSource;
  readonly input: HeldInput;
  readonly number: number;
  readonly gaps: readonly number[];
  readonly record: LogRecord;
  readonly kind = undefined;
  readonly places = undefined;
  readonly standing = undefined;
  readonly lines = 1;
  readonly tail = '';
  readonly isCut = false;

  constructor(rule: CompiledRule, record: LogRecord, { end, time, domain, arrival, source, input, number, gaps }: Facts) {
    this.rule = rule;
    this.end = end;
    this.time = time;
    this.domain = domain;
    this.arrival = arrival;
    this.source = source;
    this.input = input;
    this.number = number;
    this.gaps = gaps;
    this.record = record;
  }

  get level(): Level {
    return this.record.level as Level;
  }

  get bytes(): Buffer {
    return (this.record.envelope ?? this.record).bytes;
  }

  get start(): number {
    return (this.record.envelope ?? this.record).start;
  }

  get recordEnd(): number {
    return this.end;
  }

  get length(): number {
    return this.record.end - this.record.start;
  }

  get origin(): string {
    return this.record.originKey;
  }

  make(): never {
    throw new Error('a line of no kind has no recipes');
  }

  keyOf(parts: readonly KeyPart[], message: KeyPart | undefined): string | undefined {
    return keyOf(parts, message, this.record);
  }
}

const NO_GAPS: readonly number[] = [];

/** What of an `Engine` a line on the tape needs. */
export interface AlikeEngine {
  readonly kernel: Kernel;
  readonly alike: Pick<Alike, 'placesAt'>;
  /** A record for the line that is looked at. */
  readonly line: LogRecord;
  read(record: LogRecord, bytes: Buffer, start: number, end: number): boolean;
}

/** A line on the tape that is like others which were read. It is read only if somebody needs more than what they have in common. */
export class AlikeLine implements Judged {
  readonly source: WaitSource;
  readonly gaps = NO_GAPS;
  readonly origin = '';
  readonly standing = undefined;
  readonly lines = 1;
  readonly tail = '';
  readonly isCut = false;
  rule!: CompiledRule;
  input!: HeldInput;
  kind!: Kind;
  time = NaN;
  domain: ClockDomain = 0;
  arrival = 0;
  start = 0;
  end = 0;
  number = 0;
  /** On the tape. */
  entry = 0;
  readonly #engine: AlikeEngine;
  #isRead = false;
  #spans = new Int32Array(16);
  readonly #places = { levelStart: 0, levelEnd: 0, noteAt: 0 };

  constructor(source: WaitSource, engine: AlikeEngine) {
    this.source = source;
    this.#engine = engine;
  }

  /** Goes on with another line. */
  begin(kind: Kind, input: HeldInput, { entry, start, newline, number }: Candidate): void {
    this.kind = kind;
    this.input = input;
    this.entry = entry;
    this.start = start;
    this.end = newline + 1;
    this.number = number;
    this.#isRead = false;
  }

  get level(): Level {
    return this.kind.level;
  }

  get bytes(): Buffer {
    return this.#engine.kernel.input;
  }

  get recordEnd(): number {
    return this.end;
  }

  get length(): number {
    return this.#textEnd - this.#engine.kernel.tape.words[this.entry + ENTRY_TEXT]!;
  }

  /** Before its newline or CRLF. */
  get #textEnd(): number {
    return this.bytes[this.end - 2] === CR ? this.end - 2 : this.end - 1;
  }

  get record(): LogRecord {
    const { line } = this.#engine;
    if (!this.#isRead) {
      const { input: bytes, tape } = this.#engine.kernel;
      const { layout } = this.kind;
      if (layout === undefined) {
        this.#engine.read(line, bytes, this.start, this.end - 1);
        this.kind.layout = layoutOf(line, this.#engine.alike.placesAt(this.entry));
      } else {
        this.kind.fill(line, layout, { words: tape.words, entry: this.entry, bytes, end: this.#textEnd });
      }
      line.source = this.source.nameOf(line);
      this.#isRead = true;
    }
    return line;
  }

  get places(): EditPlaces | undefined {
    if (this.kind.layout === undefined) void this.record;
    const { levelSpan, annotateAt } = this.kind.layout!; // whoever reads a line of the kind, makes it
    if (levelSpan === undefined) return undefined;
    const { words } = this.#engine.kernel.tape;
    const places = this.#places;
    places.levelStart = offsetOf(words, this.entry, levelSpan.start);
    places.levelEnd = offsetOf(words, this.entry, levelSpan.end);
    places.noteAt = offsetOf(words, this.entry, annotateAt);
    return places;
  }

  make(recipe: Recipe, millis: number): 'edited' | Lent {
    const places = this.places!; // a line has recipes only with them
    if (this.input.outflow.edit(this.end, places, recipe, millis)) return 'edited';
    return assemble({ bytes: this.bytes, start: this.start, end: this.end }, places, recipe, millis);
  }

  keyOf(parts: readonly KeyPart[], message: KeyPart | undefined): string | undefined {
    const known = this.kind.keyOf(parts, message, this.#learning);
    if (known === 'odd') return keyOf(parts, message, this.record);
    if ('key' in known) return known.key;
    return keyOfSpans(this.bytes, this.#lay(known.spans), 2 * known.spans.length, message !== undefined);
  }

  readonly keyOfParts = (parts: readonly KeyPart[]): string | undefined => this.keyOf(parts, undefined);

  readonly #learning = (): LineRead => ({
    record: this.record,
    places: this.#engine.alike.placesAt(this.entry),
  });

  #lay(spans: readonly Span[]): Int32Array {
    const length = 2 * spans.length;
    if (length > this.#spans.length) this.#spans = new Int32Array(2 * length);
    const { words } = this.#engine.kernel.tape;
    for (let i = 0; i < spans.length; i += 1) {
      this.#spans[2 * i] = offsetOf(words, this.entry, spans[i]!.start);
      this.#spans[2 * i + 1] = offsetOf(words, this.entry, spans[i]!.end);
    }
    return this.#spans;
  }
}

const LF = 0x0a;
const CR = 0x0d;

/** What of an `Engine` a held line needs. */
export interface HeldEngine {
  /** A record for a line that waited. */
  readonly held: LogRecord;
  read(record: LogRecord, bytes: Buffer, start: number, end: number): boolean;
}

/** What a held line is judged by. */
export type HeldFacts = Omit<Waiting, 'seq' | 'key' | 'due'>;

/**
 * A line that is held, or a record. It is read, and copied, only if somebody needs more than what it has in common with others; the lines
 * that go on with it lie behind it.
 */
export class HeldLine implements Judged {
  readonly start = 0;
  readonly end: number;
  readonly gaps: readonly number[];
  readonly places: EditPlaces | undefined;
  readonly tail: string;
  readonly lines: number;
  readonly #wait: HeldFacts;
  readonly #engine: HeldEngine;
  #record: LogRecord | undefined;
  #recordEnd = 0;

  constructor(wait: HeldFacts, engine: HeldEngine) {
    this.#wait = wait;
    this.#engine = engine;
    this.end = this.input.outflow.lengthOf(wait.held);
    const head = 'head' in wait.held ? wait.held.head : wait.held;
    this.gaps = 'pieces' in head ? head.gaps : NO_GAPS;
    this.tail = 'head' in wait.held ? wait.held.tail : '';
    this.lines = linesAt(wait.held);
    this.places = wait.likeness === undefined ? undefined : wait;
  }

  /** Good until the queue changes. */
  get #lent(): Buffer {
    return this.input.outflow.bytesOf(this.#wait.held);
  }

  get standing(): Standing {
    return this.#wait;
  }

  get isCut(): boolean {
    return 'head' in this.#wait.held && this.#wait.held.isCut;
  }

  get recordEnd(): number {
    void this.record;
    return this.#recordEnd;
  }

  get rule(): CompiledRule {
    return this.#wait.rule;
  }

  get kind(): Kind | undefined {
    return this.#wait.likeness;
  }

  get level(): Level {
    return this.#wait.likeness?.level ?? (this.record.level as Level);
  }

  get bytes(): Buffer {
    return (this.record.envelope ?? this.record).bytes;
  }

  get length(): number {
    const { start, end } = this.record;
    return end - start + (this.tail === '' ? 0 : 1 + Buffer.byteLength(this.tail));
  }

  get time(): number {
    return this.#wait.time;
  }

  get domain(): ClockDomain {
    return this.#wait.domain;
  }

  get arrival(): number {
    return this.#wait.arrival;
  }

  get source(): WaitSource {
    return this.#wait.source;
  }

  get input(): HeldInput {
    return this.#wait.input;
  }

  get number(): number {
    return this.#wait.number;
  }

  get origin(): string {
    return this.#wait.origin;
  }

  get record(): LogRecord {
    if (this.#record !== undefined) return this.#record;
    const { held } = this.#engine;
    // A copy: the queue's bytes may move when a summary goes in.
    const bytes = Buffer.from(this.#lent);
    this.#recordEnd = bytes.length;
    const { end } = this;
    this.#engine.read(held, bytes, 0, bytes[end - 1] === LF ? end - 1 : end);
    held.tail = this.tail;
    held.source = this.source.nameOf(held);
    return (this.#record = held);
  }

  make(recipe: Recipe, millis: number): Lent {
    return assemble({ bytes: this.#lent, start: 0, end: this.end }, this.#wait, recipe, millis);
  }

  keyOf(parts: readonly KeyPart[], message: KeyPart | undefined): string | undefined {
    return keyOf(parts, message, this.record);
  }
}
