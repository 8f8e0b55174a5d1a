import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, onTestFinished, test } from 'vitest';

const PROGRAM = process.env['RELEVEL_PROGRAM'] ?? join(import.meta.dirname, '../../dist/relevel.js');

beforeAll(() => {
  if (!existsSync(PROGRAM)) throw new Error('dist/relevel.js is not there; npm run build makes it');
});

/** A process may take this long to start, where others keep the machine busy. */
const PATIENCE = { timeout: 120_000 };
const poll = { timeout: 60_000, interval: 20 };

function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), 'relevel-checkpoint-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

interface Following {
  readonly child: ChildProcess;
  readonly stdout: () => string;
  readonly stderr: () => string;
  readonly ended: Promise<number | NodeJS.Signals>;
}

/** Follows a folder's logs from a checkpoint, by a process in another namespace if it is to be in another container. */
function follow(folder: string, ...args: readonly string[]): Following {
  return followBy([], folder, ...args);
}

function followBy(wrapper: readonly string[], folder: string, ...args: readonly string[]): Following {
  const own = [process.execPath, PROGRAM, 'follow', '--interval', '20ms', '--checkpoint', join(folder, 'checkpoint')];
  const [command, ...rest] = [...wrapper, ...own, ...args, join(folder, 'logs/*.log')];
  const child = spawn(command, rest, { env: { PATH: process.env['PATH'] }, detached: true });
  const text = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text.stdout += chunk));
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (text.stderr += chunk));
  onTestFinished(() => {
    try {
      process.kill(-child.pid!, 'SIGKILL');
    } catch {
      // it has ended
    }
  });
  const ended = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | NodeJS.Signals);
  return { child, stdout: () => text.stdout, stderr: () => text.stderr, ended };
}

function folderWithLog(text = 'one\n'): string {
  const folder = scratch();
  mkdirSync(join(folder, 'logs'));
  writeFileSync(join(folder, 'logs/a.log'), text);
  return folder;
}

const lockIn = (folder: string): string => join(folder, 'checkpoint.lock');

test('a second one on the same checkpoint waits for --grace, then says who has it', PATIENCE, async () => {
  const folder = folderWithLog();
  const first = follow(folder);
  await expect.poll(first.stdout, poll).toBe('one\n');
  const second = follow(folder, '--grace', '300ms');
  expect(await second.ended).toBe(1);
  expect(second.stdout()).toBe('');
  expect(second.stderr()).toBe(
    `relevel: error: ${folder}/checkpoint: is in use by process ${first.child.pid}; each relevel needs a checkpoint of its own\n`,
  );
  first.child.kill('SIGTERM');
  expect(await first.ended).toBe(0);
  expect(readdirSync(folder).sort()).toEqual(['checkpoint', 'logs']);
});

test('a restart waits while the process before it drains, and goes on where that ended', PATIENCE, async () => {
  const folder = folderWithLog();
  const first = follow(folder);
  await expect.poll(first.stdout, poll).toBe('one\n');
  const second = follow(folder, '--grace', '60s');
  // It has looked at the lock by the time that another, which waits for nothing, has ended.
  expect(await follow(folder, '--grace', '1ms').ended).toBe(1);
  appendFileSync(join(folder, 'logs/a.log'), 'two\n');
  await expect.poll(first.stdout, poll).toBe('one\ntwo\n');
  first.child.kill('SIGTERM');
  expect(await first.ended).toBe(0);
  appendFileSync(join(folder, 'logs/a.log'), 'three\n');
  await expect.poll(second.stdout, poll).toBe('three\n');
  second.child.kill('SIGINT');
  expect(await second.ended).toBe(0);
  expect(second.stderr()).toBe('');
});

test('one that waits ends at a signal, and has written nothing', PATIENCE, async () => {
  const folder = folderWithLog();
  const first = follow(folder);
  await expect.poll(first.stdout, poll).toBe('one\n');
  const second = follow(folder, '--grace', '60s');
  expect(await follow(folder, '--grace', '1ms').ended).toBe(1);
  second.child.kill('SIGTERM');
  const how = await second.ended;
  // On a machine so busy that it has not come as far as to hear signals, the signal ends it as any process.
  expect([0, 'SIGTERM']).toContain(how);
  expect(second.stdout()).toBe('');
});

test('of several that find the lock of a killed one, one goes on', PATIENCE, async () => {
  const folder = folderWithLog();
  const killed = follow(folder);
  await expect.poll(killed.stdout, poll).toBe('one\n');
  await expect.poll(() => existsSync(join(folder, 'checkpoint')), poll).toBe(true);
  killed.child.kill('SIGKILL');
  await killed.ended;
  expect(existsSync(lockIn(folder))).toBe(true);
  appendFileSync(join(folder, 'logs/a.log'), 'two\n');
  const all = Array.from({ length: 4 }, () => follow(folder, '--grace', '1s'));
  await expect.poll(() => all.filter(({ child }) => child.exitCode === 1).length, poll).toBe(3);
  const [one, more] = all.filter(({ child }) => child.exitCode === null);
  expect(more).toBeUndefined();
  await expect.poll(one!.stdout, poll).toMatch(/two\n$/u);
  one!.child.kill('SIGTERM');
  expect(await one!.ended).toBe(0);
  expect(readdirSync(folder).sort()).toEqual(['checkpoint', 'logs']);
});

