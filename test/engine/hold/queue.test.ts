import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Queue } from '../../../src/engine/hold/queue.ts';

const step = fc.oneof(
  { weight: 5, arbitrary: fc.constant('push' as const) },
  { weight: 4, arbitrary: fc.constant('shift' as const) },
  { weight: 2, arbitrary: fc.record({ before: fc.nat({ max: 40 }) }) },
  { weight: 1, arbitrary: fc.constant('empty' as const) },
);

test('does what an array does, around the end of its ring too', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const queue = new Queue<{ readonly number: number }>();
      let all: { readonly number: number }[] = [];
      steps.forEach((each, number) => {
        const item = { number };
        if (each === 'push') {
          queue.push(item);
          all.push(item);
        } else if (each === 'shift') {
          expect(queue.shift()).toBe(all.shift());
        } else if (each === 'empty') {
          while (queue.shift() !== undefined);
          queue.trim(16);
          all = [];
        } else if (all.length > 0) {
          const at = each.before % all.length;
          queue.insertBefore(all[at]!, item);
          all.splice(at, 0, item);
        }
        expect([queue.size, queue.first, queue.last]).toEqual([all.length, all[0], all.at(-1)]);
      });
      for (const item of all) expect(queue.shift()).toBe(item);
      expect(queue.size).toBe(0);
    }),
  );
});
