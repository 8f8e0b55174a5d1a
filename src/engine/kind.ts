import { framedEnvelope, framedTimeEnd } from '../formats/envelope-frame.ts';
import { ENTRY_NEWLINE, ENTRY_START, ENTRY_TEXT, ENTRY_WORDS } from '../kernel/layout.ts';
import { wholeNumber } from '../record/bytes.ts';
import { COUNTED, domainOf, NO_DOMAIN, WRITER, type ClockDomain } from '../record/clock-domain.ts';
import type { Level } from '../record/level.ts';
import type { Likeness, LogRecord } from '../record/record.ts';
import { instantOfText, NO_ZONE, zoneRead } from '../record/time.ts';
import { MISSING, NUMBER, QUOTED, UNQUOTED } from '../record/value.ts';
import type { Field } from '../rules/condition.ts';
import { isSameMaking, type Making, type Recipe } from './edit/recipe.ts';
import type { EventKind } from './events.ts';
import type { Group, RuleGroups } from './memory/groups.ts';
import { keyOf, type KeyPart } from './memory/keys.ts';
import type { CompiledRepeat, CompiledRule } from './plan.ts';

/** A place in all lines of one kind: so many bytes behind what the word of its entry says, the start of its text or the end of a value. */
export interface Place {
  readonly word: number;
  readonly by: number;
}

/** The bytes of a value. */
export interface Span {
  readonly start: Place;
  readonly end: Place;
}

/** Finds out how places in one line are found in all of its kind. */
export class Places {
  readonly #words: Int32Array;
  readonly #entry: number;
  readonly #length: number;

  /** `length`: how many words the entry has. */
  constructor(words: Int32Array, entry: number, length: number) {
    this.#words = words;
    this.#entry = entry;
    this.#length = length;
  }

