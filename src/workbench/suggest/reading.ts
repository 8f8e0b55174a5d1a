import type { EnvelopeKind } from '../../formats/envelope-kinds.ts';
import { readInside } from '../../formats/envelope.ts';
import { readLine, type Format } from '../../formats/index.ts';
import { partsOf } from '../../formats/text/index.ts';
import { Kernel } from '../../kernel/kernel.ts';
import { ANNOTATION, Names } from '../../record/names.ts';
import { LogRecord } from '../../record/record.ts';
import { MISSING, NESTED, NULL } from '../../record/value.ts';
import type { Reading } from '../../rules/rule.ts';

export interface ReaderOptions {
  readonly format: Format;
  readonly envelope: EnvelopeKind;
  readonly read: Reading | undefined;
}

/** A scalar of a line, under a name by which rules can ask for it. */
export interface FieldRead {
  readonly name: string;
  /** Where it stands in the record's bytes, without quotes. */
  readonly start: number;
  readonly end: number;
  /** Of the record, if it is a value of its own. */
  readonly slot: number;
}

/** More fields of a line are not looked at, nor longer values, in bytes. */
const MOST_FIELDS = 40;
const LONGEST_VALUE = 256;
/** How deep in objects fields are looked for. */
const DEEPEST = 2;
/** Sets of names for which records are kept. */
const MOST_NAMES = 256;

/** Names that may stand in a line of text: in quotes before a colon, or before an equals sign. */
const CANDIDATES = /"((?:[^"\\]|\\.){1,128})"\s*:|([^\s="{}[\](),]{1,128})=/gu;

interface Named {
  readonly record: LogRecord;
  readonly fields: readonly { readonly name: string; readonly slots: readonly number[] }[];
}

/** Reads lines with the engine's readers, and finds out which fields they have. */
export class FieldReader {
  readonly #options: ReaderOptions;
  readonly #kernel = Kernel.take();
  readonly #plain: LogRecord;
  /** By the names that a line may have. */
  readonly #named = new Map<string, Named>();
  /** The line that was read last. */
  record: LogRecord;
  fields: FieldRead[] = [];

  constructor(options: ReaderOptions) {
    this.#options = options;
    this.#plain = new LogRecord(new Names([], options.read));
    this.record = this.#plain;
  }

  /** Whether it is a line with a level that rules may change; then `record` and `fields` are its own, until the next. */
  read(bytes: Buffer, start: number, end: number): boolean {
    this.record = this.#plain;
    if (!this.#readInto(this.#plain, bytes, start, end)) return false;
    const names = this.#namesIn(this.#plain);
    const { record, fields } = this.#namedFor(names);
    this.record = record;
    if (!this.#readInto(record, bytes, start, end)) return false;
    this.fields = this.#fieldsOf(record, fields);
    return true;
  }

  close(): void {
    this.#kernel.giveBack();
  }

  #readInto(record: LogRecord, bytes: Buffer, start: number, end: number): boolean {
    const { format, envelope } = this.#options;
    const isRead = readInside(record, bytes, start, end, (...line) => readLine(this.#kernel, ...line, format), envelope);
    return isRead && record.level !== -1 && !record.ambiguous && !record.annotated;
  }

  #namesIn(record: LogRecord): string[] {
    const text = record.line;
    if (record.manner === 'member' && !record.headed) {
      const names: string[] = [];
      collect(parsed(text), '', DEEPEST, names);
      return names;
    }
    const names = new Set(partsOf(record.format, this.#options.read?.formats));
    for (const [, quoted, bare] of text.matchAll(CANDIDATES)) {
      names.add(quoted ?? bare!);
      if (names.size >= MOST_FIELDS) break;
    }
    return [...names];
  }

  #namedFor(paths: readonly string[]): Named {
    const key = paths.join('\n');
    const known = this.#named.get(key);
    if (known !== undefined) return known;
    const names = new Names(paths, this.#options.read);
    const fields = paths
      .filter((path) => path !== ANNOTATION && !path.startsWith(`${ANNOTATION}.`))
      .map((name) => ({ name, slots: names.slotsOf(name) }));
    const named = { record: new LogRecord(names), fields };
    if (this.#named.size >= MOST_NAMES) this.#named.clear();
    this.#named.set(key, named);
    return named;
  }

  #fieldsOf(record: LogRecord, named: Named['fields']): FieldRead[] {
    const own = new Set<number>([record.msgSlot, record.timeSlot, ...record.levelPlaces().map(({ slot }) => slot)]);
    const fields: FieldRead[] = [];
    for (const { name, slots } of named) {
      const slot = record.find(slots);
      if (slot === -1 || own.has(slot)) continue;
      const kind = record.kinds[slot]!;
      const start = record.starts[slot]!;
      const end = record.ends[slot]!;
      if (kind === MISSING || kind === NESTED || kind === NULL || end === start || end - start > LONGEST_VALUE) continue;
      fields.push({ name, start, end, slot });
    }
    return fields;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The engine's reader takes some that this one does not.
    return undefined;
  }
}

/** The paths of scalars. */
function collect(value: unknown, before: string, deeper: number, paths: string[]): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return;
  for (const [key, inside] of Object.entries(value)) {
    if (paths.length >= MOST_FIELDS) return;
    if (key === '' || key.length > 64) continue;
    if (typeof inside !== 'object') paths.push(before + key);
    else if (deeper > 0 && !key.includes('.')) collect(inside, `${before}${key}.`, deeper - 1, paths);
  }
}
