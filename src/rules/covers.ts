import { foldCase } from './fold.ts';
import type { Condition, Test } from './rule.ts';

/** Whether every line that matches `narrow` surely matches `broad`, too. False, if that is not plain to see. */
export function covers(broad: Condition, narrow: Condition): boolean {
  // Parts first: rules are compared in pairs, and most differ in the first test.
  if (broad.kind === 'all') return broad.of.every((part) => covers(part, narrow));
  if (narrow.kind === 'any') return narrow.of.length > 0 && narrow.of.every((part) => covers(broad, part));
  if (broad.kind === 'any') return broad.of.some((part) => covers(part, narrow));
  if (narrow.kind === 'all') return narrow.of.some((part) => covers(broad, part));
  if (broad.kind === 'level' && narrow.kind === 'level') return narrow.levels.every((level) => broad.levels.includes(level));
  if (broad.kind === 'not') return narrow.kind === 'not' && isSame(broad, narrow);
  return broad.kind === 'field' && narrow.kind === 'field' && broad.path === narrow.path && coversTest(broad.test, narrow.test);
}

/** Whether two parts of conditions are written alike. */
function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  const [left, right] = [a as Readonly<Record<string, unknown>>, b as Readonly<Record<string, unknown>>];
  // No copies of their entries: of a thousand rules there are half a million pairs.
  for (const name in left) if (!isSame(left[name], right[name])) return false;
  for (const name in right) if (!(name in left)) return false;
  return true;
}

function coversTest(broad: Test, narrow: Test): boolean {
  if (broad.kind === narrow.kind && isSame(broad, narrow)) return true;
  if (broad.kind === 'exists') return broad.exists && (narrow.kind !== 'exists' || narrow.exists);
  if (!('ignoreCase' in broad) || !('ignoreCase' in narrow) || (narrow.ignoreCase && !broad.ignoreCase)) return false;
  if (broad.kind === 'in')
    return (
      narrow.kind === 'in' &&
      !broad.ignoreCase &&
      narrow.values.every((value) => broad.values.some((each) => isSame(each, value)))
    );
  const texts = textsOf(narrow);
  if (texts === undefined) return false;
  if (broad.kind === 'matches' || broad.kind === 'glob') return false;
  const fold = (text: string): string => (broad.ignoreCase ? foldCase(text) : text);
  const wanted = fold(broad.text);
  switch (broad.kind) {
    case 'contains':
      return texts.every((text) => fold(text).includes(wanted));
    case 'starts_with':
      return (narrow.kind === 'in' || narrow.kind === 'starts_with') && texts.every((text) => fold(text).startsWith(wanted));
    case 'ends_with':
      return (narrow.kind === 'in' || narrow.kind === 'ends_with') && texts.every((text) => fold(text).endsWith(wanted));
  }
}

/** Texts of which one stands in the value whole; `undefined`, if the test may match others. */
function textsOf(test: Extract<Test, { readonly ignoreCase: boolean }>): readonly string[] | undefined {
  switch (test.kind) {
    case 'contains':
    case 'starts_with':
    case 'ends_with':
      return [test.text];
    case 'in': {
      const texts = test.values.flatMap((value) => (value.kind === 'text' ? [value.text] : []));
      // What is no text has none to look into.
      return texts.length === test.values.length && texts.length > 0 ? texts : undefined;
    }
    case 'matches':
    case 'glob':
      return undefined;
  }
}
