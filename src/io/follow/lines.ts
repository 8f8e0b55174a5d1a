import type { FollowedFile } from './file.ts';
import { Trail } from './trail.ts';

const LF = 0x0a;

/** What a turn of reading came to: there is more; there is none now; it stopped in the middle of a line. */
export type Turn = 'more' | 'none' | 'mid-line';

/**
 * Pushes on the lines of one path, as they are read from its files: whole ones, pieces of one that is longer than the buffer,
 * and last ones without a newline, which get one, for what follows is another file's.
 */
export class FollowedLines {
  readonly trail = new Trail();
  readonly #room: () => Buffer;
  readonly #push: (length: number) => void;
  /** Up to where the first file was searched for the end of a line that is longer than the buffer. */
  #searched = 0;
  #isMidLine = false;
  /** Where the line began that is being pushed in pieces, in all bytes that ever went in. */
  #lineAt = 0;

  /** As in `PathOptions`. */
  constructor(room: () => Buffer, push: (length: number) => void) {
    this.#room = room;
    this.#push = push;
  }

  /** Whether what was pushed last is a piece of a line, of which the next one is to follow. */
  get isMidLine(): boolean {
    return this.#isMidLine;
  }

  /** From where all is to be pushed again after a stop, where all before `written` has been written: a line from its beginning. */
  resumesAt(written: number): number {
    return this.#isMidLine ? Math.min(written, this.#lineAt) : written;
  }

  /** Another file is the first one. */
  searchAnew(): void {
    this.#searched = 0;
  }

  /** Pushes the first `length` bytes of what was read of a file, which end a line. */
  pushLines(file: FollowedFile, length: number): void {
    this.#pushBytes(file, length);
    this.#isMidLine = false;
  }

  /** A line longer than the buffer leaves once its end is known, so that no other line has to wait for it in the middle. `isLast`: no other file follows. */
  pushPiece(file: FollowedFile, length: number, isLast: boolean): Turn {
    if (!this.#isMidLine) {
      const room = this.#room();
      const from = Math.max(this.#searched, file.offset + length);
      const found = file.hasNewline(room, from);
      if (found === undefined) {
        this.#searched = from + room.length;
        return 'more';
      }
      if (!found && isLast) return 'none';
      const again = file.read(room);
      if (again.kind === 'replaced' || again.length !== length) return 'more';
      this.#lineAt = this.trail.pushed;
    }
    this.#isMidLine = true;
    this.#searched = 0;
    this.#pushBytes(file, length);
    return 'mid-line';
  }

  /** Pushes the last line of a file, which has no newline, with one: there is room for it. */
  pushRest(file: FollowedFile, length: number): void {
    if (length === 0 && !this.#isMidLine) return;
    this.#take(file, length);
    this.#pushNewline(length);
  }

  /** Ends a line of which some has been pushed, and the rest is gone. */
  endLine(): void {
    if (this.#isMidLine) this.#pushNewline(0);
  }

  /** Pushes what has been taken, with a newline behind it. */
  #pushNewline(length: number): void {
    this.#room()[length] = LF;
    this.trail.pushed += 1;
    this.#isMidLine = false;
    this.#push(length + 1);
  }

  #pushBytes(file: FollowedFile, length: number): void {
    this.#take(file, length);
    this.#push(length);
  }

  #take(file: FollowedFile, length: number): void {
    const { offset } = file;
    file.take(this.#room(), length);
    this.trail.note(file, offset, length);
  }
}
