import { readdirSync, statSync, type Dirent } from 'node:fs';
import { isAbsence } from './follow/file.ts';

/** What a folder holds. */
export interface Entry {
  readonly name: string;
  readonly kind: 'file' | 'folder' | 'other';
}

/** A folder that could not be looked into. */
export interface Unreadable {
  readonly path: string;
  readonly error: Error;
}

/** The folders of one search for files: each is listed once, however many patterns lead there. */
export class Folders {
  readonly #isExcluded: (path: string) => boolean;
  readonly #listed = new Map<string, readonly Entry[]>();
  readonly #unreadable = new Map<string, Unreadable>();

  /** `isExcluded`: folders that are not looked into. */
  constructor(isExcluded: (path: string) => boolean) {
    this.#isExcluded = isExcluded;
  }

  /** Folders that could not be looked into so far. What is not there is no fault. */
  get unreadable(): readonly Unreadable[] {
    return [...this.#unreadable.values()];
  }

  /** What a folder holds; nothing if it is not there or may not be listed. */
  list(folder: string): readonly Entry[] {
    let entries = this.#listed.get(folder);
    if (entries === undefined) {
      entries = this.#isExcluded(folder) ? [] : this.#entriesIn(folder);
      this.#listed.set(folder, entries);
    }
    return entries;
  }

  /** Whether a path names a regular file, maybe by a link; or cannot be looked at, which is for whoever opens it to report. */
  isFile(path: string): boolean {
    try {
      return statSync(path).isFile();
    } catch (error) {
      return !isAbsence(error);
    }
  }

  #entriesIn(path: string): readonly Entry[] {
    try {
      return readdirSync(path, { withFileTypes: true }).map((entry) => ({ name: entry.name, kind: kindOf(entry) }));
    } catch (error) {
      if (!(error instanceof Error && 'syscall' in error)) throw error;
      if (!isAbsence(error)) this.#unreadable.set(path, { path, error });
      return [];
    }
  }
}

/** Links, and what some file systems do not say the kind of, are to be looked at. */
function kindOf(entry: Dirent): Entry['kind'] {
  if (entry.isFile()) return 'file';
  return entry.isDirectory() ? 'folder' : 'other';
}
