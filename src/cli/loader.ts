#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { Script } from 'node:vm';

// `build.ts` makes the program of this file: it loads all others, which are parts of it. It does what `require` would do, and
// two things that are worth a third of the start: what every run needs is one file, and V8 is handed the bytecode of that, made
// when the program was built. V8 takes none of another version, or with other flags: then it compiles the file, as ever.

type Load = (name: string) => unknown;
type Part = (load: Load, module: { exports: unknown }, exports: unknown) => void;

/** The file that every run needs; `build.ts` puts its name here. */
declare const FIRST: string;

const FOLDER = `${__dirname}/parts/`;
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
    return readFileSync(`${filename}.bytecode`);
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
