import { realpathSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { codeOf } from './fault.ts';
import { namesIn } from './folder-names.ts';
import { isAbsence, lookAt, type Look } from './follow-file.ts';

/** Listings of a folder that may differ before one is taken as it is. */
const MOST_TRIES = 5;

/** What rotations append: `.1`, `-20261121`, `.2026-11-21T10:00:00Z`, `.old`. What was compressed ends otherwise. */
const BEHIND = /^[.\-_](?:\d[\dT:Z._-]*|old|prev|bak)$/u;
/** What rotations put before the extension: a date. A number there is too often another program's file. */
const BEFORE = /^[.\-_]\d{4}-?\d\d-?\d\d[\dT:Z._-]*$/u;

/** A file with a name that a rotation may have given it. */
export interface Rotated {
  readonly path: string;
  readonly look: Look;
}

/**
 * The files beside `path` that it may have named before, the one that was written the longest ago first. A
 * folder cannot be listed at one instant, and a rotation renames many files: two listings must agree.
 */
export function rotatedOf(path: string): readonly Rotated[] {
  const isRotated = rotatedNameOf(basename(path));
  let before = '';
  let rotated: Rotated[] = [];
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    rotated = [];
    for (const other of namesOf(dirname(path))) {
      if (!isRotated(other)) continue;
      const at = join(dirname(path), other);
      const look = lookAt(at);
      if (look !== undefined) rotated.push({ path: at, look });
    }
    const seen = rotated.map(({ path: at, look }) => `${at} ${look.id}`).join('\n');
    if (seen === before && tries > 0) break;
    before = seen;
  }
  return rotated.sort((a, b) => (a.look.changed < b.look.changed ? -1 : a.look.changed > b.look.changed ? 1 : 0));
}

/** Whether a name is one that a rotation may give to a file of this name. */
export function rotatedNameOf(name: string): (other: string) => boolean {
  const extension = extname(name);
  const stem = name.slice(0, name.length - extension.length);
  return (other) =>
    (other.startsWith(name) && BEHIND.test(other.slice(name.length))) ||
    (extension !== '' &&
      other.startsWith(stem) &&
      other.endsWith(extension) &&
      BEFORE.test(other.slice(stem.length, -extension.length)));
}

/** Where the file itself lies: rotations rename it there, not the link to it. As it was given where there is no file now. */
export function realPathOf(path: string, before: string): string {
  try {
    return realpathSync(path);
  } catch {
    return before;
  }
}

function namesOf(folder: string): readonly string[] {
  try {
    return namesIn(folder);
  } catch (error) {
    // A file in a folder that may not be listed is still read by its name.
    if (isAbsence(error) || codeOf(error) === 'EACCES') return [];
    throw error;
  }
}
