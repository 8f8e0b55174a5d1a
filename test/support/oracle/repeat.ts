import type { Budgets } from './budgets.ts';
import { changed, changedByBudget, edit, unchanged, type Decider } from './changes.ts';
import { chosen, fieldOf, type Bound } from './conditions.ts';
import type { Expected, Noted } from './expected.ts';
import { rank, type Level } from './levels.ts';
import { earliest, type Judged } from './line.ts';
import type { Output } from './output.ts';
import type { Mask, Repeat, Rule } from './rules.ts';
import { difference, type Moment } from './times.ts';
import { spelling } from './values.ts';

interface Group {
  readonly rule: Rule;
  readonly key: string;
  readonly first: Judged;
  readonly folded: { readonly line: Judged; readonly event: Decider | undefined; readonly bound: Bound }[];
}

/** `then`, with budget and `repeat`: all that happens to a line that is harmless. */
export class Lowering {
  readonly #output: Output;
  readonly #budgets: Budgets;
  readonly #endings: Noted[];
  /** In order of opening. */
  #groups: readonly Group[] = [];

  constructor(output: Output, budgets: Budgets, endings: Noted[]) {
    this.#output = output;
    this.#budgets = budgets;
    this.#endings = endings;
  }

  /** What becomes of `line`, decided by `event` if by a line; nothing if it is folded. */
  lower(line: Judged, rule: Rule, event: Decider | undefined, bound: Bound): Expected | undefined {
    if (rule.repeat !== undefined) return this.#repeat(line, rule, rule.repeat, event, bound);
    return this.#pastBudget(line, rule) ?? this.#pass(line, rule, event, bound);
  }

  #repeat(line: Judged, rule: Rule, repeat: Repeat, event: Decider | undefined, bound: Bound): Expected | undefined {
    const groups = (): readonly Group[] =>
      this.#groups.filter(({ first, rule: of }) => first.source === line.source && of === rule);
    for (const group of groups()) if (difference(line.time, group.first.time) >= repeat.window) this.#close(group);

    const key = groupKey(line, repeat, bound);
    if (typeof key !== 'string') {
      this.#endings.push({ rule: rule.id, reason: key.without });
      return unchanged(line);
    }
    const past = this.#pastBudget(line, rule);
    if (past !== undefined) return past;

    const group = groups().find((each) => each.key === key);
    if (group === undefined || begins(line, group.first, repeat)) {
      if (group !== undefined) this.#close(group);
      this.#groups = [...this.#groups, { rule, key, first: line, folded: [] }];
      return this.#pass(line, rule, event, bound);
    }

