import { lookAt, type FollowedFile, type Look, type Place } from './follow-file.ts';
import { FollowedLines, type Turn } from './follow-lines.ts';
import { realPathOf, rotatedOf } from './follow-rotated.ts';
import { copyOf, fileOf, unreadOf, wasCopied, type Known } from './follow-search.ts';
import type { Trail } from './follow-trail.ts';

const LF = 0x0a;

/** ms. A file that was left is still looked at for so long after it last grew: other processes may not know of the new one yet. */
const LINGER = 5_000;
/** Files that were left and are looked at, at most. */
const MOST_LEFT = 8;
/** Most files that are remembered as read, beside those that are there now. */
const MOST_SEEN = 1_000;
/** Looks for a file that moves while we look. */
const MOST_TRIES = 5;

/** What is kept of a path for the next start. */
export interface PathPlaces {
  readonly files: readonly Place[];
  /** Ids of rotated files that are no more to be read. */
  readonly seen: readonly string[];
}

export interface PathOptions {
  readonly path: string;
  /** For one chunk; lent from one path to the next. */
  readonly buffer: Buffer;
  /** Takes whole lines, but for pieces of one that is longer than the buffer. The bytes are only lent. */
  readonly push: (bytes: Buffer) => void;
  /** Is told what stands right before the first line that is read, where files are begun at their end. */
  readonly passOver: (bytes: Buffer) => void;
  /** Files that are open, and who follows them: a file with two names is read once, and those of relevel itself not at all. */
  readonly open: Map<string, FollowedPath | 'own'>;
  /** Opens a regular file that may be read; `undefined` if there is none. Throws what the system says. */
  readonly openFile: (path: string) => FollowedFile | undefined;
  /** Bytes that nobody will read, as far as we know of any. */
  readonly onLost: (message: string) => void;
  /** What was read of a file is nowhere but with us: it was truncated, and no copy of it is there. */
  readonly onGone: () => void;
}

/**
 * The files that one path names, one after the other. Each is read to its end before the next, so
 * that lines leave in the order in which they were written, whether a file was renamed, replaced, deleted,
 * truncated, or copied and truncated; also those that came and went while nobody looked.
 */
