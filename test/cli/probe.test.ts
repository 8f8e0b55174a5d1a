import { readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Exit } from '../../src/cli/host.ts';
import { runMain, scratch } from './host.ts';

const HOSTS = join(import.meta.dirname, '../../fixtures/ioctl');
const replay = (name: string): string[] => ['probe', '--replay', join(HOSTS, `${name}.json`)];

const DONE: Exit = { kind: 'done', unread: 0 };
const NONE_USABLE: Exit = { kind: 'code', code: 3 };

const linesOf = (text: string): string[] => text.split('\n').slice(0, -1);

test('logs once what the host says, as this process', async () => {
  const { exit, out, err } = await runMain([
    ...replay('recorded-cilium'),
    '--exclude',
    '*0',
    '--interface',
    'l*',
    '--interface',
    'e*',
  ]);
  expect([exit, err]).toEqual([DONE, '']);
  const events = linesOf(out).map((line) => JSON.parse(line) as object);
  const origin = { time: 1_767_225_600_000, pid: 7, hostname: hostname() };
  expect(events).toMatchObject([
    { level: 50, ...origin, device: '/dev/mshv', outcome: 'unavailable', code: 'ENOENT', syscall: 'open' },
    { level: 30, ...origin, device: '/dev/kvm', outcome: 'ready', apiVersion: 12 },
    { level: 50, ...origin, interface: 'lo', outcome: 'unsupported', errno: 95, code: 'EOPNOTSUPP' },
    { level: 20, ...origin, interface: 'lxc1234', outcome: 'ready', driver: 'veth' },
  ]);
});

const exits: readonly [claim: string, args: string[], exit: Exit][] = [
  ['where KVM can be used', replay('recorded-cilium'), DONE],
  ['where MSHV can be used', replay('constructed-mshv'), DONE],
  ['where none can be used', replay('constructed-none'), NONE_USABLE],
  ['where KVM may not be opened', replay('recorded-nobody'), NONE_USABLE],
  ['where KVM is busy, if asked deeply', [...replay('constructed-kvm-busy'), '--deep'], NONE_USABLE],
  ['where KVM is busy, if asked no further', replay('constructed-kvm-busy'), DONE],
  ['where the one that was asked for cannot be used', [...replay('recorded-cilium'), '--order', 'mshv'], NONE_USABLE],
  ['where none was asked for', [...replay('constructed-none'), '--order=none'], DONE],
  ['where the voice speaks of none', [...replay('constructed-none'), '--as', 'retina'], DONE],
  ['in a table', [...replay('constructed-none'), '--summary'], NONE_USABLE],
];

test.each(exits)('the exit code %s', async (_claim, args, exit) => {
  expect((await runMain(args)).exit).toEqual(exit);
});

