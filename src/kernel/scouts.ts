import type { Instance } from './instance.ts';
import { BY_PRINTS, MOST_BLOCKS, MOST_NEEDS, MOST_PROBES, MOST_PROBE_TEXT, MOST_SCOUTS } from './layout.ts';

/** What a scout hands over: see `scout.ts` for what it means. */
export type ScoutTables =
  | {
      readonly kind: 'prints';
      readonly prints: { readonly nibbles: Uint8Array; readonly sets: readonly (readonly TableProbe[])[] };
    }
  | {
      readonly kind: 'windows';
      readonly windows: {
        readonly block: 2 | 3;
        readonly window: number;
        readonly jumps: Uint8Array;
        readonly candidates: readonly (readonly TableProbe[] | undefined)[];
      };
    };

export interface TableProbe {
  readonly probe: { readonly bytes: Uint8Array; readonly ignoreCase: boolean; readonly need: number };
  readonly behind: number;
}

/** How the kernel is asked to search: which of its scouts, how, and how long a window is. */
export interface Search {
  readonly which: number;
  readonly block: number;
  readonly window: number;
}

/** What was passed over. */
export interface PassedOver {
  /** Whole lines, and how many of them were longer than `maxLine`. */
  lines: number;
  overlong: number;
  /** Where the next line begins, and where in it something stands; the end if nothing does. */
  next: number;
  stop: number;
}

interface Holder extends Search {
  readonly tables: ScoutTables;
  readonly fits: boolean;
  used: number;
}

/** What the kernel searches for: the tables of some scouts, those that were asked for last. */
export class LoadedScouts {
  readonly #instance: Instance;
  readonly #needs: Uint32Array;
  readonly #holders: Holder[] = [];
  readonly #passed: PassedOver = { lines: 0, overlong: 0, next: 0, stop: 0 };
  #uses = 0;

  constructor(instance: Instance) {
    this.#instance = instance;
    const { call, memory } = instance;
    this.#needs = new Uint32Array(memory, call.needs(), MOST_NEEDS / 32);
  }

  /** How it is asked to search for these, handed over if need be; `undefined` if they are too large for it. */
  searchOf(tables: ScoutTables): Search | undefined {
    this.#uses += 1;
    let oldest = 0;
    for (let which = 0; which < this.#holders.length; which += 1) {
      const holder = this.#holders[which]!;
      if (holder.tables === tables) {
        holder.used = this.#uses;
        return holder.fits ? holder : undefined;
      }
      if (holder.used < this.#holders[oldest]!.used) oldest = which;
    }
    const which = this.#holders.length < MOST_SCOUTS ? this.#holders.length : oldest;
    const [block, window] = tables.kind === 'prints' ? [BY_PRINTS, 0] : [tables.windows.block, tables.windows.window];
    const fits = handOver(this.#instance, tables, which);
    const holder = { tables, fits, which, block, window, used: this.#uses };
    this.#holders[which] = holder;
    return fits ? holder : undefined;
  }

  /** Offset of a byte inside the first text found in `[from, end)`, or `end`. */
  next({ which, block, window }: Search, from: number, end: number): number {
    return this.#instance.call.scoutNext(which, block, from, firstPlace(block, window, from), end);
  }

  /** Sets, in `needs`, the bit of everybody whose text stands in `[from, end)`. Nothing that ends before `first` is looked at. */
  collect({ which, block, window }: Search, from: number, first: number, end: number, needs: Uint32Array): void {
    const inside = this.#needs;
    for (let i = 0; i < needs.length; i += 1) inside[i] = needs[i]!;
    this.#instance.call.scoutCollect(which, block, from, Math.max(first, firstPlace(block, window, from)), end);
    for (let i = 0; i < needs.length; i += 1) needs[i] = inside[i]!;
  }

  /**
   * Passes over the lines of `[at, end)` in which nothing stands: none of the texts, and no escape as `Kernel.nextEscape` finds it. What
   * it gives is good until it is called again.
   */
  passOver({ which, block, window }: Search, at: number, end: number, slashes: boolean, maxLine: number): Readonly<PassedOver> {
    const { call } = this.#instance;
    const passed = this.#passed;
    passed.next = call.passOver(which, block, window, at, end, slashes ? 1 : 0, Math.min(maxLine, 0x7fff_ffff));
    passed.lines = call.passedLines();
    passed.overlong = call.passedOverlong();
    passed.stop = call.stoppedAt();
    return passed;
  }
}

const firstPlace = (block: number, window: number, from: number): number => (block === BY_PRINTS ? from : from + window - 1);

function handOver(instance: Instance, tables: ScoutTables, which: number): boolean {
  const { call, memory } = instance;
  if (tables.kind === 'prints') {
    const { nibbles, sets } = tables.prints;
    const place = call.printsOf(which);
    new Uint8Array(memory, place, nibbles.length).set(nibbles);
    return chain(instance, which, sets.entries(), new Uint16Array(memory, place + nibbles.length, sets.length));
  }
  const { jumps, candidates } = tables.windows;
  new Uint8Array(memory, call.jumpsOf(which), MOST_BLOCKS).set(jumps);
  const heads = new Uint16Array(memory, call.headsOf(which), MOST_BLOCKS);
  const byHash = Object.entries(candidates).map(([hash, there]) => [Number(hash), there!] as const);
  return chain(instance, which, byHash, heads);
}

/** Writes lists of probes, each by the number of its head. False where there is no room for them. */
function chain(
  { call, memory }: Instance,
  which: number,
  lists: Iterable<readonly [number, readonly TableProbe[]]>,
  heads: Uint16Array,
): boolean {
  const text = new Uint8Array(memory, call.probeTextOf(which), MOST_PROBE_TEXT);
  const arrays = new Uint16Array(memory, call.probesOf(which), 6 * (MOST_PROBES + 1));
  const column = (index: number): Uint16Array => arrays.subarray(index * (MOST_PROBES + 1), (index + 1) * (MOST_PROBES + 1));
  const [nexts, texts, lengths, behinds, folds, needs] = [0, 1, 2, 3, 4, 5].map(column);
  heads.fill(0);
  let count = 0;
  let at = 0;
  for (const [head, there] of lists) {
    let last: TableProbe | undefined;
    for (const printed of there) {
      const { probe, behind } = printed;
      count += 1;
      if (count > MOST_PROBES || at + probe.bytes.length > text.length || probe.need >= MOST_NEEDS) return false;
      nexts![count] = heads[head]!;
      heads[head] = count;
      if (last !== undefined && isSame(last, printed)) {
        texts![count] = texts![count - 1]!;
      } else {
        text.set(probe.bytes, at);
        texts![count] = at;
        at += probe.bytes.length;
      }
      last = printed;
      lengths![count] = probe.bytes.length;
      behinds![count] = behind;
      folds![count] = probe.ignoreCase ? 1 : 0;
      needs![count] = probe.need;
    }
  }
  return true;
}

/** Whether two stand in the same places. */
const isSame = (a: TableProbe, b: TableProbe): boolean =>
  a.behind === b.behind &&
  a.probe.ignoreCase === b.probe.ignoreCase &&
  a.probe.bytes.length === b.probe.bytes.length &&
  a.probe.bytes.every((byte, i) => byte === b.probe.bytes[i]);
