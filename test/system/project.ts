import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll } from 'vitest';
import { PATIENCE } from '../support/patience.ts';

export const ROOT = join(import.meta.dirname, '../..');

/** Somebody's project, in which the packed `relevel` is installed and nothing else, but what it is lent from ours. */
export interface Project {
  readonly folder: string;
  readonly tarball: string;
  readonly write: (name: string, text: string) => string;
  /** Runs a program of it to its end, and gives what it says. Throws where it fails. */
  readonly run: (command: string, args: readonly string[], input?: string) => string;
}

/** Packs what was built, and installs it without the net, without install scripts, and without koffi. Gone after the tests of the file. */
export function openProject(lent: readonly string[]): Project {
  const folder = mkdtempSync(join(lonelyFolder(), 'relevel-project-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const npm = (args: readonly string[], cwd: string): string =>
    execFileSync('npm', args, { cwd, encoding: 'utf8', stdio: 'pipe' });

  npm(['pack', '--ignore-scripts', '--pack-destination', folder], ROOT);
  const tarball = join(
    folder,
    readdirSync(folder).find((name) => name.endsWith('.tgz'))!,
  );
  writeFileSync(join(folder, 'package.json'), '{ "name": "somebodys", "version": "1.0.0", "private": true }');
  npm(['install', '--offline', '--ignore-scripts', '--omit=optional', '--no-audit', '--no-fund', tarball], folder);
  for (const name of lent) {
    const path = join(folder, 'node_modules', name);
    mkdirSync(dirname(path), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules', name), path);
  }
  return {
    folder,
    tarball,
    write: (name, text) => {
      const path = join(folder, name);
      writeFileSync(path, text);
      return path;
    },
    run: (command, args, input = '') =>
      execFileSync(command, args, { cwd: folder, encoding: 'utf8', input, stdio: 'pipe', timeout: PATIENCE.timeout }),
  };
}

/** Where no packages lie above, which would be found as if they were installed. */
function lonelyFolder(): string {
  const isLonely = (folder: string): boolean =>
    !existsSync(join(folder, 'node_modules')) && (dirname(folder) === folder || isLonely(dirname(folder)));
  const folder = [tmpdir(), '/var/tmp', homedir()].find(isLonely);
  if (folder === undefined) throw new Error('packages lie above each temporary folder: a test could not tell what is installed');
  return folder;
}
