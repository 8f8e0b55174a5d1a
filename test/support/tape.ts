import {
  ENTRY_ALIKE,
  ENTRY_FLAGS,
  ENTRY_NEWLINE,
  ENTRY_PASSED,
  ENTRY_START,
  ENTRY_TEXT,
  ENTRY_WORDS,
  NO_FRAME,
  PART_END,
  PART_KIND,
  PART_SIZE,
  PART_SLOT,
  PART_START,
  SCANNED_COUNT,
  SCANNED_EPOCH,
  SCANNED_LINES,
  SCANNED_NEXT,
  SCANNED_OVERLONG,
  SCANNED_PASSED,
  SCANNED_WORDS,
  SCANNED_WORDS_USED,
  SHAPE_BRACE,
  SHAPE_COUNT,
  SHAPE_DROPPED,
  SHAPE_PARTS,
  SHAPE_SERIAL,
  SHAPE_SHIFT,
  SHAPE_SIZE,
  SHAPE_VARYING,
  SHAPED,
  TAPE_WORDS,
} from '../../src/kernel/layout.ts';
import type { Build } from './kernel-builds.ts';

// The tape as objects.

export interface Value {
  readonly slot: number;
  readonly kind: number;
  readonly start: number;
  readonly end: number;
  readonly isDropped: boolean;
}

export interface Entry {
  readonly start: number;
  readonly newline: number;
  readonly text: number;
  readonly passed: number;
  readonly flags: number;
  readonly alike: number;
  /** Of a line that has a shape: the shape's serial, where its last brace is, and its values that are asked for. */
  readonly serial: number | undefined;
  readonly brace: number | undefined;
  readonly values: readonly Value[];
}

export interface Scanned {
  readonly entries: readonly Entry[];
  readonly next: number;
  readonly epoch: number;
  readonly passed: number;
  readonly overlong: number;
  readonly lines: number;
}

/** What is asked of a scan. */
export interface Ask {
  readonly which: number;
  readonly block: number;
  readonly window: number;
  readonly slashes: boolean;
  readonly longest: number;
  readonly searches: boolean;
  readonly frame: number;
}

export const ALL: Ask = { which: 0, block: 0, window: 0, slashes: false, longest: 1 << 16, searches: false, frame: NO_FRAME };

export function scan({ call, memory }: Build, at: number, end: number, ask: Ask): Scanned {
  const { which, block, window, slashes, longest, searches, frame } = ask;
  const count = call['scan']!(at, end, which, block, window, slashes ? 1 : 0, longest, searches ? 1 : 0, frame);
  const scanned = new Int32Array(memory, call['scanned']!(), SCANNED_WORDS);
  const tape = new Int32Array(memory, call['tape']!(), TAPE_WORDS);
  if (count !== scanned[SCANNED_COUNT]) throw new Error(`it lists ${count}, and tells of ${scanned[SCANNED_COUNT]}`);
  const entries: Entry[] = [];
  let word = 0;
  for (let i = 0; i < count; i += 1) {
    const entry = entryAt(memory, call['shapes']!(), tape, word);
    entries.push(entry);
    word += entry.words;
  }
  if (word !== scanned[SCANNED_WORDS_USED]) throw new Error(`${word} words, not ${scanned[SCANNED_WORDS_USED]}`);
  return {
    entries,
    next: scanned[SCANNED_NEXT]!,
    epoch: scanned[SCANNED_EPOCH]!,
    passed: scanned[SCANNED_PASSED]!,
    overlong: scanned[SCANNED_OVERLONG]!,
    lines: scanned[SCANNED_LINES]!,
  };
}

function entryAt(memory: ArrayBuffer, shapes: number, tape: Int32Array, word: number): Entry & { readonly words: number } {
  const flags = tape[word + ENTRY_FLAGS]!;
  const start = tape[word + ENTRY_START]!;
  const newline = tape[word + ENTRY_NEWLINE]!;
  const text = tape[word + ENTRY_TEXT]!;
  const head = {
    start,
    newline,
    text,
    passed: tape[word + ENTRY_PASSED]!,
    flags: flags & 0xff,
    alike: tape[word + ENTRY_ALIKE]!,
  };
  if ((flags & SHAPED) === 0) return { ...head, serial: undefined, brace: undefined, values: [], words: ENTRY_WORDS };

  const shape = new DataView(memory, shapes + (flags >> SHAPE_SHIFT) * SHAPE_SIZE, SHAPE_SIZE);
  const wordOf = (index: number): number => shape.getUint32(4 * index, true);
  const varying = shape.getBigUint64(4 * SHAPE_VARYING, true);
  const dropped = shape.getBigUint64(4 * SHAPE_DROPPED, true);
  const has = (mask: bigint, part: number): boolean => ((mask >> BigInt(part)) & 1n) === 1n;
  const values: Value[] = [];
  let span = word + ENTRY_WORDS;
  // How far behind its place in the first line something stands.
  let shift = text;
  for (let i = 0; i < wordOf(SHAPE_COUNT); i += 1) {
    const part = SHAPE_PARTS + i * PART_SIZE;
    let [from, to] = [shape.getUint16(part + PART_START, true) + shift, shape.getUint16(part + PART_END, true) + shift];
    if (has(varying, i)) {
      [from, to] = [tape[span]!, tape[span + 1]!];
      span += 2;
      shift = to - shape.getUint16(part + PART_END, true);
    }
    const slot = shape.getInt16(part + PART_SLOT, true);
    if (slot !== -1)
      values.push({ slot, kind: shape.getUint8(part + PART_KIND), start: from, end: to, isDropped: has(dropped, i) });
  }
  return { ...head, serial: wordOf(SHAPE_SERIAL), brace: wordOf(SHAPE_BRACE), values, words: span - word };
}
