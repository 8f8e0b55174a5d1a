import { closeSync, fdatasync, openSync, constants, statSync } from 'node:fs';
import type { Sink } from '../../engine/settings.ts';
import { appendLines } from '../output/append.ts';
import type { Now } from '../clock.ts';
import { fault } from '../fault.ts';
import { FileOutput } from '../output/file-output.ts';
import { kindOf } from '../input/kinds.ts';
import type { Outgoing, OutputError, OutputListener } from '../output/output.ts';
import { WaitingFile } from '../output/waiting-file.ts';

export interface FollowOutputOptions {
  /** A path is appended to, and created if it is not there; a descriptor is stdout's; or a peer. */
  readonly to: string | number | Outgoing;
  readonly highWater: number;
  readonly now: Now;
  /** There is no room, or the path cannot be opened anew. It is tried again. */
  readonly onTrouble: (error: Error) => void;
  /** Lines wait for the reader of a FIFO, or go on to the file that was there before. */
  readonly onNote: (message: string) => void;
  readonly onRecovery: (message: string) => void;
}

/**
 * Where the lines of all followed files go: stdout, a file that others rotate, or a peer. Counts what it
 * takes and what of that has arrived.
 */
export class FollowOutput implements Sink {
  readonly #options: FollowOutputOptions;
  /** Of stdout, and of a path that names neither a file nor a device. */
  readonly #fd: number | undefined;
  readonly #output: Outgoing;
  /** Bytes taken, of all outputs that there were. */
  taken = 0;

  /** Throws where it cannot be opened. */
  constructor(options: FollowOutputOptions) {
    this.#options = options;
    [this.#fd, this.#output] = this.#open();
  }

  get name(): string {
    return this.#output.name;
  }

  listen(listener: OutputListener): void {
    this.#output.listen(listener);
  }

  get written(): number {
    return this.taken - this.#output.waiting;
  }

  get waiting(): number {
    return this.#output.waiting;
  }

  get delivered(): number {
    return this.written;
  }

  get connected(): boolean {
    return this.#output.connected;
  }

  get full(): boolean {
    return this.#output.full;
  }

  get failure(): OutputError | undefined {
    return this.#output.failure;
  }

  /** Why nothing can be written for now, in words; `undefined`: it can. */
  get trouble(): string | undefined {
    return this.#output instanceof WaitingFile ? this.#output.trouble : undefined;
  }

  write(bytes: Uint8Array, start: number, end: number): void {
    this.taken += end - start;
    this.#output.write(bytes, start, end);
  }

  flush(): void {
    this.#output.flush();
  }

  /** Goes on in the file that the path names now, once all is written that was taken. If that cannot be opened, it goes on in the old one. */
  reopen(): void {
    if (this.#output instanceof WaitingFile || this.#output instanceof FileOutput) this.#output.reopen();
  }

  /** Has what was written survive a loss of power, where it is a file. */
  async sync(): Promise<void> {
    const fd = this.#output instanceof WaitingFile ? this.#output.fd : this.#fd;
    if (fd === undefined || kindOf(fd) !== 'file') return;
    await new Promise<void>((resolve, reject) => {
      fdatasync(fd, (error) => (error === null || error.code === 'EINVAL' ? resolve() : reject(error)));
    });
  }

  /** Waits until all has arrived. Throws `OutputError`. */
  async end(): Promise<void> {
    await this.#output.end();
  }

  #open(): [fd: number | undefined, output: Outgoing] {
    const { to, highWater, onNote } = this.#options;
    if (typeof to === 'object') return [undefined, to];
    const name = typeof to === 'string' ? to : 'stdout';
    if (takesAtOnce(to)) return [undefined, new WaitingFile({ ...this.#options, to, name })];
    // A FIFO need not have a reader yet.
    if (typeof to === 'string') return [undefined, new FileOutput({ path: to, highWater, onTrouble: onNote })];
    return [to, appendLines({ fd: to, name, highWater, watchesReader: true })];
  }
}

/** Whether it is, or will be, a file or a device: those are full for a while. A pipe has a reader. Throws. */
function takesAtOnce(to: string | number): boolean {
  if (typeof to === 'number') return ['file', 'device'].includes(kindOf(to));
  try {
    const stat = statSync(to, { throwIfNoEntry: false });
    if (stat === undefined || !stat.isCharacterDevice()) return stat === undefined || stat.isFile() || stat.isDirectory();
    const fd = openSync(to, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
    try {
      return kindOf(fd) === 'device';
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    throw fault(to, 'open', error);
  }
}
