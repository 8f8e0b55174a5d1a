import { closeSync, constants, fdatasync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { codeOf, fault } from '../fault.ts';
import { Output, type OutputOptions } from './output.ts';

export const NEWLINE = Uint8Array.of(0x0a);

const TO_FIFO = constants.O_WRONLY | constants.O_APPEND | constants.O_NONBLOCK;

/**
 * Opens a file to be appended to; creates it where it is not there. Undefined: it is a FIFO that nobody reads yet, for which
 * a plain open would wait. Throws.
 */
export function openAppended(path: string, mode = 0o640): number | undefined {
  try {
    if (statSync(path, { throwIfNoEntry: false })?.isFIFO() !== true) return openSync(path, 'a', mode);
    try {
      return openSync(path, TO_FIFO);
    } catch (error) {
      if (codeOf(error) === 'ENXIO') return undefined;
      throw error;
    }
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

/** Has the data of a file survive a loss of power. */
export function syncData(fd: number): Promise<void> {
  return new Promise((resolve, reject) => {
    fdatasync(fd, (error) => (error === null || error.code === 'EINVAL' ? resolve() : reject(error)));
  });
}
