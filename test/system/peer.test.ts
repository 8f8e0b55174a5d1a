import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { scratch } from '../cli/host.ts';
import { PATIENCE, poll } from '../support/patience.ts';

const PROGRAM = join(import.meta.dirname, '../../dist/relevel.js');

beforeAll(() => {
  if (!existsSync(PROGRAM)) throw new Error('dist/relevel.js is not there; npm run build makes it');
});

/** A process may take this long to start, where others keep the machine busy. */

/** A peer, and what each of its connections brought. */
class Peer {
  readonly server: Server;
  readonly connections: { readonly socket: Socket; text: string }[] = [];
  /** Done to each connection that is taken. */
  greet: (socket: Socket) => void = () => {};

  constructor() {
    this.server = createServer((socket) => {
      const connection = { socket, text: '' };
      this.connections.push(connection);
      socket.setEncoding('latin1').on('data', (chunk: string) => (connection.text += chunk));
      socket.on('error', () => {});
      this.greet(socket);
    });
    onTestFinished(() => this.goAway());
  }

  async listen(where: { readonly port: number; readonly host: string } | { readonly path: string }): Promise<number> {
    this.server.listen(where);
    await once(this.server, 'listening');
    return 'path' in where ? 0 : (this.server.address() as AddressInfo).port;
  }

  goAway(): void {
    this.server.close();
    for (const { socket } of this.connections) socket.destroy();
  }

  get text(): string {
    return this.connections.map(({ text }) => text).join('');
  }
}

interface Running {
  readonly child: ChildProcess;
  readonly stderr: () => string;
  readonly ended: Promise<number | NodeJS.Signals>;
}

/** Runs the built program; it is killed after the test. */
function relevel(...args: string[]): Running {
  const child = spawn(process.execPath, [PROGRAM, ...args], { env: { PATH: process.env['PATH'] } });
  onTestFinished(() => void child.kill('SIGKILL'));
  let err = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (err += chunk));
  child.stdin.on('error', () => {});
  return { child, stderr: () => err, ended: once(child, 'close').then(([code, signal]) => (code ?? signal) as number) };
}

const numbered = (from: number, to: number): string => Array.from({ length: to - from }, (_, i) => `line ${from + i}\n`).join('');

/** An address that nobody listens at, but somebody will. */
async function freePort(host = '127.0.0.1'): Promise<number> {
  const peer = new Peer();
  const port = await peer.listen({ port: 0, host });
  peer.server.close();
  await once(peer.server, 'close');
  return port;
}

const places: readonly [claim: string, make: () => Promise<{ at: string; where: Parameters<Peer['listen']>[0] }>][] = [
  [
    'tcp',
    async () => {
      const port = await freePort();
      return { at: `tcp://127.0.0.1:${port}`, where: { port, host: '127.0.0.1' } };
    },
  ],
  [
    'tcp by IPv6',
    async () => {
      const port = await freePort('::1');
      return { at: `tcp://[::1]:${port}`, where: { port, host: '::1' } };
    },
  ],
  [
    'a unix socket',
    async () => {
      const path = join(scratch(), 'socket');
      return { at: `unix:${path}`, where: { path } };
    },
  ],
];

/** Containers often have no IPv6. */
const hasIPv6 = Object.values(networkInterfaces()).some((each) => each?.some(({ address }) => address === '::1'));
const isOutOfReach = (claim: string): boolean => claim.includes('IPv6') && !hasIPv6;

test.for(places)('waits for a peer that comes late: %s', PATIENCE, async ([claim, make], { skip }) => {
  skip(isOutOfReach(claim), 'this host has no ::1');
  const { at, where } = await make();
  const { child, ended, stderr } = relevel('--output', at);
  child.stdin!.end(numbered(0, 1000));
  await expect.poll(stderr, poll).toMatch(/^relevel: warn: .*: cannot connect: .*; it is tried again, and lines wait\n$/u);
  const peer = new Peer();
  await peer.listen(where);
  expect(await ended).toBe(0);
  await expect.poll(() => peer.text, poll).toBe(numbered(0, 1000));
  expect(stderr()).toContain(`relevel: info: ${at}: connected\n`);
});

