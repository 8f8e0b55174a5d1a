import { setFlagsFromString } from 'node:v8';

/** ms. A run that is over by then needs no more memory than it begins with, and pays nothing for this. */
const SOON = 100;

/**
 * Has V8 collect garbage when there is a little of it, rather than when there is several times what is in use: this process is a guest
 * beside a daemon. Both flags are looked at when a collection ends; what is said too late counts from the next one on.
 */
export function spareMemory(): void {
  setTimeout(() => {
    setFlagsFromString('--optimize-for-size');
    setFlagsFromString('--semi-space-growth-factor=1');
  }, SOON).unref();
}
