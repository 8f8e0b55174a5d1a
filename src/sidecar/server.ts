import { lstatSync, unlinkSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { codeOf, fault } from '../io/fault.ts';
import { writeAddress, type Address } from './address.ts';
import { metricsOf } from './metrics.ts';
import { refusalLine, type Reload } from './reloader.ts';
import { statusOf, writeStatus } from './status.ts';
import { readinessOf, type Vitals } from './vitals.ts';

/** Bounds on what those who ask may take of us; ms and bytes. */
const MOST_CONNECTIONS = 16;
const HEADERS_WITHIN = 5_000;
const IDLE = 10_000;
const MOST_HEADER = 8 * 1024;

export interface ServerOptions {
  readonly address: Address;
  readonly vitals: Vitals;
  /** `undefined` where rules are not reloaded. */
  readonly reload: (() => Promise<Reload>) | undefined;
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
export async function serve({ address, vitals, reload, onProblem }: ServerOptions): Promise<Served> {
  const place = writeAddress(address);
  const server = createServer(
    {
      maxHeaderSize: MOST_HEADER,
      headersTimeout: HEADERS_WITHIN,
      requestTimeout: HEADERS_WITHIN,
      keepAliveTimeout: HEADERS_WITHIN,
      connectionsCheckingInterval: 1_000,
    },
    (request, response) => {
      answer(request, { vitals, reload }).then(
        (said) => send(request, response, said),
        (error: unknown) => response.destroy(error as Error),
      );
    },
  );
  server.maxConnections = MOST_CONNECTIONS;
  server.timeout = IDLE;
  server.on('connection', (socket) => socket.unref());
  server.unref();
  try {
    await listen(server, address);
  } catch (error) {
    throw fault(place, 'listen', error);
  }
  server.on('error', (error) => onProblem(fault(place, 'take a connection', error)));
  const bound = server.address();
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

async function answer(request: IncomingMessage, { vitals, reload }: Pick<ServerOptions, 'vitals' | 'reload'>): Promise<Said> {
  const { method, headers } = request;
  const path = (request.url ?? '').replace(/\?.*$/su, '');
  if ('transfer-encoding' in headers || (headers['content-length'] ?? '0') !== '0')
    return text(413, 'no request here has a body');
  if (path === '/-/reload') {
    if (method !== 'POST') return { ...text(405, 'reload: POST it'), allow: 'POST' };
    // A browser says so where a page of somebody else's asks.
    if (headers.origin !== undefined) return text(403, 'reload: not from a web page');
    return reload === undefined ? text(409, 'the rules of this relevel are not reloaded') : sayReload(await reload());
  }
  const page = PAGES.get(path);
  if (page === undefined) return text(404, `here are ${[...PAGES.keys()].join(', ')}`);
  return method === 'GET' || method === 'HEAD' ? page(vitals) : { ...text(405, 'only GET and HEAD'), allow: 'GET, HEAD' };
}

type Page = (vitals: Vitals) => Said | Promise<Said>;

const PAGES: ReadonlyMap<string, Page> = new Map<string, Page>([
  ['/healthz', () => text(200, 'ok')],
  ['/readyz', sayReady],
  ['/metrics', async (vitals) => ({ status: 200, type: METRICS, body: await metricsOf(vitals) })],
  ['/status', (vitals) => ({ status: 200, type: JSON_TEXT, body: writeStatus(statusOf(vitals)) })],
]);

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

function send(request: IncomingMessage, response: ServerResponse, { status, type, body, allow }: Said): void {
  const bytes = Buffer.from(body);
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
