import { openFollowed, type FollowedFile, type Place } from './follow-file.ts';
import { rotatedOf, type Rotated } from './follow-rotated.ts';

/** Files, by id, that are open or need not be read any more. */
export interface Known {
  has(id: string): boolean;
  add(id: string): void;
}

/** The rotated files of a path that were never read, opened; `undefined` where they moved while we looked. Throws what the system says. */
export function unreadOf(path: string, known: Known): FollowedFile[] | undefined {
  const files: FollowedFile[] = [];
  let isWhole = false;
  try {
    for (const { path: at, look } of rotatedOf(path)) {
      if (known.has(look.id)) continue;
      const file = openFollowed(at);
      if (file !== undefined) files.push(file);
      if (file?.id !== look.id) return undefined;
    }
    isWhole = true;
    return files;
  } finally {
    if (!isWhole) for (const file of files) file.close();
  }
}

/** The largest copy of a file that is not what it was: it goes on where the file stood. What was copied of it earlier need not be read. */
export function copyOf(file: FollowedFile, path: string, known: Known): FollowedFile | undefined {
  return largestOf(rotatedOf(path), known, (other) => other.goOnFrom(file));
}

/** The file of an earlier place, or else the largest copy of it. */
export function fileOf(place: Place, candidates: readonly Rotated[], known: Known): FollowedFile | undefined {
  const goesOn = (file: FollowedFile): boolean => file.goOnAt(place);
  const isOwn = ({ look }: Rotated): boolean => look.id === place.id;
  const own = largestOf(candidates.filter(isOwn), known, goesOn);
  return (
    own ??
    largestOf(
      candidates.filter((candidate) => !isOwn(candidate)),
      known,
      goesOn,
    )
  );
}

function largestOf(
  candidates: readonly Rotated[],
  known: Known,
  goesOn: (file: FollowedFile) => boolean,
): FollowedFile | undefined {
  const files: FollowedFile[] = [];
  for (const { path, look } of candidates) {
    const file = known.has(look.id) ? undefined : openFollowed(path);
    if (file !== undefined && goesOn(file)) files.push(file);
    else file?.close();
  }
  const [largest, ...others] = files.sort((a, b) => b.size - a.size);
  for (const other of others) {
    if (other.id !== largest!.id && other.isPartOf(largest!)) known.add(other.id);
    other.close();
  }
  return largest;
}
