import { Origins } from '../engine/origins.ts';
import { inYearNear } from '../engine/years.ts';
import { instantOfWall } from '../engine/zone.ts';
import type { EnvelopeKind } from '../formats/envelope-kinds.ts';
import { readInside } from '../formats/envelope.ts';
import { readLine, type Format } from '../formats/index.ts';
import { partsOf } from '../formats/text/index.ts';
import { Kernel } from '../kernel/kernel.ts';
import { areOfDay, namesNoDate, namesNoZone } from '../record/clock-domain.ts';
import { ORIGIN_PARTS, type Envelope } from '../record/envelope.ts';
import { LEVELS } from '../record/level.ts';
import { ANNOTATION, Names } from '../record/names.ts';
import { LogRecord } from '../record/record.ts';
import { isText, MISSING, NUMBER } from '../record/value.ts';
import type { Zone } from '../record/zone.ts';
import type { Reading } from '../rules/rule.ts';
import { Continued } from './continued.ts';

/** How lines are read. */
export interface ReaderOptions {
  readonly format: Format;
  readonly envelope: EnvelopeKind;
  readonly read: Reading | undefined;
  readonly zone: Zone;
  /** ms since 1970: times that name no year are near to it. */
  readonly now: number;
}

/** How one line is understood. Values of fields are JSON. */
export interface Understood {
  readonly format: string | undefined;
  /** Why no format reads it. */
  readonly why: string | undefined;
  /** The line that it continues. */
  readonly continues?: number | undefined;
  readonly envelope: Readonly<Record<string, string>> | undefined;
  readonly level: string | undefined;
  readonly msg: string | undefined;
  /** RFC 3339; of a time that names no date, the time of day, or the seconds since the program began. */
  readonly time: string | undefined;
  readonly fields: readonly (readonly [name: string, json: string])[];
  /** What keeps rules from changing it. */
  readonly mark: 'ambiguous' | 'annotated' | undefined;
}

/** More names of one line are not shown. */
const MOST_FIELDS = 256;

/** Names that may stand in a line: in quotes before a colon, or before an equals sign. */
const CANDIDATES = /"((?:[^"\\]|\\.){1,128})"\s*:|([^\s="{}[\](),]{1,128})=/gu;

