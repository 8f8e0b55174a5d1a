import { isMap, isScalar, isSeq, parseDocument } from 'yaml';
import { namesOf, readingWith, type Reading } from './record.ts';
import type { Level, Scale } from './levels.ts';
import { Numeral } from './values.ts';

/** A piece of a rules file, as written. Conditions are never turned into anything else here. */
export type Tree = string | boolean | null | Numeral | readonly Tree[] | Branch;
export interface Branch {
  readonly [key: string]: Tree;
}

export interface Rules {
  readonly lists: Branch;
  readonly events: Branch;
  readonly protect: readonly Tree[];
  readonly rules: readonly Rule[];
  /** How lines are read. */
  readonly reading: Reading;
  /** Of times that name none. */
  readonly zone: string | undefined;
  /** The names at the top of a line that make it ambiguous if they occur twice. */
  readonly namesRead: ReadonlySet<string>;
}

export interface Rule {
  readonly id: string;
  /** The first instant, in ms, at which the rule rests. */
  readonly rests: number | undefined;
  readonly when: Tree;
  readonly await: Await | undefined;
  readonly then: Change | undefined;
  readonly else: Change | undefined;
  readonly repeat: Repeat | undefined;
  readonly budget: { readonly lines: number; readonly per: number; readonly over: Level | undefined } | undefined;
}

export interface Await {
  /** Conditions; a text is the name of an event. */
  readonly success: readonly Tree[];
  readonly failure: readonly Tree[];
  readonly within: number;
  readonly silence: 'success' | 'failure';
  readonly by: readonly { readonly here: Choice; readonly there: Choice }[];
  readonly lookback: number | undefined;
}

/** The name of a mask, or a pattern of the operator's own. */
export type Mask = string | { readonly pattern: string };

/** Names of fields, of which the first that a line has counts. */
export type Choice = readonly string[];

export interface Repeat {
  readonly by: readonly { readonly field: Choice; readonly mask: readonly Mask[] | 'all' }[];
  readonly window: number;
  readonly rest: 'fold' | Level;
}

export interface Change {
  readonly level: Level | undefined;
  readonly raise: Level | undefined;
  readonly msg: string | undefined;
  readonly note: string | undefined;
}

/** Reads a rules file that is known to be sound. */
export function readRules(yaml: string): Rules {
  const file = branch(plain(parseDocument(yaml).contents));
  const rules = list(file['rules']).map((rule) => readRule(branch(rule)));
  const read = branch(file['read']);
  const names = (part: string): string[] => list(read[part]).flatMap((name) => text(name) ?? []);
  const reading = readingWith(names('level'), names('msg'), names('time'), text(read['numbers']) as Scale | undefined);
  return {
    reading,
    zone: text(read['zone']),
    lists: branch(file['lists']),
    events: branch(file['events']),
    protect: list(file['protect']),
    rules,
    namesRead: namesRead(file, rules, reading),
  };
}

/** What the YAML says, with numbers as they are spelled. */
function plain(node: unknown): Tree {
  if (isMap(node)) return Object.fromEntries(node.items.map(({ key, value }) => [String(key), plain(value)]));
  if (isSeq(node)) return node.items.map(plain);
  if (!isScalar(node)) return null;
  const { value, source } = node;
  if (typeof value === 'number') return new Numeral(source!);
  return typeof value === 'string' || typeof value === 'boolean' ? value : null;
}

export const isBranch = (tree: Tree | undefined): tree is Branch =>
  typeof tree === 'object' && tree !== null && !Array.isArray(tree) && !(tree instanceof Numeral);
export const isList = (tree: Tree | undefined): tree is readonly Tree[] => Array.isArray(tree);

const branch = (tree: Tree | undefined): Branch => (isBranch(tree) ? tree : {});
const list = (tree: Tree | undefined): readonly Tree[] => (isList(tree) ? tree : []);
const text = (tree: Tree | undefined): string | undefined => (typeof tree === 'string' ? tree : undefined);
const number = (tree: Tree | undefined): number => Number((tree as Numeral).digits);

