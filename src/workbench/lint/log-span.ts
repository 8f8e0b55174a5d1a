import { areComparable, areOfDay, withoutOrigin } from '../../record/clock-domain.ts';
import type { LogRecord } from '../../record/record.ts';
import type { LineReader } from '../line-reader.ts';

/** So much of the end of a log is kept, to find the time of its last line. Bytes. */
const TAIL = 16 * 1024;
/** So many lines at each end are asked for a time. */
const MOST_LINES = 100;

/** The time of a log, from its first line to its last, by what these lines say. */
export class LogSpan {
  readonly #reader: LineReader;
  readonly #record: LogRecord;
  #head: Buffer = Buffer.alloc(0);
  #tail: Buffer = Buffer.alloc(0);

  constructor(reader: LineReader) {
    this.#reader = reader;
    this.#record = reader.recordWith([]);
  }

  /** The next bytes of the log. They are copied. */
  take(bytes: Uint8Array): void {
    if (this.#head.length < TAIL) this.#head = Buffer.concat([this.#head, bytes.subarray(0, TAIL - this.#head.length)]);
    const last = bytes.subarray(-TAIL);
    this.#tail = Buffer.concat([this.#tail.subarray(Math.max(0, this.#tail.length + last.length - TAIL)), last]);
  }

  /** ms; `undefined`: nothing tells. */
  get millis(): number | undefined {
    if (this.#head.length === 0) return 0;
    const first = this.#firstTimeIn(linesOf(this.#head));
    const last = this.#firstTimeIn(linesOf(this.#tail).toReversed());
    if (first === undefined || last === undefined) return undefined;
    // A time of day that is later may be one of the next day.
    if (!areComparable(first.domain, last.domain) || areOfDay(first.domain) || last.time < first.time) return undefined;
    return last.time - first.time;
  }

  #firstTimeIn(lines: readonly Buffer[]): { readonly time: number; readonly domain: number } | undefined {
    for (const bytes of lines.slice(0, MOST_LINES)) {
      if (!this.#reader.read(this.#record, { bytes, source: '' })) continue;
      const { time, timeDomain } = this.#record;
      if (!Number.isNaN(time)) return { time, domain: withoutOrigin(timeDomain) };
    }
    return undefined;
  }
}

/** Lines of a part of a log; the first and the last may be cut off. */
function linesOf(bytes: Buffer): Buffer[] {
  const lines: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const newline = bytes.indexOf(LF, at);
    const end = newline === -1 ? bytes.length : newline;
    lines.push(bytes.subarray(at, end));
    at = end + 1;
  }
  return lines;
}

const LF = 0x0a;
