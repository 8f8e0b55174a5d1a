import type { Hypervisor } from '../prober/finding.ts';
import type { ProbeFormat } from '../prober/format.ts';
import type { MemorySettings } from '../prober/memory.ts';
import { HYPERVISORS } from '../prober/probe.ts';
import type { Speaker } from '../prober/voices.ts';
import { GRACE, LOG_FORMAT, set, type Option } from './options.ts';
import { DEFAULTS, type Settings } from './settings.ts';
import { anyText, count, duration, oneOf, yesOrNo, type Reader } from './values.ts';

/** All that can be said about the prober, with nothing left open. */
export interface ProbeSettings extends Pick<Settings, 'grace' | 'logFormat'> {
  /** Which hypervisors to ask, in this order. */
  readonly order: readonly Hypervisor[];
  /** Also make a VM and a vcpu. */
  readonly deep: boolean;
  /** Globs. */
  readonly interface: readonly string[];
  readonly exclude: readonly string[];
  readonly polite: boolean;
  readonly as: Speaker;
  readonly format: ProbeFormat;
  /** ms */
  readonly every: number;
  readonly count: number;
  /** A table for people in place of lines. */
  readonly summary: boolean;
  /** The file that takes the kernel's answers. */
  readonly record: string | undefined;
  /** The file that answers in place of the kernel. */
  readonly replay: string | undefined;
}

const PROBE_DEFAULTS: Omit<ProbeSettings, 'count'> = {
  order: ['mshv', 'kvm'],
  deep: false,
  interface: ['*'],
  exclude: [],
  polite: false,
  as: 'relevel',
  format: 'pino',
  every: 10_000,
  summary: false,
  record: undefined,
  replay: undefined,
  grace: DEFAULTS.grace,
  logFormat: DEFAULTS.logFormat,
};

/** What the polite manner remembers. As many interfaces as Retina does, which has no time for it. */
export const POLITE_MEMORY: MemorySettings = { span: 60 * 60 * 1000, capacity: 2000 };

/** What was said of settings. */
export type ProbeAsked = { -readonly [Key in keyof ProbeSettings]?: ProbeSettings[Key] };

/** Once, unless a rhythm was asked for: then without an end, unless that was asked for. */
export const probeSettingsOf = (asked: ProbeAsked): ProbeSettings => ({
  ...PROBE_DEFAULTS,
  count: asked.every === undefined ? 1 : Infinity,
  ...asked,
});

const hypervisors: Reader<readonly Hypervisor[]> = {
  expected: 'a list such as mshv,kvm, nor none',
  read: (text) => {
    const names = text === 'none' ? [] : text.split(',');
    const known = names.filter((name): name is Hypervisor => Object.hasOwn(HYPERVISORS, name));
    return known.length === names.length && new Set(names).size === names.length ? known : undefined;
  },
};

function addGlob(key: 'interface' | 'exclude') {
  return (asked: ProbeAsked, text: string): string | undefined => {
    if (text === '') return anyText.expected;
    asked[key] = [...(asked[key] ?? []), text];
    return undefined;
  };
}

/** In the order in which the help shows them. */
export const PROBE_OPTIONS: readonly Option<ProbeAsked>[] = [
  {
    name: 'order',
    value: 'list',
    help: 'which hypervisors to ask, and in which order; none for none (mshv,kvm)',
    take: set('order', hypervisors),
  },
  { name: 'deep', help: 'also make a VM and a vcpu on KVM, and close both', take: set('deep', yesOrNo) },
  {
    name: 'interface',
    value: 'glob',
    repeatable: true,
    help: 'only the network interfaces that fit: "eth*" (*)',
    take: addGlob('interface'),
  },
  { name: 'exclude', value: 'glob', repeatable: true, help: 'leave out the interfaces that fit', take: addGlob('exclude') },
  {
    name: 'polite',
    help: 'log as daemons do once they are mended: what is expected at debug, what is news once',
    take: set('polite', yesOrNo),
  },
  {
    name: 'as',
    value: 'who',
    help: "in another program's words and format: hyperlight, hyperlight-0.3, retina",
    take: set<'as', Speaker>('as', oneOf('hyperlight', 'hyperlight-0.3', 'retina')),
  },
  {
    name: 'format',
    value: 'format',
    help: 'how lines are written: pino, ecs, logfmt (pino)',
    take: set('format', oneOf('pino', 'ecs', 'logfmt')),
  },
  {
    name: 'every',
    value: 'duration',
    help: 'ask again and again, so often (10s where only --count is said)',
    take: set('every', duration),
  },
  { name: 'count', value: 'n', help: 'end after so many times (1; with --every, never)', take: set('count', count) },
  { name: 'summary', help: 'a table for people: what works, what does not, why, what to do', take: set('summary', yesOrNo) },
  { name: 'record', value: 'file', help: "write the kernel's answers to a file, at the end", take: set('record', anyText) },
  { name: 'replay', value: 'file', help: 'ask a recorded host; needs no Linux and no koffi', take: set('replay', anyText) },
  GRACE,
  LOG_FORMAT,
];
