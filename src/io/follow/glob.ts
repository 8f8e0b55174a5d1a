import { join } from 'node:path';
import type { Folders } from '../folders.ts';
import { closeOfBrackets, expandBraces } from '../glob-braces.ts';

/** Deeper folders are not looked into by `**`: links may lead round in circles. */
const DEEPEST = 32;

/** Paths that a pattern stands for. */
export interface Glob {
  readonly pattern: string;
  /** Whether it names paths one by one, without wildcards. */
  readonly isLiteral: boolean;
  fits(path: string): boolean;
  /** Files that are there now, links among them, sorted by name. What cannot be looked into, `folders` knows. */
  find(folders: Folders): string[];
}

/**
 * `*` and `?` stand for characters of one name, `[abc]`, `[a-z]` and `[!a]` for one of them, `**` as a whole name for any
 * number of folders, `{a,b}` for each of these texts. As in a shell, no wildcard stands for the dot that a name begins with.
 * Throws if a range is none, or braces stand for too much.
 */
export function globOf(pattern: string): Glob {
  const all = expandBraces(pattern).map(partsOf);
  return {
    pattern,
    isLiteral: all.every((parts) => parts.every((part) => typeof part === 'string' && part !== '**')),
    fits: (path) => {
      const given = namesOf(path);
      return all.some((parts) => fitsFrom(parts, 0, given, 0));
    },
    find: (folders) => {
      const found = new Set<string>();
      for (const parts of all) findFrom(parts, 0, { folder: undefined, depth: 0 }, { folders, found });
      return [...found].sort();
    },
  };
}

type Part = string | RegExp;

const namesOf = (path: string): string[] => path.split('/').filter((name, i) => name !== '' || i === 0);

const partsOf = (pattern: string): Part[] =>
  namesOf(pattern).map((name) => (name !== '**' && /[*?[]/u.test(name) ? nameTest(name) : name));

function fitsFrom(parts: readonly Part[], at: number, names: readonly string[], from: number): boolean {
  if (at === parts.length) return from === names.length;
  const part = parts[at]!;
  if (part === '**') {
    if (at === parts.length - 1) return from < names.length && !names.slice(from).some((name) => name.startsWith('.'));
    for (let next = from; next < names.length; next += 1) {
      if (fitsFrom(parts, at + 1, names, next)) return true;
      if (names[next]!.startsWith('.')) return false;
    }
    return false;
  }
  if (from === names.length) return false;
  const name = names[from]!;
  return (typeof part === 'string' ? part === name : part.test(name)) && fitsFrom(parts, at + 1, names, from + 1);
}

/** `folder`: what the parts before led to; undefined at the beginning, empty for the root. */
interface Place {
  readonly folder: string | undefined;
  readonly depth: number;
}

interface Search {
  readonly folders: Folders;
  readonly found: Set<string>;
}

function findFrom(parts: readonly Part[], at: number, { folder, depth }: Place, search: Search): void {
  const { folders, found } = search;
  const part = parts[at]!;
  const isLast = at === parts.length - 1;
  const listed = folder === undefined ? '.' : folder === '' ? '/' : folder;
  const pathOf = (name: string): string => (folder === undefined ? name : folder === '' ? `/${name}` : join(folder, name));
  if (part === '**') {
    if (!isLast) findFrom(parts, at + 1, { folder, depth }, search);
    if (depth === DEEPEST) return;
    for (const { name, kind } of folders.list(listed)) {
      if (name.startsWith('.')) continue;
      const path = pathOf(name);
      if (kind === 'folder') findFrom(parts, at, { folder: path, depth: depth + 1 }, search);
      else if (isLast && (kind === 'file' || folders.isFile(path))) found.add(path);
    }
  } else if (typeof part === 'string') {
    if (!isLast) findFrom(parts, at + 1, { folder: pathOf(part), depth }, search);
    else if (folders.isFile(pathOf(part))) found.add(pathOf(part));
  } else {
    for (const { name, kind } of folders.list(listed)) {
      if (!part.test(name)) continue;
      const path = pathOf(name);
      if (!isLast) {
        if (kind !== 'file') findFrom(parts, at + 1, { folder: path, depth }, search);
      } else if (kind === 'file' || (kind === 'other' && folders.isFile(path))) found.add(path);
    }
  }
}

/** A name with wildcards as an expression that runs in linear time but for stars, of which names are too short to suffer. */
function nameTest(name: string): RegExp {
  let source = /^[*?[]/u.test(name) ? '(?!\\.)' : '';
  for (let at = 0; at < name.length; at += 1) {
    const char = name[at]!;
    const close = char === '[' ? closeOfBrackets(name, at) : at;
    if (char === '*') {
      while (name[at + 1] === '*') at += 1;
      source += '.*';
    } else if (char === '?') {
      source += '.';
    } else if (close > at) {
      const inside = name.slice(at + 1, close).replaceAll(/[\\\]^[]/gu, '\\$&');
      source += inside.startsWith('!') ? `[^${inside.slice(1)}]` : `[${inside}]`;
      at = close;
    } else {
      source += char.replace(/[\\^$.|?*+()[\]{}]/u, '\\$&');
    }
  }
  return new RegExp(`^${source}$`, 'su');
}
