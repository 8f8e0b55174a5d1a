import { closeSync, openSync, readSync } from 'node:fs';
import { fault } from './fault.ts';

const LF = 0x0a;
const CHUNK = 1024 * 1024;

/** Lines of a file by number, from one, both bounds included, without their newlines; fewer, if the file ends before. Reads no further. Throws. */
export function readLines(path: string, first: number, last: number): readonly Buffer[] {
  const lines: Buffer[] = [];
  let fd: number | undefined;
  try {
    fd = openSync(path, 'r');
    const chunk = Buffer.allocUnsafe(CHUNK);
    let number = 1;
    let parts: Buffer[] = [];
    const finish = (): void => {
      if (number >= first && number <= last) lines.push(Buffer.concat(parts));
      parts = [];
      number += 1;
    };
    for (let read = readSync(fd, chunk); read > 0 && number <= last; read = readSync(fd, chunk)) {
      let at = 0;
      for (let newline = chunk.indexOf(LF); newline !== -1 && newline < read; newline = chunk.indexOf(LF, at)) {
        if (number >= first) parts.push(Buffer.from(chunk.subarray(at, newline)));
        finish();
        at = newline + 1;
      }
      if (at < read && number >= first && number <= last) parts.push(Buffer.from(chunk.subarray(at, read)));
    }
    if (parts.length > 0) finish();
    return lines;
  } catch (error) {
    throw fault(path, 'read', error);
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}
