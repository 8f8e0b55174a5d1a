import { HOSTS, METHODS, PATHS, peerOf, type Dialect } from './dialect.ts';
import type { Random } from './random.ts';

/** Services that log by pino, about 345 bytes a line; and, among them, relevel's own prober. */
export const pino: Dialect = {
  ordinary(time, random) {
    const level = random.chance(0.01) ? 40 : random.chance(0.1) ? 20 : 30;
    return JSON.stringify({ ...head(level, time, random), ...request(random), msg: message(random) });
  },

  failure(time, random) {
    const top = head(50, time, random);
    const name = `veth${random.hex(8)}`;
    const error = random.pick(ERRORS);
    switch (random.below(8)) {
      case 0: // the words of an unsupported interface, and another cause
        return JSON.stringify({
          ...top,
          interface: name,
          errno: 19,
          code: 'ENODEV',
          outcome: 'failed',
          msg: `ethtool statistics of ${name}: no such device`,
        });
      case 1:
        return JSON.stringify({
          ...top,
          ...request(random),
          msg: `cannot open "${random.pick(['/dev/kvm', '/dev/net/tun'])}": permission denied`,
        });
      default:
        return JSON.stringify({
          ...top,
          ...request(random),
          err: { type: 'Error', message: error, stack: stack(error) },
          msg: error,
        });
    }
  },

  unsupported(time, name, random) {
    return JSON.stringify({
      level: 50,
      time,
      pid: 4711,
      hostname: HOSTS[0],
      interface: name,
      driver: random.pick(['vxlan', 'bridge', 'tun', 'macvlan']),
      errno: 95,
      code: 'EOPNOTSUPP',
      outcome: 'unsupported',
      request: { cmd: 'ETHTOOL_GSTRINGS', microseconds: 3 + random.below(40) },
      node: { kernel: '6.18.44-azure', pod: 'relevel-probe-x7k2p' },
      msg: `ethtool statistics are not supported by ${name}`,
    });
  },

  probe(time, { hostname, pid, outcome }) {
    if (outcome === 'ready')
      return JSON.stringify({ level: 30, time, pid, hostname, device: '/dev/kvm', outcome, api: 12, msg: '/dev/kvm is ready' });
    return JSON.stringify({
      level: 50,
      time,
      pid,
      hostname,
      device: '/dev/mshv',
      errno: 2,
      code: 'ENOENT',
      outcome,
      msg: '/dev/mshv is not available: no such file or directory',
    });
  },
};

const head = (level: number, time: number, random: Random) => ({
  level,
  time,
  pid: 1000 + random.below(8),
  hostname: random.pick(HOSTS),
});

function request(random: Random) {
  return {
    reqId: `req-${random.hex(8)}`,
    method: random.pick(METHODS),
    url: `${random.pick(PATHS)}/${random.below(100_000)}?limit=${10 + random.below(90)}&trace=${random.hex(8)}`,
    req: { remoteAddress: peerOf(random), remotePort: 1024 + random.below(60_000), agent: 'okhttp/4.12.0' },
    res: { statusCode: random.pick([200, 200, 200, 201, 304, 404]), bytes: random.below(50_000) },
    responseTime: random.below(90_000) / 100,
  };
}

function message(random: Random): string {
  switch (random.below(8)) {
    case 0:
      return `feature "${random.pick(['fast-checkout', 'new-search'])}" is on for tenant ${random.below(500)}`;
    case 1:
      return `retry ${1 + random.below(3)} of 5 after error: socket hang up`;
    case 2:
      return `cache miss for key user:${random.below(100_000)}:profile, loaded in ${random.below(40)} ms`;
    default:
      return random.pick(MESSAGES);
  }
}

const MESSAGES = [
  'request completed',
  'request completed',
  'request completed',
  'incoming request',
  'queue drained',
  'größe geändert – ok',
];

const ERRORS = [
  'connect ECONNREFUSED 10.0.12.7:5432',
  'upstream timed out after 3000 ms',
  'duplicate key value violates unique constraint "orders_pkey"',
  'Unexpected token < in JSON at position 0',
  'certificate has expired',
];

const stack = (error: string): string =>
  `Error: ${error}\n    at Client.send (/app/node_modules/pg/lib/client.js:132:19)\n    at /app/src/orders.js:88:7`;
