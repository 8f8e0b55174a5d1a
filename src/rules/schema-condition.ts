import * as z from 'zod';
import { CRITICAL, FATAL, LEVELS, type Level } from '../record/level.ts';
import { groupNames, patternFault } from './pattern-fault.ts';
import { escapeControls } from './quote.ts';
import { EXIT, type Condition, type Test, type Value } from './rule.ts';
import { digitsOf } from './node.ts';
import { ALWAYS, issue, keyed, level, listOf, number, pathFault, text, value, type Issues } from './schema-words.ts';

/** A test as written: a text in `in` or `glob` that begins with `$` is the name of a list still. */
export type DraftTest = Test | { readonly kind: 'equals'; readonly value: Value };

/** A condition as written and checked, where events and lists are names still. */
export type Draft =
  | { readonly kind: 'all' | 'any'; readonly of: readonly Draft[] }
  | { readonly kind: 'not'; readonly of: Draft }
  | { readonly kind: 'is'; readonly event: string }
  | Extract<Condition, { kind: 'level' }>
  | { readonly kind: 'field'; readonly path: string; readonly tests: readonly DraftTest[] };

/** The keys of a condition that are no fields. */
export const WORDS: readonly string[] = ['all', 'any', 'not', 'is', 'fields', 'level'];

const CONTROL = /\p{Cc}/u;

/** A text to look for. */
const sought = text.meta({ minLength: 1 }).superRefine((written, ctx) => {
  if (written === '') {
    ctx.addIssue(issue('an empty text stands in every text; write what to look for, or use "exists"', { code: 'bad-test' }));
  }
  const at = written.search(CONTROL);
  if (at === -1) return;
  const shown = escapeControls(written[at]!) === '\t' ? '\\t' : escapeControls(written[at]!);
  const message = `control character ${shown} in a text test; to look for one, use "matches" with its escape in single quotes`;
  ctx.addIssue(issue(message, { code: 'bad-test', part: { start: at, end: at + 1 } }));
});

export const pattern = sought.superRefine((written, ctx) => {
  const fault = patternFault(written);
  if (fault !== undefined) ctx.addIssue(issue(fault.message, { code: 'bad-pattern', part: fault }));
});

const listName = z.string('"$name" of a list').superRefine((written, ctx) => {
  if (written.startsWith('$')) return;
  ctx.addIssue(issue('"in" takes a list, or "$name" of one; put the text into [ ]', { code: 'wrong-type' }));
});

const TEXT_TESTS = ['in', 'contains', 'starts_with', 'ends_with', 'glob', 'matches'] as const;
const NUMBER_TESTS = ['gt', 'gte', 'lt', 'lte'] as const;

const tests = keyed('a map of tests', {
  in: z
    .union([listName, listOf(value, 'a list')], 'a list, or "$name" of one')
    .describe('Equal to one of these; `$name` stands for what is in that list.')
    .optional(),
  contains: sought.describe('This text stands somewhere in the value.').optional(),
  starts_with: sought.describe('The value begins with this text.').optional(),
  ends_with: sought.describe('The value ends with this text.').optional(),
  glob: z
    .union([sought, listOf(sought, 'a list')], 'a text, a list of texts, or "$name" of one')
    .describe(
      'One of these fits the whole value: `*` stands for any text, `?` for one character; `$name` for what is in that list.',
    )
    .optional(),
  matches: pattern.describe('This pattern, in RE2 syntax, matches somewhere in the value.').optional(),
  gt: number.describe('Greater than this number.').optional(),
  gte: number.describe('Greater than this number, or equal.').optional(),
  lt: number.describe('Less than this number.').optional(),
  lte: number.describe('Less than this number, or equal.').optional(),
  exists: z.boolean('true or false').describe('Whether the line has this field.').optional(),
  ignore_case: z.boolean('true or false').describe('Whether the text tests beside it leave case aside.').optional(),
})
  .superRefine((map, ctx) => {
    if (ctx.issues.length > 0) return;
    const asked = Object.keys(map).filter((key) => key !== 'ignore_case');
    if (asked.length === 0) {
      ctx.addIssue(issue('no test; say what the field must be, or "exists: true"', { code: 'bad-test' }));
    } else if (map.ignore_case === true && !TEXT_TESTS.some((test) => map[test] !== undefined)) {
      const message = `"ignore_case" without a text test; it goes beside ${TEXT_TESTS.join(', ')}`;
      ctx.addIssue(issue(message, { code: 'bad-test', key: true }, ['ignore_case']));
    }
  })
  .transform((map): DraftTest[] => {
    const ignoreCase = map.ignore_case ?? false;
    const all: DraftTest[] = [];
    if (typeof map.in === 'string') all.push({ kind: 'in', values: [{ kind: 'text', text: map.in }], ignoreCase });
    else if (map.in !== undefined) all.push({ kind: 'in', values: map.in, ignoreCase });
    for (const kind of ['contains', 'starts_with', 'ends_with'] as const) {
      const written = map[kind];
      if (written !== undefined) all.push({ kind, text: written, ignoreCase });
    }
    if (map.matches !== undefined) {
      const groups = patternFault(map.matches) === undefined ? groupNames(map.matches) : [];
      all.push({ kind: 'matches', text: map.matches, ignoreCase, ...(groups.length > 0 ? { groups } : {}) });
    }
    if (map.glob !== undefined)
      all.push({ kind: 'glob', globs: typeof map.glob === 'string' ? [map.glob] : map.glob, ignoreCase });
    for (const kind of NUMBER_TESTS) {
      const written = map[kind];
      if (written !== undefined) all.push({ kind, digits: digitsOf(written) });
    }
    if (map.exists !== undefined) all.push({ kind: 'exists', exists: map.exists });
    return all;
  });

