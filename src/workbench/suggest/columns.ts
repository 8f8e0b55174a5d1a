import { hashOf } from './skeleton.ts';
import type { Shape } from './shape.ts';
import type { Statement, Statements } from './statements.ts';
import type { Batch } from './survey.ts';
import { WILD } from './words.ts';

/** Lines of one statement in a batch, by time; those without one left out. */
export interface Lines {
  readonly statement: Statement;
  /** Their places in the batch. */
  readonly at: Int32Array;
  readonly times: Float64Array;
}

/** So many values are kept at once. */
const MOST_KEPT = 1 << 22;

/** A batch, by statement. */
export class Columns {
  readonly batch: Batch;
  readonly lines: ReadonlyMap<Statement, Lines>;
  /** The times of its first line and of its last, in ms. */
  readonly span: { readonly first: number; readonly last: number };
  readonly #shapes: readonly Shape[];
  /** By name: for each shape, the place among its variables, or -1 and a constant. */
  readonly #places = new Map<string, { readonly variable: Int32Array; readonly constant: Int32Array }>();
  /** Of values, under `#` and their place in a template, that are constant in a form. */
  readonly #words = new Map<string, number>();

  /** Values of lines that were asked for: most are, again and again. */
  readonly #kept = new Map<Int32Array, Map<string, Int32Array>>();
  #keptValues = 0;

  constructor(batch: Batch, shapes: readonly Shape[], statements: Statements) {
    this.batch = batch;
    this.#shapes = shapes;
    this.lines = linesByStatement(batch, shapes, statements);
    const all = [...this.lines.values()];
    this.span = {
      first: all.reduce((first, { times }) => Math.min(first, times[0]!), Infinity),
      last: all.reduce((last, { times }) => Math.max(last, times.at(-1)!), -Infinity),
    };
  }

  /** The names of the values of a statement's lines; a wildcard of its message is `#` and its place. */
  namesOf({ forms, template }: Statement): readonly string[] {
    const wanted = new Set(forms);
    const names = new Set<string>();
    for (const shape of this.#shapes) {
      if (!wanted.has(shape.form)) continue;
      for (const name of [...shape.constants.keys(), ...shape.variables]) if (!name.startsWith('#')) names.add(name);
    }
    for (const [at, word] of template.words.entries()) if (word === WILD) names.add(`#${at}`);
    return [...names];
  }

  /** The hash of a value of the line at a place of the batch; 0 if it has none. */
  valueOf(line: number, name: string): number {
    const shape = this.batch.shapes[line]!;
    const { variable, constant } = this.#placesOf(name);
    const place = variable[shape]!;
    return place === -1 ? constant[shape]! : this.batch.values[this.batch.valueAt[line]! + place]! || 1;
  }

  /** The same of all lines of a statement, in their order. Good until others are asked for. */
  valuesOf({ at }: Lines, name: string): Int32Array {
    const kept = this.#kept.get(at);
    const known = kept?.get(name);
    if (known !== undefined) return known;
    const values = new Int32Array(at.length);
    for (let i = 0; i < at.length; i += 1) values[i] = this.valueOf(at[i]!, name);
    this.#keptValues += at.length;
    if (this.#keptValues > MOST_KEPT) {
      this.#kept.clear();
      this.#keptValues = at.length;
    }
    const own = this.#kept.get(at) ?? new Map<string, Int32Array>();
    this.#kept.set(at, own.set(name, values));
    return values;
  }

  #placesOf(name: string): { readonly variable: Int32Array; readonly constant: Int32Array } {
    const known = this.#places.get(name);
    if (known !== undefined) return known;
    const variable = Int32Array.from(this.#shapes, (shape) => shape.variables.indexOf(name));
    const constant = Int32Array.from(this.#shapes, (shape) => shape.constants.get(name) ?? this.#wordOf(shape, name));
    const places = { variable, constant };
    this.#places.set(name, places);
    return places;
  }

  #wordOf({ form }: Shape, name: string): number {
    if (!name.startsWith('#')) return 0;
    const word = form.words.words[Number(name.slice(1))];
    if (word === undefined || word === WILD) return 0;
    const known = this.#words.get(word);
    if (known !== undefined) return known;
    const bytes = Buffer.from(word);
    const hash = hashOf(bytes, 0, bytes.length) || 1;
    this.#words.set(word, hash);
    return hash;
  }
}

function linesByStatement(
  { count, shapes: shapeOf, times }: Batch,
  shapes: readonly Shape[],
  { of, all }: Statements,
): Map<Statement, Lines> {
  const index = new Map(all.map((statement, number) => [statement, number]));
  const statementOf = Int32Array.from(shapes, ({ form }) => index.get(of[form.number]!)!);
  const counts = new Int32Array(all.length + 1);
  for (let line = 0; line < count; line += 1) if (!Number.isNaN(times[line]!)) counts[statementOf[shapeOf[line]!]! + 1]! += 1;
  for (let number = 0; number < all.length; number += 1) counts[number + 1]! += counts[number]!;
  const next = counts.slice();
  const at = new Int32Array(counts[all.length]!);
  for (let line = 0; line < count; line += 1) {
    if (Number.isNaN(times[line]!)) continue;
    const number = statementOf[shapeOf[line]!]!;
    at[next[number]!] = line;
    next[number]! += 1;
  }
  const lines = new Map<Statement, Lines>();
  for (const [number, statement] of all.entries()) {
    const own = at.subarray(counts[number], counts[number + 1]);
    if (own.length === 0) continue;
    let isSorted = true;
    for (let i = 1; i < own.length && isSorted; i += 1) isSorted = times[own[i]!]! >= times[own[i - 1]!]!;
    if (!isSorted) own.sort((a, b) => times[a]! - times[b]! || a - b);
    lines.set(statement, { statement, at: own, times: Float64Array.from(own, (line) => times[line]!) });
  }
  return lines;
}

/** The first place in `times`, which rise, that is not less than `time`. */
export function firstFrom(times: ArrayLike<number>, time: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (times[middle]! < time) low = middle + 1;
    else high = middle;
  }
  return low;
}
