import { closeSync } from 'node:fs';
import { kindOf, privatePipe } from './kinds.ts';
import { readByPool } from './read-pool.ts';
import type { Input, InputHandlers } from './reading.ts';
import { readStream } from './read-stream.ts';
import { readSteadily } from './read-steadily.ts';

/**
 * Reads `fd` from where it stands to its end into `buffer`, over and over, in the way that its kind allows:
 * nothing is ever asked to be non-blocking that another process may share (but see `readStream`).
 * Throws where `fd` is not open.
 */
export function openInput(fd: number, buffer: Uint8Array, handlers: InputHandlers): Input {
  const kind = kindOf(fd);
  switch (kind) {
    case 'file':
      return readSteadily(fd, buffer, handlers);
    case 'pipe':
      return readPipe(fd, buffer, handlers);
    case 'socket':
    case 'terminal':
      // a kind of socket that libuv does not know (datagrams, seqpacket, vsock) is left to the pool
      return readStream(fd, kind, buffer, handlers) ?? readByPool(fd, buffer, handlers);
    case 'device':
      return readByPool(fd, buffer, handlers);
  }
}

/**
 * First what is there already, until the pipe is empty, then what comes. The first step is
 * not for speed: a named FIFO whose writer left before we reopened it never reports the hang-up
 * to `epoll`, and would not end.
 */
function readPipe(fd: number, buffer: Uint8Array, handlers: InputHandlers): Input {
  const own = privatePipe(fd, 'read');
  if (own === undefined) return readStream(fd, 'pipe', buffer, handlers) ?? readByPool(fd, buffer, handlers);

  let before = 0;
  let paused = false;
  let handed = false;
  const takeOver = (): void => {
    before = current.reads;
    handed = true; // the stream closes `own` itself
    const stream = readStream(own, 'pipe', buffer, handlers);
    if (stream === undefined) throw new Error('readPipe: a pipe is not a stream');
    current = stream;
    if (paused) current.pause();
  };
  const closeOwn = (): void => {
    if (!handed) closeSync(own);
    handed = true;
  };
  let current: Input = readSteadily(own, buffer, {
    onChunk: handlers.onChunk,
    onEnd: () => {
      closeOwn();
      handlers.onEnd();
    },
    onError: (error) => {
      closeOwn();
      handlers.onError(error);
    },
    onEmpty: takeOver,
  });
  return {
    pause: () => {
      paused = true;
      current.pause();
    },
    resume: () => {
      paused = false;
      current.resume();
    },
    close: () => {
      current.close();
      closeOwn();
    },
    get reads() {
      return handed ? before + current.reads : current.reads;
    },
  };
}
