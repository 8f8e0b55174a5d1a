import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { appendFileSync, closeSync, existsSync, openSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { scratch } from '../cli/host.ts';
import { ask } from '../../src/sidecar/ask.ts';
import { readExposition } from '../sidecar/exposition-reader.ts';

const PROGRAM = join(import.meta.dirname, '../../dist/relevel.js');

beforeAll(() => {
  if (!existsSync(PROGRAM)) throw new Error('dist/relevel.js is not there; npm run build makes it');
});

/** A process may take this long to start, where others keep the machine busy. */
const PATIENCE = { timeout: 120_000 };
const poll = { timeout: 90_000, interval: 100 };

const LINE = `${'x'.repeat(999)}\n`;
/** More than a pipe, a socket and what may wait take. */
const PLENTY = LINE.repeat(16 * 1024);

/** Runs the built program beside a socket that it can be asked at. Nobody reads its stdout. */
function listening(args: (folder: string) => readonly string[]) {
  const folder = scratch();
  const path = join(folder, 'socket');
  const child: ChildProcess = spawn(process.execPath, [
    PROGRAM,
    ...args(folder).flatMap((arg) => (arg === '--listen' ? [arg, `unix:${path}`] : [arg])),
  ]);
  onTestFinished(() => void child.kill('SIGKILL'));
  child.stdin!.on('error', () => {});
  const page = async (name: string) => ask({ kind: 'unix', path }, { method: 'GET', path: name, patience: 5_000 });
  const readiness = async (): Promise<string> => (await page('/readyz').catch(() => ({ body: '' }))).body;
  const metric = async (name: string): Promise<number | undefined> => {
    const samples = readExposition((await page('/metrics')).body).get(name)?.samples;
    return samples?.[0]?.value;
  };
  return { child, folder, readiness, metric };
}

/** A peer that takes connections and reads nothing. */
async function deafPeer(): Promise<number> {
  const server = createServer((socket) => {
    socket.pause().on('error', () => {});
    onTestFinished(() => void socket.destroy());
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await expect.poll(() => server.listening).toBe(true);
  return (server.address() as AddressInfo).port;
}

/** A FIFO that somebody has open and does not read. */
function deafFifo(folder: string): string {
  const path = join(folder, 'fifo');
  spawnSync('mkfifo', [path]);
  const fd = openSync(path, 'r+');
  onTestFinished(() => closeSync(fd));
  return path;
}

const away: readonly [claim: string, output: (folder: string) => Promise<readonly string[]>, connected: 0 | 1][] = [
  ['a pipe on stdout', async () => [], 1],
  ['a FIFO', async (folder) => ['--output', deafFifo(folder)], 1],
  ['a collector that reads nothing', async () => ['--output', `tcp://127.0.0.1:${await deafPeer()}`], 1],
  ['a collector that is not there', async () => ['--output', 'tcp://127.0.0.1:1'], 0],
  ['a unix socket that is not there', async (folder) => ['--output', `unix:${join(folder, 'gone')}`], 0],
];

test.each(away)(
  'the filter is not ready while %s takes nothing, and tells how much waits',
  PATIENCE,
  async (_claim, output, connected) => {
    const own = await output(scratch());
    const { child, readiness, metric } = listening(() => ['--listen', ...own]);
    child.stdin!.write(PLENTY);
    await expect
      .poll(readiness, poll)
      .toMatch(
        connected === 1
          ? /^not ready: output .*: nothing was taken for \d+ s; \d+ bytes wait\n$/u
          : /^not ready: output .*: not connected for \d+ s; \d+ bytes wait\n$/u,
      );
    expect(await metric('relevel_output_connected')).toBe(connected);
    expect(await metric('relevel_output_waiting_bytes')).toBeGreaterThan(64 * 1024);
    expect(await metric('relevel_output_stalled_seconds')).toBeGreaterThanOrEqual(10);
    expect(await metric('relevel_output_delivered_bytes_total')).toBeLessThan(PLENTY.length);
    child.stdout!.resume();
  },
);

test('what follow has not read grows while nobody reads what it writes', PATIENCE, async () => {
  const { folder, child, readiness, metric } = listening((own) => {
    writeFileSync(join(own, 'a.log'), PLENTY);
    return ['follow', '--listen', '--from', 'start', join(own, 'a.log')];
  });
  await expect.poll(async () => (await metric('relevel_input_lag_bytes').catch(() => 0)) ?? 0, poll).toBeGreaterThan(1_000_000);
  const waits = async (): Promise<number> => (await metric('relevel_output_waiting_bytes'))!;
  await expect.poll(waits, poll).toBeGreaterThan(64 * 1024);
  const before = (await metric('relevel_input_lag_bytes'))!;
  appendFileSync(join(folder, 'a.log'), PLENTY);
  expect(await metric('relevel_input_lag_bytes')).toBe(before + PLENTY.length);
  await expect.poll(readiness, poll).toContain('not ready: output stdout: nothing was taken for');
  child.stdout!.resume();
  await expect.poll(readiness, poll).toBe('ready\n');
  await expect.poll(() => metric('relevel_output_delivered_bytes_total'), poll).toBe(2 * PLENTY.length);
  expect(await metric('relevel_output_waiting_bytes')).toBe(0);
});

test('run tells of both outputs of its command', PATIENCE, async () => {
  const script = 'echo out; echo err >&2; sleep 60';
  const { child, metric } = listening(() => ['run', '--listen', '--', 'sh', '-c', script]);
  child.stdout!.resume();
  child.stderr!.resume();
  await expect.poll(() => metric('relevel_output_delivered_bytes_total').catch(() => 0), poll).toBe(4);
});
