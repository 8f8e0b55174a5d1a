import fc from 'fast-check';
import { expect, test } from 'vitest';
import { levelAlike } from '../../../src/formats/text/index.ts';
import { textLine } from '../../support/arbitraries/text-lines.ts';
import { read } from '../../support/read.ts';

const WORDS = [
  'E',
  'W',
  'I',
  'F',
  'D',
  'N',
  'P',
  'T',
  'ERROR',
  'WARN',
  'WARNING',
  'INFO',
  'debug',
  'Error',
  'notice',
  'LOG',
  'DEBUG2',
  'ERR',
];
const NOTES = [' relevel.rule=r relevel.was=ERROR', ' relevel.rule=r relevel.was="x y" relevel.why="a after 7 ms"'];

// What is not read is told without reading it: the answer has to be the one that reading gives.
test('a changed line of which it is told without reading it how it is read, is read so', () => {
  let known = 0;
  fc.assert(
    fc.property(
      textLine,
      fc.constantFrom(...WORDS),
      fc.constantFrom(...NOTES),
      fc.constantFrom('', ' ', '"', ' x'),
      (line, word, note, behind) => {
        const record = read(line);
        if (record.level === -1 || !record.headed) return;
        const { bytes, starts, ends, levelSlot } = record;
        const head = Buffer.concat([bytes.subarray(0, starts[levelSlot]), Buffer.from(word), bytes.subarray(ends[levelSlot])]);
        const changed = Buffer.concat([head, Buffer.from(note + behind)]);
        const level = levelAlike(record, changed, head.length, changed.length);
        if (level === -1) return;
        known += 1;
        const after = read(changed);
        expect([after.level, after.annotated, after.ambiguous, after.format, after.manner]).toEqual([
          level,
          true,
          record.ambiguous,
          record.format,
          'pairs',
        ]);
        expect(after.text(after.msgSlot)).toBe(record.text(record.msgSlot));
      },
    ),
    { numRuns: 20_000 },
  );
  expect(known).toBeGreaterThan(300);
});
