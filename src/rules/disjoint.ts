import { unreachable } from '../record/record.ts';
import { foldCase } from './fold.ts';
import { compileGlob } from './glob.ts';
import { compilePattern } from './pattern.ts';
import type { Test, Value } from './rule.ts';

type Of<Kind extends Test['kind']> = Test & { readonly kind: Kind };

/** Whether surely no value matches both of two tests of one field. False, if that is not plain to see. */
export function areDisjoint(a: Test, b: Test): boolean {
  if (a.kind === 'exists' || b.kind === 'exists') return areDisjointWithExists(a, b);
  if (a.kind === 'in') return a.values.length <= MOST_VALUES && a.values.every((value) => excludes(b, value, a.ignoreCase));
  if (b.kind === 'in') return areDisjoint(b, a);
  if (isBound(a) && isBound(b)) return leaveNoNumber(a, b) || leaveNoNumber(b, a);
  return beginApart(a, b) || endApart(a, b);
}

/** Every other test asks for a value. */
function areDisjointWithExists(a: Test, b: Test): boolean {
  const exists = (test: Test): boolean => test.kind !== 'exists' || test.exists;
  return exists(a) !== exists(b);
}

/** Longer lists are not compared. */
const MOST_VALUES = 1_000;

/** Whether no field that equals `value` matches the test. */
function excludes(test: Exclude<Test, Of<'exists'>>, value: Value, ignoreCase: boolean): boolean {
  switch (test.kind) {
    case 'in':
      // Two long lists would be compared value by value.
      return (
        test.values.length <= MOST_VALUES && test.values.every((other) => areUnlike(value, other, ignoreCase || test.ignoreCase))
      );
    case 'gt':
    case 'gte':
    case 'lt':
    case 'lte':
      return isOutside(value, test);
    case 'contains':
    case 'starts_with':
    case 'ends_with':
    case 'glob':
    case 'matches':
      return isOtherText(value, test, ignoreCase);
    default:
      return unreachable(test);
  }
}

/** In pairs, which do not tell texts from numbers, a text that spells a number is that number, and `true` is true. */
function areUnlike(a: Value, b: Value, ignoreCase: boolean): boolean {
  if (a.kind === 'null' || b.kind === 'null') return a.kind !== b.kind;
  if (a.kind === 'text' && b.kind === 'text') return ignoreCase ? foldCase(a.text) !== foldCase(b.text) : a.text !== b.text;
  if (a.kind === 'boolean' || b.kind === 'boolean') return spellingOf(a) !== spellingOf(b);
  return numberOf(a) !== numberOf(b);
}

const spellingOf = (value: Value): string =>
  value.kind === 'text' ? foldCase(value.text) : value.kind === 'boolean' ? String(value.value) : '';

/** NaN, if it spells none. Doubles that differ are numbers that differ. */
const numberOf = (value: Value): number =>
  value.kind === 'number' ? Number(value.digits) : value.kind === 'text' ? Number(value.text) : NaN;

function isOutside(value: Value, bound: Bound): boolean {
  const number = numberOf(value);
  if (Number.isNaN(number)) return true;
  const limit = Number(bound.digits);
  if (number !== limit) return bound.kind === 'gt' || bound.kind === 'gte' ? number < limit : number > limit;
  return (bound.kind === 'gt' || bound.kind === 'lt') && isExact(number);
}

/** Beyond, numbers that differ may be one double. */
const isExact = (number: number): boolean => Math.abs(number) <= Number.MAX_SAFE_INTEGER;

/** A number may be spelled in many ways, and in pairs it is a text. */
function isOtherText(value: Value, test: TextTest, ignoreCase: boolean): boolean {
  if (value.kind === 'null') return true;
  if (value.kind === 'number') return false;
  if (test.kind === 'matches') {
    const text = value.kind === 'text' ? value.text : String(value.value);
    return !ignoreCase && !compilePattern(test.text, test.ignoreCase).test(text);
  }
  // Folded, texts match more, and never less.
  const isFolded = ignoreCase || test.ignoreCase;
  const fold = (text: string): string => (isFolded ? foldCase(text) : text);
  const text = fold(value.kind === 'text' ? value.text : String(value.value));
  switch (test.kind) {
    case 'contains':
      return !text.includes(fold(test.text));
    case 'starts_with':
      return !text.startsWith(fold(test.text));
    case 'ends_with':
      return !text.endsWith(fold(test.text));
    case 'glob':
      return test.globs.every((glob) => !compileGlob(fold(glob))(text));
    default:
      return unreachable(test);
  }
}

type TextTest = Of<'contains' | 'starts_with' | 'ends_with' | 'glob' | 'matches'>;
type Bound = Of<'gt' | 'gte' | 'lt' | 'lte'>;

const isBound = (test: Test): test is Bound => 'digits' in test;

/** `low` is a lower bound, `high` an upper one, and no number is between. */
function leaveNoNumber(low: Bound, high: Bound): boolean {
  if (low.kind === 'lt' || low.kind === 'lte' || high.kind === 'gt' || high.kind === 'gte') return false;
  const [from, to] = [Number(low.digits), Number(high.digits)];
  if (from !== to) return from > to;
  return (low.kind === 'gt' || high.kind === 'lt') && isExact(from);
}

/** Whether the two ask for unlike beginnings. */
function beginApart(a: Test, b: Test): boolean {
  const [left, right] = [beginningsOf(a), beginningsOf(b)];
  return left.length > 0 && right.length > 0 && left.every((one) => right.every((other) => !areOneBeginning(one, other)));
}

function endApart(a: Test, b: Test): boolean {
  if (a.kind !== 'ends_with' || b.kind !== 'ends_with') return false;
  const fold = (text: string): string => (a.ignoreCase || b.ignoreCase ? foldCase(text) : text);
  const [left, right] = [fold(a.text), fold(b.text)];
  return !left.endsWith(right) && !right.endsWith(left);
}

interface Beginning {
  readonly text: string;
  readonly ignoreCase: boolean;
  /** Nothing comes behind it. */
  readonly isWhole: boolean;
}

/** Texts with one of which a value that matches begins; none, if that is not known. */
function beginningsOf(test: Test): readonly Beginning[] {
  if (test.kind === 'starts_with') return [{ text: test.text, ignoreCase: test.ignoreCase, isWhole: false }];
  if (test.kind !== 'glob') return [];
  return test.globs.map((glob) => {
    const [text = ''] = glob.split(/[*?]/u, 1);
    return { text, ignoreCase: test.ignoreCase, isWhole: text === glob };
  });
}

function areOneBeginning(a: Beginning, b: Beginning): boolean {
  const fold = (text: string): string => (a.ignoreCase || b.ignoreCase ? foldCase(text) : text);
  const [left, right] = [fold(a.text), fold(b.text)];
  return (left.startsWith(right) && !(b.isWhole && left !== right)) || (right.startsWith(left) && !(a.isWhole && left !== right));
}
