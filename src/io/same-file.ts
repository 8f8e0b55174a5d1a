import { fstatSync, readFileSync, statSync, type BigIntStats } from 'node:fs';
import { resolve } from 'node:path';

/** What a path or a descriptor stands for. Undefined: nothing is there, or it may not be looked at. */
export function statOf(file: string | number): BigIntStats | undefined {
  try {
    return typeof file === 'number' ? fstatSync(file, { bigint: true }) : statSync(file, { bigint: true, throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

export const isSameFile = (one: BigIntStats | undefined, other: BigIntStats | undefined): boolean =>
  one !== undefined && other !== undefined && one.dev === other.dev && one.ino === other.ino;

/** Whether two files are one regular file, or will be as soon as they are created. */
export function isOneFile(one: string | number, other: string | number): boolean {
  const [stat, otherStat] = [statOf(one), statOf(other)];
  if (stat === undefined && otherStat === undefined)
    return typeof one === 'string' && typeof other === 'string' && resolve(one) === resolve(other);
  return stat?.isFile() === true && isSameFile(stat, otherStat);
}

/** A file that is read, and one that is written, under the names by which messages call them. */
export interface NamedFile {
  readonly name: string;
  /** A path, or a descriptor. */
  readonly file: string | number;
}

/**
 * The first input that is also an output, and would never end: we would read what we write. Only regular files can be both. One
 * input that is empty, or was read to its end, is harmless, as it is to cat(1): nothing of it comes out.
 */
export function findLoop(
  inputs: readonly NamedFile[],
  outputs: readonly NamedFile[],
): { readonly input: string; readonly output: string } | undefined {
  const written = outputs.map(({ name, file }) => ({ name, stat: statOf(file) })).filter(({ stat }) => stat?.isFile() === true);
  if (written.length === 0) return undefined;
  let isAllEmpty = true; // what an earlier input holds may be in a file by the time that its turn comes
  for (const { name, file } of inputs) {
    const stat = statOf(file);
    if (stat?.isFile() !== true || stat.size > positionOf(file)) isAllEmpty = false;
    const same = written.find((output) => isSameFile(output.stat, stat));
    if (same !== undefined && !isAllEmpty) return { input: name, output: same.name };
  }
  return undefined;
}

/** How far a descriptor has been read, and how it is open; proc_pid_fdinfo(5). */
export function openingOf(fd: number): { readonly position: bigint; readonly isReadOnly: boolean } | undefined {
  try {
    const text = readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1');
    const [, position] = /^pos:\s*(\d+)/mu.exec(text)!;
    const [, flags] = /^flags:\s*([0-7]+)/mu.exec(text)!;
    return { position: BigInt(position!), isReadOnly: (Number.parseInt(flags!, 8) & 0o3) === 0 };
  } catch {
    return undefined;
  }
}

const positionOf = (file: string | number): bigint => (typeof file === 'number' ? (openingOf(file)?.position ?? 0n) : 0n);
