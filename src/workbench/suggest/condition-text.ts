import { LEVELS } from '../../record/level.ts';
import { WORDS } from '../../rules/schema-condition.ts';
import type { LineFact } from './facts.ts';
import type { Cause } from './shape.ts';
import type { Statement } from './statements.ts';
import { WILD, type Words } from './words.ts';
import { yamlText } from './yaml-text.ts';

/** Names of captures, by the place of a wildcard in the message. */
export type Captures = ReadonlyMap<number, string>;

/** The entries of a condition, as they are written in YAML. */
export type ConditionText = readonly string[];

/** What a rule asks of the lines of a statement; `undefined` if nothing tells them from other lines. */
export function conditionOf(
  statement: Statement,
  facts: readonly LineFact[],
  captures: Captures,
  withLevel: boolean,
): ConditionText | undefined {
  const entries: string[] = withLevel ? [`level: ${LEVELS[statement.level]}`] : [];
  const message = statement.hasMessage ? messageTest(statement, facts, captures) : undefined;
  if (message !== undefined) entries.push(`msg: ${message}`);
  const causes = statement.causes.flatMap((cause) => causeTest(cause, facts) ?? []).slice(0, MOST_CAUSES);
  entries.push(...causes);
  return message === undefined && causes.length === 0 ? undefined : entries;
}

const MOST_CAUSES = 3;
/** A word by which a statement can be known. */
const TELLING = /\p{L}{3}/u;

function messageTest({ template }: Statement, facts: readonly LineFact[], captures: Captures): string | undefined {
  const messages = new Set(facts.flatMap(({ message }) => message ?? []));
  const [only] = messages;
  if (messages.size === 1 && !template.words.includes(WILD)) return yamlText(only!);
  if (!template.words.some((word) => word !== WILD && TELLING.test(word))) return undefined;
  const pattern = patternOf(template, captures, [...messages]);
  return pattern === undefined ? undefined : `{ matches: ${yamlText(pattern)} }`;
}

/** A pattern for all of the messages. */
function patternOf(
  { words, between }: Pick<Words, 'words' | 'between'>,
  captures: Captures,
  messages: readonly string[],
): string | undefined {
  const middle = words
    .map((word, at) => {
      const name = captures.get(at);
      const part = word !== WILD ? escapePattern(word) : name === undefined ? '.+' : `(?P<${name}>\\S+)`;
      return blanks(between[at]!) + part;
    })
    .join('');
  const whole = `^${middle}${blanks(between.at(-1)!)}`;
  // Of a message that is cut, the end is not known.
  return [`${whole}$`, whole].find((pattern) => {
    const compiled = new RegExp(pattern.replaceAll('(?P<', '(?<'), 'u');
    return messages.every((message) => compiled.test(message));
  });
}

const blanks = (text: string): string =>
  text
    .split(/(\s+)/u)
    .map((part) => (/^\s+$/u.test(part) ? (part === ' ' ? ' ' : String.raw`\s+`) : escapePattern(part)))
    .join('');

const escapePattern = (text: string): string =>
  text.replace(/[\\^$.*+?()[\]{}|/]/gu, (char) => (char === '/' ? char : `\\${char}`));

/** One entry for a cause that is the same in all lines, or has the same words. */
function causeTest({ name, words }: Cause, facts: readonly LineFact[]): string | undefined {
  const values = facts.flatMap(({ fields }) => fields.get(name) ?? []);
  const [first] = values;
  if (first === undefined || values.length < facts.length) return undefined;
  const key = PLAIN_NAME.test(name) ? name : JSON.stringify(name);
  const write = (test: string): string => (WORDS.includes(name) ? `fields: { ${key}: ${test} }` : `${key}: ${test}`);
  if (values.every(({ text, kind }) => text === first.text && kind === first.kind))
    return write(first.kind === 'text' ? yamlText(first.text) : first.text);
  if (!words.words.some((word) => word !== WILD && TELLING.test(word))) return undefined;
  const pattern = patternOf(
    words,
    new Map(),
    values.map(({ text }) => text),
  );
  return pattern === undefined ? undefined : write(`{ matches: ${yamlText(pattern)} }`);
}

const PLAIN_NAME = /^[A-Za-z_][\w.-]*$/u;
