import { fstatSync, lstatSync, readlinkSync, type Stats } from 'node:fs';
import { resolve } from 'node:path';
import { isAbsence } from './file.ts';
import { plantedLink, wayOf, type ForeignLink } from '../trusted-path.ts';

/** Tells of a link that is not followed. */
export type OnPlanted = (path: string, link: ForeignLink) => void;

/** Whether a link on the way to a path may have been planted, as far as that can be seen without opening it. */
export function isPlanted(path: string, onPlanted: OnPlanted): boolean {
  try {
    const way = wayOf(path);
    const link = way.foreign.length === 0 ? undefined : plantedLink(way, lstatSync(way.real));
    if (link !== undefined) onPlanted(path, link);
    return link !== undefined;
  } catch (error) {
    if (error instanceof Error && 'syscall' in error) return false;
    throw error;
  }
}

/**
 * Whether an open file may be read under a path: no link on the way to it may have been planted. What is judged is the file that was
 * opened, by the name that the kernel has for it: whoever swaps names between two of our calls gains nothing.
 */
export function isTrusted(path: string, fd: number, onPlanted: OnPlanted): boolean {
  const opened = fstatSync(fd);
  const name = nameOf(fd);
  if (name === resolve(path)) return true;
  try {
    const way = wayOf(path);
    const isIt = name === undefined ? isSame(lstatSync(way.real), opened) : name === way.real;
    // It was renamed or replaced meanwhile: the next look will find what is there then.
    if (!isIt) return false;
    const link = plantedLink(way, opened);
    if (link !== undefined) onPlanted(path, link);
    return link === undefined;
  } catch (error) {
    if (isAbsence(error)) return false;
    throw error;
  }
}

/** The name of an open file as the kernel has it now; `undefined` without /proc, and if it lies where no path of ours leads. */
function nameOf(fd: number): string | undefined {
  try {
    const name = readlinkSync(`/proc/self/fd/${fd}`);
    return name.startsWith('/') ? name : undefined;
  } catch {
    return undefined;
  }
}

const isSame = (one: Stats, other: Stats): boolean => one.dev === other.dev && one.ino === other.ino;
