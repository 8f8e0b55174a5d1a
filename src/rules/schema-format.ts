import * as z from 'zod';
import { LEVELS } from '../record/level.ts';
import type { TextFormat } from '../record/text-format.ts';
import { parsePattern } from '../record/text-pattern.ts';
import { digitsOf } from './node.ts';
import { quote } from './quote.ts';
import { issue, keyed, listOf, number, oneOf, text } from './schema-words.ts';

const pattern = text.superRefine((written, ctx) => {
  for (const { message, start, end } of parsePattern(written).faults)
    ctx.addIssue(issue(message, { code: 'bad-pattern', part: { start, end } }));
});

const name = text.superRefine((written, ctx) => {
  if (/^[A-Za-z0-9][\w.-]*$/u.test(written)) return;
  const right = 'a name is letters, digits, "_", "." and "-", and begins with a letter or digit';
  ctx.addIssue(issue(`${quote(written)} is no name of a format; ${right}`, { code: 'bad-name' }));
});

const expected = z
  .union([text, number, z.boolean()], 'a text, number or boolean')
  .transform((written): string => (typeof written === 'symbol' ? digitsOf(written) : String(written)));

const sample = keyed('a map of "line" and "is"', {
  line: text.describe('A line as the program writes it.'),
  is: z
    .record(text, expected, 'a map of fields')
    .describe('What is read of it: `level`, `msg`, `time` (RFC 3339, in UTC if it names no zone) and fields.'),
});

/** The header of a program's lines, as an operator describes it. */
export const format = keyed('a map of "name" and "pattern"', {
  name: name.describe('What `relevel read` calls it.'),
  pattern: z
    .union(
      [pattern.transform((one): readonly string[] => [one]), listOf(pattern, 'a list of patterns')],
      'a pattern, or a list of patterns',
    )
    .describe('Literals and parts in braces: {level}, {time}, {msg}, {pairs}, {json}, {}, and {names} of your own.'),
  levels: z
    .record(text, oneOf(LEVELS, 'level', 'levels are'), 'a map of words and levels')
    .describe('The words that it has for levels, if they are not the usual ones, such as LOG: info.')
    .optional(),
  samples: listOf(sample, 'a list of samples').describe('What `relevel check` reads.').default([]),
}).transform(({ name: called, pattern: patterns, levels, samples }): TextFormat => ({
  name: called,
  patterns,
  levels,
  samples,
}));
