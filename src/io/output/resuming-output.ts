import type { Now } from '../clock.ts';
import { codeOf } from '../fault.ts';
import { OutputError, type Outgoing, type OutputListener } from './output.ts';

/** ms between two tries. */
const PAUSE = 1000;

const LF = 0x0a;

/** What nobody will mend while we wait: the reader has left, or it was never open for writing. */
const FOR_GOOD = new Set(['EPIPE', 'ECONNRESET', 'EBADF', 'EINVAL']);

export interface ResumingOptions {
  /** How it is called in messages. */
  readonly name: string;
  readonly first: Outgoing;
  /** Opens the same place anew, to begin a line there. May throw. */
  readonly again: () => Outgoing;
  readonly now: Now;
  /** There is room again; so many bytes are lost. */
  readonly onResumed: (lost: number) => void;
}

/**
 * An output that does not give up a disk that is full or fails: what it does not take is lost, and counted, but each second it is
 * tried again, at the beginning of a line. For lines that come whether there is room for them or not.
 */
export class ResumingOutput implements Outgoing {
  readonly #options: ResumingOptions;
  #inner: Outgoing;
  #listener: OutputListener | undefined;
  /** Bytes, of those before the last try. */
  #lost = 0;
  /** Bytes, by those before the one in hand. */
  #delivered = 0;
  /** By the clock; undefined: nothing is known to be lost. */
  #nextTry: number | undefined;

  constructor(options: ResumingOptions) {
    this.#options = options;
    this.#inner = options.first;
  }

  get name(): string {
    return this.#options.name;
  }

  listen(listener: OutputListener): void {
    this.#listener = listener;
    this.#inner.listen(listener);
  }

  get waiting(): number {
    return this.#inner.waiting;
  }

  get delivered(): number {
    return this.#delivered + this.#inner.delivered;
  }

  get connected(): boolean {
    return this.#inner.connected;
  }

  get full(): boolean {
    return this.#inner.full;
  }

  get endsLine(): boolean {
    return this.#inner.endsLine;
  }

  /** Of all that is lost; none where there is room again. */
  get failure(): OutputError | undefined {
    const { failure } = this.#inner;
    if (failure === undefined || this.#lost === 0) return failure;
    return new OutputError(this.#options.name, failure.cause, this.#lost + failure.unwritten);
  }

  write(bytes: Uint8Array, start: number, end: number): void {
    let from = start;
    if (this.#hasNoRoom && !this.#inner.endsLine) {
      // The rest of a line that was torn, or never begun.
      const newline = bytes.subarray(start, end).indexOf(LF);
      from = newline === -1 ? end : start + newline + 1;
      this.#inner.write(bytes, start, from);
    }
    if (from === end) return;
    if (this.#hasNoRoom) this.#tryAgain();
    this.#inner.write(bytes, from, end);
  }

  flush(): void {
    this.#inner.flush();
    if (this.#hasNoRoom) this.#nextTry ??= this.#options.now() + PAUSE;
    if (this.#lost === 0 || this.#inner.failure !== undefined || this.#inner.waiting > 0) return;
    const lost = this.#lost;
    this.#lost = 0;
    this.#nextTry = undefined;
    this.#options.onResumed(lost);
  }

  async end(): Promise<void> {
    this.flush();
    try {
      await this.#inner.end();
    } catch (error) {
      throw this.failure ?? error;
    }
  }

  get #hasNoRoom(): boolean {
    const { failure } = this.#inner;
    return failure !== undefined && !FOR_GOOD.has(codeOf(failure.cause) ?? '');
  }

  #tryAgain(): void {
    const at = this.#options.now();
    if (this.#nextTry !== undefined && at < this.#nextTry) return;
    this.#nextTry = at + PAUSE;
    void this.#inner.end().catch(() => {}); // its failure is told; a file that was deleted makes room as it is closed
    const next = this.#openAgain();
    if (next === undefined) return;
    this.#lost += this.#inner.failure?.unwritten ?? 0;
    this.#delivered += this.#inner.delivered;
    this.#inner = next;
    if (this.#listener !== undefined) next.listen(this.#listener);
  }

  #openAgain(): Outgoing | undefined {
    let next: Outgoing;
    try {
      next = this.#options.again();
    } catch {
      return undefined;
    }
    if (next.failure === undefined) return next;
    void next.end().catch(() => {});
    return undefined;
  }
}
