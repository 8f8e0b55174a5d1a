import { expect, test } from 'vitest';
import type { ProbeOptions } from '../../src/prober/daemon.ts';
import type { Failure, Port } from '../../src/prober/port.ts';
import { collect, host } from './support.ts';

const RETINA = 'ts=2026-01-02T03:04:05.678Z level';
const FILE = 'caller=linuxutil/ethtool_stats_linux.go';
const UNSUPPORTED = 'error="interface not supported while retrieving stats: operation not supported"';
const HYPERVISOR = 'hyperlight_host::hypervisor';
const polite = { span: 60_000, capacity: 100 };

const voices: readonly [voice: string, name: string, changed: Partial<ProbeOptions>, lines: readonly string[]][] = [
  [
    'Hyperlight where only KVM is missing',
    'constructed-mshv',
    { as: 'hyperlight' },
    [], // the first that works is right
  ],
  [
    'Hyperlight on a KVM host',
    'recorded-root',
    { as: 'hyperlight' },
    [`[2026-01-02T03:04:05Z INFO  ${HYPERVISOR}::hyperv_linux] MSHV is not available on this system`],
  ],
  [
    'Hyperlight where there is nothing',
    'constructed-none',
    { as: 'hyperlight' },
    [
      `[2026-01-02T03:04:05Z INFO  ${HYPERVISOR}::hyperv_linux] MSHV is not available on this system`,
      `[2026-01-02T03:04:05Z INFO  ${HYPERVISOR}::kvm] KVM is not available on this system`,
      `[2026-01-02T03:04:05Z ERROR ${HYPERVISOR}::hypervisor_handler] No Hypervisor was found for Sandbox`,
    ],
  ],
  [
    'Hyperlight 0.3 where there is nothing',
    'constructed-none',
    { as: 'hyperlight-0.3' },
    [
      `[2026-01-02T03:04:05Z INFO  ${HYPERVISOR}::hyperv_linux] Error creating MSHV object: Errno(Error(2))`,
      `[2026-01-02T03:04:05Z INFO  ${HYPERVISOR}::kvm] Error creating KVM object`,
      `[2026-01-02T03:04:05Z ERROR ${HYPERVISOR}::hypervisor_handler] No Hypervisor was found for Sandbox`,
    ],
  ],
  [
    'polite Hyperlight before an old KVM',
    'constructed-kvm-version',
    { as: 'hyperlight', polite, order: ['kvm'] },
    [
      `[2026-01-02T03:04:05Z DEBUG ${HYPERVISOR}::kvm] KVM GET_API_VERSION returned 11, expected 12`,
      `[2026-01-02T03:04:05Z ERROR ${HYPERVISOR}::hypervisor_handler] No Hypervisor was found for Sandbox`,
    ],
  ],
  [
    'Hyperlight before a KVM without memory',
    'constructed-kvm-no-user-memory',
    { as: 'hyperlight', order: ['kvm'] },
    [
      `[2026-01-02T03:04:05Z INFO  ${HYPERVISOR}::kvm] KVM does not have KVM_CAP_USER_MEMORY capability`,
      `[2026-01-02T03:04:05Z ERROR ${HYPERVISOR}::hypervisor_handler] No Hypervisor was found for Sandbox`,
    ],
  ],
  [
    'Retina, an error at each tick',
    'recorded-cilium',
    { as: 'retina', include: ['cilium_*', 'eth0'], count: 2 },
    [
      `${RETINA}=debug ${FILE}:90 msg="Processed ethtool Stats " ifacename=eth0`,
      `${RETINA}=error ${FILE}:81 msg="Error while getting ethtool:" ifacename=cilium_vxlan ${UNSUPPORTED}`,
      `${RETINA}=debug ${FILE}:90 msg="Processed ethtool Stats " ifacename=eth0`,
      `${RETINA}=error ${FILE}:81 msg="Error while getting ethtool:" ifacename=cilium_vxlan ${UNSUPPORTED}`,
    ],
  ],
  [
    'polite Retina, a warning once',
    'recorded-cilium',
    { as: 'retina', include: ['cilium_*', 'eth0'], count: 2, polite },
    [
      `${RETINA}=debug ${FILE}:93 msg="Processed ethtool Stats " ifacename=eth0`,
      `${RETINA}=warn ${FILE}:81 msg="Unsupported interface detected:" ifacename=cilium_vxlan ${UNSUPPORTED}`,
      `${RETINA}=debug ${FILE}:93 msg="Processed ethtool Stats " ifacename=eth0`,
      `${RETINA}=debug ${FILE}:79 msg="Skipping unsupported interface" ifacename=cilium_vxlan`,
    ],
  ],
  [
    'our own, in logfmt',
    'recorded-nobody',
    { format: 'logfmt', order: ['kvm'], include: ['ifb0'] },
    [
      'time=2026-01-02T03:04:05.678Z level=error msg="KVM is not available" pid=7 hostname=a device=/dev/kvm outcome=unavailable errno=13 code=EACCES ' +
        'syscall=open advice="add the user to the group that owns /dev/kvm, mostly kvm (usermod -aG kvm <user>), and log in again"',
      'time=2026-01-02T03:04:05.678Z level=error msg="no hypervisor was found" pid=7 hostname=a outcome=none',
      'time=2026-01-02T03:04:05.678Z level=debug msg="ethtool statistics read" pid=7 hostname=a interface=ifb0 driver=ifb outcome=ready ' +
        'statistics.rx_queue_0_packets=0 statistics.rx_queue_0_bytes=0 statistics.tx_queue_0_packets=0 statistics.tx_queue_0_bytes=0',
    ],
  ],
  [
    'our own, in ECS with the code put back',
    'recorded-cilium',
    { format: 'ecs', order: [], include: ['cni0'] },
    [
      '{"log.level":"error","@timestamp":"2026-01-02T03:04:05.678Z","process.pid":7,"host.hostname":"a","ecs.version":"8.10.0",' +
        '"interface":"cni0","driver":"bridge","outcome":"unsupported","errno":95,"code":"EOPNOTSUPP","error":{"code":"EOPNOTSUPP"},' +
        '"message":"ethtool statistics are not supported"}',
    ],
  ],
];

