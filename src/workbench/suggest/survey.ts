import { FATAL, type Level } from '../../record/level.ts';
import type { LogRecord } from '../../record/record.ts';
import { isText, JSON_ESCAPED, LOGFMT_ESCAPED } from '../../record/value.ts';
import { found, readTime } from '../../formats/text/time.ts';
import { FieldReader, type FieldRead, type ReaderOptions } from './reading.ts';
import {
  anchorOf,
  guardOf,
  instantAt,
  kindOfTime,
  Shape,
  tokensIn,
  type Cause,
  type Form,
  type TimePlace,
  type ValuePlace,
} from './shape.ts';
import { hashOf, Skeleton } from './skeleton.ts';
import { wordsOf, WILD } from './words.ts';

/** So many lines are looked at together: failures of one batch are answered by its own lines. */
const MOST_LINES = 1 << 20;
const MOST_VALUES = 1 << 23;
/** More shapes are read each time, and more forms are not looked at. */
const MOST_SHAPES = 30_000;
const MOST_FORMS = 20_000;
/** A longer line, in bytes, is not looked at. */
const LONGEST_LINE = 64 * 1024;

/** Lines of one source, by columns. */
export interface Batch {
  readonly source: number;
  readonly count: number;
  /** By `shapes` of the survey. */
  readonly shapes: Int32Array;
  /** ms; NaN if a line has none. */
  readonly times: Float64Array;
  /** Where the variable values of a line begin in `values`. */
  readonly valueAt: Int32Array;
  readonly values: Int32Array;
  /** From one. */
  readonly numbers: Float64Array;
  /** Where it stands in the source, in bytes. */
  readonly offsets: Float64Array;
  readonly lengths: Int32Array;
}

/** What tells one failure's cause from another's. */
const CAUSES: ReadonlySet<string> = new Set(
  ['error', 'err', 'exception', 'cause']
    .flatMap((name) => [
      name,
      ...['message', 'msg', 'code', 'type', 'class', 'errno', 'syscall', 'reason', 'name'].map((part) => `${name}.${part}`),
    ])
    .concat(
      'errno',
      'code',
      'reason',
      'errorMessage',
      'error_message',
      'errorCode',
      'error_code',
      'error_kind',
      'errno_name',
      'syscall',
    ),
);
/** Of these each spelling is another cause. */
const CODES = /(?:code|errno|type|class|syscall|name|kind)$/iu;

/** Reads the lines of a log into batches, and tells apart what was written by different statements. */
export class Survey {
  readonly shapes: Shape[] = [];
  readonly forms: Form[] = [];
  lines = 0;
  /** Of `lines`: those without a level, annotated or ambiguous. */
  unread = 0;
  /** Lines for whose form there was no room, or that are too long. */
  unplaced = 0;
  /** By level. */
  readonly levels = new Float64Array(FATAL + 1);
  timeless = 0;
  readonly #reader: FieldReader;
  readonly #onBatch: (batch: Batch) => void;
  readonly #skeleton = new Skeleton();
  readonly #table = new ShapeTable();
  readonly #forms = new Map<string, Form>();
  readonly #loose = new Map<string, Shape>();
  #source = -1;
  #number = 0;
  // The batch under way.
  #count = 0;
  #used = 0;
  #shapesOf = new Int32Array(1024);
  #times = new Float64Array(1024);
  #valueAt = new Int32Array(1024);
  #numbers = new Float64Array(1024);
  #offsets = new Float64Array(1024);
  #lengths = new Int32Array(1024);
  #values = new Int32Array(8192);

  constructor(options: ReaderOptions, onBatch: (batch: Batch) => void) {
    this.#reader = new FieldReader(options);
    this.#onBatch = onBatch;
  }

  begin(source: number): void {
    this.#source = source;
    this.#number = 0;
  }

