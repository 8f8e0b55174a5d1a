import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openKernel } from '../../src/prober/kernel.ts';
import { scratch } from '../cli/host.ts';
import { collect } from '../prober/support.ts';

const CHILD = ['--import', 'tsx', join(import.meta.dirname, '../prober/child.ts')];
const ROOT = process.getuid?.() === 0;
const has = (program: string): boolean => spawnSync(program, ['--version']).error === undefined;

interface Event {
  readonly level: number;
  readonly msg: string;
  readonly [field: string]: unknown;
}

const eventsOf = (text: string): Event[] =>
  text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Event);

/** Why /dev/kvm cannot be asked by us, if so. */
function noKvm(): string | undefined {
  if (!existsSync('/dev/kvm')) return 'there is no /dev/kvm';
  try {
    accessSync('/dev/kvm', constants.R_OK | constants.W_OK);
    return undefined;
  } catch {
    return 'this user may not open /dev/kvm';
  }
}

describe('the kernel', () => {
  test.skipIf(process.platform !== 'linux')('is opened where koffi is there', async () => {
    const kernel = await openKernel();
    expect(kernel.open('/nowhere', 0)).toEqual({ ok: false, errno: 2, code: 'ENOENT' });
    expect(kernel.interfaces()).toMatchObject({ ok: true, value: expect.arrayContaining([{ name: 'lo', index: 1 }]) as unknown });
  });

  test('answers that no such ioctl is known to /dev/null', async () => {
    const kernel = await openKernel();
    const opened = kernel.open('/dev/null', 0);
    if (!opened.ok) throw new Error('cannot open /dev/null');
    expect(kernel.ioctl(opened.value, 0xae00, 0)).toEqual({ ok: false, errno: 25, code: 'ENOTTY' });
    kernel.close(opened.value);
    expect(kernel.ioctl(opened.value, 0xae00, 0)).toEqual({ ok: false, errno: 9, code: 'EBADF' });
  });

  test('has no interface whose name is too long for it', async () => {
    const kernel = await openKernel();
    const socket = kernel.socket();
    if (!socket.ok) throw new Error('cannot make a socket');
    const data = Buffer.alloc(196, 0);
    data[0] = 3;
    // Cut at 15 bytes it would be lo, which has no driver: EOPNOTSUPP.
    expect(kernel.ethtool(socket.value, `lo${'\0'.repeat(14)}`, data)).toEqual({ ok: false, errno: 19, code: 'ENODEV' });
    kernel.close(socket.value);
  });

  test('KVM makes a VM and a vcpu', async ({ skip }) => {
    const why = noKvm();
    skip(why !== undefined, why);
    const { texts, exitCode } = await collect(await openKernel(), { order: ['kvm'], include: [], depth: 'create' });
    expect(eventsOf(texts.join(''))).toMatchObject([{ level: 30, msg: 'KVM is ready', device: '/dev/kvm', apiVersion: 12 }]);
    expect(exitCode).toBe(0);
  });

  test('KVM makes a VM at each tick, also under a profiler whose signals interrupt it', ({ skip }) => {
    const why = noKvm();
    skip(why !== undefined, why);
    const profiler = ['--cpu-prof', '--cpu-prof-interval', '50', '--cpu-prof-dir', scratch()];
    const settings = JSON.stringify({ order: ['kvm'], include: [], depth: 'create', every: 1, count: 100 });
    const { stdout, status } = spawnSync(process.execPath, [...profiler, ...CHILD, settings], { encoding: 'utf8' });
    expect(eventsOf(stdout).map(({ msg, code }) => [msg, code])).toEqual(
      Array.from({ length: 100 }, () => ['KVM is ready', undefined]),
    );
    expect(status).toBe(0);
  });

  test('KVM refuses another user, and the prober says so and exits with 3', ({ skip }) => {
    skip(!ROOT, 'only root may become another user');
    skip(!has('setpriv'), 'there is no setpriv; install util-linux');
    skip(!existsSync('/dev/kvm'), 'there is no /dev/kvm');
    skip((statSync('/dev/kvm').mode & 0o006) !== 0, 'anyone may open /dev/kvm on this machine');
    const settings = JSON.stringify({ order: ['kvm'], include: [] });
    const user = ['--reuid=65534', '--regid=65534', '--clear-groups', process.execPath, ...CHILD, settings];
    const { stdout, status } = spawnSync('setpriv', user, { encoding: 'utf8' });
    expect(eventsOf(stdout)).toMatchObject([
      { level: 50, msg: 'KVM is not available', errno: 13, code: 'EACCES', syscall: 'open', outcome: 'unavailable' },
      { level: 50, msg: 'no hypervisor was found', outcome: 'none' },
    ]);
    expect(status).toBe(3);
  });

  test('SIGTERM ends a prober that waits for its next tick', async () => {
    const settings = JSON.stringify({ order: [], include: ['lo'], count: 1_000_000, every: 3_600_000 });
    const child = spawn(process.execPath, [...CHILD, settings], { stdio: ['ignore', 'pipe', 'inherit'] });
    const exit = once(child, 'exit');
    await once(createInterface(child.stdout), 'line');
    child.kill('SIGTERM');
    expect(await exit).toEqual([0, null]);
  });
});

