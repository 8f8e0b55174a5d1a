import { expect, test } from 'vitest';
import { readAddress, writeAddress } from '../../src/sidecar/address.ts';

const good: readonly [text: string, written: string][] = [
  ['9464', '127.0.0.1:9464'],
  ['0', '127.0.0.1:0'],
  ['0.0.0.0:80', '0.0.0.0:80'],
  ['localhost:65535', 'localhost:65535'],
  ['[::1]:9464', '[::1]:9464'],
  ['[fe80::1%eth0]:1', '[fe80::1%eth0]:1'],
  ['unix:/run/relevel.sock', 'unix:/run/relevel.sock'],
  [`unix:${'x'.repeat(107)}`, `unix:${'x'.repeat(107)}`],
];

test.each(good)('reads %j', (text, written) => {
  expect(writeAddress(readAddress(text)!)).toBe(written);
});

const bad = [
  '',
  ':9464',
  'host',
  'host:',
  '65536',
  '-1',
  '1e3',
  '::1:80',
  '[::1]',
  'a b:80',
  'unix:',
  `unix:${'x'.repeat(108)}`,
  'unix:a\0b',
];

test.each(bad)('refuses %j', (text) => {
  expect(readAddress(text)).toBeUndefined();
});
