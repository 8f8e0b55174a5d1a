import { covers } from './covers.ts';
import { areDisjoint } from './disjoint.ts';
import type { Condition } from './rule.ts';

/** So many pairs of parts are compared, of one condition: alternatives of alternatives multiply. */
const MOST_PAIRS = 10_000;

/** Parts of a condition that no line matches together, or one that no line matches; `undefined`, if there are none that are plain to see. */
export const contradictionIn = (condition: Condition): readonly Condition[] | undefined => new Search().in(condition);

class Search {
  #pairs = 0;

  in(condition: Condition): readonly Condition[] | undefined {
    switch (condition.kind) {
      case 'level':
      case 'field':
      case 'not':
        return undefined;
      case 'any': {
        // Of no parts, it matches nothing.
        if (condition.of.length === 0) return [condition];
        let first: readonly Condition[] | undefined;
        for (const part of condition.of) {
          const found = this.in(part);
          if (found === undefined) return undefined;
          first ??= found;
        }
        return first;
      }
      case 'all':
        return this.#among(partsOf(condition));
    }
  }

  /** Among parts that must hold together. */
  #among(parts: readonly Condition[]): readonly Condition[] | undefined {
    for (const part of parts) {
      const own = this.in(part);
      if (own !== undefined) return own;
    }
    for (const [index, part] of parts.entries())
      for (const other of parts.slice(index + 1)) if (this.#exclude(part, other)) return [part, other];
    return undefined;
  }

  /** Whether surely no line matches both. */
  #exclude(a: Condition, b: Condition): boolean {
    this.#pairs += 1;
    if (this.#pairs > MOST_PAIRS) return false;
    if (a.kind === 'any') return a.of.every((part) => this.#among([...partsOf(part), ...partsOf(b)]) !== undefined);
    if (b.kind === 'any') return this.#exclude(b, a);
    if (a.kind === 'not') return covers(a.of, b);
    if (b.kind === 'not') return covers(b.of, a);
    if (a.kind === 'level' && b.kind === 'level') return a.levels.every((level) => !b.levels.includes(level));
    return a.kind === 'field' && b.kind === 'field' && a.path === b.path && areDisjoint(a.test, b.test);
  }
}

/** All that must hold together, one by one. */
const partsOf = (condition: Condition): readonly Condition[] =>
  condition.kind === 'all' ? condition.of.flatMap(partsOf) : [condition];
