import type { LogRecord } from '../record/record.ts';

/** More containers, pods and units of one stream are not told apart by the words before lines that no format reads. */
const MOST = 65_536;

/**
 * Where the lines of one stream come from, as far as words said so that may be prose, before lines that a format has read. Before a line that
 * no format reads, such words count only if they stood there before one that was read: else its event would decide nothing.
 */
export class Origins {
  readonly #known = new Set<string>();

  /** Forgets what stands around a line that is opaque, if no line before has come from there. */
  check(record: LogRecord): void {
    if (record.envelope?.isUnsure !== true) return;
    const { originKey } = record;
    if (record.level === -1) {
      if (!this.#known.has(originKey)) record.unwrap();
    } else if (this.#known.size < MOST) {
      this.#known.add(originKey);
    }
  }
}
