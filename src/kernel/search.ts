import { theKernel, type Kernel } from './kernel.ts';

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
export type Search = readonly [which: number, block: number, window: number];

/** Whose tables the kernel holds, how it is asked to search for them, and when each was last asked for. */
const holders: { tables: ScoutTables; fits: boolean; search: Search; used: number }[] = [];
let uses = 0;

/** The number under which the kernel holds `tables`, handed over if need be; -1 where they are too large for it. */
function numberOf(tables: ScoutTables): number {
  uses += 1;
  let oldest = 0;
  for (let which = 0; which < holders.length; which += 1) {
    const holder = holders[which]!;
    if (holder.tables === tables) {
      holder.used = uses;
      return holder.fits ? which : -1;
    }
    if (holder.used < holders[oldest]!.used) oldest = which;
  }
  const kernel = theKernel();
  const which = holders.length < kernel.call.mostScouts() ? holders.length : oldest;
  const search: Search = [which, blockOf(tables), tables.kind === 'prints' ? 0 : tables.windows.window];
  holders[which] = { tables, fits: handOver(kernel, tables, which), search, used: uses };
  return holders[which].fits ? which : -1;
}

function handOver(kernel: Kernel, tables: ScoutTables, which: number): boolean {
  const { call, memory } = kernel;
  if (tables.kind === 'prints') {
    const { nibbles, sets } = tables.prints;
    const place = call.printsOf(which);
    new Uint8Array(memory, place, nibbles.length).set(nibbles);
    return chain(kernel, which, sets.entries(), new Uint16Array(memory, place + nibbles.length, sets.length));
  }
  const { jumps, candidates } = tables.windows;
  new Uint8Array(memory, call.jumpsOf(which), 1 << 16).set(jumps);
  const heads = new Uint16Array(memory, call.headsOf(which), 1 << 16);
  const byHash = Object.entries(candidates).map(([hash, there]) => [Number(hash), there!] as const);
  return chain(kernel, which, byHash, heads);
}

/** Writes lists of probes, each by the number of its head. False where there is no room for them. */
function chain(
  { call, memory }: Kernel,
  which: number,
  lists: Iterable<readonly [number, readonly TableProbe[]]>,
  heads: Uint16Array,
): boolean {
  const most = call.mostProbes();
  const text = new Uint8Array(memory, call.probeTextOf(which), call.mostProbeText());
  const arrays = new Uint16Array(memory, call.probesOf(which), 6 * (most + 1));
  const column = (index: number): Uint16Array => arrays.subarray(index * (most + 1), (index + 1) * (most + 1));
  const [nexts, texts, lengths, behinds, folds, needs] = [0, 1, 2, 3, 4, 5].map(column);
  heads.fill(0);
  let count = 0;
  let at = 0;
  for (const [head, there] of lists) {
    let last: TableProbe | undefined;
    for (const printed of there) {
      const { probe, behind } = printed;
      count += 1;
      if (count > most || at + probe.bytes.length > text.length || probe.need >= call.mostNeeds()) return false;
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

/** As in `search.c`. */
const BY_PRINTS = 0;

/** How the kernel searches, and at which offset it begins. */
const blockOf = (tables: ScoutTables): number => (tables.kind === 'prints' ? BY_PRINTS : tables.windows.block);
const beginOf = (tables: ScoutTables, from: number): number =>
  tables.kind === 'prints' ? from : from + tables.windows.window - 1;

/** How the kernel is asked to search for these; `undefined` where they are too large for it. */
export function searchOf(tables: ScoutTables): Search | undefined {
  const which = numberOf(tables);
  return which === -1 ? undefined : holders[which]!.search;
}

/** As `Scout.next`, in the lent chunk; -1 where the kernel cannot. */
export function nextByKernel(tables: ScoutTables, from: number, end: number): number {
  const which = numberOf(tables);
  return which === -1 ? -1 : theKernel().call.scoutNext(which, blockOf(tables), from, beginOf(tables, from), end);
}

let needsView: Uint32Array | undefined;

/** As `Scout.collect`, in the lent chunk; false where the kernel cannot. */
export function collectByKernel(tables: ScoutTables, from: number, first: number, end: number, needs: Uint32Array): boolean {
  const which = numberOf(tables);
  if (which === -1) return false;
  const { call, memory } = theKernel();
  needsView ??= new Uint32Array(memory, call.needs(), call.mostNeeds() / 32);
  for (let i = 0; i < needs.length; i += 1) needsView[i] = needs[i]!;
  call.scoutCollect(which, blockOf(tables), from, Math.max(first, beginOf(tables, from)), end);
  for (let i = 0; i < needs.length; i += 1) needs[i] = needsView[i]!;
  return true;
}

/** Offset of the first `\u` at or after `at` in the lent chunk, with `slashes` also of the first `\/`; `end` where there is none. */
export const escapeByKernel = (at: number, end: number, slashes: boolean): number =>
  theKernel().call.nextEscape(at, end, slashes ? 1 : 0);

/** Offset of the newline at or after `at` in the lent chunk, or `end`. */
export const newlineByKernel = (at: number, end: number): number => theKernel().call.lineEnd(at, end);

/** What `passOverByKernel` has passed over. */
export interface PassedOver {
  /** Whole lines, and how many of them were longer than `maxLine`. */
  readonly lines: number;
  readonly overlong: number;
  /** Where the next line begins, and where in it something stands; the end where nothing does. */
  readonly next: number;
  readonly stop: number;
  /** Where that line ends is not known. */
  readonly newline: -1;
}

const passedOver = { lines: 0, overlong: 0, next: 0, stop: 0, newline: -1 as const };

/**
 * Passes over the lines of `[at, end)` of the lent chunk in which nothing stands: none of the texts, and no escape as
 * `escapeByKernel` finds it. `undefined` where the kernel cannot. What it gives is good until it is called again.
 */
export function passOverByKernel(
  tables: ScoutTables,
  at: number,
  end: number,
  slashes: boolean,
  maxLine: number,
): PassedOver | undefined {
  const which = numberOf(tables);
  if (which === -1) return undefined;
  const { call } = theKernel();
  const window = tables.kind === 'prints' ? 0 : tables.windows.window;
  passedOver.next = call.passOver(which, blockOf(tables), window, at, end, slashes ? 1 : 0, Math.min(maxLine, 0x7fff_ffff));
  passedOver.lines = call.passedLines();
  passedOver.overlong = call.passedOverlong();
  passedOver.stop = call.stoppedAt();
  return passedOver;
}
