/** Something that can stand in a `Row`, which alone may change these. */
export interface InRow<T> {
  older: T | undefined;
  newer: T | undefined;
}

/**
 * Items in order of arrival, of which the oldest is found, and any is taken out, at once. A `Set` keeps that order too, but
 * walks over all that were deleted before its first.
 */
export class Row<T extends InRow<T>> {
  #size = 0;
  #oldest: T | undefined;
  #newest: T | undefined;

  get size(): number {
    return this.#size;
  }

  get oldest(): T | undefined {
    return this.#oldest;
  }

  /** Adds an item that stands in no row. */
  add(item: T): void {
    item.older = this.#newest;
    if (this.#newest === undefined) this.#oldest = item;
    else this.#newest.newer = item;
    this.#newest = item;
    this.#size += 1;
  }

  /** Takes out an item that stands in this row. */
  delete(item: T): void {
    const { older, newer } = item;
    if (older === undefined) this.#oldest = newer;
    else older.newer = newer;
    if (newer === undefined) this.#newest = older;
    else newer.older = older;
    item.older = undefined;
    item.newer = undefined;
    this.#size -= 1;
  }

  /** All that stand in it, the oldest first, so that they may be taken out meanwhile. */
  all(): T[] {
    const all: T[] = [];
    for (let item = this.#oldest; item !== undefined; item = item.newer) all.push(item);
    return all;
  }
}

/** Of arrival, of opening. */
export const bySeq = (a: { readonly seq: number }, b: { readonly seq: number }): number => a.seq - b.seq;
