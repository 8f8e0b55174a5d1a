import type { Glob } from './glob.ts';
import { isPlanted, type OnPlanted } from './open.ts';
import type { OwnFiles } from '../own-files.ts';

/** What compressors call their files. */
const COMPRESSED = /\.(?:gz|tgz|bz2|xz|txz|zst|lz4|lzma|lzo|br|Z|zip|7z)$/u;

export interface SelectionOptions {
  /** What is found under these is not followed; folders under them are not looked into. */
  readonly exclude: readonly Glob[];
  readonly own: OwnFiles;
  /** Whether links out of folders that others may write are followed. */
  readonly followLinks: boolean;
  /** Something is not done that was asked for, and why: once for each kind. */
  readonly onNote: (message: string) => void;
}

/** Which of the files that were found are followed. */
export class Selection {
  readonly #options: SelectionOptions;
  readonly #said = new Set<string>();

  constructor(options: SelectionOptions) {
    this.#options = options;
  }

  /** Whether a path, or a folder that it lies in, is excluded. */
  isExcluded(path: string): boolean {
    const { exclude } = this.#options;
    if (exclude.length === 0) return false;
    for (let end = path.length; end > 0; end = path.lastIndexOf('/', end - 1)) {
      const at = path.slice(0, end);
      const name = at.slice(at.lastIndexOf('/') + 1);
      // Without a slash, a pattern is of names, in whatever folder they are.
      if (exclude.some((glob) => glob.fits(at) || (!glob.pattern.includes('/') && glob.fits(name)))) return true;
    }
    return false;
  }

  takes(path: string): boolean {
    if (this.isExcluded(path)) return false;
    if (COMPRESSED.test(path)) {
      if (this.#isNew('compressed')) this.#options.onNote(`${path}: is compressed, and is not followed, nor are others like it`);
      return false;
    }
    const role = this.#options.own.roleOf(path);
    if (role !== undefined) {
      if (this.#isNew(role)) this.#options.onNote(`${path}: is the ${role} of this relevel, and is not followed`);
      return false;
    }
    return this.#options.followLinks || !isPlanted(path, this.notePlanted);
  }

  /** Once for each folder: whoever may write there can make any number of links. */
  readonly notePlanted: OnPlanted = (path, { link, folder }) => {
    if (!this.#isNew(`link ${folder}`)) return;
    this.#options.onNote(
      link === path
        ? `${path}: is a link in a folder that others may write, and is not followed; see --follow-links`
        : `${path}: leads over ${link}, a link in a folder that others may write, and is not followed; see --follow-links`,
    );
  };

  /** Whether nothing of this kind was noted before. */
  #isNew(kind: string): boolean {
    const { size } = this.#said;
    return this.#said.add(kind).size > size;
  }
}