test.for(places)('goes on where a peer has read all and left: %s', PATIENCE, async ([claim, make], { skip }) => {
  skip(isOutOfReach(claim), 'this host has no ::1');
  const { at, where } = await make();
  const peer = new Peer();
  await peer.listen(where);
  const { child, ended } = relevel('--output', at);
  child.stdin!.write(`${numbered(0, 100)}half`);
  await expect.poll(() => peer.text, poll).toBe(numbered(0, 100)); // an unfinished line is not judged yet
  peer.connections[0]!.socket.end();
  await expect.poll(() => peer.connections.length, poll).toBe(2);
  child.stdin!.end(` a line\n${numbered(100, 200)}`);
  expect(await ended).toBe(0);
  await expect.poll(() => peer.connections[1]!.text, poll).toBe(`half a line\n${numbered(100, 200)}`);
  expect(peer.connections[0]!.text).toBe(numbered(0, 100));
});

/** Its lines cost nothing to make and much to keep. */
const LONG = `${'x'.repeat(999)}\n`;

test.for(places)(
  'a peer that stands still stops the reading, and memory stays: %s',
  PATIENCE,
  async ([claim, make], { skip }) => {
    skip(isOutOfReach(claim), 'this host has no ::1');
    const { at, where } = await make();
    const peer = new Peer();
    peer.greet = (socket) => void socket.pause();
    await peer.listen(where);
    const { child, ended } = relevel('--output', at);
    let written = 0;
    const feed = (): void => {
      while (written < 100_000 && child.stdin!.write(LONG)) written += 1;
    };
    child.stdin!.on('drain', () => {
      written += 1;
      feed();
    });
    feed();
    // Nothing more is taken: the same twice, a second apart.
    let before = -1;
    await expect
      .poll(
        () => {
          const stands = written === before && written > 0;
          before = written;
          return stands;
        },
        { ...PATIENCE, interval: 1000 },
      )
      .toBe(true);
    expect(written).toBeLessThan(50_000);
    const peak = Number(/VmHWM:\s*(\d+)/u.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))![1]);
    expect(peak).toBeLessThan(200 * 1024); // KiB
    peer.connections[0]!.socket.resume();
    await expect.poll(() => written, poll).toBeGreaterThanOrEqual(100_000);
    child.stdin!.end();
    expect(await ended).toBe(0);
    await expect.poll(() => peer.text.length, poll).toBe(written * LONG.length);
  },
);

/** Each connection begins with a whole line; a line that came before is allowed, one that is skipped is not. */
function faultsOf(texts: readonly string[], count: number): string[] {
  const faults: string[] = [];
  let next = 0;
  for (const [i, text] of texts.entries()) {
    const lines = text.split('\n');
    lines.pop(); // nothing, or what was cut off
    for (const [j, line] of lines.entries()) {
      const number = /^line (\d+)$/u.exec(line)?.[1];
      if (number === undefined) {
        faults.push(`connection ${i}: ${JSON.stringify(line)}`);
        continue;
      }
      if (Number(number) > next || (j > 0 && Number(number) !== Number(/\d+/u.exec(lines[j - 1]!)?.[0]) + 1))
        faults.push(`connection ${i}: ${line} where ${next} was to come`);
      next = Math.max(next, Number(number) + 1);
    }
  }
  if (next !== count) faults.push(`ends at ${next}`);
  return faults;
}

test('finds what is lost, torn, glued or out of order', () => {
  expect(faultsOf(['line 0\nline 1\nli', 'line 1\nline 2\n'], 3)).toEqual([]);
  expect(faultsOf(['line 0\n', 'line 2\n'], 3)).toEqual(['connection 1: line 2 where 1 was to come']);
  expect(faultsOf(['line 0\nline 2\n'], 3)).toHaveLength(1);
  expect(faultsOf(['line 0\n', 'ine 1\nline 1\n'], 2)[0]).toBe('connection 1: "ine 1"');
  expect(faultsOf(['line 0\nline 1line 2\n'], 3)).toHaveLength(2);
  expect(faultsOf(['line 0\n'], 2)).toEqual(['ends at 1']);
});

const COUNT = 300_000;

const manners: readonly [claim: string, leave: (socket: Socket) => void][] = [
  ['closes', (socket) => void socket.end()],
  ['resets', (socket) => void (socket.localPort === undefined ? socket.destroy() : socket.resetAndDestroy())],
  ['stops reading, then is gone', (socket) => void socket.pause().destroy()],
];

