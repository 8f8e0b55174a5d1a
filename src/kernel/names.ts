import type { NameTable } from '../record/names.ts';
import type { LogRecord } from '../record/record.ts';
import type { Instance } from './instance.ts';
import {
  AGAIN_END,
  AGAIN_KIND,
  AGAIN_SLOT,
  AGAIN_START,
  AGAIN_WORDS,
  MOST_AGAIN,
  MOST_HEADS,
  MOST_SLOTS,
  MOST_TEXT,
  READING_AGAIN,
  READING_FOUND,
  READING_GUESSED,
  READING_WORDS,
} from './layout.ts';

/** What `read` gives beside the kernel's answers: the line, or all names together, are longer than the kernel has room for. */
export const TOO_LONG = -100;

/** The names that the kernel looks for in lines, and views of what its readers find. */
export class LoadedNames {
  readonly #instance: Instance;
  readonly #reading: Int32Array;
  readonly #found: Uint16Array;
  readonly #kinds: Uint8Array;
  readonly #starts: Int32Array;
  readonly #ends: Int32Array;
  /** Values under names that came before. */
  readonly #again: Int32Array;
  readonly #heads: Uint16Array;
  readonly #nexts: Uint16Array;
  readonly #lengths: Uint16Array;
  readonly #texts: Int32Array;
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
    const shorts = (place: 'found' | 'heads' | 'nexts' | 'lengths' | 'slots' | 'parents', length: number): Uint16Array =>
      new Uint16Array(memory, call[place](), length);
    this.#reading = new Int32Array(memory, call.reading(), READING_WORDS);
    this.#found = shorts('found', MOST_SLOTS);
    this.#kinds = new Uint8Array(memory, call.kinds(), MOST_SLOTS);
    this.#starts = new Int32Array(memory, call.starts(), MOST_SLOTS);
    this.#ends = new Int32Array(memory, call.ends(), MOST_SLOTS);
    this.#again = new Int32Array(memory, call.again(), AGAIN_WORDS * MOST_AGAIN);
    this.#heads = shorts('heads', MOST_HEADS);
    this.#nexts = shorts('nexts', MOST_SLOTS + 1);
    this.#lengths = shorts('lengths', MOST_SLOTS + 1);
    this.#texts = new Int32Array(memory, call.texts(), MOST_SLOTS + 1);
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
   * Reads a record's line, or this part of it, and keeps in the record what is found. Gives the kernel's answer, or `TOO_LONG`; if it is an offset, one in
   * the record's bytes.
   */
  read(record: LogRecord, reader: 'readJson' | 'readLogfmt', start = record.start, end = record.end): number {
    const { call, input } = this.#instance;
    const { bytes } = record;
    const at = bytes === input ? start : this.#instance.putLine(bytes, start, end);
    if (at === -1 || !this.load(record.names.top)) return TOO_LONG;
    const shift = start - at;
    const answer = call[reader](at, end - shift);
    if (answer < 0) return answer;
    const reading = this.#reading;
    const count = reading[READING_FOUND]!;
    for (let i = 0; i < count; i += 1) {
      const slot = this.#found[i]!;
      record.set(slot, this.#kinds[slot]!, this.#starts[slot]! + shift, this.#ends[slot]! + shift);
    }
    if (reading[READING_AGAIN]! > 0) this.#readAgain(record, shift);
    if (reading[READING_GUESSED] === 1) record.ambiguous = true;
    return answer + shift;
  }

  #readAgain(record: LogRecord, shift: number): void {
    const again = this.#again;
    const end = AGAIN_WORDS * this.#reading[READING_AGAIN]!;
    for (let at = 0; at < end; at += AGAIN_WORDS)
      record.again(
        again[at + AGAIN_SLOT]!,
        again[at + AGAIN_KIND]!,
        again[at + AGAIN_START]! + shift,
        again[at + AGAIN_END]! + shift,
      );
  }
}
