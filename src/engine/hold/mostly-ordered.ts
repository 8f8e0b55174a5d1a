import { Heap } from './heap.ts';

/**
 * What a heap does, for items that mostly come in order: those stand in a row, whose first is found and taken at once. Only the
 * others pay O(log n).
 */
export class MostlyOrdered<T> {
  readonly #before: (a: T, b: T) => boolean;
  /** In order. Those before `#first` were taken, and are cut off now and then. */
  #row: (T | undefined)[] = [];
  #first = 0;
  readonly #others: Heap<T>;

  constructor(before: (a: T, b: T) => boolean) {
    this.#before = before;
    this.#others = new Heap(before);
  }

  get size(): number {
    return this.#row.length - this.#first + this.#others.size;
  }

  peek(): T | undefined {
    const inRow = this.#first < this.#row.length ? this.#row[this.#first] : undefined;
    const other = this.#others.peek();
    if (inRow === undefined || other === undefined) return inRow ?? other;
    return this.#before(other, inRow) ? other : inRow;
  }

  push(item: T): void {
    const last = this.#first < this.#row.length ? this.#row.at(-1) : undefined;
    if (last !== undefined && this.#before(item, last)) this.#others.push(item);
    else this.#row.push(item);
  }

  pop(): T | undefined {
    const item = this.peek();
    if (item === undefined || item === this.#others.peek()) return this.#others.pop();
    this.#row[this.#first] = undefined; // the row may live long
    this.#first += 1;
    if (this.#first * 2 > this.#row.length + 64) this.#cutOff();
    return item;
  }

  /** Keeps only the items that `keep` says yes to. O(n): for when most have become void. */
  prune(keep: (item: T) => boolean): void {
    this.#cutOff();
    this.#row = this.#row.filter((item) => keep(item!));
    this.#others.prune(keep);
  }

  #cutOff(): void {
    this.#row = this.#row.slice(this.#first);
    this.#first = 0;
  }
}
