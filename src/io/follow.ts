import type { Engine } from '../engine/engine.ts';
import { CheckpointKeeper } from './checkpoint-keeper.ts';
import type { Checkpoint } from './checkpoint.ts';
import type { Now } from './clock.ts';
import { dueTimer } from './due-timer.ts';
import { fault } from './fault.ts';
import type { Glob } from './follow-glob.ts';
import type { FollowOutput } from './follow-output.ts';
import type { FollowedPath } from './follow-path.ts';
import { FollowedSource } from './follow-source.ts';
import type { EndSignal, PumpEnd, PumpEngine } from './pump.ts';

/** Read at once, at least. */
const CHUNK = 256 * 1024;
/** Chunks between two looks at timers and signals. */
const TURN = 4;
/** ms between two searches for new files. */
const SEARCH = 1_000;
/** ms from a restart to the first checkpoint: lives that are short must get on too. */
const SOON = 100;
/** ms after which a path that names nothing any more is forgotten. */
const FORGET = 60_000;
/** Rounds over all files before a deadline is declared passed all the same. */
const MOST_ROUNDS = 64;

export interface FollowOptions {
  readonly globs: readonly Glob[];
  readonly engine: Engine;
  /** The engine, or what was put around it. */
  readonly outer: PumpEngine;
  readonly output: FollowOutput;
  readonly now: Now;
  readonly mode: 'filter' | 'shadow';
  /** ms between two looks at the files. */
  readonly interval: number;
  /** Where files that are there at the start are begun, unless `resumed` knows them. */
  readonly from: 'start' | 'end';
  /** Where an earlier process stood. */
  readonly resumed: Checkpoint | undefined;
  readonly checkpoint: { readonly path: string; readonly every: number } | undefined;
  /** ms from the first signal to the end by force. */
  readonly grace: number;
  /** Something could not be opened, read or written. It is tried again. */
  readonly onProblem: (error: Error) => void;
  /** Bytes that nobody will read. */
  readonly onLost: (message: string) => void;
}

export interface Follow {
  /** Rejects with an `OutputError`, or with what the engine threw. */
  readonly ended: Promise<PumpEnd>;
  /** For each SIGTERM and SIGINT. On the first one what is there is read and written; the second one ends it. */
  readonly stop: (signal: EndSignal) => void;
  /** For SIGUSR1: goes on in the file that the output's path names now. */
  readonly reopen: () => void;
  /** Paths that cannot be read. */
  readonly failing: () => readonly string[];
  /** Bytes that lie in open files and were not read yet. */
  readonly lagBytes: () => number;
  /** When the checkpoint was last written, ms since 1970. */
  readonly checkpointAt: () => number | undefined;
}

