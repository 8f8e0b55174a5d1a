import { randomBytes } from 'node:crypto';
import { closeSync, constants, fstatSync, futimes, openSync, readFileSync, statSync, unlinkSync, writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Now } from '../clock.ts';
import { codeOf, fault } from '../fault.ts';
import { fateOf, ownIdentity, type ProcessIdentity } from '../process-identity.ts';

/** ms between two signs of life, which those need who cannot see the process: it is in another container. */
const BEAT = 1_000;
/** ms without a sign of life after which such a process counts as dead. */
const SILENT = 5_000;
/** ms between two looks at the lock of another process. */
const LOOK = 100;
/** A longer file is none of ours. */
const MOST_BYTES = 4096;

/** `relevel lock`, then JSON on one line. */
const HEADER = 'relevel lock ';

interface Found {
  /** `undefined` while it is being written, or if who wrote it was killed in the middle. */
  readonly holder: ProcessIdentity | undefined;
  /** Tells this lock from those at the same path before and after it. */
  readonly token: string;
  /** ms since 1970. */
  readonly beatAt: number;
}

export interface LockOptions {
  /** Of the lock itself. */
  readonly path: string;
  readonly now: Now;
  /** ms to wait for a process that has it. */
  readonly patience: number;
  /** Ends the waiting. */
  readonly signal: AbortSignal;
  /** Another process has it from now on, though we never let go of it: somebody removed it, or we stood still for long. */
  readonly onLost: () => void;
}

export type Locking =
  | { readonly kind: 'locked'; readonly lock: CheckpointLock }
  /** By a process that is alive. */
  | { readonly kind: 'held'; readonly pid: number | undefined }
  /** Something else is in the place of the lock. */
  | { readonly kind: 'foreign' }
  | { readonly kind: 'aborted' };

/**
 * Takes a lock that one living process has at a time. It is a file: Node has no call for the kernel's locks. So who takes it
 * must know whether the process that left it is alive: by its id and start time, or, if it counts in another
 * namespace, by its signs of life. Throws if the file cannot be made.
 */
export async function takeLock({ path, now, patience, signal, onLost }: LockOptions): Promise<Locking> {
  const own = ownIdentity();
  const watch = new Watch(own, now);
  const until = now() + patience;
  for (;;) {
    if (signal.aborted) return { kind: 'aborted' };
    const fd = create(path, own);
    if (fd !== undefined) return { kind: 'locked', lock: new CheckpointLock(path, { fd, own, now, onLost }) };
    const found = read(path);
    if (found === 'foreign') return { kind: 'foreign' };
    if (found === 'none') continue;
    const fate = watch.fateOf(found);
    if (fate === 'dead') removeDead(path, found, { own, now });
    else if (fate === 'alive' && now() >= until) return { kind: 'held', pid: found.holder?.pid };
    // A lock that was removed is free at once, unless somebody else takes it or is about to remove it, too.
    await sleep(fate === 'dead' ? 1 : LOOK, undefined, { signal }).catch(() => {});
  }
}

/** A lock that we have. */
export class CheckpointLock {
  readonly #path: string;
  readonly #own: ProcessIdentity;
  readonly #timer: NodeJS.Timeout;
  #fd: number;
  #isReleased = false;

  constructor(
    path: string,
    { fd, own, now, onLost }: Pick<LockOptions, 'now' | 'onLost'> & { fd: number; own: ProcessIdentity },
  ) {
    this.#path = path;
    this.#fd = fd;
    this.#own = own;
    this.#timer = setInterval(() => {
      if (!this.isOurs()) {
        clearInterval(this.#timer);
        return onLost();
      }
      const at = new Date(now());
      futimes(this.#fd, at, at, () => {}); // a disk that refuses this refuses the checkpoint, too, and that is reported
    }, BEAT).unref();
  }

