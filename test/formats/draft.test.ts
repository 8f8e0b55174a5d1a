import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LineDraft, ownOf } from '../../src/formats/draft.ts';
import { Names } from '../../src/record/names.ts';
import { LogRecord } from '../../src/record/record.ts';

/** What takes the place of some bytes of a line: a text, bytes, or old bytes of the line itself. */
const added = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ unit: 'binary-ascii', maxLength: 40 }),
  fc.constantFrom('é', '\ud800', 'a\udc00b', '😀'.repeat(30), 'x'.repeat(20_000), '€'.repeat(8000)),
  fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
  fc.record({ from: fc.nat(), to: fc.nat() }),
);
const line = fc.oneof(
  { weight: 5, arbitrary: fc.uint8Array({ maxLength: 120 }) },
  { weight: 1, arbitrary: fc.uint8Array({ minLength: 15_000, maxLength: 18_000 }) },
);
const changes = fc.array(fc.record({ at: fc.nat(), length: fc.nat(30), added: fc.array(added, { maxLength: 3 }) }), {
  maxLength: 4,
});

test('keeps the line but for what is left out, and has what is added in its place', () => {
  fc.assert(
    fc.property(fc.nat(20), line, changes, (before, bytes, wanted) => {
      // It lies somewhere in a chunk, between other lines.
      const chunk = Buffer.concat([Buffer.alloc(before, '-'), bytes, Buffer.from('others')]);
      const end = before + bytes.length;
      const record = new LogRecord(new Names([]));
      record.reset(chunk, before, end);
      const draft = new LineDraft(); // a new one has to grow
      draft.begin(record, end);

      const expected: Buffer[] = [];
      let next = before;
      for (const change of wanted) {
        const start = next + (change.at % (end - next + 1));
        const behind = Math.min(end, start + change.length);
        draft.replace(start, behind);
        expected.push(chunk.subarray(next, start));
        next = behind;
        for (const each of change.added) {
          if (typeof each === 'string') {
            draft.addText(each);
            expected.push(Buffer.from(each));
          } else if (Buffer.isBuffer(each)) {
            draft.addBytes(each);
            expected.push(each);
          } else {
            const [from, to] = [each.from, each.to].map((at) => before + (at % (bytes.length + 1))).sort((a, b) => a - b);
            draft.addOld(from!, to!);
            expected.push(chunk.subarray(from, to));
          }
        }
      }
      expected.push(chunk.subarray(next, end));
      expect(ownOf(draft.finish()).equals(Buffer.concat(expected))).toBe(true);
    }),
    { numRuns: 500 },
  );
});
