import { readdirSync, statSync, type Dirent } from 'node:fs';
import { isAbsence } from './follow-file.ts';

/** What a folder holds. */
export interface Entry {
  readonly name: string;
  readonly kind: 'file' | 'folder' | 'other';
}

/** What could not be looked into, or at. */
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

  /** What could not be looked into so far. What is not there is no fault. */
  get unreadable(): readonly Unreadable[] {
    return [...this.#unreadable.values()];
  }

  /** What a folder holds; nothing if it is not there or may not be listed. */
  list(folder: string): readonly Entry[] {
    let entries = this.#listed.get(folder);
    if (entries === undefined) {
      entries = this.#isExcluded(folder) ? [] : (this.#attempt(folder, () => entriesIn(folder)) ?? []);
      this.#listed.set(folder, entries);
    }
    return entries;
  }

  /** Whether a path names a regular file, maybe by a link. */
  isFile(path: string): boolean {
    return this.#attempt(path, () => statSync(path).isFile()) ?? false;
  }

  #attempt<T>(path: string, step: () => T): T | undefined {
    try {
      return step();
    } catch (error) {
      if (!(error instanceof Error && 'syscall' in error)) throw error;
      if (!isAbsence(error)) this.#unreadable.set(path, { path, error });
      return undefined;
    }
  }
}

function entriesIn(folder: string): readonly Entry[] {
  const entries = readdirSync(folder, { withFileTypes: true });
  return entries.map((entry) => ({ name: entry.name, kind: kindOf(entry) }));
}

/** Links, and what some file systems do not say the kind of, are to be looked at. */
function kindOf(entry: Dirent): Entry['kind'] {
  if (entry.isFile()) return 'file';
  return entry.isDirectory() ? 'folder' : 'other';
}
