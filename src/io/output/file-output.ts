import { close, closeSync, fdatasync, type BigIntStats } from 'node:fs';
import { isTorn, NEWLINE, openAppended, syncData } from './append.ts';
import { Gather } from '../input/gather.ts';
import { Output, type Outgoing, type OutputError, type OutputListener } from './output.ts';
import { isSameFile, statOf } from '../same-file.ts';

/** ms between two looks at what the path names. */
const LOOK = 1_000;

/** ms between two tries to open a FIFO that nobody reads. */
const RETRY = 100;

const LF = 0x0a;

export interface FileOutputOptions {
  readonly path: string;
  /** Its descriptor, where it is open already; the output closes it. */
  readonly fd?: number | undefined;
  /** Of a file that is created. */
  readonly mode?: number;
  /** Bytes that may wait before `full`. */
  readonly highWater: number;
  /** Nobody reads it yet; or the path names another file, which cannot be opened. Said once each. */
  readonly onTrouble: (message: string) => void;
}

/**
 * A file that lines are appended to, by its path. Others may rotate it without a word to us: each second we look which file the
 * path names, and where it is another one, or none, we go on there, at the beginning of a line. Of a FIFO that nobody reads yet,
 * lines wait until somebody does.
 */
export class FileOutput implements Outgoing {
  readonly #options: FileOutputOptions;
  readonly #timer: NodeJS.Timeout;
  #retry: NodeJS.Timeout | undefined;
  /** Undefined as long as nobody reads the FIFO; then lines wait in `#gather`. */
  #open: { readonly fd: number; readonly stat: BigIntStats | undefined; readonly output: Output } | undefined;
  readonly #gather: Gather;
  #gatherEndsLine = true;
  #listener: OutputListener | undefined;
  /** Nothing was written to the open file yet. */
  #isFresh = true;
  #wantsReopen = false;
  /** Bytes, of the files before the one that is open. */
  #delivered = 0;
  #hasTrouble = false;
  #opened: (() => void) | undefined;
  #isClosed = false;

  /** Throws where the file can neither be opened nor created. */
  constructor(options: FileOutputOptions) {
    this.#options = options;
    this.#gather = new Gather(options.highWater);
    const { path, mode, fd = openAppended(path, mode) } = options;
    if (fd !== undefined) this.#goOnIn(fd);
    else this.#retry = setInterval(() => this.#tryFifo(), RETRY).unref();
    this.#timer = setInterval(() => this.#look(), LOOK).unref();
  }

  get name(): string {
    return this.#options.path;
  }

  get delivered(): number {
    return this.#delivered + (this.#open?.output.delivered ?? 0);
  }

  get connected(): boolean {
    return this.#open !== undefined && this.failure === undefined;
  }

