import fc from 'fast-check';
import { expect, test } from 'vitest';
import { jsonFault } from '../../src/prober/json-fault.ts';

const faults: readonly [text: string, place: string][] = [
  ['', '1:1'],
  ['  \n ', '2:2'],
  ['no', '1:1'],
  ['{', '1:2'],
  ['{]', '1:2'],
  ['{"a"}', '1:5'],
  ['{"a":}', '1:6'],
  ['{"a":1,}', '1:8'],
  ['{"a":1 "b":2}', '1:8'],
  ['[1,\n  2,\n  ]', '3:3'],
  ['[1,\n 02]', '2:2'],
  ['[1.]', '1:2'],
  ['[nul]', '1:2'],
  ['["a\nb"]', '1:2'], // a string is one token
  ['["\\x"]', '1:2'],
  ['[] []', '1:4'],
  ['[],', '1:3'],
  [']', '1:1'],
];

test.each(faults)('%j is at fault at %s', (text, place) => {
  expect(() => JSON.parse(text) as unknown).toThrow(SyntaxError);
  const { line, column } = jsonFault(text);
  expect(`${line}:${column}`).toBe(place);
});

const spaces = fc.constantFrom(undefined, 1, '\t');

test('any JSON that is cut short is at fault at its end, or at the token that was cut', () => {
  fc.assert(
    fc.property(fc.json(), spaces, fc.nat(), (json, space, cut) => {
      const whole = JSON.stringify([JSON.parse(json)], undefined, space);
      const text = whole.slice(0, cut % whole.length);
      const { line, column } = jsonFault(text);
      const before = [...text.split('\n').slice(0, line - 1), text.split('\n')[line - 1]!.slice(0, column - 1)].join('\n');
      expect(text.slice(before.length)).toMatch(/^(?:"(?:[^"\\]|\\.)*\\?|[-+.\w]*)$/u);
    }),
  );
});

test('what follows JSON is at fault where it begins', () => {
  fc.assert(
    fc.property(fc.json(), (json) => {
      expect(jsonFault(`[${json}]\n  x`)).toEqual({ line: `[${json}]`.split('\n').length + 1, column: 3 });
    }),
  );
});
