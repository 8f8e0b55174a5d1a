import { fstatSync, statSync } from 'node:fs';
import type { PumpInput } from '../io/pump.ts';

/** The inputs that words name: files, `-` for stdin, and stdin where there is none. */
export function inputsOf(words: readonly string[], stdin: number): readonly PumpInput[] {
  const standard = { name: 'stdin', fd: stdin };
  if (words.length === 0) return [standard];
  return words.map((word) => (word === '-' ? standard : { name: word, fd: undefined }));
}

/** Lines of files have been written: they tell the time themselves. A file that is not there has no say. */
export function clockFor(inputs: readonly PumpInput[]): 'live' | 'replay' {
  return inputs.every(isFile) ? 'replay' : 'live';
}

function isFile({ name, fd }: PumpInput): boolean {
  if (fd !== undefined) return fstatSync(fd).isFile();
  try {
    return statSync(name).isFile();
  } catch {
    return true;
  }
}
