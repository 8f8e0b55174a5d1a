import type { Names } from '../record/names.ts';
import { unreachable, type LogRecord } from '../record/record.ts';
import { compileLater, type Predicate } from './condition.ts';
import type { Condition } from './rule.ts';

/** A part of a condition that keeps a record from matching it. */
export interface Misfit {
  /** A test, or an `all` or `any` that has no parts. */
  readonly part: Condition;
  /** It matches, and stands under `not`. */
  readonly isNegated: boolean;
}

/**
 * Finds out which parts of conditions keep records from matching, by what the engine itself compiles of them. If every part that it
 * names were as it should be, the condition would match; of several ways, the one with the fewest parts.
 */
export class Misfits {
  readonly #names: Names;
  readonly #compiled = new Map<Condition, Predicate>();

  /** Records are to be of these names. Add all conditions before the first of them is made. */
  constructor(names: Names) {
    this.#names = names;
  }

  add(condition: Condition): void {
    switch (condition.kind) {
      case 'all':
      case 'any':
        for (const part of condition.of) this.add(part);
        return;
      case 'not':
        return this.add(condition.of);
      case 'level':
      case 'field':
        this.#compiled.set(condition, compileLater(condition, this.#names));
        return;
      default:
        return unreachable(condition);
    }
  }

  /** What keeps the record from matching; nothing, if it matches. */
  of(condition: Condition, record: LogRecord): readonly Misfit[] {
    switch (condition.kind) {
      case 'all':
        return condition.of.flatMap((part) => this.of(part, record));
      case 'any':
        return fewest(
          condition,
          false,
          condition.of.map((part) => this.of(part, record)),
        );
      case 'not':
        return this.#against(condition.of, record);
      case 'level':
      case 'field':
        return this.matches(condition, record) ? NONE : [{ part: condition, isNegated: false }];
      default:
        return unreachable(condition);
    }
  }

  /** What makes the record match, so that `not` does not. */
  #against(condition: Condition, record: LogRecord): readonly Misfit[] {
    switch (condition.kind) {
      case 'all':
        return fewest(
          condition,
          true,
          condition.of.map((part) => this.#against(part, record)),
        );
      case 'any':
        return condition.of.flatMap((part) => this.#against(part, record));
      case 'not':
        return this.of(condition.of, record);
      case 'level':
      case 'field':
        return this.matches(condition, record) ? [{ part: condition, isNegated: true }] : NONE;
      default:
        return unreachable(condition);
    }
  }

  /** Whether a test matches. */
  matches(test: Condition, record: LogRecord): boolean {
    return this.#compiled.get(test)!(record);
  }
}

const NONE: readonly Misfit[] = [];

/** Of several ways to be right, the one that needs the least; without any way, the whole is at fault. */
function fewest(condition: Condition, isNegated: boolean, ways: readonly (readonly Misfit[])[]): readonly Misfit[] {
  return ways.length === 0 ? [{ part: condition, isNegated }] : ways.reduce((a, b) => (b.length < a.length ? b : a));
}

/** Every test of a condition that asks what a line must be, not what it must not be. */
export function testsIn(condition: Condition): readonly Condition[] {
  switch (condition.kind) {
    case 'all':
    case 'any':
      return condition.of.flatMap(testsIn);
    case 'not':
      return [];
    case 'level':
    case 'field':
      return [condition];
    default:
      return unreachable(condition);
  }
}

/** The condition with other parts in place of those that kept a record from matching. */
export function replaced(
  condition: Condition,
  instead: readonly (readonly [misfit: Misfit, becomes: Condition])[],
  isNegated = false,
): Condition {
  const [, becomes] = instead.find(([misfit]) => misfit.part === condition && misfit.isNegated === isNegated) ?? [];
  if (becomes !== undefined) return becomes;
  switch (condition.kind) {
    case 'all':
    case 'any':
      return { kind: condition.kind, of: condition.of.map((part) => replaced(part, instead, isNegated)) };
    case 'not':
      return { kind: 'not', of: replaced(condition.of, instead, !isNegated) };
    case 'level':
    case 'field':
      return condition;
    default:
      return unreachable(condition);
  }
}
