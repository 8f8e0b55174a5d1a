import type { HypervisorFinding, InterfaceFinding } from './finding.ts';

/** Turns findings into text, each newline included. What a voice does not speak of is not asked either. */
export interface Voice {
  readonly hypervisors: HypervisorVoice | undefined;
  readonly interface: ((finding: InterfaceFinding) => string | undefined) | undefined;
  /** Called after each tick. */
  readonly end: () => string | undefined;
}

export interface HypervisorVoice {
  /** Whether to ask on after one that works. */
  readonly enough: 'one' | 'all';
  readonly one: (finding: HypervisorFinding) => string | undefined;
  /** Where none of a tick's hypervisors works. */
  readonly none: () => string | undefined;
}
