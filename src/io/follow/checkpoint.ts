import { createHash } from 'node:crypto';
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readFileSync,
  readlinkSync,
  readSync,
  realpathSync,
  renameSync,
  type Stats,
} from 'node:fs';
import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { isGroupState, type GroupState } from '../../engine/memory/carry.ts';
import { codeOf, fault } from '../fault.ts';
import type { Place } from './file.ts';
import type { PathPlaces } from './path.ts';

/** `relevel checkpoint 1 <SHA-256 of what follows>`, then JSON on one line. */
const HEADER = /^relevel checkpoint (\d+) ([\da-f]{64})\n/u;
const BEGINNING = 'relevel checkpoint ';
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
  /** It bears our header, and cannot be gone on from: `why`, in words. */
  | { readonly kind: 'unusable'; readonly why: string }
  /** It is somebody else's, and not to be touched: what it is, in words. */
  | { readonly kind: 'foreign'; readonly what: string };

/** As many links as the kernel follows; path_resolution(7). */
const MOST_LINKS = 40;

/** The path of the file that a path of a checkpoint stands for: links are followed, also one that leads to nothing yet. Throws. */
export function checkpointFile(path: string): string {
  let file = path;
  try {
    for (let links = 0; lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink() === true; links += 1) {
      if (links === MOST_LINKS) throw new Error('too many links');
      file = resolve(realpathSync(dirname(file)), readlinkSync(file));
    }
  } catch (error) {
    throw fault(path, 'read', error);
  }
  return file;
}

/** Reads a checkpoint, at a path that is no link. Throws where the file is there and cannot be read. */
export function readCheckpoint(path: string): CheckpointRead {
  let text: string;
  try {
    const what = foreignKind(lstatSync(path));
    if (what !== undefined) return { kind: 'foreign', what };
    const fd = openSync(path, FOR_READING);
    try {
      const owner = ownerOf(fd);
      if (owner === 'nobody') return { kind: 'none' };
      if (owner === 'other') return { kind: 'foreign', what: 'a file of something else' };
      text = readFileSync(fd, 'utf8');
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return { kind: 'none' };
    throw fault(path, 'read', error);
  }
  const [header, version, sha256] = HEADER.exec(text) ?? [];
  if (header === undefined) return { kind: 'unusable', why: 'is a damaged checkpoint' };
  if (Number(version) !== VERSION)
    return { kind: 'unusable', why: `is a checkpoint of version ${version}; this relevel knows version ${VERSION}` };
  const body = text.slice(header.length);
  const checkpoint = hashOf(body) === sha256 ? parse(body) : undefined;
  return checkpoint === undefined ? { kind: 'unusable', why: 'is a damaged checkpoint' } : { kind: 'read', checkpoint };
}

/** What came in the place of a file since it was looked at is not waited for, nor followed. */
const FOR_READING = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** What stands there that is no regular file. */
function foreignKind(stat: Stats): string | undefined {
  if (stat.isFile()) return undefined;
  if (stat.isDirectory()) return 'a directory';
  if (stat.isSymbolicLink()) return 'a link';
  if (stat.isFIFO()) return 'a named pipe';
  return stat.isSocket() ? 'a socket' : 'a device';
}

/** Whose an open file is, by its first bytes: nobody's, if it is empty. */
function ownerOf(fd: number): 'relevel' | 'other' | 'nobody' {
  if (!fstatSync(fd).isFile()) return 'other';
  const bytes = Buffer.alloc(BEGINNING.length);
  const begins = bytes.toString('latin1', 0, readSync(fd, bytes, 0, bytes.length, 0));
  return begins === '' ? 'nobody' : BEGINNING.startsWith(begins) ? 'relevel' : 'other';
}

/** Puts an unusable checkpoint where the next one does not overwrite it: it may be somebody's, and so may what was put aside before. The new path. Throws. */
export function setAside(path: string): string {
  let aside = `${path}.unusable`;
  for (let count = 2; lstatSync(aside, { throwIfNoEntry: false }) !== undefined; count += 1) aside = `${path}.unusable-${count}`;
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
  let isMade = false;
  try {
    const file = await openNew(temporary);
    isMade = true;
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
    if (isMade) await rm(temporary, { force: true }).catch(() => {});
    else if (codeOf(error) === 'EEXIST')
      throw new Error(`${path}: cannot write the checkpoint: ${temporary} is in the way, and is not of relevel`, {
        cause: error,
      });
    throw fault(path, 'write the checkpoint', error);
  }
}

/** For its owner alone: it holds lines. One that a kill left is removed first; what is somebody else's is left alone, and refused. */
async function openNew(path: string): Promise<FileHandle> {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  try {
    return await open(path, flags, 0o600);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST' || !isLeftover(path)) throw error;
  }
  await rm(path, { force: true });
  return open(path, flags, 0o600);
}

function isLeftover(path: string): boolean {
  if (foreignKind(lstatSync(path)) !== undefined) return false;
  const fd = openSync(path, FOR_READING);
  try {
    return ownerOf(fd) !== 'other';
  } finally {
    closeSync(fd);
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
  const { path, files, seen, lookedAt, folder, isHoled, cut, groups } = fieldsOf<CheckpointPath>(value);
  return (
    typeof path === 'string' &&
    ['number', 'undefined'].includes(typeof lookedAt) &&
    ['string', 'undefined'].includes(typeof folder) &&
    ['boolean', 'undefined'].includes(typeof isHoled) &&
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
