import { statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { fileIdentity } from './file-identity.ts';
import { lookAt } from './follow/file.ts';
import { rotatedNameOf } from './follow/rotated.ts';

/** A file that this process writes. What it writes there must not come in again: that would go round until the disk is full. */
export interface OwnFile {
  readonly role: 'output' | 'archive' | 'shadow log' | 'checkpoint';
  /** Its path, or the descriptor of one that was opened for us. */
  readonly at: string | number;
}

/** Files set aside, the one that is written before it takes the checkpoint's name, and the lock with the one by which a dead lock is removed. */
const BESIDE_CHECKPOINT = /^\.(?:new|lock(?:\..+)?|unusable(?:-\d+)?)$/u;

/**
 * Knows the files that this process writes: by device and inode, whatever they are called, and by their names, as some are only
 * made later, and others take names that rotations give.
 */
export class OwnFiles {
  readonly #files: readonly OwnFile[];
  /** By device and inode: also outputs that were rotated meanwhile. */
  readonly #written = new Map<string, OwnFile['role']>();
  /** What each was when it was last looked at, as followed files are known. */
  readonly #ids = new Map<OwnFile, string>();

  constructor(files: readonly OwnFile[]) {
    this.#files = files;
    this.refresh(new Map());
  }

  /** Notes what they are now, also in `open`, the files that are taken. To be called before files are looked for: ours may be replaced. */
  refresh(open: Map<string, unknown>): void {
    for (const file of this.#files) {
      const { role, at } = file;
      const identity = fileIdentity(at);
      const id = idOf(at);
      const before = this.#ids.get(file);
      // A checkpoint is a new file each time, and its old inode may soon be another program's.
      if (role === 'checkpoint' && before !== id) {
        for (const [old, of] of this.#written) if (of === role) this.#written.delete(old);
        if (before !== undefined && open.get(before) === 'own') open.delete(before);
      }
      if (identity === undefined || id === undefined) continue;
      if (!this.#written.has(identity)) this.#written.set(identity, role);
      this.#ids.set(file, id);
      open.set(id, 'own');
    }
  }

  /** What a path is of ours; `undefined`: nothing. */
  roleOf(path: string): OwnFile['role'] | undefined {
    const identity = fileIdentity(path);
    const role = identity === undefined ? undefined : this.#written.get(identity);
    return role ?? this.#files.find((file) => isNamedSo(path, file))?.role;
  }
}

function idOf(at: string | number): string | undefined {
  try {
    return lookAt(typeof at === 'number' ? `/proc/self/fd/${at}` : at)?.id;
  } catch {
    return undefined;
  }
}

function isNamedSo(path: string, { role, at }: OwnFile): boolean {
  if (typeof at === 'number') return false;
  const [own, other] = [basename(at), basename(path)];
  const isOne =
    other === own ||
    (role === 'checkpoint'
      ? other.startsWith(own) && BESIDE_CHECKPOINT.test(other.slice(own.length))
      : rotatedNameOf(own)(other));
  return isOne && isSameFolder(dirname(at), dirname(path));
}

function isSameFolder(a: string, b: string): boolean {
  if (a === b) return true;
  try {
    const [one, other] = [statSync(a, { bigint: true }), statSync(b, { bigint: true })];
    return one.dev === other.dev && one.ino === other.ino;
  } catch {
    return false;
  }
}
