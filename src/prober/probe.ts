import { failed, probeInterface } from './ethtool.ts';
import type { Hypervisor, HypervisorFinding, InterfaceFinding } from './finding.ts';
import { probeKvm, type Depth } from './kvm.ts';
import type { Memory } from './memory.ts';
import { probeMshv } from './mshv.ts';
import type { NetInterface, Port } from './port.ts';

/** The hypervisors that can be probed, each in its own file. The order is Hyperlight's. */
export const HYPERVISORS: Readonly<Record<Hypervisor, (port: Port, depth: Depth) => HypervisorFinding>> = {
  mshv: probeMshv,
  kvm: probeKvm,
};

/** Probes each interface that is `wanted`, when the next finding is asked for; closes its socket also where no more is asked for. */
export function* probeInterfaces(port: Port, wanted: (name: string) => boolean, ask: AskInterface): Generator<InterfaceFinding> {
  const listed = port.interfaces();
  if (!listed.ok) {
    yield failed(undefined, undefined, 'if_nameindex', listed);
    return;
  }
  const socket = port.socket();
  if (!socket.ok) {
    yield failed(undefined, undefined, 'socket', socket);
    return;
  }
  try {
    for (const one of listed.value) {
      if (wanted(one.name)) yield ask(one, () => probeInterface(port, socket.value, one.name));
    }
  } finally {
    port.close(socket.value);
  }
}

/** Decides whether to probe an interface now, or to answer from what is known of it. */
export type AskInterface = (about: NetInterface, probe: () => InterfaceFinding) => InterfaceFinding;

/** Asks the kernel each time. */
export const askAlways: AskInterface = (_about, probe) => probe();

/** Leaves out the interfaces that are known to have no statistics. */
export function askUnlessKnown(memory: Memory, now: () => number): AskInterface {
  return (about, probe) => {
    const known = memory.recall(about, now());
    if (known !== undefined) return known;
    const finding = probe();
    if (finding.outcome === 'unsupported') memory.keep(about, finding, now());
    return finding;
  };
}
