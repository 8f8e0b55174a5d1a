import { fieldAt } from '../rules/condition.ts';
import type { Condition } from '../rules/rule.ts';
import type { Plan } from './plan.ts';

/** By which values of lines a plan tells them apart. */
export interface Asked {
  /** Slots of values that conditions look at, or that the level depends on. */
  readonly judged: ReadonlySet<number>;
  /** Of these, those of the level. */
  readonly level: ReadonlySet<number>;
  /** Needs whose conditions look at more than values of the line's own: at the whole of it, at where it comes from, at its time. */
  readonly wide: readonly number[];
}

export function askedBy({ names, conditions }: Plan): Asked {
  const level = new Set(names.levels.flatMap(({ slot, beside }) => [slot, ...beside]));
  level.add(names.gelf.message).add(names.gelf.version);
  const judged = new Set(level);
  const isWide = (condition: Condition): boolean => {
    switch (condition.kind) {
      case 'all':
      case 'any':
        // Not `some`: all slots are to be found.
        return condition.of.map(isWide).includes(true);
      case 'not':
        return isWide(condition.of);
      case 'level':
        return false;
      case 'field': {
        const { slots } = fieldAt(condition.path, names);
        slots?.forEach((slot) => judged.add(slot));
        return slots === undefined;
      }
    }
  };
  const wide = conditions.flatMap((condition, need) => (isWide(condition) ? [need] : []));
  return { judged, level, wide };
}