export class FollowedPath {
  readonly path: string;
  readonly #lines: FollowedLines;
  readonly #options: PathOptions;
  #real: string;
  /** What is to be read, in this order. */
  #files: FollowedFile[] = [];
  /** What the path named when it was last looked at. Until something stands in it, it has no place among `#files`. */
  #newest: FollowedFile | undefined;
  /** Files that the path named while nothing stood in them. */
  #empty: FollowedFile[] = [];
  /** Files that were read to their end, and have a successor. */
  #left: FollowedFile[] = [];
  #seen = new Set<string>();
  #pushedBefore = 0;
  readonly #known: Known = {
    has: (id) => this.#seen.has(id) || this.#options.open.has(id),
    add: (id) => void this.#seen.add(id),
    open: (path) => this.#options.openFile(path),
  };

  constructor(options: PathOptions) {
    this.path = options.path;
    this.#options = options;
    this.#lines = new FollowedLines(options.buffer, options.push);
    this.#real = realPathOf(options.path, options.path);
  }

  /** Begins with what the path names now. Rotated files made before `since`, ms since 1970, are not read. */
  begin(from: 'start' | 'end', since: number): void {
    this.#real = realPathOf(this.path, this.#real);
    for (const { look } of rotatedOf(this.#real)) if (madeOf(look) < since) this.#seen.add(look.id);
    if (from === 'start') return;
    this.#openNewest();
    const newest = this.#newest;
    if (newest === undefined) return;
    this.#options.passOver(newest.goToEnd(this.#options.buffer));
    if (newest.isKnown) this.#files.push(newest);
  }

  /** Goes on where an earlier process stood. */
  resume({ files, seen }: PathPlaces): void {
    this.#seen = new Set(seen);
    for (const place of files) {
      const file = this.#find(place);
      const unread = place.size - place.offset;
      if (file !== undefined) this.#adopt(file);
      else if (unread > 0) this.#options.onLost(`${this.path}: a former file is gone with its last ${unread} bytes unread`);
    }
    const named = lookAt(this.path);
    this.#newest = this.#files.find(({ id }) => id === named?.id);
  }

  /** What was pushed, and of which file. */
  get trail(): Trail {
    return this.#lines.trail;
  }

  /** Bytes that are not read, as of now: also while nothing is, as nobody takes them. */
  get lag(): number {
    return this.#files.reduce((sum, file) => sum + file.unread, 0);
  }

  /** Whether it has anything to be read from. */
  get isEmpty(): boolean {
    return this.#files.length === 0 && this.#left.length === 0 && this.#newest === undefined;
  }

  /** Looks whether the path names another file, and what became of those it named. To be called now and then. */
  look(now: number): void {
    this.#real = realPathOf(this.path, this.#real);
    this.#openNewest();
    const newest = this.#newest;
    if (newest !== undefined && !this.#files.includes(newest) && newest.look().size > 0) this.#place(newest);
    for (const file of [...this.#left]) this.#lookBack(file, now);
    const [only] = this.#files;
    if (only === undefined || this.#files.length > 1) return;
    const before = only.size;
    const { size, links } = only.look();
    if (size !== before || links > 0 || this.trail.pushed !== this.#pushedBefore) only.grewAt = now;
    else if (now - only.grewAt >= LINGER) this.#endDeleted(only);
    this.#pushedBefore = this.trail.pushed;
  }

  /** Reads one chunk. */
  turn(): Turn {
    const { buffer } = this.#options;
    const [file, next] = this.#files;
    if (file === undefined) return 'none';
    const read = file.read(buffer);
    if (read.kind === 'replaced' || (read.end > read.start && file.isYoung && wasCopied(file, this.#real, this.#known))) {
      this.#replaced(file);
      return this.#lines.isMidLine ? 'mid-line' : 'more';
    }
    const { start, end, full } = read;
    const newline = end > start ? buffer.lastIndexOf(LF, end - 1) : -1;
    if (newline >= start) {
      this.#lines.pushLines(file, start, newline + 1);
      return full || next !== undefined ? 'more' : 'none';
    }
    if (full) return this.#lines.pushPiece(file, start, end, next === undefined);
    if (next === undefined) return 'none';
    // Its successor had something in it before this read found the end: who wrote here writes there now.
    this.#leave(file, start, end);
    return 'more';
  }

  /** The end: an unfinished last line will be no more than it is. */
  finish(): void {
    while (this.turn() !== 'none');
    const [file] = this.#files;
    const read = file?.read(this.#options.buffer);
    if (file !== undefined && read?.kind === 'bytes') this.#lines.pushRest(file, read.start, read.end);
  }

  /** What the next start is to know, where all before `written` of the trail has been written. A line is begun again, not gone on with in its middle. */
  places(written: number): PathPlaces {
    const at = this.#lines.resumesAt(written);
    this.trail.forget(at);
    return {
      files: [...this.#left, ...this.#files].map((file) => this.trail.placeOf(file, at)),
      seen: [...this.#seen],
    };
  }

  close(): void {
    for (const file of new Set([...this.#left, ...this.#files, ...this.#empty, ...(this.#newest ? [this.#newest] : [])]))
      this.#close(file);
  }

  /** Where an earlier place is now. What is not where it was said to be has been moved, or copied and truncated, while we looked. */
  #find(place: Place): FollowedFile | undefined {
    let before = '';
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      const named = lookAt(this.path);
      const here = named === undefined ? [] : [{ path: this.path, look: named }];
      const candidates = [...here, ...rotatedOf(this.#real)];
      const found = fileOf(place, candidates, this.#known);
      if (found !== undefined) return found;
      const seen = candidates.map(({ path, look }) => `${path} ${look.id}`).join('\n');
      if (seen === before) return undefined;
      before = seen;
    }
    return undefined;
  }

  #openNewest(): void {
    const named = lookAt(this.path);
    if (named === undefined || named.id === this.#newest?.id || this.#options.open.has(named.id)) return;
    const file = this.#options.openFile(this.path);
    if (file === undefined) return;
    if (file.id === this.#newest?.id || this.#options.open.has(file.id)) return file.close();
    const before = this.#newest;
    if (before !== undefined && !this.#files.includes(before) && !this.#left.includes(before)) this.#empty.push(before);
    this.#newest = file;
    this.#options.open.set(file.id, this);
  }

  /**
   * Puts the newest file, in which something stands by now, behind all that the path named before it: also
   * those that nobody has seen at the path. First its head, then the list: whatever was here before it has been renamed or copied by then.
   */
  #place(newest: FollowedFile): void {
    // What was copied of files that are gone on with must be known as theirs before others are looked for.
    for (const file of [...this.#files]) if (!file.headStands()) this.#replaced(file);
    newest.meet();
    if (!newest.isKnown) return;
    const found = unreadOf(this.#real, this.#known);
    if (found === undefined) return;
    for (const file of [...found, ...this.#empty]) file.meet();
    // Once it has been renamed, others that have been too may have been made after it.
    const isNamed = lookAt(this.path)?.id === newest.id;
    // What was copied of the newest file itself is read where it stands, until that is truncated.
    const isLater = (file: FollowedFile): boolean =>
      !file.isKnown || newest.mayHaveCopy(file) || (!isNamed && file.made > newest.made);
    const later = found.filter(isLater);
    if (!newest.headStands()) {
      for (const file of found) file.close();
      this.#newest = newest.anew();
      return;
    }
    for (const file of later) file.close();
    const before = [...found.filter((file) => !later.includes(file)), ...this.#empty.filter(({ isKnown }) => isKnown)];
    for (const file of before.sort((a, b) => (a.changed < b.changed ? -1 : a.changed > b.changed ? 1 : 0))) this.#adopt(file);
    this.#empty = this.#empty.filter(({ isKnown }) => !isKnown);
    this.#adopt(newest);
  }

  #adopt(file: FollowedFile): void {
    this.#options.open.set(file.id, this);
    this.#files.push(file);
  }

  /** What we stood in is gone: it goes on in a copy, or is lost. */
  #replaced(file: FollowedFile): void {
    this.#lines.searchAnew();
    const copy = copyOf(file, this.#real, this.#known);
    const at = this.#files.indexOf(file);
    if (copy !== undefined) {
      this.#options.open.set(copy.id, this);
      this.trail.replace(file, copy);
      this.#files[at] = copy;
    } else {
      if (file.offset > 0) this.#options.onGone();
      if (at === 0) this.#lines.endLine();
      this.#files.splice(at, 1);
    }
    const unread = file.size - Math.max(file.offset, copy?.size ?? 0);
    if (unread > 0) this.#options.onLost(`${this.path}: truncated before its last ${unread} bytes were read`);
    if (file === this.#newest) this.#newest = file.anew();
    else this.#goOnAnew(file, copy === undefined ? at : at + 1);
  }

  /** Of a file that was written anew, and then renamed, what was written comes next. */
  #goOnAnew(file: FollowedFile, at: number): void {
    const anew = file.anew();
    anew.meet();
    if (anew.isKnown) this.#files.splice(at, 0, anew);
    else this.#close(file);
  }

  #leave(file: FollowedFile, start: number, end: number): void {
    this.#lines.pushRest(file, start, end);
    this.#files.shift();
    this.#lines.searchAnew();
    this.#left.push(file);
  }

  /** Takes what a file that was left got since, and lets go of it when that is over. */
  #lookBack(file: FollowedFile, now: number): void {
    const before = file.size;
    const { size } = file.look();
    if (size !== before || file.grewAt === 0) file.grewAt = now;
    const isOver = now - file.grewAt >= LINGER || this.#left.length > MOST_LEFT;
    if (size > file.offset && !this.#lines.isMidLine) {
      const read = file.read(this.#options.buffer);
      const newline = read.kind === 'bytes' ? this.#options.buffer.lastIndexOf(LF, read.end - 1) : -1;
      if (read.kind === 'bytes' && newline >= read.start) return this.#lines.pushLines(file, read.start, newline + 1);
      if (read.kind === 'bytes' && isOver) this.#lines.pushLast(file, read);
      if (read.kind === 'replaced') file.grewAt = -Infinity;
    }
    if (!isOver || this.trail.holds(file)) return;
    this.#left.splice(this.#left.indexOf(file), 1);
    this.#close(file);
  }

  /** A deleted file that nobody has written to for a while: to keep it open would keep its room on the disk. */
  #endDeleted(file: FollowedFile): void {
    const read = file.read(this.#options.buffer);
    if (read.kind === 'bytes') this.#lines.pushRest(file, read.start, read.end);
    if (this.trail.holds(file)) return;
    this.#files = [];
    if (this.#newest === file) this.#newest = undefined;
    this.#close(file);
  }

  #close(file: FollowedFile): void {
    file.close();
    if (this.#options.open.get(file.id) === this && this.#newest?.id !== file.id) this.#options.open.delete(file.id);
    if (!file.isKnown) return;
    this.#seen.add(file.id);
    for (const oldest of this.#seen) {
      if (this.#seen.size <= MOST_SEEN) break;
      this.#seen.delete(oldest);
    }
  }
}

/** When a file was made, ms since 1970; where the file system does not say, when it was last changed, which may be too late. */
const madeOf = ({ made, changed }: Look): number => (made === 0 ? Number(changed / 1_000_000n) : made);
