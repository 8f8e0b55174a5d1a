import { close, closeSync, fdatasync, fstatSync, writeSync } from 'node:fs';
import { isTorn, openAppended } from './append.ts';
import type { Now } from '../clock.ts';
import { codeOf, reasonOf } from '../fault.ts';
import { Gather } from '../input/gather.ts';
import { OutputError, type Outgoing, type OutputListener } from './output.ts';
import { isSameFile, statOf } from '../same-file.ts';

/** ms between two tries, and between two looks whether the path names another file. */
const PAUSE = 1_000;

/** A run at least this long goes out from where it lies: a copy would cost more than the call. */
const LARGE = 16 * 1024;

/** What somebody may mend. */
const NO_ROOM = new Set(['ENOSPC', 'EDQUOT']);
/** The same of a regular file: its disk may be there again, and its next file may grow again. */
const DISK_TROUBLE = new Set([...NO_ROOM, 'EIO', 'EROFS', 'EFBIG']);

const NEWLINE = Uint8Array.of(0x0a);
const NOTHING = new Uint8Array(0);

export interface WaitingFileOptions {
  /** A path, which others may rotate; or the descriptor of a file or device. */
  readonly to: string | number;
  readonly name: string;
  /** Bytes that may wait before it is `full`. */
  readonly highWater: number;
  readonly now: Now;
  /** There is no room; once for each time that there is none. */
  readonly onTrouble: (error: Error) => void;
  /** There is room again. */
  readonly onRecovery: (message: string) => void;
}

/**
 * A file or device that lines are written to for as long as there is room. If there is none, what it was given waits, and it
 * is `full` until there is: for lines that can wait where they are. It goes on to the byte where it stopped; if the path names
 * another file by then, or that file was emptied, it begins with the whole line that it was in.
 */
export class WaitingFile implements Outgoing {
  readonly #options: WaitingFileOptions;
  readonly #gather: Gather;
  #listener: OutputListener | undefined;
  /** `undefined`: it could not be made yet. */
  #fd: number | undefined;
  /** Why nothing can be written now. */
  #trouble: unknown;
  #retry: NodeJS.Timeout | undefined;
  /** What of the line in which it stopped was written, and the size of the file then. */
  #stopped: { readonly head: Uint8Array; readonly size: number } | undefined;
  #error: unknown;
  #unwritten = 0;
  delivered = 0;
  #endsLine = true;
  /** Whether what was written last ends a line. */
  #isAtStart = true;
  #lookedAt: number;
  /** What the path names now cannot be opened. */
  #isRefused = false;
  #drained: (() => void) | undefined;

  /** Throws if it cannot be opened for another reason than a full disk. */
  constructor(options: WaitingFileOptions) {
    this.#options = options;
    this.#gather = new Gather(options.highWater);
    this.#lookedAt = options.now();
    this.#open();
  }

  get name(): string {
    return this.#options.name;
  }

  get connected(): boolean {
    return this.#error === undefined;
  }

  listen(listener: OutputListener): void {
    this.#listener = listener;
  }

  /** For `fdatasync`; `undefined` if nothing was written. */
  get fd(): number | undefined {
    return this.#fd;
  }

  get waiting(): number {
    return this.#gather.length;
  }

  get full(): boolean {
    return this.#trouble !== undefined || this.waiting > this.#options.highWater;
  }

  get endsLine(): boolean {
    return this.#endsLine;
  }

  /** Why it waits, in words; `undefined`: it does not. */
  get trouble(): string | undefined {
    return this.#trouble === undefined ? undefined : reasonOf(this.#trouble);
  }

  get failure(): OutputError | undefined {
    return this.#error === undefined ? undefined : new OutputError(this.#options.name, this.#error, this.#unwritten);
  }

