import { closeSync, constants, fstatSync, openSync, readSync, statSync, type BigIntStats } from 'node:fs';
import { createHash } from 'node:crypto';
import { codeOf } from './fault.ts';

/** First bytes by which a file is known. */
const HEAD = 1024;
/** Last bytes before the offset, by which it is known that what comes is what follows them. */
const TAIL = 64;

const NOTHING = Buffer.alloc(0);

/** Where we stand in a file, and how the file is known again after a restart. */
export interface Place {
  readonly id: string;
  /** How many of its first bytes were hashed, and their SHA-256. */
  readonly head: { readonly length: number; readonly sha256: string };
  /** Bytes that are done with. */
  readonly offset: number;
  /** The bytes before `offset`, 64 at most, as base64. */
  readonly tail: string;
  /** Bytes that it was last seen to have. */
  readonly size: number;
}

/** What a look at a file tells. */
export interface Look {
  readonly id: string;
  readonly size: number;
  /** ns since 1970. */
  readonly changed: bigint;
  /** Names that it has; without one it is deleted. */
  readonly links: number;
  /** When it was made, ms since 1970; 0 where the file system does not say. */
  readonly made: number;
}

/** What there was to read. */
export type Read =
  /** `[start, end)` of the buffer follows what was taken before; it may be empty. `full`: there may be more. */
  | { readonly kind: 'bytes'; readonly start: number; readonly end: number; readonly full: boolean }
  /** What we stood in is gone: the file was truncated, and perhaps written anew. */
  | { readonly kind: 'replaced' };

const REPLACED: Read = { kind: 'replaced' };

/**
 * A file that is read as it grows, by offset. Each read proves by the bytes before it and by
 * the first bytes of the file, looked at after it, that it read what follows: a file that is truncated and
 * written anew, however fast and however long, is never taken for one that grew.
 */
export class FollowedFile {
  readonly #fd: number;
  readonly id: string;
  offset = 0;
  /** Taken or not, what there is before `offset`. */
  #tail: Buffer = NOTHING;
  #head: Buffer = NOTHING;
  #hash: Place['head'] | undefined;
  /** When it was made, ms since 1970; 0 where the file system does not say. */
  made = 0;
  /** Size and mtime as of the last `look`. */
  size = 0;
  changed = 0n;
  /** When it last grew, ms since 1970: told by who follows it. */
  grewAt = 0;

  constructor(fd: number, id: string) {
    this.#fd = fd;
    this.id = id;
  }

  /** Whether its first bytes are known, without which nothing is taken from it. */
  get isKnown(): boolean {
    return this.#head.length > 0;
  }

  /** The bytes of the tail, with which each read begins. */
  get overlap(): number {
    return this.#tail.length;
  }

