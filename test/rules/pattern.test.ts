import fc from 'fast-check';
import { RE2JS } from 're2js';
import { expect, test } from 'vitest';
import '../../src/rules/linear.ts';
import { compilePattern, isPlain, requiredOf } from '../../src/rules/pattern.ts';
import { expectLinear } from '../support/linear.ts';

/** Patterns over a small alphabet, so that they often match texts over it. */
const atom = fc.constantFrom(
  'a',
  'b',
  'K',
  's',
  ' ',
  '.',
  '\\.',
  '\\d',
  '\\w',
  '\\s',
  '\\S',
  '[ab]',
  '[^a]',
  '[a-c]',
  '[\\d-]',
  '\\b',
  '\\n',
  'é',
  '/',
  '-',
);
const { pattern } = fc.letrec<{ pattern: string; part: string }>((tie) => ({
  pattern: fc
    .tuple(fc.constantFrom('', '', '^'), fc.array(tie('part'), { minLength: 1, maxLength: 4 }), fc.constantFrom('', '', '$'))
    .map(([head, parts, tail]) => head + parts.join('') + tail),
  part: fc.oneof(
    { depthSize: 'small' },
    fc
      .tuple(atom, fc.constantFrom('', '', '', '?', '*', '+', '{2}', '{0,2}'))
      .map(([one, times]) => (one === '\\b' ? one : one + times)),
    fc.tuple(tie('pattern'), tie('pattern'), fc.constantFrom('', '?', '+')).map(([a, b, times]) => `(?:${a}|${b})${times}`),
    fc.tuple(tie('pattern'), fc.constantFrom('', '', '?P<g>', '?<g>')).map(([inner, name]) => `(${name}${inner})`),
  ),
}));
const text = fc
  .array(fc.constantFrom('a', 'b', 'c', 'K', 's', 'ſ', ' ', '.', '1', '-', '/', '\n', '\r', '\u00a0', '\u2028', 'é', '😀'), {
    maxLength: 12,
  })
  .map((chars) => chars.join(''));

/** With a name of its own for each group. */
const named = (source: string): string => {
  let groups = 0;
  return source.replaceAll('<g>', () => `<g${(groups += 1)}>`);
};

test('finds the same groups, and replaces the same, as re2js', () => {
  let plain = 0;
  fc.assert(
    fc.property(pattern, fc.array(text, { minLength: 3, maxLength: 8 }), (unnamed, texts) => {
      const source = named(unnamed);
      const reference = RE2JS.compile(source);
      const ours = compilePattern(source, false);
      if (isPlain(source) && source.includes('<g')) plain += 1;
      for (const each of texts) {
        const matcher = reference.matcher(each);
        const names = Object.keys(reference.namedGroups());
        const groups = matcher.find()
          ? names.flatMap((name) => (matcher.group(name) === null ? [] : [`${name}=${matcher.group(name)}`])).toSorted()
          : undefined;
        const found = ours.groupsIn(each);
        const own = found && Array.from(found, ([name, of]) => `${name}=${of}`).toSorted();
        expect([source, each, own]).toEqual([source, each, groups]);
        let left = 3;
        const replaced = reference.matcher(each).replaceAll((match: string) => (match === '' || left-- <= 0 ? match : '<>'));
        expect([source, each, ours.replace(each, '<>', 3)]).toEqual([source, each, replaced]);
      }
    }),
    { numRuns: 2000 },
  );
  expect(plain).toBeGreaterThan(20);
});

test('finds the same as re2js, whichever engine runs it', () => {
  let plain = 0;
  fc.assert(
    fc.property(pattern, fc.array(text, { minLength: 3, maxLength: 8 }), fc.boolean(), (unnamed, texts, ignoreCase) => {
      const source = named(unnamed);
      const reference = RE2JS.compile(source, ignoreCase ? RE2JS.CASE_INSENSITIVE : 0);
      const fits = compilePattern(source, ignoreCase).test;
      if (isPlain(source)) plain += 1;
      for (const each of texts) expect([source, each, fits(each)]).toEqual([source, each, reference.test(each)]);
    }),
    { numRuns: 2000 },
  );
  expect(plain).toBeGreaterThan(150);
});

test('a text that a pattern matches holds one of the texts that it requires', () => {
  let required = 0;
  fc.assert(
    fc.property(pattern, fc.array(text, { minLength: 3, maxLength: 8 }), (unnamed, texts) => {
      const source = named(unnamed);
      const promise = requiredOf(source);
      if (promise === undefined) return;
      required += 1;
      const reference = RE2JS.compile(source);
      for (const each of texts) {
        if (reference.test(each))
          expect([source, each, promise.texts.some((literal) => each.includes(literal))]).toEqual([source, each, true]);
      }
    }),
    { numRuns: 3000 },
  );
  expect(required).toBeGreaterThan(500);
});

test.each([
  ['^(Error creating (MSHV|KVM) object|(MSHV|KVM) is not available)', true],
  ['ethtool', true],
  ['^a.*b', true],
  ['a.*b', false],
  ['^(a+)+$', false],
  ['(a?){30}', false],
  ['(a|b|c|d)(a|b|c|d)(a|b|c|d)(a|b|c|d)', false],
  ['^.*a.*b', false],
  ['(?i)kvm', false],
  ['^srv (?P<name>[a-z]+) is (?:up|down)$', true],
  ['^(?P<a>a)?b', false],
  ['a*?', false],
])('%s runs on the native engine: %j', (source, plain) => {
  expect(isPlain(source)).toBe(plain);
});

test.each([
  [
    '^(Error creating (MSHV|KVM) object|(MSHV|KVM) is not available)',
    ['Error creating MSHV object', 'Error creating KVM object', 'MSHV is not available', 'KVM is not available'],
  ],
  ['a{2}', ['a']],
  ['foo.*barbaz', ['barbaz']],
  ['foo|.', undefined],
  ['(?i)foo', ['foo']],
  ['x?', undefined],
  ['\\bfoo\\b', ['foo']],
  ['Server (?P<server>\\S+) is DOWN', [' is DOWN']],
])('%s requires %j', (source, texts) => {
  expect(requiredOf(source)?.texts).toEqual(texts);
});

test.each(['^(a+)+$', '(a|aa)*b', '^(.*a){9}$', '(?i)(k|s)+x'])('%s takes linear time on 64 KiB of bait', (source) => {
  const fits = compilePattern(source, false).test;
  expectLinear((size) => fits('a'.repeat(size)), 8192);
});
