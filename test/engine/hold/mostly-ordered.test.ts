import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MostlyOrdered } from '../../../src/engine/hold/mostly-ordered.ts';

/** A number goes in; `take`, the smallest comes out; `prune`, those that the number divides stay. */
type Step = number | 'take' | { readonly prune: number };

const rising = fc.array(fc.nat(3), { maxLength: 200 }).map((steps) => steps.map((step, i) => i + step));
const step = fc.oneof(
  { weight: 6, arbitrary: fc.nat(100) },
  { weight: 5, arbitrary: fc.constant<Step>('take') },
  { weight: 1, arbitrary: fc.record({ prune: fc.integer({ min: 1, max: 3 }) }) },
);

test('gives the smallest of all that it has, however they came', () => {
  fc.assert(
    fc.property(rising, fc.array<Step>(step, { maxLength: 300 }), (first, steps) => {
      const row = new MostlyOrdered<number>((a, b) => a < b);
      let has: number[] = [];
      for (const each of [...first, ...steps]) {
        if (typeof each === 'number') {
          row.push(each);
          has.push(each);
        } else if (each === 'take') {
          has.sort((a, b) => a - b);
          expect(row.pop()).toBe(has.shift());
        } else {
          const isKept = (item: number): boolean => item % each.prune === 0;
          row.prune(isKept);
          has = has.filter(isKept);
        }
        expect(row.peek()).toBe(has.length === 0 ? undefined : Math.min(...has));
        expect(row.size).toBe(has.length);
      }
    }),
  );
});
