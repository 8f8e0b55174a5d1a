import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { COMMANDS } from '../../src/cli/commands.ts';
import type { Option } from '../../src/cli/options.ts';
import { parse } from '../../src/cli/parse.ts';
import { scratch } from '../cli/host.ts';
import { PATIENCE, poll } from '../support/patience.ts';

const ROOT = join(import.meta.dirname, '../..');
const UNITS = join(ROOT, 'deploy/systemd');
const PROGRAM = join(ROOT, 'dist/relevel.js');

beforeAll(() => {
  if (!existsSync(PROGRAM)) throw new Error('dist/relevel.js is not there; npm run build makes it');
});

const isHere = (program: string): boolean => spawnSync(program, ['--version']).status === 0;
const systemd = isHere('systemd-analyze') && isHere('systemd-notify');

/** What systemd says of our units, on a machine where the daemon that they are for is installed. Nothing: all is well. */
function verify(edit: (text: string) => string = (text) => text): string {
  const root = scratch();
  const system = join(root, 'etc/systemd/system');
  mkdirSync(dirname(system), { recursive: true });
  cpSync(UNITS, system, { recursive: true });
  for (const name of ['relevel-follow.service', 'daemon.service.d/relevel.conf'])
    writeFileSync(join(system, name), edit(readFileSync(join(system, name), 'utf8')));
  writeFileSync(join(system, 'daemon.service'), '[Service]\nType=notify\nExecStart=/usr/sbin/daemon --flag\n');
  cpSync('/lib/systemd/system', join(root, 'lib/systemd/system'), { recursive: true, verbatimSymlinks: true });
  for (const program of ['usr/local/bin/relevel', 'usr/sbin/daemon', 'bin/kill']) {
    mkdirSync(dirname(join(root, program)), { recursive: true });
    writeFileSync(join(root, program), '#!/bin/sh\n');
    chmodSync(join(root, program), 0o755);
  }
  const units = ['relevel-follow.service', 'daemon.service'];
  const { stdout, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', `--root=${root}`, ...units], {
    encoding: 'utf8',
  });
  return (stdout + stderr).replaceAll(root, '');
}

test.skipIf(!systemd)('systemd has nothing against our units (skipped where it is not installed)', PATIENCE, () => {
  expect(verify()).toBe('');
});

test.skipIf(!systemd)('systemd would see a slip in them (skipped where it is not installed)', PATIENCE, () => {
  expect(verify((text) => text.replace('NotifyAccess', 'NotifyAcces'))).toMatch(/Unknown key .*'NotifyAcces'/u);
  expect(verify((text) => text.replace('/usr/local/bin/relevel', '/usr/local/bin/relevl'))).toContain('relevl is not executable');
});

/** All that a unit says under a name, in the order in which it says it. */
function said(unit: string, name: string): string[] {
  const text = readFileSync(join(UNITS, unit), 'utf8');
  return Array.from(text.matchAll(new RegExp(`^${name}=(.*)$`, 'gmu')), ([, value]) => value!);
}

const units: readonly [unit: string, command: string, words: number, daemon: number][] = [
  ['relevel-follow.service', 'follow', 1, 0],
  ['daemon.service.d/relevel.conf', 'run', 0, 2],
];

test.each(units)('%s runs relevel with options that there are', async (unit, command, words, daemon) => {
  const [program, name, ...args] = said(unit, 'ExecStart').at(-1)!.split(' ');
  expect([program, name]).toEqual(['/usr/local/bin/relevel', command]);
  const own = args.includes('--') ? args.slice(0, args.indexOf('--')) : args;
  expect(args.length - own.length).toBe(daemon === 0 ? 0 : daemon + 1);
  const { manual } = await COMMANDS[command]!();
  const parsed = parse(own, {}, manual.options as readonly Option<Record<string, unknown>>[], {});
  expect(parsed.problems).toEqual([]);
  expect(parsed.words).toHaveLength(words);
  const folders = ['RuntimeDirectory', 'StateDirectory'].flatMap((key) => said(unit, key)).map((folder) => `/${folder}/`);
  const { listen, checkpoint } = parsed.asked as { listen: { path: string }; checkpoint?: string };
  for (const path of [listen.path, checkpoint].filter((each) => each !== undefined))
    expect(folders.some((folder) => path.includes(folder))).toBe(true);
});

test('the drop-in takes the command of its unit away before it gives its own, and lets the daemon be heard', () => {
  const unit = 'daemon.service.d/relevel.conf';
  expect(said(unit, 'ExecStart')[0]).toBe('');
  expect([said(unit, 'NotifyAccess'), said(unit, 'KillMode')]).toEqual([['all'], ['mixed']]);
});

/** A service manager's end of NOTIFY_SOCKET: prints what it is told, and lets go of each barrier. */
const RECEIVER = `import os, socket, sys
path = sys.argv[1]
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind('\\0' + path[1:] if path[0] == '@' else path)
print('bound', flush=True)
while True:
    text, fds, _, _ = socket.recv_fds(s, 4096, 4)
    for fd in fds: os.close(fd)
    if not fds: print(text.decode().strip().replace('\\n', ' '), flush=True)`;

