import { Socket, type ConnectOpts, type SocketConstructorOpts } from 'node:net';
import { ReadStream } from 'node:tty';
import { codeOf } from '../fault.ts';
import type { Input, InputHandlers } from './reading.ts';

/**
 * Reads as libuv does: when the kernel says that there is something. Undefined where libuv
 * does not know that kind of descriptor.
 *
 * A pipe is made non-blocking: hand in a private one (it is closed in the end). A terminal
 * is reopened by libuv. A socket has no second description; it is made blocking again before any
 * other code runs here, so that it is non-blocking for less than a millisecond at the start and not after.
 */
export function readStream(
  fd: number,
  kind: 'pipe' | 'socket' | 'terminal',
  buffer: Uint8Array,
  handlers: InputHandlers,
): Input | undefined {
  let reads = 0;
  let paused = false;
  let over = false;

  const took = (length: number): boolean => {
    if (over) return false;
    reads += 1;
    handlers.onChunk(buffer.subarray(0, length));
    if (kind !== 'socket' || length < buffer.length) return !paused;
    // After a full buffer libuv reads on without asking, which on a blocking socket would
    // stop the event loop. Stop it, and begin anew from outside its loop.
    setImmediate(() => {
      if (!paused && !over) stream?.resume();
    });
    return false;
  };
  const stream = openStream(fd, kind, { readable: true, writable: false, onread: { buffer, callback: took } });
  if (stream === undefined) return undefined;
  const finish = (tell: () => void): void => {
    if (over) return;
    over = true;
    stream.destroy();
    tell();
  };
  stream.on('end', () => finish(handlers.onEnd));
  stream.on('error', (error) => finish(() => handlers.onError(error)));
  // a peer that resets has gone without a farewell; `end` or `error` came first otherwise
  stream.on('close', () => finish(handlers.onEnd));
  stream.resume();

  return {
    pause: () => {
      paused = true;
      stream.pause();
    },
    resume: () => {
      paused = false;
      stream.resume();
    },
    close: () => {
      over = true;
      stream.destroy();
    },
    get reads() {
      return reads;
    },
  };
}

/** `onread` is missing from the constructor's types. */
type StreamOptions = SocketConstructorOpts & ConnectOpts;

function openStream(fd: number, kind: 'pipe' | 'socket' | 'terminal', options: StreamOptions): Socket | undefined {
  if (kind === 'terminal') return new ReadStream(fd, options);
  let stream: Socket;
  try {
    stream = new Socket({ ...options, fd });
  } catch (error) {
    if (codeOf(error) === 'ERR_INVALID_FD_TYPE') return undefined;
    throw error;
  }
  if (kind === 'socket') makeBlocking(stream);
  return stream;
}

/** Undoes what `new Socket` did to the description. The method is not documented, and as old as Node's own use of it. */
function makeBlocking(stream: Socket): void {
  const { _handle: handle } = stream as unknown as { _handle: { setBlocking(blocking: boolean): number } };
  handle.setBlocking(true);
}
