import { spawn, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { serviceManager, systemdNotify, type ServiceManagerOptions } from '../../src/sidecar/notify.ts';
import { poll } from '../support/patience.ts';

const SOCKET = { NOTIFY_SOCKET: '/run/notify' };

function managerOf(env: Record<string, string>, tell: ServiceManagerOptions['tell']) {
  const problems: string[] = [];
  const manager = serviceManager({
    env,
    pid: 7,
    monotonic: () => 12_345_678n,
    tell,
    onProblem: ({ message }) => problems.push(message),
  });
  return { manager, problems };
}

test('tells in order, each when the one before has been told', async () => {
  const told: string[] = [];
  let busy = 0;
  const { manager } = managerOf(SOCKET, async (assignments) => {
    expect((busy += 1)).toBe(1);
    await new Promise(setImmediate);
    told.push(assignments.join(' '));
    busy -= 1;
  });
  manager.ready();
  manager.reloading();
  manager.ready();
  await manager.stopping();
  expect(told).toEqual(['READY=1', 'RELOADING=1 MONOTONIC_USEC=12345', 'READY=1', 'STOPPING=1']);
});

test('says nothing where nobody listens', async () => {
  const { manager } = managerOf({ WATCHDOG_USEC: '1000' }, () => Promise.reject(new Error('told')));
  manager.ready();
  await manager.stopping();
});

test('says once that it cannot be told, goes on trying, and says it anew where it went well between', async () => {
  const fails = [true, true, false, true];
  let told = 0;
  const { manager, problems } = managerOf(SOCKET, () =>
    fails[told++] === true ? Promise.reject(new Error(`no such program, at ${told}`)) : Promise.resolve(),
  );
  for (const _ of fails.slice(1)) manager.ready();
  await manager.stopping();
  expect([told, problems]).toEqual([4, ['no such program, at 1', 'no such program, at 4']]);
});

test('says once that it is stopping', async () => {
  const told: string[] = [];
  const { manager } = managerOf(SOCKET, async (assignments) => void told.push(...assignments));
  await manager.stopping();
  await manager.stopping();
  expect(told).toEqual(['STOPPING=1']);
});

const watched: readonly [claim: string, env: Record<string, string>, pings: boolean][] = [
  ['its own', { WATCHDOG_USEC: '2000', WATCHDOG_PID: '7' }, true],
  ['anybody', { WATCHDOG_USEC: '2000' }, true],
  ['another process', { WATCHDOG_USEC: '2000', WATCHDOG_PID: '8' }, false],
  ['nobody', { WATCHDOG_USEC: 'soon' }, false],
];

test.each(watched)('keeps the watchdog of %s quiet', async (_claim, env, pings) => {
  const told: string[] = [];
  const { manager } = managerOf({ ...SOCKET, ...env }, async (assignments) => void told.push(...assignments));
  const hasPinged = (): boolean => told.filter((each) => each === 'WATCHDOG=1').length > 2;
  if (pings) await expect.poll(hasPinged).toBe(true);
  else await new Promise((resolve) => setTimeout(resolve, 20));
  await manager.stopping();
  expect(hasPinged()).toBe(pings);
});

/** Receives one datagram, and prints it. */
const RECEIVER = `import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); s.bind(sys.argv[1]); print('bound', flush=True)
print(s.recv(4096).decode(), flush=True)`;

const hasSystemdNotify = (): boolean => {
  try {
    execFileSync('systemd-notify', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

test.skipIf(!hasSystemdNotify())('reaches a real socket by systemd-notify (skipped where that is not installed)', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'relevel-notify-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'socket');
  const receiver = spawn('python3', ['-c', RECEIVER, path]);
  onTestFinished(() => void receiver.kill('SIGKILL'));
  let heard = '';
  receiver.stdout.setEncoding('utf8').on('data', (chunk: string) => (heard += chunk));
  await expect.poll(() => heard, poll).toContain('bound\n');
  const before = process.env['NOTIFY_SOCKET'];
  process.env['NOTIFY_SOCKET'] = path;
  onTestFinished(() => {
    if (before === undefined) delete process.env['NOTIFY_SOCKET'];
    else process.env['NOTIFY_SOCKET'] = before;
  });
  // It waits for a confirmation that only a service manager gives.
  systemdNotify(['READY=1', 'STATUS=follows']).catch(() => {});
  await expect.poll(() => heard, poll).toContain('READY=1\nSTATUS=follows');
});
