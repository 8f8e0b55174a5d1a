import type { TextFormat } from './text-format.ts';
import { GELF, levelNamesOf, SPOKEN, type LevelName, type NumberScale } from './level-names.ts';

/** Where a line's message is found: the first of these that is there. `fields.message` is a flat key or a nested one. */
const MESSAGE_NAMES = [
  'msg',
  'message',
  '@message',
  'fields.message',
  'short_message',
  'MESSAGE',
  'Message',
  'RenderedMessage',
  'body',
  '@m',
  '@mt',
  'jsonPayload.message',
  'jsonPayload.msg',
];
/** Where a line's time is found: the first of these that holds an instant. */
export const TIME_NAMES = [
  'time',
  'ts',
  'timestamp',
  '@timestamp',
  '@t',
  't',
  't.$date',
  'datetime',
  'asctime',
  'Timestamp',
  'timeMillis',
  '__REALTIME_TIMESTAMP',
  '_SOURCE_REALTIME_TIMESTAMP',
];

/** What an operator says of the names in the lines. */
export interface OwnNames {
  /** Names that are searched before the usual ones. */
  readonly level?: readonly string[] | undefined;
  readonly msg?: readonly string[] | undefined;
  readonly time?: readonly string[] | undefined;
  /** The scale of numbers under `level`, `lvl` and the names of `level` here. */
  readonly numbers?: NumberScale | undefined;
  /** Headers of text lines, asked before those that ship. */
  readonly formats?: readonly TextFormat[] | undefined;
}

const before = (own: readonly string[] = [], usual: readonly string[]): readonly string[] => [...new Set([...own, ...usual])];

/** What marks a line as changed by us: a member `relevel` at the top, or in pairs `relevel.rule`. */
export const ANNOTATION = 'relevel';

/** A name that is looked for among the members of one object. */
export interface Name {
  readonly bytes: Uint8Array;
  /** Where a record keeps the value of this name. */
  readonly slot: number;
  /** The names looked for inside its value, where that is an object. */
  readonly inside: NameTable | undefined;
}

/** A slot that may hold a level. */
export interface LevelSlot {
  readonly slot: number;
  readonly name: LevelName;
  /** Slots that must be filled, or it holds none. */
  readonly beside: readonly number[];
}

/** The names looked for in one object, found by their bytes without making a string. */
export class NameTable {
  readonly #buckets: (Name[] | undefined)[] = new Array<Name[] | undefined>(256).fill(undefined);
  /** Those with names inside, for a reader that comes back for them. */
  readonly nested: Name[] = [];
  readonly #byText = new Map<string, { slot: number; inside: NameTable | undefined; bytes: Uint8Array }>();