/** Starts to follow files: through the engine, to the output. */
export function follow(options: FollowOptions): Follow {
  const { globs, engine, outer, output, now, interval, resumed, checkpoint, grace, onProblem } = options;
  const sources = new Map<string, FollowedSource>();
  const open = new Map<string, FollowedPath>();
  const buffer = Buffer.allocUnsafeSlow(Math.max(CHUNK, engine.settings.maxLine + 128));
  const { promise: ended, resolve, reject } = withResolvers<PumpEnd>();
  let active: FollowedSource[] = [];
  let midLine: FollowedSource | undefined;
  let reads = 0;
  let searchAt = -Infinity;
  let searchedAt = resumed?.searchedAt ?? Infinity;
  let tickTimer: NodeJS.Timeout | undefined;
  let turnTimer: NodeJS.Immediate | undefined;
  let graceTimer: NodeJS.Timeout | undefined;
  let stopping: { readonly readUntil: number } | undefined;
  let finishing = false;
  let over = false;

  const keeper =
    checkpoint &&
    new CheckpointKeeper({
      ...checkpoint,
      firstAfter: resumed === undefined ? 0 : SOON,
      now,
      output,
      take: () => ({ searchedAt, paths: [...sources.values()].map((source) => source.take(now())) }),
      onSettled: () => {
        if (!over && !finishing) keeper?.poll();
        schedule();
        if (stopping !== undefined) turnTimer ??= setImmediate(takeTurns);
      },
      onProblem,
    });
  const timer = dueTimer({
    now,
    nextDue: () => outer.nextDue(),
    reads: () => reads,
    onDue: (at) => guard(() => passDeadlines(at)),
    keepsProcess: true,
  });

  // how it ends

  const halt = (): void => {
    over = true;
    timer.stop();
    clearTimeout(tickTimer);
    clearTimeout(graceTimer);
    clearImmediate(turnTimer);
    for (const { files } of sources.values()) files.close();
  };
  const end = (how: PumpEnd): void => {
    if (over) return;
    halt();
    resolve(how);
  };
  const fail = (error: unknown): void => {
    if (over) return;
    halt();
    reject(error);
  };
  const outputFailed = (): void => {
    const { failure } = output;
    if (failure?.readerLeft === true) end({ kind: 'reader-left' });
    else fail(failure);
  };

  /** Takes a step that may make the engine write, and sends what it wrote. */
  const guard = (step: () => void): void => {
    if (over) return;
    try {
      step();
      output.flush();
    } catch (error) {
      return fail(error);
    }
    if (output.failure !== undefined) return outputFailed();
    if (searchAt !== -Infinity) keeper?.poll();
    if (output.full) timer.stop();
    else timer.arm();
  };

  // reading

  const canRead = (): boolean =>
    !over && !finishing && !output.full && output.failure === undefined && keeper?.holdsBack !== true;
  const hasMore = (): boolean => active.length > 0 || midLine !== undefined;
  const schedule = (): void => {
    if (hasMore() && canRead()) turnTimer ??= setImmediate(takeTurns);
  };
  const takeTurns = (): void => {
    turnTimer = undefined;
    guard(() => {
      for (let left = TURN; left > 0 && hasMore() && canRead(); left -= 1) readNext();
    });
    schedule();
    if (stopping !== undefined && (active.length === 0 || now() >= stopping.readUntil) && midLine === undefined) void finish();
  };
  /** One chunk of the source whose turn it is; each has its turn before one has another, but in the middle of a line. */
  const readNext = (): void => {
    const source = midLine ?? active.shift()!;
    const turn = attempt(source, () => source.turn()) ?? 'none';
    midLine = turn === 'mid-line' ? source : undefined;
    if (turn === 'more') active.push(source);
    reads += 1;
    output.flush();
  };
  /** What the system refuses for one path must not end the others. It is said once, until it goes well again. */
  const attempt = <T>(source: FollowedSource, step: () => T): T | undefined => {
    try {
      const done = step();
      source.fault = undefined;
      return done;
    } catch (error) {
      if (!(error instanceof Error && 'syscall' in error)) throw error;
      const { message } = fault(source.files.path, 'follow', error);
      if (source.fault !== message) onProblem(new Error(message, { cause: error }));
      source.fault = message;
      return undefined;
    }
  };
  /** First all that has arrived, then the clock. */
  const passDeadlines = (at: number): void => {
    active = [...sources.values()];
    for (let left = MOST_ROUNDS * active.length; left > 0 && hasMore(); left -= 1) {
      if (!canRead()) return schedule();
      readNext();
    }
    if (midLine !== undefined) return schedule();
    outer.advance(at);
    schedule();
  };

  // which files there are

  const add = (path: string): FollowedSource => {
    const source = new FollowedSource({
      ...options,
      path,
      buffer,
      open,
      sink: output,
      onRead: (bytes) => keeper?.add(bytes),
    });
    sources.set(path, source);
    return source;
  };
  const search = (at: number): void => {
    if (at < searchAt) return;
    searchAt = at + SEARCH;
    for (const path of new Set(globs.flatMap((glob) => glob.find()))) {
      if (sources.has(path)) continue;
      const source = add(path);
      // What was made before we looked, and has been renamed since, was there to be seen then.
      attempt(source, () => source.files.begin(searchedAt === Infinity ? options.from : 'start', searchedAt));
    }
    searchedAt = at - SEARCH;
  };
  const resume = ({ paths }: Checkpoint): void => {
    for (const { path, groups, ...places } of paths) {
      const source = add(path);
      if (globs.some((glob) => glob.fits(path))) {
        attempt(source, () => source.resume(places, groups));
      } else {
        source.resume({ files: [], seen: [] }, groups);
        source.end(now());
        sources.delete(path);
      }
    }
  };
  const look = (at: number): void => {
    search(at);
    for (const [path, source] of sources) {
      attempt(source, () => source.files.look(at));
      if (!source.files.isEmpty) source.goneSince = undefined;
      else if ((source.goneSince ??= at) <= at - FORGET) {
        source.end(at);
        sources.delete(path);
      }
    }
    active = [...sources.values()];
  };
  const tick = (): void => {
    if (over || stopping !== undefined) return;
    if (midLine === undefined && !output.full) guard(() => look(now()));
    keeper?.poll();
    schedule();
    tickTimer = setTimeout(tick, interval);
  };

  const finish = async (): Promise<void> => {
    if (over || finishing) return;
    finishing = true;
    timer.stop();
    try {
      // With a checkpoint, groups and unfinished lines are left to the next start.
      if (keeper === undefined) {
        for (const { files } of sources.values()) files.finish();
        outer.standDown();
      } else {
        for (const source of sources.values()) source.release();
      }
      await output.end();
      await keeper?.end();
      end({ kind: 'done', unread: 0 });
    } catch (error) {
      if (output.failure === undefined) fail(error);
      else outputFailed();
    }
  };
  const stop = (signal: EndSignal): void => {
    const kill = (): void => end({ kind: 'killed', signal, unwritten: output.waiting });
    if (over) return;
    if (stopping !== undefined) return kill();
    stopping = { readUntil: now() + grace / 2 };
    clearTimeout(tickTimer);
    graceTimer = setTimeout(kill, grace);
    guard(() => look(now()));
    turnTimer ??= setImmediate(takeTurns);
  };

  output.listen({
    onRoom: () => {
      keeper?.poll();
      schedule();
      if (!over) timer.arm();
    },
    onFailure: outputFailed,
  });
  guard(() => {
    if (resumed !== undefined) resume(resumed);
  });
  setImmediate(tick);

  return {
    ended,
    stop,
    reopen: () => {
      try {
        output.reopen();
      } catch (error) {
        onProblem(error as Error);
      }
    },
    failing: () => [...sources.values()].filter((source) => source.fault !== undefined).map(({ files }) => files.path),
    lagBytes: () => [...sources.values()].reduce((sum, { files }) => sum + files.lag, 0),
    checkpointAt: () => keeper?.writtenAt,
  };
}

function withResolvers<T>(): { promise: Promise<T>; resolve: (value: T) => void; reject: (error: unknown) => void } {
  let resolve!: (value: T) => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<T>((...settle) => ([resolve, reject] = settle));
  return { promise, resolve, reject };
}