    if (repeat.rest === 'fold' && (Buffer.byteLength(line.text) > 8192 || line.isCut))
      return this.#pass(line, rule, event, bound);
    this.#budgets.count(rule, line);
    if (repeat.rest !== 'fold') {
      this.#noteStay(line, rule, repeat.rest);
      return changed(line, rule, 'rest', event, bound);
    }
    this.#endings.push('folded');
    group.folded.push({ line, event, bound });
    return undefined;
  }

  #pass(line: Judged, rule: Rule, event: Decider | undefined, bound: Bound): Expected {
    if (rule.then === undefined) return unchanged(line);
    const { raise } = rule.then;
    if (raise !== undefined && rank(line.content.level) >= rank(raise)) {
      this.#endings.push({ rule: rule.id, reason: 'raised' });
      return unchanged(line);
    }
    this.#budgets.count(rule, line);
    this.#noteStay(line, rule, rule.then.level);
    return changed(line, rule, 'then', event, bound);
  }

  /** Whether the level stays because it would have been raised. */
  #noteStay(line: Judged, rule: Rule, level: Level | undefined): void {
    if (level !== undefined && rank(level) > rank(line.content.level)) this.#endings.push({ rule: rule.id, reason: 'stayed' });
  }

  /** What becomes of a line for which nothing is left of the budget. */
  #pastBudget(line: Judged, rule: Rule): Expected | undefined {
    if (!this.#budgets.isUsedUp(rule, line)) return undefined;
    this.#endings.push('over budget');
    const over = rule.budget?.over;
    if (over !== undefined) return changedByBudget(line, rule, over);
    this.#endings.push({ rule: rule.id, reason: 'budget' });
    return unchanged(line);
  }

  #close(group: Group): void {
    this.#groups = this.#groups.filter((other) => other !== group);
    const last = group.folded.at(-1);
    if (last === undefined) return;
    const edited = edit(last.line, group.rule, group.rule.then, last.event, last.bound);
    const counts = { repeats: group.folded.length, first: shown(group.first.time), last: shown(last.line.time) };
    this.#output.summarise(last.line, { kind: 'summary', ...edited, ...counts });
  }

  /** When the clock closes the next group, in ms; never, if none is open. */
  due(): number {
    return Math.min(Infinity, ...this.#groups.map(dueOf));
  }

  closeNext(): void {
    this.#close(earliest(this.#groups, dueOf)!);
  }

  closeAll(): void {
    for (const group of this.#groups) this.#close(group);
  }
}

/** What a summary says of a time. */
const shown = (time: Moment | undefined): number | undefined => (time?.guessed === true ? undefined : time?.ms);

const dueOf = ({ first, rule }: Group): number => first.arrived + rule.repeat!.window;

/** Whether `line`, of the same key as `first`, is a first again. */
function begins(line: Judged, first: Judged, { window }: Repeat): boolean {
  return rank(line.content.level) > rank(first.content.level) || difference(first.time, line.time) >= window;
}

/** One text for the values of `by` and the message, masked as asked; or what the line is without. */
function groupKey(line: Judged, { by }: Repeat, bound: Bound): string | { readonly without: 'no-key' | 'no-message' } {
  const parts: string[] = [];
  for (const { field, mask } of by) {
    if (mask === 'all') continue;
    const text = chosen(line, field, bound);
    if (text === undefined) return { without: 'no-key' };
    parts.push(masked(text, mask));
  }
  // Errors with unlike causes are not the same.
  if (line.tail.length > 0) parts.push(masked(line.tail.map(({ text }) => text).join('\n'), ['hex', 'number']));
  if (by.some(({ field }) => field.includes('msg'))) return JSON.stringify(parts);
  // No message is not a same message.
  const msg = fieldOf(line, 'msg');
  const text = msg?.kind === 'text' && msg.bare ? '' : (spelling(msg) ?? '');
  return text === '' ? { without: 'no-message' } : JSON.stringify([...parts, text]);
}

/** Of these that stand together, in the order of being applied: an address is made of numbers. */
const FORMS: readonly (readonly [kind: string, pattern: RegExp])[] = [
  ['uuid', /\b[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}\b/giu],
  ['ip', /\b\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}\b/gu],
  ['hex', /\b(?:0x[\da-f]+|(?=[a-f]*\d)[\da-f]{6,})\b/giu],
  ['number', /\d+(?:\.\d+)*/gu],
];

/** The text with what may differ within a group taken out. */
function masked(text: string, masks: readonly Mask[]): string {
  const [first, ...others] = masks;
  if (first === undefined) return text;
  const place = (mask: Mask): number => FORMS.findIndex(([kind]) => kind === mask);
  if (place(first) === -1) return masked(maskedBy(text, first), others);
  const together = masks.findIndex((mask) => place(mask) === -1);
  const forms = masks.slice(0, together === -1 ? masks.length : together);
  const rest = FORMS.filter((_, at) => forms.some((mask) => place(mask) === at)).reduce(
    (left, [kind, pattern]) => left.replace(pattern, `<${kind}>`),
    text,
  );
  return masked(rest, masks.slice(forms.length));
}

function maskedBy(text: string, mask: Mask): string {
  if (typeof mask !== 'string') {
    return text.replace(new RegExp(mask.pattern, 'gu'), (found) => (found === '' ? '' : '<pattern>'));
  }
  if (mask === 'quoted') return maskQuoted(text, '');
  if (mask === 'word') return text.replace(/[\p{L}\p{N}._-]+/gu, (token) => (/\p{N}|-/u.test(token) ? '<word>' : token));
  // Nothing that is no letter, blank or quote stands before a path in these tests.
  return text.replace(/(^|[\s"'])(~\/|\.\.\/|\.\/|\/|\w:\/)[^\s"',;:]+/gu, '$1<path>');
}

/** What stands between a quote that does not end a word and the next one like it that does not begin one; `before`: what is done. */
function maskQuoted(text: string, before: string): string {
  const [quote] = text;
  if (quote === undefined) return before;
  const rest = text.slice(1);
  const end = /["'`]/u.test(quote) && !/[\p{L}\p{N}\\]$/u.test(before) ? closing(rest, quote) : -1;
  return end === -1 ? maskQuoted(rest, before + quote) : maskQuoted(rest.slice(end + 1), `${before}<quoted>`);
}

const closing = (text: string, quote: string): number =>
  Array.from({ length: text.length }, (_, at) => at).find(
    (at) => text[at] === quote && text[at - 1] !== '\\' && !/[\p{L}\p{N}]/u.test(text[at + 1] ?? ''),
  ) ?? -1;
