import type { Expected, Options } from './expected.ts';
import type { Line } from './line.ts';

/** A place in the output of a stream. */
export interface Slot {
  item: Expected | undefined;
}

/** What has been written, and in strict order the places kept free for what waits. */
export class Output {
  readonly #order: Options['order'];
  readonly #slots = new Map<string, Slot[]>();

  constructor(order: Options['order']) {
    this.#order = order;
  }

  /** Writes what became of `line`, which may have waited with a place; nothing if it was folded. */
  write(line: Line, item: Expected | undefined, kept: Slot | undefined): void {
    if (kept !== undefined && this.#order === 'strict') kept.item = item;
    else this.#add(line.stream, { item });
  }

  /** Keeps a place for a line that waits. */
  keep(line: Line): Slot {
    const slot: Slot = { item: undefined };
    if (this.#order === 'strict') this.#add(line.stream, slot);
    return slot;
  }

  /** All of it, stream by stream. */
  items(): Expected[] {
    return [...this.#slots.values()].flat().flatMap(({ item }) => item ?? []);
  }

  #add(stream: string, slot: Slot): void {
    this.#slots.set(stream, [...(this.#slots.get(stream) ?? []), slot]);
  }
}
