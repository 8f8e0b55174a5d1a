import { Kernel } from '../../src/kernel/kernel.ts';

/** For tests that read lines by themselves. */
export const kernel = new Kernel();
