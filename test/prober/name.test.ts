import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bytesOfName, textOfName } from '../../src/prober/name.ts';

const names: readonly [bytes: string, text: string][] = [
  ['eth0', 'eth0'],
  ['größe', 'größe'],
  ['a\\b', 'a\\b'],
  ['\uFFFD', '\uFFFD'],
  ['a\x1b[1m', 'a\x1b[1m'], // escaped where a person reads it, not here
];

test.each(names)('%j is its own text', (name, text) => {
  expect(textOfName(Buffer.from(name))).toBe(text);
});

const bytes: readonly [hex: string, text: string][] = [
  ['626164 80ff 7a', String.raw`bad\x80\xffz`],
  ['c3', String.raw`\xc3`], // the first half of a character
  ['c3b6 c3', String.raw`ö\xc3`],
  ['eda080', String.raw`\xed\xa0\x80`], // half of a pair, which UTF-8 has not
  ['61 5c 80', String.raw`a\x5c\x80`],
  ['61 5c783830', String.raw`a\x5cx80`], // looks as if it were escaped
];

test.each(bytes)('%s is written %s', (hex, text) => {
  expect(textOfName(Buffer.from(hex.replaceAll(' ', ''), 'hex'))).toBe(text);
});

test('each name has one text, and each text one name', () => {
  const byte = fc.oneof(fc.integer({ min: 1, max: 255 }), fc.constantFrom(...Buffer.from('\\x5c80öa')));
  fc.assert(
    fc.property(fc.array(byte, { maxLength: 15 }), (name) => {
      const text = textOfName(Buffer.from(name));
      expect([...bytesOfName(text)]).toEqual(name);
      expect(text).not.toMatch(/\p{Cs}/u); // nothing that JSON cannot carry
    }),
    { numRuns: 2000 },
  );
});
