import { accessSync, constants } from 'node:fs';
import { dirname } from 'node:path';
import type { Checkpoint } from './checkpoint.ts';
import type { Standing } from './checkpoint-keeper.ts';
import { DescriptorReserve } from '../descriptors.ts';
import { codeOf, fault } from '../fault.ts';
import { lookAt, openFollowed, type FollowedFile } from './file.ts';
import { isTrusted } from './open.ts';
import type { Glob } from './glob.ts';
import type { FollowedPath } from './path.ts';
import { FollowedSource, type Attempt, type FollowedSourceOptions } from './source.ts';
import { Folders } from '../folders.ts';
import { Selection, type SelectionOptions } from './selection.ts';

/** ms between two searches for new files. */
const SEARCH = 1_000;
/** ms after which a path that names nothing any more is forgotten. */
const FORGET = 60_000;
/** Paths that are begun in one look, and files that are closed at once for want of descriptors. */
const SLICE = 64;
/** ms after which a file that has not changed is closed until it does. */
const CLOSE = 5 * 60_000;
/** The same, if descriptors are short. */
const SPARE = 5_000;
/** Bytes that were read, and that a checkpoint leaves to the next one for its groups' sake: of all files. */
const MOST_BEHIND = 8 * 1024 * 1024;

export interface FollowedSourcesOptions
  extends Omit<FollowedSourceOptions, 'path' | 'open' | 'openFile' | 'isFollowed'>, SelectionOptions {
  readonly globs: readonly Glob[];
  /** Where files that are there at the start are begun, unless `resumed` knows them, or they were made since. */
  readonly from: 'start' | 'end';
  /** ms. What had not changed for so long when it was found is begun at its end; `undefined`: nothing. */
  readonly ignoreOlder: number | undefined;
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
  readonly #reserve = new DescriptorReserve();
  /** A file could not be opened for want of descriptors. */
  #isShort = false;
  #awake: FollowedSource[] = [];
  /** Paths that were found and are not begun yet. */
  #found: string[] = [];
  #foundAt = -Infinity;
  /** Folders and paths that could not be looked into at the beginning, and when that was. */
  #hidden: readonly string[] = [];
  #beganAt = 0;
  /** Whether all is begun that was there at the beginning. */
  #isBegun = false;
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
    return this.#searchAt !== -Infinity && !this.hasMore;
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

  /** Looks which files there are, and what became of them. To be called now and then, and again at once while `hasMore`. `mayWrite`: what is over may be ended. `isAll`: also at what does not change. */
  look(at: number, mayWrite: boolean, isAll = false): void {
    this.#options.own.refresh(this.#open);
    this.#search(at);
    this.#beginSome(at);
    this.#awake = [];
    for (const [path, source] of this.#byPath) {
      if (!isAll && !source.isDue(at)) continue;
      const isAwake = this.attempt(source, 'look', () => source.look(at, isAll));
      if (isAwake === undefined) source.putOff(at);
      else if (isAwake) this.#awake.push(source);
      if (source.idleFor(at) >= CLOSE) this.attempt(source, 'look', () => source.rest());
      if (!source.isEmpty) source.goneSince = undefined;
      else if ((source.goneSince ??= at) <= at - FORGET && mayWrite) {
        source.end(at);
        this.#byPath.delete(path);
      }
    }
    if (this.#isShort) this.#makeRoom(at);
  }

  /** Those that may have something to be read since the last look. */
  get awake(): readonly FollowedSource[] {
    return this.#awake;
  }

  /** Whether files were found that are not begun yet: a thousand at once would keep the process from all else. */
  get hasMore(): boolean {
    return this.#found.length > 0;
  }

  #search(at: number): void {
    if (at < this.#searchAt || this.hasMore) return;
    const { globs, onNothing } = this.#options;
    const isFirst = this.#searchAt === -Infinity;
    const folders = new Folders((path) => this.#selection.isExcluded(path));
    const found = globs.map((glob) => {
      const faults = folders.unreadable.length;
      const paths = glob.find(folders);
      if (isFirst && paths.length === 0 && folders.unreadable.length === faults) onNothing(glob.pattern);
      return paths;
    });
    this.#say(folders);
    if (isFirst) {
      this.#beganAt = Math.min(at, this.#searchedAt);
      this.#hidden = [...this.#unreadable.keys()];
    }
    this.#searchAt = at + SEARCH;
    this.#foundAt = at;
    this.#found = [...new Set(found.flat())].filter((path) => !this.#byPath.has(path));
    if (!this.hasMore) this.#searchedAt = at - SEARCH;
  }

  #beginSome(at: number): void {
    for (const path of this.#found.splice(0, SLICE)) {
      if (!this.#selection.takes(path)) continue;
      this.#noteUnlisted(dirname(path));
      this.#begin(this.#add(path), at);
    }
    if (this.hasMore) return;
    this.#isBegun = true;
    this.#searchedAt = Math.max(this.#foundAt - SEARCH, this.#searchedAt === Infinity ? 0 : this.#searchedAt);
  }

  /** What was made before we looked, and has been renamed since, was there to be seen then. */
  #begin(source: FollowedSource, at: number): void {
    const { from, ignoreOlder } = this.#options;
    const { path } = source.files;
    // What was there at the beginning, and could not be seen, is begun as what could be.
    const isLate = this.#isBegun && this.#wasHidden(path);
    const since = isLate ? this.#beganAt : this.#searchedAt;
    const place = this.#isBegun && !isLate ? 'start' : from;
    this.attempt(source, 'look', () => {
      const changed = ignoreOlder === undefined ? undefined : lookAt(path)?.changed;
      const isOld = changed !== undefined && Number(changed / 1_000_000n) < at - ignoreOlder!;
      if (!isOld) return source.files.begin(place, since);
      // What comes is read, and nothing of what is there.
      source.files.begin('end', Infinity);
      source.look(at);
      source.rest();
    });
  }

  /** Closes files that have not changed for a while, so that others can be opened: the longest first. */
  #makeRoom(at: number): void {
    this.#isShort = false;
    const idle = this.all.filter((source) => source.idleFor(at) >= SPARE).sort((a, b) => b.idleFor(at) - a.idleFor(at));
    let closed = 0;
    for (const source of idle) {
      if (closed === SLICE) break;
      if (source.isClosed) continue;
      if (this.attempt(source, 'look', () => source.rest()) === true) closed += 1;
    }
  }

  /** Whether a path could not be seen at the beginning. */
  #wasHidden(path: string): boolean {
    return this.#hidden.some((hidden) => path === hidden || path.startsWith(`${hidden}/`));
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

  /** One file that cannot be opened for want of descriptors is its own fault alone, and takes none that others need. */
  readonly #openFile = (path: string): FollowedFile | undefined => {
    const { followLinks } = this.#options;
    try {
      return openFollowed(path, (fd) => {
        this.#reserve.check(fd);
        return followLinks || isTrusted(path, fd, this.#selection.notePlanted);
      });
    } catch (error) {
      this.#isShort ||= ['EMFILE', 'ENFILE'].includes(codeOf(error) ?? '');
      throw error;
    }
  };

  #add(path: string): FollowedSource {
    const source = new FollowedSource({
      ...this.#options,
      path,
      open: this.#open,
      openFile: this.#openFile,
      isFollowed: (other) => this.#options.globs.some((glob) => glob.fits(other)) && this.#selection.takes(other),
    });
    this.#byPath.set(path, source);
    return source;
  }
}
