import { compileMasks } from '../../engine/memory/mask.ts';
import type { Level } from '../../record/level.ts';
import { LEVELS } from '../../record/level.ts';
import { wordOf, type Difference } from './comparison.ts';

/** Lines of one rule that change in one way. */
export interface Change {
  readonly kind: Difference['kind'];
  /** The rule that makes the difference: of the new rules if one applies, else of the old ones. */
  readonly rule: string;
  readonly from: string;
  readonly to: string;
  readonly lines: number;
  /** Some lines that are not alike but for numbers. */
  readonly samples: readonly Sample[];
}

export interface Sample {
  readonly source: string;
  readonly line: number;
  readonly text: string;
}

/** What of a comparison is told. */
export interface Tallied {
  readonly changes: readonly Change[];
  /** Lines that differ, by their level before and after: `ERROR`, `DEBUG`; `(collapsed)` of those that are in a summary. */
  readonly matrix: readonly { readonly from: string; readonly to: string; readonly lines: number }[];
  readonly lines: Readonly<Record<Difference['kind'], number>>;
}

const MOST_SAMPLES = 3;
/** After so many lines of a change, nobody looks for samples any more. */
const MOST_LOOKED = 300;
/** Longer lines are cut. */
const LONGEST = 4_096;

interface OpenChange extends Change {
  lines: number;
  readonly samples: Sample[];
  readonly shapes: Set<string>;
}

const ORDER: Readonly<Record<Difference['kind'], number>> = { hidden: 0, louder: 1, quieter: 2 };

/** Counts differences. Its size is bounded by the number of rules. */
export class Tally {
  readonly #changes = new Map<string, OpenChange>();
  readonly #matrix = new Map<string, { readonly from: string; readonly to: string; lines: number }>();
  readonly #lines = { hidden: 0, louder: 0, quieter: 0 };
  readonly #shapeOf = compileMasks(['uuid', 'ip', 'hex', 'number'])!; // there are masks
  readonly #looked = new Map<string, number>();

  /** Whether another sample of what a rule does is wanted. */
  readonly wantsText = (rule: string): boolean => (this.#looked.get(rule) ?? 0) < MOST_LOOKED;

  add(difference: Difference): void {
    const { kind, before, after, level, text } = difference;
    const from = wordOf(before, level);
    const to = wordOf(after, level);
    const { rule } = (after ?? before)!; // one of them made the difference
    this.#lines[kind] += 1;
    counted(this.#matrix, `${from} ${to}`, () => ({ from, to, lines: 0 })).lines += 1;
    const change = counted(this.#changes, `${kind} ${from} ${to} ${rule}`, () => ({
      kind,
      rule,
      from,
      to,
      lines: 0,
      samples: [],
      shapes: new Set<string>(),
    }));
    change.lines += 1;
    if (text === undefined) return;
    this.#looked.set(rule, (this.#looked.get(rule) ?? 0) + 1);
    const shape = this.#shapeOf(text.slice(0, LONGEST));
    if (change.samples.length >= MOST_SAMPLES || change.shapes.has(shape)) return;
    change.shapes.add(shape);
    change.samples.push({ source: difference.source, line: difference.line, text: text.slice(0, LONGEST) });
  }

  result(): Tallied {
    return {
      changes: [...this.#changes.values()]
        .toSorted((a, b) => ORDER[a.kind] - ORDER[b.kind] || b.lines - a.lines)
        .map(({ shapes: _, ...change }) => change),
      matrix: [...this.#matrix.values()].toSorted((a, b) => rankOf(b.from) - rankOf(a.from) || rankOf(b.to) - rankOf(a.to)),
      lines: this.#lines,
    };
  }
}

function counted<Item>(items: Map<string, Item>, key: string, make: () => Item): Item {
  let item = items.get(key);
  if (item === undefined) items.set(key, (item = make()));
  return item;
}

/** By level; what is collapsed comes last. */
const rankOf = (word: string): number => LEVELS.findIndex((level: (typeof LEVELS)[Level]) => level.toUpperCase() === word);
