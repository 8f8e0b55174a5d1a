import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Scout } from '../../src/engine/scout.ts';
import {
  CHUNK_SIZE,
  CRI_FRAME,
  NO_FRAME,
  INPUT_SIZE,
  LONGEST_FRAME,
  MOST_ALIKE,
  MOST_SLOTS,
  OVERLONG,
  SHAPED,
} from '../../src/kernel/layout.ts';
import { Names } from '../../src/record/names.ts';
import { hostile, jsonLine, logfmtLine, spoilt } from '../support/arbitraries/kernel-lines.ts';
import { logged } from '../support/arbitraries/statements.ts';
import { builds, loadNames, loadScout, type Build } from '../support/kernel-builds.ts';
import { checkedScans, textOf, type Seen } from '../support/tape-check.ts';
import { ALL, scan, type Entry } from '../support/tape.ts';

const names = new Names(['a', 'b.c', 'b.d.e', 'error', 'é', 'x', 'x.d.n']);
const slotOf = (name: string): number =>
  [...names.top.values()].find(({ bytes }) => Buffer.from(bytes).toString() === name)!.slot;

/** Makes these the judged names, and these of them such as always count. */
function judge({ call, memory }: Build, judged: readonly string[], kept: readonly string[]): void {
  const flags = (place: string): Uint8Array => new Uint8Array(memory, call[place]!(), MOST_SLOTS).fill(0);
  const [isJudged, isKept] = [flags('judged'), flags('kept')];
  for (const name of judged) isJudged[slotOf(name)] = 1;
  for (const name of kept) isKept[slotOf(name)] = 1;
  call['forgetShapes']!();
}

const line = fc.oneof(
  { weight: 1, arbitrary: spoilt(jsonLine) },
  { weight: 1, arbitrary: spoilt(logfmtLine) },
  { weight: 1, arbitrary: hostile },
);

/** What stands before lines of containers, or nearly. */
const frame = fc.constantFrom(
  '',
  '',
  '',
  '2026-11-21T10:00:00Z stdout F ',
  '2026-11-21T10:00:00.123456789Z stderr F ',
  '2026-11-21T10:00:00+01:00 stdout F ',
  `2026-11-21T10:00:00.${'1'.repeat(LONGEST_FRAME - 31)}Z stdout F `,
  `2026-11-21T10:00:00.${'1'.repeat(LONGEST_FRAME - 30)}Z stdout F `,
  '2026-11-21T10:00:00.1Z stdout P ',
  '2026-11-21T10:00:00.1Z stdout F:tag ',
  '2026-11-21T10:00:00.1 stdout F ',
  '2026-11-21T10:00:00.1Z stdouf F ',
  '2026-11-21Tx10:00:00.1Z stdout F ',
);

/** Statements' lines, others between them, some with a carriage return. */
const chunk = fc
  .tuple(
    logged,
    fc.array(fc.tuple(fc.nat(), line), { maxLength: 10 }),
    fc.array(fc.nat(), { maxLength: 5 }),
    fc.tuple(frame, frame, frame),
  )
  .map(([lines, others, returns, frames]) => {
    const all: Buffer[] = lines.map((each, i) => Buffer.from(frames[i % 3]! + each));
    for (const [place, other] of others) all.splice(place % (all.length + 1), 0, other);
    for (const place of returns) all[place % all.length] = Buffer.concat([all[place % all.length]!, Buffer.from('\r')]);
    return Buffer.concat(all.flatMap((each) => [each, Buffer.from('\n')]));
  });

const WORDS = ['id-7', 'the same', 'longer text', 'error'];

test.each(builds)('lists lines as they are, wherever they lie and however they are cut: %s', (_, build) => {
  loadNames(build, names.top);
  const seen: Seen = { listed: 0, shaped: 0, pairs: 0, alike: 0, again: 0, passed: 0, escaped: 0, overlong: 0, framed: 0 };
  const scout = (texts: readonly string[]): void =>
    loadScout(build, new Scout(texts.map((text, need) => ({ bytes: Buffer.from(text), ignoreCase: false, need }))).tables, 1);
  fc.assert(
    fc.property(
      fc.array(chunk, { minLength: 1, maxLength: 3 }),
      fc.subarray(['level', 'a', 'b.c', 'error', 'msg', 'x']),
      fc.subarray(WORDS, { minLength: 1 }),
      fc.record({
        slashes: fc.boolean(),
        longest: fc.constantFrom(100, 1 << 16, 1 << 16, 1 << 16),
        searches: fc.boolean(),
        frame: fc.constantFrom(NO_FRAME, CRI_FRAME),
      }),
      fc.array(fc.nat(), { minLength: 1, maxLength: 8 }),
      (chunks, judged, texts, asked, cuts) => {
        judge(build, judged, ['level']);
        scout(texts);
        const checkedScan = checkedScans(build, names, judged.map(slotOf), { ...ALL, ...asked, which: 1 }, texts, seen);
        for (const bytes of chunks) {
          const at = [0, CHUNK_SIZE - bytes.length, 33][cuts[0]! % 3]!;
          // What stands behind the input so far must not matter: here are the rest of the line, and others.
          build.input.set(bytes, at);
          let from = at;
          for (const cut of [
            ...cuts.map((each) => at + (each % (bytes.length + 1))).toSorted((a, b) => a - b),
            at + bytes.length,
          ]) {
            for (;;) {
              const { entries, next, passed } = checkedScan(from, cut);
              from = next;
              if (entries.length + passed === 0) break;
            }
          }
          expect(from).toBe(at + bytes.length);
        }
      },
    ),
    { numRuns: 400 },
  );
  for (const [name, count] of Object.entries(seen)) expect(count, name).toBeGreaterThan(name === 'shaped' ? 3000 : 300);
});

