import { LEVELS } from '../../record/level.ts';
import { unreachable } from '../../record/record.ts';
import { spellingOf } from '../../rules/condition-words.ts';
import type { Condition, Test } from '../../rules/rule.ts';

/** Every test of a field in a condition, also what must not be. */
export function fieldTestsIn(condition: Condition): readonly (Condition & { readonly kind: 'field' })[] {
  switch (condition.kind) {
    case 'all':
    case 'any':
      return condition.of.flatMap(fieldTestsIn);
    case 'not':
      return fieldTestsIn(condition.of);
    case 'field':
      return [condition];
    case 'level':
      return [];
    default:
      return unreachable(condition);
  }
}

/** Values of which some pass a test, and others nearly do. */
export function valuesFor(test: Test): string[] {
  switch (test.kind) {
    case 'in':
      return test.values.map(spellingOf);
    case 'contains':
    case 'starts_with':
    case 'ends_with':
      return [test.text, `${test.text} x`, `x ${test.text}`, `x ${test.text} x`];
    case 'glob':
      return test.globs.map((glob) => glob.replaceAll('*', 'x').replaceAll('?', 'x'));
    case 'gt':
    case 'gte':
    case 'lt':
    case 'lte': {
      const bound = Number(test.digits);
      return [bound, bound + 1, bound - 1].map(String);
    }
    case 'exists':
      return ['x'];
    case 'matches':
      return [];
    default:
      return unreachable(test);
  }
}

/** Values that pass some of the text tests of one field and not others: pieces of them, joined. */
export function joinedFor(tests: readonly Test[]): string[] {
  const textsOf = (kind: Test['kind']): string[] => [
    '',
    ...new Set(tests.flatMap((test) => (test.kind === kind && 'text' in test ? [test.text] : []))),
  ];
  const joined = textsOf('starts_with').flatMap((start) =>
    textsOf('contains').flatMap((middle) =>
      textsOf('ends_with').map((end) => [start, middle, end].filter((part) => part !== '')),
    ),
  );
  return joined
    .filter((parts) => parts.length > 1)
    .map((parts) => parts.join(' '))
    .slice(0, MOST_JOINED);
}

const MOST_JOINED = 40;

/** What a line is to have under one path. */
interface Wanted {
  /** As JSON. */
  json: string | undefined;
  start: string;
  middle: string;
  end: string;
}

/**
 * A JSON line that has what a condition asks for, as far as that is plain to see; of several ways, the first, or the one that has one of
 * `wanted` in it.
 */
export function specimenOf(condition: Condition, wanted: readonly Condition[]): string {
  const fields = new Map<string, Wanted>();
  fieldOf(fields, 'level').json = '"error"';
  collect(condition, wanted, fields);
  if (!fields.has('msg')) fieldOf(fields, 'msg').json = '"x"';
  const members = Array.from(fields, ([path, { json, start, middle, end }]) => {
    const text = [start, middle, end].filter((part) => part !== '').join(' ');
    const value = json ?? (text === '' ? undefined : JSON.stringify(text));
    return value === undefined ? [] : [`${JSON.stringify(path)}:${value}`];
  });
  return `{${members.flat().join(',')}}`;
}

function fieldOf(fields: Map<string, Wanted>, path: string): Wanted {
  const name = path === '$line' ? 'msg' : path;
  const known = fields.get(name);
  if (known !== undefined) return known;
  const made: Wanted = { json: undefined, start: '', middle: '', end: '' };
  fields.set(name, made);
  return made;
}

function collect(condition: Condition, wanted: readonly Condition[], fields: Map<string, Wanted>): void {
  switch (condition.kind) {
    case 'all':
      for (const part of condition.of) collect(part, wanted, fields);
      return;
    case 'any': {
      const way = condition.of.find((part) => wanted.some((each) => holds(part, each))) ?? condition.of[0];
      if (way !== undefined) collect(way, wanted, fields);
      return;
    }
    case 'level':
      fieldOf(fields, 'level').json = JSON.stringify(LEVELS[condition.levels.includes(4) ? 4 : condition.levels[0]!]);
      return;
    case 'field':
      return want(fieldOf(fields, condition.path), condition.test);
    case 'not':
      return;
    default:
      unreachable(condition);
  }
}

function want(field: Wanted, test: Test): void {
  switch (test.kind) {
    case 'starts_with':
      field.start = test.text;
      return;
    case 'contains':
      field.middle += `${field.middle === '' ? '' : ' '}${test.text}`;
      return;
    case 'ends_with':
      field.end = test.text;
      return;
    case 'exists':
      if (test.exists) field.middle ||= 'x';
      return;
    case 'in':
    case 'glob':
    case 'gt':
    case 'gte':
    case 'lt':
    case 'lte':
    case 'matches': {
      const [value] = valuesFor(test);
      const isRaw = test.kind === 'in' ? test.values[0]?.kind !== 'text' : 'digits' in test;
      if (value !== undefined) field.json = isRaw ? value : JSON.stringify(value);
      return;
    }
    default:
      unreachable(test);
  }
}

function holds(condition: Condition, part: Condition): boolean {
  if (condition === part) return true;
  if (condition.kind === 'not') return holds(condition.of, part);
  return 'of' in condition && condition.of.some((each) => holds(each, part));
}
