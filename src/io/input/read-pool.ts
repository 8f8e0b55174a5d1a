import { read } from 'node:fs';
import { codeOf } from '../fault.ts';
import type { Input, InputHandlers } from './reading.ts';

/** ms. How long to leave a description alone that somebody else made non-blocking and that has nothing now. */
export const AGAIN = 10;

/**
 * Reads by a thread of the pool, which may block: for devices, and sockets that libuv cannot poll.
 *
 * A read that blocks cannot be called off, and `process.exit` waits for it: leave by `leave`.
 */
export function readByPool(fd: number, buffer: Uint8Array, handlers: InputHandlers): Input {
  let reads = 0;
  let paused = false;
  let over = false;
  let reading = false;
  let kept = 0; // bytes that came while we were paused, still in `buffer`
  let retry: NodeJS.Timeout | undefined;

  const next = (): void => {
    if (reading || paused || over) return;
    reading = true;
    read(fd, buffer, 0, buffer.length, null, came);
  };
  const came = (error: NodeJS.ErrnoException | null, length: number): void => {
    reading = false;
    if (over) return;
    if (error !== null && codeOf(error) === 'EAGAIN') {
      retry = setTimeout(next, AGAIN);
      return;
    }
    if (error !== null || length === 0) {
      over = true;
      if (error === null) handlers.onEnd();
      else handlers.onError(error);
      return;
    }
    if (paused) kept = length;
    else hand(length);
  };
  const hand = (length: number): void => {
    reads += 1;
    handlers.onChunk(buffer.subarray(0, length));
    next();
  };

  next();
  return {
    pause: () => {
      paused = true;
    },
    resume: () => {
      paused = false;
      if (kept === 0) return next();
      const length = kept;
      // Not from within `resume`: its caller may be in the middle of a chunk.
      setImmediate(() => {
        if (paused || over || kept === 0) return;
        kept = 0;
        hand(length);
      });
    },
    close: () => {
      over = true;
      clearTimeout(retry);
    },
    get reads() {
      return reads;
    },
  };
}
