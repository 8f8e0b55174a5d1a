import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { expect, onTestFinished, test } from 'vitest';
import { queueOf, unacknowledged } from '../../../src/io/output/peer-queue.ts';
import { poll } from '../../support/patience.ts';

const hasIPv6 = Object.values(networkInterfaces()).some((each) => each?.some(({ address }) => address === '::1'));
const HOSTS = hasIPv6 ? ['127.0.0.1', '::1'] : ['127.0.0.1'];

const HEAD =
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode                                                     \n';
const row = (queue: string, inode: number, uid = 0): string =>
  `   0: 0100007F:1F90 0100007F:B2C4 01 ${queue}:00000000 01:00000014 00000000 ${String(uid).padStart(5)}        0 ${inode} 2 00000000bd5e0f02 21 4 31 10 -1                    \n`;

const tables: readonly [claim: string, table: string, queue: number | undefined][] = [
  ['no row', HEAD, undefined],
  ['the row', HEAD + row('0000001A', 123), 26],
  ['the row among others', HEAD + row('00000001', 12) + row('00000002', 1234) + row('0000FFFF', 123), 65_535],
  ['not a user of that number', HEAD + row('00000001', 12, 123) + row('00000003', 123), 3],
  ['a table that is cut off', HEAD + row('00000001', 123).slice(0, 60), undefined],
];

test.each(tables)('finds %s', (_claim, table, queue) => {
  expect(queueOf(table, '123')).toBe(queue);
});

test.runIf(process.platform === 'linux').each(HOSTS)('counts what a reader at %s has no room for', async (host) => {
  const server = createServer({ pauseOnConnect: true });
  onTestFinished(() => void server.close());
  server.listen(0, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const socket = connect(port, host);
  const [[taker]] = (await Promise.all([once(server, 'connection'), once(socket, 'connect')])) as [[Socket], unknown];
  onTestFinished(() => void taker.destroy());

  expect(await unacknowledged(socket)).toBe(0);
  socket.write(Buffer.alloc(64 * 1024 * 1024)); // more than both kernels take
  await expect.poll(() => unacknowledged(socket), poll).toBeGreaterThan(0);
  const all = new Promise((resolve) => socket.once('drain', resolve));
  taker.resume();
  await all;
  await expect.poll(() => unacknowledged(socket), poll).toBe(0);
  socket.destroy();
  expect(await unacknowledged(socket)).toBeUndefined();
});
