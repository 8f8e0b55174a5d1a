import { close, fdatasync } from 'node:fs';
import type { Sink } from '../engine/settings.ts';
import { appendLines, openAppended } from './append.ts';
import { kindOf } from './kinds.ts';
import type { Outgoing, OutputError, OutputListener } from './output.ts';

export interface FollowOutputOptions {
  /** A path is appended to, and created where it is not there; a descriptor is stdout's; or a peer. */
  readonly to: string | number | Outgoing;
  readonly highWater: number;
}

/**
 * Where the lines of all followed files go: stdout, a file that others rotate, or a peer. Counts what it
 * takes and what of that has arrived.
 */
export class FollowOutput implements Sink {
  readonly #options: FollowOutputOptions;
  /** Of a file or stdout. */
  #fd: number | undefined;
  #output: Outgoing;
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
    if (typeof this.#options.to !== 'string') return;
    this.#wantsReopen = true;
    this.flush();
  }

  /** Has what was written survive a loss of power, where it is a file. */
  async sync(): Promise<void> {
    const fd = this.#fd;
    if (fd === undefined || kindOf(fd) !== 'file') return;
    await new Promise<void>((resolve, reject) => {
      fdatasync(fd, (error) => (error === null || error.code === 'EINVAL' ? resolve() : reject(error)));
    });
  }

  /** Waits until all has arrived. Throws `OutputError`. */
  async end(): Promise<void> {
    await this.#output.end();
  }

  #reopenIfWritten(): void {
    if (!this.#wantsReopen || this.#output.waiting > 0) return;
    this.#wantsReopen = false;
    const before = this.#fd;
    [this.#fd, this.#output] = this.#open();
    if (this.#listener !== undefined) this.#output.listen(this.#listener);
    if (before !== undefined) fdatasync(before, () => close(before));
  }

  #open(): [fd: number | undefined, output: Outgoing] {
    const { to, highWater } = this.#options;
    if (typeof to === 'object') return [undefined, to];
    const fd = typeof to === 'string' ? openAppended(to) : to;
    return [fd, appendLines({ fd, name: typeof to === 'string' ? to : 'stdout', highWater, watchesReader: true })];
  }
}
