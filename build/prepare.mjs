import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

// npm runs this after `npm ci` and for `npm install git+…` ("prepare"), and before `npm pack` and `npm publish` ("prepack"): what
// is installed or packed is then built. It is plain JavaScript: it has to run if the development tools are missing.

const PROGRAM = 'dist/relevel.js';
const root = fileURLToPath(new URL('..', import.meta.url));

/** `npm ci --omit=dev` installs none of them, and there is nothing to build with. */
function hasTools() {
  return ['tsx', 'esbuild', 'typescript', 'assemblyscript'].every((name) =>
    existsSync(`${root}node_modules/${name}/package.json`),
  );
}

function run(command, args) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2] });
  return error === undefined && status === 0;
}

const isPacking = process.argv[2] === 'prepack';
// `npm pack` asks for both, one after the other.
const isDone = !isPacking && ['pack', 'publish'].includes(process.env['npm_command']);
// A fresh clone has no tools yet. A package without the program would be worse than the wait.
if (isPacking && !hasTools() && !existsSync(root + PROGRAM)) run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund']);

if (!isDone && hasTools()) {
  if (!run(process.execPath, ['--import', 'tsx', 'build/build.ts'])) process.exitCode = 1;
} else if (isPacking && !existsSync(root + PROGRAM)) {
  console.error(`relevel: ${PROGRAM} is not built, and the development tools are missing: run npm ci, then npm pack again`);
  process.exitCode = 1;
}
