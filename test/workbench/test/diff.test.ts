import fc from 'fast-check';
import { expect, test } from 'vitest';
import { diffOf } from '../../../src/workbench/test/diff.ts';

test.each([
  ['the same', 'a\nb\n', 'a\nb\n', ''],
  ['a changed line', 'a\nb\nc\n', 'a\nB\nc\n', 'line 1:\n  a\n- b\n+ B\n  c\n  \n'],
  ['a missing line', 'a\nb\nc', 'a\nc', 'line 1:\n  a\n- b\n  c\n'],
  ['one line more', 'a\nc', 'a\nb\nc', 'line 1:\n  a\n+ b\n  c\n'],
  ['no newline at the end', 'a\n', 'a', 'line 1:\n  a\n- \n'],
  ['what a terminal would obey', 'a', '\x1b[2J', 'line 1:\n- a\n+ \\x1b[2J\n'],
  [
    'far apart',
    '1\n2\n3\n4\n5\n6\n7\n8\n9',
    '0\n2\n3\n4\n5\n6\n7\n8\n0',
    'line 1:\n- 1\n+ 0\n  2\n  3\nline 7:\n  7\n  8\n- 9\n+ 0\n',
  ],
])('%s', (_claim, expected, got, diff) => {
  expect(diffOf(expected, got)).toBe(diff);
});

test('of a long line, the part around the first difference', () => {
  const [a, b] = ['x', 'y'].map((char) => `${'a'.repeat(1_000)}${char}${'b'.repeat(1_000)}`);
  const diff = diffOf(a!, b!);
  expect(diff.length).toBeLessThan(500);
  expect(diff).toMatch(/^- …a+xb+…$/mu);
  expect(diff).toMatch(/^\+ …a+yb+…$/mu);
});

test('differences without end are counted', () => {
  const lines = (name: string): string =>
    Array.from({ length: 100 }, (_, i) => `${name}${i}\n same\n same\n same\n same\n same\n`).join('');
  expect(diffOf(lines('a'), lines('b'))).toMatch(/and \d+ more places?\n$/u);
});

const text = fc.array(fc.constantFrom('a', 'b', 'c', ''), { maxLength: 20 }).map((lines) => lines.join('\n'));

test('a diff is empty just if the texts are the same, and its lines are of them', () => {
  fc.assert(
    fc.property(text, text, (expected, got) => {
      const diff = diffOf(expected, got);
      expect(diff === '').toBe(expected === got);
      const lines = diff.split('\n').filter((line) => /^[-+] /u.test(line));
      const count = (sign: string, of: string): number =>
        of.split('\n').length - lines.filter((line) => line.startsWith(sign)).length;
      // What is left of both when the marked lines are taken away is as long.
      expect(count('-', expected)).toBe(count('+', got));
    }),
  );
});
