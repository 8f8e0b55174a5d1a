import { closeSync, open } from 'node:fs';
import type { Sink } from '../engine/settings.ts';
import type { Now } from './clock.ts';
import type { PumpEngine } from './pump-engine.ts';
import { dueTimer } from './due-timer.ts';
import { endSignals, type EndSignal } from './end-signals.ts';
import { fault } from './fault.ts';
import { openInput } from './input/input.ts';
import type { Input } from './input/reading.ts';
import type { Outgoing, OutputError } from './output/output.ts';

/** Read at once, at most; and what the buffer of all inputs takes. Between 64 KiB and 1 MiB the size makes no difference. */
const CHUNK = 256 * 1024;

const NEWLINE = Uint8Array.of(0x0a);

const NOWHERE: Sink = { write: () => {} };

export interface PumpInput {
  /** The engine's `$source`, and how messages call it; a path as it was typed, or `stdin`. */
  readonly name: string;
  /** Undefined: `name` is a path, opened when its turn comes. */
  readonly fd: number | undefined;
}

export interface PumpOptions {
  /** Read one after the other. */
  readonly inputs: readonly PumpInput[];
  readonly engine: PumpEngine;
  readonly output: Outgoing;
  readonly now: Now;
  /** `shadow`: the stream goes out as it came, and what the engine makes of it goes nowhere. */
  readonly mode: 'filter' | 'shadow';
  /** ms from the first signal to the end by force. */
  readonly grace: number;
  /** An input could not be opened, or not be read to its end. The others are read all the same. */
  readonly onProblem: (error: Error) => void;
  /** The output takes nothing for now, and counts what it loses: told at the beginning of each outage. Undefined: a failure is the end. */
  readonly onOutage: ((error: OutputError) => void) | undefined;
}

export type PumpEnd =
  /** All was read and written, but for `unread` inputs. */
  | { readonly kind: 'done'; readonly unread: number }
  /** Nobody reads the output any more. */
  | { readonly kind: 'reader-left' }
  /** By a second signal, or after the grace period of the first. `unwritten` bytes are lost; of followed files, some were not read. */
  | { readonly kind: 'killed'; readonly signal: EndSignal; readonly unwritten: number; readonly unreadBytes?: number };

export interface Pump {
  /** Rejects with an `OutputError`, or with what the engine threw. */
  readonly ended: Promise<PumpEnd>;
  /**
   * For each signal that would end the process. On the first one what is held goes out unchanged, and the rest of the input
   * is copied; the second one ends it.
   */
  readonly standDown: (signal: EndSignal) => void;
}

/** Starts to move bytes: inputs, engine, output. */
export function pump({ inputs, engine, output, now, mode, grace, onProblem, onOutage }: PumpOptions): Pump {
  const { promise: ended, resolve, reject } = withResolvers<PumpEnd>();
  let current: Input | undefined;
  let readsBefore = 0; // of the inputs before the current one
  let paused = false;
  let over = false;
  let isOut = false;
  let graceTimer: NodeJS.Timeout | undefined;
  let unread = 0;

  const timer = dueTimer({
    now,
    nextDue: () => engine.nextDue(),
    reads: () => readsBefore + (current?.reads ?? 0),
    onDue: (at) => guard(() => engine.advance(at)),
    keepsProcess: true,
  });

  const stop = (): void => {
    over = true;
    timer.stop();
    clearTimeout(graceTimer);
    current?.close();
  };
  const end = (how: PumpEnd): void => {
    stop();
    resolve(how);
  };
  const fail = (error: unknown): void => {
    if (over) return;
    stop();
    reject(error);
  };

  /** Takes a step that may make the engine write; then sends what it wrote, and sees what that means for the input. */
  const guard = (step: () => void): void => {
    if (over) return;
    try {
      step();
      output.flush();
    } catch (error) {
      return fail(error);
    }
    if (isGone()) return outputFailed();
    if (!output.full) return timer.arm();
    paused = true;
    timer.stop(); // what has arrived cannot be looked at now, so no deadline can pass
    current?.pause();
  };
  /** Whether the output takes nothing, and never will. */
  const isGone = (): boolean => {
    const { failure } = output;
    if (failure !== undefined && (failure.readerLeft || onOutage === undefined)) return true;
    if (failure !== undefined && !isOut) onOutage?.(failure);
    isOut = failure !== undefined;
    return false;
  };
  const outputFailed = (): void => {
    if (over) return;
    if (output.failure?.readerLeft === true) return end({ kind: 'reader-left' });
    try {
      engine.standDown(); // into the failed output, which counts it
    } catch (error) {
      return fail(error);
    }
    fail(output.failure);
  };
  output.listen({
    onRoom: () => {
      if (over) return;
      paused = false;
      current?.resume();
      timer.arm();
    },
    onFailure: () => {
      if (isGone()) outputFailed();
    },
  });

  /** Reads one input to its end. */
  const drain = (name: string, fd: number): Promise<void> =>
    new Promise((done) => {
      const source = engine.source(name);
      const input = source.input(mode === 'shadow' ? NOWHERE : output);
      let begun = false;

      const onChunk = (chunk: Uint8Array): void =>
        guard(() => {
          if (!begun && !output.endsLine) output.write(NEWLINE, 0, 1); // the last line of the input before had none
          begun = true;
          if (mode === 'shadow') {
            output.write(chunk, 0, chunk.length);
            output.flush();
          }
          input.pushFilled(chunk.length, now());
        });
      const onEnd = (): void => {
        readsBefore += current?.reads ?? 0;
        current = undefined;
        guard(() => {
          const at = now();
          input.end(at);
          source.end(at);
        });
        done();
      };
      const onError = (error: unknown): void => {
        unread += 1;
        onProblem(fault(name, 'read', error));
        onEnd();
      };
      const room = engine.room(CHUNK);
      try {
        current = openInput(fd, room, { onChunk, onEnd, onError });
        if (paused) current.pause();
      } catch (error) {
        onError(error);
      }
    });

  const run = async (): Promise<void> => {
    for (const { name, fd } of inputs) {
      if (over) return;
      if (fd !== undefined) {
        await drain(name, fd);
        continue;
      }
      let opened: number;
      try {
        opened = await openPath(name);
      } catch (error) {
        unread += 1;
        onProblem(fault(name, 'open', error));
        continue;
      }
      await drain(name, opened);
      closeSync(opened);
    }
    if (over) return;
    await output.end();
    end({ kind: 'done', unread });
  };
  run().catch((error: unknown) => (output.failure === undefined ? fail(error) : outputFailed()));

  const meaningOf = endSignals(now);
  const standDown = (signal: EndSignal): void => {
    const kill = (): void => end({ kind: 'killed', signal, unwritten: output.waiting });
    if (over) return;
    const meaning = meaningOf(signal);
    if (meaning === 'second') return kill();
    if (meaning === 'same') return;
    graceTimer = setTimeout(kill, grace);
    guard(() => engine.standDown());
  };
  return { ended, standDown };
}

/** Not `openSync`: that of a named FIFO waits for a writer. */
const openPath = (path: string): Promise<number> =>
  new Promise((resolve, reject) => {
    open(path, 'r', (error, fd) => (error === null ? resolve(fd) : reject(error)));
  });

function withResolvers<T>(): { promise: Promise<T>; resolve: (value: T) => void; reject: (error: unknown) => void } {
  let resolve!: (value: T) => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<T>((...settle) => ([resolve, reject] = settle));
  return { promise, resolve, reject };
}
