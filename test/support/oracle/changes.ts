import { fieldOf, type Seen } from './conditions.ts';
import type { Changed, Edit, Unchanged } from './expected.ts';
import { lowered, type Level } from './levels.ts';
import type { Judged, Line } from './line.ts';
import type { LogRecord } from './record.ts';
import type { Change, Rule } from './rules.ts';
import { spelling } from './values.ts';

export const unchanged = (line: Line): Unchanged => ({ kind: 'unchanged', input: line.input });

/** `then` and `rest` only lower; `else` may raise. `event` is what decided, if a line did. */
export function changed(line: Judged, rule: Rule, decidedBy: 'then' | 'else' | 'rest', event: Line | undefined): Changed {
  if (decidedBy === 'rest') return { kind: 'changed', ...edit(line, rule, restOf(rule), event), decidedBy };
  const edited = edit(line, rule, rule[decidedBy], event);
  const level = decidedBy === 'else' ? (rule.else?.level ?? edited.level) : edited.level;
  return { kind: 'changed', ...edited, level, decidedBy };
}

function restOf({ repeat }: Rule): Change {
  const level = repeat === undefined || repeat.rest === 'fold' ? undefined : repeat.rest;
  return { level, msg: undefined, note: undefined };
}

/** `change` applied to `line`, its level only ever lowered. */
export function edit(line: Judged, rule: Rule, change: Change | undefined, event: Line | undefined): Edit {
  const { format, level, msg } = line.content;
  const filled = (template: string | undefined): string | undefined =>
    template === undefined ? undefined : fillIn(template, line, event);
  return {
    input: line.input,
    rule: rule.id,
    level: format === 'klog' ? atLeastInfo(lowered(level, change?.level)) : lowered(level, change?.level),
    was: kept(line.content),
    msg: msg === undefined ? undefined : writable(filled(change?.msg), line.content),
    note: filled(change?.note),
  };
}

/** The old level as an annotation spells it: in JSON a text, also if it was a number. */
const kept = ({ format, was }: LogRecord): string => (format === 'json' && !was.startsWith('"') ? `"${was}"` : was);

/** The new message, unless a line of this format cannot say it: behind a header and its blanks nothing is escaped, and an annotation ends it. */
function writable(msg: string | undefined, { format }: LogRecord): string | undefined {
  const isHeader = format === 'env_logger' || format === 'klog' || format === 'message';
  return isHeader && msg !== undefined && /^[ \t]|[^\P{Cc}\t]|[\u2028\u2029]| relevel\.rule=/u.test(msg) ? undefined : msg;
}

/** klog has nothing below. */
const atLeastInfo = (level: Level): Level => (level === 'trace' || level === 'debug' ? 'info' : level);

/** The text of a `msg` or `note`, its `${path}` filled in from the line and its `${event.path}` from the event. */
function fillIn(template: string, line: Seen, event: Seen | undefined): string {
  return template.replace(/\$\{(event\.)?([^}]*)\}/gu, (_, ofEvent: string | undefined, path: string) => {
    const from = ofEvent === undefined ? line : event;
    return cut((from && spelling(fieldOf(from, path))) ?? '', 256);
  });
}

/** The longest beginning of `text` that takes at most `bytes`, in whole characters. */
function cut(text: string, bytes: number): string {
  const characters = Array.from(text);
  while (Buffer.byteLength(characters.join('')) > bytes) characters.pop();
  return characters.join('');
}
