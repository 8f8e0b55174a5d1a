import type { LogRecord } from '../record/record.ts';

/** More containers, pods and units of one stream are not told apart by the words before lines that no format reads. */
const MOST = 65_536;

/**
 * Where the lines of one stream come from, as far as envelopes of lines that were read have said. Words before a line that no format reads
 * may be prose: they say where it comes from only if a line that was read has said the same. An event without it would else decide nothing.
 */
export class Origins {
  readonly #known = new Set<string>();

  /** Forgets what stands around a line that is opaque, if no line before has come from there. */
  check(record: LogRecord): void {
    const { originKey } = record;
    if (originKey === '') return;
    if (record.level === -1) {
      if (!this.#known.has(originKey)) record.unwrap();
    } else if (this.#known.size < MOST) {
      this.#known.add(originKey);
    }
  }
}
