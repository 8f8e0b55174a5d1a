import { expect } from 'vitest';

/**
 * Expects `work` to take time in proportion to `size`, whatever the machine's speed: eight times the size takes about eight
 * times as long, and quadratic work would take 64 times. The fastest of several rounds counts, in turns.
 */
export function expectLinear(work: (size: number) => void, size: number): void {
  let small = Infinity;
  let large = Infinity;
  work(size);
  for (let round = 0; round < 5; round += 1) {
    small = Math.min(
      small,
      timed(() => work(size)),
    );
    large = Math.min(
      large,
      timed(() => work(8 * size)),
    );
  }
  expect(large / small).toBeLessThan(24);
}

function timed(work: () => void): number {
  const started = performance.now();
  work();
  return performance.now() - started;
}
