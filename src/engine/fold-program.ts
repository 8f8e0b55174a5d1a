import {
  ALL,
  ANY,
  COMPARE,
  COMPARISONS,
  CONTAINS,
  ENDS_WITH,
  EQUALS,
  EXISTS,
  GLOB,
  IS,
  LEVEL,
  LEVEL_NAMED,
  LEVEL_NUMBERED,
  LEVEL_SCALED,
  LEVEL_UNSURE,
  NOT,
  STARTS_WITH,
  UNSURE,
  type FoldNeed,
  type FoldProgram,
} from '../kernel/fold.ts';
import type { LevelName } from '../record/level-names.ts';
import { levelNames } from '../record/level.ts';
import { unreachable } from '../record/record.ts';
import { PINO } from '../record/scale.ts';
import { FALSE, NULL, TRUE } from '../record/value.ts';
import { fieldAt } from '../rules/condition.ts';
import type { Condition, Rule, Test, Value } from '../rules/rule.ts';
import type { CompiledRepeat, CompiledRule, Plan } from './plan.ts';

/** Deeper conditions are left to the engine: the kernel's stack is small. */
const MOST_DEPTH = 16;

/** Text tests whose wanted text the kernel compares as bytes. */
const TEXT_TESTS = { contains: CONTAINS, starts_with: STARTS_WITH, ends_with: ENDS_WITH } as const;

