import type { BigIntStats } from 'node:fs';
import { basename } from 'node:path';

/** What a read may see of one instant: the system hands out pages, and a file may be truncated between two of them. */
const PAGE = 1024;

interface Inode {
  number: bigint;
  made: bigint;
  bytes: Buffer;
  changed: bigint;
  /** When something of it last changed, its names too. */
  touched: bigint;
  links: bigint;
}

/**
 * One folder, in memory, of which others may change a file before each call into it and between the pages of a read: as
 * `node:fs`, as far as files are followed. Each change has a time of its own.
 */
export class SharedDisk {
  readonly #named = new Map<string, Inode>();
  readonly #opened = new Map<number, Inode>();
  #ticks = 1n;
  #fds = 100;
  /** What others do meanwhile. It may throw, where that is to end who calls. */
  meanwhile: () => void = () => {};

  // what others do

  create(name: string): void {
    const at = this.#tick();
    this.#named.set(name, { number: at, made: at, bytes: Buffer.alloc(0), changed: at, touched: at, links: 1n });
  }

  /** To the file that has this name, or had it. */
  append(to: string | number, text: string): void {
    const inode = this.#inode(to);
    inode.bytes = Buffer.concat([inode.bytes, Buffer.from(text)]);
    inode.changed = inode.touched = this.#tick();
  }

  copyPiece(from: string, to: string, bytes: number): boolean {
    const [source, target] = [this.#inode(from), this.#inode(to)];
    const at = target.bytes.length;
    this.append(to, source.bytes.subarray(at, at + bytes).toString());
    return target.bytes.length === source.bytes.length;
  }

  truncate(name: string): void {
    const inode = this.#inode(name);
    inode.bytes = Buffer.alloc(0);
    inode.changed = inode.touched = this.#tick();
  }

  rename(from: string, to: string): void {
    const inode = this.#inode(from);
    if (this.#named.has(to)) this.remove(to);
    this.#named.set(to, inode);
    this.#named.delete(from);
    inode.touched = this.#tick();
  }

  remove(name: string): void {
    const inode = this.#inode(name);
    inode.links -= 1n;
    inode.touched = this.#tick();
    this.#named.delete(name);
  }

  /** As overlayfs does before the first write: the file, open or not, has another number and birth from now on. */
  copyUp(name: string): void {
    const inode = this.#inode(name);
    inode.number = inode.made = this.#tick();
  }

  /** Lets time pass. The time then, ms. */
  pass(millis: number): number {
    this.#ticks += BigInt(millis) * 1_000_000n;
    return Number(this.#ticks / 1_000_000n);
  }

  /** A descriptor for who writes. */
  hold(name: string): number {
    this.#opened.set(++this.#fds, this.#inode(name));
    return this.#fds;
  }

  // what is asked of node:fs

  readonly openSync = (path: string): number => {
    this.meanwhile();
    this.#opened.set(++this.#fds, this.#at(path));
    return this.#fds;
  };

  readonly closeSync = (fd: number): void => {
    if (!this.#opened.delete(fd)) throw new Error(`EBADF: ${fd}`);
  };

  readonly readSync = (fd: number, buffer: Buffer, offset: number, length: number, position: number): number => {
    let read = 0;
    while (read < length) {
      this.meanwhile();
      const { bytes } = this.#inode(fd);
      const from = position + read;
      const most = Math.min(length - read, PAGE - (from % PAGE));
      const got = from < bytes.length ? bytes.copy(buffer, offset + read, from, from + most) : 0;
      read += got;
      if (got < most) break;
    }
    return read;
  };

  readonly readvSync = (fd: number, buffers: readonly Buffer[], position: number): number => {
    const all = Buffer.alloc(buffers.reduce((sum, { length }) => sum + length, 0));
    const read = this.readSync(fd, all, 0, all.length, position);
    let at = 0;
    for (const buffer of buffers) at += all.copy(buffer, 0, at, read);
    return read;
  };

  readonly fstatSync = (fd: number): BigIntStats => {
    this.meanwhile();
    return statOf(this.#inode(fd));
  };

  readonly statSync = (path: string): BigIntStats => {
    if (path === '/proc/self/stat') return { birthtimeNs: 0n } as BigIntStats;
    this.meanwhile();
    return statOf(this.#at(path));
  };

  readonly realpathSync = (path: string): string => {
    this.meanwhile();
    this.#at(path);
    return path;
  };

  readonly readdirSync = (): string[] => {
    this.meanwhile();
    return [...this.#named.keys()];
  };

  #at(path: string): Inode {
    const inode = this.#named.get(basename(path));
    if (inode === undefined) throw Object.assign(new Error(`ENOENT: ${path}`), { code: 'ENOENT', syscall: 'open' });
    return inode;
  }

  #inode(of: string | number): Inode {
    return (typeof of === 'string' ? this.#named.get(of) : this.#opened.get(of))!;
  }

  #tick(): bigint {
    this.#ticks += 1_000_000n;
    return this.#ticks;
  }
}

const statOf = ({ number, made, bytes, changed, touched, links }: Inode): BigIntStats =>
  ({
    dev: 1n,
    ino: number,
    birthtimeNs: made,
    size: BigInt(bytes.length),
    mtimeNs: changed,
    ctimeNs: touched,
    nlink: links,
    isFile: () => true,
  }) as BigIntStats;
