import { expect, test } from 'vitest';
import { hideSecrets } from '../../../src/workbench/suggest/secrets.ts';

const hidden: readonly [text: string, masked: string][] = [
  ['{"password":"hunter2","user":"a"}', '{"password":"xxxxx","user":"a"}'],
  ['{"dbPassword" : "hun ter"}', '{"dbPassword" : "xxxxx"}'],
  ['api_key=abcdef next=1', 'api_key=xxxxx next=1'],
  ['token="a b" x', 'token="xxxxx" x'],
  ['GET /a?access_token=abc&b=1', 'GET /a?access_token=xxxxx&b=1'],
  ['Authorization: Bearer abcdefghij', 'Authorization: Bearer xxxxx'],
  ['dial postgres://app:s3cret@db:5432/x', 'dial postgres://app:xxxxx@db:5432/x'],
  ['got eyJhbGciOiJIUzI1.eyJzdWIiOiIxMjM0.sflKxwRJ', 'got xxxxx'],
  ['key AKIAIOSFODNN7EXAMPLE', 'key xxxxx'],
  ['ghp_abcdefghijklmnop1234', 'xxxxx'],
  ['mail from Bob.Smith+x@mail.example.com now', 'mail from someone@example.org now'],
  ['"{\\"token\\":\\"abc\\"}"', '"{\\"token\\":\\"xxxxx\\"}"'],
];

test.each(hidden)('%j is written as %j', (text, masked) => {
  expect(hideSecrets(text)).toBe(masked);
});

test.each([
  'E1121 08:22:37.585238 8228 kubelet.go:2424] "Error getting node" err="node \\"a\\" not found"',
  '{"level":50,"time":1763683200000,"pid":1,"hostname":"a","msg":"connection lost"}',
  'author=bob tokens counted',
])('%j stays', (text) => {
  expect(hideSecrets(text)).toBe(text);
});
