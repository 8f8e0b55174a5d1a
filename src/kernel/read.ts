import type { NameTable } from '../record/names.ts';
import type { LogRecord } from '../record/record.ts';
import { isLent, theKernel, type Kernel, type Place } from './kernel.ts';

/** What the kernel answers where it did not read the line. */
export const REFUSED = -1;
export const GIVE_UP = -2;
export const QUOTE_IN_KEY = -3;
export const QUOTE_OPEN = -4;
export const NO_KEY = -5;

const NEWLINE = 0x0a;

/** What lies where in a `struct reading`. */
const READING = { ints: 4, found: 0, ambiguous: 1 } as const;

/** Views of what the readers of `kernel.c` look for and find. */
class Tables {
  readonly #call: Kernel['call'];
  readonly reading: Int32Array;
  readonly found: Uint16Array;
  readonly kinds: Uint8Array;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  readonly #heads: Uint16Array;
  readonly #nexts: Uint16Array;
  readonly #lengths: Uint16Array;
  readonly #texts: Uint16Array;
  readonly #slots: Uint16Array;
  readonly #text: Uint8Array;
  /** Whose names are loaded, and whether there was room for them. */
  #table: NameTable | undefined;
  #fits = false;

  constructor({ call, memory }: Kernel) {
    this.#call = call;
    const most = call.mostSlots();
    const shorts = (place: Place, length: number): Uint16Array => new Uint16Array(memory, call[place](), length);
    this.reading = new Int32Array(memory, call.reading(), READING.ints);
    this.found = shorts('found', most);
    this.kinds = new Uint8Array(memory, call.kinds(), most);
    this.starts = new Int32Array(memory, call.starts(), most);
    this.ends = new Int32Array(memory, call.ends(), most);
    this.#heads = shorts('heads', 256);
    this.#nexts = shorts('nexts', most + 1);
    this.#lengths = shorts('lengths', most + 1);
    this.#texts = shorts('texts', most + 1);
    this.#slots = shorts('slots', most + 1);
    this.#text = new Uint8Array(memory, call.text(), call.mostText());
  }

  /** Makes `table` the names that are looked for. False where there is no room for them. */
  load(table: NameTable): boolean {
    if (this.#table === table) return this.#fits;
    this.#table = table;
    // What the kernel knows of lines has the slots of the names before.
    this.#call.forgetShapes();
    this.#heads.fill(0);
    let at = 0;
    let count = 0;
    for (const { bytes, slot } of table.values()) {
      count += 1;
      this.#fits = count < this.#nexts.length && slot < this.kinds.length && at + bytes.length <= this.#text.length;
      if (!this.#fits) return false;
      if (bytes.length === 0) continue;
      this.#text.set(bytes, at);
      const hash = (bytes.length * 37 + bytes[0]! * 5 + bytes[bytes.length - 1]! * 11) & 255;
      this.#nexts[count] = this.#heads[hash]!;
      this.#heads[hash] = count;
      this.#lengths[count] = bytes.length;
      this.#texts[count] = at;
      this.#slots[count] = slot;
      at += bytes.length;
    }
    return this.#fits;
  }
}

let tables: Tables | undefined;

/** The lent chunk will be another: what was read of it counts no more. */
export function forgetReading(): void {
  if (tables !== undefined) theKernel().call.forgetReading();
}

/** Makes these the names that the kernel looks for. False where it has no room for them. */
export const loadNames = (table: NameTable): boolean => (tables ??= new Tables(theKernel())).load(table);

/**
 * Has the kernel read a record's line, and keeps what it found. Gives the kernel's answer, where it
 * is an offset one in the record's bytes.
 */
export function readByKernel(record: LogRecord, reader: 'readJson' | 'readLogfmt'): number {
  const kernel = theKernel();
  const { call, input, chunkSize, lineSize } = kernel;
  tables ??= new Tables(kernel);
  const { bytes, start, end } = record;
  if (!tables.load(record.names.top) || end - start > lineSize) return GIVE_UP;
  let shift = 0;
  if (!isLent(bytes)) {
    // Not `subarray`: a Buffer's takes twice as long.
    input.set(new Uint8Array(bytes.buffer, bytes.byteOffset + start, end - start), chunkSize);
    input[chunkSize + end - start] = NEWLINE;
    shift = start - chunkSize;
  }
  const answer = call[reader](start - shift, end - shift);
  if (answer < 0) return answer;
  const { reading, found, kinds, starts, ends } = tables;
  // A name that comes twice may say the same: the kernel does not look at that.
  if (reading[READING.ambiguous] === 1) return GIVE_UP;
  const count = reading[READING.found]!;
  for (let i = 0; i < count; i += 1) {
    const slot = found[i]!;
    record.set(slot, kinds[slot]!, starts[slot]! + shift, ends[slot]! + shift);
  }
  return answer + shift;
}
