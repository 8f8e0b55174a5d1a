import { hypervisorEvent, interfaceEvent, NO_HYPERVISOR, type Manner } from './event.ts';
import { renderer, type Origin, type ProbeFormat, type Render } from './format.ts';
import { hyperlightVoice } from './hyperlight.ts';
import { retinaVoice } from './retina.ts';
import { summaryVoice } from './summary.ts';
import type { Voice } from './voice.ts';

/**
 * As whom to write; `summary` is a table for people. Hyperlight 0.3 is the last before its lines were worded anew
 * (hyperlight-dev/hyperlight#422).
 */
export type Speaker = 'relevel' | 'hyperlight' | 'hyperlight-0.3' | 'retina' | 'summary';

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