  look(): Look {
    const seen = lookOf(fstatSync(this.#fd, { bigint: true }));
    this.size = seen.size;
    this.changed = seen.changed;
    this.made = seen.made;
    return seen;
  }

  /** Reads on, behind `overlap` bytes of what is known. Takes nothing yet. Throws where the system cannot read. */
  read(buffer: Buffer): Read {
    const start = this.#tail.length;
    const length = readSync(this.#fd, buffer, 0, buffer.length, this.offset - start);
    if (length < start || buffer.compare(this.#tail, 0, start, 0, start) !== 0) return REPLACED;
    if (length === start) return { kind: 'bytes', start, end: start, full: false };
    if (this.offset === start && this.#head.length < HEAD) this.#learn(buffer.subarray(0, Math.min(length, HEAD)));
    if (!this.headStands()) return REPLACED;
    return { kind: 'bytes', start, end: length, full: length === buffer.length };
  }

  /** Takes what was read up to `end`. */
  take(buffer: Buffer, start: number, end: number): void {
    this.offset += end - start;
    this.#tail = Buffer.from(buffer.subarray(Math.max(0, end - TAIL), end));
  }

  /** Learns its first bytes, if there are any. */
  meet(): void {
    const head = this.#readHead();
    if (head.length > 0) this.#learn(head);
  }

  /** Whether it begins as it did. A longer head is learned only with the bytes that prove it. */
  headStands(): boolean {
    return startsWith(this.#readHead(), this.#head);
  }

  /** Whether `other`, which is known, may be a copy of a part of this file: it begins alike, and was not made before it. */
  mayHaveCopy(other: FollowedFile): boolean {
    return other.made >= this.made && startsWith(this.#readHead(), other.#head);
  }

  /** Whether it begins as `other` began, which may be gone: it is a copy of a part of it. */
  isPartOf(other: FollowedFile): boolean {
    const head = this.#readHead();
    return head.length > 0 && startsWith(other.#head, head);
  }

  /** The same file, of which nothing is known: it was written anew. */
  anew(): FollowedFile {
    return new FollowedFile(this.#fd, this.id);
  }

  /** Goes on where `other` stood, if what `other` had read stands here too: this is a copy of it, or the file itself. */
  goOnFrom(other: FollowedFile): boolean {
    if (this.made < other.made || !startsWith(this.#readHead(), other.#head) || !this.#hasBefore(other.offset, other.#tail))
      return false;
    this.#learn(other.#head);
    this.#stand(other.offset, other.#tail);
    return true;
  }

  /** As `goOnFrom`, for a place from before a restart. */
  goOnAt({ head, offset, tail }: Place): boolean {
    const begins = this.#readHead().subarray(0, head.length);
    const before = Buffer.from(tail, 'base64');
    if (begins.length < head.length || sha256(begins) !== head.sha256 || !this.#hasBefore(offset, before)) return false;
    this.#learn(begins);
    this.#stand(offset, before);
    return true;
  }

  /** Goes to behind its last newline: what stands before is not ours to write. Gives the end of it, in `buffer`. */
  goToEnd(buffer: Buffer): Buffer {
    const { size } = this.look();
    this.meet();
    const from = Math.max(0, size - buffer.length);
    const length = readSync(this.#fd, buffer, 0, buffer.length, from);
    const end = buffer.subarray(0, length).lastIndexOf(0x0a) + 1;
    this.#stand(from + end, Buffer.from(buffer.subarray(Math.max(0, end - TAIL), end)));
    return buffer.subarray(0, end);
  }

  /** Where it stands, or stood when it was at an earlier `offset`. */
  placeAt(offset: number): Place {
    this.#hash ??= { length: this.#head.length, sha256: sha256(this.#head) };
    const tail = offset === this.offset ? this.#tail : this.#tailAt(offset);
    return { id: this.id, head: this.#hash, offset, tail: tail.toString('base64'), size: Math.max(this.size, this.offset) };
  }

  /** The bytes before `offset`, read again; none where they are gone. */
  #tailAt(offset: number): Buffer {
    const tail = Buffer.alloc(Math.min(TAIL, offset));
    const length = readSync(this.#fd, tail, 0, tail.length, offset - tail.length);
    return length === tail.length && this.headStands() ? tail : NOTHING;
  }

  /** Whether a newline stands at or after `from`; `undefined` where `buffer` was too small to tell. */
  hasNewline(buffer: Buffer, from: number): boolean | undefined {
    const length = readSync(this.#fd, buffer, 0, buffer.length, from);
    if (buffer.subarray(0, length).includes(0x0a)) return true;
    return length === buffer.length ? undefined : false;
  }

  close(): void {
    closeSync(this.#fd);
  }

  #stand(offset: number, tail: Buffer): void {
    this.offset = offset;
    this.#tail = tail;
  }

  #learn(head: Buffer): void {
    this.#head = Buffer.from(head);
    this.#hash = undefined;
  }

  #readHead(): Buffer {
    const head = Buffer.allocUnsafe(HEAD);
    return head.subarray(0, readSync(this.#fd, head, 0, HEAD, 0));
  }

  #hasBefore(offset: number, tail: Buffer): boolean {
    const before = Buffer.alloc(tail.length);
    const length = readSync(this.#fd, before, 0, before.length, offset - before.length);
    return length === tail.length && before.equals(tail) && this.look().size >= offset;
  }
}

/** Opens a regular file; `undefined` where there is none. Throws what else the system says. */
export function openFollowed(path: string): FollowedFile | undefined {
  let fd: number;
  try {
    // Of a FIFO that was put in its place, the opening must not wait.
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    if (isAbsence(error)) return undefined;
    throw error;
  }
  const stat = fstatSync(fd, { bigint: true });
  if (!stat.isFile()) {
    closeSync(fd);
    return undefined;
  }
  const file = new FollowedFile(fd, idOf(stat));
  file.look();
  return file;
}

/** A look at what stands at a path; `undefined` where that is no regular file. */
export function lookAt(path: string): Look | undefined {
  try {
    const stat = statSync(path, { bigint: true });
    return stat.isFile() ? lookOf(stat) : undefined;
  } catch (error) {
    if (isAbsence(error)) return undefined;
    throw error;
  }
}

const isAbsence = (error: unknown): boolean => ['ENOENT', 'ENOTDIR', 'ELOOP', 'ENXIO', 'ESTALE'].includes(codeOf(error) ?? '');

const lookOf = (stat: BigIntStats): Look => ({
  id: idOf(stat),
  size: Number(stat.size),
  changed: stat.mtimeNs,
  links: Number(stat.nlink),
  made: Number(birthOf(stat) / 1_000_000n),
});

/** Device, inode, and when it was made: an inode's number is given anew as soon as its file is deleted. */
const idOf = (stat: BigIntStats): string => `${stat.dev}:${stat.ino}:${birthOf(stat)}`;

/** ns since 1970; 0 where nobody says. */
const birthOf = ({ birthtimeNs }: BigIntStats): bigint => (saysBirth() ? birthtimeNs : 0n);

let toldBirth: boolean | undefined;

/**
 * Whether Node can tell when files were made. Where a sandbox or an old kernel has no `statx`, it gives the time of
 * the last change in its place, which changes with each write. procfs knows no such time: any that it seems to have is made up.
 */
function saysBirth(): boolean {
  if (toldBirth !== undefined) return toldBirth;
  try {
    toldBirth = statSync('/proc/self/stat', { bigint: true }).birthtimeNs === 0n;
  } catch {
    toldBirth = true;
  }
  return toldBirth;
}

const startsWith = (bytes: Buffer, head: Buffer): boolean =>
  bytes.length >= head.length && bytes.compare(head, 0, head.length, 0, head.length) === 0;

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