const CONTAINER = ['unshare', '--fork', '--pid', '--mount-proc', '--kill-child'];
const hasContainers = spawnSync(CONTAINER[0]!, [...CONTAINER.slice(1), 'true']).status === 0;

// In each container the process has the id 1.
test.skipIf(!hasContainers)('a container that was killed is followed by another, and two at once are not', PATIENCE, async () => {
  const folder = folderWithLog();
  const killed = followBy(CONTAINER, folder);
  await expect.poll(killed.stdout, poll).toBe('one\n');
  await expect.poll(() => existsSync(join(folder, 'checkpoint')), poll).toBe(true);
  const second = followBy(CONTAINER, folder, '--grace', '2s');
  expect(await second.ended).toBe(1);
  expect(second.stderr()).toContain('checkpoint: is in use by process 1;');

  process.kill(-killed.child.pid!, 'SIGKILL');
  await killed.ended;
  expect(existsSync(lockIn(folder))).toBe(true);
  appendFileSync(join(folder, 'logs/a.log'), 'two\n');
  const next = followBy(CONTAINER, folder, '--grace', '1ms');
  await expect.poll(next.stdout, poll).toMatch(/two\n$/u);
});

test('one whose checkpoint another has taken over ends, and leaves it alone', PATIENCE, async () => {
  const folder = folderWithLog();
  const first = follow(folder);
  await expect.poll(first.stdout, poll).toBe('one\n');
  // As after a disk, or a container, that stood still for long.
  rmSync(lockIn(folder));
  writeFileSync(lockIn(folder), 'relevel lock');
  expect(await first.ended).toBe(1);
  expect(first.stderr()).toContain('checkpoint: another process has taken the checkpoint over, and goes on from it');
  expect(readFileSync(lockIn(folder), 'utf8')).toBe('relevel lock');
});

const others: readonly [claim: string, make: (path: string) => void, says: string][] = [
  ['another program’s file', (path) => writeFileSync(path, 'precious'), 'a file of something else'],
  ['a folder', (path) => mkdirSync(path), 'a directory'],
  ['a device', (path) => spawnSync('mknod', [path, 'c', '1', '3']), 'a device'],
  ['a link to a device', (path) => symlinkSync('/dev/null', path), 'a device'],
  ['a link to another file', (path) => symlinkSync('logs/a.log', path), 'a file of something else'],
  ['a pipe', (path) => spawnSync('mkfifo', [path]), 'a named pipe'],
];

test.each(others)('%s is refused as a checkpoint, and left as it is', PATIENCE, async (_claim, make, says) => {
  const folder = folderWithLog();
  const path = join(folder, 'checkpoint');
  make(path);
  const before = lstatSync(path);
  const { ended, stdout, stderr } = follow(folder);
  expect(await ended).toBe(2);
  expect(stderr()).toContain(` is ${says}, which relevel does not replace; name another file\n`);
  expect(stdout()).toBe('');
  const after = lstatSync(path);
  expect([after.ino, after.size, after.mode]).toEqual([before.ino, before.size, before.mode]);
  expect(readdirSync(folder).sort()).toEqual(['checkpoint', 'logs']);
  expect(lstatSync('/dev/null').isCharacterDevice()).toBe(true);
});

test.each(['--output', '--archive'])('the file of %s is refused as a checkpoint', PATIENCE, async (option) => {
  const folder = folderWithLog();
  symlinkSync('checkpoint', join(folder, 'link'));
  const { ended, stderr } = follow(folder, option, join(folder, 'link'));
  expect(await ended).toBe(2);
  expect(stderr()).toContain(`${folder}/checkpoint is the ${option.slice(2)}, which relevel does not replace`);
});

test('a checkpoint behind a link is written where the link leads', PATIENCE, async () => {
  const folder = folderWithLog();
  mkdirSync(join(folder, 'state'));
  symlinkSync('state/real', join(folder, 'checkpoint'));
  const first = follow(folder);
  await expect.poll(first.stdout, poll).toBe('one\n');
  first.child.kill('SIGTERM');
  expect(await first.ended).toBe(0);
  expect(lstatSync(join(folder, 'checkpoint')).isSymbolicLink()).toBe(true);
  expect(readdirSync(join(folder, 'state'))).toEqual(['real']);
  expect(lstatSync(join(folder, 'state/real')).mode & 0o777).toBe(0o600);
  appendFileSync(join(folder, 'logs/a.log'), 'two\n');
  const second = follow(folder);
  await expect.poll(second.stdout, poll).toBe('two\n');
});
