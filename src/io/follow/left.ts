import type { FollowedFile } from './file.ts';

/** Files that were left and are looked at, at most. */
const MOST_LEFT = 8;

/**
 * Files that were read to their end and have a successor. Somebody may still write to them: a daemon that was not told of the rotation,
 * or another process. So the last one stays open until it is deleted or one is left after it. The others, and deleted ones, stay open
 * until they have not grown for a while.
 */
export class LeftFiles {
  /** ms. */
  readonly #wait: number;
  #files: FollowedFile[] = [];
  /** Those that have grown, and were not searched for a line since. */
  readonly #grown = new Set<FollowedFile>();
  /** Those that are read again while others may still write to them. */
  readonly #late = new WeakSet<FollowedFile>();

  constructor(wait: number) {
    this.#wait = wait;
  }

  get all(): readonly FollowedFile[] {
    return this.#files;
  }

  add(file: FollowedFile): void {
    this.#late.delete(file);
    this.#files.push(file);
  }

  /** Whether an unfinished last line of it may still be finished. */
  isLate(file: FollowedFile): boolean {
    return this.#late.has(file);
  }

  /** Takes out those that are to be read again: they have a new line, or will not be looked at any more and have an unfinished one. */
  takeGrown(now: number, buffer: Buffer): FollowedFile[] {
    for (const file of this.#files) if (file.grewAt === 0 || file.hasChanged()) this.#grewAt(file, now);
    return this.#take((file) => {
      const isOver = this.#isOver(file, now);
      if (!this.#grown.has(file) && !isOver) return false;
      this.#grown.delete(file);
      const isRead = !file.stands() || (file.size > file.offset && (isOver || file.hasLine(buffer)));
      if (isRead && !isOver) this.#late.add(file);
      return isRead;
    });
  }

  /** Takes out those that end with us, and have an unfinished line: all, or those that are deleted. */
  takeUnfinished(which: 'all' | 'deleted'): FollowedFile[] {
    return this.#take((file) => {
      const { links } = file.look();
      return file.size > file.offset && (which === 'all' || links === 0);
    });
  }

  /** Takes out those that need not be looked at any more, and of which `isFree` holds. */
  takeOver(now: number, isFree: (file: FollowedFile) => boolean): FollowedFile[] {
    return this.#take((file) => this.#isOver(file, now) && file.size <= file.offset && isFree(file));
  }

  #grewAt(file: FollowedFile, now: number): void {
    file.grewAt = now;
    this.#grown.add(file);
  }

  #isOver(file: FollowedFile, now: number): boolean {
    if (this.#files.length > MOST_LEFT && file === this.#files[0]) return true;
    const isLast = file === this.#files.at(-1);
    return now - file.grewAt >= this.#wait && (!isLast || file.links === 0);
  }

  #take(isTaken: (file: FollowedFile) => boolean): FollowedFile[] {
    const taken = this.#files.filter(isTaken);
    if (taken.length > 0) this.#files = this.#files.filter((file) => !taken.includes(file));
    return taken;
  }
}