/** Writes a plan down for the kernel. What the kernel has no words for becomes `UNSURE`: such lines are left to the engine. */
export function foldProgram(plan: Plan): FoldProgram {
  const { names } = plan;
  const code: number[] = [];
  const lists: number[] = [];
  const numbers: number[] = [];
  const words: number[] = [];
  const judged = new Set<number>(names.levels.map(({ slot }) => slot));
  /** Needs that ask for more than slots. */
  const wide = new Set<number>();

  const list = (slots: readonly number[]): number => lists.push(slots.length, ...slots) - slots.length - 1;
  /** Writes one condition; `inner` writes what it asks for. */
  const put = (kind: number, inner: () => void): void => {
    const at = code.push(kind, 0) - 2;
    inner();
    code[at + 1] = code.length;
  };
  const word = (text: string): void => {
    const bytes = Buffer.from(text);
    code.push(words.push(...bytes) - bytes.length, bytes.length);
  };
  const unsure = (): void => put(UNSURE, () => {});
  const anyOf = (parts: readonly (() => void)[]): void =>
    parts.length === 1 ? parts[0]!() : put(ANY, () => parts.forEach((part) => part()));

  const putText = (kind: number, slots: readonly number[], text: string, ignoreCase: boolean): void => {
    // What is no text in UTF-8 has other bytes than it decodes to.
    if (ignoreCase || /[\ufffd\p{Cs}]/u.test(text)) return unsure();
    put(kind, () => {
      code.push(list(slots));
      word(text);
    });
  };
  const putNumber = (slots: readonly number[], comparison: number, digits: string): void => {
    // Others are no doubles to the last digit, or are spelled in more than one way.
    if (!/^-?(?:0|[1-9]\d{0,13})$/u.test(digits)) return unsure();
    put(COMPARE, () => code.push(list(slots), comparison, numbers.push(Number(digits)) - 1));
  };
  const putValue = (slots: readonly number[], value: Value, ignoreCase: boolean): void => {
    switch (value.kind) {
      case 'text':
        return putText(EQUALS, slots, value.text, ignoreCase);
      case 'number':
        return putNumber(slots, COMPARISONS.eq, value.digits);
      case 'boolean':
      case 'null': {
        const wanted = value.kind === 'null' ? null : value.value;
        return put(IS, () => {
          code.push(list(slots));
          word(String(wanted));
          code.push(wanted === null ? NULL : wanted ? TRUE : FALSE);
        });
      }
      default:
        return unreachable(value);
    }
  };
  const putTest = (slots: readonly number[], test: Test): void => {
    switch (test.kind) {
      case 'in':
        return anyOf(test.values.map((value) => () => putValue(slots, value, test.ignoreCase)));
      case 'contains':
      case 'starts_with':
      case 'ends_with':
        return putText(TEXT_TESTS[test.kind], slots, test.text, test.ignoreCase);
      case 'glob':
        return anyOf(
          test.globs.map((glob) => () => (glob.includes('?') ? unsure() : putText(GLOB, slots, glob, test.ignoreCase))),
        );
      case 'matches':
        return unsure();
      case 'gt':
      case 'gte':
      case 'lt':
      case 'lte':
        return putNumber(slots, COMPARISONS[test.kind], test.digits);
      case 'exists':
        return put(EXISTS, () => code.push(list(slots), test.exists ? 1 : 0));
      default:
        return unreachable(test);
    }
  };
  const putCondition = (condition: Condition, need: number, depth = 0): void => {
    if (depth > MOST_DEPTH) {
      wide.add(need);
      return unsure();
    }
    switch (condition.kind) {
      case 'all':
      case 'any':
        return put(condition.kind === 'all' ? ALL : ANY, () =>
          condition.of.forEach((part) => putCondition(part, need, depth + 1)),
        );
      case 'not':
        return put(NOT, () => putCondition(condition.of, need, depth + 1));
      case 'level':
        return put(LEVEL, () => code.push(condition.levels.reduce<number>((bits, level) => bits | (1 << level), 0)));
      case 'field': {
        const { slots } = fieldAt(condition.path, names);
        if (slots === undefined) {
          wide.add(need);
          return unsure();
        }
        for (const slot of slots) judged.add(slot);
        return putTest(slots, condition.test);
      }
      default:
        return unreachable(condition);
    }
  };

  const partsOf = ({ parts, message }: CompiledRepeat): number | undefined => {
    const fields = message === undefined ? parts : [...parts, message];
    if (fields.some(({ field, mask }) => field.slots === undefined || mask.length > 0)) return undefined;
    const each = fields.map(({ field }) => list(field.slots!));
    for (const { field } of fields) for (const slot of field.slots!) judged.add(slot);
    return lists.push(...each, -1) - each.length - 1;
  };
  const foldOf = ({ rule, repeat }: CompiledRule): FoldNeed['fold'] => {
    if (!foldsPlainly(rule)) return undefined;
    const parts = partsOf(repeat!);
    return parts === undefined ? undefined : { window: repeat!.window, until: rule.until ?? Infinity, parts };
  };
  const needs = plan.conditions.map((condition, need): FoldNeed => {
    const when = code.length;
    putCondition(condition, need);
    const rule = plan.rules[need];
    return { when, levels: plan.idle.levelsOf(need), fold: rule && foldOf(rule) };
  });

  return {
    needs,
    firstEvent: plan.firstEvent,
    levelList: list(names.levels.map(({ slot }) => slot)),
    spokenList: list(names.spoken.map(({ slot }) => slot)),
    levelKinds: names.levels.map(({ slot, name }) => [slot, levelKindOf(name)] as const),
    timeList: list(names.time),
    annotationList: list(names.annotation),
    nestedList: list(names.top.nested.map(({ slot }) => slot)),
    levelNames: levelNames(),
    judged,
    scout: plan.idle.tables.scout,
    wide: plan.idle.wideOf(wide),
    loose: plan.idle.tables.loose,
    code,
    lists,
    numbers,
    words,
  };
}

/** What the kernel may take for a level under a name. */
function levelKindOf({ numbers, quotedNumbers, words, except }: LevelName): number {
  if (words !== undefined || except !== undefined || quotedNumbers === true) return LEVEL_UNSURE;
  if (numbers === undefined) return LEVEL_NAMED;
  return numbers[0]!.scale === PINO ? LEVEL_NUMBERED : LEVEL_SCALED;
}

/** Whether nothing but its key, its window and its `until` decides what becomes of a repeat. */
export const foldsPlainly = ({ await: waits, repeat, budget }: Rule): boolean =>
  waits === undefined && repeat?.rest === 'fold' && budget === undefined;
