import * as z from 'zod';
import { ORIGIN_PARTS } from '../record/envelope.ts';
import { LEVELS, RAISED, TARGETS, type Level } from '../record/level.ts';
import { zoneNamed } from '../record/zone.ts';
import { readDuration, readUntil } from './duration.ts';
import type { ProblemCode, Span } from './problem.ts';
import { quote } from './quote.ts';
import { isExitCode, MOST_CODE, notAnExitCode } from './exit-code.ts';
import { EXIT, type Value } from './rule.ts';
import { readTemplate } from './template.ts';
import { describe, digitsOf, type Digits } from './node.ts';

// The `error` of a schema says what it expects (`a number`); `issues.ts` makes the sentence of it.
// A check that fails comes with a whole sentence, and with these.

/** What a failed check tells beside its message. */
export interface Details {
  readonly code: ProblemCode;
  /** The part of the text that is at fault. */
  readonly part?: Span;
  /** Whether it is the key that is at fault, and not what stands under it. */
  readonly key?: true;
}

/** An issue for `ctx.addIssue`. */
export function issue(message: string, details: Details, path: (string | number)[] = []) {
  return { code: 'custom' as const, message, params: { ...details }, path };
}

/** Where a check puts its issues. */
export interface Issues {
  addIssue(found: ReturnType<typeof issue>): void;
}

/** A check that also runs where the shape is at fault, so that all problems come at once: its value may be anything. */
export const ALWAYS = { when: () => true };

/** A map of these keys and no other. */
export function keyed<Shape extends z.core.$ZodLooseShape>(expected: string, shape: Shape) {
  // zod has one issue for all unknown keys: of its message, the keys that are known, one problem is made for each.
  const known = Object.keys(shape).join(' ');
  return z.strictObject(shape, { error: ({ code }) => (code === 'unrecognized_keys' ? known : expected) });
}

export const listOf = <Item extends z.ZodType>(item: Item, expected: string) => z.array(item, expected);

/** One of a few words. */
export function oneOf<const Words extends readonly string[]>(words: Words, noun = 'word', are = 'choose from') {
  return z.enum(words, {
    error: ({ input }) => {
      const wrong =
        typeof input === 'string' ? `unknown ${noun} ${quote(input)}` : `expected a ${noun}, found ${describe(input)}`;
      return `${wrong}; ${are} ${words.join(', ')}`;
    },
  });
}

export const text = z.string('a text');

const isNumber = (written: unknown): boolean => typeof written === 'symbol';

export const number = z.custom<Digits>(isNumber, 'a number').meta({ type: 'number' });

export const version = z
  .custom<Digits>(isNumber, 'the number 1')
  .meta({ const: 1 })
  .superRefine((written, ctx) => {
    const digits = digitsOf(written);
    if (digits !== '1')
      ctx.addIssue(issue(`unknown version ${quote(digits).slice(1, -1)}; this program reads version 1`, { code: 'bad-number' }));
  });

/** A whole number above zero, and few enough to count. */
export const count = number.meta({ type: 'integer', minimum: 1 }).transform((written, ctx): number => {
  const digits = digitsOf(written);
  if (/^[1-9]\d{0,14}$/u.test(digits)) return Number(digits);
  ctx.addIssue(issue(`${quote(digits).slice(1, -1)} is no whole number above zero`, { code: 'bad-number' }));
  return z.NEVER;
});

/** What a process ends with: its code, or 128 and the number of the signal that it died of. */
export const exitCode = number.meta({ type: 'integer', minimum: 0, maximum: MOST_CODE }).transform((written, ctx): number => {
  const digits = digitsOf(written);
  if (isExitCode(digits)) return Number(digits);
  ctx.addIssue(issue(notAnExitCode(`the number ${quote(digits).slice(1, -1)}`), { code: 'bad-exit' }));
  return z.NEVER;
});

/** Equality compares with these. */
export const value = z
  .union([text, number, z.boolean(), z.null()], 'a text, number, boolean or null')
  .transform((written): Value => {
    if (written === null) return { kind: 'null' };
    if (typeof written === 'string') return { kind: 'text', text: written };
    if (typeof written === 'boolean') return { kind: 'boolean', value: written };
    return { kind: 'number', digits: digitsOf(written) };
  });

