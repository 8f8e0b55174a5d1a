import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A folder that is gone after the test. */
export function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), 'relevel-io-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** Opens a file until the end of the test. */
export function openUntilEnd(path: string, flags: string | number): number {
  const fd = openSync(path, flags);
  onTestFinished(() => closeSync(fd));
  return fd;
}

/** A named FIFO that nobody has open. */
export function emptyFifo(): string {
  const path = join(scratch(), 'fifo');
  execFileSync('mkfifo', [path]);
  return path;
}

/** A named FIFO, and its reading end, which does not wait. */
export function fifo(): { readonly path: string; readonly reader: number } {
  const path = emptyFifo();
  return { path, reader: openUntilEnd(path, constants.O_RDONLY | constants.O_NONBLOCK) };
}
