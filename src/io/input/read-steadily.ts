import { readSync } from 'node:fs';
import { codeOf } from '../fault.ts';
import type { Input, InputHandlers } from './reading.ts';

/** Bytes between two looks at timers and signals: about a millisecond's worth. */
const TURN = 4 * 1024 * 1024;

interface SteadyHandlers extends InputHandlers {
  /** A non-blocking descriptor has nothing now. It is not read again. Without this, EAGAIN is an error. */
  readonly onEmpty?: () => void;
}

/** Reads what never keeps one waiting, a file, or a pipe that is non-blocking, at its position. */
export function readSteadily(fd: number, buffer: Uint8Array, handlers: SteadyHandlers): Input {
  let reads = 0;
  let begun = false;
  let paused = false;
  let over = false;
  let scheduled: NodeJS.Immediate | undefined;

  const schedule = (): void => {
    if (begun && !over && !paused) scheduled ??= setImmediate(turn);
  };
  const finish = (tell: () => void): void => {
    over = true;
    tell();
  };
  const turn = (): void => {
    scheduled = undefined;
    for (let left = TURN; left > 0 && !paused && !over;) {
      let length: number;
      try {
        length = readSync(fd, buffer, 0, buffer.length, null);
      } catch (error) {
        const { onEmpty } = handlers;
        if (onEmpty !== undefined && codeOf(error) === 'EAGAIN') return finish(onEmpty);
        return finish(() => handlers.onError(error));
      }
      if (length === 0) return finish(handlers.onEnd);
      left -= length;
      reads += 1;
      handlers.onChunk(buffer.subarray(0, length));
    }
    schedule();
  };

  // As soon as our caller is done: what is short is over before Node's loop begins, which is a part of the start.
  queueMicrotask(() => {
    begun = true;
    turn();
  });
  return {
    pause: () => {
      paused = true;
    },
    resume: () => {
      paused = false;
      schedule();
    },
    close: () => {
      over = true;
      clearImmediate(scheduled);
    },
    get reads() {
      return reads;
    },
  };
}
