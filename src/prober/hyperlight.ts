import type { Manner } from './event.ts';
import type { Unavailable } from './finding.ts';
import type { Voice } from './voice.ts';

const MODULES = { mshv: 'hyperlight_host::hypervisor::hyperv_linux', kvm: 'hyperlight_host::hypervisor::kvm' } as const;
const HANDLER = 'hyperlight_host::hypervisor::hypervisor_handler';

/**
 * Hyperlight's own lines, as env_logger prints them: INFO for each hypervisor that does not work, nothing for one that does,
 * ERROR where none was found. The polite manner lowers the first to DEBUG.
 */
export function hyperlightVoice(version: 'hyperlight' | 'hyperlight-0.3', manner: Manner, now: () => number): Voice {
  const line = (level: string, module: string, message: string): string => {
    const time = new Date(now()).toISOString().replace(/\.\d+/u, '');
    return `[${time} ${level.padEnd(5)} ${module}] ${message}\n`;
  };
  const message = version === 'hyperlight' ? messageOf : oldMessageOf;
  return {
    hypervisors: {
      enough: 'one',
      one(finding) {
        if (finding.outcome === 'ready') return undefined;
        return line(manner === 'polite' ? 'DEBUG' : 'INFO', MODULES[finding.hypervisor], message(finding));
      },
      none: () => line('ERROR', HANDLER, 'No Hypervisor was found for Sandbox'),
    },
    interface: undefined,
    end: () => undefined,
  };
}

function messageOf({ hypervisor, why, apiVersion }: Unavailable): string {
  switch (why.kind) {
    case 'refused':
      return hypervisor === 'mshv' ? 'MSHV is not available on this system' : 'KVM is not available on this system';
    case 'version':
      return `KVM GET_API_VERSION returned ${apiVersion}, expected 12`;
    case 'capability':
      return `KVM does not have KVM_CAP_${why.name} capability`;
  }
}

/** As before hyperlight-dev/hyperlight#422: KVM's errno was lost, MSHV's printed as Rust's `{:?}` does. */
function oldMessageOf(finding: Unavailable): string {
  const { hypervisor, why } = finding;
  if (why.kind !== 'refused') return messageOf(finding);
  if (hypervisor === 'kvm') return 'Error creating KVM object';
  return `Error creating MSHV object: Errno(Error(${why.failure.errno}))`;
}