const firsts: readonly [args: string[], first: RegExp][] = [
  [['--order', 'kvm,mshv'], /^\{"level":30,.*"device":"\/dev\/kvm"/u],
  [['--polite'], /^\{"level":20,.*"device":"\/dev\/mshv"/u],
  [
    ['--format', 'ecs'],
    /^\{"log.level":"error","@timestamp":"2026-01-01T00:00:00.000Z","process.pid":7,.*"error":\{"code":"ENOENT"\}/u,
  ],
  [['--format', 'logfmt'], /^time=2026-01-01T00:00:00.000Z level=error msg="MSHV is not available" pid=7 /u],
  [['--as', 'hyperlight'], /^\[2026-01-01T00:00:00Z INFO {2}hyperlight_host::\S+\] MSHV is not available on this system$/u],
  [['--as', 'hyperlight-0.3'], /\] Error creating MSHV object: Errno\(Error\(2\)\)$/u],
  [['--as', 'retina'], /^ts=2026-01-01T00:00:00.000Z level=error caller=\S+ msg="Error while getting ethtool:" ifacename=lo /u],
  [['--summary'], /^Hypervisors$/u],
];

test.each(firsts)('%j has its own first line', async (args, first) => {
  expect(linesOf((await runMain([...replay('recorded-cilium'), ...args])).out)[0]).toMatch(first);
});

test('asks as often as it is told to', async () => {
  const { out } = await runMain([
    ...replay('recorded-cilium'),
    '--every',
    '1ms',
    '--count',
    '3',
    '--exclude',
    '*',
    '--order',
    'kvm',
  ]);
  expect(linesOf(out)).toHaveLength(3);
});

test('plays what it recorded', async () => {
  const file = join(scratch(), 'host.json');
  const rhythm = ['--every=1ms', '--count=2', '--deep'];
  const recorded = await runMain([...replay('recorded-cilium'), ...rhythm, '--record', file]);
  expect((JSON.parse(readFileSync(file, 'utf8')) as { host: string }).host).toMatch(
    /^recorded from a replay of .*cilium\.json$/u,
  );
  expect(await runMain(['probe', '--replay', file, ...rhythm])).toEqual(recorded);
});

// `relevel probe | relevel` has one environment, in which these words are the filter's.
test('takes no variable that means something else to the filter', async () => {
  const env = { RELEVEL_FORMAT: 'json', RELEVEL_ORDER: 'relaxed', RELEVEL_SUMMARY: 'true', RELEVEL_LOG_FORMAT: 'json' };
  const { exit, out } = await runMain(replay('recorded-cilium'), { env });
  expect([exit, linesOf(out)[0]?.slice(0, 11)]).toEqual([DONE, '{"level":50']);
  expect((await runMain(['probe', '--replay', '/gone'], { env })).err).toMatch(/^\{"level":50,/u);
});

const refused: readonly [claim: string, args: string[], problems: string[]][] = [
  ['a word', ['eth0'], ['probe: "eth0": takes options only; an interface is --interface "eth0"']],
  ['an unknown hypervisor', ['--order', 'xen'], ['--order: "xen" is not a list such as mshv,kvm, nor none']],
  ['one that is named twice', ['--order', 'kvm,kvm'], ['--order: "kvm,kvm" is not a list such as mshv,kvm, nor none']],
  ['an unknown voice', ['--as', 'kata'], ['--as: "kata" is not one of hyperlight, hyperlight-0.3, retina']],
  ['an empty glob', ['--interface', ''], ['--interface: "" is not a text']],
  [
    'a table with a voice',
    ['--summary', '--as=retina', '--polite'],
    [
      '--polite: a table has no voice and no format; leave it or --summary out',
      '--as: a table has no voice and no format; leave it or --summary out',
    ],
  ],
  ['two formats', ['--as=retina', '--format=ecs'], ['--format: retina has a format of its own; leave it or --as out']],
  [
    'a recording without an end',
    ['--record', '/tmp/x', '--every=1s'],
    ['--record: is written at the end, and there is none; say --count'],
  ],
];

test.each(refused)('refuses %s', async (_claim, args, problems) => {
  const { exit, out, err } = await runMain(['probe', ...args]);
  expect([exit, out]).toEqual([{ kind: 'refused' }, '']);
  expect(linesOf(err)).toEqual([...problems.map((problem) => `relevel: error: ${problem}`), 'relevel: see "relevel help probe"']);
});

const failures: readonly [claim: string, args: (folder: string) => string[], err: string][] = [
  ['a recording that is not there', () => ['--replay', '/gone'], '/gone: cannot read: no such file or directory'],
  [
    'what is no recording',
    (folder) => ['--replay', join(folder, 'no.json')],
    'no.json:1:1: no recording of a host: this is not JSON',
  ],
  [
    'a recording that was asked less',
    (folder) => ['--replay', join(folder, 'less.json')],
    'less.json: no answer to "open /dev/mshv 0x80800" was recorded on nowhere',
  ],
  [
    'a recording that cannot be written',
    () => [...replay('recorded-cilium').slice(1), '--record', '/gone/x'],
    '/gone/x: cannot write: no such file or directory',
  ],
];

test.each(failures)('fails at %s', async (_claim, args, message) => {
  const folder = scratch();
  writeFileSync(join(folder, 'no.json'), 'no');
  writeFileSync(join(folder, 'less.json'), '{"host":"nowhere","entries":[]}');
  const { exit, out, err } = await runMain(['probe', ...args(folder)]);
  expect([exit, out]).toEqual([{ kind: 'failed' }, '']);
  expect(err).toMatch(/^relevel: error: .*\n$/u);
  expect(err).toContain(message);
});

test('a signal ends it cleanly, a second one at once', async () => {
  const daemon = [...replay('recorded-cilium'), '--every=1h'];
  expect((await runMain(daemon, { onSignal: (handler) => handler('SIGTERM') })).exit).toEqual(DONE);
  const twice = await runMain(daemon, {
    onSignal: (handler) => {
      handler('SIGTERM');
      handler('SIGINT');
    },
  });
  expect(twice.exit).toEqual({ kind: 'killed', signal: 'SIGINT', unwritten: 0 });
});

test('the help of probe', async () => {
  const { exit, out } = await runMain(['help', 'probe']);
  expect(exit).toEqual(DONE);
  expect(out.split('\n').every((line) => line.length <= 96)).toBe(true);
  await expect(out).toMatchFileSnapshot(join(import.meta.dirname, 'help/probe.txt'));
});
