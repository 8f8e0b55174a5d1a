import * as z from 'zod';
import { NUMBER_SCALES, type NumberScale } from '../record/level-names.ts';
import { LEVELS, TARGETS, type Level } from '../record/level.ts';
import { MATURITIES } from './maturity.ts';
import type { Correlation, GroupField, MaskName } from './rule.ts';
import { condition, pattern } from './schema-condition.ts';
import { example } from './schema-example.ts';
import { format } from './schema-format.ts';
import {
  ALWAYS,
  count,
  duration,
  eventOrListName,
  issue,
  keyed,
  listOf,
  oneOf,
  path,
  raised,
  ruleId,
  span,
  target,
  template,
  text,
  until,
  value,
  version,
  zone,
  type Issues,
} from './schema-words.ts';
import { quote } from './quote.ts';
import { readTemplate } from './template.ts';

const awaited = listOf(
  z
    .union([text, condition], 'the name of an event, or a condition')
    .describe('The name of an event, or a condition written in place.'),
  'a list of events',
);

/** Every line has these, so that no name behind them is ever asked for. */
const ALWAYS_THERE = ['$source', '$line'];

const firstOf = keyed('a map of "first_of"', {
  first_of: listOf(path, 'a list of fields')
    .superRefine((names, ctx) => {
      if (names.length < 2) {
        const message = '"first_of" chooses from several fields; name two or more, or write the name of the one by itself';
        ctx.addIssue(issue(message, { code: 'contradiction' }));
      }
      for (const [index, name] of names.entries()) {
        if (names.indexOf(name) < index) {
          ctx.addIssue(issue(`${quote(name)} stands in "first_of" twice; take one out`, { code: 'contradiction' }, [index]));
        } else if (ALWAYS_THERE.includes(name) && index < names.length - 1) {
          const message = `every line has ${quote(name)}, so that the fields behind it are never asked for; name it last`;
          ctx.addIssue(issue(message, { code: 'contradiction' }, [index]));
        }
      }
    })
    .describe('The first of these fields that the line has.'),
});

const fieldName = z
  .union([path, firstOf], 'the name of a field, or { first_of: [ ] }')
  .describe('A field; or the first of several that the line has.');

const correlation = z
  .union(
    [
      path.transform((name): Correlation => ({ here: name, there: name })),
      keyed('a map of "here" and "there"', {
        here: fieldName.describe('A field of the line that waits.'),
        there: fieldName.describe('The field of the event that must have the same value.'),
      }),
      firstOf.transform((names): Correlation => ({ here: names, there: names })),
    ],
    'the name of a field, { first_of: [ ] }, or { here, there }',
  )
  .describe(
    'A field that must be the same on both lines; { first_of: [ ] } if lines name it in several ways; { here, there } if its names differ.',
  );

const SCALES = Object.keys(NUMBER_SCALES) as readonly NumberScale[];

const MASKS: readonly MaskName[] = ['number', 'hex', 'uuid', 'ip', 'word', 'path', 'quoted'];

const maskNamed = z.union(
  [
    oneOf(MASKS, 'mask', 'masks are'),
    keyed('a map of "pattern"', { pattern: pattern.describe('What this pattern, in RE2 syntax, matches.') }),
  ],
  'the name of a mask, or { pattern }',
);

const groupField = z
  .union(
    [
      path.transform((field): GroupField => ({ field, mask: [] })),
      keyed('a map of "field" and "mask"', {
        field: fieldName.describe('The field.'),
        mask: z
          .union([z.literal('all', 'all'), listOf(maskNamed, 'a list of masks')], '"all", or a list of masks')
          .describe('Parts of its value that do not count, or `all` where none of it does.'),
      }).superRefine(({ field, mask }, ctx) => {
        if (mask !== 'all' || typeof field === 'string') return;
        const message = '"mask: all" leaves the value out, so that there is nothing to choose from; name one field';
        ctx.addIssue(issue(message, { code: 'contradiction' }, ['field']));
      }),
      firstOf.transform((field): GroupField => ({ field, mask: [] })),
    ],
    'the name of a field, { first_of: [ ] }, or { field, mask }',
  )
  .describe('A field whose values make groups.');

