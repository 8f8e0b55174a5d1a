import { checkedKernel, writeKernel } from '../../build/kernel.ts';

/** Vitest runs this once before all tests: so a single test file finds the kernel, too. */
export function setup(): void {
  writeKernel();
  checkedKernel();
}
