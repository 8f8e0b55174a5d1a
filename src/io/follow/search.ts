import { lookAt, type FollowedFile, type Place } from './file.ts';
import { isPlanted } from './open.ts';
import { isRelated, rotatedOf, type Rotated } from './rotated.ts';

/** Searches for a copy whose name is given to another meanwhile. */
const MOST_TRIES = 5;

/** Files, by id, that are open or need not be read any more; and how the others are opened. */
export interface Known {
  has(id: string): boolean;
  add(id: string): void;
  /** Opens a regular file that may be read; `undefined` if there is none. Throws what the system says. */
  open(path: string): FollowedFile | undefined;
}

/** Those of some rotated files that were never read, opened; `undefined` if they moved while we looked. Throws what the system says. */
export function unreadOf(rotated: readonly Rotated[], known: Known): FollowedFile[] | undefined {
  const files: FollowedFile[] = [];
  let isWhole = false;
  try {
    for (const { path: at, look } of rotated) {
      if (known.has(look.id)) continue;
      const file = known.open(at);
      // A link that was planted under a rotated name must not keep the file itself from being read.
      if (file === undefined && isPlanted(at, () => {})) continue;
      if (file !== undefined) files.push(file);
      if (file?.id !== look.id) return undefined;
    }
    isWhole = true;
    return files;
  } finally {
    if (!isWhole) for (const file of files) file.close();
  }
}

/**
 * The copy of a file that is not what it was: it goes on where the file stood. What was copied of it earlier need not be read. Of a file of which
 * much is known, a copy may have any name; else one that begins and ends as the file's.
 */
export function copyOf(file: FollowedFile, path: string, known: Known): FollowedFile | undefined {
  return copyAmong(file, path, known, (name) => !file.isYoung || isRelated(path, name));
}

function copyAmong(
  file: FollowedFile,
  path: string,
  known: Known,
  mayBeCopy: (name: string) => boolean,
): FollowedFile | undefined {
  for (let tries = 1; ; tries += 1) {
    const candidates = rotatedOf(path, mayBeCopy).filter(({ look }) => look.made >= file.made && look.size > 0);
    const copy = thatGoesOn(candidates, known, (other) => other.goOnFrom(file));
    const stand = (): boolean => candidates.every(({ path: at, look }) => lookAt(at)?.id === look.id);
    if (copy !== undefined || tries === MOST_TRIES || stand()) return copy;
  }
}

/** Whether a rotated file is a copy of what the file was that says what the file does not: it was written anew, and begins as it began. */
export function wasCopied(file: FollowedFile, path: string, known: Known): boolean {
  const copy = copyAmong(file, path, known, () => false);
  const was = copy !== undefined && !copy.isPartOf(file);
  copy?.close();
  return was;
}

/** The file of an earlier place, or else the copy of it. */
export function fileOf(place: Place, candidates: readonly Rotated[], known: Known): FollowedFile | undefined {
  const goesOn = (file: FollowedFile): boolean => file.goOnAt(place);
  const isOwn = ({ look }: Rotated): boolean => look.id === place.id;
  const own = thatGoesOn(candidates.filter(isOwn), known, goesOn);
  if (own !== undefined && !own.isYoung) return own;
  const copy = thatGoesOn(
    candidates.filter((candidate) => !isOwn(candidate)),
    known,
    goesOn,
  );
  if (own === undefined || copy === undefined) return own ?? copy;
  const was = !copy.isPartOf(own);
  (was ? own : copy).close();
  return was ? copy : own;
}

/** Of those that go on somewhere, the first that was made. Those that are parts of another need not be read any more. */
function thatGoesOn(
  candidates: readonly Rotated[],
  known: Known,
  goesOn: (file: FollowedFile) => boolean,
): FollowedFile | undefined {
  const files: FollowedFile[] = [];
  for (const { path, look, isNamed } of candidates) {
    const file = known.has(look.id) ? undefined : isNamed ? known.open(path) : openIfAllowed(path, known);
    if (file !== undefined && goesOn(file) && files.every(({ id }) => id !== file.id)) files.push(file);
    else file?.close();
  }
  const whole: FollowedFile[] = [];
  for (const file of files.sort((a, b) => b.size - a.size)) {
    if (whole.some((larger) => file.isPartOf(larger))) {
      known.add(file.id);
      file.close();
    } else whole.push(file);
  }
  const [first, ...others] = whole.sort((a, b) => a.made - b.made);
  for (const other of others) other.close();
  return first;
}

/** A file that may be another program's must not hold up the path. */
function openIfAllowed(path: string, known: Known): FollowedFile | undefined {
  try {
    return known.open(path);
  } catch {
    return undefined;
  }
}
