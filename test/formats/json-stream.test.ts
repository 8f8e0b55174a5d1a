import fc from 'fast-check';
import { expect, test } from 'vitest';
import { JsonStream } from '../../src/formats/json-stream.ts';
import { slices } from '../support/feed.ts';

interface Made {
  readonly out: string;
  readonly broken: readonly (readonly [at: number, why: string])[];
}

/** As latin1, so that each byte shows. */
function linesOf(chunks: readonly Buffer[], maxValue = 1 << 20): Made {
  const out: Buffer[] = [];
  const broken: [number, string][] = [];
  const stream = new JsonStream({
    maxValue,
    write: (bytes) => out.push(Buffer.from(bytes)),
    onBroken: (at, why) => broken.push([at, why]),
  });
  for (const chunk of chunks) {
    const lent = Buffer.from(chunk);
    stream.feed(lent);
    lent.fill(0x21);
  }
  stream.end();
  return { out: Buffer.concat(out).toString('latin1'), broken };
}

const whole: readonly [claim: string, input: string, out: string][] = [
  ['nothing', '', ''],
  ['white space', ' \r\n\t\n', ''],
  ['an empty list', '[ \n ]', ''],
  ['a list', '[{"a":1}, {"b":2}\n,{"c":3}]', '{"a":1}\n{"b":2}\n{"c":3}\n'],
  ['a list of lists', '[[1, 2],[\n3]]', '[1, 2]\n[3]\n'],
  ['lists one after the other', '[1][2]\n[]', '1\n2\n'],
  ['a value over several lines', '{\n  "a": [ 1,\r\n 2 ],\t"b" : "x  y"\n}', '{"a":[1,2],"b":"x  y"}\n'],
  ['values side by side', '{"a":1}{"b":2} [3] 4 "x" true\nnull"y"', '{"a":1}\n{"b":2}\n3\n4\n"x"\ntrue\nnull\n"y"\n'],
  ['a line to the byte', '{ "a" : 1 ,"b":\t2 }\r\n{}', '{ "a" : 1 ,"b":\t2 }\n{}\n'],
  ['NDJSON without a last newline', '{"a":1}\n{"b":2}', '{"a":1}\n{"b":2}\n'],
  ['numbers as they are spelled', '[12345678901234567890.10, 1e400\n, -0]', '12345678901234567890.10\n1e400\n-0\n'],
  ['names twice, and in order', '{"b":1,\n"a":2,"b":3}', '{"b":1,"a":2,"b":3}\n'],
  ['escapes', String.raw`{"a":"\u0041\/\"\\",` + '\n"\\u0062":1}', String.raw`{"a":"\u0041\/\"\\","\u0062":1}` + '\n'],
  ['brackets and commas in texts', '[{"a":"]},[{\\"", "b":\n"]"}]', '{"a":"]},[{\\"","b":"]"}\n'],
  ['bytes that are no UTF-8', '[{"a":\n"\xff\xc3"}]', '{"a":"\xff\xc3"}\n'],
  ['a byte order mark', '\xef\xbb\xbf[1,\n2]', '1\n2\n'],
];

test.each(whole)('makes lines of %s', (_claim, input, out) => {
  const bytes = Buffer.from(input, 'latin1');
  for (const size of [1, 2, 3, 7, 1000]) expect(linesOf(slices(bytes, [size]))).toEqual({ out, broken: [] });
});

const broken: readonly [claim: string, input: string, out: string, at: number, why: string][] = [
  ['a word', '{"a":1}\nplain text, {"b":2}\n{"c":3}\n', '{"a":1}\nplain text, {"b":2}\n{"c":3}\n', 8, 'expected a value'],
  ['a value', '{"a":1 "b":2}\n{"c":3}\n', '{"a":1 "b":2}\n{"c":3}\n', 7, "expected ','"],
  ['a value in a list', '[{"a":1},\n{"b" 2},\n{"c":\n3}]', '{"a":1}\n{"b" 2},\n{"c":3}\n', 15, "expected ':'"],
  ['the middle of a value', '{\n "a": 1\n "b": 2\n}\n{"c":3}', '{\n "a": 1\n "b": 2\n}\n{"c":3}\n', 11, "expected ','"],
  ['what follows a value', '{"a":1} : x\n{"c":3}', '{"a":1} : x\n{"c":3}\n', 8, 'expected a value'],
  ['a comma too much', '[1,\n]\n2', '1\n]\n2\n', 4, 'expected a value'],
  ['a list without commas', '[{"a":1} {"b":2}\n]3', '{"a":1} {"b":2}\n3\n', 9, "expected ','"],
  ['a control character in a text', '{"a":"x\ny"}\n{"c":3}', '{"a":"x\ny"}\n{"c":3}\n', 7, 'a control character in a text'],
  ['the wrong bracket', '{"a":[1}\n{"c":3}', '{"a":[1}\n{"c":3}\n', 7, "expected ']'"],
  ['an end too early', '{"c":3}\n{"a":\n [1', '{"c":3}\n{"a":\n [1', 8, 'the input ends within a value'],
  ['a list without its end', '[1,\n2', '1\n2\n', 5, 'the input ends within a list'],
  ['half a byte order mark', '\xef\xbb{"a":1}\n2', '\xef\xbb{"a":1}\n2\n', 0, 'expected a value'],
  ['only that', '\xef\xbb', '\xef\xbb', 0, 'expected a value'],
];

