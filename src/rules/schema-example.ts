import * as z from 'zod';
import { LEVELS, type Level } from '../record/level.ts';
import type { Example, Outcome } from './rule.ts';
import { ALWAYS, duration, exitCode, issue, keyed, level, listOf, oneOf, text, type Issues } from './schema-words.ts';

const OUTCOME_WORDS = ['same', 'folded', ...LEVELS] as const;

const becomes = z
  .union(
    [
      oneOf(OUTCOME_WORDS, 'outcome', 'outcomes are').transform((word): Outcome => {
        if (word === 'same' || word === 'folded') return { kind: word };
        return checksOf({ level: LEVELS.indexOf(word) as Level });
      }),
      keyed('a map of what to check', {
        level: level.describe('Its level afterwards.').optional(),
        rule: text.describe('The rule that the annotation names.').optional(),
        msg: text.describe('Its message afterwards.').optional(),
        note: text.describe('The note of the annotation.').optional(),
        why: text.describe('The reason that the annotation gives.').optional(),
      }).transform((map, ctx): Outcome => {
        if (ctx.issues.length === 0 && Object.keys(map).length === 0) {
          ctx.addIssue(issue('nothing to check; say one of "level", "rule", "msg", "note" and "why"', { code: 'bad-example' }));
        }
        return checksOf(map);
      }),
    ],
    'same, folded, a level, or a map of what to check',
  )
  .describe('What becomes of the line: `same`, `folded`, a level, or a map of what to check.');

type Checks = { readonly [Key in 'rule' | 'msg' | 'note' | 'why']?: string | undefined } & { readonly level?: Level | undefined };

function checksOf({ level: after, rule: id, msg, note, why }: Checks): Outcome {
  return { kind: 'checks', level: after, rule: id, msg, note, why };
}

const exampleLine = keyed('a map of "at", "line" and "becomes", or of "at" and "exit"', {
  at: duration.describe('When the line arrives, counted from the beginning; as the line before if not said.').optional(),
  line: text.describe('The line, with the lines that continue it if there are any; without one, only time passes.').optional(),
  becomes: becomes.optional(),
  exit: exitCode
    .describe('In place of a line: the process ends with this code, or with 128 and the number of the signal that it died of.')
    .optional(),
}).superRefine((map, ctx) => {
  if (map.exit !== undefined && map.line !== undefined) {
    ctx.addIssue(issue('"exit" beside a "line"; the process ends by itself', { code: 'bad-example', key: true }, ['exit']));
  }
  if (map.becomes !== undefined && map.line === undefined) {
    ctx.addIssue(issue('"becomes" without a "line"; say which line', { code: 'bad-example', key: true }, ['becomes']));
  }
});

/** Takes lines of any shape: those without a time are passed over. */
function checkTimes(lines: unknown, ctx: Issues): void {
  if (!Array.isArray(lines)) return;
  let last = 0;
  for (const [index, each] of (lines as { at?: unknown }[]).entries()) {
    if (typeof each?.at !== 'number') continue;
    if (each.at < last) {
      const message = 'time falls; "at" is at least that of the line before';
      ctx.addIssue(issue(message, { code: 'bad-example' }, [index, 'at']));
    }
    last = Math.max(last, each.at);
  }
}

/** The end of the process is the end of the example. */
function checkExit(lines: unknown, ctx: Issues): void {
  if (!Array.isArray(lines)) return;
  const index = (lines as { exit?: unknown }[]).findIndex((each) => each?.exit !== undefined);
  if (index === -1 || index === lines.length - 1) return;
  const message = 'the process has ended, so nothing comes behind it; move "exit" to the last line';
  ctx.addIssue(issue(message, { code: 'bad-example', key: true }, [index, 'exit']));
}

/** The lines of an example, or of a test. */
export const exampleLines = listOf(exampleLine, 'a list of lines')
  .superRefine(checkTimes, ALWAYS)
  .superRefine(checkExit, ALWAYS)
  .describe('Lines in the order of their arrival.');

/** A rule's own test. */
export const example = keyed('a map of "name" and "lines"', {
  name: text.describe('What the example shows.'),
  lines: exampleLines,
});

/** As written: without an `at`, a line comes at the time of the one before it. */
type DraftExample = z.output<typeof example>;

/** An example with the time of each line. */
export function exampleOf({ name, lines }: DraftExample): Example {
  let last = 0;
  const timed = lines.map(({ at = last, ...rest }) => ({
    at: (last = at),
    line: rest.line,
    becomes: rest.becomes,
    exit: rest.exit,
  }));
  return { name, lines: timed };
}
