import { readFileSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { Script } from 'node:vm';

// In the built program, what loads its parts. It does what `require` would do, but hands V8 the bytecode of what every run
// needs, if there is some that this very Node has made; see `build-start.ts`. Where V8 refuses it, for other flags or
// because it is damaged, the text is compiled, as ever.

type Part = (load: (name: string) => unknown, module: { exports: unknown }, exports: unknown) => void;

/** The file that has most of the parts; `build.ts` puts its name here. */
declare const FIRST: string;

/** As an ES module, for want of the package.json beside it, the program is not told its own folder. */
const FOLDER = `${typeof __dirname === 'string' ? __dirname : dirname(realpathSync(process.argv[1]!))}/parts/`;
const BYTECODE = `.${process.version}-${process.arch}.bytecode`;

const parts = new Map<string, Part>();
const loaded = new Map<string, { exports: unknown }>();

/** Loads a part by its name, with what it needs. */
export function load(name: string): unknown {
  if (!name.startsWith('./')) return process.getBuiltinModule(name) ?? createRequire(FOLDER)(name);
  const known = loaded.get(name);
  if (known !== undefined) return known.exports;
  if (parts.size === 0) read(FIRST);
  if (!parts.has(name)) read(name.slice('./'.length));
  const module = { exports: {} };
  loaded.set(name, module);
  parts.get(name)!(load, module, module.exports);
  return module.exports;
}

/** Reads the parts that are in a file. Its text is ASCII. */
function read(file: string): void {
  const filename = FOLDER + file;
  const script = new Script(readFileSync(filename, 'latin1'), { filename, cachedData: bytecodeOf(filename) });
  for (const [name, part] of Object.entries(script.runInThisContext() as Record<string, Part>)) parts.set(name, part);
}

function bytecodeOf(filename: string): Buffer | undefined {
  try {
    return readFileSync(filename + BYTECODE);
  } catch {
    return undefined; // most files have none
  }
}
