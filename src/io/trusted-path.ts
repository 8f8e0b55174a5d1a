import { lstatSync, readlinkSync, type Stats } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** As the kernel: more links are a circle. */
const MOST_LINKS = 40;
/** That others than its owner may write. */
const WRITABLE = 0o022;

/** A link that somebody else may have made. */
export interface ForeignLink {
  readonly link: string;
  /** Where it stands. */
  readonly folder: string;
  /** Whose link it is. */
  readonly uid: number;
}

export interface Way {
  /** Where the path leads, without a link in it. */
  readonly real: string;
  readonly foreign: readonly ForeignLink[];
}

/**
 * Goes the way that a path stands for, link by link. Foreign are the links in folders that others may write: by the mode, or as
 * their owner, who is neither root nor us. A sticky bit does not keep others from making links. Throws what the system says.
 */
export function wayOf(path: string, own = process.geteuid?.() ?? 0): Way {
  const isSafe = ({ uid, mode }: Stats): boolean => (uid === 0 || uid === own) && (mode & WRITABLE) === 0;
  const foreign: ForeignLink[] = [];
  let names = namesOf(resolve(path));
  let real = '/';
  for (let links = 0; names.length > 0;) {
    const [name, ...rest] = names as [string, ...string[]];
    names = rest;
    if (name === '.') continue;
    if (name === '..') {
      real = dirname(real);
      continue;
    }
    const at = join(real, name);
    const stat = lstatSync(at);
    if (!stat.isSymbolicLink()) {
      real = at;
      continue;
    }
    links += 1;
    if (links > MOST_LINKS) throw Object.assign(new Error(`ELOOP: ${path}`), { code: 'ELOOP', syscall: 'readlink' });
    if (!isSafe(lstatSync(real))) foreign.push({ link: at, folder: real, uid: stat.uid });
    const target = readlinkSync(at);
    names = [...namesOf(target), ...names];
    if (target.startsWith('/')) real = '/';
  }
  return { real, foreign };
}

/**
 * The first link on the way to a file that leads out of a folder that others may write, and may have been made to have us read what
 * its maker may not. One whose maker owns the file shows nothing that is not the maker's own: `current.log` beside its file.
 */
export function plantedLink(
  { foreign }: Way,
  file: { readonly uid: number },
  own = process.geteuid?.() ?? 0,
): ForeignLink | undefined {
  return foreign.find(({ uid }) => uid !== file.uid || uid === 0 || uid === own);
}

const namesOf = (path: string): string[] => path.split('/').filter((name) => name !== '');