  /** Takes a line, without its newline, which stands at `offset` of its source. */
  take(bytes: Buffer, start: number, end: number, offset: number): void {
    this.lines += 1;
    this.#number += 1;
    if (end > start && bytes[end - 1] === 0x0d) end -= 1;
    if (end - start > LONGEST_LINE) {
      this.unplaced += 1;
      return;
    }
    const skeleton = this.#skeleton;
    skeleton.take(bytes, start, end);
    let shape = this.#table.find(skeleton.hash, skeleton.check);
    while (shape !== undefined && !shape.isOf(bytes, skeleton)) shape = shape.next;
    if (shape === undefined) {
      this.#takeUnknown(bytes, start, end, offset);
      return;
    }
    const time = shape.timeOf(bytes, start, end, skeleton);
    const at = this.#place(shape, time, shape.variables.length, offset, end - start);
    shape.valuesOf(bytes, start, skeleton, this.#values, at);
  }

  /** The source is at its end. */
  end(): void {
    this.#flush();
  }

  close(): void {
    this.#reader.close();
  }

  #place(shape: Shape, time: number, values: number, offset: number, length: number): number {
    if (this.#count === MOST_LINES || this.#used + values > MOST_VALUES) this.#flush();
    if (this.#count === this.#shapesOf.length) this.#grow();
    if (this.#used + values > this.#values.length) this.#values = larger(this.#values, Int32Array, this.#used + values);
    const line = this.#count;
    shape.lines += 1;
    this.levels[shape.form.level]! += 1;
    if (Number.isNaN(time)) this.timeless += 1;
    this.#shapesOf[line] = shape.number;
    this.#times[line] = time;
    this.#numbers[line] = this.#number;
    this.#offsets[line] = offset;
    this.#lengths[line] = length;
    const at = this.#used;
    this.#valueAt[line] = at;
    this.#count += 1;
    this.#used += values;
    return at;
  }

  #grow(): void {
    const size = 2 * this.#count;
    this.#shapesOf = larger(this.#shapesOf, Int32Array, size);
    this.#times = larger(this.#times, Float64Array, size);
    this.#valueAt = larger(this.#valueAt, Int32Array, size);
    this.#numbers = larger(this.#numbers, Float64Array, size);
    this.#offsets = larger(this.#offsets, Float64Array, size);
    this.#lengths = larger(this.#lengths, Int32Array, size);
  }

  #flush(): void {
    if (this.#count > 0) {
      this.#onBatch({
        source: this.#source,
        count: this.#count,
        shapes: this.#shapesOf,
        times: this.#times,
        valueAt: this.#valueAt,
        values: this.#values,
        numbers: this.#numbers,
        offsets: this.#offsets,
        lengths: this.#lengths,
      });
    }
    this.#count = 0;
    this.#used = 0;
  }

  /** The first line of a shape, or one that has to be read each time. */
  #takeUnknown(bytes: Buffer, start: number, end: number, offset: number): void {
    const reader = this.#reader;
    if (!reader.read(bytes, start, end)) {
      this.unread += 1;
      return;
    }
    const { record, fields } = reader;
    const form = this.#formOf(record, fields);
    if (form === undefined) {
      this.unplaced += 1;
      return;
    }
    const isInLine = record.bytes === bytes && record.envelope === undefined;
    const shape = isInLine && this.shapes.length < MOST_SHAPES ? this.#shapeOf(bytes, start, end, form) : undefined;
    if (shape === undefined) {
      this.#takeLoose(form, record, fields, offset, end - start);
      return;
    }
    const at = this.#place(shape, record.time, shape.variables.length, offset, end - start);
    shape.valuesOf(bytes, start, this.#skeleton, this.#values, at);
  }

  #formOf(record: LogRecord, fields: readonly FieldRead[]): Form | undefined {
    const message = record.msgSlot === -1 ? '' : (record.text(record.msgSlot) ?? record.spelling(record.msgSlot) ?? '');
    const words = wordsOf(message);
    const causes = fields
      .filter(({ name }) => CAUSES.has(name))
      .map(({ name, start, end }): Cause => {
        const text = record.bytes.utf8Slice(start, end);
        const plain = { form: text, words: [text], between: ['', ''], spans: [] };
        return { name, text, words: CODES.test(name) ? plain : wordsOf(text) };
      });
    const level = record.level as Level;
    const cause = causes.map(({ name, words: { form } }) => `${name}=${form}`).join('\t');
    const key = `${level}\t${record.timeDomain}\t${words.form}\t${cause}`;
    const known = this.#forms.get(key);
    if (known !== undefined) return known;
    if (this.forms.length >= MOST_FORMS) return undefined;
    const form: Form = { number: this.forms.length, level, domain: record.timeDomain, words, hasMessage: message !== '', causes };
    this.forms.push(form);
    this.#forms.set(key, form);
    return form;
  }

  /** `undefined` if a value that matters stands where it cannot be found again. */
  #shapeOf(bytes: Buffer, start: number, end: number, form: Form): Shape | undefined {
    const { record, fields } = this.#reader;
    const skeleton = this.#skeleton;
    const time = this.#timePlace(bytes, start, end);
    if (time === undefined && !Number.isNaN(record.time)) return undefined;
    const places: ValuePlace[] = [];
    for (const { name, start: from, end: to } of [...fields, ...messageValues(record)]) {
      const [first, last] = [anchorOf(skeleton, start, from), anchorOf(skeleton, start, to)];
      if (first === undefined || last === undefined) return undefined;
      const isConstant = tokensIn(skeleton, from, to).length === 0;
      places.push({ name, start: first, end: last, constant: isConstant ? hashOf(bytes, from, to) : undefined });
    }
    const guards = [...new Set(record.levelPlaces().flatMap((place) => tokensIn(skeleton, place.start, place.end)))];
    const shape = new Shape(this.shapes.length, form, places, time, guards, guardOf(bytes, skeleton, guards));
    this.shapes.push(shape);
    shape.next = this.#table.find(skeleton.hash, skeleton.check);
    this.#table.set(skeleton.hash, skeleton.check, shape);
    return shape;
  }

  #timePlace(bytes: Buffer, start: number, end: number): TimePlace | undefined {
    const { record } = this.#reader;
    const { time, timeSlot } = record;
    const skeleton = this.#skeleton;
    if (Number.isNaN(time)) return undefined;
    if (timeSlot !== -1) {
      const [from, to] = [record.starts[timeSlot]!, record.ends[timeSlot]!];
      const [first, last] = [anchorOf(skeleton, start, from), anchorOf(skeleton, start, to)];
      const kind = kindOfTime(record.kinds[timeSlot]!);
      if (first === undefined || last === undefined || instantAt(bytes, from, to, kind) !== time) return undefined;
      return { kind, start: first, end: last };
    }
    // A header's: its format keeps no place.
    for (let at = start; at < Math.min(end, start + 80); at += 1) {
      if (!readTime(bytes, at, end) || found.instant !== time) continue;
      const anchor = anchorOf(skeleton, start, at);
      return anchor === undefined ? undefined : { kind: 'header', start: anchor, end: anchor };
    }
    return undefined;
  }

  #takeLoose(form: Form, record: LogRecord, fields: readonly FieldRead[], offset: number, length: number): void {
    const values = [...fields, ...messageValues(record)];
    const origin = record.originKey;
    const names = values.map(({ name }) => name);
    if (origin !== '') names.push('$origin');
    const key = `${form.number}\t${names.join('\t')}`;
    let shape = this.#loose.get(key);
    if (shape === undefined) {
      if (this.shapes.length >= 2 * MOST_SHAPES) {
        this.unplaced += 1;
        return;
      }
      const nowhere = { token: -1, delta: 0 };
      const places = names.map((name): ValuePlace => ({ name, constant: undefined, start: nowhere, end: nowhere }));
      shape = new Shape(this.shapes.length, form, places, undefined, [], 0);
      this.shapes.push(shape);
      this.#loose.set(key, shape);
    }
    const at = this.#place(shape, record.time, names.length, offset, length);
    for (const [i, { start, end }] of values.entries()) this.#values[at + i] = hashOf(record.bytes, start, end);
    if (origin !== '') this.#values[at + values.length] = hashOf(Buffer.from(origin), 0, Buffer.byteLength(origin));
  }
}

