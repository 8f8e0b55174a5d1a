import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isGroupState, type GroupState } from '../engine/carry.ts';
import { codeOf, fault } from './fault.ts';
import type { Place } from './follow-file.ts';
import type { PathPlaces } from './follow-path.ts';

/** `relevel checkpoint 1 <SHA-256 of what follows>`, then JSON on one line. */
const HEADER = /^relevel checkpoint (\d+) ([\da-f]{64})\n/u;
const VERSION = 1;

/** What is kept of one path. */
export interface CheckpointPath extends PathPlaces {
  readonly path: string;
  /** Streams of a container that are in the middle of a line which leaves as it comes. */
  readonly cut: readonly ('stdout' | 'stderr')[];
  readonly groups: readonly GroupState[];
}

/** Where all that is followed stands. */
export interface Checkpoint {
  /** ms since 1970 */
  readonly writtenAt: number;
  /** When files were last searched for, ms since 1970: what was made later and is not among `paths` is new. */
  readonly searchedAt: number;
  readonly paths: readonly CheckpointPath[];
}

export type CheckpointRead =
  | { readonly kind: 'none' }
  | { readonly kind: 'read'; readonly checkpoint: Checkpoint }
  /** It cannot be gone on from: `why`, in words. */
  | { readonly kind: 'unusable'; readonly why: string };

/** Reads a checkpoint. Throws where the file is there and cannot be read. */
export function readCheckpoint(path: string): CheckpointRead {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return { kind: 'none' };
    throw fault(path, 'read', error);
  }
  const [header, version, sha256] = HEADER.exec(text) ?? [];
  if (header === undefined) return { kind: 'unusable', why: 'is no checkpoint of relevel' };
  if (Number(version) !== VERSION)
    return { kind: 'unusable', why: `is a checkpoint of version ${version}; this relevel knows version ${VERSION}` };
  const body = text.slice(header.length);
  const checkpoint = hashOf(body) === sha256 ? parse(body) : undefined;
  return checkpoint === undefined ? { kind: 'unusable', why: 'is a damaged checkpoint' } : { kind: 'read', checkpoint };
}

/** Puts an unusable checkpoint where the next one does not overwrite it: it may be somebody's, and so may what was put aside before. The new path. Throws. */
export function setAside(path: string): string {
  let aside = `${path}.unusable`;
  for (let count = 2; existsSync(aside); count += 1) aside = `${path}.unusable-${count}`;
  try {
    renameSync(path, aside);
  } catch (error) {
    throw fault(path, 'set aside', error);
  }
  return aside;
}

/** Writes it so that at every instant the old one or the new one is there, whole, also after a loss of power. Throws. */
export async function writeCheckpoint(path: string, checkpoint: Checkpoint): Promise<void> {
  const body = `${JSON.stringify(checkpoint)}\n`;
  const temporary = `${path}.new`;
  try {
    // For its owner alone: it holds lines.
    const file = await open(temporary, 'w', 0o600);
    try {
      await file.writeFile(`relevel checkpoint ${VERSION} ${hashOf(body)}\n${body}`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    const folder = await open(dirname(path), 'r');
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw fault(path, 'write the checkpoint', error);
  }
}

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Of the right shape, or `undefined`: what another program hashed rightly may still be nonsense. */
function parse(body: string): Checkpoint | undefined {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return undefined;
  }
  return isCheckpoint(value) ? value : undefined;
}

function isCheckpoint(value: unknown): value is Checkpoint {
  const { writtenAt, searchedAt, paths } = fieldsOf<Checkpoint>(value);
  return typeof writtenAt === 'number' && typeof searchedAt === 'number' && Array.isArray(paths) && paths.every(isPath);
}

function isPath(value: unknown): boolean {
  const { path, files, seen, cut, groups } = fieldsOf<CheckpointPath>(value);
  return (
    typeof path === 'string' &&
    Array.isArray(files) &&
    files.every(isPlace) &&
    Array.isArray(seen) &&
    seen.every((id) => typeof id === 'string') &&
    Array.isArray(cut) &&
    cut.every((stream) => stream === 'stdout' || stream === 'stderr') &&
    Array.isArray(groups) &&
    groups.every(isGroupState)
  );
}

function isPlace(value: unknown): boolean {
  const { id, head, offset, tail, size } = fieldsOf<Place>(value);
  const { length, sha256 } = fieldsOf<Place['head']>(head);
  return (
    [id, tail, sha256].every((text) => typeof text === 'string') &&
    [offset, length, size].every((number) => typeof number === 'number' && Number.isSafeInteger(number) && number >= 0)
  );
}

/** The fields of what may be an object of this shape, each still to be looked at. */
function fieldsOf<Shape>(value: unknown): Partial<Record<keyof Shape, unknown>> {
  return typeof value === 'object' && value !== null ? value : {};
}
