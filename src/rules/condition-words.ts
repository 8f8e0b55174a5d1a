import { LEVELS, type Level } from '../record/level.ts';
import { unreachable } from '../record/record.ts';
import { quote } from './quote.ts';
import type { Condition, Test, Value } from './rule.ts';

/** A condition in the words of the rule language, on one line: `msg contains "x"`. Safe to print. */
export function wordsOf(condition: Condition): string {
  switch (condition.kind) {
    case 'all':
    case 'any':
      if (condition.of.length === 0) return `${condition.kind} of no conditions`;
      return condition.of.map((part) => bracketed(part)).join(condition.kind === 'all' ? ' and ' : ' or ');
    case 'not':
      return `not ${bracketed(condition.of)}`;
    case 'level':
      return `level ${levelWords(condition.levels)}`;
    case 'field':
      return `${plainName(condition.path)} ${testWords(condition.test)}`;
    default:
      return unreachable(condition);
  }
}

function bracketed(condition: Condition): string {
  const isWhole = condition.kind === 'field' || condition.kind === 'level' || condition.kind === 'not';
  return isWhole || ('of' in condition && condition.of.length === 1) ? wordsOf(condition) : `(${wordsOf(condition)})`;
}

/** The shortest way in which a rule says these levels. */
function levelWords(levels: readonly Level[]): string {
  const sorted = levels.toSorted((a, b) => a - b);
  const first = sorted[0]!; // a condition names one
  const last = sorted.at(-1)!;
  if (sorted.length === 1) return LEVELS[first];
  const isRun = last - first + 1 === sorted.length;
  if (isRun && last === LEVELS.length - 1) return `at_least ${LEVELS[first]}`;
  if (isRun && first === 0) return `at_most ${LEVELS[last]}`;
  return `in [${sorted.map((level) => LEVELS[level]).join(', ')}]`;
}

function testWords(test: Test): string {
  switch (test.kind) {
    case 'in': {
      const values = test.values.map(valueWords);
      return `${values.length === 1 ? values[0]! : `in [${values.join(', ')}]`}${caseWords(test.ignoreCase)}`;
    }
    case 'glob': {
      const globs = test.globs.map(quote);
      return `glob ${globs.length === 1 ? globs[0]! : `[${globs.join(', ')}]`}${caseWords(test.ignoreCase)}`;
    }
    case 'contains':
    case 'starts_with':
    case 'ends_with':
    case 'matches':
      return `${test.kind} ${quote(test.text)}${caseWords(test.ignoreCase)}`;
    case 'gt':
    case 'gte':
    case 'lt':
    case 'lte':
      return `${test.kind} ${test.digits}`;
    case 'exists':
      return `exists ${test.exists}`;
    default:
      return unreachable(test);
  }
}

const caseWords = (ignoreCase: boolean): string => (ignoreCase ? ' ignore_case' : '');

const valueWords = (value: Value): string => (value.kind === 'text' ? quote(value.text) : spellingOf(value));

/** A value as a text of the same spelling would stand in a line. */
export function spellingOf(value: Value): string {
  switch (value.kind) {
    case 'text':
      return value.text;
    case 'number':
      return value.digits;
    case 'boolean':
      return String(value.value);
    case 'null':
      return 'null';
    default:
      return unreachable(value);
  }
}

/** The name of a field as a message writes it: in quotes only if it is no plain name. */
export const plainName = (path: string): string => (/^[\w$@.-]+$/u.test(path) ? path : quote(path));
