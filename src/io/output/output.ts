import { closeSync, write as writeByPool, writeSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Sink } from '../../engine/settings.ts';
import { codeOf, reasonOf } from '../fault.ts';
import { Gather } from '../input/gather.ts';
import { kindOf, privatePipe } from '../input/kinds.ts';
import { AGAIN } from '../input/read-pool.ts';
import { watchReader, type ReaderWatch } from './reader-watch.ts';

/** A run at least this long goes out from where it lies, where nothing waits before it. Below, a copy is cheaper than a call. */
const LARGE = 16 * 1024;

const NEWLINE = 0x0a;

/** Bytes that may wait for a reader of stdout before the input is paused. */
export const HIGH_WATER = 256 * 1024;

/** What could not be written, and why; made of the first error. */
export class OutputError extends Error {
  override readonly name = 'OutputError';
  /** The reader went away: for a filter that is no fault, and a quiet end. */
  readonly readerLeft: boolean;
  /** Bytes that were taken and not written. Those handed to the system in the call that failed count in full. */
  readonly unwritten: number;

  constructor(place: string, cause: unknown, unwritten: number) {
    super(`${place}: cannot write: ${reasonOf(cause)}; ${unwritten} bytes were not written`, { cause });
    const code = codeOf(cause);
    this.readerLeft = code === 'EPIPE' || code === 'ECONNRESET';
    this.unwritten = unwritten;
  }
}

export interface OutputOptions {
  readonly fd: number;
  /** How it is called in messages. */
  readonly name: string;
  /** Bytes that may wait before `full`. */
  readonly highWater: number;
  /** A reader that leaves is noticed, and a failure, also while nothing is written. */
  readonly watchesReader?: boolean;
}

/** Who wants to know when an output that was waiting goes on. */
export interface OutputListener {
  /** It was `full`, and is not any more. */
  readonly onRoom: () => void;
  /** It failed outside `flush`. Nothing more will be written. */
  readonly onFailure: () => void;
}

/** Somewhere that bytes go to in order, and that takes them when it can. */
export interface Outgoing extends Sink {
  /** How it is called in messages. */
  readonly name: string;
  /** One listener; the last one holds. */
  listen(listener: OutputListener): void;
  /** Bytes taken that have not arrived yet. */
  readonly waiting: number;
  /** Bytes that have arrived, as far as can be known. */
  readonly delivered: number;
  /** Whether there is somebody, or a file, to write to: whoever takes nothing may still be there. */
  readonly connected: boolean;
  /** Who feeds it is to stop. */
  readonly full: boolean;
  /** Whether the last byte taken was a newline, or none was. */
  readonly endsLine: boolean;
  /** Made anew at each look, with the bytes that are lost by now. */
  readonly failure: OutputError | undefined;
  /** Hands over what was gathered. Call it at the end of each chunk. */
  flush(): void;
  /** Waits until all has arrived. Throws `OutputError` where it could not. To be called once, after the last `write`. */
  end(): Promise<void>;
}

/** How a descriptor takes bytes: at once; as much as it has room for; or by a thread of the pool, which may block. */
type Way =
  | { readonly kind: 'at-once' }
  | { readonly kind: 'as-room'; readonly own: boolean; stream: Socket | undefined }
  | { readonly kind: 'by-pool' };

/**
 * Bytes on their way out. Never waits: what the descriptor does not take now is kept, and
 * written when it does. It keeps what it is given, however much: who feeds it stops when it is `full`.
 *
 * A failure throws nothing into the engine: what comes after it is dropped and counted, and `failure` says so.
 */
export class Output implements Outgoing {
  readonly name: string;
  readonly #fd: number;
  readonly #highWater: number;
  readonly #way: Way;
  readonly #watch: ReaderWatch | undefined;
  #listener: OutputListener | undefined;
  /** Takes what comes, while `#sending` is in the hands of the system. */
  #gather: Gather;
  #sending: Gather;
  #busy = false;
  /** There was no room for all: not to be tried again before the next `flush`. */
  #blocked = false;
  #error: unknown;
  #unwritten = 0;
  /** By calls that have ended. */
  #written = 0;
  #endsLine = true;
  #drained: (() => void) | undefined;

  /** Throws where the descriptor is not open. */
  constructor({ fd, name, highWater, watchesReader = false }: OutputOptions) {
    this.name = name;
    this.#highWater = highWater;
    this.#gather = new Gather(highWater);
    this.#sending = new Gather(highWater);
    const kind = kindOf(fd);
    const own = kind === 'pipe' ? privatePipe(fd, 'write') : undefined;
    this.#fd = own ?? fd;
    // A private pipe is non-blocking already, and most never lack room: `node:net` is a part of the start.
    if (kind === 'pipe')
      this.#way = { kind: 'as-room', own: own !== undefined, stream: own === undefined ? waitingStream(fd) : undefined };
    // Both may block, and what may be shared is not to be made non-blocking.
    else if (kind === 'socket' || kind === 'terminal') this.#way = { kind: 'by-pool' };
    else this.#way = { kind: 'at-once' };
    if (watchesReader && (kind === 'pipe' || kind === 'socket'))
      this.#watch = watchReader(this.#fd, kind, (error) => this.#readerLeft(error));
  }

  listen(listener: OutputListener): void {
    this.#listener = listener;
  }

