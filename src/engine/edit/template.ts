import { fieldIn, type Captures } from '../../rules/captures.ts';
import { fieldAt, type Field } from '../../rules/condition.ts';
import { namesNoDate, namesNoZone } from '../../record/clock-domain.ts';
import type { Names } from '../../record/names.ts';
import { spellInstant } from '../../record/time.ts';
import type { LogRecord } from '../../record/record.ts';

/** Most bytes that one field may put into a text. */
const MAX_VALUE = 256;

const PLACE = /\$\{([^}]*)\}/gu;

/** Prefix of a path that is looked up in the event that decided. */
const EVENT = 'event.';

interface Place {
  readonly path: string;
  readonly spell: (record: LogRecord) => string | undefined;
  readonly of: 'line' | 'event';
}

type Part = string | Place;

/** The line that decided, and what the event that it is captures of it. */
export interface Decider {
  readonly record: LogRecord;
  readonly captures: Captures | undefined;
}

/** Whether a template has a place for a field of the event. */
export const quotesEvent = (text: string | undefined): boolean => text?.includes(`\${${EVENT}`) ?? false;

/** Fills in a template: `event` is the line that decided, where one did. A field that is not there leaves nothing. */
export type Template = (line: LogRecord, event: Decider | undefined) => string;

/** `captures`: of the line. */
export function compileTemplate(text: string, names: Names, captures: Captures | undefined): Template {
  if (!text.includes('${')) return () => text;
  const parts: Part[] = [];
  let at = 0;
  for (const place of text.matchAll(PLACE)) {
    parts.push(text.slice(at, place.index));
    const path = place[1]!;
    if (path.startsWith(EVENT)) {
      const inside = path.slice(EVENT.length);
      parts.push({ path: inside, spell: spellerOf(inside, fieldAt(inside, names)), of: 'event' });
    } else {
      const isCaptured = captures?.names.has(path) === true;
      const field = fieldIn(captures, path, names);
      parts.push({ path, spell: isCaptured ? (record) => field.spelling(record) : spellerOf(path, field), of: 'line' });
    }
    at = place.index + place[0].length;
  }
  parts.push(text.slice(at));
  return (line, event) =>
    parts
      .map((part) => {
        if (typeof part === 'string') return part;
        return cut((part.of === 'line' ? part.spell(line) : event && valueIn(event, part)) ?? '');
      })
      .join('');
}

const valueIn = ({ record, captures }: Decider, { path, spell }: Place): string | undefined =>
  (captures?.names.has(path) === true ? captures.in(record).get(path) : undefined) ?? spell(record);

/** Of a time that is not a field by the name of one, RFC 3339. */
const spellerOf = (path: string, field: Field): Place['spell'] =>
  path === 'time' ? spellTime : (record) => field.spelling(record);

/** Without a zone if the line names none, and without a year if it names none; a time of day alone is no instant. */
function spellTime({ time, timeDomain, yearless }: LogRecord): string | undefined {
  if (Number.isNaN(time) || namesNoDate(timeDomain)) return undefined;
  const spelled = spellInstant(time)?.toString();
  return spelled?.slice(yearless ? YEAR_LENGTH : 0, namesNoZone(timeDomain) ? -1 : undefined);
}

const YEAR_LENGTH = '1972-'.length;

/** The first `MAX_VALUE` bytes of a text, and no half character. */
function cut(text: string): string {
  if (text.length <= MAX_VALUE / 3) return text;
  const bytes = Buffer.from(text);
  if (bytes.length <= MAX_VALUE) return text;
  let end = MAX_VALUE;
  while ((bytes[end]! & 0xc0) === 0x80) end -= 1;
  return bytes.toString('utf8', 0, end);
}
