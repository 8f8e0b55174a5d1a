import { randomBytes } from 'node:crypto';

/** Hashes a text to 32 bits. */
export type Hash = (text: string) => number;

/** Something that is found by its key. */
interface Keyed {
  readonly key: string;
}

/**
 * Items by their keys. A `Map` keeps the place of an entry that was deleted until it makes itself anew: where keys come and go, it leaves
 * a large table behind again and again. Here an entry that is deleted leaves nothing, and nothing is made but to grow.
 *
 * Open addressing with linear probing; the entries behind a deleted one move up. No order of the items depends on it.
 */
export class KeyTable<T extends Keyed> {
  readonly #hash: Hash;
  /** A power of two of places, at most half of them taken; and the hash of the key of the item at each. */
  #items: (T | undefined)[] = NO_ITEMS;
  #hashes = NO_HASHES;
  #size = 0;

  constructor(hash: Hash = keyedHash) {
    this.#hash = hash;
  }

  get size(): number {
    return this.#size;
  }

  get(key: string): T | undefined {
    if (this.#size === 0) return undefined;
    return this.#items[this.#find(key, this.#hash(key))];
  }

  /** Adds an item, in place of the one with the same key if there is one. */
  set(item: T): void {
    if (this.#size * 2 >= this.#items.length) this.#resize(Math.max(SMALLEST, this.#items.length * 2));
    const hash = this.#hash(item.key);
    const at = this.#find(item.key, hash);
    if (this.#items[at] === undefined) this.#size += 1;
    this.#items[at] = item;
    this.#hashes[at] = hash;
  }

  delete(key: string): void {
    if (this.#size === 0) return;
    const items = this.#items;
    const hashes = this.#hashes;
    const mask = items.length - 1;
    let gap = this.#find(key, this.#hash(key));
    if (items[gap] === undefined) return;
    for (let at = (gap + 1) & mask; items[at] !== undefined; at = (at + 1) & mask) {
      // It may move up unless it would then stand before its own place.
      const home = hashes[at]! & mask;
      if (((at - home) & mask) < ((at - gap) & mask)) continue;
      items[gap] = items[at];
      hashes[gap] = hashes[at]!;
      gap = at;
    }
    items[gap] = undefined;
    this.#size -= 1;
    if (this.#size === 0 && items.length > KEPT) this.#forget();
  }

  /** All items, in no order. The table must not change meanwhile. */
  *values(): Iterable<T> {
    for (const item of this.#items) if (item !== undefined) yield item;
  }

  #forget(): void {
    this.#items = NO_ITEMS;
    this.#hashes = NO_HASHES;
  }

  /** Where the item with this key stands, or would stand. */
  #find(key: string, hash: number): number {
    const items = this.#items;
    const hashes = this.#hashes;
    const mask = items.length - 1;
    let at = hash & mask;
    for (let item = items[at]; item !== undefined; item = items[at]) {
      if (hashes[at] === hash && item.key === key) return at;
      at = (at + 1) & mask;
    }
    return at;
  }

  #resize(length: number): void {
    const items = this.#items;
    const hashes = this.#hashes;
    this.#items = Array.from<T | undefined>({ length });
    this.#hashes = new Int32Array(length);
    const mask = length - 1;
    for (let from = 0; from < items.length; from += 1) {
      const item = items[from];
      if (item === undefined) continue;
      let at = hashes[from]! & mask;
      while (this.#items[at] !== undefined) at = (at + 1) & mask;
      this.#items[at] = item;
      this.#hashes[at] = hashes[from]!;
    }
  }
}

const NO_ITEMS: never[] = [];
const NO_HASHES = new Int32Array(0);
const SMALLEST = 8;
/** A table with more places is let go when it is empty. */
const KEPT = 1024;

const SEED = randomBytes(8);
const SEED_LOW = SEED.readInt32LE(0);
const SEED_HIGH = SEED.readInt32LE(4);

/**
 * HalfSipHash-1-3 with a seed of this process: whoever writes the lines, and so the keys, cannot find keys that hash alike.
 * https://github.com/veorq/SipHash. Keys are latin1: of a larger character, the bits run into the next one.
 */
export function keyedHash(text: string): number {
  let v0 = SEED_LOW;
  let v1 = SEED_HIGH;
  let v2 = SEED_LOW ^ 0x6c796765;
  let v3 = SEED_HIGH ^ 0x74656462;
  const { length } = text;
  const full = length >> 2;
  // A round for each four characters, one for the rest with the length, and three to finish.
  for (let turn = 0, at = 0; turn <= full + 3; turn += 1, at += 4) {
    let word = 0;
    if (turn < full) {
      word =
        text.charCodeAt(at) | (text.charCodeAt(at + 1) << 8) | (text.charCodeAt(at + 2) << 16) | (text.charCodeAt(at + 3) << 24);
    } else if (turn === full) {
      word = length << 24;
      for (let i = at; i < length; i += 1) word |= text.charCodeAt(i) << (8 * (i - at));
    } else if (turn === full + 1) {
      v2 ^= 0xff;
    }
    v3 ^= word;
    v0 = (v0 + v1) | 0;
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
    v0 = (v0 << 16) | (v0 >>> 16);
    v2 = (v2 + v3) | 0;
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
    v2 = (v2 << 16) | (v2 >>> 16);
    v0 ^= word;
  }
  return v1 ^ v3;
}
