import { Continued } from './continued.ts';
import type { LineReader } from './line-reader.ts';

/** Tells which lines are one record, as the engine does: a line, and those that continue it. */
export class Records {
  readonly #reader: LineReader;

  constructor(reader: LineReader) {
    this.#reader = reader;
  }

  /** For each line, the index of the line that begins its record. */
  headsOf(lines: readonly Buffer[]): readonly number[] {
    const continued = new Continued();
    const record = this.#reader.recordWith([]);
    const heads = lines.map((bytes, index) => {
      this.#reader.read(record, { bytes, source: '' });
      return continued.take(record, index) ?? index;
    });
    // An empty line is of the record if the line behind it is.
    return heads.map((head, index) => {
      const behind = heads[index + 1];
      const isBetween = isEmpty(lines[index]!) && behind !== undefined && behind < index;
      return isBetween ? behind : head;
    });
  }

  /** The first line of an example's text that does not continue its first one, from one; `undefined`, if the text is one record. */
  strayIn(text: string): number | undefined {
    const lines = text.replace(/\n$/u, '').split('\n');
    if (lines.length < 2) return undefined;
    const stray = this.headsOf(lines.map((line) => Buffer.from(line))).findIndex((head) => head !== 0);
    return stray === -1 ? undefined : stray + 1;
  }
}

const isEmpty = (line: Buffer): boolean => line.length === 0 || (line.length === 1 && line[0] === CR);

const CR = 0x0d;
