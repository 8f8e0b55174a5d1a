import type { NameTable } from '../../record/names.ts';
import type { LogRecord } from '../../record/record.ts';
import { KERNEL } from './code.ts';

/** What the readers of `kernel.c` answer where they did not read the line. */
export const REFUSED = -1;
export const GIVE_UP = -2;
export const QUOTE_IN_KEY = -3;
export const QUOTE_OPEN = -4;
export const NO_KEY = -5;

interface Exports {
  readonly memory: WebAssembly.Memory;
  readonly readJson: (at: number, end: number) => number;
  readonly readLogfmt: (at: number, end: number) => number;
  readonly foundCount: () => number;
  readonly isAmbiguous: () => number;
  readonly [address: string]: unknown;
}

/** The module, made when the first line is read, and views of its arrays. Its memory never grows, so they stay good. */
class Kernel {
  readonly exports: Exports;
  readonly input: Uint8Array;
  readonly chunkSize: number;
  readonly lineSize: number;
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
  /** Whose names are loaded. */
  #table: NameTable | undefined;
  #fits = false;

  constructor() {
    const module = new WebAssembly.Module(Buffer.from(KERNEL, 'base64'));
    this.exports = new WebAssembly.Instance(module).exports as unknown as Exports;
    const { buffer } = this.exports.memory;
    const most = this.#number('mostSlots');
    this.chunkSize = this.#number('chunkSize');
    this.lineSize = this.#number('lineSize');
    this.input = new Uint8Array(buffer, this.#number('input'), this.chunkSize + this.lineSize);
    this.found = new Uint16Array(buffer, this.#number('found'), most);
    this.kinds = new Uint8Array(buffer, this.#number('kinds'), most);
    this.starts = new Int32Array(buffer, this.#number('starts'), most);
    this.ends = new Int32Array(buffer, this.#number('ends'), most);
    this.#heads = new Uint16Array(buffer, this.#number('heads'), 256);
    this.#nexts = new Uint16Array(buffer, this.#number('nexts'), most + 1);
    this.#lengths = new Uint16Array(buffer, this.#number('lengths'), most + 1);
    this.#texts = new Uint16Array(buffer, this.#number('texts'), most + 1);
    this.#slots = new Uint16Array(buffer, this.#number('slots'), most + 1);
    this.#text = new Uint8Array(buffer, this.#number('text'), this.#number('mostText'));
  }

  #number(name: string): number {
    return (this.exports[name] as () => number)();
  }

  /** Makes `table` the names that are looked for. False where there is no room for them. */
  load(table: NameTable): boolean {
    if (this.#table === table) return this.#fits;
    this.#table = table;
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

let kernel: Kernel | undefined;

/** The bytes that lines are being read from, if they stay as they are for a while, and how many lines were. */
let lent: Buffer | undefined;
let linesRead = 0;
/** All of the lent bytes are in the kernel's input. */
let isLoaded = false;

/** After so many lines of a chunk it is cheaper to hand over the whole of it. */
const FEW = 16;

/** Says that `bytes` will not change until the next call. Without it, every line is handed over by itself. */
export function lend(bytes: Buffer | undefined): void {
  lent = bytes;
  linesRead = 0;
  isLoaded = false;
}

/**
 * Has the kernel read a record's line, and keeps what it found. Gives the kernel's answer, where it
 * is an offset one in the record's bytes.
 */
export function readByKernel(record: LogRecord, reader: 'readJson' | 'readLogfmt'): number {
  kernel ??= new Kernel();
  const { bytes, start, end } = record;
  if (!kernel.load(record.names.top) || end - start > kernel.lineSize) return GIVE_UP;
  const shift = place(kernel, bytes, start, end);
  const { exports, found, kinds, starts, ends } = kernel;
  const answer = exports[reader](start - shift, end - shift);
  if (answer < 0) return answer;
  const count = exports.foundCount();
  for (let i = 0; i < count; i += 1) {
    const slot = found[i]!;
    record.set(slot, kinds[slot]!, starts[slot]! + shift, ends[slot]! + shift);
  }
  record.ambiguous = exports.isAmbiguous() === 1;
  return answer + shift;
}

/** Puts the line into the input. Gives how far offsets there lie below those in `bytes`. */
function place({ input, chunkSize }: Kernel, bytes: Buffer, start: number, end: number): number {
  if (bytes === lent && bytes.length <= chunkSize) {
    if (!isLoaded && linesRead >= FEW) {
      input.set(bytes);
      isLoaded = true;
    }
    if (isLoaded) return 0;
    linesRead += 1;
  }
  input.set(bytes.subarray(start, end), chunkSize);
  return start - chunkSize;
}