const SPACE = `relevel-${process.pid}`;
const ip = (...args: string[]): string => execFileSync('ip', ['-n', SPACE, ...args], { encoding: 'utf8' });
const inSpace = (program: string, ...args: string[]): ReturnType<typeof spawnSync> & { stdout: string } =>
  spawnSync('ip', ['netns', 'exec', SPACE, program, ...args], { encoding: 'utf8' });

function probeSpace(settings: object): Event[] {
  const { stdout, stderr, status } = inSpace(process.execPath, ...CHILD, JSON.stringify({ order: [], ...settings }));
  if (status !== 0) throw new Error(`the prober failed: ${String(stderr)}`);
  return eventsOf(stdout);
}

/** Why there can be no namespace here, if so. */
function noSpace(): string | undefined {
  if (!ROOT) return 'only root may make network namespaces';
  if (spawnSync('ip', ['-V']).error !== undefined) return 'there is no ip; install iproute2';
  if (!has('ethtool')) return 'there is no ethtool; install ethtool';
  const { status, stderr } = spawnSync('ip', ['netns', 'add', SPACE], { encoding: 'utf8' });
  spawnSync('ip', ['netns', 'del', SPACE]);
  return status === 0 ? undefined : `network namespaces cannot be made here: ${stderr.trim()}`;
}

const why = noSpace();

