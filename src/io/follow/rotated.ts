import { realpathSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { codeOf } from '../fault.ts';
import { namesIn } from '../folder-names.ts';
import { isAbsence, lookAt, type Look } from './file.ts';

/** Listings of a folder that may differ before one is taken as it is. */
const MOST_TRIES = 5;

/** What rotations append: `.1`, `-20261121`, `.2026-11-21T10:00:00Z`, `.old`. What was compressed ends otherwise. */
const BEHIND = /^[.\-_](?:\d[\dT:Z._-]*|old|prev|bak)$/u;
/** What rotations put before the extension: a date. A number there is too often another program's file. */
const BEFORE = /^[.\-_]\d{4}-?\d\d-?\d\d[\dT:Z._-]*$/u;

/** What svlogd, multilog and s6-log call a file that was `current`. */
const TAI64N = /^@[\da-f]{24}\.[su]$/u;

/**
 * The names that differ from `name` as `other` does, but for its numbers: of `app.log` and `app.1.log` all `app.<n>.log`. What both have in common
 * stays as it is: `1.log.2` is no rotated `0.log`.
 */
export function likeOf(name: string, other: string): RegExp {
  let start = 0;
  while (start < name.length && name[start] === other[start]) start += 1;
  let end = 0;
  while (end < Math.min(name.length, other.length) - start && name.at(-1 - end) === other.at(-1 - end)) end += 1;
  // A number is one whole: from 19 to 20 more than its last digit may change.
  while (start > 0 && /^\d{2}/u.test(other.slice(start - 1))) start -= 1;
  while (end > 0 && /\d{2}$/u.test(other.slice(0, other.length - end + 1))) end -= 1;
  const middle = other.slice(start, other.length - end);
  const parts = middle
    .split(/(@[\da-f]{16,}|\d+)/u)
    .map((part, i) => (i % 2 === 0 ? literal(part) : part.startsWith('@') ? '@[\\da-f]+' : '\\d+'));
  return new RegExp(`^${literal(other.slice(0, start))}${parts.join('')}${literal(other.slice(other.length - end))}$`, 'u');
}

const literal = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|/]/gu, String.raw`\$&`);

/** A file with a name that a rotation may have given it. */
export interface Rotated {
  readonly path: string;
  readonly look: Look;
  /** By its name, a rotated one: not only because of what it says. */
  readonly isNamed: boolean;
}

/**
 * The files beside `path` that it may have named before, the one that was written the longest ago first: by their names, or because
 * `isToo` says so of a name. A folder cannot be listed at one instant, and a rotation renames many files: two listings must agree.
 */
export function rotatedOf(path: string, isToo: (name: string) => boolean = () => false): readonly Rotated[] {
  const name = basename(path);
  const isRotated = rotatedNameOf(name);
  const isOne = (other: string): boolean => other !== name && (isRotated(other) || isToo(other));

  let before = '';
  let rotated: Rotated[] = [];
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    rotated = [];
    for (const other of namesOf(dirname(path))) {
      if (!isOne(other)) continue;
      const at = join(dirname(path), other);
      const look = lookAt(at);
      if (look !== undefined) rotated.push({ path: at, look, isNamed: isRotated(other) });
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
    (name === 'current' && TAI64N.test(other)) ||
    (extension !== '' &&
      other.startsWith(stem) &&
      other.endsWith(extension) &&
      BEFORE.test(other.slice(stem.length, -extension.length)));
}

/** Whether a name may be that of a copy of the file at `path`, which must show by what it says that it is one: `app.1.log` of `app.log`. */
export function isRelated(path: string, other: string): boolean {
  const extension = extname(path);
  const stem = basename(path, extension);
  return other.startsWith(stem) && other.endsWith(extension);
}

/** The file of this id in one of these folders, whatever it is called. The birth counts for nothing: overlayfs changes it. */
export function fileOfId(id: string, folders: Iterable<string>): Rotated | undefined {
  for (const folder of folders) {
    for (const name of namesOf(folder)) {
      const path = join(folder, name);
      const look = lookIfAllowed(path);
      if (look !== undefined && isSameInode(look.id, id)) return { path, look, isNamed: true };
    }
  }
  return undefined;
}

function lookIfAllowed(path: string): Look | undefined {
  try {
    return lookAt(path);
  } catch {
    return undefined; // not ours: what is ours could be looked at before
  }
}

const isSameInode = (a: string, b: string): boolean => inodeOf(a) === inodeOf(b);
const inodeOf = (id: string): string => id.slice(0, id.lastIndexOf(':'));

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
