import type { Checkpoint } from './checkpoint.ts';
import type { Standing } from './checkpoint-keeper.ts';
import { fault } from './fault.ts';
import type { Glob } from './follow-glob.ts';
import type { FollowedPath } from './follow-path.ts';
import { FollowedSource, type Attempt, type FollowedSourceOptions } from './follow-source.ts';

/** ms between two searches for new files. */
const SEARCH = 1_000;
/** ms after which a path that names nothing any more is forgotten. */
const FORGET = 60_000;
/** Bytes that were read, and that a checkpoint leaves to the next one for its groups' sake: of all files. */
const MOST_BEHIND = 8 * 1024 * 1024;

export interface FollowedSourcesOptions extends Omit<FollowedSourceOptions, 'path' | 'open'> {
  readonly globs: readonly Glob[];
  /** Where files that are there at the start are begun, unless `resumed` knows them. */
  readonly from: 'start' | 'end';
  /** Where an earlier process stood. */
  readonly resumed: Checkpoint | undefined;
  /** Something could not be opened or read. It is tried again. */
  readonly onProblem: (error: Error) => void;
  /** A pattern for which there is no file at the start. */
  readonly onNothing: (pattern: string) => void;
}

/** The paths that the patterns stand for: they come and go. */
export class FollowedSources {
  readonly #options: FollowedSourcesOptions;
  readonly #byPath = new Map<string, FollowedSource>();
  readonly #open = new Map<string, FollowedPath>();
  #searchAt = -Infinity;
  #searchedAt: number;

  constructor(options: FollowedSourcesOptions) {
    this.#options = options;
    this.#searchedAt = options.resumed?.searchedAt ?? Infinity;
  }

  get all(): FollowedSource[] {
    return [...this.#byPath.values()];
  }

  get isSearched(): boolean {
    return this.#searchAt !== -Infinity;
  }

  /** Where all stands. */
  standing(now: number): Standing {
    const { all } = this;
    const paths = all.map((source) => source.take(now, MOST_BEHIND / all.length));
    const behind = all.reduce((sum, source) => sum + source.behind, 0);
    return { checkpoint: { searchedAt: this.#searchedAt, paths }, behind };
  }

  /** What the system refuses for one path must not end the others. It is said once, until the same goes well again. */
  attempt<T>(source: FollowedSource, what: Attempt, step: () => T): T | undefined {
    try {
      const done = step();
      source.faults.delete(what);
      return done;
    } catch (error) {
      if (!(error instanceof Error && 'syscall' in error)) throw error;
      const { message } = fault(source.files.path, 'follow', error);
      if (source.faults.get(what) !== message) this.#options.onProblem(new Error(message, { cause: error }));
      source.faults.set(what, message);
      return undefined;
    }
  }

  /** Goes on where an earlier process stood. What is not asked for any more is ended. */
  resume({ paths }: Checkpoint): void {
    for (const { path, ...state } of paths) {
      const source = this.#add(path);
      if (this.#options.globs.some((glob) => glob.fits(path))) {
        this.attempt(source, 'look', () => source.resume(state));
      } else {
        source.resume({ ...state, files: [], seen: [], cut: [] });
        source.end(this.#options.now());
        this.#byPath.delete(path);
      }
    }
  }

  /** Looks which files there are. To be called now and then. */
  look(at: number): void {
    this.#search(at);
    for (const [path, source] of this.#byPath) {
      this.attempt(source, 'look', () => source.files.look(at));
      if (!source.files.isEmpty) source.goneSince = undefined;
      else if ((source.goneSince ??= at) <= at - FORGET) {
        source.end(at);
        this.#byPath.delete(path);
      }
    }
  }

  #search(at: number): void {
    if (at < this.#searchAt) return;
    const { globs, from, onNothing } = this.#options;
    const found = globs.map((glob) => glob.find());
    if (!this.isSearched) globs.forEach(({ pattern }, i) => found[i]!.length === 0 && onNothing(pattern));
    this.#searchAt = at + SEARCH;
    const since = this.#searchedAt;
    for (const path of new Set(found.flat())) {
      if (this.#byPath.has(path)) continue;
      const source = this.#add(path);
      // What was made before we looked, and has been renamed since, was there to be seen then.
      this.attempt(source, 'look', () => source.files.begin(since === Infinity ? from : 'start', since));
    }
    this.#searchedAt = at - SEARCH;
  }

  #add(path: string): FollowedSource {
    const source = new FollowedSource({ ...this.#options, path, open: this.#open });
    this.#byPath.set(path, source);
    return source;
  }
}