  write(bytes: Uint8Array, start: number, end: number): void {
    if (start >= end) return;
    this.#endsLine = bytes[end - 1] === NEWLINE[0];
    if (this.#error !== undefined) {
      this.#unwritten += end - start;
      return;
    }
    let from = start;
    if (this.#trouble === undefined) {
      const isLarge = end - start >= LARGE;
      if (isLarge || this.#gather.length + end - start > this.#options.highWater) this.#writeGathered();
      if (isLarge && !this.#isStuck) from += this.#writeNow(bytes, start, end);
      if (this.#error !== undefined) {
        this.#unwritten += end - from;
        return;
      }
    }
    if (from < end) this.#gather.append(bytes, from, end);
  }

  flush(): void {
    if (this.#isStuck) return;
    this.#writeGathered();
    const { to, now } = this.#options;
    if (typeof to !== 'string' || !this.#isAtStart || this.#isStuck || now() - this.#lookedAt < PAUSE) return;
    this.#lookedAt = now();
    if (!this.#isNamed()) this.#reopenOrSay();
  }

  /** Goes on in the file that the path names now, with the next line, and does not wait until it would look by itself. */
  reopen(): void {
    this.#lookedAt = -Infinity;
    if (this.#trouble === undefined) this.flush();
    else this.#tryAgain();
  }

  /** Waits until all is written. Throws `OutputError` if it could not be. */
  async end(): Promise<void> {
    this.flush();
    if (this.#gather.length > 0 && this.#error === undefined)
      await new Promise<void>((resolve) => {
        this.#drained = resolve;
      });
    const { failure } = this;
    if (failure !== undefined) throw failure;
  }

  get #isStuck(): boolean {
    return this.#trouble !== undefined || this.#error !== undefined;
  }

  #open(): void {
    const { to } = this.#options;
    try {
      this.#fd = typeof to === 'number' ? to : openFile(to);
      if (isTorn(this.#fd)) this.#gather.append(NEWLINE, 0, 1);
      this.#writeGathered();
    } catch (error) {
      const cause = causeOf(error);
      if (!NO_ROOM.has(codeOf(cause) ?? '')) throw error;
      this.#wait(cause, 'open');
    }
  }

  #writeGathered(): void {
    const { bytes, start, end } = this.#gather;
    if (start === end) return;
    this.#gather.take(this.#writeNow(bytes, start, end));
    if (this.#error === undefined) return;
    this.#unwritten += this.#gather.length;
    this.#gather.clear();
  }

  /** Writes as much as there is room for, and says how much that was. */
  #writeNow(bytes: Uint8Array, start: number, end: number): number {
    const fd = this.#fd!;
    let at = start;
    try {
      while (at < end) at += writeSync(fd, bytes, at, end - at);
    } catch (error) {
      const stat = fstatSync(fd);
      if (!(stat.isFile() ? DISK_TROUBLE : NO_ROOM).has(codeOf(error) ?? '')) this.#error = error;
      else {
        const newline = bytes.subarray(start, at).lastIndexOf(0x0a);
        const taken = bytes.slice(start + newline + 1, at);
        const isWhole = newline !== -1 || this.#isAtStart;
        this.#stopped = { head: isWhole ? taken : this.#afterHead(taken), size: stat.size };
        this.#wait(error, 'write');
      }
    }
    this.delivered += at - start;
    if (at > start) this.#isAtStart = bytes[at - 1] === NEWLINE[0];
    return at - start;
  }

  /** `taken` behind what was written when it last stopped. Of a line that began in an earlier run, the beginning is not known. */
  #afterHead(taken: Uint8Array): Uint8Array {
    const before = this.#stopped?.head ?? NOTHING;
    return before.length === 0 ? NOTHING : Buffer.concat([before, taken]);
  }

  #wait(error: unknown, cannot: 'open' | 'write'): void {
    const { name, onTrouble } = this.#options;
    const isNew = this.#trouble === undefined;
    this.#trouble = error;
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.#tryAgain(), PAUSE);
    if (isNew)
      onTrouble(
        new Error(`${name}: cannot ${cannot}: ${reasonOf(error)}; the input waits, and it is tried again each second`, {
          cause: error,
        }),
      );
  }

  #tryAgain(): void {
    clearTimeout(this.#retry);
    try {
      if (this.#fd === undefined) {
        this.#open();
        if (this.#fd === undefined) return;
      }
      this.#goOn(this.#fd);
    } catch (error) {
      return this.#wait(causeOf(error), 'write');
    }
    if (this.#error !== undefined) {
      this.#listener?.onFailure();
      this.#drained?.();
      return;
    }
    if (this.#gather.length > 0) return;
    this.#trouble = undefined;
    this.#stopped = undefined;
    this.#options.onRecovery(`${this.#options.name}: there is room again; nothing was lost`);
    this.#listener?.onRoom();
    this.#drained?.();
  }

  /** Writes what waits, from where it stopped, or from the start of that line in another file. */
  #goOn(fd: number): void {
    const stopped = this.#stopped;
    let isMoved = false;
    if (typeof this.#options.to === 'string' && !this.#isNamed()) {
      this.#reopen();
      isMoved = true;
    } else if (stopped !== undefined && fstatSync(fd).size < stopped.size) isMoved = true;
    if (isMoved && stopped !== undefined && stopped.head.length > 0) this.#begin(stopped.head);
    this.#writeGathered();
  }

  /** Puts `head` before all that waits. */
  #begin(head: Uint8Array): void {
    const { bytes, start, end } = this.#gather;
    const rest = bytes.slice(start, end);
    this.#gather.clear();
    this.#gather.append(head, 0, head.length);
    this.#gather.append(rest, 0, rest.length);
    this.#stopped = undefined;
    this.#isAtStart = true;
  }

  /** Whether the path names the file that is open. */
  #isNamed(): boolean {
    const { to } = this.#options;
    if (typeof to !== 'string' || this.#fd === undefined) return true;
    return isSameFile(statOf(to), statOf(this.#fd));
  }

  #reopenOrSay(): void {
    try {
      this.#reopen();
      this.#isRefused = false;
    } catch (error) {
      // The old one still takes lines.
      if (!this.#isRefused) this.#options.onTrouble(error as Error);
      this.#isRefused = true;
    }
  }

  #reopen(): void {
    const { to } = this.#options;
    if (typeof to !== 'string') return;
    const before = this.#fd;
    const next = openFile(to);
    this.#fd = next;
    if (isTorn(next)) {
      try {
        writeSync(next, NEWLINE);
      } catch (error) {
        this.#fd = before;
        closeSync(next);
        throw error;
      }
    }
    if (before !== undefined) fdatasync(before, () => close(before));
  }
}

/** What the system said, of an error that says where. */
const causeOf = (error: unknown): unknown => (error instanceof Error && error.cause !== undefined ? error.cause : error);

/** Throws also of a FIFO that nobody reads: it has taken the place of a file. */
function openFile(path: string): number {
  const fd = openAppended(path);
  if (fd === undefined) throw new Error(`${path}: nobody reads it`);
  return fd;
}
