import { expect, test } from 'vitest';
import type { ProbeOptions } from '../../src/prober/daemon.ts';
import type { Port } from '../../src/prober/port.ts';
import { collect, host } from './support.ts';

/** A clock that only `wait` moves, and what was waited for. */
function clock(): Pick<ProbeOptions, 'now' | 'wait'> & { readonly waits: number[]; pass(ms: number): void } {
  let now = 1000;
  const waits: number[] = [];
  return {
    waits,
    pass(ms) {
      now += ms;
    },
    now: () => now,
    wait(ms) {
      waits.push(ms);
      now += ms;
      return Promise.resolve();
    },
  };
}

const timesOf = (texts: readonly string[]): number[] => texts.map((text) => (JSON.parse(text) as { time: number }).time);

test('probes once, without waiting', async () => {
  const time = clock();
  const { texts } = await collect(host('recorded-root'), { ...time, include: [] });
  expect([timesOf(texts), time.waits]).toEqual([[1000, 1000], []]);
});

test('probes every so often, so many times', async () => {
  const time = clock();
  const { texts } = await collect(host('recorded-root'), { ...time, include: [], order: ['kvm'], every: 500, count: 3 });
  expect([timesOf(texts), time.waits]).toEqual([
    [1000, 1500, 2000],
    [500, 500],
  ]);
});

test('keeps to the beat, and drops the ticks that it was too late for', async () => {
  const time = clock();
  const lasts = [200, 1200, 0];
  const options = { ...time, include: [], order: ['kvm'], every: 500, count: 3 } as const;
  await collect(host('recorded-root'), { ...options, write: () => time.pass(lasts.shift() ?? 0) });
  expect(time.waits).toEqual([300, 0]);
});

test('waits for no time that has passed, though the clock goes on while it reckons', async () => {
  let now = 0;
  const waits: number[] = [];
  const wait = (ms: number): Promise<void> => Promise.resolve(void waits.push(ms));
  await collect(host('recorded-root'), { now: () => (now += 3), wait, include: [], order: ['kvm'], every: 1, count: 9 });
  expect(waits).toEqual(Array.from({ length: 8 }, () => 0));
});

test('ends after the line that it is at, and closes its socket', async () => {
  const abort = new AbortController();
  const port = host('recorded-cilium');
  const closed: string[] = [];
  const watched: Port = { ...port, close: ({ name }) => void closed.push(name) };
  const texts: string[] = [];
  const write = (text: string): void => {
    texts.push(text);
    if (text.includes('lxc1234')) abort.abort();
  };
  const { exitCode } = await collect(watched, { write, signal: abort.signal, count: Infinity });
  expect([texts.length, exitCode]).toEqual([4, 0]);
  expect(closed).toEqual(['/dev/kvm', 'socket']);
});

test('ends while it waits', async () => {
  const abort = new AbortController();
  const wait = (): Promise<void> => Promise.resolve(abort.abort());
  const { texts } = await collect(host('recorded-root'), {
    wait,
    signal: abort.signal,
    include: [],
    order: ['kvm'],
    count: Infinity,
  });
  expect(texts).toHaveLength(1);
});

test('waits for a slow reader before it asks on', async () => {
  let writing = 0;
  let most = 0;
  const write = async (): Promise<void> => {
    writing += 1;
    most = Math.max(most, writing);
    await new Promise(setImmediate);
    writing -= 1;
  };
  await collect(host('recorded-cilium'), { write });
  expect(most).toBe(1);
});

test('exits by its last tick', async () => {
  const port = host('recorded-root');
  let opens = 0;
  const lost: Port = {
    ...port,
    open: (...asked) => ((opens += 1) > 2 ? { ok: false, errno: 2, code: 'ENOENT' } : port.open(...asked)),
  };
  const { exitCode } = await collect(lost, { include: [], count: 2 });
  expect(exitCode).toBe(3);
});

test.each(['recorded-root', 'constructed-mshv'])('closes all that it opens on %s', async (name) => {
  const port = host(name);
  let open = 0;
  const counting: Port = {
    ...port,
    open: (...asked) => counted(port.open(...asked)),
    socket: () => counted(port.socket()),
    ioctl: (...asked) => (asked[1] === 0xae01 || asked[1] === 0xae41 ? counted(port.ioctl(...asked)) : port.ioctl(...asked)),
    close: () => void (open -= 1),
  };
  const counted = <T extends { ok: boolean }>(answer: T): T => {
    if (answer.ok) open += 1;
    return answer;
  };
  await collect(counting, { depth: 'create', count: 2 });
  expect(open).toBe(0);
});

const refusals: readonly [name: 'interfaces' | 'socket', step: string][] = [
  ['interfaces', 'if_nameindex'],
  ['socket', 'socket'],
];

test.each(refusals)('a tick without %s says so, and the next is tried', async (name, step) => {
  const port: Port = { ...host('recorded-root'), [name]: () => ({ ok: false, errno: 24, code: 'EMFILE' }) };
  const { texts } = await collect(port, { order: [], count: 2 });
  expect(texts.map((text) => JSON.parse(text) as unknown)).toMatchObject(
    [1, 2].map(() => ({
      level: 50,
      msg: `ethtool failed at ${step}: too many open files`,
      outcome: 'failed',
      errno: 24,
      code: 'EMFILE',
    })),
  );
});

/** The levels at which cilium_vxlan is spoken of, tick by tick. */
async function politeLevels(
  port: Port,
  polite: { span: number; capacity: number },
  include: string[],
  count: number,
): Promise<number[]> {
  const { texts } = await collect(port, { ...clock(), polite, include, order: [], every: 100, count });
  const events = texts.map((text) => JSON.parse(text) as { level: number; interface: string });
  return events.filter((event) => event.interface === 'cilium_vxlan').map(({ level }) => level);
}

test('politely, an interface without statistics is warned of once', async () => {
  expect(await politeLevels(host('recorded-cilium'), { span: 10_000, capacity: 9 }, ['cilium_vxlan'], 4)).toEqual([
    40, 20, 20, 20,
  ]);
});

test('and is not asked again', async () => {
  const port = host('recorded-cilium');
  let asked = 0;
  const counting: Port = { ...port, ethtool: (...args) => ((asked += 1), port.ethtool(...args)) };
  await politeLevels(counting, { span: 10_000, capacity: 9 }, ['cilium_vxlan'], 4);
  expect(asked).toBe(3);
});

test('but is warned of again when its time is over', async () => {
  expect(await politeLevels(host('recorded-cilium'), { span: 200, capacity: 9 }, ['cilium_vxlan'], 5)).toEqual([
    40, 20, 40, 20, 40,
  ]);
});

test('or when it was made anew under the same name', async () => {
  const port = host('recorded-cilium');
  let index = 4;
  const renewed: Port = {
    ...port,
    interfaces: () => ({ ok: true, value: [{ name: 'cilium_vxlan', index: (index += 1) >> 1 }] }),
  };
  expect(await politeLevels(renewed, { span: 10_000, capacity: 9 }, ['*'], 4)).toEqual([40, 40, 20, 40]);
});

test('or when too many others had to be remembered', async () => {
  expect(await politeLevels(host('recorded-cilium'), { span: 10_000, capacity: 2 }, ['*'], 2)).toEqual([40, 40]);
});
