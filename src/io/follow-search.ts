import { lookAt, type FollowedFile, type Place } from './follow-file.ts';
import { isPlanted } from './follow-open.ts';
import { rotatedOf, type Rotated } from './follow-rotated.ts';

/** Searches for a copy whose name is given to another meanwhile. */
const MOST_TRIES = 5;

/** Files, by id, that are open or need not be read any more; and how the others are opened. */
export interface Known {
  has(id: string): boolean;
  add(id: string): void;
  /** Opens a regular file that may be read; `undefined` if there is none. Throws what the system says. */
  open(path: string): FollowedFile | undefined;
}

/** The rotated files of a path that were never read, opened; `undefined` where they moved while we looked. Throws what the system says. */
export function unreadOf(path: string, known: Known): FollowedFile[] | undefined {
  const files: FollowedFile[] = [];
  let isWhole = false;
  try {
    for (const { path: at, look } of rotatedOf(path)) {
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

/** The copy of a file that is not what it was: it goes on where the file stood. What was copied of it earlier need not be read. */
export function copyOf(file: FollowedFile, path: string, known: Known): FollowedFile | undefined {
  for (let tries = 1; ; tries += 1) {
    const candidates = rotatedOf(path);
    const copy = thatGoesOn(candidates, known, (other) => other.goOnFrom(file));
    const stand = (): boolean => candidates.every(({ path: at, look }) => lookAt(at)?.id === look.id);
    if (copy !== undefined || tries === MOST_TRIES || stand()) return copy;
  }
}

/** Whether there is a copy of what the file was that says what the file does not: it was written anew, and begins as it began. */
export function wasCopied(file: FollowedFile, path: string, known: Known): boolean {
  const copy = copyOf(file, path, known);
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
  for (const { path, look } of candidates) {
    const file = known.has(look.id) ? undefined : known.open(path);
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
