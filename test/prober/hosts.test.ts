import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { collect, host } from './support.ts';

/** What a pino line says of a hypervisor: level, message, errno, code, apiVersion. */
type Said = readonly [level: number, msg: string, errno?: number | undefined, code?: string | undefined, apiVersion?: number];

const NO_MSHV: Said = [50, 'MSHV is not available', 2, 'ENOENT'];
const NONE: Said = [50, 'no hypervisor was found'];
const KVM_READY: Said = [30, 'KVM is ready', undefined, undefined, 12];

const hosts: readonly [name: string, exitCode: number, said: readonly Said[]][] = [
  ['recorded-root', 0, [NO_MSHV, KVM_READY]],
  ['recorded-cilium', 0, [NO_MSHV, KVM_READY]],
  ['recorded-interrupted', 0, [NO_MSHV, KVM_READY]],
  ['recorded-nobody', 3, [NO_MSHV, [50, 'KVM is not available', 13, 'EACCES'], NONE]],
  [
    'constructed-mshv',
    0,
    [
      [30, 'MSHV is ready'],
      [50, 'KVM is not available', 2, 'ENOENT'],
    ],
  ],
  ['constructed-none', 3, [NO_MSHV, [50, 'KVM is not available', 2, 'ENOENT'], NONE]],
  ['constructed-kvm-eacces', 3, [NO_MSHV, [50, 'KVM is not available', 13, 'EACCES'], NONE]],
  ['constructed-kvm-version', 3, [NO_MSHV, [50, 'KVM is not available', undefined, undefined, 11], NONE]],
  ['constructed-kvm-no-user-memory', 3, [NO_MSHV, [50, 'KVM is not available', undefined, undefined, 12], NONE]],
  ['constructed-kvm-busy', 0, [NO_MSHV, KVM_READY]],
];

test('the table holds each host of fixtures/ioctl', () => {
  const files = readdirSync(join(import.meta.dirname, '../../fixtures/ioctl'));
  expect(hosts.map(([name]) => `${name}.json`).toSorted()).toEqual(files.toSorted());
});

test.each(hosts)('says what %s can do, exit code %i', async (name, exitCode, said) => {
  const probed = await collect(host(name), { include: [] });
  const events = probed.texts.map((text) => JSON.parse(text) as Record<string, unknown>);
  expect(events.map(({ level, msg, errno, code, apiVersion }) => [level, msg, errno, code, apiVersion])).toEqual(
    said.map((one) => Array.from({ length: 5 }, (_, i) => one[i])),
  );
  expect(probed.exitCode).toBe(exitCode);
});

test.each(hosts)('every line of %s is of one process, and a failure has an advice', async (name) => {
  const { texts } = await collect(host(name), {});
  for (const text of texts) {
    const event = JSON.parse(text) as Record<string, unknown>;
    expect(event).toMatchObject({ pid: 7, hostname: 'a', time: Date.UTC(2026, 0, 2, 3, 4, 5, 678) });
    if (event['outcome'] === 'unavailable') expect(event['advice']).toMatch(/\w{3}/u);
  }
});

test('creates a VM only where it is asked to, and then tells who holds the processor', async () => {
  const { texts, exitCode } = await collect(host('constructed-kvm-busy'), { include: [], depth: 'create' });
  const event = JSON.parse(texts[1] ?? '') as Record<string, unknown>;
  expect(event).toMatchObject({ errno: 16, code: 'EBUSY', syscall: 'ioctl', request: 'KVM_CREATE_VM' });
  expect(event['advice']).toContain('another hypervisor');
  expect(exitCode).toBe(3);
});

const reasons: readonly [name: string, fields: object][] = [
  ['constructed-none', { errno: 2, code: 'ENOENT', syscall: 'open' }],
  ['constructed-kvm-eacces', { errno: 13, code: 'EACCES', syscall: 'open' }],
  ['constructed-kvm-busy', { errno: 16, code: 'EBUSY', syscall: 'ioctl', request: 'KVM_CREATE_VM', apiVersion: 12 }],
  ['constructed-kvm-version', { syscall: 'ioctl', apiVersion: 11 }],
  ['constructed-kvm-no-user-memory', { syscall: 'ioctl', apiVersion: 12, missing: 'KVM_CAP_USER_MEMORY' }],
];

test.each(reasons)('%s is told apart by its fields', async (name, fields) => {
  const { texts } = await collect(host(name), { include: [], order: ['kvm'], depth: 'create' });
  const { errno, code, syscall, request, apiVersion, missing } = JSON.parse(texts[0]!) as Record<string, unknown>;
  expect({ errno, code, syscall, request, apiVersion, missing }).toEqual(fields);
});

test('says nothing of hypervisors where none is asked for', async () => {
  expect(await collect(host('constructed-none'), { include: [], order: [] })).toEqual({ texts: [], exitCode: 0 });
});

test('asks in the order that is given', async () => {
  const { texts } = await collect(host('constructed-mshv'), { include: [], order: ['kvm', 'mshv'] });
  expect(texts.map((text) => (JSON.parse(text) as { msg: string }).msg)).toEqual(['KVM is not available', 'MSHV is ready']);
});

const interfaces: readonly [
  name: string,
  level: number,
  driver: string | undefined,
  outcome: string,
  code: string | undefined,
][] = [
  ['lo', 50, undefined, 'unsupported', 'EOPNOTSUPP'],
  ['lxc1234', 20, 'veth', 'ready', undefined],
  ['eth0', 20, 'veth', 'ready', undefined],
  ['cilium_vxlan', 50, 'vxlan', 'unsupported', 'EOPNOTSUPP'],
  ['cni0', 50, 'bridge', 'unsupported', 'EOPNOTSUPP'],
  ['tun0', 50, 'tun', 'unsupported', 'EOPNOTSUPP'],
  ['macvlan0', 50, 'macvlan', 'unsupported', 'EOPNOTSUPP'],
];

test.each(interfaces)('says what ethtool knows of %s', async (name, level, driver, outcome, code) => {
  const { texts } = await collect(host('recorded-cilium'), { include: [name], order: [] });
  const event = JSON.parse(texts.at(-1) ?? '') as Record<string, unknown>;
  expect(event).toMatchObject({ level, interface: name, outcome, msg: expect.stringContaining('ethtool') as unknown });
  expect([event['driver'], event['code']]).toEqual([driver, code]);
});

test('says the statistics by name', async () => {
  const { texts } = await collect(host('recorded-cilium'), { include: ['eth0'], order: [] });
  expect(JSON.parse(texts.at(-1) ?? '')).toHaveProperty('statistics.peer_ifindex', 2);
});
