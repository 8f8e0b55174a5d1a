import type { Now } from '../clock.ts';
import { writeCheckpoint, type Checkpoint } from './checkpoint.ts';
import type { FollowOutput } from './output.ts';

/** Bytes read since the last checkpoint that make one due before its time. */
const EARLY = 4 * 1024 * 1024;
/** Bytes read that the last checkpoint does not know of, past which nothing is read until one does: the most that can be repeated. */
const MOST = 32 * 1024 * 1024;

/** ms after which one is written though nothing was read: it also says until when nothing was rotated. */
const ANEW = 60_000;

/** Where all stands, and how many of the bytes that were read it does not know of. */
export interface Standing {
  readonly checkpoint: Omit<Checkpoint, 'writtenAt'>;
  readonly behind: number;
}

export interface KeeperOptions {
  readonly path: string;
  /** Whether no other process has it: else it is theirs to write. */
  readonly isOurs: () => boolean;
  /** ms between two checkpoints. */
  readonly every: number;
  /** ms to the first one: at once where there is none yet, else when there is something to say. */
  readonly firstAfter: number;
  readonly now: Now;
  readonly output: FollowOutput;
  /** Where all stands now, but for what is held. */
  readonly take: () => Standing;
  /** Called whenever one was written, or could not be. */
  readonly onSettled: () => void;
  readonly onProblem: (error: Error) => void;
}

/**
 * Writes checkpoints now and then: takes down where all stands, waits until the output has written what was read
 * by then, and only then has it on the disk. So a process that is killed at any instant repeats lines, and loses none.
 */
export class CheckpointKeeper {
  readonly #options: KeeperOptions;
  #taken: { readonly standing: Standing; readonly read: number; readonly mark: number } | undefined;
  #writing: Promise<void> | undefined;
  #dueAt: number;
  /** What of all that was read is on the disk. */
  #safe = 0;
  #read = 0;
  #failing = false;
  #last = '';
  #wroteAt = -Infinity;
  /** When one was last known to be as things are, ms since 1970. */
  writtenAt: number | undefined;

  constructor(options: KeeperOptions) {
    this.#options = options;
    this.#dueAt = options.now() + options.firstAfter;
  }

  /** Bytes have been read. */
  add(bytes: number): void {
    this.#read += bytes;
  }

  /** Whether reading on would make more repeat than is promised. A disk that takes no checkpoint stops no lines. */
  get holdsBack(): boolean {
    return this.#read - this.#safe > MOST && !this.#failing;
  }

  /** To be called whenever something was read or written, and at least once an interval. */
  poll(): void {
    const { now, every, output, take } = this.#options;
    if (this.#writing !== undefined) return;
    if (this.#taken === undefined) {
      const at = now();
      if (at < this.#dueAt && (this.#read - this.#safe < EARLY || this.#failing)) return;
      this.#dueAt = at + every;
      this.#taken = { standing: take(), read: this.#read, mark: output.taken };
    }
    if (output.written < this.#taken.mark) return;
    const { standing, read } = this.#taken;
    this.#taken = undefined;
    this.#writing = this.#write(standing, read).finally(() => {
      this.#writing = undefined;
      this.#options.onSettled();
    });
  }

  /** Writes the last one, when all is written that was taken. */
  async end(): Promise<void> {
    await this.#writing;
    this.#dueAt = Infinity;
    await this.#write(this.#options.take(), this.#read);
  }

  async #write({ checkpoint, behind }: Standing, read: number): Promise<void> {
    const { path, isOurs, now, output, onProblem } = this.#options;
    const writtenAt = now();
    // When a path was looked at changes with each look: that alone is written now and then.
    const text = JSON.stringify(checkpoint.paths, (key, value: unknown) => (key === 'lookedAt' ? undefined : value));
    try {
      if (text !== this.#last || writtenAt - this.#wroteAt >= ANEW) {
        this.#wroteAt = writtenAt;
        await output.sync();
        if (!isOurs()) return;
        await writeCheckpoint(path, { writtenAt, ...checkpoint });
      }
      this.#last = text;
      this.#safe = read - behind;
      this.#failing = false;
      this.writtenAt = writtenAt;
    } catch (error) {
      if (!this.#failing) onProblem(error as Error);
      this.#failing = true;
    }
  }
}
