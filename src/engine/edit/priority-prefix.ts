import { Continuation, unreadEnd } from '../../formats/continuation.ts';
import type { Names } from '../../record/names.ts';
import { LogRecord } from '../../record/record.ts';
import { SYSLOG } from '../../record/scale.ts';
import type { Sink } from '../settings.ts';

const LF = 0x0a;

/** How the engine reads lines now: its rules may change. */
export interface PrefixReader {
  readonly names: () => Names;
  readonly read: (record: LogRecord, bytes: Buffer, start: number, end: number) => boolean;
}

/** `<N>` of each level. journald writes 0 to every terminal: no line of a log is so grave. */
const PREFIXES = SYSLOG.written.map((severity) => Buffer.from(`<${severity === '0' ? '2' : severity}>`));

/**
 * Writes the priority of its level before each line, as sd-daemon(3) has it: then journald knows it too. A line that goes on with the
 * one before gets that one's; a line without a level gets none. What stands there already is replaced.
 */
export class PriorityPrefix implements Sink {
  readonly #sink: Sink;
  readonly #reader: PrefixReader;
  #record: LogRecord | undefined;
  /** The level of the line that others may go on with, -1 if there is none. */
  #head = -1;
  readonly #continuation = new Continuation();
  /** What was written last did not end a line. */
  #isMidLine = false;

  constructor(sink: Sink, reader: PrefixReader) {
    this.#sink = sink;
    this.#reader = reader;
  }

  write(lent: Uint8Array, start: number, end: number): void {
    const bytes = Buffer.isBuffer(lent) ? lent : Buffer.from(lent.buffer, lent.byteOffset, lent.length);
    // Written in runs: what has got its prefix, or gets none, up to the next line that gets one.
    let from = start;
    for (let at = start; at < end;) {
      const found = bytes.indexOf(LF, at);
      const isWhole = found !== -1 && found < end;
      const lineEnd = isWhole ? found : end;
      if (!this.#isMidLine) {
        const level = this.#levelOf(bytes, at, lineEnd);
        if (level !== -1) {
          if (at > from) this.#sink.write(bytes, from, at);
          const prefix = PREFIXES[level]!;
          this.#sink.write(prefix, 0, prefix.length);
          from = at + prefixLength(bytes, at, lineEnd);
        }
      }
      this.#isMidLine = !isWhole;
      at = isWhole ? lineEnd + 1 : end;
    }
    if (end > from) this.#sink.write(bytes, from, end);
  }

  #levelOf(bytes: Buffer, start: number, lineEnd: number): number {
    const names = this.#reader.names();
    if (this.#record?.names !== names) this.#record = new LogRecord(names);
    const record = this.#record;
    if (this.#reader.read(record, bytes, start, lineEnd)) {
      this.#head = record.level;
      this.#continuation.begin(!record.headed);
      return record.level;
    }
    if (this.#head !== -1 && !this.#continuation.takes(record.bytes, record.start, unreadEnd(record))) this.#head = -1;
    return this.#head;
  }
}

/** Of a `<N>` that stands before a line. */
function prefixLength(bytes: Buffer, start: number, end: number): number {
  const digit = bytes[start + 1]!;
  return end - start > 3 && bytes[start] === 0x3c && digit >= 0x30 && digit <= 0x37 && bytes[start + 2] === 0x3e ? 3 : 0;
}
