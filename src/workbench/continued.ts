import { Continuation, isUnread, unreadEnd } from '../formats/continuation.ts';
import { headOf } from '../formats/head.ts';
import type { LogRecord } from '../record/record.ts';

interface OpenHead {
  readonly line: number;
  readonly isWrapped: boolean;
  readonly continuation: Continuation;
  /** An empty line stands behind it: the next line tells whether it goes on. */
  isBehindEmpty: boolean;
}

/** Finds the lines that continue one before them, such as a stack trace, as the engine does. Bounds of a record do not count here. */
export class Continued {
  /** Of each container and stream. */
  readonly #heads = new Map<string, OpenHead>();

  /** Another file begins. */
  begin(): void {
    this.#heads.clear();
  }

  /** The number of the line that this one continues; `undefined` if it continues none. Lines come in order. */
  take(record: LogRecord, line: number): number | undefined {
    const { stream = '', isWrapped, isHeaded } = headOf(record);
    const open = this.#heads.get(stream);
    if (open !== undefined && open.isWrapped === isWrapped && isUnread(record)) {
      const { bytes, start } = record;
      const end = unreadEnd(record);
      const { continuation, isBehindEmpty } = open;
      open.isBehindEmpty = false;
      if (isBehindEmpty ? continuation.takesBehindEmpty(bytes, start, end) : continuation.takes(bytes, start, end))
        return open.line;
      if (start === end && continuation.maySkip && !isBehindEmpty) {
        open.isBehindEmpty = true;
        return undefined;
      }
    }
    this.#heads.delete(stream);
    if (record.level === -1) return undefined;
    const continuation = new Continuation();
    continuation.begin(!isHeaded);
    this.#heads.set(stream, { line, isWrapped, continuation, isBehindEmpty: false });
    return undefined;
  }
}
