import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer, connect, type Socket } from 'node:net';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { request, type IncomingMessage } from 'node:http';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { ask } from '../../src/sidecar/ask.ts';
import type { Address } from '../../src/sidecar/address.ts';
import type { Reload } from '../../src/sidecar/reloader.ts';
import { serve, type ServerOptions } from '../../src/sidecar/server.ts';
import { readStatus } from '../../src/sidecar/status.ts';
import type { Vitals } from '../../src/sidecar/vitals.ts';
import { readExposition } from './exposition-reader.ts';
import { line, vitalsOf } from './vitals.ts';
import { PATIENCE, poll } from '../support/patience.ts';

const ANY: Address = { kind: 'tcp', host: '127.0.0.1', port: 0 };

async function serving(
  vitals: Vitals,
  reload?: () => Promise<Reload>,
  address = ANY,
  reloadFor: 'host' | 'all' = 'host',
  explain: ServerOptions['explain'] = async () => '{}',
): Promise<Address> {
  const served = await serve({ address, vitals, reload, reloadFor, explain, onProblem: () => {} });
  onTestFinished(served.close);
  return served.address;
}

const get = (address: Address, path: string) => ask(address, { method: 'GET', path, patience: 5_000 });
const post = (address: Address, path: string) => ask(address, { method: 'POST', path, patience: 60_000 });

