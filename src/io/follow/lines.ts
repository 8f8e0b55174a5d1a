import type { FollowedFile, Read } from './file.ts';
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
  readonly #buffer: Buffer;
  readonly #push: (bytes: Buffer) => void;
  /** Up to where the first file was searched for the end of a line that is longer than the buffer. */
  #searched = 0;
  #isMidLine = false;
  /** Where the line began that is being pushed in pieces, in all bytes that ever went in. */
  #lineAt = 0;

  /** `buffer`: what files are read into. `push` is as in `PathOptions`. */
  constructor(buffer: Buffer, push: (bytes: Buffer) => void) {
    this.#buffer = buffer;
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

  /** Pushes what was read of a file into [start, end), which ends a line. */
  pushLines(file: FollowedFile, start: number, end: number): void {
    this.#pushBytes(file, start, end);
    this.#isMidLine = false;
  }

  /** A line longer than the buffer leaves once its end is known, so that no other line has to wait for it in the middle. `isLast`: no other file follows. */
  pushPiece(file: FollowedFile, start: number, end: number, isLast: boolean): Turn {
    if (!this.#isMidLine) {
      const from = Math.max(this.#searched, file.offset + end - start);
      const found = file.hasNewline(this.#buffer, from);
      if (found === undefined) {
        this.#searched = from + this.#buffer.length;
        return 'more';
      }
      if (!found && isLast) return 'none';
      const again = file.read(this.#buffer);
      if (again.kind === 'replaced' || again.end !== end) return 'more';
      this.#lineAt = this.trail.pushed;
    }
    this.#isMidLine = true;
    this.#searched = 0;
    this.#pushBytes(file, start, end);
    return 'mid-line';
  }

  /** Pushes the last line of a file, which has no newline, with one. */
  pushRest(file: FollowedFile, start: number, end: number): void {
    if (end === start && !this.#isMidLine) return;
    const rest = Buffer.alloc(end - start + 1, LF);
    this.#buffer.copy(rest, 0, start, end);
    this.#take(file, start, end);
    this.trail.pushed += 1;
    this.#isMidLine = false;
    this.#push(rest);
  }

  /** Pushes all that is left of a file that is let go of, in pieces where the buffer is too small for a line. */
  pushLast(file: FollowedFile, first: Extract<Read, { kind: 'bytes' }>): void {
    const buffer = this.#buffer;
    let read: Read = first;
    for (; read.kind === 'bytes' && read.full; read = file.read(buffer)) {
      this.#isMidLine = buffer[read.end - 1] !== LF;
      this.#pushBytes(file, read.start, read.end);
    }
    if (read.kind === 'replaced') this.endLine();
    else if (read.end > read.start && buffer[read.end - 1] === LF) {
      this.#isMidLine = false;
      this.#pushBytes(file, read.start, read.end);
    } else this.pushRest(file, read.start, read.end);
  }

  /** Ends a line of which some has been pushed, and the rest is gone. */
  endLine(): void {
    if (!this.#isMidLine) return;
    this.trail.pushed += 1;
    this.#isMidLine = false;
    this.#push(Buffer.of(LF));
  }

  #pushBytes(file: FollowedFile, start: number, end: number): void {
    this.#take(file, start, end);
    this.#push(this.#buffer.subarray(start, end));
  }

  #take(file: FollowedFile, start: number, end: number): void {
    const { offset } = file;
    file.take(this.#buffer, start, end);
    this.trail.note(file, offset, end - start);
  }
}
