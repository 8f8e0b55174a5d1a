/** A binary heap: the item with the least `order` first. Every operation is O(log n). */
export class Heap<T> {
  readonly #items: T[] = [];
  readonly #order: (item: T) => number;

  constructor(order: (item: T) => number) {
    this.#order = order;
  }

  get size(): number {
    return this.#items.length;
  }

  peek(): T | undefined {
    return this.#items[0];
  }

  push(item: T): void {
    const items = this.#items;
    const order = this.#order(item);
    let at = items.length;
    items.push(item);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (this.#order(items[parent]!) <= order) break;
      items[at] = items[parent]!;
      at = parent;
    }
    items[at] = item;
  }

  pop(): T | undefined {
    const items = this.#items;
    const first = items[0];
    const last = items.pop();
    if (last === undefined || items.length === 0) return first;
    this.#sink(last);
    return first;
  }

  /** Keeps only the items that `keep` says yes to. O(n): for when most have become void. */
  prune(keep: (item: T) => boolean): void {
    const kept = this.#items.filter(keep);
    this.#items.length = 0;
    for (const item of kept) this.push(item);
  }

  /** Puts `item` into the place of the first and lets it sink to its own. */
  #sink(item: T): void {
    const items = this.#items;
    const order = this.#order(item);
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= items.length) break;
      if (child + 1 < items.length && this.#order(items[child + 1]!) < this.#order(items[child]!)) child += 1;
      if (this.#order(items[child]!) >= order) break;
      items[at] = items[child]!;
      at = child;
    }
    items[at] = item;
  }
}
