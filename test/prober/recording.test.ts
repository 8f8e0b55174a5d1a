import { expect, test } from 'vitest';
import { recordPort, replayPort } from '../../src/prober/recording.ts';
import { collect, host } from './support.ts';

test.each(['recorded-root', 'recorded-cilium', 'recorded-nobody', 'recorded-interrupted', 'constructed-mshv'])(
  'plays back what it recorded of %s',
  async (name) => {
    const recorder = recordPort(host(name), 'a host');
    const recorded = await collect(recorder.port, { depth: 'create', count: 3 });
    const played = await collect(replayPort('a.json', recorder.text()), { depth: 'create', count: 3 });
    expect(played).toEqual(recorded);
  },
);

test('gives the same recording of a recording', async () => {
  const first = recordPort(host('recorded-cilium'), 'a host');
  await collect(first.port, { count: 2 });
  const second = recordPort(replayPort('a.json', first.text()), 'a host');
  await collect(second.port, { count: 2 });
  expect(second.text()).toBe(first.text());
});

test('answers in the order of the recording, then for ever as at last', () => {
  const entries = [1, 2].map((value) => ({ ask: 'ioctl vm 0x1 0', value }));
  const port = replayPort('a.json', JSON.stringify({ host: 'a', entries }));
  const answers = [1, 2, 3].map(() => port.ioctl({ fd: 0, name: 'vm' }, 1, 0));
  expect(answers).toEqual([1, 2, 2].map((value) => ({ ok: true, value })));
});

test('an answer is cut to the room that it is given', () => {
  const data = Buffer.alloc(4);
  data.writeUInt32LE(3);
  const entries = [{ ask: 'ethtool a 0x3', value: 0, data: Buffer.alloc(100, 7).toString('base64') }];
  replayPort('a.json', JSON.stringify({ host: 'a', entries })).ethtool({ fd: 0, name: 'socket' }, 'a', data);
  expect([...data]).toEqual([7, 7, 7, 7]);
});

const faults: readonly [text: string, message: string][] = [
  ['{', 'a.json: no recording of a host: not JSON'],
  ['{"host":1}', 'a.json: no recording of a host: ✖ Invalid input: expected string, received number\n  → at host'],
];

test.each(faults)('refuses %j as a recording', (text, message) => {
  expect(() => replayPort('a.json', text)).toThrow(message);
});

test('says which question has no answer', () => {
  const port = replayPort('a.json', '{"host":"a host","entries":[]}');
  expect(() => port.open('/dev/kvm', 0)).toThrow('a.json: no answer to "open /dev/kvm 0x0" was recorded on a host');
});
