import { lstatSync, unlinkSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect, isIP, type Socket } from 'node:net';
import { codeOf, fault } from '../io/fault.ts';
import { isLoopback, writeAddress, type Address } from './address.ts';
import { Connections } from './connections.ts';
import { metricsOf } from './metrics.ts';
import { refusalLine, type Reload } from './reloader.ts';
import { statusOf, writeStatus } from './status.ts';
import { readinessOf, type Vitals } from './vitals.ts';

/** Bounds on what those who ask may take of us; ms and bytes. Of their connections: `Connections`. */
const HEADERS_WITHIN = 5_000;
const IDLE = 10_000;
const MOST_HEADER = 8 * 1024;

export interface ServerOptions {
  readonly address: Address;
  readonly vitals: Vitals;
  /** `undefined` where rules are not reloaded. */
  readonly reload: (() => Promise<Reload>) | undefined;
  /** Who may ask for a reload: `host`, only those on this host, by a loopback address or a unix socket; or whoever reaches the address. */
  readonly reloadFor: 'host' | 'all';
  /**
   * Looks for a while at what comes in, and tells in JSON what one rule would do with it; a text: why it does not. It takes some seconds.
   * Nothing that it tells has anything of a line in it.
   */
  readonly explain: (rule: string) => Promise<string | { readonly refused: string; readonly status: number }>;
  /** Once it listens: a connection could not be taken. */
  readonly onProblem: (error: Error) => void;
}

export interface Served {
  /** Where it listens, with the port that was free. */
  readonly address: Address;
  readonly close: () => void;
}

/**
 * Answers questions about health: /healthz, /readyz, /metrics, /status; and POST /-/reload. No
 * answer has anything of a line in it. It never keeps the process alive. Rejects where it cannot listen.
 */
export async function serve({ address, vitals, reload, reloadFor, explain, onProblem }: ServerOptions): Promise<Served> {
  const place = writeAddress(address);
  const connections = new Connections();
  const pages = pagesOf(vitals);
  let isPrivate = false;
  const server = createServer(
    {
      maxHeaderSize: MOST_HEADER,
      headersTimeout: HEADERS_WITHIN,
      requestTimeout: HEADERS_WITHIN,
      keepAliveTimeout: HEADERS_WITHIN,
      connectionsCheckingInterval: 1_000,
    },
    (request, response) => {
      const { socket } = request;
      if (!connections.begin(socket)) return;
      response.on('close', () => connections.end(socket));
      const mayReload = reloadFor === 'all' || (isPrivate && isOfHost(socket));
      const isNear = isPrivate && isOfHost(socket);
      answer(request, { pages, reload, mayReload, explain, isNear }).then(
        (said) => {
          const body = Buffer.from(said.body);
          connections.send(socket, body.length);
          send(request, response, said, body);
        },
        (error: unknown) => response.destroy(error as Error),
      );
    },
  );
  server.timeout = IDLE;
  server.on('connection', (socket) => connections.add(socket.unref()));
  server.unref();
  try {
    await listen(server, address);
  } catch (error) {
    throw fault(place, 'listen', error);
  }
  server.on('error', (error) => onProblem(fault(place, 'take a connection', error)));
  const bound = server.address();
  isPrivate = typeof bound === 'string' || isLoopback(bound?.address ?? '');
  return {
    address: address.kind === 'tcp' && typeof bound === 'object' && bound !== null ? { ...address, port: bound.port } : address,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function listen(server: Server, address: Address): Promise<void> {
  if (address.kind === 'tcp') return attempt(server, () => server.listen(address.port, address.host));
  const { path } = address;
  try {
    await attempt(server, () => listenPrivately(server, path));
  } catch (error) {
    if (codeOf(error) !== 'EADDRINUSE' || !(await isStale(path))) throw error;
    unlinkSync(path);
    await attempt(server, () => listenPrivately(server, path));
  }
}

const attempt = (server: Server, step: () => void): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.once('listening', () => {
      server.off('error', reject);
      resolve();
    });
    step();
  });

/** The socket is made within `listen`, and must not be open to others even for a moment. */
function listenPrivately(server: Server, path: string): void {
  const mask = process.umask(0o177);
  try {
    server.listen(path);
  } finally {
    process.umask(mask);
  }
}

/** A socket that nobody listens on: one that was killed left it. */
async function isStale(path: string): Promise<boolean> {
  if (!lstatSync(path).isSocket()) return false;
  return new Promise((resolve) => {
    const socket = connect(path, () => {
      socket.destroy();
      resolve(false);
    });
    socket.on('error', (error) => resolve(codeOf(error) === 'ECONNREFUSED'));
  });
}

/** Packets for a loopback address may come from another host, where the kernel is set to route them. */
const isOfHost = ({ remoteAddress }: Socket): boolean => remoteAddress === undefined || isLoopback(remoteAddress);

interface Said {
  readonly status: number;
  readonly type: string;
  readonly body: string;
  /** Methods that would be right. */
  readonly allow?: string;
}

