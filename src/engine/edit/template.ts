import { fieldAt, type Field } from '../../rules/condition.ts';
import type { Names } from '../../record/names.ts';
import type { LogRecord } from '../../record/record.ts';

/** Most bytes that one field may put into a text. */
const MAX_VALUE = 256;

const PLACE = /\$\{([^}]*)\}/gu;

/** Prefix of a path that is looked up in the event that decided. */
const EVENT = 'event.';

type Part = string | { readonly field: Field; readonly of: 'line' | 'event' };

/** Whether a template has a place for a field of the event. */
export const quotesEvent = (text: string | undefined): boolean => text?.includes(`\${${EVENT}`) ?? false;

/** Fills in a template: `event` is the line that decided, where one did. A field that is not there leaves nothing. */
export type Template = (line: LogRecord, event: LogRecord | undefined) => string;

export function compileTemplate(text: string, names: Names): Template {
  if (!text.includes('${')) return () => text;
  const parts: Part[] = [];
  let at = 0;
  for (const place of text.matchAll(PLACE)) {
    parts.push(text.slice(at, place.index));
    const path = place[1]!;
    const ofEvent = path.startsWith(EVENT);
    parts.push({ field: fieldAt(ofEvent ? path.slice(EVENT.length) : path, names), of: ofEvent ? 'event' : 'line' });
    at = place.index + place[0].length;
  }
  parts.push(text.slice(at));
  return (line, event) =>
    parts.map((part) => (typeof part === 'string' ? part : valueOf(part.of === 'event' ? event : line, part.field))).join('');
}

function valueOf(record: LogRecord | undefined, field: Field): string {
  const text = record === undefined ? undefined : field.spelling(record);
  return text === undefined ? '' : cut(text);
}

/** The first `MAX_VALUE` bytes of a text, and no half character. */
function cut(text: string): string {
  if (text.length <= MAX_VALUE / 3) return text;
  const bytes = Buffer.from(text);
  if (bytes.length <= MAX_VALUE) return text;
  let end = MAX_VALUE;
  while ((bytes[end]! & 0xc0) === 0x80) end -= 1;
  return bytes.toString('utf8', 0, end);
}
