import { RE2JS } from 're2js';
import { LEVELS, rank, type Level } from './levels.ts';
import { valueAt, type LogRecord, type OpaqueLine } from './record.ts';
import { isBranch, isList, type Branch, type Choice, type Rules, type Tree } from './rules.ts';
import { compareNumbers, Numeral, spelling, spellsNumber, type Value } from './values.ts';

/** What a condition can see of a line. */
export interface Seen {
  /** What it correlates in, and what rules see of that. */
  readonly source: string;
  readonly shown: string;
  /** The line without its end. */
  readonly text: string;
  readonly content: LogRecord | OpaqueLine;
  /** It is no line, but the end of a process, with this code. */
  readonly exit?: string | undefined;
}

/** Whether the line is as the condition says; a text is the name of an event. */
export const fits = (condition: Tree, line: Seen, rules: Rules): boolean => holds(condition, line, rules, undefined);

/** Whether it may be so of the line with others that go on with it, whatever they say: of `$line` nothing is known. */
export const mayFit = (condition: Tree, line: Seen, rules: Rules): boolean => holds(condition, line, rules, true);

/** Whether a condition looks at the field of this name. */
export function asks(name: string, condition: Tree, rules: Rules): boolean {
  if (typeof condition === 'string') return asks(name, rules.events[condition]!, rules);
  return Object.entries(condition as Branch).some(([key, of]) => {
    if (key === 'all' || key === 'any') return (of as readonly Tree[]).some((part) => asks(name, part, rules));
    if (key === 'not' || key === 'is') return asks(name, of, rules);
    return key === 'fields' ? Object.keys(of as Branch).includes(name) : key === name;
  });
}

/** `unknown`: what to take a test of `$line` for. */
function holds(condition: Tree, line: Seen, rules: Rules, unknown: boolean | undefined): boolean {
  if (typeof condition === 'string') return holds(rules.events[condition]!, line, rules, unknown);
  return Object.entries(condition as Branch).every(([key, of]) => {
    switch (key) {
      case 'all':
        return (of as readonly Tree[]).every((part) => holds(part, line, rules, unknown));
      case 'any':
        return (of as readonly Tree[]).some((part) => holds(part, line, rules, unknown));
      case 'not':
        return !holds(of, line, rules, unknown === undefined ? undefined : !unknown);
      case 'is':
        return holds(rules.events[of as string]!, line, rules, unknown);
      case 'fields':
        return Object.entries(of as Branch).every(([name, test]) =>
          name === '$line' && unknown !== undefined ? unknown : fieldFits(test, fieldOf(line, name), rules),
        );
      case 'level':
        return line.content.kind === 'record' && levelFits(of, line.content.level);
      case '$line':
        return unknown ?? fieldFits(of, fieldOf(line, key), rules);
      default:
        return fieldFits(of, fieldOf(line, key), rules);
    }
  });
}

/** Whether a condition names critical where it says what a line must be. */
export function namesCritical(condition: Tree, rules: Rules, asked = true): boolean {
  if (typeof condition === 'string') return namesCritical(rules.events[condition]!, rules, asked);
  return Object.entries(condition as Branch).some(([key, of]) => {
    if (key === 'all' || key === 'any') return (of as readonly Tree[]).some((part) => namesCritical(part, rules, asked));
    if (key === 'not') return namesCritical(of, rules, !asked);
    if (key === 'is') return namesCritical(of, rules, asked);
    return key === 'level' && asked && JSON.stringify(of).includes('"critical"');
  });
}

/** What the named groups of patterns have matched in a line that is as the condition says. */
export function captured(condition: Tree, line: Seen, rules: Rules): Bound {
  const bound = new Map<string, string>();
  if (typeof condition === 'string') return captured(rules.events[condition]!, line, rules);
  const { all, any, not, is, fields, level, ...named } = condition as Branch;
  void [not, level];
  for (const [name, test] of [...Object.entries(named), ...Object.entries((fields ?? {}) as Branch)]) {
    const value = fieldOf(line, name);
    if (!isBranch(test) || test['matches'] === undefined || value?.kind !== 'text') continue;
    const matcher = patternOf(test['matches'], test['ignore_case'] === true).matcher(value.text);
    matcher.find();
    for (const [group, text] of Object.entries(matcher.getNamedGroups())) if (text !== null) keep(group, text);
  }
  const parts = [
    ...(is === undefined ? [] : [is]),
    ...((all ?? []) as readonly Tree[]),
    ...((any ?? []) as readonly Tree[]).filter((part) => fits(part, line, rules)),
  ];
  for (const part of parts) for (const [name, text] of captured(part, line, rules)) keep(name, text);
  return bound;

  /** The first that binds a name does. */
  function keep(name: string, text: string): void {
    if (!bound.has(name)) bound.set(name, text);
  }
}

/** Captures, by name. */
export type Bound = ReadonlyMap<string, string>;

const patternOf = (pattern: Tree, ignoreCase: boolean): RE2JS => RE2JS.compile(`${ignoreCase ? '(?i)' : ''}${pattern as string}`);

/** What a name stands for in keys and texts: a capture, or what the line has under it. */
export const meant = (line: Seen, name: string, bound: Bound): string | undefined =>
  bound.get(name) ?? spelling(fieldOf(line, name));

