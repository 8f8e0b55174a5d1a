import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  CHUNK_SIZE,
  EDIT_WORDS,
  INPUT_SIZE,
  MOST_EDITS,
  OUTPUT_SIZE,
  PIECES_SIZE,
  SPLICED_AT,
  SPLICED_EDITS,
  SPLICED_WORDS,
} from '../../src/kernel/layout.ts';
import { builds, type Build } from '../support/kernel-builds.ts';

interface Edit {
  readonly from: number;
  readonly to: number;
  readonly piece: Buffer;
}

/** All that comes of a part of the input, call by call, with so much room in each. */
function splice({ call, memory }: Build, from: number, end: number, edits: readonly Edit[], room: number): Buffer {
  const words = new Int32Array(memory, call['edits']!(), EDIT_WORDS * MOST_EDITS);
  const spliced = new Int32Array(memory, call['spliced']!(), SPLICED_WORDS);
  const pieces = Buffer.from(memory, call['pieces']!(), PIECES_SIZE);
  let size = 0;
  edits.forEach(({ from: at, to, piece }, i) => {
    words.set([at, to, pieces.byteOffset + size, piece.length], EDIT_WORDS * i);
    size += piece.copy(pieces, size);
  });
  const written: Buffer[] = [];
  let left = edits.length;
  for (;;) {
    const length = call['splice']!(from, end, left, room);
    expect(length).toBeLessThanOrEqual(room);
    written.push(Buffer.from(Buffer.from(memory, call['output']!(), length)));
    const done = spliced[SPLICED_EDITS]!;
    words.copyWithin(0, EDIT_WORDS * done, EDIT_WORDS * left);
    left -= done;
    from = spliced[SPLICED_AT]!;
    if (left === 0 && from === end) return Buffer.concat(written);
    expect(length).toBeGreaterThan(0);
  }
}

const piece = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  fc.integer({ min: 1000, max: 5000 }).map((length) => new Uint8Array(length).fill(0x7a)),
);

test.each(builds)('writes the input with all edits made, in as many calls as there is room for: %s', (_, build) => {
  let calls = 0;
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array({ maxLength: 300 }),
        fc.integer({ min: 2000, max: 20_000 }).map((length) => Uint8Array.from({ length }, (_unused, i) => (i * 7) & 255)),
      ),
      fc.array(fc.tuple(fc.nat(), fc.nat({ max: 60 }), piece), { maxLength: 12 }),
      fc.constantFrom(5000, 6000, 1 << 16, OUTPUT_SIZE),
      fc.constantFrom(0, 5, CHUNK_SIZE),
      (bytes, cuts, room, place) => {
        const from = place === CHUNK_SIZE ? INPUT_SIZE - bytes.length : place;
        build.input.set(bytes, from);
        const edits: Edit[] = [];
        let last = from;
        for (const [where, length, put] of cuts.toSorted((a, b) => (a[0] % (bytes.length + 1)) - (b[0] % (bytes.length + 1)))) {
          const at = from + (where % (bytes.length + 1));
          if (at < last) continue;
          last = Math.min(at + length, from + bytes.length);
          edits.push({ from: at, to: last, piece: Buffer.from(put) });
        }
        const expected: Buffer[] = [];
        let at = from;
        for (const each of edits) {
          expected.push(Buffer.from(build.input.subarray(at, each.from)), each.piece);
          at = each.to;
        }
        expected.push(Buffer.from(build.input.subarray(at, from + bytes.length)));
        const whole = Buffer.concat(expected);
        if (whole.length > room) calls += 1;
        expect(splice(build, from, from + bytes.length, edits, room).equals(whole)).toBe(true);
      },
    ),
    { numRuns: 1500 },
  );
  expect(calls).toBeGreaterThan(50);
});

test.each(builds)('writes a whole input, and never more than the output holds: %s', (_, build) => {
  build.input.fill(0x61);
  expect(build.call['splice']!(0, CHUNK_SIZE, 0, OUTPUT_SIZE)).toBe(CHUNK_SIZE);
  const pieces = build.call['pieces']!();
  new Int32Array(build.memory, build.call['edits']!(), 12).set([0, 1, 2].flatMap(() => [0, 0, pieces, PIECES_SIZE]));
  // What is asked for beyond the output is not given.
  expect(build.call['splice']!(0, INPUT_SIZE, 3, 1 << 30)).toBe(OUTPUT_SIZE);
});

test.each(builds)('says whether a text stands in a span, and whether two are the same: %s', (_, { call, memory, input }) => {
  const pieces = call['pieces']!();
  const letters = fc.array(fc.constantFrom('a', 'b', 'é'), { maxLength: 40 }).map((each) => each.join(''));
  fc.assert(
    fc.property(letters, letters, fc.nat({ max: 3 }), (text, words, some) => {
      const [whole, part] = [Buffer.from(text), Buffer.from(words).subarray(0, words.length >> some)];
      const start = INPUT_SIZE - whole.length;
      input.set(whole, start);
      new Uint8Array(memory, pieces, part.length).set(part);
      expect(call['has']!(start, INPUT_SIZE, pieces, part.length) !== 0).toBe(whole.includes(part));
      if (part.length > whole.length) return;
      expect(call['same']!(start, pieces, part.length) !== 0).toBe(whole.subarray(0, part.length).equals(part));
    }),
    { numRuns: 2000 },
  );
});
