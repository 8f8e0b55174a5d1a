import { readJsonPlainly } from './json.ts';
import { readLogfmtPlainly } from './logfmt.ts';
import { Names, type NameTable } from '../../../src/record/names.ts';
import { LogRecord } from '../../../src/record/record.ts';
import { MISSING } from '../../../src/record/value.ts';

// What the kernel is compared with: lines, cut and read plainly.

/** A line, without its newline. */
export interface Line {
  readonly start: number;
  readonly newline: number;
}

/** The whole lines of `[from, end)`. */
export function linesIn(bytes: Uint8Array, from: number, end: number): Line[] {
  const lines: Line[] = [];
  for (let start = from; start < end;) {
    const newline = bytes.indexOf(0x0a, start);
    if (newline === -1 || newline >= end) break;
    lines.push({ start, newline });
    start = newline + 1;
  }
  return lines;
}

export interface PlainValue {
  readonly slot: number;
  readonly kind: number;
  readonly start: number;
  readonly end: number;
}

/**
 * The values in a line that are asked for, in order; `undefined` if the line is not read, or has two meanings. Of a line that
 * has no level, a record keeps nothing.
 */
export function valuesIn(
  names: Names,
  bytes: Uint8Array,
  { start, newline }: Line,
): readonly PlainValue[] | 'no level' | undefined {
  const end = newline > start && bytes[newline - 1] === 0x0d ? newline - 1 : newline;
  const record = new LogRecord(names);
  record.reset(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), start, end);
  const isRead = bytes[start] === 0x7b ? readJsonPlainly(record) : readLogfmtPlainly(record);
  if (!isRead && ['no level', 'unknown level'].includes(record.why)) return 'no level';
  if (!isRead || record.ambiguous) return undefined;
  return slotsOf(names.top)
    .filter((slot) => record.kinds[slot] !== MISSING)
    .map((slot) => ({ slot, kind: record.kinds[slot]!, start: record.starts[slot]!, end: record.ends[slot]! }))
    .toSorted((a, b) => a.start - b.start);
}

/** Of names, and of those inside their values. */
const slotsOf = (table: NameTable): number[] =>
  [...table.values()].flatMap(({ slot, inside }) => [slot, ...(inside === undefined ? [] : slotsOf(inside))]);
