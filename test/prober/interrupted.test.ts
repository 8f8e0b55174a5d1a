import { expect, test } from 'vitest';
import { askAgain, MOST_TRIES } from '../../src/prober/interrupted.ts';
import type { Answer, Handle, Port } from '../../src/prober/port.ts';
import { collect, host } from './support.ts';

const HANDLE: Handle = { fd: 3, name: 'vm' };
const EINTR = { ok: false, errno: 4, code: 'EINTR' } as const;

/** A port that gives `first`, so many times, before it answers; and how often it was asked. */
function reluctant(first: Answer<never>, times: number): { readonly port: Port; readonly asked: () => number } {
  let asked = 0;
  const answer = <T>(value: T): Answer<T> => ((asked += 1) <= times ? first : { ok: true, value });
  const port: Port = {
    open: () => answer(HANDLE),
    socket: () => answer(HANDLE),
    ioctl: () => answer(7),
    ethtool: () => answer(0),
    interfaces: () => answer([{ name: 'lo', index: 1 }]),
    close: () => void (asked += 1),
  };
  return { port: askAgain(port), asked: () => asked };
}

const calls: readonly [name: string, call: (port: Port) => Answer<unknown>, value: unknown][] = [
  ['open', (port) => port.open('/dev/kvm', 0), HANDLE],
  ['socket', (port) => port.socket(), HANDLE],
  ['ioctl', (port) => port.ioctl(HANDLE, 0xae01, 0), 7],
  ['ethtool', (port) => port.ethtool(HANDLE, 'lo', Buffer.alloc(4)), 0],
  ['interfaces', (port) => port.interfaces(), [{ name: 'lo', index: 1 }]],
];

test.each(calls)('%s: what a signal interrupted is asked again', (_name, call, value) => {
  for (const times of [0, 1, MOST_TRIES - 1]) {
    const { port, asked } = reluctant(EINTR, times);
    expect(call(port)).toEqual({ ok: true, value });
    expect(asked()).toBe(times + 1);
  }
});

test.each(calls)('%s: but not for ever', (_name, call) => {
  const { port, asked } = reluctant(EINTR, Infinity);
  expect(call(port)).toEqual(EINTR);
  expect(asked()).toBe(MOST_TRIES);
});

test.each(['EAGAIN', 'EBUSY', 'EACCES', 'ENODEV', 'UNKNOWN'])('%s is an answer', (code) => {
  for (const [, call] of calls) {
    const refusal = { ok: false, errno: 1, code } as const;
    const { port, asked } = reluctant(refusal, Infinity);
    expect(call(port)).toEqual(refusal);
    expect(asked()).toBe(1);
  }
});

test('closes once', () => {
  const { port, asked } = reluctant(EINTR, Infinity);
  port.close(HANDLE);
  expect(asked()).toBe(1);
});

test('KVM is ready where a signal came while it made the VM', async () => {
  const { texts, exitCode } = await collect(host('recorded-interrupted'), { include: [], order: ['kvm'], depth: 'create' });
  expect(texts.map((text) => JSON.parse(text) as unknown)).toMatchObject([{ level: 30, msg: 'KVM is ready' }]);
  expect(exitCode).toBe(0);
});

test('says so, and what to do, where signals never cease', async () => {
  const port: Port = { ...host('recorded-root'), open: () => EINTR };
  const { texts, exitCode } = await collect(port, { include: [], order: ['kvm'] });
  const advice = expect.stringContaining('ask again') as unknown;
  expect(JSON.parse(texts[0] ?? '')).toMatchObject({ level: 50, errno: 4, code: 'EINTR', syscall: 'open', advice });
  expect(exitCode).toBe(3);
});
