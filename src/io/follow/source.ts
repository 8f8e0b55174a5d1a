import type { Engine, EngineSource } from '../../engine/engine.ts';
import type { Sink } from '../../engine/settings.ts';
import type { CheckpointPath } from './checkpoint.ts';
import type { Now } from '../clock.ts';
import type { Turn } from './lines.ts';
import { lookAt } from './file.ts';
import { markOf, Pace } from './pace.ts';
import { FollowedPath, type PathOptions, type PathPlaces } from './path.ts';
import { realPathOf, rotatedOf } from './rotated.ts';
import type { PumpEngine } from '../pump-engine.ts';

/** ms. While lines of it are held without a pause, an older state of a source is kept at most for so long. */
const STALE = 3_000;

/** What may be refused: to find out which files there are, to read them. */
export type Attempt = 'look' | 'read';

export interface FollowedSourceOptions extends Omit<PathOptions, 'room' | 'push' | 'passOver' | 'onGone'> {
  readonly engine: Pick<Engine, 'find' | 'room'>;
  /** The engine, or what was put around it. */
  readonly outer: PumpEngine;
  readonly sink: Sink;
  readonly mode: 'filter' | 'shadow';
  readonly now: Now;
  /** Bytes that are read at once, at most. */
  readonly roomSize: number;
  readonly onRead: (bytes: number) => void;
  /** ms between two looks at the files. */
  readonly interval: number;
}

/** A name, and what was seen there. */
interface Mark {
  readonly path: string;
  readonly mark: string;
}

/** Files that were closed because nothing happened to them. */
interface Closed {
  readonly places: PathPlaces;
  readonly ids: readonly string[];
  readonly marks: readonly Mark[];
  /** Whether it was this process that closed them. */
  readonly since: 'restart' | 'a moment';
}

/** What is followed under one path: its files, and the engine's source that their lines are of. */
export class FollowedSource {
  #files: FollowedPath;
  readonly #open: FollowedSourceOptions['open'];
  readonly #newFiles: () => FollowedPath;
  readonly #source: EngineSource;
  readonly #mode: 'filter' | 'shadow';
  readonly #end: (now: number) => void;
  readonly #pace: Pace;
  #closed: Closed | undefined;
  #kept: { readonly at: number; readonly pushed: number; readonly state: CheckpointPath } | undefined;
  /** The path names nothing since then, ms since 1970; `undefined`: it does. */
  goneSince: number | undefined;
  /** What is wrong with it. */
  readonly faults = new Map<Attempt, string>();

