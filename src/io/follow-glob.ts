import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Deeper folders are not looked into by `**`: links may lead round in circles. */
const DEEPEST = 32;

/** Paths that a pattern stands for. */
export interface Glob {
  readonly pattern: string;
  fits(path: string): boolean;
  /** Files that are there now, links among them, sorted by name. What cannot be looked into is passed over. */
  find(): string[];
}

/**
 * `*` and `?` stand for characters of one name, `[abc]`, `[a-z]` and `[!a]` for one of them, `**` as a whole name for any
 * number of folders. As in a shell, no wildcard stands for the dot that a name begins with.
 */
export function globOf(pattern: string): Glob {
  const names = pattern.split('/').filter((name, i) => name !== '' || i === 0);
  const parts = names.map((name) => (name === '**' ? ('**' as const) : /[*?[]/u.test(name) ? nameTest(name) : name));
  return {
    pattern,
    fits: (path) => {
      const given = path.split('/').filter((name, i) => name !== '' || i === 0);
      return fitsFrom(parts, 0, given, 0);
    },
    find: () => {
      const found = new Set<string>();
      findFrom(parts, 0, undefined, 0, found);
      return [...found].sort();
    },
  };
}

type Part = string | RegExp;

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

/** `folder`: what the parts before `at` led to; undefined at the beginning. */
function findFrom(parts: readonly Part[], at: number, folder: string | undefined, depth: number, found: Set<string>): void {
  const part = parts[at]!;
  const isLast = at === parts.length - 1;
  const step = (name: string): void => {
    const path = folder === undefined ? name : folder === '' ? `/${name}` : join(folder, name);
    if (!isLast) findFrom(parts, at + 1, path, depth, found);
    else if (isFile(path)) found.add(path);
  };
  if (part === '**') {
    if (!isLast) findFrom(parts, at + 1, folder, depth, found);
    if (depth === DEEPEST) return;
    for (const { name, isFolder } of entriesOf(folder)) {
      if (name.startsWith('.')) continue;
      const path = folder === undefined ? name : join(folder === '' ? '/' : folder, name);
      if (isFolder) findFrom(parts, at, path, depth + 1, found);
      else if (isLast) found.add(path);
    }
  } else if (typeof part === 'string') {
    step(part);
  } else {
    for (const { name } of entriesOf(folder)) if (part.test(name)) step(name);
  }
}

function entriesOf(folder: string | undefined): { readonly name: string; readonly isFolder: boolean }[] {
  try {
    const entries = readdirSync(folder === undefined ? '.' : folder === '' ? '/' : folder, { withFileTypes: true });
    return entries.map((entry) => ({ name: entry.name, isFolder: entry.isDirectory() }));
  } catch {
    return [];
  }
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** A name with wildcards as an expression that runs in linear time but for stars, of which names are too short to suffer. */
function nameTest(name: string): RegExp {
  let source = /^[*?[]/u.test(name) ? '(?!\\.)' : '';
  for (let at = 0; at < name.length; at += 1) {
    const char = name[at]!;
    const close = char === '[' ? name.indexOf(']', at + 2) : -1;
    if (char === '*') {
      while (name[at + 1] === '*') at += 1;
      source += '.*';
    } else if (char === '?') {
      source += '.';
    } else if (close !== -1) {
      const inside = name.slice(at + 1, close).replaceAll(/[\\\]^[]/gu, '\\$&');
      source += inside.startsWith('!') ? `[^${inside.slice(1)}]` : `[${inside}]`;
      at = close;
    } else {
      source += char.replace(/[\\^$.|?*+()[\]{}]/u, '\\$&');
    }
  }
  return new RegExp(`^${source}$`, 'su');
}
