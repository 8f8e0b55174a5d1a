import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Scout } from '../../src/engine/scout.ts';
import { Windows } from '../../src/engine/windows.ts';
import { BY_PRINTS, CHUNK_SIZE, MOST_NEEDS } from '../../src/kernel/layout.ts';
import type { ScoutTables } from '../../src/kernel/search.ts';
import { Names } from '../../src/record/names.ts';
import { hostile, jsonLine, logfmtLine, spoilt } from '../support/arbitraries/kernel-lines.ts';
import { inC, builds, loadNames, loadScout, type Build } from '../support/kernel-builds.ts';

// The kernel in AssemblyScript answers as the one in C did, whatever the bytes are. To be deleted together with that.

const { top } = new Names(['a', 'b.c', 'error', 'é', 'err.code', 'x']);
for (const build of [inC, ...builds.map(([, each]) => each)]) loadNames(build, top, true);

/** Offsets at which chunks are put: at the very beginning, and such that a load goes up to the end of the input. */
const places = (length: number): number[] => [0, 17, CHUNK_SIZE - length, CHUNK_SIZE].filter((at) => at >= 0);

/** All that a reader answers and finds. */
function read({ call, memory }: Build, reader: string, start: number, end: number): unknown {
  const answer = call[reader]!(start, end);
  const [count, ambiguous] = new Int32Array(memory, call['reading']!(), 2);
  const slots = [...new Uint16Array(memory, call['found']!(), count)];
  const [kinds, starts, ends] = [
    new Uint8Array(memory, call['kinds']!(), SLOTS),
    new Int32Array(memory, call['starts']!(), SLOTS),
    new Int32Array(memory, call['ends']!(), SLOTS),
  ];
  return { answer, ambiguous, slots: slots.map((slot) => [slot, kinds[slot], starts[slot], ends[slot]]) };
}

const SLOTS = 200;

test.each(builds)('reads lines as the kernel in C does: %s', (_, build) => {
  const answers = new Map<number, number>();
  fc.assert(
    fc.property(fc.oneof(spoilt(jsonLine), spoilt(logfmtLine), hostile), (line) => {
      for (const at of places(line.length + 1)) {
        for (const each of [build, inC]) {
          each.input.set(line, at);
          each.input[at + line.length] = 0x0a;
        }
        for (const reader of ['readJson', 'readLogfmt']) {
          const ours = read(build, reader, at, at + line.length);
          expect(ours, line.toString('latin1')).toEqual(read(inC, reader, at, at + line.length));
          const { answer } = ours as { answer: number };
          answers.set(Math.min(answer, 1), (answers.get(Math.min(answer, 1)) ?? 0) + 1);
        }
        expect(build.call['lineEnd']!(at, at + line.length + 1)).toBe(inC.call['lineEnd']!(at, at + line.length + 1));
      }
    }),
    { numRuns: 1500 },
  );
  for (const answer of [1, 0, -1, -2, -3, -4, -5]) expect(answers.get(answer), `answers ${answer}`).toBeGreaterThan(5);
});

const chars = fc.constantFrom('a', 'A', 'b', 'k', 'K', 'é', ' ', '0', '[', '{', '@', '\\');
const probe = fc.tuple(fc.array(chars, { minLength: 3, maxLength: 8 }), fc.boolean());
const piece = fc.oneof(
  { weight: 4, arbitrary: fc.array(chars, { maxLength: 60 }).map((parts) => parts.join('')) },
  fc.constantFrom('\\u0041', '\\/', '\\', '\\n', 'u', '/', '\r', '\n', '\n', 'x'.repeat(40), 'y'.repeat(2500)),
);

const tablesOf = (probes: ConstructorParameters<typeof Scout>[0], byWindows: boolean): ScoutTables =>
  byWindows ? { kind: 'windows', windows: new Windows(probes) } : new Scout(probes).tables;

test.each(builds)('searches as the kernel in C does: %s', (_, build) => {
  const kinds = new Set<string>();
  let found = 0;
  fc.assert(
    fc.property(
      fc.oneof(fc.array(probe, { minLength: 1, maxLength: 8 }), fc.array(probe, { minLength: 40, maxLength: 110 })),
      fc.array(fc.tuple(piece, fc.option(fc.nat(), { freq: 3 })), { maxLength: 12 }),
      fc.boolean(),
      fc.boolean(),
      fc.constantFrom(0, 20, 60, 2500, 9000),
      fc.nat(5),
      (wanted, pieces, byWindows, slashes, longest, which) => {
        const probes = wanted.map(([parts, ignoreCase], need) => ({ bytes: Buffer.from(parts.join('')), ignoreCase, need }));
        const text = pieces.map(([each, one]) => each + (one === null ? '' : wanted[one % wanted.length]![0].join('')));
        const bytes = Buffer.from(text.join(''));
        const tables = tablesOf(probes, byWindows);
        kinds.add(tables.kind === 'prints' ? 'prints' : `windows of ${tables.windows.block}`);
        const block = tables.kind === 'prints' ? BY_PRINTS : tables.windows.block;
        const window = tables.kind === 'prints' ? 0 : tables.windows.window;
        const from = CHUNK_SIZE - bytes.length;
        const end = CHUNK_SIZE;
        const begin = block === BY_PRINTS ? from : from + window - 1;
        const answers = [build, inC].map((each) => {
          const { call, memory, input } = each;
          input.set(bytes, from);
          loadScout(each, tables, which);
          const needs = new Uint32Array(memory, call['needs']!(), MOST_NEEDS / 32).fill(0);
          call['scoutCollect']!(which, block, from, begin, end);
          return {
            next: call['scoutNext']!(which, block, from, begin, end),
            needs: [...needs],
            escape: call['nextEscape']!(from, end, slashes ? 1 : 0),
            passed: call['passOver']!(which, block, window, from, end, slashes ? 1 : 0, longest),
            lines: call['passedLines']!(),
            overlong: call['passedOverlong']!(),
            stopped: call['stoppedAt']!(),
          };
        });
        expect(answers[0]).toEqual(answers[1]);
        if (answers[0]!.next < end) found += 1;
      },
    ),
    { numRuns: 1500 },
  );
  expect([...kinds].toSorted()).toEqual(['prints', 'windows of 2', 'windows of 3']);
  expect(found).toBeGreaterThan(200);
});
