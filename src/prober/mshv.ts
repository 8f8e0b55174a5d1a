import { adviceFor } from './advice.ts';
import type { HypervisorFinding } from './finding.ts';
import type { Port } from './port.ts';

/** `O_RDONLY | O_NONBLOCK | O_CLOEXEC`, as Hyperlight opens it; the same on x64 and arm64. */
const FLAGS = 0o2004000;

/**
 * Opens /dev/mshv and closes it again. Asks nothing of it: upstream has no request that only looks, the
 * first one there creates a partition.
 */
export function probeMshv(port: Port): HypervisorFinding {
  const device = '/dev/mshv';
  const opened = port.open(device, FLAGS);
  if (opened.ok) {
    port.close(opened.value);
    const unknown = { apiVersion: undefined, capabilities: new Map(), vcpuMmapSize: undefined, advice: undefined };
    return { outcome: 'ready', hypervisor: 'mshv', device, ...unknown };
  }
  return {
    outcome: 'unavailable',
    hypervisor: 'mshv',
    device,
    syscall: 'open',
    why: { kind: 'refused', step: 'open', failure: opened },
    apiVersion: undefined,
    advice: adviceFor(device, opened),
  };
}
