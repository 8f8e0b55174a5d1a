import { LEVELS, type Level } from '../../record/level.ts';
import { unreachable } from '../../record/record.ts';
import { wordsOf } from '../../rules/condition-words.ts';
import type { Condition } from '../../rules/rule.ts';

/** A condition that is broken in one small way. */
export interface ConditionMutant {
  readonly condition: Condition;
  /** In words: `without msg contains "x"`. */
  readonly what: string;
  /** What a test shows that notices: `needs msg contains "x"`. */
  readonly claim: string;
  /** What was changed, so that lines can be varied in what it asks for. */
  readonly about: readonly Condition[];
}

const ANYTHING: Condition = { kind: 'all', of: [] };

/** A condition broken in each way: a part dropped, `starts_with` and `ends_with` made `contains`, a level moved. */
export function* conditionMutants(condition: Condition): Generator<ConditionMutant> {
  if (condition.kind !== 'all' && condition.kind !== 'any')
    yield {
      condition: ANYTHING,
      what: `without ${wordsOf(condition)}`,
      claim: `needs ${wordsOf(condition)}`,
      about: [condition],
    };
  yield* mutantsIn(condition);
}

function* mutantsIn(condition: Condition): Generator<ConditionMutant> {
  switch (condition.kind) {
    case 'all':
    case 'any':
      for (const [index, part] of condition.of.entries()) {
        const rest = condition.of.toSpliced(index, 1);
        if (rest.length > 0 || condition.kind === 'all')
          yield {
            condition: { kind: condition.kind, of: rest },
            what: `without ${wordsOf(part)}`,
            claim: `needs ${wordsOf(part)}`,
            about: [part],
          };
        for (const mutant of mutantsIn(part))
          yield { ...mutant, condition: { kind: condition.kind, of: condition.of.with(index, mutant.condition) } };
      }
      return;
    case 'not':
      for (const mutant of mutantsIn(condition.of)) yield { ...mutant, condition: { kind: 'not', of: mutant.condition } };
      return;
    case 'level':
      for (const levels of movedLevels(condition.levels)) {
        const moved: Condition = { ...condition, levels };
        const [now, before] = [wordsOf(moved), wordsOf(condition)];
        yield {
          condition: moved,
          what: `${now} instead of ${before}`,
          claim: `${before}, not ${now}`,
          about: [condition, moved],
        };
      }
      return;
    case 'field': {
      const { test } = condition;
      if (test.kind !== 'starts_with' && test.kind !== 'ends_with') return;
      const looser: Condition = { ...condition, test: { ...test, kind: 'contains' } };
      const words = wordsOf(condition);
      yield { condition: looser, what: `contains instead of ${words}`, claim: `${words}, not contains`, about: [condition] };
      return;
    }
    default:
      unreachable(condition);
  }
}

/** One level more or less at the end that is open to it; a single level moves. */
function movedLevels(levels: readonly Level[]): Level[][] {
  const sorted = levels.toSorted((a, b) => a - b);
  const first = sorted[0]!;
  const last = sorted.at(-1)!;
  const top = LEVELS.length - 1;
  const below = (first - 1) as Level;
  const above = (last + 1) as Level;
  if (sorted.length === 1) return [...(first > 0 ? [[below]] : []), ...(last < top ? [[above]] : [])];
  const isOpenAbove = last === top;
  const isOpenBelow = first === 0;
  if (isOpenAbove && isOpenBelow) return [];
  if (isOpenAbove) return [sorted.slice(1), [below, ...sorted]];
  if (isOpenBelow) return [sorted.slice(0, -1), [...sorted, above]];
  return [sorted.slice(1), sorted.slice(0, -1), [below, ...sorted], [...sorted, above]];
}
