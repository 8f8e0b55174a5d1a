import { CheckpointKeeper } from './checkpoint-keeper.ts';
import { dueTimer } from '../due-timer.ts';
import { endSignals, type EndSignal } from '../end-signals.ts';
import type { FollowOutput } from './output.ts';
import type { Engine } from '../../engine/engine.ts';
import type { FollowedSource } from './source.ts';
import { FollowedSources, type FollowedSourcesOptions } from './sources.ts';
import type { PumpEnd } from '../pump.ts';

/** Read at once, at least. */
const CHUNK = 256 * 1024;
/** Chunks between two looks at timers and signals. */
const TURN = 4;
/** ms from a restart to the first checkpoint: lives that are short must get on too. */
const SOON = 100;
/** Of the time from a signal to the end by force, what may be read in; the rest is for what was read. What a checkpoint knows the next start reads. */
const READ_ON = 0.8;
const READ_ON_KEPT = 0.5;
/** Rounds over all files before a deadline is declared passed all the same. */
const MOST_ROUNDS = 64;

export interface FollowOptions extends Omit<FollowedSourcesOptions, 'roomSize' | 'sink' | 'onRead'> {
  readonly engine: Pick<Engine, 'find' | 'room' | 'settings'>;
  readonly output: FollowOutput;
  /** ms between two looks at the files. */
  readonly interval: number;
  readonly checkpoint: { readonly path: string; readonly every: number; readonly isOurs: () => boolean } | undefined;
  /** ms from the first signal to the end by force. */
  readonly grace: number;
}

export interface Follow {
  /** Rejects with an `OutputError`, or with what the engine threw. */
  readonly ended: Promise<PumpEnd>;
  /** For each signal that would end the process. On the first one what is there is read and written; the second one ends it. */
  readonly stop: (signal: EndSignal) => void;
  /** For SIGUSR1: goes on in the file that the output's path names now. */
  readonly reopen: () => void;
  /** Paths that cannot be read, and folders that cannot be looked into. */
  readonly failing: () => readonly string[];
  /** Why the output takes nothing for now, in words; `undefined`: it does. */
  readonly outputTrouble: () => string | undefined;
  /** Bytes that lie in open files and were not read yet. */
  readonly lagBytes: () => number;
  /** When the checkpoint was last written, ms since 1970. */
  readonly checkpointAt: () => number | undefined;
}

/** Starts to follow files: through the engine, to the output. */
export function follow(options: FollowOptions): Follow {
  const { engine, outer, output, now, interval, resumed, checkpoint, grace, onProblem } = options;
  const roomSize = Math.max(CHUNK, engine.settings.maxLine + 128);
  const sources = new FollowedSources({ ...options, roomSize, sink: output, onRead: (bytes) => keeper?.add(bytes) });
  const { promise: ended, resolve, reject } = withResolvers<PumpEnd>();
  let active: FollowedSource[] = [];
  let midLine: FollowedSource | undefined;
  let reads = 0;
  let tickTimer: NodeJS.Timeout | undefined;
  let turnTimer: NodeJS.Immediate | undefined;
  let graceTimer: NodeJS.Timeout | undefined;
  let stopping: { readonly signal: EndSignal; readonly readUntil: number; isLast: boolean } | undefined;
  let finishing = false;
  let over = false;

  const keeper =
    checkpoint &&
    new CheckpointKeeper({
      ...checkpoint,
      firstAfter: resumed === undefined ? 0 : SOON,
      now,
      output,
      take: () => sources.standing(now()),
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
    for (const { files } of sources.all) files.close();
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
    if (sources.isSearched) keeper?.poll();
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
    if (stopping === undefined || midLine !== undefined) return;
    if (now() >= stopping.readUntil) void finish(unreadOf());
    else if (active.length === 0) finishLines(stopping);
  };
  /** When all was read, unfinished lines will be no more than they are. With a checkpoint the next start finds them, but for those of deleted files. */
  const finishLines = (stop: { isLast: boolean }): void => {
    if (stop.isLast) return void finish(0);
    stop.isLast = true;
    for (const source of sources.all)
      sources.attempt(source, 'read', () => source.files.finish(keeper === undefined ? 'all' : 'deleted'));
    active = sources.all;
    turnTimer ??= setImmediate(takeTurns);
  };
  /** One chunk of the source whose turn it is; each has its turn before one has another, but in the middle of a line. */
  const readNext = (): void => {
    const source = midLine ?? active.shift()!;
    const turn = sources.attempt(source, 'read', () => source.turn()) ?? 'none';
    midLine = turn === 'mid-line' ? source : undefined;
    if (turn === 'more') active.push(source);
    reads += 1;
    output.flush();
  };
  /** First all that has arrived, then the clock. */
  const passDeadlines = (at: number): void => {
    active = sources.all;
    for (let left = MOST_ROUNDS * active.length; left > 0 && hasMore(); left -= 1) {
      if (!canRead()) return schedule();
      readNext();
    }
    if (midLine !== undefined) return schedule();
    outer.advance(at);
    schedule();
  };

  /** Also while nothing can be read: what is rotated twice meanwhile must have been opened. */
  const look = (): void => {
    sources.look(now(), midLine === undefined && !output.full, stopping !== undefined);
    active = [...new Set([...active, ...sources.awake])];
  };
  const tick = (): void => {
    if (over || stopping !== undefined) return;
    guard(look);
    keeper?.poll();
    schedule();
    tickTimer = setTimeout(tick, sources.hasMore ? 0 : interval);
  };

  /** `unreadBytes`: what there was no time to read, and what no later start will read. */
  const finish = async (unreadBytes: number): Promise<void> => {
    if (over || finishing) return;
    finishing = true;
    timer.stop();
    try {
      // With a checkpoint, groups and unfinished lines are left to the next start.
      if (keeper === undefined) outer.standDown();
      else for (const source of sources.all) source.release();
      await output.end();
      await keeper?.end();
      if (unreadBytes === 0) end({ kind: 'done', unread: 0 });
      else end({ kind: 'killed', signal: stopping!.signal, unwritten: 0, unreadBytes });
    } catch (error) {
      if (output.failure === undefined) fail(error);
      else outputFailed();
    }
  };
  const meaningOf = endSignals(now);
  /** What was not read, and will not be by the next start. */
  const unreadOf = (): number => (keeper === undefined ? lagOf(sources) : 0);
  const stop = (signal: EndSignal): void => {
    const kill = (): void => end({ kind: 'killed', signal, unwritten: output.waiting, unreadBytes: unreadOf() });
    if (over) return;
    const meaning = meaningOf(signal);
    if (meaning === 'second') return kill();
    if (meaning === 'same') return;
    stopping = { signal, readUntil: now() + grace * (keeper === undefined ? READ_ON : READ_ON_KEPT), isLast: false };
    clearTimeout(tickTimer);
    graceTimer = setTimeout(kill, grace);
    guard(() => {
      do look();
      while (sources.hasMore);
    });
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
    if (resumed !== undefined) sources.resume(resumed);
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
    failing: () => sources.failing,
    outputTrouble: () => output.trouble,
    lagBytes: () => (over ? 0 : lagOf(sources)),
    checkpointAt: () => keeper?.writtenAt,
  };
}

const lagOf = (sources: FollowedSources): number => sources.all.reduce((sum, { files }) => sum + files.lag, 0);

function withResolvers<T>(): { promise: Promise<T>; resolve: (value: T) => void; reject: (error: unknown) => void } {
  let resolve!: (value: T) => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<T>((...settle) => ([resolve, reject] = settle));
  return { promise, resolve, reject };
}