  /** Where something begins: behind all values that begin before it. */
  startOf(at: number): Place {
    let behind = -1;
    for (let word = ENTRY_WORDS; word < this.#length && this.#words[this.#entry + word]! < at; word += 2) behind = word + 1;
    return this.#placeOf(at, behind);
  }

  /** Where something ends: behind all values that end before it, or with it. */
  endOf(at: number): Place {
    let behind = -1;
    for (let word = ENTRY_WORDS; word < this.#length && this.#words[this.#entry + word + 1]! <= at; word += 2) behind = word + 1;
    return this.#placeOf(at, behind);
  }

  #placeOf(at: number, behind: number): Place {
    const word = behind === -1 ? ENTRY_TEXT : behind;
    return { word, by: at - this.#words[this.#entry + word]! };
  }

  spanOf({ starts, ends }: LogRecord, slot: number): Span {
    return { start: this.startOf(starts[slot]!), end: this.endOf(ends[slot]!) };
  }
}

/** How the lines of a kind say their own time; `frame`: by what stands before them. */
export type KnownTime =
  | { readonly kind: 'none' }
  | { readonly kind: 'frame' }
  | { readonly kind: 'number' | 'text'; readonly span: Span; readonly name: number; readonly isJson: boolean };

/** `undefined`: it cannot be told from one line. */
export function timeOf(record: LogRecord, places: Places): KnownTime | undefined {
  const { names, kinds } = record;
  const name = names.time.findIndex((slot) => kinds[slot] !== MISSING);
  if (name === -1) return { kind: record.envelope === undefined ? 'none' : 'frame' };
  const slot = names.time[name]!;
  const kind = kinds[slot]!;
  const isJson = record.manner === 'member';
  if (record.timeSlot === -1) return undefined;
  const span = places.spanOf(record, slot);
  if (kind === NUMBER) return { kind: 'number', span, name, isJson };
  return kind === QUOTED || kind === UNQUOTED ? { kind: 'text', span, name, isJson } : undefined;
}

/** How the key of a line is made: it is the same for all of the kind; of spans; `odd`: from the line itself. */
export type KnownKey = { readonly key: string | undefined } | { readonly spans: readonly Span[] } | 'odd';

/** Where the values of lines of one kind lie, and what their records have in common. */
export interface Layout {
  readonly likeness: Likeness;
  /** By slot. */
  readonly values: readonly (readonly [slot: number, span: Span])[];
  /** What an edit that leaves the message touches: the level, and where an annotation goes. `undefined`: more than that. */
  readonly levelSpan: Span | undefined;
  readonly annotateAt: Place;
}

export function layoutOf(record: LogRecord, places: Places): Layout {
  const { level, levelSlot, msgSlot, annotated, loose, manner, mayWrap } = record;
  const levels = record.levelPlaces();
  const [first] = levels;
  const slots = [...record.kinds.keys()].filter((slot) => record.kinds[slot] !== MISSING);
  return {
    likeness: { level, levelSlot, msgSlot, annotated, loose, manner, mayWrap, kinds: record.kinds.slice() },
    values: slots.map((slot) => [slot, places.spanOf(record, slot)]),
    levelSpan:
      levels.length === 1 && !record.headed ? { start: places.startOf(first!.start), end: places.endOf(first!.end) } : undefined,
    annotateAt: places.endOf(record.annotateAt),
  };
}

/** What was learnt of lines that are alike, of one of them. */
export interface Learnt {
  /** As `Kind` has them: `undefined` if values differ that conditions look at. */
  readonly rules: readonly CompiledRule[] | undefined;
  readonly wantsTail: boolean | undefined;
  /** Slots of values that differ. */
  readonly dropped: readonly number[];
}

/** What is known of all lines that are alike. */
export class Kind {
  readonly level: Level;
  /** The rules that fit it, in order, up to the first that never rests; `undefined`: each line is to be asked about. */
  readonly rules: readonly CompiledRule[] | undefined;
  readonly time: KnownTime;
  /** `undefined`: not asked yet. */
  isProtected: boolean | undefined;
  /** Whether a rule wants the lines that go on with it; `undefined`: each line is to be asked about. */
  readonly wantsTail: boolean | undefined;
  events: readonly EventKind[] | undefined;
  readonly recipes: Recipe[] = [];
  /** What is seldom needed: worked out of a line of this kind when it is. */
  layout: Layout | undefined;
  readonly #keys = new Map<readonly KeyPart[], KnownKey>();
  /** The group that a line of it came to last, and whose that is; known only if all of them have the same key. */
  #group: Group | undefined;
  #groupSeq = -1;
  #groups: RuleGroups | undefined;
  /** Values that differ between lines of this kind, of those by which lines are told apart. */
  readonly #dropped: readonly number[];
  /** Of the time that `timeIn` found. */
  domain: ClockDomain = NO_DOMAIN;

  constructor(level: Level, time: KnownTime, { rules, wantsTail, dropped }: Learnt) {
    this.level = level;
    this.rules = rules;
    this.wantsTail = wantsTail;
    this.time = time;
    this.#dropped = dropped;
  }

  /** The time of the line at this entry, and how that is written in `domain`; NaN if it is not one that can be told here. */
  timeIn(words: Int32Array, entry: number, bytes: Buffer): number {
    const { time } = this;
    if (time.kind === 'none') return NaN;
    if (time.kind === 'frame') {
      const instant = instantOfText(bytes, words[entry + ENTRY_START]!, framedTimeEnd(words[entry + ENTRY_TEXT]!));
      this.domain = domainOf(WRITER.cri, 0, zoneRead());
      return instant;
    }
    const start = offsetOf(words, entry, time.span.start);
    const end = offsetOf(words, entry, time.span.end);
    const writer = time.isJson ? WRITER.json : WRITER.logfmt;
    if (time.kind === 'number') {
      const number = wholeNumber(bytes, start, end);
      if (!(number >= 1e11 && number < 1e14)) return NaN;
      this.domain = domainOf(writer, time.name, COUNTED);
      return number;
    }
    const instant = instantOfText(bytes, start, end);
    if (Number.isNaN(instant) || zoneRead() === NO_ZONE) return NaN;
    this.domain = domainOf(writer, time.name, zoneRead());
    return instant;
  }

  /** Fills a record with the line at this entry, as a reader would. */
  fill(
    record: LogRecord,
    layout: Layout,
    line: { readonly words: Int32Array; readonly entry: number; readonly bytes: Buffer; readonly end: number },
  ): void {
    const { words, entry, bytes, end } = line;
    const lineStart = words[entry + ENTRY_START]!;
    const text = words[entry + ENTRY_TEXT]!;
    record.resetLike(layout.likeness, bytes, text, end);
    if (text > lineStart) record.envelope = framedEnvelope(bytes, lineStart, words[entry + ENTRY_NEWLINE]!, text);
    for (const [slot, { start, end: valueEnd }] of layout.values) {
      record.starts[slot] = offsetOf(words, entry, start);
      record.ends[slot] = offsetOf(words, entry, valueEnd);
    }
    record.annotateAt = offsetOf(words, entry, layout.annotateAt);
    record.time = this.timeIn(words, entry, bytes);
    if (!Number.isNaN(record.time)) record.timeDomain = this.domain;
  }

  recipeFor(making: Making): Recipe | undefined {
    for (const recipe of this.recipes) if (isSameMaking(recipe.making, making)) return recipe;
    return undefined;
  }

  /** How a key of these parts is made, which always come with this message or without one. `read`: a line of this kind. */
  keyOf(parts: readonly KeyPart[], message: KeyPart | undefined, read: () => LineRead): KnownKey {
    let known = this.#keys.get(parts);
    if (known === undefined) {
      const all = message === undefined ? parts : [...parts, message];
      const line = read();
      known = this.#isConstant(all) ? { key: keyOf(parts, message, line.record) } : spansOf(all, line);
      this.#keys.set(parts, known);
    }
    return known;
  }

  /** Whether no value that the key is made of differs between lines of this kind. */
  #isConstant(parts: readonly KeyPart[]): boolean {
    const isKnown = ({ reads }: Field): boolean => reads?.some((slot) => this.#dropped.includes(slot)) === false;
    return parts.every(({ fields }) => fields.every(isKnown));
  }

  /** The open group of these that lines of this kind come to, if it is known. */
  groupIn(groups: RuleGroups): Group | undefined {
    // A group that is over is filled again as another.
    if (this.#groups !== groups || this.#group?.open !== true || this.#group.seq !== this.#groupSeq) return undefined;
    return this.#group;
  }

  /** A line of this kind has come to this group. */
  noteGroup(groups: RuleGroups, group: Group, { parts }: CompiledRepeat): void {
    const known = this.#keys.get(parts);
    if (known === undefined || known === 'odd' || !('key' in known)) return;
    this.#groups = groups;
    this.#group = group;
    this.#groupSeq = group.seq;
  }
}

/** Where a place lies in the line at this entry. */
export const offsetOf = (words: Int32Array, entry: number, { word, by }: Place): number => words[entry + word]! + by;

/** A line of a kind. */
export interface LineRead {
  readonly record: LogRecord;
  readonly places: Places;
}

function spansOf(parts: readonly KeyPart[], { record, places }: LineRead): KnownKey {
  const spans: Span[] = [];
  for (const { fields, mask } of parts) {
    const field = fields.find((each) => each.spelling(record) !== undefined);
    const slot = field?.slots === undefined || mask !== undefined ? -1 : record.find(field.slots);
    const kind = slot === -1 ? MISSING : record.kinds[slot]!;
    if (kind !== QUOTED && kind !== UNQUOTED && kind !== NUMBER) return 'odd';
    spans.push(places.spanOf(record, slot));
  }
  return { spans };
}
