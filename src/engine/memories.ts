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

/** The remembered events of all sources, and the bound on what they take: the one that was set the longest ago goes. */
export class Memories {
  readonly #all = new Set<Memory>();
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
    this.#all.add(memory);
    this.#bytes += line.length;
    while (this.#all.size > this.#most || (this.#bytes > this.#mostBytes && this.#all.size > 1)) this.#forgetOldest();
  }

  /** Forgets all of one source's channel. */
  clear(home: Map<string, Memory>): void {
    for (const memory of [...home.values()]) this.#forget(memory);
  }

  #forgetOldest(): void {
    for (const oldest of this.#all) {
      this.#forget(oldest);
      return;
    }
  }

  #forget(memory: Memory): void {
    this.#all.delete(memory);
    this.#bytes -= memory.line.length;
    memory.home.delete(memory.key);
  }
}
