/** The last event of a channel with one key, for rules that look back. */
export interface Memory {
  readonly kind: 'success' | 'failure';
  readonly name: string;
  readonly time: number;
  /** The line, for texts that quote it; empty where it was too long to keep. */
  readonly line: Buffer;
  readonly home: Map<string, Memory>;
  readonly key: string;
}

/** A longer event is remembered, but no text can quote it. */
const MAX_LINE = 1024;

/** The remembered events of all sources, and the bound on how many they are: the longest unused goes. */
export class Memories {
  readonly #all = new Set<Memory>();
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  remember(home: Map<string, Memory>, key: string, event: Pick<Memory, 'kind' | 'name' | 'time'>, line: Buffer): void {
    const before = home.get(key);
    if (before !== undefined) this.#all.delete(before);
    const memory = { ...event, home, key, line: line.length <= MAX_LINE ? Buffer.from(line) : NOTHING };
    home.set(key, memory);
    this.#all.add(memory);
    if (this.#all.size > this.#most) this.#forgetOldest();
  }

  /** Forgets all of one source's channel. */
  clear(home: Map<string, Memory>): void {
    for (const memory of home.values()) this.#all.delete(memory);
    home.clear();
  }

  #forgetOldest(): void {
    for (const oldest of this.#all) {
      this.#all.delete(oldest);
      oldest.home.delete(oldest.key);
      return;
    }
  }
}

const NOTHING = Buffer.alloc(0);

