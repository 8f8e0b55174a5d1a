import type { Kernel } from '../../../src/kernel/kernel.ts';
import type { Search } from '../../../src/kernel/scouts.ts';
import {
  ENTRY_ALIKE,
  ENTRY_FLAGS,
  ENTRY_NEWLINE,
  ENTRY_PASSED,
  ENTRY_START,
  ENTRY_TEXT,
  ENTRY_WORDS,
  ESCAPED,
  OVERLONG,
} from '../../../src/kernel/layout.ts';
import type { Lines } from '../../../src/kernel/tape.ts';

const LF = 0x0a;
const BACKSLASH = 0x5c;

/** Lists all lines, one by one, and knows of none that it is like another. */
export class PlainTape implements Lines {
  words = new Int32Array(ENTRY_WORDS);
  count = 0;
  next = 0;
  passed = 0;
  overlong = 0;
  epoch = 0;
  readonly #kernel: Kernel;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  scan(from: number, end: number, _search: Search | undefined, slashes: boolean, longest: number): void {
    const { input } = this.#kernel;
    const words: number[] = [];
    this.next = from;
    for (let newline = input.indexOf(LF, from); newline !== -1 && newline < end; newline = input.indexOf(LF, this.next)) {
      const start = this.next;
      const isOverlong = newline - start > longest;
      const entry: number[] = [];
      entry[ENTRY_START] = start;
      entry[ENTRY_NEWLINE] = newline;
      entry[ENTRY_PASSED] = 0;
      entry[ENTRY_FLAGS] = isOverlong ? OVERLONG : hidesText(input.subarray(start, newline), slashes) ? ESCAPED : 0;
      entry[ENTRY_ALIKE] = -1;
      entry[ENTRY_TEXT] = start;
      words.push(...entry);
      this.next = newline + 1;
    }
    this.words = Int32Array.from(words);
    this.count = words.length / ENTRY_WORDS;
  }

  lengthOf(): number {
    return ENTRY_WORDS;
  }
}

function hidesText(line: Uint8Array, slashes: boolean): boolean {
  for (let at = line.indexOf(BACKSLASH); at !== -1; at = line.indexOf(BACKSLASH, at + 1))
    if (line[at + 1] === 0x75 || (slashes && line[at + 1] === 0x2f)) return true;
  return false;
}
