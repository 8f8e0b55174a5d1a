import fc from 'fast-check';
import { RE2JS } from 're2js';
import { expect, test } from 'vitest';
import { foldCase } from '../../src/rules/fold.ts';
import { compileGlob } from '../../src/rules/glob.ts';
import { compareNumbers } from '../../src/rules/number.ts';
import { expectLinear } from '../support/linear.ts';

test('a glob fits what the same pattern fits', () => {
  const char = fc.constantFrom('a', 'b', '.', '*', '?', '😀', '[', '\\');
  const glob = fc.array(char, { maxLength: 6 }).map((chars) => chars.join(''));
  const text = fc.array(fc.constantFrom('a', 'b', '.', '[', '\\', '😀', '\n'), { maxLength: 8 }).map((chars) => chars.join(''));
  fc.assert(
    fc.property(glob, text, (wanted, each) => {
      const source = [...wanted].map((one) => (one === '*' ? '.*' : one === '?' ? '.' : RE2JS.quote(one))).join('');
      expect(compileGlob(wanted)(each)).toBe(RE2JS.compile(`^(?s:${source})$`).test(each));
    }),
    { numRuns: 2000 },
  );
});

test('a glob of many stars takes no longer than the text times the glob', () => {
  const fits = compileGlob(`${'a*'.repeat(40)}b`);
  expectLinear((size) => expect(fits('a'.repeat(size))).toBe(false), 8192);
});

test('two characters fold alike where RE2 says that they are the same but for case', () => {
  const differing: string[] = [];
  for (let code = 0x20; code < 0x250; code += 1) {
    const char = String.fromCodePoint(code);
    const same = new RegExp(`^${char.replace(/[\\^$.*+?()[\]{}|/]/gu, '\\$&')}$`, 'iu');
    for (const other of [char.toUpperCase(), char.toLowerCase(), '\u212a', '\u017f', 'k', 's', 'i', 'I', 'ı', 'ß', '\u1e9e']) {
      if ([...other].length === 1 && same.test(other) !== (foldCase(char) === foldCase(other))) differing.push(char + other);
    }
  }
  expect(differing).toEqual([]);
});

const orders: readonly [a: string, b: string, order: number][] = [
  ['1', '1.0', 0],
  ['1e2', '100', 0],
  ['-0', '0', 0],
  ['1', '2', -1],
  ['9007199254740993', '9007199254740992', 1],
  ['9007199254740993', '9007199254740993.0', 0],
  ['9007199254740993', '9.007199254740993e15', 0],
  ['12345678901234567890123', '12345678901234567890124', -1],
  ['-9007199254740993', '-9007199254740992', -1],
  ['0.1', '0.10000000000000000000001', 0],
  ['1e400', '1e99999', 0],
];

test.each(orders)('%s against %s is %d', (a, b, order) => {
  expect(Math.sign(compareNumbers(a, b))).toBe(order);
  expect(Math.sign(compareNumbers(b, a)) + 0).toBe(-order + 0);
});
