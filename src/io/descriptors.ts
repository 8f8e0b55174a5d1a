import { closeSync, openSync, readFileSync } from 'node:fs';

/** Descriptors that followed files leave to all else, if there are enough: connections of `--listen`, a checkpoint, a listing, rules. */
const RESERVE = 48;

/** Keeps descriptors back from those who could take them all, for whatever else the process has to open. */
export class DescriptorReserve {
  /** Descriptors from this number on are kept back: the system always gives the lowest that is free. */
  readonly #first: number;

  /** `most`: how many may be open at a time. `inUse`: how many are, before any file is followed. */
  constructor(most: number = limitOfOpenFiles(), inUse: number = lowestFree()) {
    const left = Math.max(0, most - inUse);
    this.#first = most - Math.min(RESERVE, Math.ceil(left / 2));
  }

  /** Throws, as the system would, if a descriptor is one of those that are kept back. */
  check(fd: number): void {
    if (fd < this.#first) return;
    throw Object.assign(new Error('EMFILE: too many open files, open'), { code: 'EMFILE', errno: -24, syscall: 'open' });
  }
}

function limitOfOpenFiles(): number {
  try {
    const [, soft] = /^Max open files\s+(\d+)/mu.exec(readFileSync('/proc/self/limits', 'latin1')) ?? [];
    return soft === undefined ? Infinity : Number(soft);
  } catch {
    return Infinity;
  }
}

function lowestFree(): number {
  try {
    const fd = openSync('/dev/null', 'r');
    closeSync(fd);
    return fd;
  } catch {
    return 0;
  }
}
