import { closeSync, fchmodSync, fsyncSync, openSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { fault } from './fault.ts';

/** Writes a file anew: whoever reads it sees the old text or the new one, whole. It keeps its mode, and a link to it stays one. Throws. */
export function replaceFile(path: string, text: string): void {
  let made: string | undefined;
  try {
    const real = realpathSync(path);
    const { mode } = statSync(real);
    const fresh = `${real}.${process.pid}.new`;
    const fd = openSync(fresh, 'wx', mode);
    made = fresh;
    try {
      writeFileSync(fd, text);
      // What the umask has taken away.
      fchmodSync(fd, mode & 0o7777);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(fresh, real);
  } catch (error) {
    if (made !== undefined) rmSync(made, { force: true });
    throw fault(path, 'write', error);
  }
}
