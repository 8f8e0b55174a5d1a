import type { Probe } from './scout.ts';
import { nibbleShare } from './rarity.ts';

/** How many bytes of a text are its print, and how many sets of prints there are: as in `search.c`. A print may be shorter. */
const PRINT = 4;
const SETS = 7;

/** One more set: of escapes that may hide a text. Any two bytes, a backslash, which the kernel sees itself, one of these letters. */
const ESCAPES = 1 << SETS;
const ESCAPED = Buffer.from('u/');

/** More texts than this are not even tried: it would take long, and most places of any line would look like some print. */
const FEW = 64;

/** Of how many bytes at least one may look like a print. Below, windows are faster. */
const SELDOM = 200;

/** How often each text is given a better place. Mostly two suffice. */
const ROUNDS = 4;

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
  const texts = textsOf(probes);
  if (texts.length > FEW) return undefined;
  placeAll(texts);
  const masks = Array.from({ length: SETS }, (_, set) => masksOf(texts, set));
  const share = masks.reduce((sum, mask) => sum + shareOf(mask), 0);
  if (share * SELDOM > 1) return undefined;

  const nibbles = new Uint8Array(PRINT * 16);
  masks.forEach((mask, set) => {
    for (let i = 0; i < nibbles.length; i += 1) if ((mask[i >> 4]! >> (i & 15)) & 1) nibbles[i]! |= 1 << set;
  });
  for (let i = 0; i < 32; i += 1) nibbles[i]! |= ESCAPES;
  for (const letter of ESCAPED) nibbles[48 + (letter & 15)]! |= ESCAPES;
  const sets = masks.map((_, set) =>
    texts.filter((text) => text.set === set).flatMap(({ probes: each, behind }) => each.map((probe) => ({ probe, behind }))),
  );
  return { nibbles, sets };
}

/** Probes of the same bytes, one behind the other: the kernel compares each but once. */
interface Text {
  readonly bytes: Uint8Array;
  readonly probes: Probe[];
  set: number;
  behind: number;
}

function textsOf(probes: readonly Probe[]): Text[] {
  const texts = new Map<string, Text>();
  for (const probe of [...probes].sort((a, b) => Number(a.ignoreCase) - Number(b.ignoreCase))) {
    const key = Buffer.from(probe.bytes).toString('latin1');
    const text = texts.get(key);
    if (text === undefined) texts.set(key, { bytes: probe.bytes, probes: [probe], set: -1, behind: 0 });
    else text.probes.push(probe);
  }
  return [...texts.values()];
}

/** Gives each text the print and the set with which the fewest bytes look like some print, given those of the others. */
function placeAll(texts: readonly Text[]): void {
  // Short ones first: they have the least choice.
  const inOrder = [...texts].sort((a, b) => a.bytes.length - b.bytes.length);
  let moved = true;
  for (let round = 0; round < ROUNDS && moved; round += 1) {
    moved = false;
    for (const text of inOrder) if (place(text, texts)) moved = true;
  }
}

function place(text: Text, texts: readonly Text[]): boolean {
  let best = { set: 0, behind: 0, more: Infinity };
  const { set: oldSet, behind: oldBehind } = text;
  text.set = -1;
  for (let set = 0; set < SETS; set += 1) {
    const masks = masksOf(texts, set);
    const before = shareOf(masks);
    for (let behind = 0; behind === 0 || behind + PRINT <= text.bytes.length; behind += 1) {
      const more = shareOf(withPrint(masks, text.bytes, behind)) - before;
      if (more < best.more) best = { set, behind, more };
    }
  }
  text.set = best.set;
  text.behind = best.behind;
  return text.set !== oldSet || text.behind !== oldBehind;
}

/** For each place in a print, the low four bits that a byte may have there: a bit for each of sixteen. None where there is no print. */
type Masks = readonly number[];

const NO_PRINT: Masks = new Array<number>(PRINT).fill(0);

function masksOf(texts: readonly Text[], set: number): Masks {
  let masks = NO_PRINT;
  for (const text of texts) if (text.set === set) masks = withPrint(masks, text.bytes, text.behind);
  return masks;
}

/** What lies behind the end of a text may be anything. */
const withPrint = (masks: Masks, bytes: Uint8Array, behind: number): Masks =>
  masks.map((mask, i) => mask | (behind + i < bytes.length ? 1 << (bytes[behind + i]! & 15) : 0xffff));

/** Of all bytes of log lines, with how many a print of the set may seem to begin. */
const shareOf = (masks: Masks): number => masks.reduce((share, mask) => share * nibbleShare(mask), 1);
