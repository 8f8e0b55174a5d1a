import type { HypervisorFinding, InterfaceFinding } from './finding.ts';

/** Says each failure at each tick as an error, as daemons at first do; or what needs to be said once, as they do when mended. */
export type Manner = 'naive' | 'polite';

/** Fields in the order in which they are written; `undefined` is not. */
export type Fields = Readonly<Record<string, string | number | ReadonlyMap<string, number | bigint> | undefined>>;

/** A finding in our own words, before it is spelled in a format. */
export interface ProbeEvent {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly message: string;
  readonly fields: Fields;
}

const NAMES = { mshv: 'MSHV', kvm: 'KVM' } as const;

export function hypervisorEvent(finding: HypervisorFinding, manner: Manner): ProbeEvent {
  const { device, outcome, apiVersion, advice } = finding;
  const name = NAMES[finding.hypervisor];
  if (outcome === 'ready') {
    const level = manner === 'polite' ? 'debug' : 'info';
    return { level, message: `${name} is ready`, fields: { device, outcome, apiVersion, advice } };
  }
  const { syscall, why } = finding;
  const { errno, code } = why.kind === 'refused' ? why.failure : NO_FAILURE;
  const request = why.kind === 'refused' && syscall === 'ioctl' ? why.step : undefined;
  const missing = why.kind === 'capability' ? `KVM_CAP_${why.name}` : undefined;
  return {
    level: manner === 'polite' ? 'debug' : 'error',
    message: `${name} is not available`,
    fields: { device, outcome, errno, code, syscall, request, apiVersion, missing, advice },
  };
}

const NO_FAILURE = { errno: undefined, code: undefined };

/** Said after the hypervisors of a tick, in any manner, where none of them works. */
export const NO_HYPERVISOR: ProbeEvent = { level: 'error', message: 'no hypervisor was found', fields: { outcome: 'none' } };

export function interfaceEvent(finding: InterfaceFinding, manner: Manner): ProbeEvent {
  const { outcome, driver } = finding;
  const about = { interface: finding.interface, driver, outcome };
  switch (outcome) {
    case 'ready':
      return { level: 'debug', message: 'ethtool statistics read', fields: { ...about, statistics: finding.statistics } };
    case 'unsupported': {
      const { errno, code } = finding.failure;
      const message = 'ethtool statistics are not supported';
      const polite = finding.remembered ? 'debug' : 'warn';
      return { level: manner === 'polite' ? polite : 'error', message, fields: { ...about, errno, code } };
    }
    case 'failed': {
      const { failure, step, why } = finding;
      const message = `ethtool failed at ${step}: ${why}`;
      return { level: 'error', message, fields: { ...about, errno: failure?.errno, code: failure?.code } };
    }
  }
}
