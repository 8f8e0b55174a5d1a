import type { NameTable } from '../record/names.ts';
import type { LogRecord } from '../record/record.ts';
import type { Instance } from './instance.ts';
import { GIVE_UP, MOST_HEADS, MOST_SLOTS, MOST_TEXT, READING_AMBIGUOUS, READING_FOUND, READING_WORDS } from './layout.ts';

/** The names that the kernel looks for in lines, and views of what its readers find. */
export class LoadedNames {
  readonly #instance: Instance;
  readonly #reading: Int32Array;
  readonly #found: Uint16Array;
  readonly #kinds: Uint8Array;
  readonly #starts: Int32Array;
  readonly #ends: Int32Array;
  readonly #heads: Uint16Array;
  readonly #nexts: Uint16Array;
  readonly #lengths: Uint16Array;
  readonly #texts: Uint16Array;
  readonly #slots: Uint16Array;
  readonly #parents: Uint16Array;
  /** Slots of objects with names inside. */
  readonly #objects: Uint8Array;
  readonly #text: Uint8Array;
  #count = 0;
  #textEnd = 0;
  /** Whose names are loaded, and whether there was room for them. */
  #table: NameTable | undefined;
  #fits = false;

  constructor(instance: Instance) {
    this.#instance = instance;
    const { call, memory } = instance;
    const shorts = (
      place: 'found' | 'heads' | 'nexts' | 'lengths' | 'texts' | 'slots' | 'parents',
      length: number,
    ): Uint16Array => new Uint16Array(memory, call[place](), length);
    this.#reading = new Int32Array(memory, call.reading(), READING_WORDS);
    this.#found = shorts('found', MOST_SLOTS);
    this.#kinds = new Uint8Array(memory, call.kinds(), MOST_SLOTS);
    this.#starts = new Int32Array(memory, call.starts(), MOST_SLOTS);
    this.#ends = new Int32Array(memory, call.ends(), MOST_SLOTS);
    this.#heads = shorts('heads', MOST_HEADS);
    this.#nexts = shorts('nexts', MOST_SLOTS + 1);
    this.#lengths = shorts('lengths', MOST_SLOTS + 1);
    this.#texts = shorts('texts', MOST_SLOTS + 1);
    this.#slots = shorts('slots', MOST_SLOTS + 1);
    this.#parents = shorts('parents', MOST_SLOTS + 1);
    this.#objects = new Uint8Array(memory, call.objects(), MOST_SLOTS);
    this.#text = new Uint8Array(memory, call.text(), MOST_TEXT);
  }

  /** Makes `table` the names that are looked for. False if there is no room for them. */
  load(table: NameTable): boolean {
    if (this.#table === table) return this.#fits;
    this.#table = table;
    // What the kernel knows of lines has the slots of the names before.
    this.#instance.call.forgetShapes();
    this.#heads.fill(0);
    this.#objects.fill(0);
    this.#count = 0;
    this.#textEnd = 0;
    this.#fits = this.#add(table, 0);
    return this.#fits;
  }

  /** `parent`: of which slot's object these are members, plus one; 0: of the line. */
  #add(table: NameTable, parent: number): boolean {
    for (const { bytes, slot, inside } of table.values()) {
      if (bytes.length === 0) continue;
      const at = this.#textEnd;
      const name = ++this.#count;
      if (name > MOST_SLOTS || slot >= MOST_SLOTS || at + bytes.length > MOST_TEXT) return false;
      this.#text.set(bytes, at);
      this.#textEnd += bytes.length;
      const hash = (bytes.length * 37 + bytes[0]! * 5 + bytes[bytes.length - 1]! * 11) & (MOST_HEADS - 1);
      this.#nexts[name] = this.#heads[hash]!;
      this.#heads[hash] = name;
      this.#lengths[name] = bytes.length;
      this.#texts[name] = at;
      this.#slots[name] = slot;
      this.#parents[name] = parent;
      if (inside === undefined) continue;
      this.#objects[slot] = 1;
      if (!this.#add(inside, slot + 1)) return false;
    }
    return true;
  }

  /**
   * Reads a record's line, and keeps in the record what is found. Gives the kernel's answer; if it is an offset, one in the record's
   * bytes.
   */
  read(record: LogRecord, reader: 'readJson' | 'readLogfmt'): number {
    const { call, input } = this.#instance;
    if (!this.load(record.names.top)) return GIVE_UP;
    const { bytes, start, end } = record;
    const at = bytes === input ? start : this.#instance.putLine(bytes, start, end);
    if (at === -1) return GIVE_UP;
    const shift = start - at;
    const answer = call[reader](at, end - shift);
    if (answer < 0) return answer;
    const reading = this.#reading;
    // A name that comes twice may say the same: the kernel does not look at that.
    if (reading[READING_AMBIGUOUS] === 1) return GIVE_UP;
    const count = reading[READING_FOUND]!;
    for (let i = 0; i < count; i += 1) {
      const slot = this.#found[i]!;
      record.set(slot, this.#kinds[slot]!, this.#starts[slot]! + shift, this.#ends[slot]! + shift);
    }
    return answer + shift;
  }
}
