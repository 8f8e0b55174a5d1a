import type { EnvelopeKind } from '../formats/envelope-kinds.ts';
import { readInside } from '../formats/envelope.ts';
import { readLine, type Format } from '../formats/index.ts';
import { Kernel } from '../kernel/kernel.ts';
import { sourceWith } from '../record/envelope.ts';
import { Names } from '../record/names.ts';
import { LogRecord } from '../record/record.ts';
import { compileLater } from '../rules/condition.ts';
import type { Condition, Reading } from '../rules/rule.ts';

/** How lines are read. */
export interface ReadingOptions {
  readonly format: Format;
  readonly envelope: EnvelopeKind;
  readonly read: Reading | undefined;
}

/** A line by itself, and where it stands. */
export interface PlacedLine {
  /** Without its newline. */
  readonly bytes: Buffer;
  readonly source: string;
  /** From one. */
  readonly number: number;
}

/** Reads lines by themselves, with the engine's readers. */
export class LineReader {
  readonly options: ReadingOptions;
  readonly #kernel = new Kernel();

  constructor(options: ReadingOptions) {
    this.options = options;
  }

  /** Fills the record; false if no format recognizes the line. */
  read(record: LogRecord, { bytes, source }: Pick<PlacedLine, 'bytes' | 'source'>): boolean {
    const { format, envelope } = this.options;
    const end = bytes.at(-1) === CR ? bytes.length - 1 : bytes.length;
    const isRead = readInside(record, bytes, 0, end, (...line) => readLine(this.#kernel, ...line, format), envelope);
    record.source = record.envelope === undefined ? source : sourceWith(source, record.envelope.origin);
    return isRead && record.level !== -1;
  }

  /** A record that keeps what stands under these paths. */
  recordWith(paths: Iterable<string>): LogRecord {
    return new LogRecord(new Names(paths, this.options.read));
  }

  /** Whether a line matches a condition, asked for this line alone. */
  matches(condition: Condition, line: PlacedLine): boolean {
    const names = new Names([], this.options.read);
    const matches = compileLater(condition, names);
    const record = new LogRecord(names);
    this.read(record, line);
    return matches(record);
  }
}

const CR = 0x0d;
