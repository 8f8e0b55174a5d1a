import { setFlagsFromString } from 'node:v8';

/** ms between two looks. A run that is over by the first needs no more memory than it begins with, and pays nothing for this. */
const SOON = 100;

/** Looks: a process that lives on after so many is here to stay. */
const LOOKS = 20;

/** Bytes, resident. A run that needs no more than this is the sooner done if it is left alone. */
const MUCH = 90e6;

/**
 * Has V8 collect garbage when there is a little of it, rather than when there is several times what is in use: this process is a guest
 * beside a daemon. Both flags are looked at when a collection ends; what is said too late counts from the next one on.
 */
export function spareMemory(): void {
  let looks = 0;
  const timer = setInterval(() => {
    looks += 1;
    if (looks === 1) setFlagsFromString('--semi-space-growth-factor=1');
    // It has every collection begin early, and some that need not be.
    if (looks < LOOKS && process.memoryUsage.rss() < MUCH) return;
    setFlagsFromString('--optimize-for-size');
    clearInterval(timer);
  }, SOON).unref();
}
