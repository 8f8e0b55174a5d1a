import fc from 'fast-check';
import { expect, test } from 'vitest';
import { JsonRecords } from '../../src/formats/json-records.ts';
import { slices } from '../support/feed.ts';

function through(text: string, path: string, sizes: readonly number[] = [1 << 20], most = 1 << 20): string {
  const out: Buffer[] = [];
  const records = new JsonRecords(path, most, (bytes) => out.push(Buffer.from(bytes)));
  for (const chunk of slices(Buffer.from(text), sizes)) records.feed(chunk);
  records.end();
  return Buffer.concat(out).toString();
}

const cases: readonly [claim: string, path: string, text: string, out: string][] = [
  ['the list alone', 'items', '{"kind":"List","items":[{"a":1},{"a":2}],"x":{"items":[3]}}\n', '[{"a":1},{"a":2}]\n\n'],
  ['pretty-printed', 'items', '{\n  "items" : [\n 1\n ]\n}\n', '[\n 1\n ]\n\n'],
  ['a longer path', 'a.b', '{"b":[1],"a":{"c":[2],"b":[3]},"d":0}', '[3]\n'],
  [
    'not elsewhere',
    'items',
    '{"a":{"items":[1]},"c":["items",[2]],"d":"items","e":[3]}',
    '{"a":{"items":[1]},"c":["items",[2]],"d":"items","e":[3]}',
  ],
  ['documents one after the other', 'items', '{"items":[1]}{"items":[2]}', '[1]\n[2]\n'],
  ['one without it goes on whole', 'items', '{"a":1}\n{"items":[2]}\n', '{"a":1}\n[2]\n\n'],
  ['quotes and brackets in texts', 'items', '{"x":"\\"items\\":[{","items":["]}",{"y":"[\\\\"}]}', '["]}",{"y":"[\\\\"}]\n'],
  ['both lists of one name', 'items', '{"items":[1],"y":0,"items":[2]}', '[1]\n[2]\n'],
  ['an object is no list', 'items', '{"items":{"items":[1]}}', '{"items":{"items":[1]}}'],
  ['a list at the top', 'items', '[{"items":[1]}]', '[{"items":[1]}]'],
  ['what ends too early', 'items', '{"a":1,"b":', '{"a":1,"b":'],
  ['what ends behind the list', 'items', '{"items":[1],"b":', '[1]\n,"b":'],
  ['what ends in the list', 'items', '{"items":[1,', '[1,'],
  ['what is no JSON', 'items', 'words } "x\n{"items":[1]}', 'words } "x\n[1]\n'],
];

test.each(cases)('%s', (_claim, path, text, out) => {
  expect(through(text, path)).toBe(out);
  for (const sizes of [[1], [2, 3], [5]]) expect(through(text, path, sizes)).toBe(out);
});

test('of a document in which the list does not come soon, all goes on', () => {
  const text = `{"a":"${'x'.repeat(200)}","items":[1]}{"items":[2]}`;
  expect(through(text, 'items', [10], 100)).toBe(text.replace('{"items":[2]}', '[2]\n'));
});

test('all items come, in order, whatever stands around', () => {
  const item = fc.jsonValue({ maxDepth: 2 });
  const document = fc.record({ before: item, items: fc.array(item, { maxLength: 4 }), after: item });
  const sizes = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(fc.array(document, { maxLength: 4 }), sizes, (documents, by) => {
      const text = documents.map((each) => JSON.stringify(each)).join('\n');
      const lists = documents.map(({ items }) => `${JSON.stringify(items)}\n`);
      expect(through(text, 'items', by)).toBe(lists.join('\n'));
      for (const each of documents)
        expect(JSON.parse(through(JSON.stringify(each, undefined, 2), 'items', by))).toEqual(
          JSON.parse(JSON.stringify(each.items)),
        );
    }),
  );
});
