/** Knows where each item stands in a heap, so that it can be taken out at once. */
export interface Places<T> {
  /** -1: in none. */
  placeOf(item: T): number;
  put(item: T, place: number): void;
}

/** A binary heap: the item that goes `before` all others first. Every operation is O(log n). */
export class Heap<T> {
  readonly #items: T[] = [];
  readonly #before: (a: T, b: T) => boolean;
  readonly #places: Places<T> | undefined;

  constructor(before: (a: T, b: T) => boolean, places?: Places<T>) {
    this.#before = before;
    this.#places = places;
  }

  get size(): number {
    return this.#items.length;
  }

  peek(): T | undefined {
    return this.#items[0];
  }

  push(item: T): void {
    this.#items.push(item);
    this.#rise(item, this.#items.length - 1);
  }

  pop(): T | undefined {
    const first = this.#items[0];
    if (first !== undefined) this.#takeOut(first, 0);
    return first;
  }

  /** Takes out an item, if it is in here. Only of a heap that was given places. */
  delete(item: T): void {
    const at = this.#places!.placeOf(item);
    if (at !== -1) this.#takeOut(item, at);
  }

  /** Keeps only the items that `keep` says yes to. O(n): for when most have become void. */
  prune(keep: (item: T) => boolean): void {
    const all = this.#items.splice(0);
    for (const item of all) {
      if (keep(item)) this.push(item);
      else this.#places?.put(item, -1);
    }
  }

  #takeOut(item: T, at: number): void {
    const last = this.#items.pop()!;
    this.#places?.put(item, -1);
    if (at === this.#items.length) return;
    if (at > 0 && this.#before(last, this.#items[(at - 1) >> 1]!)) this.#rise(last, at);
    else this.#sink(last, at);
  }

  #put(item: T, at: number): void {
    this.#items[at] = item;
    this.#places?.put(item, at);
  }

  /** Puts `item` at `at` and lets it rise to its place. */
  #rise(item: T, from: number): void {
    const items = this.#items;
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#before(item, items[parent]!)) break;
      this.#put(items[parent]!, at);
      at = parent;
    }
    this.#put(item, at);
  }

  /** Puts `item` at `at` and lets it sink to its place. */
  #sink(item: T, from: number): void {
    const items = this.#items;
    let at = from;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= items.length) break;
      if (child + 1 < items.length && this.#before(items[child + 1]!, items[child]!)) child += 1;
      if (!this.#before(items[child]!, item)) break;
      this.#put(items[child]!, at);
      at = child;
    }
    this.#put(item, at);
  }
}
