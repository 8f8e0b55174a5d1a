import { expect, test } from 'vitest';
import type { Port } from '../../src/prober/port.ts';
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

const NO = 'no recording of a host:';
const faults: readonly [text: string, message: string][] = [
  ['{', `a.json:1:2: ${NO} this is not JSON`],
  ['', `a.json:1:1: ${NO} this is not JSON`],
  ['{\n  "host": "a",\n  "entries": [\n    {"ask":"socket","val', `a.json:4:21: ${NO} this is not JSON`], // cut short, by a full disk
  ['7', `a.json: ${NO} Invalid input: expected object, received number`],
  ['{"host":1,"entries":[]}', `a.json: ${NO} host: Invalid input: expected string, received number`],
  [
    '{"host":"a","entries":[{},{}]}',
    `a.json: ${NO} entries[0].ask: Invalid input: expected string, received undefined; and 1 more like it`,
  ],
  [
    '{"host":"a","entries":[{"ask":"","errno":1,"code":"\\u001b[31m"}]}',
    `a.json: ${NO} entries[0].code: Invalid string: must match pattern`,
  ],
  ['{"host":"a","entries":[{"ask":"","errno":0}]}', `a.json: ${NO} entries[0].errno: Too small: expected number to be >=1`],
  [
    '{"host":"a","entries":[{"ask":"","value":1.5}]}',
    `a.json: ${NO} entries[0].value: Invalid input: expected int, received number`,
  ],
];

test.each(faults)('refuses %j as a recording', (text, message) => {
  expect(() => replayPort('a.json', text)).toThrow(message);
});

const unanswered: readonly [ask: string, call: (port: Port) => unknown][] = [
  ['open /dev/kvm 0x0', (port) => port.open('/dev/kvm', 0)],
  ['socket', (port) => port.socket()],
  ['ioctl vm 0x1 0', (port) => port.ioctl({ fd: 3, name: 'vm' }, 1, 0)],
  ['ethtool a 0x3', (port) => port.ethtool({ fd: 3, name: 'socket' }, 'a', Uint8Array.of(3, 0, 0, 0))],
  ['interfaces', (port) => port.interfaces()],
];

test.each(unanswered)('takes no silence for an answer to %j', (ask, call) => {
  const port = replayPort('a.json', JSON.stringify({ host: 'a', entries: [{ ask }] }));
  expect(() => call(port)).toThrow(`a.json: what was recorded for "${ask}" is neither an answer nor an errno`);
});

test('says which question has no answer', () => {
  const port = replayPort('a.json', '{"host":"a host","entries":[]}');
  expect(() => port.open('/dev/kvm', 0)).toThrow('a.json: no answer to "open /dev/kvm 0x0" was recorded on a host');
});
