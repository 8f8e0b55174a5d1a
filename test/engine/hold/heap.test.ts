import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Heap } from '../../../src/engine/hold/heap.ts';

interface Item {
  readonly value: number;
  place: number;
}

const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ push: fc.integer({ min: 0, max: 20 }) }) },
  { weight: 2, arbitrary: fc.record({ delete: fc.nat({ max: 30 }) }) },
  { weight: 2, arbitrary: fc.constant('pop' as const) },
  { weight: 1, arbitrary: fc.constant('prune' as const) },
);

test('gives what is left in order, whatever was taken out from its middle', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const heap = new Heap<Item>((a, b) => a.value < b.value, {
        placeOf: (item) => item.place,
        put: (item, place) => {
          item.place = place;
        },
      });
      const all: Item[] = [];
      let left: Item[] = [];
      for (const each of steps) {
        if (each === 'pop') {
          const first = heap.pop();
          expect(first?.value).toBe(left.length === 0 ? undefined : Math.min(...left.map(({ value }) => value)));
          left = left.filter((item) => item !== first);
        } else if (each === 'prune') {
          heap.prune(({ value }) => value % 3 > 0);
          left = left.filter(({ value }) => value % 3 > 0);
        } else if ('push' in each) {
          const item = { value: each.push, place: -1 };
          all.push(item);
          left.push(item);
          heap.push(item);
        } else if (all.length > 0) {
          // Also one that is not in it any more.
          const item = all[each.delete % all.length]!;
          heap.delete(item);
          left = left.filter((other) => other !== item);
        }
        expect(heap.size).toBe(left.length);
        for (const item of all) expect(item.place === -1).toBe(!left.includes(item));
      }
      const rest = left.map(({ value }) => value).toSorted((a, b) => a - b);
      expect(rest.map(() => heap.pop()!.value)).toEqual(rest);
    }),
  );
});