/** The wildcards of a message, as values under `#` and their place among its words. */
function messageValues(record: LogRecord): FieldRead[] {
  const { msgSlot } = record;
  if (msgSlot === -1) return [];
  const kind = record.kinds[msgSlot]!;
  const text = record.text(msgSlot);
  // What is written with escapes stands elsewhere than in its text.
  if (text === undefined || !isText(kind) || kind === JSON_ESCAPED || kind === LOGFMT_ESCAPED) return [];
  const start = record.starts[msgSlot]!;
  const isPlain = record.ends[msgSlot]! - start === text.length;
  const { words, spans } = wordsOf(text);
  return spans.flatMap((span, at) => {
    if (words[at] !== WILD) return [];
    const from = start + (isPlain ? span.start : Buffer.byteLength(text.slice(0, span.start)));
    const to = start + (isPlain ? span.end : Buffer.byteLength(text.slice(0, span.end)));
    return [{ name: `#${at}`, start: from, end: to, slot: -1 }];
  });
}

function larger<Column extends Int32Array | Float64Array>(
  column: Column,
  of: new (size: number) => Column,
  least: number,
): Column {
  const grown = new of(Math.max(2 * column.length, least));
  grown.set(column);
  return grown;
}

/** Shapes by the hashes of their skeletons. */
class ShapeTable {
  #hashes = new Int32Array(1024);
  #checks = new Int32Array(1024);
  #shapes: (Shape | undefined)[] = new Array<Shape | undefined>(1024).fill(undefined);
  #count = 0;

  find(hash: number, check: number): Shape | undefined {
    return this.#shapes[this.#slotOf(hash, check)];
  }

  set(hash: number, check: number, shape: Shape): void {
    const slot = this.#slotOf(hash, check);
    if (this.#shapes[slot] === undefined) this.#count += 1;
    this.#hashes[slot] = hash;
    this.#checks[slot] = check;
    this.#shapes[slot] = shape;
    if (2 * this.#count > this.#shapes.length) this.#grow();
  }

  #slotOf(hash: number, check: number): number {
    const mask = this.#shapes.length - 1;
    let slot = (hash ^ (hash >>> 16)) & mask;
    while (this.#shapes[slot] !== undefined && (this.#hashes[slot] !== hash || this.#checks[slot] !== check))
      slot = (slot + 1) & mask;
    return slot;
  }

  #grow(): void {
    const old = { hashes: this.#hashes, checks: this.#checks, shapes: this.#shapes };
    const size = 2 * old.shapes.length;
    this.#hashes = new Int32Array(size);
    this.#checks = new Int32Array(size);
    this.#shapes = new Array<Shape | undefined>(size).fill(undefined);
    for (const [at, shape] of old.shapes.entries()) {
      if (shape === undefined) continue;
      const slot = this.#slotOf(old.hashes[at]!, old.checks[at]!);
      this.#hashes[slot] = old.hashes[at]!;
      this.#checks[slot] = old.checks[at]!;
      this.#shapes[slot] = shape;
    }
  }
}
