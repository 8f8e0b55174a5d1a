import { constants, fstatSync, openSync, statSync, type Stats } from 'node:fs';
import { isatty } from 'node:tty';

/** What stands behind a descriptor. A directory and a block device count as `file`; reading a directory says EISDIR. */
export type Kind = 'file' | 'pipe' | 'socket' | 'terminal' | 'device';

/** Throws where `fd` is not open. */
export function kindOf(fd: number): Kind {
  const stat = fstatSync(fd);
  if (stat.isFIFO()) return 'pipe';
  if (stat.isSocket()) return 'socket';
  if (stat.isCharacterDevice()) return !isNull(stat) && isatty(fd) ? 'terminal' : 'device';
  return 'file';
}

/** The one device that is often met: to ask whether it is a terminal would load `node:tty`, 2 ms of the start, and for its name `node:os`. */
function isNull({ rdev }: Stats): boolean {
  return statSync('/dev/null', { throwIfNoEntry: false })?.rdev === rdev;
}

/**
 * A second, non-blocking description of the pipe behind `fd`, for the caller to close.
 * O_NONBLOCK belongs to the description, and that of a stdin or stdout is shared with whoever
 * started us. Undefined where it cannot be had: no /proc, a pipe of another user, or
 * nobody at its other end.
 */
export function privatePipe(fd: number, access: 'read' | 'write'): number | undefined {
  const flags = (access === 'read' ? constants.O_RDONLY : constants.O_WRONLY) | constants.O_NONBLOCK;
  try {
    return openSync(`/proc/self/fd/${fd}`, flags);
  } catch {
    return undefined;
  }
}
