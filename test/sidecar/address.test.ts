import { expect, test } from 'vitest';
import { pathTooLong, readAddress, writeAddress } from '../../src/sidecar/address.ts';

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

const lengths: readonly [text: string, says: RegExp | undefined][] = [
  [`unix:${'x'.repeat(107)}`, undefined],
  ['x'.repeat(200), undefined],
  [`unix:${'x'.repeat(108)}`, /at most 107 bytes.* has 108$/u],
  [`unix:${'ä'.repeat(54)}`, /at most 107 bytes.* has 108$/u],
];

test.each(lengths)('says of a path of a socket that is too long how long it may be: %j', (text, says) => {
  const said = pathTooLong(text);
  if (says === undefined) expect(said).toBeUndefined();
  else expect(said).toMatch(says);
});
