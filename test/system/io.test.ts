import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import {
  constants,
  mkdtempSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import type { Duplex } from 'node:stream';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { emptyFifo, openUntilEnd, scratch } from '../io/scratch.ts';
import { runningOf, type Running } from './running.ts';
import { PATIENCE, poll } from '../support/patience.ts';

const BUNDLES = mkdtempSync(join(tmpdir(), 'relevel-io-'));

/** What a command may name: programs that are bundled from `test/io`. */
const PROGRAMS: Readonly<Record<string, string>> = { relevel: 'filter', reader: 'reader', keeper: 'keeper' };

// Not by tsx, which looks at `process.stdout`: that makes a shared socket non-blocking. They also start faster.
beforeAll(() => {
  const entryPoints = Object.values(PROGRAMS).map((name) => `test/io/${name}.ts`);
  buildSync({ entryPoints, outdir: BUNDLES, outExtension: { '.js': '.mjs' }, bundle: true, platform: 'node', format: 'esm' });
});
afterAll(() => rmSync(BUNDLES, { recursive: true }));

/** A process may take this long to start, where others keep the machine busy. */

const LINES = 'one\ntwo\r\nthr\0ee\n\nlast';

/** Runs a shell command, in which `PROGRAMS` stand for themselves. It is killed after the test, with all it started. */
function run(command: string, stdio: StdioOptions = 'pipe', env: NodeJS.ProcessEnv = {}): Running {
  const script = command.replaceAll(
    /relevel|reader|keeper/gu,
    (name) => `'${process.execPath}' '${BUNDLES}/${PROGRAMS[name]}.mjs'`,
  );
  const child = spawn('sh', ['-c', script], { stdio, env: { ...process.env, ...env }, detached: true });
  return runningOf(child, 'latin1');
}

function fileWith(text: string): string {
  const path = join(scratch(), 'in.log');
  writeFileSync(path, text, 'latin1');
  return path;
}

/** A file of zeros that is larger than any buffer, and takes no room on the disk. */
function hugeFile(): string {
  const path = fileWith('');
  truncateSync(path, 1 << 30);
  return path;
}

const waysIn: readonly [kind: string, command: string, written: string][] = [
  ['a file', 'relevel <"$IN"', LINES],
  ['a named file', 'relevel "$IN"', LINES],
  ['a pipe', 'cat "$IN" | relevel', LINES],
  ['a process substitution', 'cat "$IN" | relevel /dev/fd/0', LINES],
  ['a pipe that is slow', '(printf one; sleep 0.1; printf two) | relevel', 'onetwo'],
  ['a FIFO that its writer has left', 'mkfifo "$IN.p"; (cat "$IN" >"$IN.p" &); relevel <"$IN.p"', LINES],
  ['a named FIFO', 'mkfifo "$IN.p"; (cat "$IN" >"$IN.p" &); relevel "$IN.p"', LINES],
  ['/dev/null', 'relevel </dev/null', ''],
  ['a closed stdin', 'relevel <&-', ''],
];

test.each(waysIn)('reads %s', PATIENCE, async (_kind, command, written) => {
  const { ended, stdout, stderr } = run(command, 'pipe', { IN: fileWith(LINES) });
  expect(await ended).toBe(0);
  expect([stdout(), stderr()]).toEqual([written, 'ready\n']);
});

test('reads a socket', PATIENCE, async () => {
  const { child, ended, stdout } = run('exec relevel');
  child.stdin?.end(LINES, 'latin1');
  expect(await ended).toBe(0);
  expect(stdout()).toBe(LINES);
});

test('reads and writes one and the same socket, and leaves it blocking for those who share it', PATIENCE, async () => {
  const { child, ended, stderr } = run('relevel <&3 >&3; cat /proc/self/fdinfo/3 >&2', ['ignore', 'pipe', 'pipe', 'pipe']);
  const socket = child.stdio[3] as Duplex;
  let echoed = '';
  socket.setEncoding('latin1').on('data', (chunk: string) => (echoed += chunk));
  // More than the buffer holds, and exactly: a blocking socket must not be read once too often.
  const sent = 'x'.repeat(4 * 256 * 1024);
  await expect.poll(stderr, poll).toBe('ready\n');
  socket.write(sent);
  await expect.poll(() => echoed.length, poll).toBe(sent.length);
  for (const fd of [0, 1]) expect(flagsOf(await filterUnder(child), fd) & constants.O_NONBLOCK).toBe(0);
  socket.end();
  expect(await ended).toBe(0);
  expect(Number.parseInt(/flags:\s*(\d+)/u.exec(stderr())?.[1] ?? '', 8) & constants.O_NONBLOCK).toBe(0);
});

test('leaves the flags of pipes alone that it shares', PATIENCE, async () => {
  const [into, from] = [openUntilEnd(emptyFifo(), 'r+'), openUntilEnd(emptyFifo(), 'r+')];
  const { child, stderr } = run('exec relevel', [into, from, 'pipe']);
  await expect.poll(stderr, poll).toBe('ready\n');
  writeSync(into, 'line\n');
  expect(readSync(from, Buffer.alloc(16))).toBe(5); // by now it has touched both
  for (const fd of [0, 1]) expect(flagsOf(child.pid!, fd) & constants.O_NONBLOCK).toBe(0);
});

test('reads a blocking socket no further than it has something', PATIENCE, async () => {
  const { child, ended, stderr } = run('exec reader');
  child.stdin?.write('x'.repeat(64)); // four times the buffer
  await expect.poll(stderr, poll).toContain('64\n');
  child.kill('SIGTERM');
  expect(await ended).toBe(7);
});

test('leaves no half line in an archive that grew too large', PATIENCE, async () => {
  const path = fileWith('');
  const { ended, stderr } = run('ulimit -f 1; keeper "$ARCHIVE"', 'pipe', { ARCHIVE: path });
  expect(await ended).toBe(0);
  expect(stderr()).toBe(`${path}: cannot keep folded lines: file too large\n`);
  expect(statSync(path).size).toBe(300); // of 512
});

const terminal = (command: string): string => `script -qec "${command}" /dev/null`;

test('reads a terminal', PATIENCE, async () => {
  const { child, ended, stdout } = run(terminal(`stty -echo -onlcr; relevel`));
  await expect.poll(stdout, poll).toContain('ready\n');
  child.stdin?.write('typed\n\u0004');
  expect(await ended).toBe(0);
  expect(stdout()).toBe('ready\ntyped\n');
});

test('writes a terminal', PATIENCE, async () => {
  const { ended, stdout } = run(terminal('stty -onlcr; relevel <$IN'), 'pipe', { IN: fileWith(LINES) });
  expect(await ended).toBe(0);
  expect(stdout()).toBe(`ready\n${LINES}`);
});

const waysOut: readonly [kind: string, command: string][] = [
  ['a file', 'relevel <"$IN" >"$IN.out"; cat "$IN.out"'],
  ['a file that it appends to', 'relevel <"$IN" >>"$IN.out"; cat "$IN.out"'],
  ['a pipe', 'relevel <"$IN" | cat'],
  ['a socket', 'relevel <"$IN"'],
];

test.each(waysOut)('writes %s', PATIENCE, async (_kind, command) => {
  // more than any pipe or socket takes at once
  const text = LINES.repeat(50_000);
  const { ended, stdout } = run(command, 'pipe', { IN: fileWith(text) });
  expect(await ended).toBe(0);
  expect(stdout() === text).toBe(true);
});

const failures: readonly [claim: string, command: string, code: number, said: string][] = [
  ['a reader that leaves is a quiet end', '{ relevel <"$HUGE"; echo "code $?" >&2; } | head -c 5 >/dev/null', 0, 'code 0\n'],
  ['/dev/null takes everything', 'relevel <"$IN" >/dev/null', 0, ''],
  [
    'a full disk is a failure',
    'relevel <"$IN" >/dev/full',
    1,
    'stdout: cannot write: no space left on device; 21 bytes were not written\n',
  ],
  [
    'a file may grow too large',
    'ulimit -f 1; relevel <"$HUGE" >"$IN.out"',
    1,
    'stdout: cannot write: file too large; 261632 bytes were not written\n',
  ],
  ['a directory as stdin', 'relevel </', 1, 'stdin: cannot read: is a directory\n'],
  ['a file that is not there', 'relevel "$IN" /gone', 1, '/gone: cannot open: no such file or directory\n'],
];

test.each(failures)('%s', PATIENCE, async (_claim, command, code, said) => {
  const { ended, stderr } = run(command, 'pipe', { IN: fileWith(LINES), HUGE: hugeFile() });
  expect(await ended).toBe(code);
  expect(stderr()).toBe(`ready\n${said}`);
});

// Where the reader of the output stands still

/** The filter, with a huge file upstream, and an output that nobody takes anything from. */
async function stalled(env: NodeJS.ProcessEnv = {}): Promise<Running & { readonly reader: number }> {
  const path = emptyFifo();
  const reader = openUntilEnd(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const running = run('exec relevel <"$HUGE" >"$OUT"', 'pipe', { HUGE: hugeFile(), OUT: path, ...env });
  await untilStill(running);
  return { ...running, reader };
}

/** Waits until its input has begun, and moves no more. */
async function untilStill({ child, stderr }: Running): Promise<void> {
  await expect.poll(stderr, poll).toContain('ready');
  let last = 0;
  await expect
    .poll(() => {
      const at = Number(/pos:\s*(\d+)/u.exec(readFileSync(`/proc/${child.pid}/fdinfo/0`, 'utf8'))?.[1]);
      const still = at > 0 && at === last;
      last = at;
      return still;
    }, poll)
    .toBe(true);
}

test('needs little memory for much that waits', PATIENCE, async () => {
  const { child, reader, ended } = await stalled();
  const buffer = Buffer.alloc(1 << 16);
  for (let taken = 0; taken < 200 * 1024 * 1024;) {
    try {
      taken += readSync(reader, buffer);
    } catch {
      await new Promise((resolve) => setImmediate(resolve)); // empty for now
    }
  }
  const peak = Number(/VmHWM:\s*(\d+)/u.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]);
  expect(peak).toBeLessThan(200 * 1024); // KiB; Node itself takes a quarter of it
  child.kill('SIGTERM');
  child.kill('SIGINT');
  expect(await ended).toSatisfy((code) => code === 130 || code === 143);
});

const second: readonly [signal: NodeJS.Signals, code: number][] = [
  ['SIGTERM', 143],
  ['SIGINT', 130],
];

test.each(second)('answers while its output is full, and ends by a second %s', PATIENCE, async (signal, code) => {
  const { child, ended, stderr } = await stalled();
  child.kill('SIGTERM');
  await expect.poll(stderr, poll).toBe('ready\nstanding down\n');
  child.kill(signal);
  expect(await ended).toBe(code);
});

test('ends by itself after the grace period', PATIENCE, async () => {
  const { child, ended } = await stalled({ GRACE: '50' });
  child.kill('SIGTERM');
  expect(await ended).toBe(143);
});

test('ends by the signal where a blocked write to a socket would not let it exit', PATIENCE, async () => {
  const running = run('exec relevel <"$HUGE" >&3', ['ignore', 'pipe', 'pipe', 'pipe'], { HUGE: hugeFile() });
  await untilStill(running);
  running.child.kill('SIGTERM');
  await expect.poll(running.stderr, poll).toBe('ready\nstanding down\n');
  running.child.kill('SIGTERM');
  expect(await once(running.child, 'exit')).toEqual([null, 'SIGTERM']);
});

test('ends by a second signal while it waits for a quiet socket', PATIENCE, async () => {
  const { child, ended, stderr } = run('exec relevel');
  await expect.poll(stderr, poll).toBe('ready\n');
  child.kill('SIGTERM');
  await expect.poll(stderr, poll).toBe('ready\nstanding down\n');
  child.kill('SIGINT');
  expect(await ended).toBe(130);
});

/** The filter's own id, where the shell is its parent. */
async function filterUnder({ pid }: ChildProcess): Promise<number> {
  const children = (): number[] => readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').map(Number);
  await expect.poll(() => children()[0], poll).toBeGreaterThan(0);
  return children()[0]!;
}

function flagsOf(pid: number, fd: number): number {
  const flags = /flags:\s*(\d+)/u.exec(readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'utf8'))?.[1];
  return Number.parseInt(flags ?? '', 8);
}