/** A path for a socket that is gone after the test. */
function socketPath(): string {
  const folder = mkdtempSync(join(tmpdir(), 'relevel-socket-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, 'socket');
}

/** Sends bytes as they are, and gives all that comes back until the other side hangs up. */
async function raw(address: Address, text: string): Promise<string> {
  const socket = connect((address as { port: number }).port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  let answer = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => (answer += chunk));
  socket.on('error', () => {});
  socket.write(text);
  await once(socket, 'close');
  return answer;
}

test('says that it is alive and ready', async () => {
  const address = await serving(vitalsOf().vitals);
  expect(await get(address, '/healthz')).toEqual({ status: 200, body: 'ok\n' });
  expect(await get(address, '/readyz?verbose')).toEqual({ status: 200, body: 'ready\n' });
  expect(readExposition((await get(address, '/metrics')).body).size).toBeGreaterThan(20);
});

test('is not ready while lines are let go for want of room, and for a while after', async () => {
  let now = 60_000;
  const { vitals, push } = vitalsOf(undefined, { holdLines: 1 }, { now: () => now });
  const address = await serving(vitals);
  push(line('failed'), now);
  const full = { status: 503, body: 'not ready: the hold queue is full: lines are released unchanged\n' };
  expect(await get(address, '/readyz')).toEqual(full);
  push(line('failed') + line('ready'), now);
  expect(vitals.engine.figures.heldLines).toBe(0);
  expect(await get(address, '/readyz')).toEqual(full);
  now = 70_000;
  expect((await get(address, '/readyz')).status).toBe(200);
});

test('is not ready while an input fails', async () => {
  const inputs = {
    failing: () => ['a\x1b[2J.log'],
    outputTrouble: () => undefined,
    lagBytes: () => 0,
    checkpointAt: () => undefined,
  };
  const address = await serving(vitalsOf(undefined, {}, { inputs }).vitals);
  expect(await get(address, '/readyz')).toEqual({ status: 503, body: String.raw`not ready: input fails: a\x1b[2J.log` + '\n' });
});

test('is not ready while the output takes nothing', async () => {
  const outputTrouble = (): string => 'no space left on device';
  const inputs = { failing: () => [], outputTrouble, lagBytes: () => 0, checkpointAt: () => undefined };
  const address = await serving(vitalsOf(undefined, {}, { inputs }).vitals);
  const body = 'not ready: the output takes nothing: no space left on device; the inputs wait\n';
  expect(await get(address, '/readyz')).toEqual({ status: 503, body });
});

test('is not ready while an output has been away, or has taken nothing, for a while', async () => {
  const state = { name: 'tcp://a\x1b:1', connected: false, waiting: 7, delivered: 1, stalled: 9_999 };
  let outputs = [state];
  const address = await serving(vitalsOf(undefined, {}, { outputs: () => outputs }).vitals);
  expect((await get(address, '/readyz')).status).toBe(200);
  outputs = [
    { ...state, stalled: 10_000 },
    { ...state, name: 'stdout', connected: true, stalled: 61_000 },
  ];
  expect(await get(address, '/readyz')).toEqual({
    status: 503,
    body:
      'not ready: output tcp://a\\x1b:1: not connected for 10 s; 7 bytes wait\n' +
      'not ready: output stdout: nothing was taken for 61 s; 7 bytes wait\n',
  });
});

test('stays ready with the rules it has, and says that others were refused', async () => {
  const reloads = () => ({ adopted: 0, refused: 1, last: { kind: 'refused' as const, problems: ['x', 'y'] }, adoptedAt: 0 });
  const address = await serving(vitalsOf(undefined, {}, { reloads }).vitals);
  expect(await get(address, '/readyz')).toEqual({
    status: 200,
    body: 'ready\nrules: the last reload was refused, 2 problems; the rules before it stay in force\n',
  });
});

test('tells its state to relevel status', async () => {
  const { vitals, push } = vitalsOf();
  push(line('failed'), 60_000);
  const status = readStatus((await get(await serving(vitals), '/status')).body)!;
  expect(status).toMatchObject({ version: '1.2.3', pid: 7, up: 60_000, rules: 2, waits: 1, lastReload: 'adopted' });
  expect(status.counts).toEqual(vitals.engine.counts);
});

const reloads: readonly [reload: Reload, status: number, body: string][] = [
  [{ kind: 'adopted', rules: 1 }, 200, 'reloaded: 1 rule is in force\n'],
  [{ kind: 'unchanged' }, 200, 'nothing has changed\n'],
  [{ kind: 'refused', problems: ['a', 'b'] }, 422, 'a\nb\nthe rules before it stay in force\n'],
];

test.each(reloads)('is asked to reload: %j', async (reload, status, body) => {
  const address = await serving(vitalsOf().vitals, async () => reload);
  expect(await post(address, '/-/reload')).toEqual({ status, body });
});

test('does not reload for a web page, nor by GET, nor where nothing can be reloaded', async () => {
  let reloaded = 0;
  const address = await serving(vitalsOf().vitals, async () => {
    reloaded += 1;
    return { kind: 'unchanged' };
  });
  expect((await get(address, '/-/reload')).status).toBe(405);
  const page = 'POST /-/reload HTTP/1.1\r\nHost: x\r\nOrigin: http://evil.example\r\nConnection: close\r\n\r\n';
  expect(await raw(address, page)).toMatch(/^HTTP\/1\.1 403 /u);
  expect(reloaded).toBe(0);
  expect((await post(await serving(vitalsOf().vitals), '/-/reload')).status).toBe(409);
});

const refused: readonly [claim: string, text: string, answer: RegExp][] = [
  ['another method', 'DELETE /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n', /^HTTP\/1\.1 405 [^]*allow: GET, HEAD/u],
  ['another page', 'GET /etc/passwd HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n', /^HTTP\/1\.1 404 /u],
  ['a body', 'POST /-/reload HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n', /^HTTP\/1\.1 413 /u],
  ['a body in chunks', 'GET /metrics HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n', /^HTTP\/1\.1 413 /u],
  ['headers without end', `GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, /^HTTP\/1\.1 431 /u],
  ['what is no HTTP', 'hello\r\n\r\n', /^HTTP\/1\.1 400 /u],
];

test.each(refused)('refuses %s', async (_claim, text, answer) => {
  expect(await raw(await serving(vitalsOf().vitals), text)).toMatch(answer);
});

test('answers HEAD with no body', async () => {
  const { port } = (await serving(vitalsOf().vitals)) as { port: number };
  const asking = request({ port, host: '127.0.0.1', path: '/metrics', method: 'HEAD', agent: false }).end();
  const [response] = (await once(asking, 'response')) as [IncomingMessage];
  expect(response.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
  expect(Number(response.headers['content-length'])).toBeGreaterThan(1000);
  expect(await response.toArray()).toEqual([]);
});

/** What somebody may do to keep a connection to himself. */
const holds: readonly [claim: string, text: string][] = [
  ['say nothing', ''],
  ['send half of a request line', 'GET /hea'],
  ['send half of their headers', 'GET /healthz HTTP/1.1\r\nHost: x\r\nX-A: '],
  ['keep a connection after an answer', 'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n'],
  ['never send the body that they announced', 'POST /-/reload HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n'],
];

/** Connects, sends this, and reads nothing. */
async function hold(address: Address, text: string): Promise<Socket> {
  const socket = connect((address as { port: number }).port, '127.0.0.1');
  socket.on('error', () => {});
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  socket.write(text);
  return socket;
}

test.each(holds)('answers a probe, however many %s', PATIENCE, async (_claim, text) => {
  const address = await serving(vitalsOf().vitals);
  const held: Socket[] = [];
  for (let i = 0; i < 16; i += 1) held.push(await hold(address, text));
  expect(await get(address, '/healthz')).toEqual({ status: 200, body: 'ok\n' });
  for (let i = 16; i < 200; i += 1) held.push(await hold(address, text));
  for (let i = 0; i < 3; i += 1) expect(await get(address, '/healthz')).toEqual({ status: 200, body: 'ok\n' });
  // No more than a few are kept, and the first ones are dropped first.
  await expect.poll(() => held.slice(0, 100).filter((socket) => socket.resume().closed).length, poll).toBe(100);
});

test('drops those who take no answer, the oldest first, before they make it keep more than a little', PATIENCE, async () => {
  const long = 'x'.repeat(12 << 20);
  const reloading = async (): Promise<Reload> => ({ kind: 'refused', problems: [long] });
  const address = await serving(vitalsOf().vitals, reloading);
  const asking = 'POST /-/reload HTTP/1.1\r\nHost: x\r\n\r\n';
  const first = await hold(address, asking);
  for (let i = 0; i < 5; i += 1) await hold(address, asking);
  expect((await post(address, '/-/reload')).body).toContain(long);
  expect((await get(address, '/healthz')).status).toBe(200);
  let taken = 0;
  first.on('data', (chunk: Buffer) => (taken += chunk.length));
  await expect.poll(() => first.closed, poll).toBe(true);
  expect(taken).toBeLessThan(long.length);
});

test('answers one question at a time on a connection', async () => {
  const address = await serving(vitalsOf().vitals);
  const answers = await raw(address, 'GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(1_000));
  expect(answers.match(/^HTTP\/1\.1 200/gmu) ?? []).toHaveLength(0);
  expect((await get(address, '/healthz')).status).toBe(200);
});

test('hangs up on those who say nothing', PATIENCE, async () => {
  const address = await serving(vitalsOf().vitals);
  const { port } = address as { port: number };
  const closed = [];
  for (let i = 0; i < 8; i += 1) {
    const socket: Socket = connect(port, '127.0.0.1').resume();
    socket.on('error', () => {});
    onTestFinished(() => void socket.destroy());
    closed.push(once(socket, 'close'));
  }
  await Promise.all(closed);
});

const doors: readonly [claim: string, address: Address, reloadFor: 'host' | 'all', status: number][] = [
  ['on 127.0.0.1', ANY, 'host', 200],
  ['on localhost', { ...ANY, host: 'localhost' }, 'host', 200],
  ['on all addresses', { ...ANY, host: '0.0.0.0' }, 'host', 403],
  ['on all addresses, though with --allow-reload', { ...ANY, host: '0.0.0.0' }, 'all', 200],
];

test.each(doors)('asked for a reload %s, it says %j', async (_claim, address, reloadFor, status) => {
  let reloaded = 0;
  const reloading = async (): Promise<Reload> => {
    reloaded += 1;
    return { kind: 'unchanged' };
  };
  const served = await serving(vitalsOf().vitals, reloading, address, reloadFor);
  const answer = await post(served, '/-/reload');
  expect(answer.status).toBe(status);
  expect(reloaded).toBe(status === 200 ? 1 : 0);
  if (status === 403) expect(answer.body).toContain('--allow-reload');
  expect((await get(served, '/healthz')).status).toBe(200);
});

test('asked for a reload on an address of the network, it says no, and on a unix socket it does so', async () => {
  const reloading = async (): Promise<Reload> => ({ kind: 'unchanged' });
  const path = socketPath();
  const socket = await serving(vitalsOf().vitals, reloading, { kind: 'unix', path });
  expect((await post(socket, '/-/reload')).status).toBe(200);
  const [outer] = Object.values(networkInterfaces()).flatMap((each) =>
    (each ?? []).filter(({ internal, family }) => !internal && family === 'IPv4'),
  );
  if (outer === undefined) return; // a machine without a network has no other door
  const served = await serving(vitalsOf().vitals, reloading, { kind: 'tcp', host: outer.address, port: 0 });
  expect((await post(served, '/-/reload')).status).toBe(403);
});

test("listens on a socket that is its owner's alone, and takes it away", async () => {
  const path = socketPath();
  const served = await serve({
    address: { kind: 'unix', path },
    vitals: vitalsOf().vitals,
    reload: undefined,
    reloadFor: 'host',
    explain: async () => '{}',
    onProblem: () => {},
  });
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(process.umask()).not.toBe(0o177);
  expect((await get({ kind: 'unix', path }, '/healthz')).body).toBe('ok\n');
  served.close();
  expect(existsSync(path)).toBe(false);
});

test('takes the place of a socket that somebody left, but of nothing else', async () => {
  const path = socketPath();
  const address: Address = { kind: 'unix', path };
  await serving(vitalsOf().vitals, undefined, address);
  await expect(serving(vitalsOf().vitals, undefined, address)).rejects.toThrow(
    `unix:${path}: cannot listen: address already in use`,
  );

  const left = socketPath();
  execFileSync('python3', ['-c', `import socket; socket.socket(socket.AF_UNIX).bind(${JSON.stringify(left)})`]);
  await serving(vitalsOf().vitals, undefined, { kind: 'unix', path: left });
  expect((await get({ kind: 'unix', path: left }, '/healthz')).status).toBe(200);

  const file = socketPath();
  writeFileSync(file, 'precious');
  await expect(serving(vitalsOf().vitals, undefined, { kind: 'unix', path: file })).rejects.toThrow('address already in use');
  expect(existsSync(file)).toBe(true);
});

test('says who cannot be asked', async () => {
  const path = socketPath();
  await expect(get({ kind: 'unix', path }, '/')).rejects.toThrow(
    `unix:${path}: cannot ask: no such file or directory; is there a relevel that runs with --listen unix:${path}`,
  );
  const silent = createServer().listen(0, '127.0.0.1');
  await once(silent, 'listening');
  onTestFinished(() => void silent.close());
  const { port } = silent.address() as { port: number };
  const asking = ask({ kind: 'tcp', host: '127.0.0.1', port }, { method: 'GET', path: '/', patience: 50 });
  await expect(asking).rejects.toThrow(`127.0.0.1:${port}: no answer within 0.05 s`);
});

test('tells what a rule would do, to those on this host alone', async () => {
  const asked: string[] = [];
  const explain: ServerOptions['explain'] = async (rule) => {
    asked.push(rule);
    return rule === 'busy' ? { status: 429, refused: 'once a minute' } : '{"lines":3}';
  };
  const address = await serving(vitalsOf().vitals, undefined, ANY, 'host', explain);
  expect(await post(address, '/explain?rule=a%20b')).toEqual({ status: 200, body: '{"lines":3}\n' });
  expect(await post(address, '/explain?rule=busy')).toEqual({ status: 429, body: 'once a minute\n' });
  expect((await post(address, '/explain')).status).toBe(400);
  expect((await get(address, '/explain?rule=a')).status).toBe(405);
  const asking = (headers: string): Promise<string> =>
    raw(address, `POST /explain?rule=c HTTP/1.1\r\nConnection: close\r\n${headers}\r\n`);
  for (const headers of [
    'Host: x\r\nOrigin: http://evil.example\r\n',
    'Host: evil.example\r\n',
    'Host: 127.0.0.1.evil.example:80\r\n',
    'Host: localhost.evil\r\n',
  ])
    expect(await asking(headers)).toMatch(/^HTTP\/1\.1 403 /u);
  for (const headers of ['Host: localhost:1\r\n', 'Host: 127.0.0.1\r\n', 'Host: [::1]:9\r\n'])
    expect(await asking(headers)).toMatch(/^HTTP\/1\.1 200 /u);
  expect(asked).toEqual(['a b', 'busy', 'c', 'c', 'c']);

  const everywhere = await serving(vitalsOf().vitals, undefined, { kind: 'tcp', host: '0.0.0.0', port: 0 }, 'all', explain);
  expect((await post(everywhere, '/explain?rule=a')).status).toBe(403);
  const socket: Address = { kind: 'unix', path: socketPath() };
  expect((await post(await serving(vitalsOf().vitals, undefined, socket, 'host', explain), '/explain?rule=a')).status).toBe(200);
});