test.each(broken)('lets pass as it is what is no JSON: %s', (_claim, input, out, at, why) => {
  const bytes = Buffer.from(input, 'latin1');
  for (const size of [1, 2, 3, 7, 1000]) expect(linesOf(slices(bytes, [size]))).toEqual({ out, broken: [[at, why]] });
});

test('says again what is broken after something was understood', () => {
  const made = linesOf([Buffer.from('x\ny\n1\nz\n2')]);
  expect(made.out).toBe('x\ny\n1\nz\n2\n');
  expect(made.broken.map(([at]) => at)).toEqual([0, 6]);
});

test('lets a value leave as it comes that is too long to be kept', () => {
  const long = `{"a": [${'1,\n '.repeat(5000)}1], "b": "x  y"}`;
  const made = linesOf(slices(Buffer.from(`[${long},\n{"c":3}]`), [100]), 1000);
  expect(made).toEqual({ out: `{"a":[${'1,'.repeat(5000)}1],"b":"x  y"}\n{"c":3}\n`, broken: [] });
});

test('is not to be nested without end', () => {
  const made = linesOf(slices(Buffer.from(`${'['.repeat(50_000)}\n{"a":1}`), [1000]));
  expect(made.out).toBe(`${'['.repeat(49_999)}\n{"a":1}\n`);
  expect(made.broken.map(([, why]) => why)).toEqual(['more than 10000 levels deep', 'the input ends within a list']);
});

test('copies from where it is told to', () => {
  let out = '';
  const stream = new JsonStream({ maxValue: 100, write: (bytes) => (out += bytes.toString()), onBroken: () => {} });
  stream.feed(Buffer.from('[{"a":\n'));
  stream.copyFromNow();
  stream.feed(Buffer.from(' 1}, tru'));
  stream.end();
  expect(out).toBe('{"a":\n 1}, tru');
});

/** JSON's tokens, and what is between them, by a plain pattern. */
const TOKENS = /"(?:[^"\\]|\\.)*"|[^\s"[\]{},:]+|[[\]{},:]/gsu;

/** A value as somebody may have laid it out. */
const layout = fc
  .tuple(fc.json({ maxDepth: 4 }), fc.array(fc.constantFrom('', '', ' ', '\n', '\r\n  ', '\t'), { minLength: 1, maxLength: 7 }))
  .map(([json, spaces]) =>
    Array.from(json.matchAll(TOKENS), ([token], i) => token + spaces[i % spaces.length]!)
      .join('')
      .trim(),
  );

const squeezed = (text: string): string =>
  text.includes('\n') ? Array.from(text.matchAll(TOKENS), ([token]) => token).join('') : text;

test('gives each value of a list, or of a stream, by its own text', () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(fc.array(layout, { maxLength: 6 }), fc.boolean(), sizes, (values, isList, by) => {
      // At the top a list is not a value, but a list of them.
      const texts = isList ? values : values.filter((value) => !value.startsWith('['));
      const input = isList ? `[${texts.join(',\n')}]` : texts.join(' \n');
      const made = linesOf(slices(Buffer.from(input), by));
      expect(made.broken).toEqual([]);
      expect(Buffer.from(made.out, 'latin1').toString()).toBe(texts.map((text) => `${squeezed(text)}\n`).join(''));
    }),
    { numRuns: 500 },
  );
});

test('loses nothing but white space, commas and brackets, whatever comes, however it is cut', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      '[',
      ']',
      '{',
      '}',
      ',',
      ':',
      '"',
      '\\',
      '\n',
      ' ',
      'true',
      'nul',
      '1',
      '-',
      'e',
      '{"a":1}',
      '"b"',
      '\xff',
      '\0',
    ),
    layout,
  );
  const sizes = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 20 }), sizes, fc.constantFrom(5, 1000), (pieces, by, maxValue) => {
      const bytes = Buffer.from(pieces.join(''), 'latin1');
      const made = linesOf(slices(bytes, by), maxValue);
      const kept = (text: string): string => text.replace(/[\s,[\]]/gu, '');
      expect(kept(made.out)).toBe(kept(bytes.toString('latin1')));
      if (maxValue === 1000) expect(made.out).toBe(linesOf([bytes], maxValue).out);
    }),
    { numRuns: 2000 },
  );
});

test('knows JSON as JSON.parse does', () => {
  const token = fc.constantFrom(
    '[',
    ']',
    '{',
    '}',
    ',',
    ':',
    '"a"',
    '"',
    '\\',
    '\\u12',
    'true',
    'nul',
    '1',
    '-',
    '.5',
    'e',
    '0',
    ' ',
    '\x01',
  );
  const near = fc.array(token, { maxLength: 8 }).map((tokens) => tokens.join(''));
  let sound = 0;
  fc.assert(
    fc.property(fc.oneof(near, fc.json()), (text) => {
      // A list at the top is one of values; within another, it is a value.
      const made = linesOf([Buffer.from(`{"v":${text}\n}`)]);
      let parses = true;
      try {
        JSON.parse(`{"v":${text}\n}`);
      } catch {
        parses = false;
      }
      expect(made.broken.length === 0 && made.out.split('\n').length === 2).toBe(parses);
      if (parses) sound += 1;
    }),
    { numRuns: 3000 },
  );
  expect(sound).toBeGreaterThan(500);
});