function readRule(rule: Branch): Rule {
  const { await: awaits, repeat, budget, until } = rule;
  return {
    id: text(rule['id'])!,
    rests: until === undefined ? undefined : Date.parse(`${text(until)}T00:00:00Z`) + duration('24h'),
    when: rule['when'] ?? {},
    await: awaits === undefined ? undefined : readAwait(branch(awaits)),
    then: readChange(rule['then']),
    else: readChange(rule['else']),
    repeat: repeat === undefined ? undefined : readRepeat(branch(repeat)),
    budget: isBranch(budget)
      ? { lines: number(budget['lines']), per: duration(budget['per']), over: text(budget['over']) as Level | undefined }
      : undefined,
  };
}

function readAwait({ success, failure, within, silence, by, lookback }: Branch): Await {
  return {
    success: list(success),
    failure: list(failure),
    within: duration(within),
    silence: silence === 'success' ? 'success' : 'failure',
    by: list(by).map((item) => {
      const { here = item, there = item } = branch(item);
      return { here: choice(here), there: choice(there) };
    }),
    lookback: lookback === undefined ? undefined : duration(lookback),
  };
}

function readRepeat({ by, window, rest }: Branch): Repeat {
  return {
    by: list(by).map((item) => {
      const { mask, field = item } = branch(item);
      const kinds = (isList(mask) ? mask : [mask]).flatMap((kind): Mask | readonly Mask[] =>
        isBranch(kind) ? { pattern: text(kind['pattern'])! } : (text(kind) ?? []),
      );
      return { field: choice(field), mask: kinds.includes('all') ? 'all' : kinds };
    }),
    window: duration(window),
    rest: text(rest) as 'fold' | Level,
  };
}

const choice = (tree: Tree): Choice =>
  typeof tree === 'string' ? [tree] : list(branch(tree)['first_of']).flatMap((name) => text(name) ?? []);

function readChange(tree: Tree | undefined): Change | undefined {
  if (!isBranch(tree)) return undefined;
  return {
    level: text(tree['level']) as Level | undefined,
    raise: text(tree['raise']) as Level | undefined,
    msg: text(tree['msg']),
    note: text(tree['note']),
  };
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

function duration(tree: Tree | undefined): number {
  const [, count, unit] = /^(\d+)(ms|s|m|h)$/u.exec(text(tree)!)!;
  return Number(count) * UNITS[unit!]!;
}

/** The names in conditions that a line can meet, in keys and in templates; an event that nothing names is not read. */
function namesRead(file: Branch, rules: readonly Rule[], reading: Reading): ReadonlySet<string> {
  const events = branch(file['events']);
  const conditions = [
    ...list(file['protect']),
    ...rules.flatMap((rule) => [rule.when, ...(rule.await?.success ?? []), ...(rule.await?.failure ?? [])]),
  ];
  const changes = rules.flatMap((rule) => [rule.then, rule.else]);
  const paths = [
    ...namesOf(reading),
    ...conditions.flatMap((condition) => pathsOf(condition, events)),
    ...rules.flatMap((rule) => (rule.await?.by ?? []).flatMap(({ here, there }) => [...here, ...there])),
    ...rules.flatMap((rule) => (rule.repeat?.by ?? []).flatMap(({ field }) => field)),
    ...changes.flatMap((change) => [change?.msg ?? '', change?.note ?? '']).flatMap(pathsIn),
  ];
  return new Set(paths.flatMap((path) => [path, path.split('.')[0]!]));
}

function pathsOf(condition: Tree, events: Branch): readonly string[] {
  if (typeof condition === 'string') return pathsOf(events[condition]!, events);
  return Object.entries(branch(condition)).flatMap(([key, of]) => {
    if (key === 'all' || key === 'any') return list(of).flatMap((part) => pathsOf(part, events));
    if (key === 'not' || key === 'is') return pathsOf(of, events);
    return key === 'fields' ? Object.keys(branch(of)) : [key];
  });
}

const pathsIn = (template: string): readonly string[] =>
  [...template.matchAll(/\$\{(?:event\.)?([^}]*)\}/gu)].map(([, path]) => path!);
