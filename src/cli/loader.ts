import { closeSync, fstatSync, openSync, readSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { Script } from 'node:vm';

// In the built program, what loads its parts. It does what `require` would do, but hands V8 the bytecode of what every run
// needs, if there is some that this very Node has made; see `build/start.ts`. Where V8 refuses it, for other flags or
// because it is damaged, the text is compiled, as ever.

type Part = (load: (name: string) => unknown, module: { exports: unknown }, exports: unknown) => void;

/** By the name of a part, the file that it is in, where that is not its own; `build/build.ts` puts them here. */
declare const FILES: Readonly<Record<string, string>>;

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
  if (!parts.has(name)) readParts(name);
  const module = { exports: {} };
  loaded.set(name, module);
  parts.get(name)!(load, module, module.exports);
  return module.exports;
}

/** Reads the parts that are in a part's file. Its text is ASCII. */
function readParts(name: string): void {
  const together = FILES[name];
  const filename = FOLDER + (together ?? name.slice('./'.length));
  const text = bytesOf(filename).toString('latin1');
  const options = together === undefined ? { filename } : { filename, cachedData: bytecodeOf(filename) };
  for (const [each, part] of Object.entries(new Script(text, options).runInThisContext() as Record<string, Part>))
    parts.set(each, part);
}

function bytecodeOf(filename: string): Buffer | undefined {
  try {
    return bytesOf(filename + BYTECODE);
  } catch {
    return undefined; // there is none of this Node's
  }
}

/** With what a run needs anyway: each function of Node's own that it need not call is one that V8 need not compile. */
function bytesOf(path: string): Buffer {
  const fd = openSync(path, 'r');
  try {
    const bytes = Buffer.allocUnsafeSlow(fstatSync(fd).size);
    let length = 0;
    for (let more = -1; more !== 0 && length < bytes.length; length += more)
      more = readSync(fd, bytes, length, bytes.length - length, null);
    return bytes.subarray(0, length);
  } finally {
    closeSync(fd);
  }
}
