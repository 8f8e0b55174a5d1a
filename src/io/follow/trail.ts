import type { FollowedFile, Place } from './file.ts';

/** A run of bytes that went into the engine, and where they stood. `at`: counts all bytes that ever went in. */
interface Stretch {
  readonly at: number;
  readonly file: FollowedFile;
  readonly offset: number;
  length: number;
}

/** Which bytes of which files went into the engine, as far back as some of them are still held there. */
export class Trail {
  #stretches: Stretch[] = [];
  /** Bytes that ever went in. */
  pushed = 0;

  /** Notes that `length` bytes are about to go in, which stand at `offset` of `file`. */
  note(file: FollowedFile, offset: number, length: number): void {
    const last = this.#stretches.at(-1);
    if (last?.file === file && last.offset + last.length === offset && last.at + last.length === this.pushed) {
      last.length += length;
    } else {
      this.#stretches.push({ at: this.pushed, file, offset, length });
    }
    this.pushed += length;
  }

  /** All before `at` has left the engine. */
  forget(at: number): void {
    while (this.#stretches.length > 0 && this.#stretches[0]!.at + this.#stretches[0]!.length <= at) this.#stretches.shift();
  }

  /** What was read of `file` stands in `copy` too, at the same offsets. */
  replace(file: FollowedFile, copy: FollowedFile): void {
    this.#stretches = this.#stretches.map((stretch) => (stretch.file === file ? { ...stretch, file: copy } : stretch));
  }

  /** Whether bytes of `file` are still held. */
  holds(file: FollowedFile): boolean {
    return this.#stretches.some((stretch) => stretch.file === file);
  }

  /** Where `file` stands, but for the bytes from `at` on, which have not left the engine. */
  placeOf(file: FollowedFile, at: number): Place {
    let { offset } = file;
    for (const stretch of this.#stretches) {
      if (stretch.file !== file || stretch.at + stretch.length <= at) continue;
      offset = Math.min(offset, stretch.offset + Math.max(0, at - stretch.at));
    }
    return file.placeAt(offset);
  }
}
