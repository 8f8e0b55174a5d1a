import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  closeSync,
  constants,
  existsSync,
  openSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  readSync,
} from 'node:fs';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { fileWith } from '../cli/host.ts';
import { emptyFifo, openUntilEnd } from '../io/scratch.ts';

const ROOT = join(import.meta.dirname, '../..');
const PROGRAM = join(ROOT, 'dist/relevel.js');
const RULES = join(ROOT, 'test/cli/rules.yaml');

beforeAll(() => {
  if (!existsSync(PROGRAM)) throw new Error('dist/relevel.js is not there; npm run build makes it');
});

/** Nothing here ends by itself: a reader that is not missed is a test that runs out of time. */

const REPEAT = '{"level":50,"msg":"ethtool failed"}\n';
const OTHER = 'level=error msg="no rule cares"\n';

/** Runs a shell command, in which `relevel` is the built program. It is killed after the test, with all it started. */
function run(command: string, env: NodeJS.ProcessEnv = {}): Running {
  const program = `'${process.execPath}' '${PROGRAM}'`;
  const script = `relevel() { ${program} "$@"; }\n${command.replaceAll('exec relevel', `exec ${program}`)}`;
  const child = spawn('bash', ['--norc', '-c', script], { env: { PATH: process.env['PATH'], RULES, ...env }, detached: true });
  return runningOf(child);
}

// After its first line, nothing of any of these is written.
const leavings: readonly [where: string, command: string, code: number][] = [
  ['a pipe that all folds from', 'yes "$LINE" | { relevel -r "$RULES"; echo "code $?" >&2; } | head -1', 0],
  ['a pipe that falls silent', '{ relevel -r "$RULES"; echo "code $?" >&2; } | head -1', 0],
  ['a file that is followed', '{ relevel follow -r "$RULES" --from start "$FILE"; echo "code $?" >&2; } | head -1', 0],
  ['a command, which then writes in vain', '{ relevel run -r "$RULES" -- yes "$LINE"; echo "code $?" >&2; } | head -1', 141],
  [
    'the stderr of a command',
    '{ relevel run -r "$RULES" --off once-only -- sh -c \'trap "" PIPE; yes "$LINE" >&2; exit 9\' 2>&1 >/dev/null; echo "code $?" >&3; } 3>&2 | head -1',
    9,
  ],
];

test.each(leavings)('a reader that leaves is missed by %s', PATIENCE, async (_where, command, code) => {
  const { child, stdout, stderr } = run(command, { LINE: REPEAT.trimEnd(), FILE: fileWith(REPEAT.repeat(3)) });
  child.stdin!.write(REPEAT);
  await expect.poll(stderr, poll).toContain(`code ${code}\n`);
  expect(stdout()).toMatch(/^\{"level":40,.*\}\n$/u);
});

test('so it is where it had never written', PATIENCE, async () => {
  const { stderr } = run('{ relevel; echo "code $?" >&2; } | true');
  await expect.poll(stderr, poll).toBe('code 0\n');
});

test('so it is in the middle of a file', PATIENCE, async () => {
  const lines = 3_000_000; // kept one by one, they take some seconds; their end would be a line to write
  const { stderr } = run('{ relevel -r "$RULES" --archive /dev/null --summary "$FILE"; echo "code $?" >&2; } | head -1', {
    FILE: fileWith(REPEAT.repeat(lines)),
  });
  await expect.poll(stderr, poll).toContain('code 0\n');
  const [, read] = /^ *in +([\d,]+) = /mu.exec(stderr())!;
  expect(Number(read!.replaceAll(',', ''))).toBeLessThan(lines);
});

test('so is the other end of a socket', PATIENCE, async () => {
  const { child, stdout } = run('exec relevel -r "$RULES"');
  child.stdin!.write(REPEAT);
  await expect.poll(stdout, poll).toContain('"level":40');
  child.stdout!.destroy();
  expect(await once(child, 'exit')).toEqual([0, null]);
});

test('follow does not end without a word where its stdout is no pipe', PATIENCE, async () => {
  const { child, stdout, stderr, ended } = run('exec relevel follow -r "$RULES" --from start "$FILE"', {
    FILE: fileWith(REPEAT),
  });
  await expect.poll(stdout, poll).toContain('"level":40');
  child.stdout!.destroy();
  expect(await ended).toBe(1);
  expect(stderr()).toMatch(/^relevel: error: stdout: cannot write: broken pipe; \d+ bytes were not written$/mu);
});

