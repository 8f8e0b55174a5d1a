import { compileMasks } from '../engine/memory/mask.ts';

/** Lines that no format reads, and that differ in numbers and names of their own only. */
export interface Shape {
  readonly shape: string;
  readonly why: string;
  lines: number;
  /** The number of the first, and its text. */
  readonly first: number;
  readonly example: string;
}

/** More shapes are counted together. */
const MOST = 10_000;
/** More of a line does not count. */
const LONGEST = 200;

/** Groups the lines that no format reads. */
export class Shapes {
  readonly #shapes = new Map<string, Shape>();
  /** Lines for whose shape there was no room. */
  others = 0;

  add(text: string, why: string, line: number): void {
    const shape = shapeOf(text);
    const known = this.#shapes.get(shape);
    if (known !== undefined) known.lines += 1;
    else if (this.#shapes.size >= MOST) this.others += 1;
    else this.#shapes.set(shape, { shape, why, lines: 1, first: line, example: text.slice(0, 4 * LONGEST) });
  }

  /** The most frequent first. */
  get inOrder(): readonly Shape[] {
    return [...this.#shapes.values()].toSorted((a, b) => b.lines - a.lines || a.first - b.first);
  }
}

const withoutForms = compileMasks(['uuid', 'ip', 'hex', 'number'])!; // there are some

/** The text without what is its own: numbers, ids, addresses, and what stands in quotes. */
const shapeOf = (text: string): string => withoutForms(text.slice(0, LONGEST)).replace(/"[^"]*"|'[^']*'/gu, '"…"');
