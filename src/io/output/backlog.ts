/** Small enough that a silent stream keeps little, large enough that a busy one makes few. */
const PAGE = 64 * 1024;

const LF = 0x0a;

/**
 * Bytes that are kept until somebody else is known to have them. Each is named by its place in the whole stream, which
 * does not change; pages that were handed out never do either.
 */
export class Backlog {
  #pages: Buffer[] = [];
  /** The place of the first page's first byte. */
  #origin = 0;
  #start = 0;
  #end = 0;

  /** Of the first byte that is kept. */
  get start(): number {
    return this.#start;
  }

  /** Behind the last one. */
  get end(): number {
    return this.#end;
  }

  append(bytes: Uint8Array, from: number, to: number): void {
    for (let at = from; at < to;) {
      const used = (this.#end - this.#origin) % PAGE;
      if (used === 0) this.#pages.push(Buffer.allocUnsafeSlow(PAGE));
      const length = Math.min(to - at, PAGE - used);
      this.#pages.at(-1)!.set(bytes.subarray(at, at + length), used);
      at += length;
      this.#end += length;
    }
  }

  /** Bytes from a place on, at least one where there is one: as many as lie together. */
  runAt(place: number): Buffer {
    const index = Math.floor((place - this.#origin) / PAGE);
    const origin = this.#origin + index * PAGE;
    return (this.#pages[index] ?? EMPTY).subarray(place - origin, Math.min(PAGE, this.#end - origin));
  }

  /** Where the line begins that a place stands in; the first place that is kept, where it began before that. */
  lineStart(place: number): number {
    for (let to = place; to > this.#start;) {
      const index = Math.floor((to - 1 - this.#origin) / PAGE);
      const origin = this.#origin + index * PAGE;
      const from = Math.max(this.#start, origin);
      const newline = this.#pages[index]!.subarray(from - origin, to - origin).lastIndexOf(LF);
      if (newline !== -1) return from + newline + 1;
      to = from;
    }
    return this.#start;
  }

  /** How many lines begin at a line's start and behind it. */
  linesFrom(place: number): number {
    let lines = 0;
    for (let at = place; at < this.#end;) {
      const run = this.runAt(at);
      for (let newline = run.indexOf(LF); newline !== -1; newline = run.indexOf(LF, newline + 1)) lines += 1;
      at += run.length;
      if (at === this.#end && run.at(-1) !== LF) lines += 1;
    }
    return lines;
  }

  /** Keeps nothing before a place. */
  dropTo(place: number): void {
    this.#start = place;
    const pages = Math.floor((place - this.#origin) / PAGE);
    if (pages === 0) return;
    this.#pages = this.#pages.slice(pages);
    this.#origin += pages * PAGE;
  }
}

const EMPTY = Buffer.alloc(0);
