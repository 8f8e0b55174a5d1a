#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { Script } from 'node:vm';

// `build.ts` makes `dist/relevel.js` of this file, which loads the program's parts. It does what `require` would do, but
// hands V8 the bytecode of what every run needs, if there is some that this very Node has made; see `build-start.ts`. Where
// V8 refuses it, for other flags or because it is damaged, the text is compiled, as ever.

type Load = (name: string) => unknown;
type Part = (load: Load, module: { exports: unknown }, exports: unknown) => void;

/** The file that every run needs; `build.ts` puts its name here. */
declare const FIRST: string;

const FOLDER = `${__dirname}/parts/`;
const BYTECODE = `.${process.version}-${process.arch}.bytecode`;
const parts = new Map<string, Part>();
const loaded = new Map<string, { exports: unknown }>();

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

function load(name: string): unknown {
  if (!name.startsWith('./')) return require(name);
  const known = loaded.get(name);
  if (known !== undefined) return known.exports;
  if (!parts.has(name)) read(name.slice('./'.length));
  const module = { exports: {} };
  loaded.set(name, module);
  parts.get(name)!(load, module, module.exports);
  return module.exports;
}

read(FIRST);
load('./relevel.js');
