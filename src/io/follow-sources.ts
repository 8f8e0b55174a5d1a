import { accessSync, constants } from 'node:fs';
import { dirname } from 'node:path';
import type { Checkpoint } from './checkpoint.ts';
import type { Standing } from './checkpoint-keeper.ts';
import { fault } from './fault.ts';
import { openFollowed, type FollowedFile } from './follow-file.ts';
import { openTrusted } from './follow-open.ts';
import type { Glob } from './follow-glob.ts';
import type { FollowedPath } from './follow-path.ts';
import { FollowedSource, type Attempt, type FollowedSourceOptions } from './follow-source.ts';
import { Folders } from './folders.ts';
import { Selection, type SelectionOptions } from './follow-selection.ts';

/** ms between two searches for new files. */
const SEARCH = 1_000;
/** ms after which a path that names nothing any more is forgotten. */
const FORGET = 60_000;
/** Bytes that were read, and that a checkpoint leaves to the next one for its groups' sake: of all files. */
const MOST_BEHIND = 8 * 1024 * 1024;

export interface FollowedSourcesOptions extends Omit<FollowedSourceOptions, 'path' | 'open' | 'openFile'>, SelectionOptions {
  readonly globs: readonly Glob[];
  /** Where files that are there at the start are begun, unless `resumed` knows them. */
  readonly from: 'start' | 'end';
  /** Where an earlier process stood. */
  readonly resumed: Checkpoint | undefined;
  /** Something could not be opened or read. It is tried again. */
  readonly onProblem: (error: Error) => void;
  /** What could not be opened or read can be again. */
  readonly onRecovery: (message: string) => void;
  /** A pattern for which there is no file at the start. */
  readonly onNothing: (pattern: string) => void;
}

/** The paths that the patterns stand for: they come and go. */
export class FollowedSources {
  readonly #options: FollowedSourcesOptions;
  readonly #byPath = new Map<string, FollowedSource>();
  readonly #open = new Map<string, FollowedPath | 'own'>();
  readonly #selection: Selection;
  /** What is wrong with folders and paths that were not looked into, by their path. */
  #unreadable = new Map<string, string>();
  /** Folders that may be entered, and not listed. */
  readonly #unlisted = new Set<string>();
  #searchAt = -Infinity;
  #searchedAt: number;

  constructor(options: FollowedSourcesOptions) {
    this.#options = options;
    this.#selection = new Selection(options);
    this.#searchedAt = options.resumed?.searchedAt ?? Infinity;
  }

  get all(): FollowedSource[] {
    return [...this.#byPath.values()];
  }

  /** Paths that cannot be read, and folders that cannot be looked into. */
  get failing(): string[] {
    const failing = this.all.filter((source) => source.faults.size > 0).map(({ files }) => files.path);
    return [...new Set([...this.#unreadable.keys(), ...failing])];
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
      if (source.faults.delete(what) && source.faults.size === 0)
        this.#options.onRecovery(`${source.files.path}: can be followed again`);
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
      if (this.#options.globs.some((glob) => glob.fits(path)) && this.#selection.takes(path)) {
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
    this.#options.own.refresh(this.#open);
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
    const folders = new Folders((path) => this.#selection.isExcluded(path));
    const found = globs.map((glob) => {
      const faults = folders.unreadable.length;
      const paths = glob.find(folders);
      if (!this.isSearched && paths.length === 0 && folders.unreadable.length === faults) onNothing(glob.pattern);
      return paths;
    });
    this.#say(folders);
    this.#searchAt = at + SEARCH;
    const since = this.#searchedAt;
    for (const path of new Set(found.flat())) {
      if (this.#byPath.has(path) || !this.#selection.takes(path)) continue;
      this.#noteUnlisted(dirname(path));
      const source = this.#add(path);
      // What was made before we looked, and has been renamed since, was there to be seen then.
      this.attempt(source, 'look', () => source.files.begin(since === Infinity ? from : 'start', since));
    }
    this.#searchedAt = at - SEARCH;
  }

  /** What cannot be looked into is said once, until it can be. */
  #say(folders: Folders): void {
    const before = this.#unreadable;
    this.#unreadable = new Map();
    for (const { path, error } of folders.unreadable) {
      const { message } = fault(path, 'look for files', error);
      if (before.get(path) !== message) this.#options.onProblem(new Error(message, { cause: error }));
      this.#unreadable.set(path, message);
    }
    for (const path of before.keys())
      if (!this.#unreadable.has(path)) this.#options.onRecovery(`${path}: can be looked into again`);
  }

  /** In a folder that may be entered and not listed, no file can be found under a new name. */
  #noteUnlisted(folder: string): void {
    if (this.#unlisted.has(folder)) return;
    try {
      accessSync(folder, constants.R_OK);
    } catch (error) {
      this.#unlisted.add(folder);
      this.#options.onNote(`${fault(folder, 'list', error).message}; what is rotated there is read only while it is open`);
    }
  }

  readonly #openFile = (path: string): FollowedFile | undefined =>
    this.#options.followLinks ? openFollowed(path) : openTrusted(path, this.#selection.notePlanted);

  #add(path: string): FollowedSource {
    const source = new FollowedSource({ ...this.#options, path, open: this.#open, openFile: this.#openFile });
    this.#byPath.set(path, source);
    return source;
  }
}
