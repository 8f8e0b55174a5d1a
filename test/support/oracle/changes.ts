import { meant, type Bound, type Seen } from './conditions.ts';
import type { Changed, Edit, Unchanged } from './expected.ts';
import { lowered, rank, type Level } from './levels.ts';
import type { Judged, Line } from './line.ts';
import { readHeader } from './headers.ts';
import type { LogRecord } from './record.ts';
import type { Change, Rule } from './rules.ts';

/** A line that decided, with what its event captures. */
export interface Decider {
  readonly line: Seen;
  readonly bound: Bound;
}

export const unchanged = (line: Line): Unchanged => ({ kind: 'unchanged', input: line.input });

/** `then` and `rest` only lower; `else` may raise. `event` is what decided, if a line did. */
export function changed(
  line: Judged,
  rule: Rule,
  decidedBy: 'then' | 'else' | 'rest',
  event: Decider | undefined,
  bound: Bound,
): Changed {
  if (decidedBy === 'rest') return { kind: 'changed', ...edit(line, rule, restOf(rule), event, bound), decidedBy };
  const edited = edit(line, rule, rule[decidedBy], event, bound);
  const level = decidedBy === 'else' ? (rule.else?.level ?? edited.level) : edited.level;
  return { kind: 'changed', ...edited, level, decidedBy };
}

function restOf({ repeat }: Rule): Change {
  const level = repeat === undefined || repeat.rest === 'fold' ? undefined : repeat.rest;
  return { level, raise: undefined, msg: undefined, note: undefined };
}

/** `change` applied to `line`, its level only ever lowered. */
export function edit(line: Judged, rule: Rule, change: Change | undefined, event: Decider | undefined, bound: Bound): Edit {
  const { format, level, msg } = line.content;
  const filled = (template: string | undefined): string | undefined =>
    template === undefined ? undefined : fillIn(template, { line, bound }, event);
  const { raise } = change ?? {};
  const moved = raise === undefined ? lowered(level, change?.level) : rank(raise) > rank(level) ? raise : level;
  return {
    input: line.input,
    rule: rule.id,
    level: format === 'klog' ? atLeastInfo(moved) : moved,
    was: kept(line.content),
    msg: msg === undefined || line.content.saysTwice ? undefined : writable(filled(change?.msg), line.content),
    note: filled(change?.note),
  };
}

/** The old level as an annotation spells it: in JSON a text, also if it was a number or a word of a header. */
const kept = ({ format, header, was }: LogRecord): string =>
  (format === 'json' || header?.tail === 'json') && !was.startsWith('"') ? `"${was}"` : was;

/** The new message, unless a line of this format cannot say it: behind a header and its blanks nothing is escaped, and an annotation ends it. */
function writable(msg: string | undefined, { format, header, around }: LogRecord): string | undefined {
  if (msg === undefined || (format !== 'message' && header === undefined)) return msg;
  if (/[^\P{Cc}\t]|[\u2028\u2029]| relevel\.rule=/u.test(msg)) return undefined;
  if (header?.tail !== undefined) {
    const { before, behind, isQuoted } = header;
    // What is nothing but a tail has no message of its own.
    if (behind === '' && !isQuoted) return undefined;
    const read = readHeader(before + (isQuoted ? JSON.stringify(msg) : msg) + behind);
    return read?.msg === msg && read.tail === header.tail ? msg : undefined;
  }
  // Behind a tag of syslog the one blank before the text is not the text's.
  const isTagged = format === 'message' && around?.prefix.endsWith(' ') === true;
  if (!isTagged && /^[ \t]/u.test(msg)) return undefined;
  if (header === undefined) return msg;
  const read = readHeader(header.before + msg);
  return read?.msg === msg && read.tail === undefined ? msg : undefined;
}

/** The level that `budget.over` gives a line. */
export function changedByBudget(line: Judged, rule: Rule, over: Level): Changed {
  const edited = edit(line, rule, undefined, undefined, new Map());
  return { kind: 'changed', ...edited, level: line.content.format === 'klog' ? atLeastInfo(over) : over, decidedBy: 'over' };
}

/** klog has nothing below. */
const atLeastInfo = (level: Level): Level => (level === 'trace' || level === 'debug' ? 'info' : level);

/** The text of a `msg` or `note`, its `${path}` filled in from the line and its `${event.path}` from the event. */
function fillIn(template: string, line: Decider, event: Decider | undefined): string {
  return template.replace(/\$\{(event\.)?([^}]*)\}/gu, (_, ofEvent: string | undefined, path: string) => {
    const from = ofEvent === undefined ? line : event;
    const text = path === 'time' ? (from?.bound.get(path) ?? timeOf(from?.line)) : from && meant(from.line, path, from.bound);
    return cut(text ?? '', 256);
  });
}

/** RFC 3339, as far as the line says when it was. */
function timeOf(line: Seen | undefined): string | undefined {
  if (line === undefined || line.content.kind === 'opaque' || line.content.time === undefined) return undefined;
  const { ms, yearless, zone } = line.content.time;
  const whole = new Date(ms).toISOString();
  return whole.slice(yearless ? 5 : 0, zone === 'none' ? -1 : undefined);
}

/** The longest beginning of `text` that takes at most `bytes`, in whole characters. */
function cut(text: string, bytes: number): string {
  const characters = Array.from(text);
  while (Buffer.byteLength(characters.join('')) > bytes) characters.pop();
  return characters.join('');
}
