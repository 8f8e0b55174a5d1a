import type { Hypervisor } from './finding.ts';
import type { Origin, ProbeFormat } from './format.ts';
import { nameFilter } from './glob.ts';
import { askAgain } from './interrupted.ts';
import type { Depth } from './kvm.ts';
import { Memory, type MemorySettings } from './memory.ts';
import type { Port } from './port.ts';
import { askAlways, askUnlessKnown, HYPERVISORS, probeInterfaces } from './probe.ts';
import type { HypervisorVoice } from './voice.ts';
import { voiceOf, type Speaker } from './voices.ts';

/** Every choice of the prober. Nothing has a default here: `cli` fills them in. */
export interface ProbeOptions extends Origin {
  readonly port: Port;
  /** Takes one line, or one table, newline included. What it returns is awaited before more is asked: a full pipe slows the prober. */
  readonly write: (text: string) => void | Promise<void>;
  /** Resolves after so many ms, or as soon as the signal is aborted. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Ends the prober after the line that it is at. */
  readonly signal: AbortSignal;
  /** The hypervisors to ask, in this order; with none, it is not said that none works. */
  readonly order: readonly Hypervisor[];
  readonly depth: Depth;
  /** Globs of interfaces: `['*']` for all. */
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  readonly as: Speaker;
  /** Of `relevel`'s own voice. */
  readonly format: ProbeFormat;
  /** What to remember, for the polite manner; `undefined` for the naive. */
  readonly polite: MemorySettings | undefined;
  /** ms from the beginning of one tick to that of the next */
  readonly every: number;
  /** How many ticks; `Infinity` for a daemon. */
  readonly count: number;
}

/**
 * Asks the host, `count` times, and writes what it learned. The exit code: 3 where the last tick asked for hypervisors and
 * found none that is usable, else 0, also where it was aborted before it had asked. Rejects where the port cannot answer at
 * all (a recording that lacks a question) or `write` rejects.
 */
export async function probe(options: ProbeOptions): Promise<0 | 3> {
  const { write, wait, signal, now, order, every, count } = options;
  const port = askAgain(options.port);
  const voice = voiceOf(options.as, options.polite === undefined ? 'naive' : 'polite', options.format, options);
  const wanted = nameFilter(options.include, options.exclude);
  const ask = options.polite === undefined ? askAlways : askUnlessKnown(new Memory(options.polite), now);

  const say = async (text: string | undefined): Promise<void> => {
    if (text !== undefined) await write(text);
  };

  let usable = true;
  let due = now();
  for (let ticks = 0; ticks < count && !signal.aborted; ticks += 1) {
    if (ticks > 0) {
      // A tick that took longer than `every` drops those that it ran over.
      const at = now();
      due = Math.max(due + every, at);
      await wait(due - at, signal);
      if (signal.aborted) break;
    }
    if (voice.hypervisors !== undefined && order.length > 0) {
      usable = await askHypervisors({ ...options, port }, voice.hypervisors, say);
    }
    if (voice.interface !== undefined) {
      for (const finding of probeInterfaces(port, wanted, ask)) {
        await say(voice.interface(finding));
        if (signal.aborted) break;
      }
    }
    await say(voice.end());
  }
  return usable ? 0 : 3;
}

type Say = (text: string | undefined) => Promise<void>;

/** Asks each hypervisor of `order`; true where one is usable. */
async function askHypervisors({ port, order, depth }: ProbeOptions, voice: HypervisorVoice, say: Say): Promise<boolean> {
  let usable = false;
  for (const hypervisor of order) {
    const finding = HYPERVISORS[hypervisor](port, depth);
    usable ||= finding.outcome === 'ready';
    await say(voice.one(finding));
    if (usable && voice.enough === 'one') return true;
  }
  if (!usable) await say(voice.none());
  return usable;
}
