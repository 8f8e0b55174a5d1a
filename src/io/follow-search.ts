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
  let copy: FollowedFile | undefined;
  for (const { path: at, look } of rotatedOf(path)) {
    if (known.has(look.id)) continue;
    const other = openFollowed(at);
    if (other === undefined) continue;
    if (other.goOnFrom(file) && other.size > (copy?.size ?? -1)) {
      copy?.close();
      copy = other;
    } else {
      if (other.isPartOf(file)) known.add(other.id);
      other.close();
    }
  }
  return copy;
}

/** The file of an earlier place, or else the largest copy of it. */
export function fileOf(place: Place, candidates: readonly Rotated[], known: Known): FollowedFile | undefined {
  const bySize = candidates.toSorted((a, b) => b.look.size - a.look.size);
  const own = bySize.filter(({ look }) => look.id === place.id);
  const others = bySize.filter(({ look }) => look.id !== place.id);
  let found: FollowedFile | undefined;
  for (const { path, look } of [...own, ...others]) {
    if (found?.id === place.id) break;
    if (known.has(look.id)) continue;
    const file = openFollowed(path);
    if (found === undefined && file?.goOnAt(place) === true) {
      found = file;
      continue;
    }
    if (found !== undefined && file?.isPartOf(found) === true) known.add(look.id);
    file?.close();
  }
  return found;
}