  /** If it was removed and nobody has it, it is made again. */
  isOurs(): boolean {
    try {
      const [named, ours] = [statSync(this.#path), fstatSync(this.#fd)];
      return named.ino === ours.ino && named.dev === ours.dev;
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') return true;
    }
    try {
      const fd = create(this.#path, this.#own);
      if (fd === undefined) return false;
      closeSync(this.#fd);
      this.#fd = fd;
    } catch {
      // Nobody else can make one either.
    }
    return true;
  }

  /** Once is enough. */
  release(): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    clearInterval(this.#timer);
    try {
      if (this.isOurs()) unlinkSync(this.#path);
    } catch {
      // The next one finds that this process is dead.
    }
    closeSync(this.#fd);
  }
}

/** Remembers since when a process whose fate cannot be seen has given no sign of life. */
class Watch {
  readonly #own: ProcessIdentity;
  readonly #now: Now;
  #seen: { readonly found: Found; readonly since: number } | undefined;
  #beats = false;

  constructor(own: ProcessIdentity, now: Now) {
    this.#own = own;
    this.#now = now;
  }

  /** `unknown`: it takes longer to tell. */
  fateOf(found: Found): 'alive' | 'dead' | 'unknown' {
    const fate = found.holder === undefined ? 'unknown' : fateOf(found.holder, this.#own);
    if (fate !== 'unknown') return fate;
    const at = this.#now();
    const before = this.#seen;
    const isSame = before?.found.token === found.token && before.found.beatAt === found.beatAt;
    if (before === undefined && isSilent(found, this.#own, at)) return 'dead';
    if (before !== undefined && !isSame) this.#beats = before.found.token === found.token;
    if (before === undefined || !isSame) this.#seen = { found, since: at };
    else if (at - before.since >= SILENT) return 'dead';
    return this.#beats ? 'alive' : 'unknown';
  }
}

/** Whether its last sign of life is old already. That only a process of this host can say: clocks of others differ. */
const isSilent = ({ holder, beatAt }: Found, own: ProcessIdentity, at: number): boolean =>
  holder !== undefined && own.boot !== '' && holder.boot === own.boot && at - beatAt >= SILENT;

/**
 * Removes the lock of a dead process. Of those who find it dead, one may: who makes a lock named after it. Else the second
 * would remove the lock that the first has taken by then.
 */
function removeDead(path: string, dead: Found, { own, now }: { own: ProcessIdentity; now: Now }): void {
  const guard = `${path}.${dead.token}`;
  const fd = create(guard, own);
  if (fd === undefined) {
    const other = read(guard);
    if (typeof other !== 'object') return;
    const fate = other.holder === undefined ? 'unknown' : fateOf(other.holder, own);
    if (fate === 'dead' || (fate === 'unknown' && now() - other.beatAt >= SILENT)) removeDead(guard, other, { own, now });
    return;
  }
  try {
    const found = read(path);
    if (typeof found === 'object' && found.token === dead.token) unlinkSync(path);
  } finally {
    closeSync(fd);
    unlinkSync(guard);
  }
}

/** `undefined` if there is one. */
function create(path: string, own: ProcessIdentity): number | undefined {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o600);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return undefined;
    throw fault(path, 'lock', error);
  }
  try {
    writeSync(fd, `${HEADER}${JSON.stringify({ ...own, token: randomBytes(8).toString('hex') })}\n`);
  } catch (error) {
    closeSync(fd);
    unlinkSync(path);
    throw fault(path, 'lock', error);
  }
  return fd;
}

function read(path: string): Found | 'none' | 'foreign' {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT') return 'none';
    if (code === 'ELOOP' || code === 'ENXIO') return 'foreign';
    throw fault(path, 'lock', error);
  }
  try {
    const stat = fstatSync(fd);
    if (!stat.isFile() || stat.size > MOST_BYTES) return 'foreign';
    const text = readFileSync(fd, 'utf8');
    if (!text.startsWith(HEADER) && !HEADER.startsWith(text)) return 'foreign';
    const { holder, token } = parse(text.slice(HEADER.length)) ?? { holder: undefined, token: `torn-${stat.ino}` };
    return { holder, token, beatAt: stat.mtimeMs };
  } finally {
    closeSync(fd);
  }
}

function parse(text: string): Pick<Found, 'holder' | 'token'> | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { pid, boot, namespace, startTime, token }: { [Key in keyof ProcessIdentity | 'token']?: unknown } = value;
  const isToken = typeof token === 'string' && /^[\da-f]{16}$/u.test(token); // it becomes part of a path
  if (!isToken || !Number.isSafeInteger(pid) || typeof pid !== 'number' || pid <= 0) return undefined;
  if (typeof boot !== 'string' || typeof namespace !== 'string' || typeof startTime !== 'string') return undefined;
  return { holder: { pid, boot, namespace, startTime }, token };
}
