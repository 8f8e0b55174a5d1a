import { FieldReader, type ReaderOptions } from './reading.ts';
import type { LineRef } from './healing.ts';
import { FALSE, NUMBER, TRUE } from '../../record/value.ts';

/** A scalar as a rule would write it. */
export interface FieldFact {
  readonly text: string;
  readonly kind: 'text' | 'number' | 'boolean';
}

/** A line of the log, read again. */
export interface LineFact {
  readonly ref: LineRef;
  readonly line: string;
  /** ms; NaN if it has none. */
  readonly time: number;
  readonly message: string | undefined;
  readonly fields: ReadonlyMap<string, FieldFact>;
}

/** Gets the bytes of a line again; `undefined` if they are gone. */
export type Fetch = (ref: LineRef) => Buffer | undefined;

/** Longer lines, in bytes, are no examples. */
const LONGEST = 4_096;

/** Reads lines again, by their places. */
export class Facts {
  readonly #reader: FieldReader;
  readonly #fetch: Fetch;

  constructor(options: ReaderOptions, fetch: Fetch) {
    this.#reader = new FieldReader(options);
    this.#fetch = fetch;
  }

  of(ref: LineRef): LineFact | undefined {
    const bytes = ref.length > LONGEST ? undefined : this.#fetch(ref);
    if (bytes === undefined || !this.#reader.read(bytes, 0, bytes.length)) return undefined;
    const { record, fields } = this.#reader;
    const { time } = record;
    const line = bytes.toString();
    // Bytes that are no text cannot be written into a rules file.
    if (!Buffer.from(line).equals(bytes)) return undefined;
    const message = record.msgSlot === -1 ? undefined : record.text(record.msgSlot);
    const read = fields.map(({ name, slot }): [string, FieldFact] => {
      const kind = record.kinds[slot]!;
      return [
        name,
        {
          text: record.spelling(slot) ?? '',
          kind: kind === NUMBER ? 'number' : kind === TRUE || kind === FALSE ? 'boolean' : 'text',
        },
      ];
    });
    return { ref, line, time, message, fields: new Map(read) };
  }

  all(refs: readonly LineRef[]): readonly LineFact[] {
    return refs.flatMap((ref) => this.of(ref) ?? []);
  }

  close(): void {
    this.#reader.close();
  }
}