  listen(listener: OutputListener): void {
    this.#listener = {
      onFailure: listener.onFailure,
      onRoom: () => {
        this.#reopenIfWritten();
        listener.onRoom();
      },
    };
    this.#open?.output.listen(this.#listener);
  }

  get waiting(): number {
    return this.#gather.length + (this.#open?.output.waiting ?? 0);
  }

  get full(): boolean {
    return this.waiting > this.#options.highWater;
  }

  get endsLine(): boolean {
    return this.#open?.output.endsLine ?? this.#gatherEndsLine;
  }

  get failure(): OutputError | undefined {
    return this.#open?.output.failure;
  }

  /** Whether it is a FIFO that nobody has opened to read. */
  get lacksReader(): boolean {
    return this.#open === undefined;
  }

  write(bytes: Uint8Array, start: number, end: number): void {
    if (start >= end) return;
    let from = start;
    if (this.#wantsReopen) {
      if (!this.endsLine) {
        const newline = bytes.subarray(start, end).indexOf(LF);
        from = newline === -1 ? end : start + newline + 1;
        this.#pass(bytes, start, from);
      }
      this.#reopenIfWritten();
    }
    if (from < end) this.#pass(bytes, from, end);
  }

  flush(): void {
    this.#open?.output.flush();
    this.#reopenIfWritten();
  }

  /** Goes on in the file that the path names now, also if it is the same one, once all is written that was taken. */
  reopen(): void {
    this.#wantsReopen = this.#open !== undefined;
    this.flush();
  }

  /** Has what was written survive a loss of power. */
  async sync(): Promise<void> {
    const { fd, stat } = this.#open ?? {};
    if (fd === undefined || this.#isClosed || stat?.isFile() !== true) return;
    await syncData(fd);
  }

  /** May be called again. */
  async end(): Promise<void> {
    if (this.#open === undefined && this.#gather.length > 0) {
      this.#retry?.ref();
      await new Promise<void>((resolve) => (this.#opened = resolve));
    }
    clearInterval(this.#timer);
    clearInterval(this.#retry);
    if (this.#open === undefined) return;
    const { output } = this.#open;
    const written = output.end();
    // At once where nothing waits: on a full disk, a file that was deleted holds its room until it is closed.
    if (output.waiting === 0) this.#close();
    try {
      await written;
    } finally {
      this.#close();
    }
  }

  #close(): void {
    if (!this.#isClosed) closeSync(this.#open!.fd);
    this.#isClosed = true;
  }

  #pass(bytes: Uint8Array, start: number, end: number): void {
    if (this.#open === undefined) {
      this.#gatherEndsLine = bytes[end - 1] === LF;
      this.#gather.append(bytes, start, end);
      return;
    }
    if (this.#isFresh) {
      this.#isFresh = false;
      if (isTorn(this.#open.fd)) this.#open.output.write(NEWLINE, 0, 1);
    }
    this.#open.output.write(bytes, start, end);
  }

  #goOnIn(fd: number): void {
    const { path, highWater } = this.#options;
    const output = new Output({ fd, name: path, highWater, watchesReader: true });
    this.#delivered += this.#open?.output.delivered ?? 0;
    this.#open = { fd, stat: statOf(fd), output };
    this.#isFresh = true;
    this.#hasTrouble = false;
    if (this.#listener !== undefined) output.listen(this.#listener);
  }

  #look(): void {
    // A failed one is for whoever opens the path anew.
    if (this.#open === undefined || this.failure !== undefined) return;
    if (isSameFile(statOf(this.#options.path), this.#open.stat)) return;
    this.#wantsReopen = true;
    this.#reopenIfWritten();
  }

  #reopenIfWritten(): void {
    if (!this.#wantsReopen || this.#open === undefined) return;
    const { fd: before, output } = this.#open;
    if (!output.endsLine) return;
    output.flush();
    if (output.waiting > 0 || output.failure !== undefined) return;
    this.#wantsReopen = false;
    try {
      const { path, mode } = this.#options;
      const fd = openAppended(path, mode);
      if (fd === undefined)
        return this.#sayTrouble(`${path}: nobody reads it yet; lines go on to the file that was there before`);
      this.#goOnIn(fd);
    } catch (error) {
      return this.#sayTrouble(`${(error as Error).message}; lines go on to the file that was there before`);
    }
    void output.end().catch(() => {});
    fdatasync(before, () => close(before));
  }

  #tryFifo(): void {
    const { path, mode, onTrouble } = this.#options;
    let fd: number | undefined;
    try {
      fd = openAppended(path, mode);
    } catch (error) {
      return this.#sayTrouble((error as Error).message);
    }
    if (fd === undefined) {
      if (!this.#hasTrouble) onTrouble(`${path}: nobody reads it yet; it is tried again, and lines wait`);
      this.#hasTrouble = true;
      return;
    }
    clearInterval(this.#retry);
    const wasFull = this.full;
    this.#goOnIn(fd);
    const { bytes, start, end } = this.#gather;
    this.#gather.clear();
    if (start < end) this.#pass(bytes, start, end);
    this.flush();
    this.#opened?.();
    if (this.failure !== undefined) this.#listener?.onFailure();
    else if (wasFull && !this.full) this.#listener?.onRoom();
  }

  #sayTrouble(message: string): void {
    if (!this.#hasTrouble) this.#options.onTrouble(message);
    this.#hasTrouble = true;
  }
}