export const level = oneOf(LEVELS, 'level', 'levels are').transform((name): Level => LEVELS.indexOf(name) as Level);

/** A level that a rule may give a line. */
export const target = oneOf(TARGETS, 'level', 'levels are').transform((name): Level => LEVELS.indexOf(name) as Level);

/** A level that a rule may raise a line to. */
export const raised = oneOf(RAISED, 'level', 'levels to raise to are').transform((name): Level => LEVELS.indexOf(name) as Level);

const RIGHT_DURATION = 'durations are a whole number and ms, s, m, h or d, such as 500ms or 5s, of at most 3650d';

/** In ms. */
export const duration = z
  .string('a duration such as 500ms, 5s, 10m or 1h')
  .meta({ pattern: '^\\d+(ms|s|m|h|d)$' })
  .transform((written, ctx): number => {
    const read = readDuration(written);
    if (read !== undefined) return read;
    ctx.addIssue(issue(`bad duration ${quote(written)}; ${RIGHT_DURATION}`, { code: 'bad-duration' }));
    return z.NEVER;
  });

/** In ms. */
export const span = duration.superRefine((read, ctx) => {
  if (read === 0) ctx.addIssue(issue('nothing happens in no time; write a duration above zero', { code: 'bad-duration' }));
});

export const until = z.string('a date such as 2027-12-31, or an instant').transform((written, ctx): number => {
  const read = readUntil(written);
  if (read !== undefined) return read;
  const right = 'write a date such as 2027-12-31, or an instant such as 2027-12-31T12:00:00Z';
  ctx.addIssue(issue(`bad date ${quote(written)}; ${right}`, { code: 'bad-until' }));
  return z.NEVER;
});

const NAME_LENGTH = 128;

/** The name of a rule, an event or a list: it is shown in annotations, and typed into a shell. */
function nameOf(noun: string, letters: RegExp, allowed: string) {
  return text.meta({ pattern: letters.source, maxLength: NAME_LENGTH }).superRefine((name, ctx) => {
    if (!letters.test(name)) ctx.addIssue(issue(`bad ${noun} ${quote(name)}; ${allowed}`, { code: 'bad-name' }));
    else if (name.length > NAME_LENGTH)
      ctx.addIssue(issue(`${noun} of ${name.length} characters; ${NAME_LENGTH} are the most`, { code: 'bad-name' }));
  });
}

export const ruleId = nameOf(
  'id',
  /^[A-Za-z0-9][A-Za-z0-9._/-]*$/u,
  'an id is made of letters, digits and . _ / -, and begins with a letter or digit',
);

export const eventOrListName = nameOf(
  'name',
  /^[A-Za-z0-9_][A-Za-z0-9._-]*$/u,
  'a name is made of letters, digits and . _ -, and begins with a letter, digit or _',
);

/** Fields that stand in no line as a name. */
const OWN_FIELDS = ['$source', '$line', ...ORIGIN_PARTS.map((part) => `$${part}`)];

/** Why no field can have this path, or `undefined`. */
export function pathFault(path: string): string | undefined {
  if (path === '') return 'a field has no empty name; name one, such as msg or error.code';
  if (!path.startsWith('$') || OWN_FIELDS.includes(path)) return undefined;
  if (path === EXIT)
    return `${quote(EXIT)} is the end of a process, no field of a line; "await" can name it in "success" and "failure"`;
  return `unknown field ${quote(path)}; those with "$" are ${OWN_FIELDS.slice(0, -1).join(', ')} and ${OWN_FIELDS.at(-1)}`;
}

export const path = text.superRefine((written, ctx) => {
  const fault = pathFault(written);
  if (fault !== undefined) ctx.addIssue(issue(fault, { code: 'bad-name' }));
});

export const zone = text.superRefine((written, ctx) => {
  if (written === 'local' || zoneNamed(written) !== undefined) return;
  const right = 'zones are local, UTC, an offset such as +02:00, or a name such as Europe/Berlin';
  ctx.addIssue(issue(`unknown zone ${quote(written)}; ${right}`, { code: 'bad-name' }));
});

export const template = text.superRefine((written, ctx) => {
  for (const { message, ...part } of readTemplate(written).faults) ctx.addIssue(issue(message, { code: 'bad-template', part }));
});
