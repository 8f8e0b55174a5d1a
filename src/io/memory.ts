import { setFlagsFromString } from 'node:v8';

/** ms between two looks at the heap of a young process, and how many there are. */
const LOOK = 100;
const LOOKS = 10;

/** Bytes. V8 begins with some ten million; a stream of which little is kept needs no more. */
const SMALL = 12 << 20;

let isSparing = false;

/** Whether V8 has been told to be sparing. */
export const sparesMemory = (): boolean => isSparing;

/**
 * Has V8 collect garbage when there is a little of it, rather than when there is several times what is in use: this process is a guest
 * beside a daemon. It is told as soon as its heap has grown, or after a second: a run that is over by then, and has kept little,
 * needs no more memory than it began with, and pays nothing for this.
 */
export function spareMemory(): void {
  let left = LOOKS;
  const look = (): void => {
    left -= 1;
    if (left === 0 || process.memoryUsage().heapTotal > SMALL) spareFromNow();
    else setTimeout(look, LOOK).unref();
  };
  setTimeout(look, LOOK).unref();
}

/** Both flags are looked at when a collection ends; what is said too late counts from the next one on. */
export function spareFromNow(): void {
  isSparing = true;
  setFlagsFromString('--optimize-for-size');
  setFlagsFromString('--semi-space-growth-factor=1');
}
