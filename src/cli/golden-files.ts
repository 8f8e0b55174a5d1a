import { existsSync, lstatSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, sep } from 'node:path';
import { fault } from '../io/fault.ts';
import type { GoldenFiles } from '../workbench/test/run-suite.ts';

/** Reads what tests of rules name, and writes golden files if `isUpdating`. What throws, says where. */
export function goldenFiles(isUpdating: boolean): GoldenFiles {
  const read = (path: string): Buffer => attempt(path, 'read', () => readFileSync(path));
  return {
    read: (folder, name) => read(join(folder, name)),
    readGolden: (folder, name) => (existsSync(join(folder, name)) ? read(join(folder, name)) : undefined),
    write: isUpdating ? writeGolden : undefined,
  };
}

/** Rules and their tests may be anybody's, and what is written are the lines of a log: neither may reach a file that means more. */
function writeGolden(folder: string, name: string, bytes: Buffer): void {
  const path = join(folder, name);
  attempt(path, 'write', () => {
    const why = whyNotGolden(folder, path);
    if (why !== undefined) throw new NotGolden(why);
    writeFileSync(path, bytes);
  });
}

/** Why no golden file may be written there; `undefined`, if one may. Throws, if the folder is not there. */
function whyNotGolden(folder: string, path: string): string | undefined {
  const below = relative(realpathSync(folder), join(realpathSync(dirname(path)), path.slice(path.lastIndexOf(sep) + 1)));
  const names = below.split(sep);
  if (isAbsolute(below) || names.includes('..')) return 'a golden file lies in the folder of its tests, or below it';
  if (names.some((each) => each.startsWith('.'))) return 'a golden file is not hidden';
  if (/\.ya?ml$/iu.test(below)) return 'a golden file is no YAML, as rules are';
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true ? 'a golden file is no link' : undefined;
}

class NotGolden extends Error {
  override toString(): string {
    return this.message;
  }
}

export function attempt<Value>(path: string, verb: string, step: () => Value): Value {
  try {
    return step();
  } catch (error) {
    throw fault(path, verb, error);
  }
}
