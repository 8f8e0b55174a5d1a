import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { takeLock, type CheckpointLock, type Locking, type LockOptions } from '../../../src/io/follow/checkpoint-lock.ts';
import { ownIdentity, type ProcessIdentity } from '../../../src/io/process-identity.ts';
import { scratch } from '../scratch.ts';

async function take(path: string, more: Partial<LockOptions> = {}): Promise<Locking> {
  const options = { now: Date.now, patience: 0, signal: new AbortController().signal, onLost: () => {}, ...more };
  const locking = await takeLock({ path, ...options });
  if (locking.kind === 'locked') onTestFinished(() => locking.lock.release());
  return locking;
}

const lockOf = (locking: Locking): CheckpointLock => {
  if (locking.kind !== 'locked') throw new Error(`it was not locked: ${locking.kind}`);
  return locking.lock;
};

const newPath = (): string => join(scratch(), 'checkpoint.lock');

/** A lock as another process would have left it. */
function left(holder: Partial<ProcessIdentity>, path = newPath()): string {
  writeFileSync(path, `relevel lock ${JSON.stringify({ ...ownIdentity(), token: '0123456789abcdef', ...holder })}\n`);
  return path;
}

/** A clock that runs faster than the real one. */
function fastClock(): () => number {
  const start = Date.now();
  return () => start + (Date.now() - start) * 50;
}

test('one has it at a time, and leaves nothing behind', async () => {
  const path = newPath();
  const lock = lockOf(await take(path));
  expect(await take(path)).toEqual({ kind: 'held', pid: process.pid });
  lock.release();
  expect(readdirSync(join(path, '..'))).toEqual([]);
  expect(lockOf(await take(path)).isOurs()).toBe(true);
});

test('a second one waits, and has it as soon as the first lets go', async () => {
  const path = newPath();
  const lock = lockOf(await take(path));
  const second = take(path, { patience: 60_000 });
  setTimeout(() => lock.release(), 150);
  expect((await second).kind).toBe('locked');
});

test('waiting ends when it is told to', async () => {
  const path = newPath();
  await take(path);
  const waiting = new AbortController();
  const second = take(path, { patience: 60_000, signal: waiting.signal });
  setTimeout(() => waiting.abort(), 50);
  expect(await second).toEqual({ kind: 'aborted' });
});

const dead = (): number => spawnSync('true').pid;

test.each([
  ['a process that is gone', () => left({ pid: dead() })],
  ['a process whose id has been given anew', () => left({ startTime: '1' })],
  ['a process of this boot that has been silent for long', () => silent(left({ namespace: 'pid:[1]', pid: 1 }))],
])('the lock of %s is taken at once, and its guard is gone', async (_claim, make) => {
  const path = make();
  expect((await take(path)).kind).toBe('locked');
  expect(readdirSync(join(path, '..'))).toEqual(['checkpoint.lock']);
  expect(readFileSync(path, 'utf8')).not.toContain('0123456789abcdef');
});

test('the lock of a process that its parent has not buried yet is taken', async () => {
  const parent = spawn('sh', ['-c', 'sleep 0.1 & echo $!; exec sleep 60']);
  onTestFinished(() => void parent.kill('SIGKILL'));
  const [pid] = (await once(parent.stdout, 'data')) as [Buffer];
  const startTime = readFileSync(`/proc/${Number(pid)}/stat`, 'latin1').split(' ')[21]!;
  const path = left({ pid: Number(pid), startTime });
  expect((await take(path, { patience: 20_000 })).kind).toBe('locked');
});

function silent(path: string): string {
  utimesSync(path, new Date(0), new Date(0));
  return path;
}

// Of a process in another container, or of the last boot, its id says nothing.
const far: readonly Partial<ProcessIdentity>[] = [
  { namespace: 'pid:[1]', pid: 1 },
  { boot: 'another', pid: 1 },
  { boot: '', namespace: '' },
];

test.each(far)('the lock of a process elsewhere (%j) is taken when it gives no sign of life', async (holder) => {
  expect((await take(left(holder), { now: fastClock() })).kind).toBe('locked');
});

test.each(far)('the lock of a process elsewhere (%j) is not taken while it gives signs of life', async (holder) => {
  const path = left(holder);
  let beat = Date.now();
  const heart = setInterval(() => utimesSync(path, new Date((beat += 1_000)), new Date(beat)), 40);
  onTestFinished(() => clearInterval(heart));
  expect(await take(path, { now: fastClock(), patience: 20_000 })).toEqual({ kind: 'held', pid: holder.pid ?? process.pid });
});

test('one that was being written when its process was killed is taken, but not at once', async () => {
  const path = newPath();
  writeFileSync(path, 'relevel lo');
  const controller = new AbortController();
  const early = take(path, { signal: controller.signal });
  setTimeout(() => controller.abort(), 250);
  expect(await early).toEqual({ kind: 'aborted' });
  expect((await take(path, { now: fastClock() })).kind).toBe('locked');
});

test('of many who find a dead one, one takes it', async () => {
  const path = left({ pid: dead() });
  // One of them was killed while it removed it.
  left({ pid: dead() }, `${path}.0123456789abcdef`);
  const all = await Promise.all(Array.from({ length: 12 }, () => take(path)));
  expect(all.filter(({ kind }) => kind === 'locked')).toHaveLength(1);
  expect(all.filter(({ kind }) => kind === 'held')).toHaveLength(11);
  expect(readdirSync(join(path, '..'))).toEqual(['checkpoint.lock']);
});

const others: readonly [claim: string, make: (path: string) => void][] = [
  ['another file', (path) => writeFileSync(path, 'precious')],
  ['a longer file', (path) => writeFileSync(path, 'relevel lock '.repeat(1_000))],
  ['a folder', (path) => mkdirSync(path)],
  ['a pipe', (path) => spawnSync('mkfifo', [path])],
  ['a link', (path) => symlinkSync('/etc/passwd', path)],
  ['a link to nothing', (path) => symlinkSync('gone', path)],
];

test.each(others)('%s in its place stays', async (_claim, make) => {
  const path = newPath();
  make(path);
  expect(await take(path)).toEqual({ kind: 'foreign' });
  expect(readdirSync(join(path, '..'))).toEqual(['checkpoint.lock']);
});

test('one that somebody removed is made again, and one that another has by then is lost', async () => {
  const path = newPath();
  let lost = 0;
  const lock = lockOf(await take(path, { onLost: () => (lost += 1) }));
  unlinkSync(path);
  expect([lock.isOurs(), existsSync(path)]).toEqual([true, true]);
  unlinkSync(path);
  left({}, path);
  expect(lock.isOurs()).toBe(false);
  await expect.poll(() => lost, { timeout: 20_000 }).toBe(1);
  lock.release();
  expect(readFileSync(path, 'utf8')).toContain('0123456789abcdef');
});

test('it gives signs of life', async () => {
  const path = newPath();
  let now = 1_000_000;
  await take(path, { now: () => (now += 60_000) });
  const { mtimeMs } = statSync(path);
  await expect.poll(() => statSync(path).mtimeMs, { timeout: 20_000 }).not.toBe(mtimeMs);
});

test('it says where it cannot be made', async () => {
  await expect(take('/gone/checkpoint.lock')).rejects.toThrow('/gone/checkpoint.lock: cannot lock: no such file or directory');
});
