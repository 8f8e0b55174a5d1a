import { adviceFor } from './advice.ts';
import type { HypervisorFinding, Unavailable } from './finding.ts';
import type { Answer, Failure, Handle, Port } from './port.ts';

const DEVICE = '/dev/kvm';
/** `O_RDWR | O_CLOEXEC`; the same on x64 and arm64. */
const FLAGS = 0o2000002;

// include/uapi/linux/kvm.h
const KVM_GET_API_VERSION = 0xae00;
const KVM_CREATE_VM = 0xae01;
const KVM_CHECK_EXTENSION = 0xae03;
const KVM_GET_VCPU_MMAP_SIZE = 0xae04;
const KVM_CREATE_VCPU = 0xae41;

/** The kernel's own advice: refuse to run where it is not 12. Documentation/virt/kvm/api.rst, 4.1. */
const STABLE_API_VERSION = 12;

/** Without it, no memory can be given to a guest. */
const NEEDED = { name: 'USER_MEMORY', number: 3 };

/** What virtual machine monitors with devices need on every processor; a sandbox such as Hyperlight's does not. */
const WANTED = [
  { name: 'IRQCHIP', number: 0 },
  { name: 'IRQFD', number: 32 },
  { name: 'IOEVENTFD', number: 36 },
  { name: 'READONLY_MEM', number: 81 },
];

/** Limits, and what only one kind of processor has: told, never missed. */
const TOLD = [
  { name: 'HLT', number: 1 },
  { name: 'NR_VCPUS', number: 9 },
  { name: 'NR_MEMSLOTS', number: 10 },
  { name: 'MAX_VCPUS', number: 66 },
  { name: 'MAX_VCPU_ID', number: 128 },
];

/** How far a probe goes: `look` only asks; `create` also makes a VM and a vcpu, and closes both. */
export type Depth = 'look' | 'create';

/** Asks /dev/kvm what a virtual machine monitor would ask before its first guest. */
export function probeKvm(port: Port, depth: Depth): HypervisorFinding {
  const opened = port.open(DEVICE, FLAGS);
  if (!opened.ok) return refused('open', 'open', opened, undefined);
  try {
    return askKvm(port, opened.value, depth);
  } finally {
    port.close(opened.value);
  }
}

function askKvm(port: Port, kvm: Handle, depth: Depth): HypervisorFinding {
  const version = port.ioctl(kvm, KVM_GET_API_VERSION, 0);
  if (!version.ok) return refused('ioctl', 'KVM_GET_API_VERSION', version, undefined);
  const apiVersion = version.value;
  const unavailable = { outcome: 'unavailable', hypervisor: 'kvm', device: DEVICE, syscall: 'ioctl', apiVersion } as const;
  if (apiVersion !== STABLE_API_VERSION) {
    const advice = `KVM's API has version ${apiVersion}, programs are written for ${STABLE_API_VERSION}; boot another kernel`;
    return { ...unavailable, why: { kind: 'version' }, advice };
  }

  const capabilities = new Map<string, number>();
  for (const { name, number } of [NEEDED, ...WANTED, ...TOLD]) {
    const answer = port.ioctl(kvm, KVM_CHECK_EXTENSION, number);
    if (!answer.ok) return refused('ioctl', 'KVM_CHECK_EXTENSION', answer, apiVersion);
    capabilities.set(name, answer.value);
  }
  if (capabilities.get(NEEDED.name) === 0) {
    const advice = `this KVM lacks KVM_CAP_${NEEDED.name}, without which no guest has memory; boot another kernel`;
    return { ...unavailable, why: { kind: 'capability', name: NEEDED.name }, advice };
  }

  const size = port.ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0);
  if (!size.ok) return refused('ioctl', 'KVM_GET_VCPU_MMAP_SIZE', size, apiVersion);

  if (depth === 'create') {
    const refusal = createVm(port, kvm);
    if (refusal !== undefined) return refused('ioctl', refusal.step, refusal.failure, apiVersion);
  }

  const lacking = WANTED.filter(({ name }) => capabilities.get(name) === 0).map(({ name }) => `KVM_CAP_${name}`);
  const advice = lacking.length === 0 ? undefined : `without ${lacking.join(', ')}, some virtual machine monitors do not start`;
  return { outcome: 'ready', hypervisor: 'kvm', device: DEVICE, apiVersion, capabilities, vcpuMmapSize: size.value, advice };
}

/** Makes a VM with one vcpu and closes both. */
function createVm(port: Port, kvm: Handle): { readonly step: string; readonly failure: Failure } | undefined {
  const vm = asHandle(port.ioctl(kvm, KVM_CREATE_VM, 0), 'vm');
  if (!vm.ok) return { step: 'KVM_CREATE_VM', failure: vm };
  try {
    const vcpu = asHandle(port.ioctl(vm.value, KVM_CREATE_VCPU, 0), 'vcpu');
    if (!vcpu.ok) return { step: 'KVM_CREATE_VCPU', failure: vcpu };
    port.close(vcpu.value);
    return undefined;
  } finally {
    port.close(vm.value);
  }
}

function asHandle(answer: Answer<number>, name: string): Answer<Handle> {
  return answer.ok ? { ok: true, value: { fd: answer.value, name } } : answer;
}

function refused(syscall: 'open' | 'ioctl', step: string, failure: Failure, apiVersion: number | undefined): Unavailable {
  const advice = adviceFor(DEVICE, failure);
  return {
    outcome: 'unavailable',
    hypervisor: 'kvm',
    device: DEVICE,
    syscall,
    why: { kind: 'refused', step, failure },
    apiVersion,
    advice,
  };
}
