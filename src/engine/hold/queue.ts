/**
 * Items in a ring, first in, first out. An array that is cut off at its front makes its memory anew again and again; this one
 * only grows, by doubling, until it is emptied.
 */
export class Queue<T> {
  #ring: (T | undefined)[] = [];
  #first = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get first(): T | undefined {
    return this.#size === 0 ? undefined : this.#ring[this.#first];
  }

  get last(): T | undefined {
    return this.#size === 0 ? undefined : this.#ring[this.#placeOf(this.#size - 1)];
  }

  push(item: T): void {
    if (this.#size === this.#ring.length) this.#grow();
    this.#ring[this.#placeOf(this.#size)] = item;
    this.#size += 1;
  }

  shift(): T | undefined {
    if (this.#size === 0) return undefined;
    const item = this.#ring[this.#first];
    this.#ring[this.#first] = undefined;
    this.#first = this.#placeOf(1);
    this.#size -= 1;
    return item;
  }

  /** Puts an item before one that is in here; that is looked for from behind. */
  insertBefore(before: T, item: T): void {
    this.push(item);
    let at = this.#size - 1;
    for (let other = item; other !== before; at -= 1) {
      other = this.#ring[this.#placeOf(at - 1)]!;
      this.#ring[this.#placeOf(at)] = other;
    }
    this.#ring[this.#placeOf(at)] = item;
  }

  /** Lets go of the memory, if it has more places than `most`. Only of an empty one. */
  trim(most: number): void {
    this.#first = 0;
    if (this.#ring.length > most) this.#ring = [];
  }

  #placeOf(index: number): number {
    return (this.#first + index) & (this.#ring.length - 1);
  }

  #grow(): void {
    const ring = Array.from<T | undefined>({ length: Math.max(SMALLEST, 2 * this.#size) });
    for (let index = 0; index < this.#size; index += 1) ring[index] = this.#ring[this.#placeOf(index)];
    this.#ring = ring;
    this.#first = 0;
  }
}

const SMALLEST = 16;