const TEXT = 'text/plain; charset=utf-8';
const METRICS = 'text/plain; version=0.0.4; charset=utf-8';
const JSON_TEXT = 'application/json';

const text = (status: number, ...lines: string[]): Said => ({
  status,
  type: TEXT,
  body: lines.map((line) => `${line}\n`).join(''),
});

interface Answering extends Pick<ServerOptions, 'reload' | 'explain'> {
  readonly pages: ReadonlyMap<string, Page>;
  readonly mayReload: boolean;
  /** Who asks is on this host, and so is all that can ask. */
  readonly isNear: boolean;
}

async function answer(request: IncomingMessage, { pages, reload, mayReload, explain, isNear }: Answering): Promise<Said> {
  const { method, headers } = request;
  const path = (request.url ?? '').replace(/\?.*$/su, '');
  if ('transfer-encoding' in headers || (headers['content-length'] ?? '0') !== '0')
    return text(413, 'no request here has a body');
  if (path === '/-/reload') {
    if (method !== 'POST') return { ...text(405, 'reload: POST it'), allow: 'POST' };
    // A browser says so where a page of somebody else's asks.
    if (headers.origin !== undefined) return text(403, 'reload: not from a web page');
    if (!mayReload) return text(403, RELOAD_REFUSED);
    return reload === undefined ? text(409, 'the rules of this relevel are not reloaded') : sayReload(await reload());
  }
  if (path === '/explain') return answerExplain(request, explain, isNear);
  const page = pages.get(path);
  if (page === undefined) return text(404, `here are ${[...pages.keys()].join(', ')}`);
  return method === 'GET' || method === 'HEAD' ? page() : { ...text(405, 'only GET and HEAD'), allow: 'GET, HEAD' };
}

/** ms. Longer than it takes to look at what comes in. */
const EXPLAINED_WITHIN = 60_000;

async function answerExplain(request: IncomingMessage, explain: ServerOptions['explain'], isNear: boolean): Promise<Said> {
  const { method, headers, socket, url = '' } = request;
  if (method !== 'POST') return { ...text(405, 'explain: POST it'), allow: 'POST' };
  if (headers.origin !== undefined) return text(403, 'explain: not from a web page');
  // A name that somebody else has led to this address may stand in a web page.
  if (!isNear || !isHostNear(headers.host)) return text(403, 'explain: only on a loopback address or a unix socket');
  const rule = new URLSearchParams(url.replace(/^[^?]*\??/su, '')).get('rule');
  if (rule === null || rule === '') return text(400, 'explain: which rule? POST /explain?rule=<id>');
  socket.setTimeout(EXPLAINED_WITHIN);
  const said = await explain(rule);
  return typeof said === 'string' ? { status: 200, type: JSON_TEXT, body: `${said}\n` } : text(said.status, said.refused);
}

/** Of a unix socket, those who ask make up a host. */
function isHostNear(host = ''): boolean {
  const name = host
    .replace(/:\d+$/u, '')
    .replace(/^\[(.*)\]$/u, '$1')
    .toLowerCase();
  return name === '' || name === 'localhost' || (isIP(name) !== 0 && isLoopback(name));
}

const RELOAD_REFUSED = 'reload: only on a loopback address or a unix socket; with --allow-reload also here';

type Page = () => Said | Promise<Said>;

function pagesOf(vitals: Vitals): ReadonlyMap<string, Page> {
  // Those who ask while it is being made share it: it may be a megabyte.
  let making: Promise<Said> | undefined;
  const metrics = async (): Promise<Said> => ({ status: 200, type: METRICS, body: await metricsOf(vitals) });
  return new Map<string, Page>([
    ['/healthz', () => text(200, 'ok')],
    ['/readyz', () => sayReady(vitals)],
    ['/metrics', () => (making ??= metrics().finally(() => (making = undefined)))],
    ['/status', () => ({ status: 200, type: JSON_TEXT, body: writeStatus(statusOf(vitals)) })],
  ]);
}

function sayReady(vitals: Vitals): Said {
  const { obstacles, notes } = readinessOf(vitals);
  if (obstacles.length === 0) return text(200, 'ready', ...notes);
  return text(503, ...obstacles.map((obstacle) => `not ready: ${obstacle}`), ...notes);
}

function sayReload(reload: Reload): Said {
  switch (reload.kind) {
    case 'adopted':
      return text(200, `reloaded: ${reload.rules} rule${reload.rules === 1 ? ' is' : 's are'} in force`);
    case 'unchanged':
      return text(200, 'nothing has changed');
    case 'refused':
      return text(422, ...reload.problems.map(refusalLine), 'the rules before it stay in force');
  }
}

function send(request: IncomingMessage, response: ServerResponse, { status, type, allow }: Said, bytes: Buffer): void {
  response.writeHead(status, {
    'content-type': type,
    'content-length': bytes.length,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    // What is left of a request that we do not read is not to be taken for the next one.
    ...(status === 413 ? { connection: 'close' } : {}),
    ...(allow === undefined ? {} : { allow }),
  });
  response.end(request.method === 'HEAD' ? undefined : bytes);
}