const msg = template
  .describe('The new message. `${path}` is a field of the line, `${event.path}` of the event that decided.')
  .optional();
const note = template.describe('What the annotation adds; `${path}` and `${event.path}` as in `msg`.').optional();

/** Some key must be there. */
function checkChange(map: object, ctx: Issues & { readonly issues: readonly unknown[] }): void {
  if (ctx.issues.length > 0 || Object.keys(map).length > 0) return;
  ctx.addIssue(issue('nothing to change; say at least one of "level", "msg" and "note"', { code: 'contradiction' }));
}

const thenChange = keyed('a map of "level", "msg" or "note"', {
  level: target.describe('The new level; it only lowers.').optional(),
  raise: raised.describe('In place of `level`, and without `await`: raises lines below this level to it.').optional(),
  msg,
  note,
})
  .superRefine(checkChange)
  .superRefine((map, ctx) => {
    if (map.level === undefined || map.raise === undefined) return;
    const message = '"raise" stands in place of "level"; take one of them out';
    ctx.addIssue(issue(message, { code: 'contradiction', key: true }, ['raise']));
  });

const elseChange = keyed('a map of "level", "msg" or "note"', {
  level: target.describe('The new level; it may be a higher one.').optional(),
  msg,
  note,
}).superRefine(checkChange);

const waiting = keyed('a map with "within" in it', {
  success: awaited.describe('One of these means that the line was harmless.').default([]),
  failure: awaited.describe('One of these means that it was not.').default([]),
  within: span.describe('How long a line waits, such as 1s.'),
  silence: oneOf(['success', 'failure']).describe('What it means that neither came; `failure` if not said.').default('failure'),
  by: listOf(correlation, 'a list of fields').describe('Fields that are the same on both lines.').default([]),
  lookback: duration.describe('The last such event up to this long before the line counts, too.').optional(),
});

const repeat = keyed('a map with "window" in it', {
  by: listOf(groupField, 'a list of fields').describe('A group per value of these, and per message.').default([]),
  window: span.describe('How long a group lasts, from its first line.'),
  rest: oneOf(['fold', ...TARGETS])
    .describe('What becomes of the repeats: `fold`, or the level at which they pass.')
    .default('fold')
    .transform((word): 'fold' | Level => (word === 'fold' ? word : (LEVELS.indexOf(word) as Level))),
});

const budget = keyed('a map of "lines" and "per"', {
  lines: count.describe('How many lines the rule may change,'),
  per: span.describe('in this time; past it they pass unchanged.'),
  over: raised.describe('The level of lines past it, which may be a higher one.').optional(),
});

const rule = keyed('a rule, which is a map', {
  id: ruleId.describe('Unique over all loaded files; shown in every annotation.'),
  why: text.describe('Why such a line does no harm.').optional(),
  refs: listOf(text, 'a list of texts').describe('Where to read more.').default([]),
  until: until.describe('A date or an instant past which the rule rests.').optional(),
  shadow: z
    .boolean('true or false')
    .describe(
      'With `true`, the rule changes no line and takes none from the rules behind it: relevel only counts what it would do.',
    )
    .optional(),
  when: condition.describe('The lines that this rule judges.'),
  await: waiting.describe('What decides whether the line was harmless.').optional(),
  then: thenChange.describe('What becomes of a harmless line.').optional(),
  else: elseChange.describe('What becomes of a line that was not; without it, it is released unchanged.').optional(),
  repeat: repeat.describe('Says a line once, and counts its repeats.').optional(),
  budget: budget.describe('How much this rule may lower.').optional(),
  examples: listOf(example, 'a list of examples').describe('What `relevel check` runs.').default([]),
}).superRefine(checkRule, ALWAYS);

