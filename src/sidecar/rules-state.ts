import { createHash } from 'node:crypto';
import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from '../io/fault.ts';
import { isRulesName } from '../rules/file-name.ts';

/** A file's outside, and what was read of it when it looked so. */
interface Known {
  readonly outside: string;
  readonly contents: string;
}

/**
 * Tells one state of rules files and folders from another, by their contents: a file that is
 * written anew with the same text is the same, and one behind a symbolic link that was swapped
 * for another text is not. Reads only what looks changed: by inode, size or time. `undefined`
 * where one of them is a pipe or a device, which can be read only once. Never throws.
 */
export function lookAtRules(paths: readonly string[]): () => Promise<string | undefined> {
  let known = new Map<string, Known>();
  return async () => {
    const found = new Map<string, Known>();
    for (const path of paths) {
      const folder = await filesOf(path);
      if (folder === 'no file') return undefined;
      for (const file of folder) found.set(file, await knownOf(file, known.get(file)));
    }
    known = found;
    return JSON.stringify(Array.from(found, ([path, { contents }]) => [path, contents]));
  };
}

/** The rules files of a folder; of anything else, itself. */
async function filesOf(path: string): Promise<readonly string[] | 'no file'> {
  try {
    const is = await stat(path);
    if (is.isFile()) return [path];
    if (!is.isDirectory()) return 'no file';
    const names = (await readdir(path)).filter(isRulesName).toSorted();
    return [path, ...names.map((name) => join(path, name))];
  } catch {
    return [path]; // what is wrong with it is part of its state
  }
}

async function knownOf(path: string, before: Known | undefined): Promise<Known> {
  try {
    const real = await realpath(path);
    const is = await stat(real, { bigint: true });
    const outside = [real, is.dev, is.ino, is.size, is.mtimeNs, is.ctimeNs].join(' ');
    if (outside === before?.outside) return before;
    if (!is.isFile()) return { outside, contents: is.isDirectory() ? 'folder' : 'no file' };
    return {
      outside,
      contents: createHash('sha256')
        .update(await readFile(real))
        .digest('base64'),
    };
  } catch (error) {
    return { outside: '', contents: codeOf(error) ?? 'unknown' };
  }
}