test('nor where its output is a FIFO', PATIENCE, async () => {
  const path = emptyFifo();
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const file = fileWith(REPEAT);
  const { stderr, ended } = run('exec relevel follow -r "$RULES" --from start --output "$FIFO" "$FILE"', {
    FILE: file,
    FIFO: path,
  });
  const buffer = Buffer.alloc(1024);
  const readNow = (): number => {
    try {
      return readSync(reader, buffer);
    } catch {
      return 0; // nothing is there yet
    }
  };
  await expect.poll(readNow, poll).toBeGreaterThan(0);
  closeSync(reader);
  appendFileSync(file, OTHER);
  expect(await ended).toBe(1);
  expect(stderr()).toContain(`relevel: error: ${path}: cannot write: broken pipe`);
});

/** What a process has of one pipe, by the name of its inode. */
const endsOf = (pid: number, pipe: string): number =>
  readdirSync(`/proc/${pid}/fd`).filter((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`) === pipe;
    } catch {
      return false; // closed since
    }
  }).length;

const flagsOf = (pid: number, fd: number): number =>
  Number.parseInt(/flags:\s*(\d+)/u.exec(readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'utf8'))![1]!, 8);

/** Waits until a process of ours, begun after those that it stands beside, has looked for its reader and missed it. */
async function others(): Promise<void> {
  const { child } = run('exec relevel');
  child.stdin!.write(OTHER);
  await once(child.stdout!, 'data');
  child.stdout!.destroy();
  await once(child, 'exit');
}

test('a pipe that others share stays blocking, and is let go at the end', PATIENCE, async () => {
  const { child, stdout, stderr, ended } = run('{ echo "$BASHPID" >&2; exec relevel; } | cat');
  await expect.poll(stderr, poll).toMatch(/^\d+\n$/u);
  const pid = Number(stderr());
  await expect.poll(() => readlinkSync(`/proc/${pid}/fd/1`), poll).toMatch(/^pipe:/u); // bash lends it to `echo`
  const pipe = readlinkSync(`/proc/${pid}/fd/1`);
  // Ours, the one that is written to, and the one that is watched.
  await expect.poll(() => endsOf(pid, pipe), poll).toBe(3);
  expect(flagsOf(pid, 1) & constants.O_NONBLOCK).toBe(0);
  child.stdin!.end(OTHER);
  expect(await ended).toBe(0);
  expect(stdout()).toBe(OTHER);
});

test('a FIFO with a name may find another reader', PATIENCE, async () => {
  const path = emptyFifo();
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const output = openUntilEnd(path, 'w');
  const child = spawn(process.execPath, [PROGRAM], { stdio: ['pipe', output, 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  closeSync(reader);
  await others();
  const next = openUntilEnd(path, constants.O_RDONLY | constants.O_NONBLOCK);
  child.stdin!.end(OTHER);
  expect(await once(child, 'exit')).toEqual([0, null]);
  const buffer = Buffer.alloc(1024);
  expect(buffer.toString('utf8', 0, readSync(next, buffer))).toBe(OTHER);
});

/** A process that writes to a connection with us, and our end of that. */
async function connected(): Promise<{ readonly child: ChildProcess; readonly socket: Socket }> {
  const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const { child } = run(`exec relevel >/dev/tcp/127.0.0.1/${(server.address() as AddressInfo).port}`);
  const [socket] = (await once(server, 'connection')) as [Socket];
  onTestFinished(() => void socket.destroy());
  return { child, socket };
}

test('a connection that was reset has no reader', PATIENCE, async () => {
  const { child, socket } = await connected();
  await others(); // one that is reset before it is first looked at cannot be told from what is no stream
  socket.resetAndDestroy();
  expect(await once(child, 'exit')).toEqual([0, null]);
});

test('a peer that only says no more still reads', PATIENCE, async () => {
  const { child, socket } = await connected();
  socket.end();
  await others();
  expect(flagsOf(child.pid!, 1) & constants.O_NONBLOCK).toBe(0);
  child.stdin!.end(OTHER);
  const [text] = (await once(socket.setEncoding('utf8'), 'data')) as [string];
  expect(text).toBe(OTHER);
});

/** Gives a program one end of a pair, and says what the first message at the other one is, once it is asked. */
const DATAGRAMS = `
import socket, subprocess, sys
ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
program = subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE, stdout=theirs)
line = sys.stdin.buffer.readline()
program.stdin.write(line)
program.stdin.close()
sys.stdout.buffer.write(ours.recv(65536))
sys.exit(program.wait())`;
import { runningOf, type Running } from './running.ts';
import { PATIENCE, poll } from '../support/patience.ts';

test('a socket of messages is sent none of no bytes', PATIENCE, async () => {
  const child = spawn('python3', ['-c', DATAGRAMS, process.execPath, PROGRAM], { stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  await others();
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  child.stdin.end(OTHER);
  expect(await once(child, 'close')).toEqual([0, null]);
  expect(text).toBe(OTHER);
});
