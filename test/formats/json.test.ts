import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readJson, valueEnd } from '../../src/formats/json.ts';
import { Names } from '../../src/record/names.ts';
import { LogRecord } from '../../src/record/record.ts';
import { FALSE, MISSING, NESTED, NULL, NUMBER, TRUE } from '../../src/record/value.ts';
import { kernel } from '../support/kernel.ts';
import { read } from '../support/read.ts';

const isValid = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

/** Whether the scanner takes the whole of `bytes` for one value. */
function scans(bytes: Buffer): boolean {
  const framed = Buffer.concat([Buffer.from('{"value":'), bytes, Buffer.from('}')]);
  const record = new LogRecord(new Names(['value']));
  record.reset(framed, 0, framed.length);
  readJson(kernel, record);
  // Without a level the record is opaque either way; `why` tells whether the syntax was at fault.
  return record.why === 'no level';
}

/** A value as JSON.parse would give it, as far as a record tells scalars apart. */
function valueOf(record: LogRecord, path: string): unknown {
  const slot = record.find(record.names.slotsOf(path));
  const kind = slot === -1 ? MISSING : record.kinds[slot]!;
  if (kind === MISSING) return undefined;
  if (kind === NULL) return null;
  if (kind === TRUE || kind === FALSE) return kind === TRUE;
  if (kind === NUMBER) return Number(record.raw(slot));
  return kind === NESTED ? 'nested' : record.text(slot);
}

const flat = (value: unknown): unknown => (typeof value === 'object' && value !== null ? 'nested' : value);

describe('validity', () => {
  const SUITE = join(import.meta.dirname, '../../../shared/reference/json-test-suite/test_parsing');

  test.runIf(existsSync(SUITE))('agrees with JSON.parse on every file of JSONTestSuite', () => {
    const differing = readdirSync(SUITE).filter((name) => {
      // A newline ends a line; inside one it cannot stand.
      const bytes = Buffer.from(readFileSync(join(SUITE, name)).map((byte) => (byte === 0x0a ? 0x20 : byte)));
      return scans(bytes) !== isValid(bytes.toString());
    });
    expect(differing).toEqual([]);
  });

  test('agrees with JSON.parse on generated values and on values with one byte changed', () => {
    const hostile = fc.constantFrom(
      0x00,
      0x1f,
      0x20,
      0x22,
      0x2c,
      0x2d,
      0x2e,
      0x30,
      0x39,
      0x3a,
      0x5b,
      0x5c,
      0x5d,
      0x65,
      0x75,
      0x7b,
      0x7d,
      0x7f,
      0xff,
    );
    fc.assert(
      fc.property(
        fc.json(),
        fc.nat(),
        hostile,
        fc.constantFrom('replace', 'insert', 'remove', 'keep'),
        (json, place, byte, change) => {
          const bytes = Buffer.from(json);
          const at = place % (bytes.length + 1);
          const middle = change === 'remove' || change === 'keep' ? [] : [byte];
          const changed = Buffer.concat([
            bytes.subarray(0, at),
            Buffer.from(middle),
            bytes.subarray(change === 'insert' || change === 'keep' ? at : Math.min(at + 1, bytes.length)),
          ]);
          expect(scans(changed)).toBe(isValid(changed.toString()));
        },
      ),
      { numRuns: 2000 },
    );
  });

  test.each([
    '1',
    '-0',
    '01',
    '1.',
    '.5',
    '1e5',
    '1E+5',
    '1e',
    '-',
    '+1',
    '0x1',
    '1.5e-3',
    'NaN',
    'tru',
    'nul',
    'true',
    '"\\u12"',
    '"\\u12aF"',
    '"\\x"',
    '[1,]',
    '{"a":1,}',
    '[}',
    '{]',
    '{"a"}',
    '[[],{}]',
    '{"a":{"b":[1,{"c":null}]}}',
  ])('agrees with JSON.parse on %s', (text) => {
    expect(scans(Buffer.from(text))).toBe(isValid(text));
  });

  test('passes over a hundred thousand open brackets without recursion', () => {
    const depth = 100_000;
    const deep = Buffer.from('['.repeat(depth) + ']'.repeat(depth));
    expect(valueEnd(deep, 0, deep.length)).toBe(deep.length);
    expect(valueEnd(deep, 0, deep.length - 1)).toBe(-1);
    const objects = Buffer.from('{"a":'.repeat(depth));
    expect(valueEnd(objects, 0, objects.length)).toBe(-1);
  });
});

describe('values', () => {
  const key = fc.constantFrom('a', 'b', 'a.b', 'é', 'a"b', '__proto__', 'b.c');
  const value = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.boolean(),
    fc.constant(null),
    fc.dictionary(key, fc.oneof(fc.integer(), fc.string())),
  );

  test('agree with JSON.parse, flat and nested', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.tuple(key, value), { selector: ([name]) => name }), (members) => {
        const line = JSON.stringify(Object.fromEntries([['level', 30], ...members]));
        const object = JSON.parse(line) as Record<string, Record<string, unknown>>;
        const record = read(line, ['a', 'b', 'a.b', 'é', 'a"b', 'b.c']);
        const has = (name: string): boolean => Object.hasOwn(object, name);
        for (const name of ['a', 'b', 'é', 'a"b'])
          expect(valueOf(record, name)).toEqual(has(name) ? flat(object[name]) : undefined);
        const inner =
          has('a') && typeof object['a'] === 'object' && object['a'] !== null && Object.hasOwn(object['a'], 'b')
            ? flat(object['a']['b'])
            : undefined;
        expect(valueOf(record, 'a.b')).toEqual(has('a.b') ? flat(object['a.b']) : inner);
      }),
    );
  });

  test.each<[string, string, unknown]>([
    ['{"level":30,"a":"\\u0041\\n\\/"}', 'a', 'A\n/'],
    ['{"level":30,"\\u0061":1}', 'a', 1],
    ['{"level":30,"a":{"b":1,"b":2}}', 'a.b', 2],
    ['{"level":30,"a":{"b":{"c":1},"b":{}}}', 'a.b.c', undefined],
    ['{"level":30,"a":{"b":1},"a.b":2}', 'a.b', 2],
    ['{"level":30,"a":{"b.c":3}}', 'a.b.c', 3],
    ['{"level":30,"a":[{"b":1}]}', 'a.b', undefined],
    ['{"level":30, "a" : null }', 'a', null],
    ['{"level":30,"a":9007199254740993}', 'a', 9007199254740992],
  ])('%s has %s = %j', (line, path, expected) => {
    expect(valueOf(read(line, [path]), path)).toEqual(expected);
  });

  test.each([
    ['{"level":30,"level":50}', true],
    ['{"level":30,"\\u006cevel":50}', true],
    ['{"level":30,"lvl":50}', false],
    ['{"level":30,"other":1,"other":2}', false],
    ['{"level":30,"a":1,"a":2}', true],
    ['{"level":30,"a":1,"a":1}', false],
    ['{"level":30,"a":1,"a":1.0}', true],
    ['{"level":30,"a":"x","a":"\\u0078"}', false],
    ['{"level":30,"level":30}', false],
    ['{"level":30,"x":{"a":1,"a":2}}', false],
  ])('%s is ambiguous: %j', (line, ambiguous) => {
    expect(read(line, ['a']).ambiguous).toBe(ambiguous);
  });
});
