import { expect, test } from 'vitest';
import '../../../src/rules/linear.ts';
import { compileMasks } from '../../../src/engine/memory/mask.ts';
import type { Mask } from '../../../src/rules/rule.ts';

const cases: readonly (readonly [mask: Mask | readonly Mask[], text: string, masked: string])[] = [
  ['number', 'attempt 3 of 5 took 1.25 s', 'attempt <number> of <number> took <number> s'],
  ['hex', 'commit deadbeef at 0x1F', 'commit <hex> at <hex>'],
  ['ip', 'no route to 10.0.0.1, nor to fe80::1', 'no route to <ip>, nor to <ip>'],
  ['word', 'pod web-7f9c is late on node1.example', 'pod <word> is late on <word>'],
  ['word', 'the server is late', 'the server is late'],
  ['word', 'unit käse-ü failed, ünder 3', 'unit <word> failed, ünder <word>'],
  ['word', 'a.b and a_b stay', 'a.b and a_b stay'],
  ['path', 'open /var/lib/a.db: no such file', 'open <path>: no such file'],
  ['path', 'in ./a/b, ../c, ~/d and C:\\e\\f.txt', 'in <path>, <path>, <path> and <path>'],
  ['path', 'GET https://host/a?b=c failed', 'GET https:<path> failed'],
  ['path', 'file="/etc/x", 3/4 read/write / done', 'file="<path>", 3/4 read/write / done'],
  ['quoted', 'cannot find "a b" nor \'c\' nor `d` nor “e”', 'cannot find <quoted> nor <quoted> nor <quoted> nor <quoted>'],
  ['quoted', "can't open 'it's mine', won't", "can't open <quoted>, won't"],
  ['quoted', String.raw`say "a \" b" now`, 'say <quoted> now'],
  ['quoted', 'never "closed', 'never "closed'],
  ['quoted', `"open 'a'`, '"open <quoted>'],
  [{ pattern: 'srv\\d+' }, 'srv1 and srv22 are down', '<pattern> and <pattern> are down'],
  [{ pattern: '(?i)SRV\\w*?X' }, 'srvabx srvx', '<pattern> <pattern>'],
  [{ pattern: 'b*' }, 'abba', 'a<pattern>a'],
  [['number', 'uuid'], 'id 550e8400-e29b-41d4-a716-446655440000', 'id <uuid>'],
  [['number', 'word'], 'pod web-1', 'pod <word><number>'],
  [['word', 'number'], 'pod web-1 is 3', 'pod <word> is <word>'],
  [[{ pattern: '1' }, 'number'], '1 and 21', '<pattern> and <number><pattern>'],
  [['number', { pattern: '1' }], '1 and 21', '<number> and <number>'],
  [['quoted', 'path'], 'open "/a b" in /c', 'open <quoted> in <path>'],
  [['path', 'quoted'], 'open "/a b" in /c', 'open <quoted> in <path>'],
];

test.each(cases)('%j takes of %j %j', (masks, text, masked) => {
  expect(compileMasks([masks].flat())!(text)).toBe(masked);
});

test('a pattern is replaced 32 times, and in the first 8192 characters only', () => {
  for (const pattern of ['a', 'a(?:b|bc*?)?c'])
    expect(compileMasks([{ pattern }])!('abc '.repeat(40))).toMatch(/^(?:<pattern>\S* ){32}(?:abc ){8}$/u);
  expect(compileMasks([{ pattern: 'ab' }])!(`${'-'.repeat(8190)}abab`)).toBe(`${'-'.repeat(8190)}<pattern>ab`);
});

const baits: readonly (readonly [mask: Mask, bait: string])[] = [
  ['number', '1.'],
  ['hex', 'f'],
  ['uuid', 'aaaaaaaa-'],
  ['ip', '1.'],
  ['ip', ':'],
  ['word', 'a.'],
  ['path', '/'],
  ['path', ' ./'],
  ['quoted', '\'"`“'],
  ['quoted', '."a'],
  [{ pattern: '(a|aa)*b' }, 'a'],
];

// Quadratic work on so much would take minutes.
test.each(baits)('%j takes little time for a megabyte of bait', (mask, bait) => {
  const text = bait.repeat(2 ** 20 / bait.length);
  const before = process.cpuUsage();
  compileMasks([mask])!(text);
  expect(process.cpuUsage(before).user).toBeLessThan(5_000_000);
});