test.each(voices)('speaks as %s (%s)', async (_voice, name, changed, lines) => {
  const { texts } = await collect(host(name), changed);
  expect(texts).toEqual(lines.map((line) => `${line}\n`));
});

test('the polite manner lowers hypervisors to debug, and leaves the one error that matters', async () => {
  const levels = async (name: string): Promise<unknown[]> => {
    const { texts } = await collect(host(name), { polite, include: [] });
    return texts.map((text) => (JSON.parse(text) as { level: number }).level);
  };
  expect(await levels('recorded-root')).toEqual([20, 20]);
  expect(await levels('constructed-none')).toEqual([20, 20, 50]);
});

test('the summary says what works, what does not, why, and what to do', async () => {
  const { texts } = await collect(host('recorded-cilium'), { as: 'summary', include: ['lo', 'eth0', 'cilium_*'] });
  expect(texts).toHaveLength(1);
  expect(texts[0]).toMatchInlineSnapshot(`
    "Hypervisors
      /dev/mshv  unavailable  ENOENT (2) at open
          → expected, unless this host is a root partition of the Microsoft Hypervisor; there, load the module mshv_root
      /dev/kvm   ready        API 12, 12288 bytes shared with a vcpu
          USER_MEMORY 1, IRQCHIP 1, IRQFD 1, IOEVENTFD 1, READONLY_MEM 1, HLT 1, NR_VCPUS 2, NR_MEMSLOTS 32764, MAX_VCPUS 1024, MAX_VCPU_ID 4096
    Interfaces
      lo            -      unsupported  EOPNOTSUPP (95)
      eth0          veth   ready        10 statistics
      cilium_vxlan  vxlan  unsupported  EOPNOTSUPP (95)
          → what is unsupported is no fault: its driver, mostly a virtual one, keeps no statistics; --exclude leaves it out
    Can be used: /dev/kvm.
    "
  `);
  const { texts: none, exitCode } = await collect(host('constructed-kvm-eacces'), { as: 'summary', include: [] });
  expect(none[0]).toMatchInlineSnapshot(`
    "Hypervisors
      /dev/mshv  unavailable  ENOENT (2) at open
          → expected, unless this host is a root partition of the Microsoft Hypervisor; there, load the module mshv_root
      /dev/kvm   unavailable  EACCES (13) at open
          → add the user to the group that owns /dev/kvm, mostly kvm (usermod -aG kvm <user>), and log in again
    No hypervisor can be used on this host.
    "
  `);
  expect(exitCode).toBe(3);
});

const failures: readonly [what: string, changed: Partial<Port>, row: string, note: string][] = [
  ['went away', { ethtool: refuse(19, 'ENODEV') }, 'lo  -  failed  no such device at GDRVINFO', 'it went away in between'],
  ['is forbidden', { ethtool: refuse(1, 'EPERM') }, 'lo  -  failed  operation not permitted at GDRVINFO', 'a sandbox forbids'],
  [
    'has a driver at fault',
    { ethtool: refuse(5, 'EIO') },
    'lo  -  failed  input/output error at GDRVINFO',
    'the driver answers EIO (5)',
  ],
  ['has no socket', { socket: refuse(24, 'EMFILE') }, '(all)  -  failed  too many open files at socket', 'ulimit -n'],
  [
    'may have no socket',
    { socket: refuse(97, 'EAFNOSUPPORT') },
    '(all)  -  failed  address family not supported by protocol at socket',
    'RestrictAddressFamilies',
  ],
];

function refuse(errno: number, code: string): () => Failure {
  return () => ({ ok: false, errno, code });
}

test.each(failures)('the summary says what to do where an interface %s', async (_what, changed, row, note) => {
  const { texts } = await collect({ ...host('recorded-root'), ...changed }, { as: 'summary', order: [], include: ['lo'] });
  expect(texts[0]).toMatch(/^Interfaces\n {2}.*\n {6}→ .*\n$/u);
  expect(texts[0]).toContain(`  ${row}\n`);
  expect(texts[0]).toContain(note);
});

test('the summary hands no terminal what it would obey', async () => {
  const port: Port = { ...host('recorded-root'), open: refuse(1, '\x1b[31m\u202e\u2028') };
  const { texts } = await collect(port, { as: 'summary', include: [] });
  expect(texts.join('').replaceAll('\n', '')).not.toMatch(/[\p{C}\p{Zl}]/u);
});
