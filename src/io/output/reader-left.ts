import { closeSync, fstatSync, readlinkSync, writeSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { Socket } from 'node:net';
import { getSystemErrorMap } from 'node:util';
import { codeOf } from '../fault.ts';
import { privatePipe } from '../input/kinds.ts';
import { queueOf } from './peer-queue.ts';

/** ms between two looks at a socket. */
const LOOK = 1000;

const NOTHING = new Uint8Array(0);

/**
 * `epoll` reports an error at the writing end of a pipe without a reader, whatever it is asked for. Of Node's streams only
 * those of TCP may be told to read what is open for writing alone, and theirs is the one `open` that looks at no kind.
 *
 * A FIFO with a name is left alone: its next reader may be about to open it.
 */
export function awaitBrokenPipe(fd: number, onLeft: (error: unknown) => void): () => void {
  if (!isUnnamed(fd)) return () => {};
  const own = privatePipe(fd, 'write');
  if (own === undefined) return () => {};
  // A stream has its handle from here on; that its address is never found keeps it from using it.
  const stream = new Socket().connect({ host: 'nowhere', port: 1, lookup: () => {} });
  stream.on('error', () => onLeft(brokenPipe())); // the read's own is that it may not read
  const { _handle: handle } = stream as unknown as { readonly _handle: StreamHandle | null };
  const isOpen = handle?.open?.(own) === 0;
  if (!isOpen || handle?.readStart() !== 0) {
    if (!isOpen) closeSync(own);
    stream.destroy();
    return () => {};
  }
  handle.unref();
  return () => void stream.destroy();
}

/** What of it is used here is not documented, and as old as Node's own use of it. */
interface StreamHandle {
  readonly open?: (fd: number) => number;
  readonly readStart: () => number;
  readonly unref: () => void;
}

function isUnnamed(fd: number): boolean {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`).startsWith('pipe:');
  } catch {
    return false;
  }
}

/**
 * A stream socket takes a write of no bytes, or says why it takes none. A TCP peer that has closed may still read, for
 * all that we can know: there, only a reset counts.
 */
export function awaitClosedSocket(fd: number, onLeft: (error: unknown) => void): () => void {
  const timer = setInterval(() => {
    try {
      writeSync(fd, NOTHING);
    } catch (error) {
      if (codeOf(error) !== 'EAGAIN') onLeft(error);
    }
  }, LOOK).unref();
  return () => clearInterval(timer);
}

/** proc(5), /proc/net/unix: `Num RefCount Protocol Flags Type St Inode Path`. */
const UNIX_STREAM = String.raw`^\S+: \S+ \S+ \S+ 0001 \S+ +`;

/**
 * Whether a socket is of a kind that has no messages: of any other, a write of no bytes would be one. Asks the kernel's
 * tables; Node has no way that would not make the socket non-blocking.
 */
export async function isStream(fd: number): Promise<boolean> {
  const inode = String(fstatSync(fd).ino);
  if (new RegExp(`${UNIX_STREAM}${inode}(?: |$)`, 'mu').test(await tableOf('unix'))) return true;
  return queueOf(await tableOf('tcp'), inode) !== undefined || queueOf(await tableOf('tcp6'), inode) !== undefined;
}

/** Empty where the kernel has none. */
const tableOf = (name: string): Promise<string> => readFile(`/proc/self/net/${name}`, 'latin1').catch(() => '');

/** As a write would have failed. */
function brokenPipe(): Error {
  for (const [errno, [code, reason]] of getSystemErrorMap())
    if (code === 'EPIPE') return Object.assign(new Error(`EPIPE: ${reason}, write`), { code, errno, syscall: 'write' });
  throw new Error('brokenPipe: the system has no EPIPE');
}
