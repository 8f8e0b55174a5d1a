import { closeSync, constants, fstatSync, openSync, readSync, readvSync, statSync, type BigIntStats } from 'node:fs';
import { createHash } from 'node:crypto';
import { codeOf } from '../fault.ts';

/** First bytes by which a file is known. */
const HEAD = 1024;
/** Last bytes before the offset, by which it is known that what comes is what follows them. */
const TAIL = 64;
/** Last bytes of two files that are compared to tell whether one is a copy of the other. */
const COMPARED = 4096;
/** Earlier tails that are remembered, at most: a copy may lack the last that was read, which was written while it was made. */
const MOST_MARKS = 512;

const NOTHING = Buffer.alloc(0);
/** Where known bytes are read again. */
const known = Buffer.alloc(TAIL);

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
  /** The same in ns. */
  readonly madeNs: bigint;
  /** When its inode last changed, ns since 1970: also by a rename, or by the removal of a name. */
  readonly touched: bigint;
}

/** What there was to read. */
export type Read =
  /** The first `length` bytes of the buffer follow what was taken before; there may be none. `full`: there may be more. */
  | { readonly kind: 'bytes'; readonly length: number; readonly full: boolean }
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
  /** Where it was opened. */
  readonly path: string;
  /** Changes only when overlayfs copies the file up before its first write: then it is the same file under another id. */
  id: string;
  offset = 0;
  /** Taken or not, what there is before `offset`. */
  #tail: Buffer = NOTHING;
  /** Earlier tails, the first one first, by where they end. */
  #marks: { readonly offset: number; readonly tail: Buffer }[] = [];
  #head: Buffer = NOTHING;
  #hash: Place['head'] | undefined;
  /** When it was made, ms since 1970; 0 where the file system does not say. */
  made = 0;
  /** As of the last `look` that found it as it was: not that of what was written anew. */
  size = 0;
  /** mtime as of the last `look`. */
  changed = 0n;
  /** Names that it has, as of the last `look`. */
  links = 1;
  /** Bytes that it had when who follows it last looked whether it grows. */
  grewTo = 0;
  /** When it last grew, ms since 1970: told by who follows it. */
  grewAt = 0;

  constructor(fd: number, id: string, path: string) {
    this.#fd = fd;
    this.id = id;
    this.path = path;
  }

  /** Whether its first bytes are known, without which nothing is taken from it. */
  get isKnown(): boolean {
    return this.#head.length > 0;
  }

  /** Whether what was taken of it is so little that another file may begin with the same. */
  get isYoung(): boolean {
    return this.offset < HEAD;
  }

  /** Bytes that stand there and were not taken, as of now; a look that changes nothing. */
  get unread(): number {
    return Math.max(0, fstatSync(this.#fd).size - this.offset);
  }

  /** Whether something was written to it since the last `look`. */
  hasChanged(): boolean {
    const { size, changed } = this;
    const seen = this.look();
    return seen.size !== size || seen.changed !== changed;
  }

  look(): Look {
    const seen = lookOf(fstatSync(this.#fd, { bigint: true }));
    if (seen.size !== this.size && this.headStands()) this.size = seen.size;
    this.changed = seen.changed;
    this.made = seen.made;
    this.links = seen.links;
    return seen;
  }

  /** Reads on into the buffer, and some of what is known again in the same call. Takes nothing yet. Throws where the system cannot read. */
  read(buffer: Buffer): Read {
    const tail = known.subarray(0, this.#tail.length);
    const read = readvSync(this.#fd, tail.length === 0 ? [buffer] : [tail, buffer], this.offset - tail.length);
    const length = read - tail.length;
    if (length < 0 || !tail.equals(this.#tail)) return REPLACED;
    if (length === 0) return { kind: 'bytes', length, full: false };
    // Of a file of which nothing was taken, no tail shows that it is the same.
    if (this.offset === tail.length && !areAlike(behind(tail, buffer.subarray(0, Math.min(length, HEAD))), this.#head))
      return REPLACED;
    if (!this.headStands()) return REPLACED;
    return { kind: 'bytes', length, full: length === buffer.length };
  }

  /** Takes the first `length` bytes of what was read. */
  take(buffer: Buffer, length: number): void {
    const taken = buffer.subarray(0, length);
    const head = this.#head.length;
    if (head < HEAD && head >= this.offset && head < this.offset + length)
      this.#learn(behind(this.#head.subarray(0, this.offset), taken).subarray(0, HEAD));
    this.offset += length;
    this.#tail = length < TAIL ? behind(this.#tail, taken).subarray(-TAIL) : Buffer.from(taken.subarray(-TAIL));
    this.#marks.push({ offset: this.offset, tail: this.#tail });
    if (this.#marks.length > MOST_MARKS) this.#marks = this.#marks.filter((_, i) => i % 2 === 1);
  }

  /** Learns its first bytes, if there are any. */
  meet(): void {
    const head = this.#at(0, HEAD);
    if (head.length === 0) return;
    this.#learn(head);
    this.size = 0;
    this.look();
  }

  /** Whether what was taken of it still stands where it stood: at its beginning, and before the offset. */
  stands(): boolean {
    return this.headStands() && this.#stands(this.offset, this.#tail);
  }

  /** Whether it begins as it did. */
  headStands(): boolean {
    return startsWith(this.#at(0, HEAD), this.#head);
  }

  /** Whether `other` may be a copy of a part of this file: it says the same, and was not made before it. */
  mayHaveCopy(other: FollowedFile): boolean {
    return other.made >= this.made && other.isPartOf(this);
  }

  /** Whether `other` begins with all that stands here: as far as its beginning and its end tell. */
  isPartOf(other: FollowedFile): boolean {
    const { size } = this.look();
    const isAlike = (start: number, end: number): boolean => this.#at(start, end).equals(other.#at(start, end));
    return size > 0 && isAlike(0, Math.min(HEAD, size)) && isAlike(Math.max(0, size - COMPARED), size);
  }

  /**
   * Whether this file, which a path names now, was written beside `other` and put in its place, with all that stood there:
   * as rsync does. A file that was made after the other one had been deleted is a new one, even if it begins alike.
   */
  replaces(other: FollowedFile): boolean {
    const { links, touched } = other.look();
    const { madeNs } = this.look();
    const isOlder = madeNs === 0n ? other.size >= HEAD : madeNs < touched;
    return links === 0 && isOlder && other.isPartOf(this) && this.goOnFrom(other);
  }

  /** The same file, of which nothing is known: it was written anew. */
  anew(): FollowedFile {
    return new FollowedFile(this.#fd, this.id, this.path);
  }

  /**
   * Goes on where `other` stood before it was written anew, if this is a copy of what it was. Where that was made before the
   * last of what `other` had read was written, it is gone on with at its end.
   */
  goOnFrom(other: FollowedFile): boolean {
    const head = this.#at(0, HEAD);
    if (this.made < other.made || head.length === 0 || !areAlike(head, other.#head)) return false;
    const { size } = this.look();
    if (size >= other.offset) return this.#goOn(head, other.offset, other.#tail);
    const mark = other.#marks.findLast(({ offset }) => offset <= size);
    if (mark !== undefined && !this.#stands(mark.offset, mark.tail)) return false;
    return this.#goOn(head, size, this.#at(Math.max(0, size - TAIL), size));
  }

  /** As `goOnFrom`, for a place from before a restart. */
  goOnAt({ head, offset, tail }: Place): boolean {
    const begins = this.#at(0, head.length);
    return (
      begins.length === head.length && sha256(begins) === head.sha256 && this.#goOn(begins, offset, Buffer.from(tail, 'base64'))
    );
  }

  /** Goes to behind the last newline of its first `most` bytes: what stands before is not ours to write. Gives the end of it, in `buffer`. */
  goToEnd(buffer: Buffer, most: number): Buffer {
    const size = Math.min(most, this.look().size);
    this.meet();
    const from = Math.max(0, size - buffer.length);
    const length = readSync(this.#fd, buffer, 0, size - from, from);
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
    const start = Math.max(0, offset - TAIL);
    const tail = this.#at(start, offset);
    return tail.length === offset - start && this.headStands() ? tail : NOTHING;
  }

  /** Whether a newline stands at or after `from`; `undefined` where `buffer` was too small to tell. */
  hasNewline(buffer: Buffer, from: number): boolean | undefined {
    const length = readSync(this.#fd, buffer, 0, buffer.length, from);
    if (buffer.subarray(0, length).includes(0x0a)) return true;
    return length === buffer.length ? undefined : false;
  }

  /** Whether a line ends behind what was taken. */
  hasLine(buffer: Buffer): boolean {
    for (let from = this.offset; ; from += buffer.length) {
      const found = this.hasNewline(buffer, from);
      if (found !== undefined) return found;
    }
  }

  close(): void {
    closeSync(this.#fd);
  }

  #goOn(head: Buffer, offset: number, tail: Buffer): boolean {
    if (!this.#stands(offset, tail) || this.look().size < offset) return false;
    this.#learn(head);
    this.#stand(offset, tail);
    return true;
  }

  #stand(offset: number, tail: Buffer): void {
    this.offset = offset;
    this.#tail = tail;
  }

  #stands(offset: number, tail: Buffer): boolean {
    return this.#at(offset - tail.length, offset).equals(tail);
  }

  #learn(head: Buffer): void {
    this.#head = Buffer.from(head);
    this.#hash = undefined;
  }

  /** What stands in `[start, end)` now, as far as it goes. */
  #at(start: number, end: number): Buffer {
    const bytes = Buffer.allocUnsafe(end - start);
    return bytes.subarray(0, readSync(this.#fd, bytes, 0, bytes.length, start));
  }
}

/** Opens a regular file, if it `mayBe` read by its descriptor; `undefined` where there is none. Throws what else the system says. */
export function openFollowed(path: string, mayBe: (fd: number) => boolean = () => true): FollowedFile | undefined {
  let fd: number;
  try {
    // Of a FIFO that was put in its place, the opening must not wait.
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    if (isAbsence(error)) return undefined;
    throw error;
  }
  let file: FollowedFile | undefined;
  try {
    const stat = fstatSync(fd, { bigint: true });
    if (!stat.isFile() || !mayBe(fd)) return undefined;
    const opened = new FollowedFile(fd, idOf(stat), path);
    opened.look();
    file = opened;
    return file;
  } finally {
    if (file === undefined) closeSync(fd);
  }
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

/** Whether an error says that there is no such file. */
export const isAbsence = (error: unknown): boolean =>
  ['ENOENT', 'ENOTDIR', 'ELOOP', 'ENXIO', 'ESTALE'].includes(codeOf(error) ?? '');

const lookOf = (stat: BigIntStats): Look => ({
  id: idOf(stat),
  size: Number(stat.size),
  changed: stat.mtimeNs,
  links: Number(stat.nlink),
  made: Number(birthOf(stat) / 1_000_000n),
  madeNs: birthOf(stat),
  touched: stat.ctimeNs,
});

/** When a file was made, ms since 1970; where the file system does not say, when it was last changed, which may be too late. */
export const madeOf = ({ made, changed }: Look): number => (made === 0 ? Number(changed / 1_000_000n) : made);

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

const behind = (before: Buffer, bytes: Buffer): Buffer => Buffer.concat([before, bytes]);

const startsWith = (bytes: Buffer, head: Buffer): boolean =>
  bytes.length >= head.length && bytes.compare(head, 0, head.length, 0, head.length) === 0;

const areAlike = (a: Buffer, b: Buffer): boolean => startsWith(a, b) || startsWith(b, a);

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
