import fc from 'fast-check';
import { expect, test } from 'vitest';
import { probeInterface } from '../../src/prober/ethtool.ts';
import type { Answer, Port } from '../../src/prober/port.ts';
import { collect } from './support.ts';

const GDRVINFO = 0x03;
const GSTRINGS = 0x1b;
const GSTATS = 0x1d;
const GSSET_INFO = 0x37;
const SOCKET = { fd: 3, name: 'socket' };
const OK: Answer<number> = { ok: true, value: 0 };
const ENODEV: Answer<number> = { ok: false, errno: 19, code: 'ENODEV' };

/** A kernel with one interface, a0. `answer` is asked each time, with the command and the structure to fill in. */
function kernel(answer: (command: number, data: Buffer) => Answer<number>): Port {
  return {
    open: () => ({ ok: false, errno: 2, code: 'ENOENT' }),
    socket: () => ({ ok: true, value: SOCKET }),
    ioctl: () => OK,
    ethtool: (_socket, _name, data) =>
      answer(Buffer.from(data.buffer, data.byteOffset).readUInt32LE(0), Buffer.from(data.buffer, data.byteOffset, data.length)),
    interfaces: () => ({ ok: true, value: [{ name: 'a0', index: 2 }] }),
    close() {},
  };
}

/** Answers as a driver with these statistics does; `compares` as kernels do that look at the caller's count. */
function driver(statistics: () => readonly (readonly [name: string, value: bigint])[], kind: 'compares' | 'overwrites') {
  return (command: number, data: Buffer): Answer<number> => {
    const all = statistics();
    const countAt = command === GSTRINGS ? 8 : 4;
    switch (command) {
      case GDRVINFO:
        data.write('fake', 4);
        data.writeUInt32LE(all.length, 180);
        return OK;
      case GSSET_INFO:
        data.writeUInt32LE(all.length, 16);
        return OK;
      default:
        if (kind === 'compares' && data.readUInt32LE(countAt) !== all.length) {
          data.writeUInt32LE(0, countAt);
          return OK;
        }
        data.writeUInt32LE(all.length, countAt);
        all.forEach(([name, value], i) => {
          if (command === GSTRINGS) data.write(name, 12 + i * 32, 32, 'latin1');
          else data.writeBigUInt64LE(value, 8 + i * 8);
        });
        return OK;
    }
  };
}

test('reads counters exactly, the largest too', () => {
  const statistics: [string, bigint][] = [
    ['small', 1n],
    ['safe', 2n ** 53n - 1n],
    ['big', 2n ** 53n],
    ['biggest', 2n ** 64n - 1n],
  ];
  const finding = probeInterface(kernel(driver(() => statistics, 'compares')), SOCKET, 'a0');
  const read = new Map<string, number | bigint>([
    ['small', 1],
    ['safe', Number.MAX_SAFE_INTEGER],
    ['big', 9007199254740992n],
    ['biggest', 18446744073709551615n],
  ]);
  expect(finding).toEqual({ outcome: 'ready', interface: 'a0', driver: 'fake', statistics: read });
});

test('writes each counter as an exact integer in JSON, however many there are', async () => {
  const statistics = Array.from({ length: 5000 }, (_, i) => [`counter_${i}`, 2n ** 64n - 1n - BigInt(i)] as const);
  const { texts } = await collect(kernel(driver(() => statistics, 'compares')), { order: [] });
  for (const [name, value] of statistics) expect(texts[0]).toContain(`"${name}":${value}`);
});

test('a name fills all its 32 bytes, or is empty, or is __proto__', async () => {
  const full = 'n'.repeat(32);
  const statistics = [
    [full, 1n],
    ['', 2n],
    ['__proto__', 3n],
  ] as const;
  const { texts } = await collect(kernel(driver(() => statistics, 'compares')), { order: [] });
  expect(texts[0]).toContain(`"statistics":{"${full}":1,"__proto__":3}`);
});

test.each(['compares', 'overwrites'] as const)('begins again where an interface grows between two calls (%s)', (kind) => {
  let calls = 0;
  const grow = driver(() => Array.from({ length: (calls += 1) < 3 ? 4 : 12 }, (_, i) => [`s${i}`, BigInt(i)] as const), kind);
  const finding = probeInterface(kernel(grow), SOCKET, 'a0');
  expect(finding.outcome === 'ready' && finding.statistics.size).toBe(12);
});