/** What no part of a rule can know by itself. */
function checkRule(map: unknown, ctx: Issues): void {
  if (typeof map !== 'object' || map === null) return;
  const parts = map as { await?: unknown; then?: unknown; else?: unknown };
  if (parts.await === undefined) {
    if (parts.else !== undefined) {
      const message = '"else" without "await"; only an awaited event can fail';
      ctx.addIssue(issue(message, { code: 'contradiction', key: true }, ['else']));
    }
    checkNoEvent(parts.then, 'then', ctx);
    checkNoEvent(parts.else, 'else', ctx);
    return;
  }
  if (typeof parts.then === 'object' && parts.then !== null && 'raise' in parts.then && parts.then.raise !== undefined) {
    const message = '"raise" beside "await"; what was decided a success is lowered, and "else" raises by its "level"';
    ctx.addIssue(issue(message, { code: 'contradiction', key: true }, ['then', 'raise']));
  }
  const { success, silence } = (parts.await ?? {}) as { success?: unknown; silence?: unknown };
  if (Array.isArray(success) && success.length === 0 && silence === 'failure') {
    const message = 'this "await" can never lower; name a "success", or say "silence: success"';
    ctx.addIssue(issue(message, { code: 'contradiction', key: true }, ['await']));
  }
}

/** `${event.path}` has nothing to stand for in a rule that awaits none. */
function checkNoEvent(texts: unknown, key: string, ctx: Issues): void {
  if (typeof texts !== 'object' || texts === null) return;
  for (const [name, written] of Object.entries(texts)) {
    if (typeof written !== 'string') continue;
    const part = readTemplate(written).fields.find(({ of }) => of === 'event');
    if (part === undefined) continue;
    const message = 'no event decides here; "${event.…}" needs an "await" in its rule';
    ctx.addIssue(issue(message, { code: 'bad-template', part }, [key, name]));
  }
}

const names = (meaning: string) => listOf(path, 'a list of names').describe(meaning).optional();

const read = keyed('a map of how lines are read', {
  level: names('Names of the level that are searched before the usual ones.'),
  msg: names('Names of the message that are searched before the usual ones.'),
  time: names('Names of the time that are searched before the usual ones.'),
  numbers: oneOf(SCALES, 'scale', 'scales are')
    .describe('The scale of numbers under `level`, `lvl` and your own names.')
    .optional(),
  zone: zone
    .describe('Of times that name none: local, UTC, an offset such as +02:00, or a name such as Europe/Berlin.')
    .optional(),
  formats: listOf(format, 'a list of formats')
    .describe('Headers of text lines, asked before those that relevel knows.')
    .optional(),
});

/** The one definition of a rules file: its shape, its messages, and what an editor shows. */
export const rulesSchema = keyed('a map that begins with "version: 1"', {
  version: version.describe('The version of the rule language: 1.'),
  maturity: oneOf(MATURITIES, 'maturity')
    .describe('How far the rules of a pack are trusted; of the packs that ship, "builtin" loads the stable ones.')
    .optional(),
  read: read.describe('How lines are read, where the usual ways do not do.').optional(),
  lists: z
    .record(eventOrListName, listOf(value, 'a list'), 'a map of lists')
    .describe('Named values, used as `$name` in `in` and `glob`.')
    .default({}),
  events: z
    .record(eventOrListName, condition, 'a map of conditions')
    .describe('Named conditions, awaited by name, or used as `is: name` in a condition.')
    .default({}),
  protect: listOf(condition, 'a list of conditions')
    .describe('Lines that no rule may change; fatal is always among them.')
    .default([]),
  rules: listOf(rule, 'a list of rules').describe('The first rule that fits a line judges it.').default([]),
}).meta({ title: 'relevel rules', description: 'Rules for relevel, version 1.' });

/** A rules file as written and checked; events and lists are names still. */
export type DraftFile = z.output<typeof rulesSchema>;
export type DraftRule = DraftFile['rules'][number];

/** JSON Schema, draft 2020-12, of a rules file, for editors. Cross-references between names are beyond it. */
export function rulesJsonSchema(): object {
  return z.toJSONSchema(rulesSchema, { target: 'draft-2020-12', io: 'input', unrepresentable: 'any' });
}
