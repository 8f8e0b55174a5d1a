import { unchanged } from './changes.ts';
import type { Expected, Options } from './expected.ts';
import type { Line } from './line.ts';

/** A place in the output of a stream. */
interface Slot {
  item: Expected | undefined;
}

/** What has been written, and in strict order a place for each line that has come. */
export class Output {
  readonly #order: Options['order'];
  readonly #slots = new Map<string, readonly Slot[]>();
  /** By the index of its arrival. */
  readonly #places = new Map<number, Slot>();
  /** The line that is being looked at. */
  #current: Line | undefined;

  constructor(order: Options['order']) {
    this.#order = order;
  }

  /** A line has come. */
  arrive(line: Line): void {
    if (this.#order === 'relaxed') return;
    const slot = { item: undefined };
    this.#places.set(line.input, slot);
    this.#add(line.stream, slot);
  }

  /** A line is looked at, or none any more. */
  look(line: Line | undefined): void {
    this.#current = line;
  }

  /** Writes what became of `line`, nothing if it was folded, and the lines that go on with it. */
  write(line: Line, item: Expected | undefined): void {
    this.#put(line, item);
    for (const each of line.tail) this.#put(each, item && unchanged(each));
  }

  /** Writes a summary, whose last line is `line`. */
  summarise(line: Line, item: Expected): void {
    const before = this.#current?.stream === line.stream ? this.#places.get(this.#current.input) : undefined;
    const slots = [item, ...line.tail.map(unchanged)].map((each) => ({ item: each }));
    if (before === undefined) return slots.forEach((slot) => this.#add(line.stream, slot));
    const all = this.#slots.get(line.stream)!;
    const at = all.indexOf(before);
    this.#slots.set(line.stream, [...all.slice(0, at), ...slots, ...all.slice(at)]);
  }

  /** All of it, stream by stream. */
  items(): Expected[] {
    return [...this.#slots.values()].flat().flatMap(({ item }) => item ?? []);
  }

  #put(line: Line, item: Expected | undefined): void {
    const slot = this.#places.get(line.input);
    if (slot === undefined) this.#add(line.stream, { item });
    else slot.item = item;
  }

  #add(stream: string, slot: Slot): void {
    this.#slots.set(stream, [...(this.#slots.get(stream) ?? []), slot]);
  }
}