test.each([3, 4])('begins again where only call %i saw another number', (call) => {
  let calls = 0;
  const flap = driver(
    () => Array.from({ length: (calls += 1) === call ? 5 : 4 }, (_, i) => [`s${i}`, BigInt(i)] as const),
    'compares',
  );
  const finding = probeInterface(kernel(flap), SOCKET, 'a0');
  expect(finding).toMatchObject({ outcome: 'ready', statistics: new Map([0, 1, 2, 3].map((i) => [`s${i}`, i])) });
});

test('gives up on an interface that never stops growing', () => {
  let calls = 0;
  const grow = driver(() => Array.from({ length: (calls += 1) }, (_, i) => [`s${i}`, 0n] as const), 'overwrites');
  expect(probeInterface(kernel(grow), SOCKET, 'a0')).toMatchObject({
    outcome: 'failed',
    failure: undefined,
    why: 'the number of statistics changed in each of 3 reads',
  });
});

const steps: readonly [step: string, command: number][] = [
  ['GDRVINFO', GDRVINFO],
  ['GSSET_INFO', GSSET_INFO],
  ['GSTRINGS', GSTRINGS],
  ['GSTATS', GSTATS],
];

test.each(steps)('tells where an interface went away: at %s', (step, gone) => {
  const there = driver(() => [['s', 1n]], 'compares');
  const port = kernel((command, data) => (command === gone ? ENODEV : there(command, data)));
  expect(probeInterface(port, SOCKET, 'a0')).toMatchObject({ outcome: 'failed', step, failure: ENODEV, why: 'no such device' });
});

test.each(['EOPNOTSUPP', 'ENOTSUPP'])('%s is what an interface without statistics says', (code) => {
  expect(
    probeInterface(
      kernel(() => ({ ok: false, errno: 95, code })),
      SOCKET,
      'a0',
    ),
  ).toMatchObject({ outcome: 'unsupported' });
});

test('takes the count of the driver where the kernel has no GSSET_INFO', () => {
  const there = driver(() => [['s', 1n]], 'compares');
  const port = kernel((command, data) =>
    command === GSSET_INFO ? { ok: false, errno: 95, code: 'EOPNOTSUPP' } : there(command, data),
  );
  expect(probeInterface(port, SOCKET, 'a0')).toMatchObject({ outcome: 'ready', statistics: new Map([['s', 1]]) });
});

test('makes no room for an absurd count', () => {
  const port = kernel((command, data) => {
    if (command === GSSET_INFO) data.writeUInt32LE(0xffff_ffff, 16);
    return OK;
  });
  expect(probeInterface(port, SOCKET, 'a0')).toMatchObject({
    outcome: 'failed',
    why: 'the kernel counts 4294967295 statistics, more than 32768',
  });
});

/** What a kernel may do to a structure: overwrite any of it, or refuse. */
const mischief = fc.oneof(
  { weight: 9, arbitrary: fc.uint8Array({ maxLength: 400 }) },
  fc.constantFrom<Answer<number>>(
    ENODEV,
    { ok: false, errno: 95, code: 'EOPNOTSUPP' },
    { ok: false, errno: 999, code: 'UNKNOWN' },
  ),
);

test('whatever the kernel answers, each line can be read', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(mischief, { minLength: 1, maxLength: 12 }),
      fc.integer({ min: 0, max: 12 }),
      async (answers, count) => {
        let calls = 0;
        const port = kernel((command, data) => {
          const answer = answers[calls++ % answers.length]!;
          if (!(answer instanceof Uint8Array)) return answer;
          // Often believable counts, so that names and counters are reached.
          data.set(answer.subarray(0, data.length - 4), 4);
          if (command === GSSET_INFO) data.set([2, 0, 0, 0, 0, 0, 0, 0, count, 0, 0, 0], 8);
          if (command === GSTRINGS) data.writeUInt32LE(count, 8);
          if (command === GSTATS) data.writeUInt32LE(count, 4);
          return OK;
        });
        for (const format of ['pino', 'ecs'] as const) {
          const { texts } = await collect(port, { format });
          for (const text of texts) {
            expect(text.indexOf('\n')).toBe(text.length - 1);
            expect(JSON.parse(text)).toBeTypeOf('object');
          }
        }
        for (const changed of [{ format: 'logfmt' }, { as: 'retina' }] as const) {
          const { texts } = await collect(port, changed);
          for (const text of texts) expect(text.indexOf('\n')).toBe(text.length - 1);
        }
        const { texts } = await collect(port, { as: 'summary' });
        expect(texts.join('').replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
      },
    ),
    { numRuns: 300 },
  );
});
