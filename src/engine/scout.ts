import { isLent } from '../kernel/kernel.ts';
import { collectByKernel, nextByKernel, type ScoutTables } from '../kernel/search.ts';
import { printsOf, type Prints } from './prints.ts';
import { Windows } from './windows.ts';

/** A text to look for: its bytes, and the number of whoever asks for it. */
export interface Probe {
  readonly bytes: Uint8Array;
  /** Whether letters A to Z also stand for a to z. */
  readonly ignoreCase: boolean;
  readonly need: number;
}

/** A shorter probe would be found in every other line. */
export const MIN_PROBE = 3;

/**
 * Searches bytes for any of many texts at once. In the lent chunk the kernel does it: by prints, three bytes of each text, where
 * there are few of them, else by windows. Elsewhere windows do it, plainly: the reference for the kernel.
 */
export class Scout {
  readonly #probes: readonly Probe[];
  /** For whoever has the kernel search by itself. */
  readonly tables: ScoutTables;
  #plain: Windows | undefined;

  /** `made`: the probes' prints, where they are known. */
  constructor(probes: readonly Probe[], made?: Prints) {
    if (probes.some((probe) => probe.bytes.length < MIN_PROBE)) throw new Error('Scout: a probe is too short');
    this.#probes = probes;
    const prints = made ?? printsOf(probes);
    this.tables = prints === undefined ? { kind: 'windows', windows: this.#windows } : { kind: 'prints', prints };
  }

  /** Made when they are first needed: where prints do, that is seldom. */
  get #windows(): Windows {
    return (this.#plain ??= new Windows(this.#probes));
  }

  /** Offset of a byte inside the first text found in `[from, end)`, or `end`. */
  next(bytes: Uint8Array, from: number, end: number): number {
    if (this.#probes.length === 0) return end;
    const found = isLent(bytes) ? nextByKernel(this.tables, from, end) : -1;
    return found === -1 ? this.#windows.next(bytes, from, end) : found;
  }

  /**
   * Sets, in `needs`, the bit of everybody whose text stands in `[from, end)`. Nothing that lies before `first` is looked at: an
   * offset that `next` gave, or `from`.
   */
  collect(bytes: Uint8Array, from: number, first: number, end: number, needs: Uint32Array): void {
    if (this.#probes.length === 0) return;
    if (isLent(bytes) && collectByKernel(this.tables, from, first, end, needs)) return;
    this.#windows.collect(bytes, from, first, end, needs);
  }
}