  constructor(options: FollowedSourceOptions) {
    const { engine, outer, sink, mode, now, roomSize, onRead, path } = options;
    const name = sourceNameOf(path);
    const source = outer.source(name);
    const input = source.input(mode === 'shadow' ? { write: () => {} } : sink);
    this.#mode = mode;
    this.#source = engine.find(name)!;
    this.#end = (at) => {
      input.end(at);
      source.end(at);
    };
    const room = (): Buffer => engine.room(roomSize);
    const push = (length: number): void => {
      if (mode === 'shadow') sink.write(room(), 0, length);
      onRead(length);
      input.pushFilled(length, now());
    };
    this.#newFiles = () =>
      new FollowedPath({
        ...options,
        room,
        push,
        passOver: (bytes) => this.#source.passOver(bytes),
        onLost: (message) => {
          this.#source.breakOff();
          options.onLost(message);
        },
        // A kill would lose what is held, and no later life could read it.
        onGone: () => this.#source.releaseAll('truncated'),
      });
    this.#files = this.#newFiles();
    this.#open = options.open;
    this.#pace = new Pace(path, options.interval);
  }

  get files(): FollowedPath {
    return this.#files;
  }

  /** Whether nothing is there that it could be read from, now or when it is opened again. */
  get isEmpty(): boolean {
    return this.#closed === undefined && this.#files.isEmpty;
  }

  /** Whether it is time to look at it again: files that do not change are looked at less often. */
  isDue(now: number): boolean {
    return now >= this.#pace.dueAt;
  }

  /** Looks what became of its files, if `isThorough` whatever it saw before. Whether there may be something to read. Throws what the system says. */
  look(now: number, isThorough = false): boolean {
    const depth = this.#pace.next(now, this.#files.trail.pushed, this.#files.lag);
    if (this.#closed !== undefined) {
      if (this.#closed.marks.every(({ path, mark }) => markOf(lookAt(path)) === mark)) {
        this.#closed = { ...this.#closed, places: { ...this.#closed.places, lookedAt: now } };
        return false;
      }
      const { places } = this.#closed;
      this.#openAgain(this.#closed);
      // Nothing is held yet: if a line is when the next state is asked for, this one is exact.
      this.#kept = {
        at: now,
        pushed: this.#files.trail.pushed,
        state: { path: this.#files.path, ...places, ...this.#source.state },
      };
      this.#pace.wake(now);
    } else if (depth === 'glance' && !isThorough && this.faults.size === 0) return false;
    this.#files.forget(this.#held ?? this.#files.trail.pushed);
    this.#files.look(now);
    return true;
  }

  get isClosed(): boolean {
    return this.#closed !== undefined;
  }

  /** ms since something in it changed. */
  idleFor(now: number): number {
    return now - this.#pace.changedAt;
  }

  /** It cannot be looked at: to be tried again after a while. */
  putOff(now: number): void {
    this.#pace.putOff(now);
  }

  /**
   * Closes its files until one of them changes; where they stand is kept. Does nothing if something of them is still to be read or is held, or
   * one cannot be told by its name. Whether they are closed.
   */
  rest(): boolean {
    const files = this.#files;
    if (this.#closed !== undefined) return true;
    if (files.isEmpty || files.lag > 0 || this.#source.heldFrom !== undefined || this.faults.size > 0) return false;
    const places = files.places(files.trail.pushed);
    const named = { path: files.path, look: lookAt(files.path) };
    const names = [named, ...rotatedOf(realPathOf(files.path, files.path))];
    const known = places.files.map(({ id, offset }) => names.find(({ look }) => look?.id === id && look.size === offset));
    const isNew = named.look !== undefined && named.look.size > 0 && !known.includes(named);
    if (isNew || known.includes(undefined)) return false;
    const marks = [...new Set([named, ...known])].map((seen) => ({ path: seen!.path, mark: markOf(seen!.look) }));
    const ids = [...this.#open].filter(([, by]) => by === files).map(([id]) => id);
    files.close();
    this.#renew(ids);
    this.#closed = { places, ids, marks, since: 'a moment' };
    this.#kept = undefined;
    return true;
  }

  #openAgain({ places, ids, since }: Closed): void {
    for (const id of ids) if (this.#open.get(id) === this.#files) this.#open.delete(id);
    try {
      this.#files.resume(places, since);
      this.#closed = undefined;
    } catch (error) {
      this.#files.close();
      this.#renew(ids);
      throw error;
    }
  }

  /** Begins with no file. Nobody else is to take those of these ids for files that nobody reads. */
  #renew(ids: readonly string[]): void {
    const { pushed } = this.#files.trail;
    this.#files = this.#newFiles();
    // What the engine holds, it says by how much ever went in.
    this.#files.trail.pushed = pushed;
    for (const id of ids) this.#open.set(id, this.#files);
  }

  /** Goes on where an earlier process stood: its files are opened at the next look, or when there are descriptors for them. */
  resume({ groups, cut, ...places }: Omit<CheckpointPath, 'path'>): void {
    this.#source.resume({ groups, cut });
    const ids = places.files.map(({ id }) => id);
    this.#renew(ids);
    this.#closed = { places, ids, marks: [{ path: this.#files.path, mark: 'not looked at yet' }], since: 'restart' };
  }

  turn(): Turn {
    return this.files.turn();
  }

  /**
   * What the next start is to know. Where lines are held, groups have counted some that will be read again:
   * the state of a moment without is preferred, as long as it is not old, nor many bytes behind.
   */
  take(now: number, mostBehind: number): CheckpointPath {
    const { trail } = this.files;
    const held = this.#held;
    if (held !== undefined && this.#kept !== undefined && now - this.#kept.at < STALE && this.behind <= mostBehind)
      return this.#kept.state;
    const places = this.#closed?.places ?? this.files.places(held ?? trail.pushed);
    const state = { path: this.files.path, ...places, ...this.#source.state };
    this.#kept = { at: now, pushed: trail.pushed, state };
    return state;
  }

  /** Bytes that were read after the state last taken: after a kill they are read again. */
  get behind(): number {
    return this.files.trail.pushed - (this.#kept?.pushed ?? 0);
  }

  /** From where lines are held. In shadow nothing that was read has still to be written. */
  get #held(): number | undefined {
    return this.#mode === 'shadow' ? undefined : this.#source.heldFrom;
  }

  /** Lets go of all that waits, unchanged; groups stay open. */
  release(): void {
    this.#source.releaseAll('signal');
  }

  /** Nothing will come any more: ends waits and groups. */
  end(now: number): void {
    this.#end(now);
    this.files.close();
  }
}

const POD = /(?:^|\/)pods\/([^/_]+)_([^/_]+)_[^/_]+\/([^/]+)\/\d+\.log$/u;

/** The `$source` of what is read under a path: the path, and of a container's log what the kubelet put into it. */
export function sourceNameOf(path: string): string {
  const [, namespace, pod, container] = POD.exec(path) ?? [];
  return namespace === undefined ? path : `${path} namespace=${namespace} pod=${pod} container=${container}`;
}
