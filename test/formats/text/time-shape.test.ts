import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readInside } from '../../../src/formats/envelope.ts';
import { readLine } from '../../../src/formats/index.ts';
import { mayBeTimed } from '../../../src/formats/text/index.ts';
import { Names } from '../../../src/record/names.ts';
import { LogRecord } from '../../../src/record/record.ts';
import type { TextFormat } from '../../../src/record/text-format.ts';
import { TEXT_LINES, textLine } from '../../support/arbitraries/text-lines.ts';
import { kernel } from '../../support/kernel.ts';

const own: readonly TextFormat[] = [
  {
    name: 'counted',
    patterns: ['{time:ms} {level} {msg}', '({time:s}s) {level} {msg}', 'at {time}; {level}: {msg}'],
    samples: [],
  },
];

/** The instant at which the line says that it was written, if it is a record that says so. */
function timeOf(line: Buffer, formats: readonly TextFormat[]): number {
  const record = new LogRecord(new Names([], { formats }));
  const read = (into: LogRecord, bytes: Buffer, start: number, end: number): boolean =>
    readLine(kernel, into, bytes, start, end, 'auto');
  return readInside(record, line, 0, line.length, read, 'auto') ? record.time : NaN;
}

const mayBe = (line: Buffer, formats: readonly TextFormat[]): boolean => mayBeTimed(line, 0, line.length, formats);

test.each(TEXT_LINES.filter((line) => !Number.isNaN(timeOf(Buffer.from(line), []))))('%j may have a time', (line) => {
  expect(mayBe(Buffer.from(line), [])).toBe(true);
});

test.each([
  'In 1984 it took 12 men 3.5 hours, at 10:30, to find [7',
  '    at Object.<anonymous> (/srv/app/index.js:12:34)',
  '\tat com.example.Bar.baz(Bar.java:123)',
  'bytes 100-200/300, 7.25%, 10.0.0.7',
  'a: 12345 b: 0x7f c: 1/2',
])('%j has none', (line) => {
  expect(mayBe(Buffer.from(line), [])).toBe(false);
});

test('never says no of a line that has a time of its own', () => {
  let timed = 0;
  fc.assert(
    fc.property(textLine, fc.constantFrom([], own), (line, formats) => {
      const bytes = Buffer.from(line);
      const isTimed = !Number.isNaN(timeOf(bytes, formats));
      if (isTimed) timed += 1;
      return !isTimed || mayBe(bytes, formats);
    }),
    { numRuns: 20_000 },
  );
  expect(timed).toBeGreaterThan(2000);
});

test.each(['17 ERROR late', '(4s) WARN late', 'at 1:00:00; INFO: late'])(
  '%j is of a format of the operator’s with a time',
  (line) => {
    const bytes = Buffer.from(line);
    expect([timeOf(bytes, own) >= 0, mayBe(bytes, own)]).toEqual([true, true]);
  },
);
