import {
  accessSync,
  constants as modes,
  existsSync,
  openSync,
  closeSync,
  readFileSync,
  readSync,
  readlinkSync,
  statSync,
} from 'node:fs';
import { constants } from 'node:os';
import { basename, delimiter, join } from 'node:path';

/** What a child is to start with, where Node would have it start with something else. */
export interface Inheritance {
  /** Numbers of the signals that it ignores. */
  readonly ignored: readonly number[];
  /** Its soft limit of open files; undefined: as ours. */
  readonly openFiles: number | undefined;
}

const { SIGQUIT, SIGPIPE, SIGTERM, SIGTSTP, SIGTTIN, SIGTTOU, SIGXFSZ, SIGKILL, SIGSTOP } = constants.signals;

/** Node resets the dispositions of these, and no others. */
const LAST_SIGNAL = 31;

/**
 * What our parent has, as far as /proc tells. Node has changed our own before its first statement: it ignores no signal but
 * SIGPIPE and SIGXFSZ, gives its children the default of each, and raises the soft limit of open files to the hard one.
 */
export function inheritanceOf(parent: number): Inheritance {
  const [ignored, openFiles] = [ignoredBy(parent), openFilesOf(parent)];
  const ours = openFilesOf('self');
  return { ignored, openFiles: openFiles !== undefined && ours !== undefined && openFiles < ours ? openFiles : undefined };
}

function ignoredBy(parent: number): number[] {
  const mask = /^SigIgn:\s*([0-9a-f]+)$/mu.exec(read(`/proc/${parent}/status`) ?? '')?.[1];
  if (mask === undefined) return [];
  const bits = BigInt(`0x${mask}`);
  const all = Array.from({ length: LAST_SIGNAL }, (_, i) => i + 1).filter((n) => ((bits >> BigInt(n - 1)) & 1n) === 1n);
  const own = ownOf(parent, new Set(all));
  return all.filter((n) => !own.has(n) && n !== SIGKILL && n !== SIGSTOP);
}

/** What a parent ignores for itself alone, and would not have given us. */
function ownOf(parent: number, ignored: ReadonlySet<number>): ReadonlySet<number> {
  const program = programOf(parent);
  if (program === 'node' || program === basename(process.execPath)) return new Set([SIGPIPE, SIGXFSZ]);
  const stops = [SIGTSTP, SIGTTIN, SIGTTOU];
  // A shell with job control; tini ignores the last two.
  if (stops.every((n) => ignored.has(n))) return new Set([...stops, SIGTERM, SIGQUIT]);
  if (ignored.has(SIGTTIN) && ignored.has(SIGTTOU)) return new Set([SIGTTIN, SIGTTOU]);
  return new Set(program === 'bash' ? [SIGQUIT] : []);
}

function programOf(pid: number): string | undefined {
  try {
    return basename(readlinkSync(`/proc/${pid}/exe`));
  } catch {
    return read(`/proc/${pid}/comm`)?.trim(); // that of another user
  }
}

/** The soft limit. */
function openFilesOf(process: number | 'self'): number | undefined {
  const limit = /^Max open files\s+(\w+)/mu.exec(read(`/proc/${process}/limits`) ?? '')?.[1];
  return limit === undefined || limit === 'unlimited' ? undefined : Number(limit);
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return undefined;
  }
}

/** A command, and what runs it. */
export interface Started {
  readonly command: string;
  readonly args: readonly string[];
}

/**
 * A command that starts as it was asked for, in the same process: a shell, or coreutils' env and util-linux's prlimit, set what Node
 * cannot, and become it. Undefined: there is nothing by which it could be done. What cannot be run at all is returned as it is, so
 * that the system says why.
 */
export function startedWith(
  { command, args }: Started,
  { ignored, openFiles }: Inheritance,
  env: Readonly<Record<string, string | undefined>>,
): Started | undefined {
  const path = env['PATH'] ?? '/bin:/usr/bin';
  if ((ignored.length === 0 && openFiles === undefined) || !isRunnable(command, path)) return { command, args };
  if (isPlain(env) && existsSync('/bin/sh')) {
    const added = SHELLS_OWN.filter((name) => env[name] === undefined);
    const script = [
      added.length > 0 ? `unset ${added.join(' ')}` : ':',
      ignored.length > 0 ? `trap '' ${ignored.join(' ')}` : ':',
      openFiles === undefined ? ':' : `ulimit -S -n ${openFiles}`,
      'exec "$@"',
    ];
    return { command: '/bin/sh', args: ['-c', script.join('; '), 'relevel', command, ...args] };
  }
  const words: string[] = [];
  if (ignored.length > 0) {
    const tool = find('env', path);
    // That of busybox is a link, and knows no signals.
    if (tool === undefined || basename(readlinkOr(tool)) === 'busybox' || command.includes('=')) return undefined;
    words.push(tool, `--ignore-signal=${ignored.join(',')}`, '--');
  }
  if (openFiles !== undefined) {
    const tool = find('prlimit', path);
    if (tool === undefined) return undefined;
    words.push(tool, `--nofile=${openFiles}:`, '--');
  }
  return { command: words[0]!, args: [...words.slice(1), command, ...args] };
}

/** What a shell adds to the environment of what it runs. */
const SHELLS_OWN = ['PWD', 'OLDPWD', 'SHLVL'];

/** Whether a shell hands on an environment as it is: it drops names that are none of its own, and sets some itself. */
function isPlain(env: Readonly<Record<string, string | undefined>>): boolean {
  const own = ['IFS', 'OPTIND', 'PPID', 'SHELLOPTS', 'BASHOPTS', 'BASH_ENV', 'POSIXLY_CORRECT'];
  return Object.keys(env).every((name) => /^[A-Za-z_]\w*$/u.test(name) && !own.includes(name));
}

function isRunnable(command: string, path: string): boolean {
  const file = command.includes('/') ? command : find(command, path);
  return file !== undefined && isExecutable(file) && hasInterpreter(file);
}

const find = (name: string, path: string): string | undefined =>
  path
    .split(delimiter)
    .map((folder) => join(folder === '' ? '.' : folder, name))
    .find(isExecutable);

function isExecutable(file: string): boolean {
  try {
    accessSync(file, modes.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/** Of a script, whether what its first line names is there. */
function hasInterpreter(file: string): boolean {
  const head = Buffer.alloc(256);
  let length: number;
  try {
    const fd = openSync(file, 'r');
    length = readSync(fd, head);
    closeSync(fd);
  } catch {
    return true; // it may be run, and not be read
  }
  const [, interpreter] = /^#![ \t]*([^\s\0]+)/u.exec(head.toString('latin1', 0, length)) ?? [];
  return interpreter === undefined || isExecutable(interpreter);
}

function readlinkOr(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return path;
  }
}