/** As a key spells it: the first of these names under which the line has a value. */
export const chosen = (line: Seen, names: Choice, bound: Bound): string | undefined =>
  names.map((name) => meant(line, name, bound)).find((text) => text !== undefined);

/** What the line has under a name of the rules. An opaque line has nothing but its source and its text. */
export function fieldOf({ shown, text, content, exit }: Seen, name: string): Value | undefined {
  if (name === '$source') return { kind: 'text', text: shown, untyped: false };
  const part = ['container', 'pod', 'unit', 'stream'].find((each) => name === `$${each}`);
  if (part !== undefined) {
    const named = content.around?.[part as 'container'];
    return named === undefined ? undefined : { kind: 'text', text: named, untyped: false };
  }
  if (name === '$line') return { kind: 'text', text, untyped: false };
  if (name === '$exit') return exit === undefined ? undefined : { kind: 'number', digits: exit };
  if (content.kind === 'opaque') return undefined;
  if (name === 'level') return { kind: 'text', text: content.level, untyped: false };
  if (name === 'msg') return content.msg === undefined ? undefined : { kind: 'text', text: content.msg, untyped: false };
  return valueAt(content, name);
}

function levelFits(test: Tree, level: Level): boolean {
  if (typeof test === 'string') return level === test;
  return Object.entries(test as Branch).every(([name, of]) => {
    switch (name) {
      case 'in':
        return (of as readonly Tree[]).includes(level);
      case 'at_least':
        return rank(level) >= LEVELS.indexOf(of as Level);
      case 'at_most':
        return rank(level) <= LEVELS.indexOf(of as Level);
      default:
        throw new Error(`levelFits: no test ${name}`);
    }
  });
}

function fieldFits(test: Tree, value: Value | undefined, rules: Rules): boolean {
  if (!isBranch(test)) return value !== undefined && equals(value, test);
  const ignoreCase = test['ignore_case'] === true;
  return Object.entries(test).every(([name, of]) => {
    switch (name) {
      case 'ignore_case':
        return true;
      case 'exists':
        return (value !== undefined) === of;
      case 'in':
        return value !== undefined && listed(of, rules).some((literal) => equals(value, literal));
      case 'glob':
        return value?.kind === 'text' && listed(of, rules).some((glob) => textFits(name, glob as string, ignoreCase, value.text));
      case 'gt':
        return compares(value, of, (order) => order > 0);
      case 'gte':
        return compares(value, of, (order) => order >= 0);
      case 'lt':
        return compares(value, of, (order) => order < 0);
      case 'lte':
        return compares(value, of, (order) => order <= 0);
      case 'matches':
        return value?.kind === 'text' && patternOf(of, ignoreCase).matcher(value.text).find();
      default:
        return value?.kind === 'text' && textFits(name, of as string, ignoreCase, value.text);
    }
  });
}

/** The members of the list that `$name` stands for, or of the one written here; a lone value is a list of one. */
function listed(of: Tree, rules: Rules): readonly Tree[] {
  if (isList(of)) return of.flatMap((item) => listed(item, rules));
  if (typeof of === 'string' && of.startsWith('$')) return rules.lists[of.slice(1)] as readonly Tree[];
  return [of];
}

function equals(value: Value, literal: Tree): boolean {
  if (literal === null) return value.kind === 'null';
  if (literal instanceof Numeral) {
    if (value.kind === 'number') return compareNumbers(value.digits, literal.digits) === 0;
    return value.kind === 'text' && value.untyped && spellsNumber(value.text) && compareNumbers(value.text, literal.digits) === 0;
  }
  if (typeof literal === 'boolean') {
    if (value.kind === 'boolean') return value.value === literal;
    return value.kind === 'text' && value.untyped && value.text === String(literal);
  }
  return value.kind === 'text' && value.text === literal;
}

function compares(value: Value | undefined, of: Tree, accepts: (order: number) => boolean): boolean {
  const { digits } = of as Numeral;
  if (value?.kind === 'number') return accepts(compareNumbers(value.digits, digits));
  return value?.kind === 'text' && value.untyped && spellsNumber(value.text) && accepts(compareNumbers(value.text, digits));
}

/** Patterns, so that `ignore_case` is one flag: with `u`, `i` is Unicode's simple case folding, as `(?i)` is in RE2. */
function textFits(test: string, part: string, ignoreCase: boolean, text: string): boolean {
  const flags = ignoreCase ? 'isu' : 'su';
  switch (test) {
    case 'contains':
      return new RegExp(quote(part), flags).test(text);
    case 'starts_with':
      return new RegExp(`^${quote(part)}`, flags).test(text);
    case 'ends_with':
      return new RegExp(`${quote(part)}$`, flags).test(text);
    case 'glob':
      return new RegExp(
        `^${quote(part)
          .replaceAll(String.raw`\*`, '.*')
          .replaceAll(String.raw`\?`, '.')}$`,
        flags,
      ).test(text);
    default:
      throw new Error(`textFits: no test ${test}`);
  }
}

const quote = (text: string): string => text.replace(/[\^$\\.*+?()[\]{}|/]/gu, String.raw`\$&`);
