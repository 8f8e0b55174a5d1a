import fc from 'fast-check';

// Lines for the kernel's readers: well-formed ones, spoilt ones, and those that somebody might write to do harm.

const word = fc.constantFrom(
  'level',
  'a',
  'b',
  'b.c',
  'c',
  'msg',
  'time',
  'error',
  'é',
  'relevel',
  'other',
  'level\\u0020',
  'err',
);
const scalar = fc.constantFrom(
  '30',
  '"error"',
  '"x\\n"',
  '"a long text, longer than sixteen bytes"',
  '1.5e3',
  '01',
  'true',
  'false',
  'falsy',
  'nul',
  'null',
  '"\t"',
  '"\\u00e"',
  '"\\u00e9"',
  '-',
  '-0.5',
  '[]',
  '{"c":1}',
  '{"c":"in","d":{"e":2,"c":[]}, "x":null}',
  '{"d":{"e":1},"c":true,"d":{"f":1},"c":7}',
  '{"d.e":"flat" , "d":[{"e":1}],"\\u0063":2}',
  '[1,{"a":[]}]',
  '{"c":"}"}',
  '{',
);
const space = fc.constantFrom('', '', '', ' ', '\t ');

export const jsonLine = fc
  .array(fc.tuple(word, space, scalar), { maxLength: 5 })
  .map(
    (members) => `{${[['level', '', '50'], ...members].map(([key, gap, value]) => `"${key}"${gap}:${gap}${value}`).join(',')}}`,
  );

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
  '\u001b[31merror',
  'é',
);

export const logfmtLine = fc
  .array(fc.tuple(word, fc.constantFrom('=', '=', '=', '', ' '), value), { maxLength: 6 })
  .map((pairs) => ['level=error', ...pairs.map((pair) => pair.join(''))].join(' '));

/** A line with one byte changed, now and then. */
export const spoilt = (line: fc.Arbitrary<string>): fc.Arbitrary<Buffer> =>
  fc
    .tuple(line, fc.nat(), fc.constantFrom(undefined, undefined, 0x00, 0x1f, 0x22, 0x5c, 0x7b, 0x7d, 0x2c, 0x3d, 0xff))
    .map(([text, place, byte]) => {
      const bytes = Buffer.from(text);
      if (byte !== undefined && bytes.length > 0) bytes[place % bytes.length] = byte;
      return bytes;
    });

/** Truncated anywhere, very deep, very long, many members, and any bytes at all. */
export const hostile: fc.Arbitrary<Buffer> = fc.oneof(
  fc.uint8Array({ maxLength: 80 }).map((bytes) => Buffer.from(bytes)),
  fc.tuple(jsonLine, fc.nat()).map(([text, length]) => Buffer.from(text).subarray(0, length % (text.length + 1))),
  fc.tuple(logfmtLine, fc.nat()).map(([text, length]) => Buffer.from(text).subarray(0, length % (text.length + 1))),
  fc
    .tuple(fc.constantFrom('[', '{"a":', '[{"a":'), fc.integer({ min: 1, max: 3000 }))
    .map(([open, depth]) => Buffer.from(`{"a":${open.repeat(depth)}`)),
  fc.integer({ min: 1, max: 3000 }).map((depth) => Buffer.from(`{"a":${'['.repeat(depth)}${']'.repeat(depth)},"level":50}`)),
  fc
    .tuple(
      fc.constantFrom('{"msg":"X"}', '{"level":30,"msg":"X', 'msg="X"', 'level=error msg=X', '{"a":"\\X"}'),
      fc.integer({ min: 900, max: 65_536 }),
    )
    .map(([text, length]) => Buffer.from(text.replace('X', 'x'.repeat(length)))),
  fc
    .integer({ min: 60, max: 700 })
    .map((count) => Buffer.from(`{${Array.from({ length: count }, (_, i) => `"k${i}":${i}`).join(',')}}`)),
);