test.for(places.flatMap(([place, make]) => manners.map(([how, leave]) => [place, how, make, leave] as const)))(
  'loses no line, and cuts none, where a peer (%s) %s in the middle of the stream',
  PATIENCE,
  async ([place, _how, make, leave], { skip }) => {
    skip(isOutOfReach(place), 'this host has no ::1');
    const { at, where } = await make();
    const peer = new Peer();
    // Of the first connections, each ends when it has read a little.
    peer.greet = (socket) => {
      const end = peer.connections.length * 50_000;
      if (peer.connections.length > 4) return;
      socket.on('data', () => {
        if (peer.text.length > end) leave(socket);
      });
    };
    await peer.listen(where);
    const { child, ended } = relevel('--output', at);
    child.stdin!.end(numbered(0, COUNT));
    expect(await ended).toBe(0);
    await expect.poll(() => peer.text.endsWith(`line ${COUNT - 1}\n`), poll).toBe(true);
    expect(peer.connections.length).toBeGreaterThan(4);
    expect(
      faultsOf(
        peer.connections.map(({ text }) => text),
        COUNT,
      ),
    ).toEqual([]);
  },
);

test('ends within its grace period where no peer comes, and says what is lost', PATIENCE, async () => {
  const port = await freePort();
  const { child, ended, stderr } = relevel('--output', `tcp://127.0.0.1:${port}`, '--grace', '300ms', '--clock', 'replay');
  child.stdin!.write(numbered(0, 10));
  await expect.poll(stderr, poll).toContain('cannot connect: connection refused');
  child.kill('SIGTERM');
  expect(await ended).toBe(1);
  expect(stderr()).toContain(`error: tcp://127.0.0.1:${port}: 10 lines were not delivered, 70 bytes; ended by SIGTERM\n`);
});

test('a command that has ended does not wait for a peer for ever', PATIENCE, async () => {
  const path = join(scratch(), 'socket');
  const { ended, stderr } = relevel(
    'run',
    '--output',
    `unix:${path}`,
    '--grace',
    '300ms',
    '--',
    'sh',
    '-c',
    'echo a; echo b >&2; exit 3',
  );
  expect(await ended).toBe(1);
  expect(stderr()).toContain(`unix:${path}: 2 lines were not delivered, 4 bytes; gave up at the end of --grace\n`);
});

test('a command is told by its code where its lines have arrived', PATIENCE, async () => {
  const path = join(scratch(), 'socket');
  const peer = new Peer();
  await peer.listen({ path });
  const { ended, stderr } = relevel('run', '--output', `unix:${path}`, '--', 'sh', '-c', 'echo a; echo b >&2; exit 3');
  expect([await ended, stderr()]).toEqual([3, '']);
  await expect.poll(() => peer.text.split('\n').toSorted(), poll).toEqual(['', 'a', 'b']);
});

test('a checkpoint does not pass what no peer has', PATIENCE, async () => {
  const folder = scratch();
  const [log, checkpoint] = [join(folder, 'app.log'), join(folder, 'checkpoint')];
  const port = await freePort();
  const args = ['follow', '--checkpoint', checkpoint, '--output', `tcp://127.0.0.1:${port}`, '--grace', '300ms', log];
  writeFileSync(log, numbered(0, 5000));
  const first = relevel(...args);
  await expect.poll(first.stderr, poll).toContain('connection refused');
  first.child.kill('SIGTERM');
  expect(await first.ended).toBe(1);
  expect(first.stderr()).toMatch(/: 5000 lines were not delivered, \d+ bytes; ended by SIGTERM\n/u);

  const peer = new Peer();
  await peer.listen({ port, host: '127.0.0.1' });
  const second = relevel(...args);
  await expect.poll(() => peer.text, poll).toBe(numbered(0, 5000));
  second.child.kill('SIGTERM');
  expect(await second.ended).toBe(0);
  const third = relevel(...args);
  writeFileSync(log, numbered(5000, 5010), { flag: 'a' });
  await expect.poll(() => peer.text, poll).toBe(numbered(0, 5010)); // what had arrived is not sent again
  third.child.kill('SIGTERM');
  expect(await third.ended).toBe(0);
});
