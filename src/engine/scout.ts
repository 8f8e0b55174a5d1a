import type { Kernel } from '../kernel/kernel.ts';
import type { ScoutTables } from '../kernel/scouts.ts';
import { printsOf, type Prints } from './prints.ts';
import { MIN_PROBE, type Probe } from './probe.ts';
import { Windows } from './windows.ts';

/** Has the kernel search its input for any of many texts at once: by prints, four bytes of each text, if there are few, else by windows. */
export class Scout {
  readonly tables: ScoutTables;

  /** `made`: the probes' prints, if they are known. */
  constructor(probes: readonly Probe[], made?: Prints) {
    if (probes.some((probe) => probe.bytes.length < MIN_PROBE)) throw new Error('Scout: a probe is too short');
    const prints = made ?? printsOf(probes);
    this.tables = prints === undefined ? { kind: 'windows', windows: new Windows(probes) } : { kind: 'prints', prints };
  }

  /** Offset of a byte inside the first text found in `[from, end)` of the kernel's input, or `end`. `from` if there are too many texts for it. */
  next(kernel: Kernel, from: number, end: number): number {
    const search = kernel.scouts.searchOf(this.tables);
    return search === undefined ? from : kernel.scouts.next(search, from, end);
  }

  /** Sets, in `needs`, the bit of everybody whose text stands in `[from, end)` of the kernel's input. False if there are too many texts for it. */
  collect(kernel: Kernel, from: number, end: number, needs: Uint32Array): boolean {
    const search = kernel.scouts.searchOf(this.tables);
    if (search === undefined) return false;
    kernel.scouts.collect(search, from, from, end, needs);
    return true;
  }
}
