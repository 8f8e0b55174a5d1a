import type { Probe } from './probe.ts';
import { isCommon, nibbleShare } from './rarity.ts';

/** How many bytes of a text are its print, and how many sets of prints there are: as in the kernel's `search.ts`. A print may be shorter. */
const PRINT = 4;
const SETS = 7;

/** One more set: of escapes that may hide a text. Any two bytes, a backslash, which the kernel sees itself, one of these letters. */
const ESCAPES = 1 << SETS;
const ESCAPED = Buffer.from('u/');

/** More texts than this are not even tried: it would take long, and most places of any line would look like some print. */
const FEW = 64;

/** Of how many bytes at least one may look like a print. Below, windows are faster. */
const SELDOM = 200;

/** How often each text may change its print, and how many are tried: those that look like the least. More make no difference. */
const ROUNDS = 3;
const TRIED = 8;

/**
 * Few texts, told apart by four bytes of each: by its low four bits, a byte tells in which sets there is a print that has such
 * a byte at this place. Sixteen places are looked up at once: a kin of Hyperscan's "Teddy".
 */
export interface Prints {
  /** For each place in a print sixteen bytes, each of them bits of sets. */
  readonly nibbles: Uint8Array;
  readonly sets: readonly (readonly Printed[])[];
}

/** A probe, and where in it its print begins. */
export interface Printed {
  readonly probe: Probe;
  readonly behind: number;
}

/** Prints as plain data: in each set, probes by their index, and where in them their print begins. */
export interface PrintsDraft {
  readonly nibbles: readonly number[];
  readonly sets: readonly (readonly (readonly [probe: number, behind: number])[])[];
}

export function draftPrints({ nibbles, sets }: Prints, probes: readonly Probe[]): PrintsDraft {
  const inOrder = sets.map((set) => set.map(({ probe, behind }) => [probes.indexOf(probe), behind] as const));
  return { nibbles: [...nibbles], sets: inOrder };
}

export function printsFrom({ nibbles, sets }: PrintsDraft, probes: readonly Probe[]): Prints {
  const inOrder = sets.map((set) => set.map(([probe, behind]) => ({ probe: probes[probe]!, behind })));
  return { nibbles: Uint8Array.from(nibbles), sets: inOrder };
}

/** The prints of `probes`; `undefined` where too many bytes of any line would look like one. */
export function printsOf(probes: readonly Probe[]): Prints | undefined {
  const byText = groupByText(probes);
  if (byText.size > FEW) return undefined;
  const texts = [...byText.values()].map(textOf);
  const masks = choosePrints(texts);
  if (texts.length > SETS && masks.reduce((sum, mask) => sum + shareOf(mask), 0) * SELDOM > 1) return undefined;

  const nibbles = new Uint8Array(PRINT * 16);
  masks.forEach((mask, set) => {
    for (let i = 0; i < nibbles.length; i += 1) if ((mask[i >> 4]! >> (i & 15)) & 1) nibbles[i]! |= 1 << set;
  });
  for (let i = 0; i < 32; i += 1) nibbles[i]! |= ESCAPES;
  for (const letter of ESCAPED) nibbles[48 + (letter & 15)]! |= ESCAPES;
  const sets = masks.map((_, set) =>
    texts
      .filter((text) => text.set === set)
      .flatMap(({ print, probes: each }) => each.map((probe) => ({ probe, behind: print.behind }))),
  );
  return { nibbles, sets };
}

/** For each place in a print, the low four bits that a byte may have there: a bit for each of sixteen. None where there is no print. */
type Masks = readonly number[];

/** Of all bytes of log lines, with how many something of these masks may seem to begin. */
const shareOf = (masks: Masks): number => masks.reduce((share, mask) => share * nibbleShare(mask), 1);

const NO_PRINT: Masks = new Array<number>(PRINT).fill(0);

interface Print {
  readonly behind: number;
  readonly masks: Masks;
}

/** Probes of the same bytes, one behind the other: the kernel compares each but once. */
interface Text {
  readonly probes: readonly Probe[];
  readonly prints: readonly Print[];
  print: Print;
  set: number;
}

/** The probes of each text. */
function groupByText(probes: readonly Probe[]): ReadonlyMap<string, Probe[]> {
  const byText = new Map<string, Probe[]>();
  for (const probe of [...probes].sort((a, b) => Number(a.ignoreCase) - Number(b.ignoreCase))) {
    const text = Buffer.from(probe.bytes).toString('latin1');
    const same = byText.get(text);
    if (same === undefined) byText.set(text, [probe]);
    else same.push(probe);
  }
  return byText;
}

function textOf(probes: readonly Probe[]): Text {
  const prints = rarestPrints(probes[0]!.bytes);
  return { probes, prints, print: prints[0]!, set: -1 };
}

function rarestPrints(bytes: Uint8Array): readonly Print[] {
  // What lies behind the end of a text may be anything.
  const masksAt = (behind: number): Masks =>
    NO_PRINT.map((_, i) => (behind + i < bytes.length ? 1 << (bytes[behind + i]! & 15) : 0xffff));
  if (bytes.length <= PRINT) return [{ behind: 0, masks: masksAt(0) }];
  const prints: (Print & { readonly share: number })[] = [];
  for (let behind = 0; behind + PRINT <= bytes.length; behind += 1) {
    const masks = masksAt(behind);
    const share = isCommon(bytes.subarray(behind, behind + PRINT)) ? 1 : shareOf(masks);
    prints.push({ behind, masks, share });
  }
  prints.sort((a, b) => a.share - b.share);
  const rare = prints.findIndex(({ share }) => share === 1);
  return prints.slice(0, rare > 0 && rare < TRIED ? rare : TRIED);
}

/**
 * Gives each text the print and the set with which the fewest bytes look like some print, given those of the others. Gives the
 * masks of each set.
 */
function choosePrints(texts: readonly Text[]): readonly Masks[] {
  const sets: Masks[] = new Array<Masks>(SETS).fill(NO_PRINT);
  if (texts.length <= SETS) {
    texts.forEach((text, set) => {
      text.set = set;
      sets[set] = text.print.masks;
    });
    return sets;
  }
  // Those with the least choice first.
  const inOrder = [...texts].sort((a, b) => a.prints.length - b.prints.length);
  let moved = true;
  for (let round = 0; round < ROUNDS && moved; round += 1) {
    moved = false;
    for (const text of inOrder) {
      const { set, print } = text;
      text.set = -1;
      if (set !== -1)
        sets[set] = texts.reduce((masks, other) => (other.set === set ? withPrint(masks, other.print) : masks), NO_PRINT);
      choose(text, sets);
      sets[text.set] = withPrint(sets[text.set]!, text.print);
      if (text.set !== set || text.print !== print) moved = true;
    }
  }
  return sets;
}

function choose(text: Text, sets: readonly Masks[]): void {
  let least = Infinity;
  for (let set = 0; set < SETS; set += 1) {
    const masks = sets[set]!;
    const before = shareOf(masks);
    for (const print of text.prints) {
      let share = 1;
      for (let i = 0; i < PRINT; i += 1) share *= nibbleShare(masks[i]! | print.masks[i]!);
      if (share - before >= least) continue;
      least = share - before;
      text.set = set;
      text.print = print;
    }
  }
}

const withPrint = (masks: Masks, print: Print): Masks => masks.map((mask, i) => mask | print.masks[i]!);
