import { expect } from 'vitest';
import { CRI_FRAME, ESCAPED, FRAMED, LONGEST_FRAME, NESTED, OVERLONG, PAIRS, PLAIN, SHAPED } from '../../src/kernel/layout.ts';
import type { Names } from '../../src/record/names.ts';
import type { Build } from './kernel-builds.ts';
import { linesIn, valuesIn, type PlainValue } from './reference/lines.ts';
import { scan, type Ask, type Entry, type Scanned } from './tape.ts';

export const textOf = (bytes: Uint8Array, start: number, end: number): string =>
  Buffer.from(bytes.subarray(start, end)).toString('latin1');

/** What lines of one number must have in common: their keys, and the judged values that count. */
function commonOf(input: Uint8Array, entry: Entry, judged: readonly number[]): string {
  return JSON.stringify([
    entry.values.map(({ slot, kind }) => [slot, kind]),
    entry.values
      .filter(({ slot, isDropped }) => judged.includes(slot) && !isDropped)
      .map(({ start, end }) => textOf(input, start, end)),
  ]);
}

/** Of an object or a list a shape knows only where it begins. */
const placeOf = ({ slot, kind, start, end }: PlainValue): PlainValue => ({
  slot,
  kind,
  start,
  end: kind === NESTED ? start : end,
});

/** What the kernel knows of frames. */
const WHOLE_LINE = /^\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d) (?:stdout|stderr) F /u;

/** How often what was met. */
export interface Seen {
  listed: number;
  shaped: number;
  pairs: number;
  alike: number;
  again: number;
  passed: number;
  escaped: number;
  overlong: number;
  framed: number;
}

/** Scans, and holds what the tape tells of each line against what is so. `texts`: of the scout. */
export function checkedScans(
  build: Build,
  names: Names,
  judged: readonly number[],
  ask: Ask,
  texts: readonly string[],
  seen: Seen,
): (at: number, end: number) => Scanned {
  const { input } = build;
  const commons = new Map<number, string>();
  let epoch = -1;

  function hides(text: string): boolean {
    return text.includes('\\u') || (ask.slashes && text.includes('\\/'));
  }

  function checkEntry(entry: Entry): void {
    const { start, newline, flags, alike } = entry;
    const text = textOf(input, start, newline);
    const frame = ask.frame === CRI_FRAME ? (WHOLE_LINE.exec(text.slice(0, LONGEST_FRAME))?.[0] ?? '') : '';
    expect((flags & FRAMED) !== 0).toBe(frame !== '');
    expect(entry.text).toBe(start + frame.length);
    if (frame !== '') seen.framed += 1;
    seen.listed += 1;
    expect((flags & OVERLONG) !== 0).toBe(newline - start > ask.longest);
    if ((flags & OVERLONG) !== 0) {
      expect(entry).toMatchObject({ flags: OVERLONG | (flags & FRAMED), alike: -1 });
      seen.overlong += 1;
      return;
    }
    expect((flags & ESCAPED) !== 0).toBe(hides(text));
    if ((flags & ESCAPED) !== 0) seen.escaped += 1;
    if ((flags & PLAIN) !== 0) expect(text).toMatch(/^[^\\\0-\x1f]*\r?$/u);
    if ((flags & SHAPED) === 0) expect(alike).toBe(-1);
    else checkShaped(entry, text.slice(frame.length));
  }

  function checkShaped(entry: Entry, text: string): void {
    const { newline, flags, alike } = entry;
    expect(flags & PLAIN).toBe(PLAIN);
    expect((flags & PAIRS) !== 0).toBe(!text.startsWith('{'));
    const values = valuesIn(names, input, { start: entry.text, newline });
    if (values !== 'no level') expect(entry.values.map(placeOf), text).toEqual(values?.map(placeOf));
    if ((flags & PAIRS) === 0) expect(input[newline - (text.endsWith('\r') ? 1 : 0) - entry.brace!]).toBe(0x7d);
    else seen.pairs += 1;
    seen.shaped += 1;
    if (alike === -1) return;
    const common = commonOf(input, entry, judged);
    if (commons.has(alike)) seen.again += 1;
    expect(commons.get(alike) ?? common).toBe(common);
    commons.set(alike, common);
    seen.alike += 1;
  }

  return function checkedScan(at: number, end: number): Scanned {
    const scanned = scan(build, at, end, ask);
    if (scanned.epoch !== epoch) commons.clear();
    epoch = scanned.epoch;
    const lines = linesIn(input, at, scanned.next);
    expect(scanned.lines).toBe(lines.length);
    expect(scanned.next).toBe((lines.at(-1)?.newline ?? at - 1) + 1);
    const passed: typeof lines = [];
    let which = 0;
    for (const entry of scanned.entries) {
      passed.push(...lines.slice(which, which + entry.passed));
      which += entry.passed;
      expect(entry).toMatchObject(lines[which]!);
      which += 1;
      checkEntry(entry);
    }
    passed.push(...lines.slice(which));
    for (const { start, newline } of passed) {
      const text = textOf(input, start, newline);
      expect(texts.some((each) => text.includes(each)) || hides(text)).toBe(false);
    }
    seen.passed += passed.length;
    expect(scanned.passed).toBe(passed.length);
    expect(scanned.overlong).toBe(passed.filter(({ start, newline }) => newline - start > ask.longest).length);
    return scanned;
  };
}