  /** The entry of `text`, made where it is not there yet. */
  add(text: string, newSlot: () => number): Name {
    const known = this.#byText.get(text);
    if (known !== undefined) return known;
    const entry = { slot: newSlot(), inside: undefined, bytes: Buffer.from(text) };
    this.#byText.set(text, entry);
    const hash = hashOf(entry.bytes, 0, entry.bytes.length);
    (this.#buckets[hash] ??= []).push(entry);
    return entry;
  }

  /** The names inside the value of `text`. */
  insideOf(text: string, newSlot: () => number): NameTable {
    this.add(text, newSlot);
    const entry = this.#byText.get(text)!;
    if (entry.inside === undefined) {
      entry.inside = new NameTable();
      this.nested.push(entry);
    }
    return entry.inside;
  }

  find(bytes: Uint8Array, start: number, end: number): Name | undefined {
    const bucket = this.#buckets[hashOf(bytes, start, end)];
    if (bucket === undefined) return undefined;
    for (let i = 0; i < bucket.length; i += 1) {
      const name = bucket[i]!;
      if (same(name.bytes, bytes, start, end)) return name;
    }
    return undefined;
  }

  /** As `find`, for a name that had to be decoded first. */
  findText(text: string): Name | undefined {
    return this.#byText.get(text);
  }

  values(): Iterable<Name> {
    return this.#byText.values();
  }
}

/** Length, first and last byte tell most names apart. */
function hashOf(bytes: Uint8Array, start: number, end: number): number {
  return ((end - start) * 37 + bytes[start]! * 5 + bytes[end - 1]! * 11) & 255;
}

function same(name: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (name.length !== end - start) return false;
  for (let i = 0; i < name.length; i += 1) if (name[i] !== bytes[start + i]) return false;
  return true;
}

/**
 * The fields that somebody will ask a record for. Made once from all rules, so that a reader
 * passes over every other member of a line without keeping it.
 */
export class Names {
  readonly top = new NameTable();
  /** In the order in which a level is looked for. */
  readonly levels: readonly LevelSlot[];
  /** Of these, those whose name of a level goes before a number. */
  readonly spoken: readonly LevelSlot[];
  readonly gelf: { readonly message: number; readonly version: number };
  readonly msg: readonly number[];
  readonly time: readonly number[];
  readonly annotation: readonly number[];
  /** Headers of the operator's own, asked before those that ship. */
  readonly formats: readonly TextFormat[];
  /** All paths that were asked for. */
  readonly asked = new Set<string>();
  /** Whether no operator has said anything of names: then a glance at the usual places tells. */
  readonly isUsual: boolean;
  /** What every reader looks for, beside the names that rules ask for. */
  readonly #aliases: ReadonlyMap<string, readonly string[]>;
  #slots = 0;

  /** `paths` as rules write them; `level`, `msg`, `time` and the annotation are always looked for. */
  constructor(paths: Iterable<string>, own: OwnNames = {}) {
    this.formats = own.formats ?? [];
    const levelNames = levelNamesOf(own.level ?? [], own.numbers);
    this.isUsual = (own.level ?? own.time ?? own.numbers ?? own.formats) === undefined;
    this.#aliases = new Map([
      ['level', levelNames.map(({ path }) => path)],
      ['msg', before(own.msg, MESSAGE_NAMES)],
      ['time', before(own.time, TIME_NAMES)],
    ]);
    this.levels = levelNames.flatMap((name) => {
      const beside = (name.beside ?? []).map((key) => this.#slotOf(key));
      return this.#slotsAt(name.path).map((slot) => ({ slot, name, beside }));
    });
    this.spoken = this.levels.filter(({ name }) => SPOKEN.includes(name.path));
    this.gelf = { message: this.#slotOf(GELF.message), version: this.#slotOf(GELF.version.path) };
    this.msg = this.slotsOf('msg');
    this.time = this.slotsOf('time');
    this.annotation = [...this.slotsOf(ANNOTATION), ...this.slotsOf(`${ANNOTATION}.rule`)];
    for (const path of paths) this.slotsOf(path);
  }

  /** How many slots a record needs. */
  get size(): number {
    return this.#slots;
  }

  /**
   * The slots in which the value of `path` can lie; the first that is filled holds it. `a.b` is the
   * flat key of that name, else `b` inside `a`. Adds those that are not known: ask before records are made.
   */
  slotsOf(path: string): readonly number[] {
    this.asked.add(path);
    return (this.#aliases.get(path) ?? [path]).flatMap((name) => this.#slotsAt(name));
  }

  /** As `slotsOf`, of this very name. */
  #slotsAt(path: string): number[] {
    const found: number[] = [];
    this.#collect(this.top, path, found);
    return found;
  }

  /** The slot of a flat key. */
  #slotOf(key: string): number {
    return this.#slotsAt(key)[0]!;
  }

  #collect(table: NameTable, path: string, found: number[]): void {
    const newSlot = (): number => this.#slots++;
    found.push(table.add(path, newSlot).slot);
    const dot = path.indexOf('.');
    if (dot <= 0 || dot === path.length - 1) return;
    this.#collect(table.insideOf(path.slice(0, dot), newSlot), path.slice(dot + 1), found);
  }
}
