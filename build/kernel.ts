import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { INPUT_MARGIN, INPUT_SIZE } from '../src/kernel/layout.ts';

// `npm run kernel`: compiles the kernel from AssemblyScript into `src/kernel/module.ts`, unless that is up to date. Whatever
// needs the kernel runs this first.

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SOURCES = join(ROOT, 'src/kernel/assembly');
const MODULE = join(ROOT, 'src/kernel/module.ts');
const CACHE = join(ROOT, 'node_modules/.cache/relevel');

/**
 * Two builds. The checked one is for tests: it traps if the kernel reads or writes outside the array that it means to. The memory
 * never grows; asc refuses a number of pages that is too small.
 */
const PAGES = { shipped: 312, checked: 340 };
/** Static memory begins behind the input, which begins at address 0, so that offsets are addresses. */
const MEMORY_BASE = Math.ceil((INPUT_SIZE + INPUT_MARGIN) / 64) * 64;

const optionsOf = (kind: keyof typeof PAGES): string[] => [
  ...(kind === 'shipped' ? ['-O3', '--converge', '--noAssert'] : ['-O1']),
  ...['--runtime', 'stub', '--enable', 'simd'],
  ...['--memoryBase', String(MEMORY_BASE)],
  ...['--initialMemory', String(PAGES[kind]), '--maximumMemory', String(PAGES[kind])],
  // Functions that take sixteen bytes are exported from files, not from the module.
  ...['--disableWarning', '112'],
];

/** Of all that the module depends on. */
function hashOf(kind: keyof typeof PAGES): string {
  const files = [
    join(ROOT, 'src/kernel/layout.ts'),
    join(ROOT, 'node_modules/assemblyscript/package.json'),
    ...readdirSync(SOURCES).map((name) => join(SOURCES, name)),
  ];
  const hash = createHash('sha256').update(JSON.stringify(optionsOf(kind)));
  for (const file of files.toSorted()) hash.update(readFileSync(file)).update('\0');
  return hash.digest('hex').slice(0, 16);
}

/** By asc's own command: tsx would translate all of the compiler first, if it were imported here. */
function compile(kind: keyof typeof PAGES): string {
  mkdirSync(CACHE, { recursive: true });
  const file = join(CACHE, `${kind}.wasm`);
  const asc = join(ROOT, 'node_modules/assemblyscript/bin/asc.js');
  const { status, stderr } = spawnSync(
    process.execPath,
    [asc, join(SOURCES, 'index.ts'), '--outFile', file, ...optionsOf(kind)],
    { cwd: ROOT, encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`src/kernel/assembly does not compile:\n${stderr}`);
  return file;
}

/** Writes the module that ships. */
export function writeKernel(): void {
  const head = `/** The kernel as a WebAssembly module, in base64. \`npm run kernel\` writes this file. ${hashOf('shipped')} */`;
  if (existsSync(MODULE) && readFileSync(MODULE, 'utf8').startsWith(head)) return;
  const module = readFileSync(compile('shipped'), 'base64');
  writeFileSync(MODULE, `${head}\nexport const MODULE =\n  '${module}';\n`);
}

/** Makes the checked module, unless it is up to date; gives the name of its file. */
export function checkedKernel(): string {
  const file = join(CACHE, `${hashOf('checked')}.wasm`);
  if (!existsSync(file)) renameSync(compile('checked'), file);
  return file;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeKernel();