/** Colours stand between a name and its equals sign on terminals. */
const COLOURS = /\x1b\[[\d;:]*m/gu;

/** Tells of lines how the engine understands them: it reads them with the engine's readers. */
export class LineUnderstanding {
  readonly #kernel = new Kernel();
  readonly #options: ReaderOptions;
  readonly #record: LogRecord;
  /** By the names that the last line may have: most lines are like the one before. */
  #named: { readonly key: string; readonly record: LogRecord; readonly names: readonly string[] } | undefined;

  readonly #continued = new Continued();
  #origins = new Origins();

  constructor(options: ReaderOptions) {
    this.#options = options;
    this.#record = new LogRecord(new Names([], options.read));
  }

  /** The lines of another file come. */
  begin(): void {
    this.#continued.begin();
    this.#origins = new Origins();
  }

  /** The same for a line of this number, behind those that came before: it may continue one of them. */
  inOrder(line: number, bytes: Buffer, start: number, end: number): Understood {
    const understood = this.of(bytes, start, end);
    const continues = this.#continued.take(this.#record, line);
    return continues === undefined ? understood : { ...understood, continues };
  }

  of(bytes: Buffer, start: number, end: number): Understood {
    const record = this.#record;
    const isRead = this.#read(record, bytes, start, end);
    this.#origins.check(record);
    const { level, msgSlot, envelope, ambiguous, annotated } = record;
    const common = { envelope: envelope && envelopeIn(envelope), fields: [] };
    if (!isRead || level === -1)
      return {
        ...common,
        format: undefined,
        why: record.why,
        level: undefined,
        msg: undefined,
        time: undefined,
        mark: undefined,
      };
    return {
      ...common,
      format: formatOf(record),
      why: undefined,
      level: LEVELS[level],
      msg: msgSlot === -1 ? undefined : (record.text(msgSlot) ?? record.spelling(msgSlot)),
      time: this.#timeOf(record),
      fields: this.#fieldsOf(bytes, start, end),
      mark: ambiguous ? 'ambiguous' : annotated ? 'annotated' : undefined,
    };
  }

  #read(record: LogRecord, bytes: Buffer, start: number, end: number): boolean {
    const { format, envelope } = this.#options;
    return readInside(record, bytes, start, end, (...line) => readLine(this.#kernel, ...line, format), envelope);
  }

  #timeOf({ time, timeDomain, yearless }: LogRecord): string | undefined {
    const { zone, now } = this.#options;
    if (Number.isNaN(time)) return undefined;
    if (namesNoDate(timeDomain))
      return areOfDay(timeDomain) ? new Date(time).toISOString().slice('1970-01-01T'.length, -1) : `${time / 1000}s`;
    const wall = yearless ? inYearNear(time, now + zone.offsetAt(now)) : time;
    const date = new Date(namesNoZone(timeDomain) ? instantOfWall(zone, wall) : wall);
    return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
  }

  /** Reads the line once more, by all names that may stand in it. */
  #fieldsOf(bytes: Buffer, start: number, end: number): (readonly [string, string])[] {
    const text = this.#record.line.replace(COLOURS, '');
    const candidates = new Set(partsOf(this.#record.format, this.#options.read?.formats));
    for (const [, quoted, bare] of text.matchAll(CANDIDATES)) {
      candidates.add(quoted ?? bare!);
      if (candidates.size === MOST_FIELDS) break;
    }
    const key = [...candidates].join('\n');
    if (this.#named?.key !== key) {
      const names = [...candidates].toSorted();
      this.#named = { key, names, record: new LogRecord(new Names(names, this.#options.read)) };
    }
    const { names, record } = this.#named;
    this.#read(record, bytes, start, end);
    const known = new Set([record.msgSlot, record.timeSlot, ...record.levelPlaces().map(({ slot }) => slot)]);
    const order = new Map([...candidates].map((name, at) => [name, at]));
    return names
      .flatMap((name): (readonly [string, string])[] => {
        const slot = record.names.top.findText(name)?.slot;
        if (
          slot === undefined ||
          known.has(slot) ||
          record.kinds[slot] === MISSING ||
          name === ANNOTATION ||
          name.startsWith(`${ANNOTATION}.`)
        )
          return [];
        return [[name, jsonOf(record, slot)]];
      })
      .sort(([a], [b]) => order.get(a)! - order.get(b)!);
  }
}

/** JSON of what a slot holds, as it is written if that is JSON. */
function jsonOf(record: LogRecord, slot: number): string {
  const kind = record.kinds[slot]!;
  return isText(kind) && kind !== NUMBER
    ? JSON.stringify(record.text(slot))
    : record.bytes.utf8Slice(record.starts[slot]!, record.ends[slot]!);
}

function formatOf({ format, manner, headed }: LogRecord): string {
  if (format !== '') return format;
  return manner === 'member' ? 'json' : headed ? 'text' : 'logfmt';
}

function envelopeIn({ kinds, origin, severity }: Envelope): Readonly<Record<string, string>> {
  const named = ORIGIN_PARTS.flatMap((part) => (origin[part] === undefined ? [] : [[part, origin[part]] as const]));
  return {
    kind: kinds.join('+'),
    ...Object.fromEntries(named),
    ...(severity === undefined ? {} : { severity: LEVELS[severity.level] }),
  };
}

/** One line of JSON. */
export function renderJson(
  { format, why, continues, envelope, level, msg, time, fields, mark }: Understood,
  place: Place,
  text: string,
): string {
  const members: string[] = [];
  const add = (name: string, json: string): void => void members.push(`${JSON.stringify(name)}:${json}`);
  if (place.source !== undefined) add('source', JSON.stringify(place.source));
  add('line', String(place.line));
  add('format', JSON.stringify(format ?? null));
  if (envelope !== undefined) add('envelope', JSON.stringify(envelope));
  if (continues !== undefined) {
    add('continues', String(continues));
    add('text', JSON.stringify(text));
  } else if (why === undefined) {
    add('level', JSON.stringify(level));
    add('msg', JSON.stringify(msg ?? null));
    add('time', JSON.stringify(time ?? null));
    if (mark !== undefined) add(mark, 'true');
    add('fields', `{${fields.map(([name, json]) => `${JSON.stringify(name)}:${json}`).join(',')}}`);
  } else {
    add('why', JSON.stringify(why));
    add('text', JSON.stringify(text));
  }
  return `{${members.join(',')}}\n`;
}

export interface Place {
  /** If there are several. */
  readonly source: string | undefined;
  readonly line: number;
}
