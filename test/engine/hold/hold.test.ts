import { expect, test } from 'vitest';
import { HoldQueue, type Held } from '../../../src/engine/hold/hold.ts';

test('takes no more memory the longer something waits, while what waits changes', () => {
  let left = 0;
  const outlet = { write: (_: Uint8Array, start: number, end: number) => (left += end - start), writeLine: () => {} };
  const queue = new HoldQueue(outlet, 16 << 20);
  const line = Buffer.from('a line that waits until another one does\n');
  const used = (): number => process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers;
  let waiting: Held = queue.hold(line, 0, line.length);
  const before = used();
  // As many as would take 32 MB, were one word kept of each, and 160 MB, were its bytes.
  const lines = 4_000_000;
  for (let i = 0; i < lines; i += 1) {
    const next = queue.hold(line, 0, line.length);
    queue.settle(waiting, undefined);
    waiting = next;
  }
  expect(left).toBe(lines * line.length);
  expect([queue.lines, queue.size]).toEqual([1, line.length]);
  expect(used() - before).toBeLessThan(16 << 20);
});
