import { readdirSync, statSync } from 'node:fs';
import { elapsed } from './clock.ts';

/** ms by our clock for which a folder must have had one mtime before a listing of it is kept: a change right after it shows in the mtime only if the clock of the file system has moved on. */
const SETTLED = 50;
/** The same, if a file system seems to keep whole seconds. */
const SETTLED_COARSE = 2_100;
/** ms after which it is listed anew all the same: some file systems keep no mtime of folders. */
const OLDEST = 1_000;
/** Folders whose listings are kept. */
const MOST_KEPT = 1_000;

const SECOND = 1_000_000_000n;

interface Listing {
  readonly changed: bigint;
  /** Since when we know that this is its mtime. */
  readonly since: number;
  /** When it was listed, if it had settled by then. */
  readonly listedAt: number;
  readonly names: readonly string[] | undefined;
}

/** By folder; whether one still holds, the folder's mtime says. With many followed files in it, each asks for the names of all. */
const kept = new Map<string, Listing>();

/** The names in a folder, as of now. Throws what the system says. */
export function namesIn(folder: string): readonly string[] {
  const before = kept.get(folder);
  const changed = changedAt(folder);
  if (changed === undefined) {
    kept.delete(folder);
    return readdirSync(folder);
  }
  const at = elapsed();
  const isSame = before?.changed === changed;
  if (isSame && before.names !== undefined && at - before.listedAt < OLDEST) return before.names;
  const since = isSame ? before.since : at;
  const names = readdirSync(folder);
  const isSettled = at - since >= (changed % SECOND === 0n ? SETTLED_COARSE : SETTLED);
  if (before === undefined && kept.size >= MOST_KEPT) kept.delete(kept.keys().next().value!);
  kept.set(folder, { changed, since, listedAt: at, names: isSettled ? names : undefined });
  return names;
}

/** ns since 1970; `undefined` if it cannot be told. */
function changedAt(folder: string): bigint | undefined {
  try {
    return statSync(folder, { bigint: true }).mtimeNs;
  } catch {
    return undefined;
  }
}
