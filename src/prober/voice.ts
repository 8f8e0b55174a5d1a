import { hypervisorEvent, interfaceEvent, NO_HYPERVISOR, type Manner } from './event.ts';
import type { HypervisorFinding, InterfaceFinding } from './finding.ts';
import { renderer, type Origin, type ProbeFormat, type Render } from './format.ts';
import { hyperlightVoice } from './hyperlight.ts';
import { retinaVoice } from './retina.ts';
import { summaryVoice } from './summary.ts';

/**
 * As whom to write; `summary` is a table for people. Hyperlight 0.3 is the last before its lines were worded anew
 * (hyperlight-dev/hyperlight#422).
 */
export type Speaker = 'relevel' | 'hyperlight' | 'hyperlight-0.3' | 'retina' | 'summary';

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

/** `format` is that of our own voice: the others have theirs. */
export function voiceOf(speaker: Speaker, manner: Manner, format: ProbeFormat, origin: Origin): Voice {
  switch (speaker) {
    case 'relevel':
      return relevelVoice(manner, renderer(format, origin));
    case 'hyperlight':
    case 'hyperlight-0.3':
      return hyperlightVoice(speaker, manner, origin.now);
    case 'retina':
      return retinaVoice(manner, origin.now);
    case 'summary':
      return summaryVoice();
  }
}

function relevelVoice(manner: Manner, render: Render): Voice {
  return {
    hypervisors: {
      enough: 'all',
      one: (finding) => render(hypervisorEvent(finding, manner)),
      none: () => render(NO_HYPERVISOR),
    },
    interface: (finding) => render(interfaceEvent(finding, manner)),
    end: () => undefined,
  };
}
