import { CRITICAL, FATAL, LEVELS, type Level } from '../record/level.ts';
import { ORIGIN_PARTS } from '../record/envelope.ts';
import { unreachable } from '../record/record.ts';
import { requiredOf } from './pattern.ts';
import type { Condition, Rule, Test } from './rule.ts';

/** A text that stands in a line's values or keys, before any escaping. */
export interface Literal {
  readonly text: string;
  readonly ignoreCase: boolean;
}

/**
 * Texts of which at least one stands in every line that fits, or `undefined` where no such promise
 * can be made. A text may be escaped where it stands; whoever searches bytes must look out for that. A field of `headers` may be in a
 * line that does not have its name.
 */
export function literalsOf(condition: Condition, headers: ReadonlySet<string>): readonly Literal[] | undefined {
  const partOf = (part: Condition): Literals => literalsOf(part, headers);
  switch (condition.kind) {
    case 'all': // any one part's promise will do; take the one that is hardest to meet
      return condition.of.map(partOf).reduce(harderToMeet, undefined);
    case 'any': {
      // every part must promise, or a line may fit by the part that does not
      const parts = condition.of.map(partOf);
      return parts.length > 0 && parts.every((part) => part !== undefined) ? parts.flat() : undefined;
    }
    case 'field':
      return harderToMeet(textsIn(condition.path, condition.test), nameOf(condition.path, condition.test, headers));
    case 'not':
    case 'level':
      return undefined;
    default:
      return unreachable(condition);
  }
}

/** The source may say what they are, of which nothing stands in the line. */
const OUTSIDE = new Set(['$source', ...ORIGIN_PARTS.map((part) => `$${part}`)]);

/** A field that has other names too, or none in the line at all, promises no name. */
const NAMELESS = new Set(['msg', 'time', '$line', ...OUTSIDE]);

/** A field must be there to fit, and so must its name: of a path, its longest part. */
function nameOf(path: string, test: Test, headers: ReadonlySet<string>): Literals {
  if (NAMELESS.has(path) || headers.has(path) || (test.kind === 'exists' && !test.exists)) return undefined;
  const longest = path.split('.').reduce((a, b) => (b.length > a.length ? b : a));
  return longest === '' ? undefined : [{ text: longest, ignoreCase: false }];
}

/** The value of a logfmt key without one: it stands nowhere in the line. */
const FLAG_TEXT = 'true';

function textsIn(path: string, test: Test): Literals {
  if (OUTSIDE.has(path)) return undefined;
  const literals = textsOf(test);
  const mayBeFlag = path !== '$line' && literals?.some(({ text }) => FLAG_TEXT.includes(text.toLowerCase()));
  return mayBeFlag === true ? undefined : literals;
}

function textsOf(test: Test): Literals {
  switch (test.kind) {
    case 'contains':
    case 'starts_with':
    case 'ends_with':
      return [{ text: test.text, ignoreCase: test.ignoreCase }];
    case 'matches': {
      const required = requiredOf(test.text);
      return required?.texts.map((text) => ({ text, ignoreCase: test.ignoreCase || required.ignoreCase }));
    }
    case 'glob': {
      const runs = test.globs.map((glob) => glob.split(/[*?]/u).reduce((a, b) => (b.length > a.length ? b : a)));
      return runs.includes('') ? undefined : runs.map((text) => ({ text, ignoreCase: test.ignoreCase }));
    }
    case 'in': {
      const literals: Literal[] = [];
      for (const value of test.values) {
        if (value.kind !== 'text' || value.text === '') return undefined;
        literals.push({ text: value.text, ignoreCase: test.ignoreCase });
      }
      return literals.length > 0 ? literals : undefined;
    }
    case 'gt':
    case 'gte':
    case 'lt':
    case 'lte':
    case 'exists':
      return undefined;
    default:
      return unreachable(test);
  }
}

type Literals = readonly Literal[] | undefined;

const shortest = (literals: readonly Literal[]): number => Math.min(...literals.map(({ text }) => text.length));

function harderToMeet(a: Literals, b: Literals): Literals {
  if (a === undefined || b === undefined) return a ?? b;
  return shortest(a) >= shortest(b) ? a : b;
}

/** Every level at which some line may fit, as a set of bits: `1 << level`. A line with no level fits only where all are set. */
export function levelsOf(condition: Condition, ofNot: (part: Condition) => number = () => ALL_LEVELS): number {
  switch (condition.kind) {
    case 'all':
      return condition.of.reduce((levels, part) => levels & levelsOf(part, ofNot), ALL_LEVELS);
    case 'any':
      return condition.of.reduce((levels, part) => levels | levelsOf(part, ofNot), 0);
    case 'level':
      return maskOf(condition.levels);
    case 'not':
      return ofNot(condition.of);
    case 'field':
      return ALL_LEVELS;
    default:
      return unreachable(condition);
  }
}

/** Every level at which a rule may judge a line: critical only if it names it, fatal never. */
export const levelsJudged = ({ when, judgesCritical }: Rule): number =>
  levelsOf(when, otherLevels) & ~(1 << FATAL) & (judgesCritical ? ALL_LEVELS : ~(1 << CRITICAL));

/** Of a line that has a level: those at which a condition on levels alone does not fit. */
const otherLevels = (part: Condition): number => (asksLevelsAlone(part) ? ALL_LEVELS & ~levelsOf(part, otherLevels) : ALL_LEVELS);

function asksLevelsAlone(condition: Condition): boolean {
  switch (condition.kind) {
    case 'all':
    case 'any':
      return condition.of.every(asksLevelsAlone);
    case 'not':
      return asksLevelsAlone(condition.of);
    case 'level':
      return true;
    case 'field':
      return false;
    default:
      return unreachable(condition);
  }
}

export const ALL_LEVELS = maskOf(LEVELS.map((_, level) => level as Level));

function maskOf(levels: readonly Level[]): number {
  return levels.reduce<number>((mask, level) => mask | (1 << level), 0);
}
