import { close, closeSync, fdatasync, fstatSync, openSync, readSync } from 'node:fs';
import type { Sink } from '../engine/settings.ts';
import { fault } from './fault.ts';
import { kindOf } from './kinds.ts';
import { Output, type OutputError, type OutputListener } from './output.ts';

const NEWLINE = Uint8Array.of(0x0a);

export interface FollowOutputOptions {
  /** Appended to, and created where it is not there. Undefined: `stdout`. */
  readonly path: string | undefined;
  readonly stdout: number;
  readonly highWater: number;
}

/**
 * Where the lines of all followed files go: stdout, or a file that others rotate. Counts what it
 * takes and what of that was written. An earlier process that was killed in the middle of a line
 * has left a torn one in a file; ours begin behind it.
 */
export class FollowOutput implements Sink {
  readonly #options: FollowOutputOptions;
  #fd: number;
  #output: Output;
  #listener: OutputListener | undefined;
  /** Bytes taken, of all outputs that there were. */
  taken = 0;
  #wantsReopen = false;

  /** Throws where it cannot be opened. */
  constructor(options: FollowOutputOptions) {
    this.#options = options;
    [this.#fd, this.#output] = this.#open();
  }

  listen(listener: OutputListener): void {
    this.#listener = {
      onFailure: listener.onFailure,
      onRoom: () => {
        this.#reopenIfWritten();
        listener.onRoom();
      },
    };
    this.#output.listen(this.#listener);
  }

  get written(): number {
    return this.taken - this.#output.waiting;
  }

  get waiting(): number {
    return this.#output.waiting;
  }

  get full(): boolean {
    return this.#output.full;
  }

  get failure(): OutputError | undefined {
    return this.#output.failure;
  }

  write(bytes: Uint8Array, start: number, end: number): void {
    this.taken += end - start;
    this.#output.write(bytes, start, end);
  }

  flush(): void {
    this.#output.flush();
    this.#reopenIfWritten();
  }

  /** Goes on in the file that the path names now, once all is written that was taken. Throws where that cannot be opened; then it goes on in the old one. */
  reopen(): void {
    if (this.#options.path === undefined) return;
    this.#wantsReopen = true;
    this.flush();
  }

  /** Has what was written survive a loss of power, where it is a file. */
  async sync(): Promise<void> {
    if (kindOf(this.#fd) !== 'file') return;
    await new Promise<void>((resolve, reject) => {
      fdatasync(this.#fd, (error) => (error === null || error.code === 'EINVAL' ? resolve() : reject(error)));
    });
  }

  /** Waits until all is written. Throws `OutputError`. */
  async end(): Promise<void> {
    await this.#output.end();
  }

  #reopenIfWritten(): void {
    if (!this.#wantsReopen || this.#output.waiting > 0) return;
    this.#wantsReopen = false;
    const before = this.#fd;
    [this.#fd, this.#output] = this.#open();
    if (this.#listener !== undefined) this.#output.listen(this.#listener);
    fdatasync(before, () => close(before));
  }

  #open(): [fd: number, output: Output] {
    const { path, stdout, highWater } = this.#options;
    const name = path ?? 'stdout';
    const fd = path === undefined ? stdout : openFile(path);
    const output = new Output({ fd, name, highWater });
    if (isTorn(fd)) {
      output.write(NEWLINE, 0, 1);
      output.flush();
    }
    return [fd, output];
  }
}

function openFile(path: string): number {
  try {
    return openSync(path, 'a', 0o640);
  } catch (error) {
    throw fault(path, 'open', error);
  }
}

/** Whether a file that is appended to ends in the middle of a line. It may be open for writing alone. */
function isTorn(fd: number): boolean {
  const stat = fstatSync(fd);
  if (!stat.isFile() || stat.size === 0) return false;
  let reader: number;
  try {
    reader = openSync(`/proc/self/fd/${fd}`, 'r');
  } catch {
    return false;
  }
  try {
    const last = Uint8Array.of(0);
    return readSync(reader, last, 0, 1, stat.size - 1) === 1 && last[0] !== NEWLINE[0];
  } finally {
    closeSync(reader);
  }
}
