import fc from 'fast-check';
import { expect, test } from 'vitest';
import { KeyTable, keyedHash, type Hash } from '../../../src/engine/memory/key-table.ts';

interface Item {
  readonly key: string;
  readonly value: number;
}

/** Hashes that put keys in each other's way. */
const HASHES: readonly [claim: string, hash: Hash][] = [
  ['its own', keyedHash],
  ['all alike', () => 7],
  ['all at the end of the table', () => -1],
  ['by length', (text) => text.length],
  ['by the first letter, far apart', (text) => (text.charCodeAt(0) || 0) << 28],
];

const key = fc.oneof(
  fc.constantFrom('', 'a', 'b', 'ab', 'ba', '\0', 'a\0', '__proto__', 'constructor'),
  fc.string({ maxLength: 3 }),
);
const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('set' as const), key }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('delete' as const), key }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('delete all' as const), key }) },
);

test.each(HASHES)('does what a Map does, with a hash that is %s', (_claim, hash) => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      const table = new KeyTable<Item>(hash);
      const map = new Map<string, Item>();
      steps.forEach((each, value) => {
        if (each.kind === 'set') {
          const item = { key: each.key, value };
          table.set(item);
          map.set(each.key, item);
        } else {
          for (const gone of each.kind === 'delete' ? [each.key] : [...map.keys()]) {
            table.delete(gone);
            map.delete(gone);
          }
        }
        expect(table.size).toBe(map.size);
        expect(table.get(each.key)).toBe(map.get(each.key));
      });
      for (const [name, item] of map) expect(table.get(name)).toBe(item);
      expect(new Set(table.values())).toEqual(new Set(map.values()));
    }),
  );
});

test('finds all of many, while as many come and go', () => {
  const table = new KeyTable<Item>();
  const open = 5_000;
  for (let value = 0; value < 20 * open; value += 1) {
    table.set({ key: `pid ${value}`, value });
    if (value >= open) table.delete(`pid ${value - open}`);
  }
  expect(table.size).toBe(open);
  for (let value = 19 * open; value < 20 * open; value += 1) expect(table.get(`pid ${value}`)?.value).toBe(value);
  expect(table.get('pid 0')).toBeUndefined();
  for (let value = 19 * open; value < 20 * open; value += 1) table.delete(`pid ${value}`);
  expect(table.get(`pid ${20 * open - 1}`)).toBeUndefined();
  table.set({ key: 'one more', value: 1 });
  expect([...table.values()]).toEqual([{ key: 'one more', value: 1 }]);
});

/** Keys as whoever writes the lines might choose them. */
const families: readonly [claim: string, of: (i: number) => string][] = [
  ['counted', (i) => String(i)],
  ['of one length', (i) => String(i).padStart(12, '0')],
  ['different in their first characters', (i) => `${i.toString(36).padStart(4, '0')}${'x'.repeat(200)}`],
  ['longer and longer', (i) => 'a'.repeat(i % 2048) + String(i >> 11)],
  [
    'differ in high bits only',
    (i) => Array.from({ length: 16 }, (_, bit) => String.fromCharCode(((i >> bit) & 1) << 7)).join(''),
  ],
];

test.each(families)('keys that are %s lie no closer than by chance', (_claim, of) => {
  const count = 20_000;
  const low = new Set<number>();
  const whole = new Set<number>();
  for (let i = 0; i < count; i += 1) {
    whole.add(keyedHash(of(i)));
    low.add(keyedHash(of(i)) & 0xffff);
  }
  expect(whole.size).toBeGreaterThan(count - 10);
  // 65,536 places, of which chance takes 17,235.
  expect(low.size).toBeGreaterThan(16_500);
});
