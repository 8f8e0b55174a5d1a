import { expect, test } from 'vitest';
import { quote, suggest } from '../../src/rules/quote.ts';

const quoted: readonly [text: string, quoted: string][] = [
  ['a b', '"a b"'],
  ['\x1b[31m', '"\\x1b[31m"'],
  ['\u202e\u2028\ud800', '"\\u{202e}\\u{2028}\\u{d800}"'],
  ['a\tb', '"a\tb"'],
  ['x'.repeat(100), `"${'x'.repeat(60)}…"`],
];

test.each(quoted)('quotes %j', (text, expected) => {
  expect(quote(text)).toBe(expected);
});

const KEYS = ['when', 'await', 'then', 'else'];

const suggestions: readonly [name: string, names: readonly string[], suggestion: string][] = [
  ['wehn', KEYS, '; did you mean "when"'],
  ['awaits', KEYS, '; did you mean "await"'],
  ['Then', KEYS, '; did you mean "then"'],
  ['x', ['y'], '; keys are y'],
  ['hypervisor', KEYS, '; keys are when, await, then, else'],
  ['x', [], '; there are no keys'],
  [
    'zz',
    Array.from({ length: 20 }, (_, i) => `key-${i}`),
    `; keys are ${Array.from({ length: 12 }, (_, i) => `key-${i}`).join(', ')}, …`,
  ],
];

test.each(suggestions)('suggests for %s out of %j', (name, names, suggestion) => {
  expect(suggest(name, names, 'keys')).toBe(suggestion);
});
