import type { Condition } from '../../rules/rule.ts';
import { wordsOf } from '../../rules/condition-words.ts';
import type { Misfit } from '../../rules/misfit.ts';
import type { Stopped } from './account.ts';

interface Stop {
  alone: number;
  all: number;
  /** The line that it stopped first, and the one that it stopped first alone; 0: none. */
  readonly first: number;
  firstAlone: number;
}

/** What kept lines from one rule. */
export class Stops {
  readonly #stops = new Map<string, Stop>();
  readonly #words = new Map<Condition, string>();

  /** These parts of its condition did not match the line of this number. */
  add(misfits: readonly Misfit[], number: number): void {
    for (const { part, isNegated } of misfits) {
      const words = this.#wordsFor(part);
      this.#add(isNegated ? `not (${words})` : words, number, misfits.length === 1);
    }
  }

  /** Something else did, by itself. */
  addAlone(words: string, number: number): void {
    this.#add(words, number, true);
  }

  #add(words: string, number: number, isAlone: boolean): void {
    const stop = this.#stops.get(words);
    if (stop === undefined) {
      this.#stops.set(words, { alone: isAlone ? 1 : 0, all: 1, first: number, firstAlone: isAlone ? number : 0 });
      return;
    }
    stop.all += 1;
    if (!isAlone) return;
    stop.alone += 1;
    if (stop.firstAlone === 0) stop.firstAlone = number;
  }

  #wordsFor(part: Condition): string {
    let words = this.#words.get(part);
    if (words === undefined) this.#words.set(part, (words = wordsOf(part)));
    return words;
  }

  /** What stopped the most by itself comes first. */
  words(): readonly Stopped[] {
    return [...this.#stops]
      .map(([condition, { alone, all, first, firstAlone }]): Stopped => ({
        condition,
        alone,
        all,
        first: firstAlone === 0 ? first : firstAlone,
      }))
      .toSorted((a, b) => b.alone - a.alone || b.all - a.all);
  }
}
