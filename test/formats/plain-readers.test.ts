import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readJson } from '../../src/formats/json.ts';
import { readLogfmt } from '../../src/formats/logfmt.ts';
import { Names } from '../../src/record/names.ts';
import { LogRecord } from '../../src/record/record.ts';
import { kernel } from '../support/kernel.ts';
import { readJsonPlainly } from '../support/reference/json.ts';
import { readLogfmtPlainly } from '../support/reference/logfmt.ts';

const names = new Names(['a', 'b.c', 'error', 'é', '']);

/** All that a reader found in the line at `[start, end)`. */
function found(reader: (record: LogRecord) => boolean, bytes: Buffer, start: number, end: number): unknown {
  const record = new LogRecord(names);
  record.reset(bytes, start, end);
  reader(record);
  const slots = [...record.kinds].map((kind, slot) => (kind === 0 ? undefined : [kind, record.starts[slot], record.ends[slot]]));
  const { level, levelSlot, msgSlot, time, ambiguous, annotated, why } = record;
  return { slots, level, levelSlot, msgSlot, time, ambiguous, annotated, why, at: level === -1 ? undefined : record.annotateAt };
}

const word = fc.constantFrom('level', 'a', 'b', 'b.c', 'c', 'msg', 'time', 'error', 'é', 'relevel', 'other', 'level\\u0020');
const scalar = fc.constantFrom(
  '30',
  '"error"',
  '"x\\n"',
  '"a long text, longer than sixteen bytes"',
  '1.5e3',
  '01',
  'true',
  'nul',
  'null',
  '"\t"',
  '"\\u00e"',
  '"\\u00e9"',
  '-',
  '[]',
  '{"c":1}',
  '[1,{"a":[]}]',
  '{"c":"}"}',
  '{',
);
const json = fc
  .array(fc.tuple(word, scalar), { maxLength: 3 })
  .map((members) => `{${[['level', '50'], ...members].map(([key, value]) => `"${key}":${value}`).join(',')}}`);
const value = fc.constantFrom(
  'error',
  '50',
  '"a b"',
  '"a \\" b"',
  '"a long text, longer than sixteen bytes, with = in it"',
  '',
  'a=b"c',
  '"open',
  '"x"y',
  '"a "b" c"',
  '[redacted]',
  'é',
);
const logfmt = fc
  .array(fc.tuple(word, fc.constantFrom('=', '=', '=', '', ' ')), { maxLength: 6 })
  .chain((keys) =>
    fc
      .array(value, { minLength: keys.length, maxLength: keys.length })
      .map((values) => ['level=error', ...keys.map(([key, sign], i) => key + sign + values[i]!)].join(' ')),
  );

const byKernel =
  (reader: typeof readJson) =>
  (record: LogRecord): boolean =>
    reader(kernel, record);

/** A line with one byte changed, now and then, between lines that are none of its business. */
const spoilt = (line: fc.Arbitrary<string>): fc.Arbitrary<Buffer> =>
  fc
    .tuple(line, fc.nat(), fc.constantFrom(undefined, undefined, 0x00, 0x1f, 0x22, 0x5c, 0x7b, 0x7d, 0x2c, 0x3d, 0xff))
    .map(([text, place, byte]) => {
      const bytes = Buffer.from(text);
      if (byte !== undefined && bytes.length > 0) bytes[place % bytes.length] = byte;
      return bytes;
    });

test.each([
  ['JSON', json, byKernel(readJson), readJsonPlainly],
  ['logfmt', logfmt, byKernel(readLogfmt), readLogfmtPlainly],
] as const)('reads %s as the plain reader does, by itself and in the kernel’s input', (_, line, fast, plain) => {
  let read = 0;
  fc.assert(
    fc.property(fc.array(spoilt(line), { minLength: 1, maxLength: 40 }), fc.boolean(), (lines, isInside) => {
      const bytes = Buffer.concat(lines.flatMap((each) => [each, Buffer.from('\n')]));
      if (isInside) kernel.input.set(bytes);
      const chunk = isInside ? kernel.input : bytes;
      let at = 0;
      for (const each of lines) {
        const ours = found(fast, chunk, at, at + each.length);
        expect(ours, each.toString('latin1')).toEqual(found(plain, chunk, at, at + each.length));
        if ((ours as { level: number }).level !== -1) read += 1;
        at += each.length + 1;
      }
    }),
    { numRuns: 2000 },
  );
  expect(read).toBeGreaterThan(1000);
});

test('reads a line that is longer than a chunk', () => {
  const line = Buffer.from(`{"level":50,"msg":"${'x'.repeat(2_000_000)}"}`);
  expect(found(byKernel(readJson), line, 0, line.length)).toEqual(found(readJsonPlainly, line, 0, line.length));
});
