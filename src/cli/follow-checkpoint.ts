import { realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { checkpointFile, readCheckpoint, setAside, type Checkpoint } from '../io/follow/checkpoint.ts';
import { takeLock, type CheckpointLock } from '../io/follow/checkpoint-lock.ts';
import { detailsOf, type Diagnostics } from './diagnostics.ts';
import { FAILED, REFUSED, type Exit, type Host } from './host.ts';
import type { Settings } from './settings.ts';

export interface CheckpointAsked {
  /** As it was typed. */
  readonly path: string;
  readonly settings: Settings;
  readonly host: Host;
  readonly diagnostics: Diagnostics;
  /** Ends the waiting for another process. */
  readonly signal: AbortSignal;
  /** Another process has it from now on. */
  readonly onLost: () => void;
}

export type CheckpointClaimed =
  | { readonly kind: 'claimed'; readonly claim: CheckpointClaim }
  /** It cannot be used, and why has been said; or a signal came while it was waited for. */
  | { readonly kind: 'over'; readonly exit: Exit };

export interface CheckpointClaim {
  /** Links followed. */
  readonly path: string;
  /** Whether no other process has it. */
  readonly isOurs: () => boolean;
  /** Where an earlier process stood. What cannot be used is kept, and said. Throws. */
  readonly resume: () => Checkpoint | undefined;
  readonly release: () => void;
}

/** Claims a checkpoint for this process alone, before anything of it is read: until then its owner may still be writing. */
export async function claimCheckpoint(asked: CheckpointAsked): Promise<CheckpointClaimed> {
  const { diagnostics } = asked;
  try {
    const path = checkpointFile(asked.path);
    const problem = problemOf(path, asked.settings);
    if (problem !== undefined) {
      diagnostics.say('error', `--checkpoint: ${path} is ${problem}, which relevel does not replace; name another file`);
      return { kind: 'over', exit: REFUSED };
    }
    return await lockFor(path, asked);
  } catch (error) {
    if (!(error instanceof Error && error.cause !== undefined)) throw error;
    diagnostics.say('error', error.message, detailsOf(error));
    return { kind: 'over', exit: FAILED };
  }
}

/** What stands there that is no place for a checkpoint. */
function problemOf(path: string, { output, archive }: Settings): string | undefined {
  const read = readCheckpoint(path);
  if (read.kind === 'foreign') return read.what;
  if (output?.kind === 'file' && isSame(output.path, path)) return 'the output';
  return archive !== undefined && isSame(archive, path) ? 'the archive' : undefined;
}

/** Whether two paths stand for one file, also if it is still to be made. */
const isSame = (one: string, other: string): boolean => placeOf(one) === placeOf(other);

function placeOf(path: string): string {
  try {
    const file = checkpointFile(path);
    return join(realpathSync(dirname(file)), basename(file));
  } catch {
    return path;
  }
}

/** The paths of a checkpoint: as it was typed, and where links lead from there. */
export function namesOf(path: string): readonly string[] {
  try {
    return [...new Set([path, checkpointFile(path)])];
  } catch {
    return [path]; // what is wrong with it is said when it is claimed
  }
}

async function lockFor(path: string, asked: CheckpointAsked): Promise<CheckpointClaimed> {
  const { settings, host, diagnostics, signal, onLost } = asked;
  let locking: Awaited<ReturnType<typeof takeLock>>;
  try {
    locking = await takeLock({ path: `${path}.lock`, now: host.now, patience: settings.grace, signal, onLost });
  } catch (error) {
    if (!(error instanceof Error && error.cause !== undefined)) throw error;
    // The lines matter more than to know who else reads them; a checkpoint is most likely not written there either.
    diagnostics.say('warn', `${error.message}; a second relevel with this checkpoint would go unnoticed`, detailsOf(error));
    return { kind: 'claimed', claim: claimOf(path, undefined, diagnostics) };
  }
  switch (locking.kind) {
    case 'locked':
      return { kind: 'claimed', claim: claimOf(path, locking.lock, diagnostics) };
    case 'aborted':
      return { kind: 'over', exit: { kind: 'done', unread: 0 } };
    case 'held': {
      const who = locking.pid === undefined ? 'another process' : `process ${locking.pid}`;
      diagnostics.say('error', `${path}: is in use by ${who}; each relevel needs a checkpoint of its own`);
      return { kind: 'over', exit: FAILED };
    }
    case 'foreign':
      diagnostics.say('error', `--checkpoint: ${path}.lock is not a lock of relevel, and stands in its place; name another file`);
      return { kind: 'over', exit: REFUSED };
  }
}

const claimOf = (path: string, lock: CheckpointLock | undefined, diagnostics: Diagnostics): CheckpointClaim => ({
  path,
  isOurs: () => lock?.isOurs() ?? true,
  resume: () => resumeFrom(path, diagnostics),
  release: () => lock?.release(),
});

function resumeFrom(path: string, diagnostics: Diagnostics): Checkpoint | undefined {
  const read = readCheckpoint(path);
  if (read.kind === 'read') return read.checkpoint;
  if (read.kind === 'unusable')
    diagnostics.say('warn', `${path}: ${read.why}; it is kept as ${setAside(path)}, and all files are read from the start`);
  return undefined;
}