async function listenAt(address: string): Promise<() => string[]> {
  const receiver = spawn('python3', ['-c', RECEIVER, address]);
  onTestFinished(() => void receiver.kill('SIGKILL'));
  let heard = '';
  receiver.stdout.setEncoding('utf8').on('data', (chunk: string) => (heard += chunk));
  await expect.poll(() => heard, poll).toContain('bound\n');
  return () => heard.split('\n').slice(1, -1);
}

/** Starts the built program as a service manager would, which waits for its watchdog. */
function start(args: readonly string[], env: NodeJS.ProcessEnv) {
  // The shell's own process becomes the program's, so that its id is known beforehand.
  const script = 'WATCHDOG_PID=$$ exec "$@"';
  const child = spawn('sh', ['-c', script, 'sh', process.execPath, PROGRAM, ...args], {
    env: { PATH: process.env['PATH'], ...env },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const text = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text.stdout += chunk));
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (text.stderr += chunk));
  const ended = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | NodeJS.Signals);
  return { child, stdout: () => text.stdout, stderr: () => text.stderr, ended };
}

const sockets: readonly [kind: string, address: () => string][] = [
  ['a file', () => join(scratch(), 'notify')],
  ['an abstract socket', () => `@relevel-test-${process.pid}`],
];

test.skipIf(!systemd).each(sockets)(
  'follow tells by %s when it is ready, reloads, lives and stops (skipped where systemd is not installed)',
  PATIENCE,
  async (_kind, address) => {
    const NOTIFY_SOCKET = address();
    const heard = await listenAt(NOTIFY_SOCKET);
    const folder = scratch();
    writeFileSync(join(folder, 'a.log'), '');
    const { child, ended, stderr } = start(['follow', join(folder, '*.log')], { NOTIFY_SOCKET, WATCHDOG_USEC: '1000000' });
    await expect.poll(heard, poll).toContain('WATCHDOG=1');
    expect(heard().filter((each) => each !== 'WATCHDOG=1')).toEqual(['READY=1']);
    child.kill('SIGHUP');
    await expect.poll(() => heard().filter((each) => each === 'READY=1').length, poll).toBe(2);
    child.kill('SIGTERM');
    expect([await ended, stderr()]).toEqual([0, '']);
    await expect.poll(heard, poll).toContain('STOPPING=1');
    const [ready, reloading, again, stopping, ...more] = heard().filter((each) => each !== 'WATCHDOG=1');
    expect([ready, again, stopping, more]).toEqual(['READY=1', 'READY=1', 'STOPPING=1', []]);
    expect(reloading).toMatch(/^RELOADING=1 MONOTONIC_USEC=\d+$/u);
    expect(heard().at(-1)).toBe('STOPPING=1');
  },
);

test.skipIf(!systemd)(
  'follow is not ready where it cannot begin (skipped where systemd is not installed)',
  PATIENCE,
  async () => {
    const NOTIFY_SOCKET = join(scratch(), 'notify');
    const heard = await listenAt(NOTIFY_SOCKET);
    const { ended, stderr } = start(['follow', '--output', '/no/such/file', join(scratch(), '*.log')], { NOTIFY_SOCKET });
    expect(await ended).toBe(1);
    expect(stderr()).toContain('/no/such/file: cannot open');
    // What is told is told in order: had it said that it is ready, that would have come before this.
    execFileSync('systemd-notify', ['STATUS=last'], { env: { PATH: process.env['PATH'], NOTIFY_SOCKET } });
    await expect.poll(heard, poll).toContain('STATUS=last');
    expect(heard()).not.toContain('READY=1');
  },
);

test.skipIf(!systemd)(
  'a wrapped daemon speaks for itself, and alone (skipped where systemd is not installed)',
  PATIENCE,
  async () => {
    const NOTIFY_SOCKET = join(scratch(), 'notify');
    const heard = await listenAt(NOTIFY_SOCKET);
    const daemon =
      'systemd-notify READY=1; echo "${WATCHDOG_USEC} for ${WATCHDOG_PID-whoever asks}"; read -r _; systemd-notify STATUS=last';
    const { child, ended, stdout } = start(['run', '--listen', '0', '--', 'sh', '-c', daemon], {
      NOTIFY_SOCKET,
      WATCHDOG_USEC: '1000',
    });
    await expect.poll(stdout, poll).toBe('1000 for whoever asks\n');
    child.stdin.end('\n');
    expect(await ended).toBe(0);
    expect(heard()).toEqual(['READY=1', 'STATUS=last']);
  },
);

test('where another process is watched, the daemon is told which', PATIENCE, async () => {
  const run = spawn(process.execPath, [PROGRAM, 'run', '--', 'sh', '-c', 'echo $WATCHDOG_PID'], {
    env: { PATH: process.env['PATH'], WATCHDOG_PID: '1' },
  });
  let out = '';
  run.stdout.setEncoding('utf8').on('data', (chunk: string) => (out += chunk));
  expect(await once(run, 'close')).toEqual([0, null]);
  expect(out).toBe('1\n');
});
