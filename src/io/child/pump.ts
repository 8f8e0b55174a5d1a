import type { Sink } from '../../engine/settings.ts';
import type { ChildStream } from './child.ts';
import type { ProcessEnd } from './engine.ts';
import type { ChildOutput } from './output.ts';
import type { Now } from '../clock.ts';
import { dueTimer } from '../due-timer.ts';
import { fault } from '../fault.ts';
import type { Input } from '../input/reading.ts';
import type { PumpEngine } from '../pump-engine.ts';

/** Read at once, at most: what a pipe holds. */
const CHUNK = 64 * 1024;

const NOWHERE: Sink = { write: () => {} };

/** Turns that find something to read, at most, before a pipe that never falls silent is let go. */
const MOST_TURNS = 64;

export interface ChildPumpOptions {
  /** `$source`: both streams are one. */
  readonly name: string;
  /** Each with where it goes; that may be the same place. */
  readonly streams: readonly { readonly stream: ChildStream; readonly to: ChildOutput }[];
  readonly engine: PumpEngine;
  /** Of the same engine. */
  readonly process: ProcessEnd;
  readonly now: Now;
  readonly mode: 'filter' | 'shadow';
  /** A stream could not be read to its end, or an output takes nothing any more, for now. */
  readonly onProblem: (error: Error) => void;
}

export interface ChildPump {
  /** The child ended at `at`, with a code of which rules are to know, or without one. To be called once. */
  readonly exited: (code: number | undefined, at: number) => void;
  /** All has been read, or let go, and handed to the outputs; what they have not written yet is for the caller to await. */
  readonly ended: Promise<void>;
  /** Somebody may hold the streams open for ever: takes what is there, and no more. True where they were open. */
  readonly letGo: () => boolean;
}

interface ChildExit {
  readonly code: number;
  /** ms since 1970. */
  readonly at: number;
}

interface Lane {
  readonly stream: ChildStream;
  readonly to: ChildOutput;
  readonly input: Input;
  /** The engine's. */
  readonly end: (now: number) => void;
}

/** Moves what a child writes, from both of its streams at a time. */
export function pumpChild({ name, streams, engine, process, now, mode, onProblem }: ChildPumpOptions): ChildPump {
  const source = engine.source(name);
  const outputs = [...new Set(streams.map(({ to }) => to.output))];
  const failed = new Set<unknown>();
  const open = new Set<Lane>();
  let reads = 0;
  let leaving = false;
  let isOver = false;
  /** How the child ended, if the engine is still to know. */
  let exit: ChildExit | undefined;
  let hasExited = false;
  let finish!: () => void;
  const ended = new Promise<void>((resolve) => (finish = resolve));

  const timer = dueTimer({
    now,
    // How the child ended comes before any deadline behind that.
    nextDue: () => (exit === undefined ? engine.nextDue() : Infinity),
    reads: () => reads,
    onDue: (at) => guard(() => engine.advance(at)),
    keepsProcess: true,
  });

  /** Takes a step that may make the engine write; then sends what it wrote, and sees what that means for the streams. */
  const guard = (step: () => void): void => {
    step();
    for (const output of outputs) output.flush();
    look();
  };
  const look = (): void => {
    for (const output of outputs) {
      if (output.failure === undefined) failed.delete(output);
      if (output.failure === undefined || failed.has(output)) continue;
      failed.add(output);
      if (output.failure.readerLeft) leave(output);
      else onProblem(output.failure); // the child goes on, as it would with a full disk; what is lost is counted
    }
    for (const { input, to } of open) if (to.output.full) input.pause();
    // What has arrived on a stream that is paused cannot be looked at, so no deadline can pass.
    if (isPaused()) timer.stop();
    else timer.arm();
  };
  const isPaused = (): boolean => [...open].some(({ to }) => to.output.full);

  /** As without us, the child learns from its next write that nobody reads any more. */
  const leave = (output: unknown): void => {
    for (const lane of [...open]) if (lane.to.output === output) close(lane);
  };
  const close = (lane: Lane): void => {
    if (!open.delete(lane)) return;
    lane.stream.close();
    guard(() => lane.end(now()));
    // A child may close its outputs and go on.
    if (open.size === 0 && (hasExited || !process.awaitsExit(name))) endSource();
  };
  const endSource = (): void => {
    isOver = true;
    tellExit();
    guard(() => source.end(now()));
    timer.stop();
    finish();
  };
  const tellExit = (): void => {
    if (exit === undefined) return;
    const { code, at } = exit;
    exit = undefined;
    guard(() => process.exited(name, code, at, now()));
  };
  const exited = (code: number | undefined, at: number): void => {
    hasExited = true;
    if (isOver) return;
    if (code !== undefined) exit = { code, at };
    if (open.size === 0) endSource();
    else if (exit !== undefined && !isPaused()) drain(tellExit);
  };
  for (const output of outputs) {
    output.listen({
      onRoom: () => {
        for (const { input, to } of open) if (to.output === output) input.resume();
        if (leaving) drain(closeAll);
        else if (exit !== undefined) drain(tellExit);
        if (!isPaused()) timer.arm();
      },
      onFailure: look,
    });
  }

  for (const { stream, to } of streams) {
    const written = to.stream();
    const judged = source.input(mode === 'shadow' ? NOWHERE : written);
    // One room for both streams: each chunk is handed on in the very step that reads it.
    const input = stream.open(engine.room(CHUNK), {
      onChunk: (chunk) => {
        reads += 1;
        guard(() => {
          if (mode === 'shadow') written.write(chunk, 0, chunk.length);
          judged.pushFilled(chunk.length, now());
        });
      },
      onEnd: () => close(lane),
      onError: (error) => {
        onProblem(fault(`${name}: ${stream.name}`, 'read', error));
        close(lane);
      },
    });
    const end = (at: number): void => {
      judged.end(at);
      written.end();
    };
    const lane: Lane = { stream, to, input, end };
    open.add(lane);
  }

  /** Reads until a turn brings nothing. Where a reader is slow, it goes on when there is room. */
  const drain = (then: () => void): void => {
    const takeTurn = (left: number): void => {
      const before = reads;
      setImmediate(() => {
        if (isPaused()) return;
        if (reads !== before && left > 0) return takeTurn(left - 1);
        then();
      });
    };
    // The poll for input comes before it, and what calls this may be a part of that poll.
    setImmediate(() => takeTurn(MOST_TURNS));
  };
  const closeAll = (): void => {
    for (const lane of [...open]) close(lane);
  };
  const letGo = (): boolean => {
    if (open.size === 0) return false;
    leaving = true;
    if (!isPaused()) drain(closeAll);
    return true;
  };
  return { ended, exited, letGo };
}
