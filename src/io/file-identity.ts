import { fstatSync, statSync } from 'node:fs';

/**
 * Device and inode of a regular file, by its path or an open descriptor: two that are equal are one file, whatever its names.
 * `undefined` for everything else, and for what cannot be looked at: a pipe that is an input and an output does not loop.
 */
export function fileIdentity(of: string | number): string | undefined {
  try {
    const stat = typeof of === 'number' ? fstatSync(of, { bigint: true }) : statSync(of, { bigint: true });
    return stat.isFile() ? `${stat.dev}:${stat.ino}` : undefined;
  } catch {
    return undefined;
  }
}
