import { readFileSync, readlinkSync } from 'node:fs';
import { codeOf } from './fault.ts';

/** What tells one process from every other: an id alone is given anew, and in a container it is mostly 1. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Of the kernel since its start; empty if the system does not say. */
  readonly boot: string;
  /** In which the id counts; empty if the system does not say. */
  readonly namespace: string;
  /** Ticks from the kernel's start to the process's; proc(5), `starttime`. */
  readonly startTime: string;
}

export function ownIdentity(): ProcessIdentity {
  const { pid } = process;
  const boot = attempt(() => readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim());
  const namespace = attempt(() => readlinkSync('/proc/self/ns/pid'));
  return { pid, boot, namespace, startTime: statOf('self')?.startTime ?? '' };
}

/** Whether a process is there still. `unknown`: it counts in another namespace or was of another start of a system, or the system does not say. */
export function fateOf(process: ProcessIdentity, own: ProcessIdentity): 'alive' | 'dead' | 'unknown' {
  const isNear = own.boot !== '' && own.namespace !== '' && process.boot === own.boot && process.namespace === own.namespace;
  if (!isNear) return 'unknown';
  if (!isThere(process.pid)) return 'dead';
  const found = statOf(process.pid);
  if (found === undefined) return 'unknown'; // hidden, as by ProtectProc=
  return found.startTime === process.startTime && !found.isZombie ? 'alive' : 'dead';
}

/** Also if it is another user's. */
function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) !== 'ESRCH';
  }
}

/** Of `/proc/<pid>/stat`: `pid (name) state ppid … starttime …`; a name may hold blanks and parentheses. */
function statOf(pid: number | 'self'): { readonly isZombie: boolean; readonly startTime: string } | undefined {
  const text = attempt(() => readFileSync(`/proc/${pid}/stat`, 'latin1'));
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state, startTime] = [fields[0] ?? '', fields[19] ?? ''];
  return startTime === '' ? undefined : { isZombie: 'ZXx'.includes(state), startTime };
}

function attempt(step: () => string): string {
  try {
    return step();
  } catch {
    return '';
  }
}
