import { basename, dirname, extname } from 'node:path';
import { lookAt, madeOf, type FollowedFile, type Look, type Place } from './file.ts';
import { behindNuls, holeIn } from './hole.ts';
import { LeftFiles } from './left.ts';
import { FollowedLines, type Turn } from './lines.ts';
import { fileOfId, likeOf, realPathOf, rotatedOf, type Rotated } from './rotated.ts';
import { copyOf, fileOf, unreadOf, wasCopied, type Known } from './search.ts';
import type { Trail } from './trail.ts';

const LF = 0x0a;

/** Most files that are remembered as read, beside those that are there now. */
const MOST_SEEN = 1_000;
/** Files of one path that wait to be read, at most: each keeps a descriptor, and if it was deleted its room on the disk. */
const MOST_WAITING = 100;
/** Files that were rotated before anything stood in them, and may still be written to, at most. */
const MOST_EMPTY = 8;
/** Kinds of names that are remembered, at most. */
const MOST_LIKES = 16;
/** Looks for a file that moves while we look. */
const MOST_TRIES = 5;
/** ms by which a file system's clock may be behind ours: it goes by ticks. */
const TICK = 20;
/** ms. Between two looks so short, what was made beside the target of a link that was swapped was its target too. */
const MOMENT = 2_000;

/** What is kept of a path for the next start. */
export interface PathPlaces {
  readonly files: readonly Place[];
  /** Ids of rotated files that are no more to be read. */
  readonly seen: readonly string[];
  /** When the path was last seen to name a file whose place is here, ms since 1970: what is missing was made later. */
  readonly lookedAt?: number | undefined;
  /** Folder of the file itself, if the path was a link. */
  readonly folder?: string | undefined;
  /** Its file was truncated once: NULs at the start of a line may be a hole. */
  readonly isHoled?: boolean | undefined;
}

