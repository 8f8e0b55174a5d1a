import type { Names } from '../record/names.ts';
import { unreachable, type LogRecord } from '../record/record.ts';
import { compileLater, fieldAt, type Field } from './condition.ts';
import { compilePattern, type Groups, type Pattern } from './pattern.ts';
import type { Condition, Test } from './rule.ts';

/** What the named groups of a condition's patterns have matched in a line. */
export interface Captures {
  readonly names: ReadonlySet<string>;
  /** In a line that fits the condition. */
  in: (record: LogRecord) => Groups;
  /** The slots of the values that this depends on; `undefined` if it depends on more than values of the line's own. */
  readonly reads: readonly number[] | undefined;
}

/** `undefined` if no pattern of the condition has a named group that may bind. Ask before a record of these names is made, or `known`. */
export function capturesOf(condition: Condition, names: Names, known: boolean): Captures | undefined {
  const bound = boundIn(condition);
  if (bound.length === 0) return undefined;
  const bind = binderOf(condition, names, known)!; // there are groups
  return {
    names: new Set(bound),
    in: (record) => {
      const groups = new Map<string, string>();
      bind(record, groups);
      return groups;
    },
    reads: slotsOf(condition, names),
  };
}

/** The field at `path`, or what is captured by that name in lines that fit the condition of `captures`. */
export function fieldIn(captures: Captures | undefined, path: string, names: Names): Field {
  const own = fieldAt(path, names);
  if (captures?.names.has(path) !== true) return own;
  const text = (record: LogRecord): string | undefined => captures.in(record).get(path) ?? own.spelling(record);
  return {
    slots: undefined,
    reads: captures.reads && own.reads && [...captures.reads, ...own.reads],
    exists: (record) => text(record) !== undefined,
    text,
    digits: () => undefined,
    is: () => false,
    spelling: text,
  };
}

/** The names that a condition may bind: none under `not`. */
function boundIn(condition: Condition): readonly string[] {
  switch (condition.kind) {
    case 'all':
    case 'any':
      return condition.of.flatMap(boundIn);
    case 'field':
      return condition.test.kind === 'matches' ? (condition.test.groups ?? []) : [];
    case 'not':
    case 'level':
      return [];
    default:
      return unreachable(condition);
  }
}

/** Adds what is captured in a record that fits, under names that are not taken yet. */
type Binder = (record: LogRecord, groups: Map<string, string>) => void;

function binderOf(condition: Condition, names: Names, known: boolean): Binder | undefined {
  switch (condition.kind) {
    case 'all': {
      const binders = condition.of.flatMap((part) => binderOf(part, names, known) ?? []);
      return binders.length === 0 ? undefined : (record, groups) => binders.forEach((bind) => bind(record, groups));
    }
    case 'any': {
      // Also those behind the first that fits.
      const parts = condition.of.flatMap((part) => {
        const bind = binderOf(part, names, known);
        return bind === undefined ? [] : { fits: compileLater(part, names, known), bind };
      });
      if (parts.length === 0) return undefined;
      return (record, groups) => {
        for (const { fits, bind } of parts) if (fits(record)) bind(record, groups);
      };
    }
    case 'field':
      return condition.test.kind === 'matches' && condition.test.groups !== undefined
        ? patternBinder(condition.test, fieldAt(condition.path, names))
        : undefined;
    case 'not':
    case 'level':
      return undefined;
    default:
      return unreachable(condition);
  }
}

function patternBinder({ text: pattern, ignoreCase }: Extract<Test, { kind: 'matches' }>, field: Field): Binder {
  let compiled: Pattern | undefined;
  // A key of several captures and the texts of a change ask for the same line in turn: it is matched once.
  let last: string | undefined;
  let found: Groups | undefined;
  return (record, groups) => {
    const text = field.text(record);
    if (text === undefined) return;
    if (text !== last) {
      found = (compiled ??= compilePattern(pattern, ignoreCase)).groupsIn(text);
      last = text;
    }
    if (found === undefined) return;
    for (const [name, captured] of found) if (!groups.has(name)) groups.set(name, captured);
  };
}

/** Of all values that the condition looks at. */
function slotsOf(condition: Condition, names: Names): readonly number[] | undefined {
  switch (condition.kind) {
    case 'all':
    case 'any': {
      const parts = condition.of.map((part) => slotsOf(part, names));
      return parts.every((slots) => slots !== undefined) ? parts.flat() : undefined;
    }
    case 'not':
      return slotsOf(condition.of, names);
    case 'level':
      return [];
    case 'field':
      return fieldAt(condition.path, names).slots;
    default:
      return unreachable(condition);
  }
}