  get waiting(): number {
    return this.#gather.length + this.#sending.length;
  }

  get delivered(): number {
    return this.#written + (this.#busy && this.#way.kind === 'as-room' ? this.#takenOfSending(this.#way.stream) : 0);
  }

  get connected(): boolean {
    return this.#error === undefined;
  }

  get full(): boolean {
    return this.waiting > this.#highWater;
  }

  get endsLine(): boolean {
    return this.#endsLine;
  }

  get failure(): OutputError | undefined {
    return this.#error === undefined ? undefined : new OutputError(this.name, this.#error, this.#unwritten);
  }

  write(bytes: Uint8Array, start: number, end: number): void {
    if (start >= end) return;
    this.#endsLine = bytes[end - 1] === NEWLINE;
    if (this.#error !== undefined) {
      this.#unwritten += end - start;
      return;
    }
    let from = start;
    if (this.#way.kind !== 'by-pool' && !this.#busy && !this.#blocked) {
      const isLarge = end - start >= LARGE;
      if (isLarge || this.#gather.length + end - start > this.#highWater) this.#writeGathered();
      if (isLarge && !this.#blocked && this.#error === undefined) from += this.#writeNow(bytes, start, end);
      if (this.#error !== undefined) {
        this.#unwritten += end - from;
        return;
      }
    }
    if (from < end) this.#gather.append(bytes, from, end);
  }

  flush(): void {
    if (this.#busy || this.#error !== undefined || this.#gather.length === 0) return;
    this.#blocked = false;
    if (this.#way.kind !== 'by-pool') {
      this.#writeGathered();
      if (this.#gather.length === 0) return;
    }
    // Only what the descriptor did not take now goes the long way.
    [this.#gather, this.#sending] = [this.#sending, this.#gather];
    this.#send();
  }

  /** Waits until all is written. Throws `OutputError` where it could not be. To be called once, after the last `write`. */
  async end(): Promise<void> {
    this.flush();
    if (this.#busy) await new Promise<void>((resolve) => (this.#drained = resolve));
    this.#watch?.stop();
    if (this.#way.kind === 'as-room' && this.#way.own) {
      if (this.#way.stream === undefined) closeSync(this.#fd);
      else this.#way.stream.destroy();
    }
    const { failure } = this;
    if (failure !== undefined) throw failure;
  }

  #writeGathered(): void {
    const { bytes, start, end } = this.#gather;
    if (start === end) return;
    this.#gather.take(this.#writeNow(bytes, start, end));
    if (this.#error !== undefined) this.#drop();
  }

  /** Writes as much as goes without waiting, and says how much that was. An error is kept. */
  #writeNow(bytes: Uint8Array, start: number, end: number): number {
    let at = start;
    try {
      do at += writeSync(this.#fd, bytes, at, end - at);
      while (at < end && this.#way.kind === 'at-once'); // a pipe that took a part is full: the next try would be an EAGAIN
    } catch (error) {
      if (codeOf(error) !== 'EAGAIN' || this.#way.kind === 'at-once') this.#error = error;
    }
    this.#blocked = at < end;
    this.#written += at - start;
    return at - start;
  }

  #send(): void {
    this.#busy = true;
    const { bytes, start, end } = this.#sending;
    if (this.#way.kind === 'as-room') {
      this.#way.stream ??= waitingStream(this.#fd);
      this.#way.stream.write(bytes.subarray(start, end), (error) => this.#sent(error, end - start));
    } else {
      writeByPool(this.#fd, bytes, start, end - start, null, (error, length) => this.#sent(error, length));
    }
  }

  #sent(error: Error | null | undefined, length: number): void {
    if (error !== null && error !== undefined) {
      // somebody else made the description non-blocking
      if (codeOf(error) === 'EAGAIN') {
        setTimeout(() => this.#send(), AGAIN);
        return;
      }
      this.#error = error;
      this.#drop();
      this.#listener?.onFailure();
    } else {
      const wasFull = this.full;
      this.#written += length;
      this.#sending.take(length);
      if (this.#sending.length > 0) {
        this.#send();
      } else {
        this.#busy = false;
        this.flush();
      }
      if (this.#error !== undefined) this.#listener?.onFailure();
      else if (wasFull && !this.full) this.#listener?.onRoom();
      if (this.#busy) return;
    }
    this.#busy = false;
    this.#drained?.();
  }

  /** Of what a stream has in hand, a slow reader may have had a part: the stream itself tells nothing before all is gone. */
  #takenOfSending(stream: Socket | undefined): number {
    // The handle is not documented, and as old as Node's own use of it.
    const { _handle: handle } = (stream ?? {}) as { readonly _handle?: { readonly writeQueueSize?: number } | null };
    return Math.max(0, this.#sending.length - (handle?.writeQueueSize ?? this.#sending.length));
  }

  #readerLeft(error: unknown): void {
    if (this.#busy || this.#error !== undefined) return; // the write that is on its way says so
    this.#error = error;
    this.#drop();
    this.#listener?.onFailure();
  }

  #drop(): void {
    this.#unwritten += this.waiting;
    this.#gather.clear();
    this.#sending.clear();
  }
}

/** A stream only to wait for room: `writeSync` goes around it. */
function waitingStream(fd: number): Socket {
  const stream = new Socket({ fd, readable: false, writable: true });
  stream.on('error', () => {}); // each write is told of its own
  return stream;
}
