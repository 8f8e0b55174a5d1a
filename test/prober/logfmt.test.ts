import { expect, test } from 'vitest';
import { writeLogfmt } from '../../src/prober/logfmt.ts';

const values: readonly [value: string, zap: string, go: string][] = [
  ['', '', ''],
  ['plain', 'plain', 'plain'],
  ['two words', '"two words"', '"two words"'],
  ['a=b', '"a=b"', '"a=b"'],
  ['say "hi"', String.raw`"say \"hi\""`, String.raw`"say \"hi\""`],
  ['C:\\dir', String.raw`C:\\dir`, String.raw`C:\dir`], // zap escapes without quoting
  ['C:\\my dir', String.raw`"C:\\my dir"`, String.raw`"C:\\my dir"`],
  ['a\nb\r\t', String.raw`"a\nb\r\t"`, String.raw`"a\nb\r\t"`],
  ['\u0000\u001b[1m', String.raw`"\u0000\u001b[1m"`, String.raw`"\u0000\u001b[1m"`],
  ['del\u007f', 'del\u007f', '"del\u007f"'],
  ['null', 'null', '"null"'],
  ['größe', 'größe', 'größe'],
  ['😀\u0085', '😀\u0085', '😀\u0085'],
  ['bad\uFFFD', '"bad\uFFFD"', '"bad\uFFFD"'],
  [
    'interface not supported: operation not supported',
    '"interface not supported: operation not supported"',
    '"interface not supported: operation not supported"',
  ],
];

test.each(values)('quotes %j', (value, zap, go) => {
  expect(writeLogfmt([['k', value]], 'zap')).toBe(`k=${zap}`);
  expect(writeLogfmt([['k', value]], 'go')).toBe(`k=${go}`);
});

test('drops what no key may hold, leaves out what has no value, and flattens a map', () => {
  const counters = new Map([
    ['rx packets="0"', 1],
    ['tx', 2],
  ]);
  expect(
    writeLogfmt(
      [
        ['a', 1],
        ['b', undefined],
        ['s', counters],
      ],
      'go',
    ),
  ).toBe('a=1 s.rxpackets0=1 s.tx=2');
});

test('writes counters beyond 2^53 exactly', () => {
  expect(writeLogfmt([['s', new Map([['rx', 18446744073709551615n]])]], 'go')).toBe('s.rx=18446744073709551615');
});