/** Scans lines until the end; gives all entries, with the epoch of each. */
function entriesOf(build: Build, lines: readonly string[]): (Entry & { readonly epoch: number; readonly line: string })[] {
  const entries: (Entry & { readonly epoch: number; readonly line: string })[] = [];
  for (let i = 0; i < lines.length;) {
    let size = 0;
    while (i < lines.length && size + lines[i]!.length < CHUNK_SIZE) size += put(build, size, `${lines[i++]!}\n`);
    for (let at = 0; at < size;) {
      const { entries: some, next, epoch } = scan(build, at, size, ALL);
      entries.push(...some.map((entry) => ({ ...entry, epoch, line: textOf(build.input, entry.start, entry.newline) })));
      at = next;
    }
  }
  return entries;
}

const put = ({ input }: Build, at: number, text: string): number => Buffer.from(input.buffer).write(text, at, 'latin1');

test.each(builds)('drops a judged value that is new in every line, but none that is to be kept: %s', (_, build) => {
  loadNames(build, names.top);
  const lines = Array.from(
    { length: 3000 },
    (_unused, i) => `{"level":${[30, 50][i % 2]!},"a":"text ${i % 5}","x":"request ${i}","time":${1_700_000_000_000 + i}}`,
  );
  judge(build, ['level', 'a', 'x'], ['level']);
  const dropped = entriesOf(build, lines).slice(-1000);
  expect(new Set(dropped.map(({ alike }) => alike)).size).toBe(10);
  for (const { values } of dropped)
    expect(values.filter(({ isDropped }) => isDropped).map(({ slot }) => slot)).toEqual([slotOf('x')]);

  judge(build, ['level', 'a', 'x'], ['level', 'x']);
  const kept = entriesOf(build, lines).flatMap(({ values }) => values.filter(({ isDropped }) => isDropped));
  expect(kept.filter(({ slot }) => slot !== slotOf('a'))).toEqual([]);
});

test.each(builds)('forgets all numbers when they are used up, before a tape and never within: %s', (_, build) => {
  loadNames(build, names.top);
  judge(build, ['a', 'x'], ['a', 'x']);
  // Of eight lines one is new.
  const lines = Array.from({ length: 20 * MOST_ALIKE }, (_unused, i) => `{"level":30,"a":"${(i >> 3) % 3}","x":${i >> 3}}`);
  const epochs = new Map<number, Map<number, string>>();
  let wrong = 0;
  for (const { alike, epoch, line: text } of entriesOf(build, lines)) {
    if (alike === -1) continue;
    const known = epochs.get(epoch) ?? new Map<number, string>();
    epochs.set(epoch, known);
    if ((known.get(alike) ?? text) !== text || alike >= MOST_ALIKE) wrong += 1;
    known.set(alike, text);
  }
  expect(wrong).toBe(0);
  expect(epochs.size).toBe(3);
});

test.each(builds)('knows more shapes than one, and does not lose them to lines that come once: %s', (_, build) => {
  loadNames(build, names.top);
  judge(build, ['level'], ['level']);
  const lines = Array.from({ length: 8000 }, (_unused, i) =>
    i % 2 === 0 ? `{"level":30,"k${i % 12}":"${i}"}` : `{"level":30,"once${i}":1,"a":${i}}`,
  );
  const entries = entriesOf(build, lines);
  const regular = entries.filter((_entry, i) => i % 2 === 0 && i > 1000);
  expect(regular.filter(({ flags }) => (flags & SHAPED) !== 0).length / regular.length).toBeGreaterThan(0.95);
});

test.each(builds)('lists lines behind the chunk, and one as long as the input: %s', (_, build) => {
  loadNames(build, names.top);
  judge(build, ['level'], ['level']);
  const text = Buffer.from('{"level":50,"a":"x"}\n');
  for (const at of [CHUNK_SIZE, INPUT_SIZE - text.length]) {
    build.input.set(text, at);
    expect(scan(build, at, at + text.length, ALL).entries).toMatchObject([{ start: at, newline: at + text.length - 1 }]);
  }
  build.input.fill(0x78);
  expect(scan(build, 0, INPUT_SIZE, ALL)).toMatchObject({ entries: [], next: 0, lines: 0 });
  build.input[INPUT_SIZE - 1] = 0x0a;
  expect(scan(build, 0, INPUT_SIZE, ALL)).toMatchObject({ entries: [{ flags: OVERLONG }], next: INPUT_SIZE, lines: 1 });
});
