import { closeSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import type { Archive } from '../engine/settings.ts';
import type { Now } from './clock.ts';
import { fault } from './fault.ts';

/** ms between two tries while the archive fails: each try may cost a system call that waits for a bad disk. */
const RETRY = 1_000;

const NEWLINE = Uint8Array.of(0x0a);

export interface ArchiveOptions {
  readonly path: string;
  readonly now: Now;
  /** Called once for each outage, at its beginning. */
  readonly onFailure: (error: Error) => void;
}

/**
 * A file that folded lines are appended to, whole or not at all. Created for its owner alone, opened at the first
 * line, and again after a failure, so that a disk that comes back is used.
 */
export class FileArchive implements Archive {
  readonly #path: string;
  readonly #now: Now;
  readonly #onFailure: (error: Error) => void;
  #fd: number | undefined;
  /** The file ends in a part of a line that could not be taken back: ours, or one from before. */
  #torn = false;
  #failing = false;
  #retryAt = -Infinity;

  constructor({ path, now, onFailure }: ArchiveOptions) {
    this.#path = path;
    this.#now = now;
    this.#onFailure = onFailure;
  }

  keep(bytes: Uint8Array, start: number, end: number): boolean {
    if (this.#failing && this.#now() < this.#retryAt) return false;
    try {
      this.#fd ??= this.#open();
      if (this.#torn) this.#append(this.#fd, NEWLINE, 0, 1);
      this.#torn = false;
      this.#append(this.#fd, bytes, start, end);
      this.#failing = false;
      return true;
    } catch (error) {
      this.close();
      this.#retryAt = this.#now() + RETRY;
      if (!this.#failing) this.#onFailure(fault(this.#path, 'keep folded lines', error));
      this.#failing = true;
      return false;
    }
  }

  /** A later `keep` opens it again. */
  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }

  #open(): number {
    const fd = openSync(this.#path, 'a+', 0o600);
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