export interface PathOptions {
  readonly path: string;
  /** Room for one chunk, the same for all paths: what was read into it is pushed before anything else is. */
  readonly room: () => Buffer;
  /** ms that a file that was rotated or deleted is looked at after it last grew. */
  readonly rotateWait: number;
  /** Takes the first bytes of the room: whole lines, but for pieces of one that is longer than the room. */
  readonly push: (length: number) => void;
  /** Is told what stands right before the first line that is read, where files are begun at their end. */
  readonly passOver: (bytes: Buffer) => void;
  /** Files that are open, and who follows them: a file with two names is read once, and those of relevel itself not at all. */
  readonly open: Map<string, FollowedPath | 'own'>;
  /** Opens a regular file that may be read; `undefined` if there is none. Throws what the system says. */
  readonly openFile: (path: string) => FollowedFile | undefined;
  /** Whether a path is followed by itself, or will be. */
  readonly isFollowed: (path: string) => boolean;
  /** Bytes that nobody will read, as far as we know of any. */
  readonly onLost: (message: string) => void;
  /** Bytes of a hole that a truncation left, and that were not written. */
  readonly onHole: (path: string, bytes: number) => void;
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
  /** Where files that the path named may lie now. */
  readonly #folders = new Set<string>();
  /** Of names under which files were found that the path had named: those that it named meanwhile have the like. */
  readonly #likes = new Map<string, RegExp>();
  /** What is to be read, in this order. */
  #files: FollowedFile[] = [];
  /** What the path named when it was last looked at. Until something stands in it, it has no place among `#files`. */
  #newest: FollowedFile | undefined;
  /** Files that the path named while nothing stood in them, or that were not placed yet. */
  #empty: FollowedFile[] = [];
  /** Files that were read to their end, and have a successor. */
  readonly #left: LeftFiles;
  #seen = new Set<string>();
  /** When the path was last seen to name what is among `#files`, ms since 1970. */
  #placedAt = 0;
  /** What was there at the beginning, and is read from its end only. */
  #passedOver: Look | undefined;
  /** Where an earlier process stood, as long as it cannot be found out where that is. */
  #resumed: PathPlaces | undefined;
  /** Files may have grown by more than a moment's worth before they went. */
  #wasDown = false;
  /** A deleted file that is over when it was read once more. */
  #deleted: FollowedFile | undefined;
  #isEnding = false;
  /** `onGone` is to be called, which may write. */
  #isGone = false;
  /** Its file was truncated once. */
  #isHoled = false;
  /** The hole that is being passed over. */
  #hole: { readonly file: FollowedFile; bytes: number } | undefined;
  #pushedBefore = 0;
  readonly #known: Known = {
    has: (id) => this.#seen.has(id) || this.#options.open.has(id),
    add: (id) => void this.#seen.add(id),
    open: (path) => this.#options.openFile(path),
  };

  constructor(options: PathOptions) {
    this.path = options.path;
    this.#options = options;
    this.#lines = new FollowedLines(options.room, options.push);
    this.#left = new LeftFiles(options.rotateWait);
    this.#real = realPathOf(options.path, options.path);
    this.#folders.add(dirname(this.#real)).add(dirname(this.path));
  }

  /** Begins with what the path names now: if `from` is the end and it was made before `since`, ms since 1970, at its end. Rotated files made before `since` are not read. */
  begin(from: 'start' | 'end', since: number): void {
    this.#findReal();
    const named = lookAt(this.path);
    if (from === 'end' && named !== undefined && madeOf(named) < since) this.#passedOver = named;
    if (since !== Infinity) this.#placedAt = since;
    for (const { look } of rotatedOf(this.#real)) if (madeOf(look) < since) this.#seen.add(look.id);
    this.#openNewest();
  }

  /** Goes on where an earlier process stood, or this one a moment ago. If it throws, it is tried again at the next look. */
  resume(places: PathPlaces, since: 'restart' | 'a moment' = 'restart'): void {
    this.#resumed = places;
    this.#wasDown = since === 'restart';
    this.#goOn();
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
    return this.#files.length === 0 && this.#newest === undefined && this.#left.all.every(({ links }) => links === 0);
  }

  /**
   * Looks whether the path names another file, and what became of those it named: opens what is to be read, and reads nothing. To be called
   * now and then, also while nothing can be read: else what is rotated twice meanwhile would be gone.
   */
  look(now: number): void {
    this.#goOn();
    this.#findReal();
    const named = this.#openNewest();
    const newest = this.#newest;
    if (newest !== undefined && !this.#files.includes(newest) && newest.look().size > 0) this.#place(newest, now);
    for (const file of [...this.#files]) if (file.hasChanged() && this.#isReplaced(file)) this.#replaced(file);
    if (named !== undefined && this.#files.some(({ id }) => id === named)) this.#placedAt = now;
    this.#lookBack(now);
    this.#lookAtDeleted(now);
    this.#keepFew();
  }

  /** Reads one chunk. */
  turn(): Turn {
    if (this.#isGone) {
      this.#isGone = false;
      this.#options.onGone();
    }
    const [file, next] = this.#files;
    if (file === undefined) return 'none';
    const room = this.#options.room();
    const read = file.read(room);
    if (read.kind === 'replaced' || (read.length > 0 && file.isYoung && wasCopied(file, this.#real, this.#known))) {
      this.#replaced(file);
      return this.#lines.isMidLine ? 'mid-line' : 'more';
    }
    const { full } = read;
    const length = this.#isHoled && !this.#lines.isMidLine ? this.#passHole(file, room, read.length) : read.length;
    if (length === undefined) return 'more';
    const isCut = length < read.length;
    const newline = length > 0 ? room.lastIndexOf(LF, length - 1) : -1;
    const isOpen = next === undefined && !this.#isEnding && file !== this.#deleted;
    if (newline !== -1) {
      this.#lines.pushLines(file, newline + 1);
      return full || isCut || !isOpen ? 'more' : 'none';
    }
    const isLate = this.#left.isLate(file);
    if (full) {
      const turn = this.#lines.pushPiece(file, length, isOpen || isLate);
      if (turn !== 'none' || !isLate) return turn;
    } else if (isOpen) return 'none';
    // Its successor had something in it before this read found the end: who wrote here writes there now.
    if (!isLate) this.#lines.pushRest(file, length);
    if (next !== undefined) this.#leave(file);
    else if (file === this.#deleted) this.#endDeleted(file);
    return next === undefined ? 'none' : 'more';
  }

  /** The end: an unfinished last line will be no more than it is, in all files or, if `which` says so, in those that the next start will not find. It is read in the turns to come. */
  finish(which: 'all' | 'deleted'): void {
    const unfinished = this.#left.takeUnfinished(which);
    this.#files.splice(this.#lines.isMidLine ? 1 : 0, 0, ...unfinished);
    this.#lines.searchAnew();
    if (which === 'all') this.#isEnding = true;
    else if (this.#files.at(-1)?.look().links === 0) this.#deleted = this.#files.at(-1);
  }

  /** What the next start is to know, where all before `written` of the trail has been written. A line is begun again, not gone on with in its middle. */
  places(written: number): PathPlaces {
    if (this.#resumed !== undefined) return this.#resumed;
    const at = this.#lines.resumesAt(written);
    this.trail.forget(at);
    return {
      files: [...this.#left.all, ...this.#files].map((file) => this.trail.placeOf(file, at)),
      seen: [...this.#seen],
      lookedAt: this.#placedAt,
      ...(dirname(this.#real) !== dirname(this.path) && { folder: dirname(this.#real) }),
      ...(this.#isHoled && { isHoled: true }),
    };
  }

  /** All before `written` of the trail has been written: files of which nothing else was read may be closed. */
  forget(written: number): void {
    this.trail.forget(this.#lines.resumesAt(written));
  }

  close(): void {
    this.#sayHole();
    for (const file of new Set([...this.#left.all, ...this.#files, ...this.#empty, ...(this.#newest ? [this.#newest] : [])]))
      this.#close(file);
  }

  #goOn(): void {
    const places = this.#resumed;
    if (places === undefined) return;
    this.#findReal();
    this.#seen = new Set(places.seen);
    this.#placedAt = places.lookedAt ?? 0;
    this.#isHoled = places.isHoled ?? false;
    if (places.folder !== undefined) this.#folders.add(places.folder);
    const named = lookAt(this.path);
    const found: (FollowedFile | undefined)[] = [];
    try {
      for (const place of places.files) {
        const file = this.#find(place);
        found.push(file);
        if (file !== undefined) this.#adopt(file);
      }
    } catch (error) {
      for (const file of this.#files) this.#close(file);
      this.#files = [];
      throw error;
    }
    this.#resumed = undefined;
    for (const [i, place] of places.files.entries()) {
      if (place.id === named?.id && found[i]?.id !== place.id) this.#isHoled = true;
      if (found[i] === undefined) this.#sayGone(place, i === found.length - 1);
    }
    this.#newest = this.#files.find(({ id }) => id === named?.id);
  }

  /** Where an earlier place is now. What is not where it was said to be has been moved, or copied and truncated, while we looked. */
  #find(place: Place): FollowedFile | undefined {
    let before = '';
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      const named = lookAt(this.path);
      const here: readonly Rotated[] = named === undefined ? [] : [{ path: this.path, look: named, isNamed: true }];
      const candidates = [...here, ...rotatedOf(this.#real, this.#isAlike)];
      const own = candidates.some(({ look }) => look.id === place.id) ? undefined : fileOfId(place.id, this.#folders);
      if (own !== undefined) candidates.push(own);
      const found = fileOf(place, candidates, this.#known);
      if (found !== undefined) {
        this.#learnName(found.path);
        return found;
      }
      const seen = candidates.map(({ path, look }) => `${path} ${look.id}`).join('\n');
      if (seen === before) return undefined;
      before = seen;
    }
    return undefined;
  }

  #sayGone({ size, offset }: Place, isLast: boolean): void {
    const unread = size - offset;
    if (unread > 0) this.#options.onLost(`${this.path}: a former file is gone with its last ${unread} bytes unread`);
    else if (isLast && this.#wasDown)
      this.#options.onLost(`${this.path}: a former file is gone, of which ${offset} bytes were read; any that followed are lost`);
  }

  #findReal(): void {
    const before = this.#real;
    this.#real = realPathOf(this.path, before);
    if (this.#real !== before && basename(this.#real) !== basename(this.path)) {
      this.#learnName(before);
    }
    this.#folders.add(dirname(this.#real)).add(dirname(this.path));
  }

  #learnName(path: string): void {
    if (basename(path) === basename(this.#real)) return;
    const like = likeOf(basename(this.#real), basename(path));
    if (this.#likes.size < MOST_LIKES) this.#likes.set(like.source, like);
  }

  readonly #isAlike = (name: string): boolean => [...this.#likes.values()].some((like) => like.test(name));

  /** The id of what the path named when it was looked at. */
  #openNewest(): string | undefined {
    const named = lookAt(this.path);
    if (named !== undefined && named.id !== this.#newest?.id) this.#open(named);
    return named?.id;
  }

  #open(named: Look): void {
    const before = this.#newest;
    if (before !== undefined && before.look().id === named.id) return this.#rename(before, named.id);
    if (this.#options.open.has(named.id)) return;
    const file = this.#options.openFile(this.path);
    if (file === undefined) return;
    if (file.id === before?.id || this.#options.open.has(file.id)) return file.close();
    if (before !== undefined && !this.#files.includes(before) && !this.#left.all.includes(before)) this.#empty.push(before);
    this.#newest = file;
    this.#options.open.set(file.id, this);
    const passed = this.#passedOver;
    this.#passedOver = undefined;
    if (passed?.id !== file.id) return;
    this.#options.passOver(file.goToEnd(this.#options.room(), passed.size));
    if (file.isKnown) this.#files.push(file);
  }

  /** The same file has another id: overlayfs has copied it up. */
  #rename(file: FollowedFile, id: string): void {
    this.#options.open.delete(file.id);
    file.id = id;
    this.#options.open.set(id, this);
  }

  /**
   * Puts the newest file, in which something stands by now, behind all that the path named before it: also
   * those that nobody has seen at the path. First its head, then the list: whatever was here before it has been renamed or copied by then.
   */
  #place(newest: FollowedFile, now: number): void {
    // What was copied of files that are gone on with must be known as theirs before others are looked for.
    for (const file of [...this.#files]) if (!file.headStands()) this.#replaced(file);
    newest.meet();
    if (!newest.isKnown || this.#goesOnIn(newest)) return;
    const found = unreadOf(this.#mayBeUnread(newest, now), this.#known);
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

  /** Whether the file that was read before was replaced by the newest one, which has all that stood in it: that is gone on with. */
  #goesOnIn(newest: FollowedFile): boolean {
    const before = this.#files.at(-1);
    if (before === undefined || this.#empty.length > 0 || before.id === newest.id || !newest.replaces(before)) return false;
    this.trail.replace(before, newest);
    this.#files[this.#files.length - 1] = newest;
    this.#close(before);
    return true;
  }

  /**
   * The rotated files that the path may have named since it named the last one we know of. They were made since then: what is older, or
   * is followed under its own name, is another program's. A file system with a clock of its own cannot tell.
   */
  #mayBeUnread(newest: FollowedFile, now: number): readonly Rotated[] {
    const before = this.#files.at(-1) ?? this.#left.all.at(-1);
    const isLink = basename(this.#real) !== basename(this.path);
    const isMoment = isLink && now - this.#placedAt < MOMENT;
    const isMeant = (name: string): boolean => this.#isAlike(name) || (isMoment && extname(name) === extname(this.#real));
    const rotated = (): readonly Rotated[] => rotatedOf(this.#real, isMeant);
    let candidates = rotated();
    if (
      before !== undefined &&
      before.links > 0 &&
      before.id !== newest.id &&
      !candidates.some(({ look }) => look.id === before.id)
    ) {
      const renamed = fileOfId(before.id, this.#folders);
      if (renamed !== undefined) this.#learnName(renamed.path);
      candidates = rotated();
    }
    const since = this.#placedAt - TICK;
    const isOurClock = Number(newest.changed / 1_000_000n) >= since;
    return candidates.filter(
      ({ path, look, isNamed }) =>
        !this.#options.isFollowed(path) &&
        (look.made === 0 || !isOurClock ? isNamed || this.#isAlike(basename(path)) : look.made >= since),
    );
  }

  #adopt(file: FollowedFile): void {
    this.#options.open.set(file.id, this);
    this.#files.push(file);
  }

  #isReplaced(file: FollowedFile): boolean {
    return !file.stands() || (file.isYoung && wasCopied(file, this.#real, this.#known));
  }

  /** What we stood in is gone: it goes on in a copy, or is lost. */
  #replaced(file: FollowedFile): void {
    this.#lines.searchAnew();
    this.#sayHole();
    this.#isHoled = true;
    const copy = copyOf(file, this.#real, this.#known);
    const at = this.#files.indexOf(file);
    if (copy !== undefined) {
      this.#options.open.set(copy.id, this);
      this.#learnName(copy.path);
      this.trail.replace(file, copy);
      this.#files[at] = copy;
    } else {
      if (file.offset > 0) this.#isGone = true;
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

  #leave(file: FollowedFile): void {
    this.#sayHole();
    this.#files.shift();
    this.#lines.searchAnew();
    this.#left.add(file);
  }

  /** Has what files got since they were left read next, and lets go of them when that is over. */
  #lookBack(now: number): void {
    if (!this.#lines.isMidLine) {
      const grown = this.#left.takeGrown(now, this.#options.room());
      if (grown.length > 0) this.#lines.searchAnew();
      this.#files.unshift(...grown);
    }
    for (const file of this.#left.takeOver(now, (left) => !this.trail.holds(left))) this.#close(file);
  }

  /** A deleted file that nobody has written to for a while is let go of: to keep it open would keep its room on the disk. */
  #lookAtDeleted(now: number): void {
    const [only] = this.#files;
    if (only === undefined || this.#files.length > 1) return;
    const before = only.grewTo;
    only.grewTo = only.size;
    if (only.size !== before || only.links > 0 || this.trail.pushed !== this.#pushedBefore) {
      only.grewAt = now;
      this.#deleted = undefined;
    } else if (now - only.grewAt >= this.#options.rotateWait) this.#deleted = only;
    this.#pushedBefore = this.trail.pushed;
  }

  #endDeleted(file: FollowedFile): void {
    if (this.trail.holds(file)) return;
    this.#files = [];
    this.#deleted = undefined;
    if (this.#newest === file) this.#newest = undefined;
    this.#close(file);
  }

  /** While nothing is read, files that are rotated must not pile up for ever. */
  #keepFew(): void {
    while (this.#files.length > MOST_WAITING) {
      const [dropped] = this.#files.splice(1, 1);
      const unread = dropped!.size - dropped!.offset;
      this.#options.onLost(
        `${this.path}: ${MOST_WAITING} rotated files wait to be read; ${unread} bytes of the next one are left behind`,
      );
      this.#close(dropped!);
    }
    while (this.#empty.length > MOST_EMPTY) this.#close(this.#empty.shift()!);
  }

  /** Passes over NULs that a truncation left at the start of a line. Up to where lines were read; `undefined`: something was passed over. */
  #passHole(file: FollowedFile, room: Buffer, length: number): number | undefined {
    const isInHole = this.#hole?.file === file;
    const from = isInHole ? 0 : holeIn(room, 0, length);
    if (from > 0 || length === 0) return from;
    const to = behindNuls(room, 0, length);
    this.#hole ??= { file, bytes: 0 };
    this.#hole.bytes += to;
    file.take(room, to);
    if (to < length) this.#sayHole();
    return undefined;
  }

  #sayHole(): void {
    if (this.#hole !== undefined) this.#options.onHole(this.path, this.#hole.bytes);
    this.#hole = undefined;
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
