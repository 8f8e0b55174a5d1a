import { spawn } from 'node:child_process';
import { closeSync, constants, fstatSync, openSync, readSync, statSync } from 'node:fs';

/** Two descriptors of one pipe. The reading one is non-blocking. */
export interface Pipe {
  readonly read: number;
  readonly write: number;
}

/** A shell that makes pipes, while we do something else. */
export interface PipeMaker {
  /**
   * The pipes. Undefined where there is no shell or no /proc, or the shell uses files instead. Waits, for a millisecond
   * at most where the shell had one already.
   */
  readonly take: () => readonly [Pipe, Pipe] | undefined;
  /** They are not needed. */
  readonly stop: () => void;
}

/** ms. A shell needs about one; where it takes longer than this, something is wrong with it. */
const PATIENCE = 500;
const NAP = 0.1;

/** A shell keeps a short text for a command in a pipe. High numbers: the low ones are in its hands while it makes them. */
const HOLDER = 'exec 8<<_ 9<<_ && exec sleep 9\n\n_\n\n_\n';
const HELD = [8, 9] as const;

/**
 * Begins to make two pipes. Node makes none: what it calls one is a socket, and a program that opens /dev/stdout or
 * /dev/stderr, as many daemons do that log there, is refused a socket (ENXIO). So a shell makes them, and we open them
 * through /proc.
 */
export function makePipes(): PipeMaker {
  const holder = spawn('/bin/sh', ['-c', HOLDER], { stdio: 'ignore', env: {} });
  holder.on('error', () => {}); // then it has no pid
  holder.unref();
  const { pid } = holder;
  // It has reading ends too, and nobody may outlive ours. One that was not started has the id 0, and a signal to that is one to us all.
  const stop = (): void => void (pid !== undefined && holder.kill('SIGKILL'));
  return {
    stop,
    take: () => {
      try {
        return pid === undefined ? undefined : openPipes(pid);
      } finally {
        stop();
      }
    },
  };
}

function openPipes(holder: number): readonly [Pipe, Pipe] | undefined {
  const opened: number[] = [];
  const open = (held: number, flags: number): number => {
    const fd = openSync(`/proc/${holder}/fd/${held}`, flags);
    opened.push(fd);
    return fd;
  };
  const openPipe = (held: number): Pipe => {
    const read = open(held, constants.O_RDONLY | constants.O_NONBLOCK);
    if (!fstatSync(read).isFIFO()) throw new Error('makePipes: the shell uses files');
    readSync(read, Buffer.alloc(16)); // the shell's text
    return { read, write: open(held, constants.O_WRONLY) };
  };
  try {
    awaitFile(`/proc/${holder}/fd/${HELD[1]}`);
    return [openPipe(HELD[0]), openPipe(HELD[1])];
  } catch {
    for (const fd of opened) closeSync(fd);
    return undefined;
  }
}

/** Blocks: to wait by the event loop takes longer. Throws where the file does not appear. */
function awaitFile(path: string): void {
  let nap: Int32Array | undefined;
  for (let left = PATIENCE / NAP; statSync(path, { throwIfNoEntry: false }) === undefined; left -= 1) {
    if (left <= 0) throw new Error('makePipes: the shell does not answer');
    nap ??= new Int32Array(new SharedArrayBuffer(4));
    Atomics.wait(nap, 0, 0, NAP);
  }
}
