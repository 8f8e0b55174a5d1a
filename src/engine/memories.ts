/** The last event of a channel with one key, for rules that look back. */
export interface Memory {
  readonly kind: 'success' | 'failure';
  readonly name: string;
  readonly time: number;
  /** The whole line, where some text quotes it; else empty. */
  readonly line: Buffer;
  readonly home: Map<string, Memory>;
  readonly key: string;
}

/**
 * The remembered events of all sources, and the bound on what they take: of the source and channel that has the most, the one that
 * was set the longest ago goes, so that a noisy source drives out its own.
 */
export class Memories {
  /** That have something in them. */
  readonly #homes = new Set<Map<string, Memory>>();
  #size = 0;
  readonly #most: number;
  readonly #mostBytes: number;
  #bytes = 0;

  constructor(most: number, mostBytes: number) {
    this.#most = most;
    this.#mostBytes = mostBytes;
  }

  /** Takes the place of what `home` remembers under `key`. The bytes of `line` are copied. */
  remember(home: Map<string, Memory>, key: string, event: Pick<Memory, 'kind' | 'name' | 'time'>, line: Buffer): void {
    const before = home.get(key);
    if (before !== undefined) this.#forget(before);
    const memory = { ...event, home, key, line: Buffer.from(line) };
    home.set(key, memory);
    this.#homes.add(home);
    this.#size += 1;
    this.#bytes += line.length;
    while (this.#size > this.#most || (this.#bytes > this.#mostBytes && this.#size > 1)) this.#forgetOldest(home);
  }

  /** Forgets all of one source's channel. */
  clear(home: Map<string, Memory>): void {
    for (const memory of [...home.values()]) this.#forget(memory);
  }

  /** A home that has half of all there is, found at once; else the one that has the most. */
  #forgetOldest(home: Map<string, Memory>): void {
    let largest = home;
    if (home.size * 2 < this.#size) for (const other of this.#homes) if (other.size > largest.size) largest = other;
    // Within a home they stand in the order in which they were set.
    for (const oldest of largest.values()) {
      this.#forget(oldest);
      return;
    }
  }

  #forget(memory: Memory): void {
    this.#size -= 1;
    this.#bytes -= memory.line.length;
    memory.home.delete(memory.key);
    if (memory.home.size === 0) this.#homes.delete(memory.home);
  }
}