describe.skipIf(why !== undefined)(`in a network namespace${why === undefined ? '' : ` (${why})`}`, () => {
  beforeAll(() => {
    execFileSync('ip', ['netns', 'add', SPACE]);
    ip('link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', 'lxc1234');
    ip('link', 'add', 'cilium_vxlan', 'type', 'vxlan', 'external', 'dstport', '0');
    ip('link', 'add', 'cni0', 'type', 'bridge');
    ip('tuntap', 'add', 'tun0', 'mode', 'tun');
    ip('link', 'add', 'macvlan0', 'link', 'eth0', 'type', 'macvlan');
  });

  afterAll(() => void spawnSync('ip', ['netns', 'del', SPACE]));

  /** What the program `ethtool` says of an interface: -i its driver, -S its statistics. */
  function ethtool(name: string): { driver: string | undefined; statistics: Record<string, number> | undefined } {
    const driver = /^driver: (.*)$/mu.exec(inSpace('ethtool', '-i', name).stdout)?.[1];
    const { status, stdout } = inSpace('ethtool', '-S', name);
    if (status !== 0) return { driver, statistics: undefined };
    const pairs = [...stdout.matchAll(/^ {5}(.+): (\d+)$/gmu)].map(([, key, value]): [string, number] => [key!, Number(value)]);
    return { driver, statistics: Object.fromEntries<number>(pairs) };
  }

  test.each(['lo', 'eth0', 'lxc1234', 'cilium_vxlan', 'cni0', 'tun0', 'macvlan0'])('agrees with ethtool about %s', (name) => {
    const { driver, statistics } = ethtool(name);
    const [event] = probeSpace({ include: [name] });
    const supported = { level: 20, outcome: 'ready', statistics };
    const unsupported = { level: 50, outcome: 'unsupported', errno: 95, code: 'EOPNOTSUPP' };
    expect(event).toMatchObject({ interface: name, ...(statistics === undefined ? unsupported : supported) });
    expect([event?.['driver'], event?.['statistics']]).toEqual([driver, statistics]);
  });

  // The kernel takes any byte but `/`, `:` and white space. As bash writes them: Node's arguments cannot hold each.
  const spelled = [String.raw`bad\x80\xff`, String.raw`bad\e[31m`, 'bad456789012345', 'bad"b=c', 'badöß', String.raw`bad\\`];

  test('probes an interface whatever its name is', () => {
    const links = (what: string, rest: string): void => {
      const each = spelled.map((name) => `ip -n ${SPACE} link ${what} $'${name}' ${rest}`);
      execFileSync('bash', ['-ec', each.join('\n')]);
    };
    links('add', 'type veth');
    const events = probeSpace({ include: ['bad*'] });
    links('del', '');
    const shown = [String.raw`bad\x80\xff`, 'bad\x1b[31m', 'bad456789012345', 'bad"b=c', 'badöß', 'bad\\'];
    const ready = shown.map((name) => [name, 'ready', 'veth']);
    expect(events.map((event) => [event['interface'], event['outcome'], event['driver']])).toEqual(ready);
  });

  test('finds cilium_vxlan as Retina does', () => {
    const { stdout } = inSpace(process.execPath, ...CHILD, JSON.stringify({ as: 'retina', include: ['cilium_*'] }));
    expect(stdout.replace(/^ts=\S+ /u, '')).toBe(
      'level=error caller=linuxutil/ethtool_stats_linux.go:81 msg="Error while getting ethtool:" ifacename=cilium_vxlan ' +
        'error="interface not supported while retrieving stats: operation not supported"\n',
    );
  });

  test.each([
    ['GDRVINFO', 0x03],
    ['GSSET_INFO', 0x37],
    ['GSTRINGS', 0x1b],
    ['GSTATS', 0x1d],
  ])('an interface deleted just before %s is a failure of its own, and the next is probed', (step, command) => {
    ip('link', 'add', 'gone0', 'type', 'veth', 'peer', 'name', 'gone1');
    ip('link', 'add', 'stays0', 'type', 'veth', 'peer', 'name', 'stays1');
    const disturb = { name: 'gone0', command, run: ['ip', 'link', 'del', 'gone0'] };
    const events = probeSpace({ include: ['gone0', 'stays0'], disturb });
    ip('link', 'del', 'stays0');
    const deleted = { level: 50, outcome: 'failed', errno: 19, code: 'ENODEV', msg: `ethtool failed at ${step}: no such device` };
    expect(Object.fromEntries(events.map((event) => [event['interface'], event]))).toMatchObject({
      gone0: deleted,
      stays0: { outcome: 'ready' },
    });
  });

  test('an interface that grows in mid-probe is read anew', () => {
    ip('link', 'add', 'grow0', 'numrxqueues', '8', 'type', 'veth', 'peer', 'name', 'grow1');
    inSpace('ethtool', '-L', 'grow0', 'rx', '1');
    const before = Object.keys(ethtool('grow0').statistics ?? {}).length;
    const disturb = { name: 'grow0', command: 0x1b, run: ['ethtool', '-L', 'grow0', 'rx', '8'] };
    const [event] = probeSpace({ include: ['grow0'], disturb });
    const { statistics } = ethtool('grow0');
    ip('link', 'del', 'grow0');
    expect(event).toMatchObject({ outcome: 'ready', statistics });
    expect(Object.keys(statistics ?? {}).length).toBeGreaterThan(before);
  });

  test('politely, an interface made anew under the same name is warned of again', async () => {
    ip('link', 'add', 'br0', 'type', 'bridge');
    const settings = { order: [], include: ['br0'], polite: { span: 3_600_000, capacity: 9 }, every: 50, count: 1_000_000 };
    const args = ['netns', 'exec', SPACE, process.execPath, ...CHILD, JSON.stringify(settings)];
    const child = spawn('ip', args, { stdio: ['ignore', 'pipe', 'inherit'] });
    const exit = once(child, 'exit');
    const levels: number[] = [];
    for await (const line of createInterface(child.stdout)) {
      levels.push((JSON.parse(line) as Event).level);
      if (levels.length === 3) {
        ip('link', 'del', 'br0');
        ip('link', 'add', 'br0', 'type', 'bridge');
      }
      if (levels.filter((level) => level === 40).length === 2) break;
    }
    child.kill('SIGTERM');
    await exit;
    ip('link', 'del', 'br0');
    expect(levels.slice(0, 3)).toEqual([40, 20, 20]);
  });

  test('probes 500 interfaces in five times as long as 100', () => {
    const names = Array.from({ length: 250 }, (_, i) => [`many${i}`, `peer${i}`] as const);
    const batch = names.map(([name, peer]) => `link add ${name} type veth peer name ${peer}\n`).join('');
    execFileSync('ip', ['-n', SPACE, '-batch', '-'], { input: batch });
    const probed = (count: number, ...include: string[]): number => {
      const events = probeSpace({ include });
      expect(events.filter(({ outcome }) => outcome === 'ready')).toHaveLength(count);
      return Number(events.at(-1)?.['time']) - Number(events[0]?.['time']);
    };
    // Times are whole milliseconds, and a busy machine has its pauses: it must only not grow with the square.
    const few = Math.max(5, Math.min(...Array.from({ length: 3 }, () => probed(100, 'many?', 'many??'))));
    expect(probed(500, 'many*', 'peer*')).toBeLessThan(15 * few);
  });
});
