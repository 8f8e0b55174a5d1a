import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { fault } from './fault.ts';
import { Output, type OutputOptions } from './output.ts';

const NEWLINE = Uint8Array.of(0x0a);

/** Opens a file to be appended to; creates it where it is not there. Throws. */
export function openAppended(path: string): number {
  try {
    return openSync(path, 'a', 0o640);
  } catch (error) {
    throw fault(path, 'open', error);
  }
}

/**
 * An output whose first line begins on a line of its own: an earlier process that was killed in the middle of one, or
 * had no room for the rest of it, has left a torn line in a file.
 */
export function appendLines(options: OutputOptions): Output {
  const output = new Output(options);
  if (isTorn(options.fd)) {
    output.write(NEWLINE, 0, 1);
    output.flush();
  }
  return output;
}

/** Whether a file ends in the middle of a line. It may be open for writing alone. */
export function isTorn(fd: number): boolean {
  const stat = fstatSync(fd);
  if (!stat.isFile() || stat.size === 0) return false;
  let reader: number;
  try {
    reader = openSync(`/proc/self/fd/${fd}`, 'r');
  } catch {
    return false;
  }
  try {
    const last = Uint8Array.of(0);
    return readSync(reader, last, 0, 1, stat.size - 1) === 1 && last[0] !== NEWLINE[0];
  } finally {
    closeSync(reader);
  }
}