const field = z
  .union(
    [value.transform((read): DraftTest[] => [{ kind: 'equals', value: read }]), tests],
    'a text, number, boolean or null to be equal to, or a map of tests; for one of several, write { in: [ ] }',
  )
  .meta({ id: 'field', description: 'What a field must be: a value to be equal to, or tests that must all hold.' });

type LevelTest = Omit<Extract<Condition, { kind: 'level' }>, 'kind'>;

const namingCritical = (levels: readonly Level[], namesCritical: boolean): LevelTest =>
  namesCritical ? { levels, namesCritical } : { levels };

const levelTest = z
  .union(
    [
      level.transform((only): LevelTest => namingCritical([only], only === CRITICAL)),
      keyed('a map of "in", "at_least" or "at_most"', {
        in: listOf(level, 'a list of levels').describe('One of these.').optional(),
        at_least: level.describe('This level or a higher one.').optional(),
        at_most: level.describe('This level or a lower one.').optional(),
      }).transform((map, ctx): LevelTest => {
        const { at_least: least = 0, at_most: most = FATAL, in: some } = map;
        const fits = LEVELS.map((_, index) => index as Level).filter((each) => each >= least && each <= most);
        const levels = fits.filter((each) => some?.includes(each) ?? true);
        if (ctx.issues.length === 0 && (Object.keys(map).length === 0 || levels.length === 0)) {
          ctx.addIssue(issue('no level fits; name one, or say "at_least" or "at_most"', { code: 'contradiction' }));
        }
        const named = [map.at_least, map.at_most, ...(some ?? [])];
        return namingCritical(levels, named.includes(CRITICAL));
      }),
    ],
    'a level, or a map of "in", "at_least" or "at_most"',
  )
  .describe('The level of the line: a name, or a map of in, at_least, at_most.');

/** A map of what must all hold, and what its keys say. */
export const condition: z.ZodType<Draft> = z
  .object(
    {
      get all() {
        return listOf(condition, 'a list of conditions').describe('Every one of these conditions holds.').optional();
      },
      get any() {
        return listOf(condition, 'a list of conditions').describe('At least one of these conditions holds.').optional();
      },
      get not() {
        return condition.describe('This condition does not hold.').optional();
      },
      is: text.describe('The condition that has this name in `events` holds.').optional(),
      fields: z
        .record(text, field, 'a map of fields')
        .superRefine(checkPaths, ALWAYS)
        .describe('Fields whose names are words of this language.')
        .optional(),
      level: levelTest.optional(),
    },
    'a condition, such as { msg: { contains: … } } or { is: name-of-an-event }',
  )
  .catchall(field)
  .superRefine(checkPaths, ALWAYS)
  .meta({ id: 'conditionMap' })
  .transform(draftOf)
  .meta({
    id: 'condition',
    description: 'What a line must be. All entries hold; a key that is no word here is the path of a field.',
  });

function checkPaths(map: unknown, ctx: Issues): void {
  if (typeof map !== 'object' || map === null) return;
  for (const key of Object.keys(map)) {
    const fault = key === EXIT ? undefined : pathFault(key);
    if (fault !== undefined) ctx.addIssue(issue(fault, { code: 'bad-name', key: true }, [key]));
  }
}

function draftOf(map: object): Draft {
  // A catch-all gives every key its own type, also the words: so they are told apart by name.
  const {
    all,
    any,
    not,
    is,
    fields,
    level: levels,
    ...rest
  } = map as {
    readonly all?: readonly Draft[];
    readonly any?: readonly Draft[];
    readonly not?: Draft;
    readonly is?: string;
    readonly fields?: Readonly<Record<string, readonly DraftTest[]>>;
    readonly level?: LevelTest;
  };
  const of: Draft[] = [];
  if (levels !== undefined) of.push({ kind: 'level', ...levels });
  for (const each of [rest as NonNullable<typeof fields>, fields ?? {}]) {
    for (const [path, asked] of Object.entries(each)) of.push({ kind: 'field', path, tests: asked });
  }
  if (is !== undefined) of.push({ kind: 'is', event: is });
  if (all !== undefined) of.push({ kind: 'all', of: all });
  if (any !== undefined) of.push({ kind: 'any', of: any });
  if (not !== undefined) of.push({ kind: 'not', of: not });
  return of.length === 1 ? of[0]! : { kind: 'all', of };
}
