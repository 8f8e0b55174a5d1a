import { closeSync, constants, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import type { Archive } from '../../engine/settings.ts';
import type { Now } from '../clock.ts';
import { NEWLINE } from './append.ts';
import { fault } from '../fault.ts';
import { isSameFile, statOf } from '../same-file.ts';

/** ms between two tries while the archive fails: each try may cost a system call that waits for a bad disk. */
const RETRY = 1_000;

const WITHOUT_WAITING = constants.O_WRONLY | constants.O_APPEND | constants.O_NONBLOCK;

/** ms between two looks at which file the path names. */
const LOOK = 1_000;

export interface ArchiveOptions {
  readonly path: string;
  readonly now: Now;
  /** Called once for each outage, at its beginning. */
  readonly onFailure: (error: Error) => void;
  /** What it is for, as a message says that it cannot be done. */
  readonly task?: string;
}

/**
 * A file that folded lines are appended to, whole or not at all. Created for its owner alone, opened at the first
 * line, and again after a failure, so that a disk that comes back is used, or where the path names another file, or none.
 */
export class FileArchive implements Archive {
  readonly #path: string;
  readonly #now: Now;
  readonly #onFailure: (error: Error) => void;
  readonly #task: string;
  #fd: number | undefined;
  /** The file ends in a part of a line that could not be taken back: ours, or one from before. */
  #torn = false;
  #failing = false;
  #retryAt = -Infinity;
  #lookAt = -Infinity;

  constructor({ path, now, onFailure, task = 'keep folded lines' }: ArchiveOptions) {
    this.#path = path;
    this.#task = task;
    this.#now = now;
    this.#onFailure = onFailure;
  }

  keep(bytes: Uint8Array, start: number, end: number): boolean {
    const at = this.#now();
    if (this.#failing && at < this.#retryAt) return false;
    try {
      if (at >= this.#lookAt) this.#look(at);
      this.#fd ??= this.#open();
      if (this.#torn) this.#append(this.#fd, NEWLINE, 0, 1);
      this.#torn = false;
      this.#append(this.#fd, bytes, start, end);
      this.#failing = false;
      return true;
    } catch (error) {
      this.close();
      this.#retryAt = this.#now() + RETRY;
      if (!this.#failing) this.#onFailure(fault(this.#path, this.#task, error));
      this.#failing = true;
      return false;
    }
  }

  /** A later `keep` opens it again. */
  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }

  /** Lines are kept whole, so that we are at a line's start. */
  #look(at: number): void {
    this.#lookAt = at + LOOK;
    if (this.#fd !== undefined && !isSameFile(statOf(this.#path), statOf(this.#fd))) this.close();
  }

  #open(): number {
    // With `a+` we would read a FIFO ourselves, and wait when it is full.
    const isFifo = statOf(this.#path)?.isFIFO() === true;
    const fd = isFifo ? openSync(this.#path, WITHOUT_WAITING) : openSync(this.#path, 'a+', 0o600);
    const stat = fstatSync(fd);
    const last = Uint8Array.of(0);
    if (stat.isFile() && stat.size > 0) {
      readSync(fd, last, 0, 1, stat.size - 1);
      this.#torn = last[0] !== NEWLINE[0];
    }
    return fd;
  }

  #append(fd: number, bytes: Uint8Array, start: number, end: number): void {
    let at = start;
    try {
      while (at < end) at += writeSync(fd, bytes, at, end - at);
    } catch (error) {
      if (at > start) this.#takeBack(fd, at - start);
      throw error;
    }
  }

  /** Undoes the last `count` bytes: nobody else appends to an archive. Where that fails, the next line begins on one of its own. */
  #takeBack(fd: number, count: number): void {
    try {
      ftruncateSync(fd, fstatSync(fd).size - count);
    } catch {
      this.#torn = true;
    }
  }
}
