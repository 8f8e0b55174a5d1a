import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FLAG, MISSING } from '../../src/record/value.ts';
import { read } from '../support/read.ts';

/** The fields of a line with a level in front, so that it is read at all; `true` for a key without a value. */
function fieldsOf(line: string, names: readonly string[]): Record<string, string | true> | string {
  const record = read(`level=info ${line}`, names, 'logfmt');
  if (record.level === -1) return record.why;
  const fields: [string, string | true][] = [];
  for (const name of names) {
    const slot = record.find(record.names.slotsOf(name));
    const kind = slot === -1 ? MISSING : record.kinds[slot]!;
    if (kind !== MISSING) fields.push([name, kind === FLAG ? true : record.text(slot)!]);
  }
  return Object.fromEntries(fields);
}

const NAMES = ['a', 'b', 'c', 'ƒ', '!', 'foo', 'bar', '__proto__', '[redacted]', ','];

// The decode table of go-logfmt, v0.6: https://github.com/go-logfmt/logfmt/blob/main/decode_test.go
const table: readonly [line: string, fields: Record<string, string | true>][] = [
  ['', {}],
  ['a=1', { a: '1' }],
  ['a=1 b="bar" ƒ=2h3s r="esc\tmore stuff" d x=sf   ', { a: '1', b: 'bar', ƒ: '2h3s' }],
  ['a=', { a: '' }],
  ['a= b=1', { a: '', b: '1' }],
  ['a', { a: true }],
  ['a b c', { a: true, b: true, c: true }],
  ['a=""', { a: '' }],
  ['a="" b=2', { a: '', b: '2' }],
  ['a="b c"', { a: 'b c' }],
  [String.raw`a="say \"hi\"\n\t\\\/"`, { a: 'say "hi"\n\t\\/' }],
  [String.raw`a="\u0041\u00e9"`, { a: 'Aé' }],
  ['a="1"b=2', { a: '1', b: '2' }],
  ['  a=1\tb=2  ', { a: '1', b: '2' }],
  ['a=\u00e9', { a: 'é' }],
  ['__proto__=1', Object.fromEntries([['__proto__', '1']])],
];

test.each(table)('reads %j as go-logfmt does', (line, fields) => {
  expect(fieldsOf(line, NAMES)).toEqual(fields);
});

const refused: readonly [line: string, why: string][] = [
  ['=', 'value without a key'],
  ['=1', 'value without a key'],
  ['a"b=1', 'quote in a key'],
  ['"a"=1', 'quote in a key'],
  ['a="1', 'quote never closed'],
  ['a="1\\"', 'quote never closed'],
  ['a="1\\', 'quote never closed'],
];

test.each(refused)('refuses %j as go-logfmt does', (line, why) => {
  expect(fieldsOf(line, NAMES)).toBe(why);
});

test('refuses a key that is not UTF-8', () => {
  expect(read(Buffer.from('level=info a\xff=1', 'latin1'), [], 'logfmt').why).toBe('key that is not UTF-8');
});

// What go-logfmt refuses and real programs write.
const mercies: readonly [line: string, fields: Record<string, string | true>][] = [
  ['a=/x?b=c', { a: '/x?b=c' }],
  ['a=b"c', { a: 'b"c' }],
  [String.raw`a="C:\x\u0041"`, { a: String.raw`C:\xA` }],
  ['a=1 [redacted]  b=2', { a: '1', '[redacted]': true, b: '2' }],
  ['a="denied",', { a: 'denied', ',': true }],
];

test.each(mercies)('has mercy on %j', (line, fields) => {
  expect(fieldsOf(line, NAMES)).toEqual(fields);
});

test('reads bare quotes inside a value up to the last one, and calls it a guess', () => {
  const line = String.raw`level=warning error="modprobe aufs failed: "modprobe: FATAL: Module aufs not found.\n": exit status 1" a=1`;
  const record = read(line, ['error', 'a'], 'logfmt');
  expect(record.ambiguous).toBe(true);
  expect(record.text(record.find(record.names.slotsOf('error')))).toBe(
    'modprobe aufs failed: "modprobe: FATAL: Module aufs not found.\n": exit status 1',
  );
  expect(record.text(record.find(record.names.slotsOf('a')))).toBe('1');
});

test.each([
  ['level=info level=error', true],
  ['level=info msg=a msg=b', true],
  ['level=info x=1 x=2', false],
])('%j is ambiguous: %j', (line, ambiguous) => {
  expect(read(line, [], 'logfmt').ambiguous).toBe(ambiguous);
});

test('reads back whatever a strict writer writes', () => {
  const value = fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\ufffd') && !/\p{Cs}/u.test(text));
  fc.assert(
    fc.property(value, fc.string({ unit: 'grapheme-ascii' }), (a, b) => {
      const line = `a=${JSON.stringify(a)} b=${JSON.stringify(b)}`;
      expect(fieldsOf(line, ['a', 'b'])).toEqual({ a, b });
    }),
  );
});

test('never throws, and takes linear time, whatever the bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      read(Buffer.concat([Buffer.from('level=error '), bytes]), ['a'], 'logfmt');
      read(Buffer.from(bytes), ['a']);
    }),
    { numRuns: 3000 },
  );
  const bait = Buffer.from(`level=error ${'a="b"c" '.repeat(8000)}`);
  const started = process.hrtime.bigint();
  read(bait, ['a']);
  expect(Number(process.hrtime.bigint() - started) / 1e6).toBeLessThan(200);
});
