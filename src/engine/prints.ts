import { rarestPart } from './rarity.ts';
import type { Probe } from './scout.ts';

/** How many bytes of a text are its print, and how many sets of prints there are: as in `search.c`. */
const PRINT = 3;
const SETS = 8;

/** With more texts than this, most places of any line would look like some print. */
const FEW = 48;

/**
 * Few texts, told apart by three bytes of each: a byte's low and high four bits tell in which sets there is a print
 * that has such a byte at this place. Sixteen places are looked up at once: Hyperscan's "Teddy".
 */
export interface Prints {
  /** For each place in a print sixteen bytes for the low bits, then the same for the high ones: bits of sets. */
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

/** The prints of `probes`; `undefined` where they are too many. */
export function printsOf(probes: readonly Probe[]): Prints | undefined {
  const byPrint = new Map<string, Printed[]>();
  // The same texts one behind the other: the kernel compares each but once.
  for (const probe of [...probes].sort(
    (a, b) => Buffer.compare(a.bytes, b.bytes) || Number(a.ignoreCase) - Number(b.ignoreCase),
  )) {
    const behind = rarestPart(probe.bytes, PRINT);
    const print = Buffer.from(probe.bytes.subarray(behind, behind + PRINT)).toString('latin1');
    const key = probe.ignoreCase ? print.toLowerCase() : print;
    const same = byPrint.get(key);
    if (same === undefined) byPrint.set(key, [{ probe, behind }]);
    else same.push({ probe, behind });
  }
  if (byPrint.size > FEW) return undefined;

  // Prints that begin alike share a set: it then lets little else through.
  const inOrder = [...byPrint].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, printed]) => printed);
  const sets = Array.from({ length: SETS }, (_, set) =>
    inOrder.slice(Math.ceil((set * inOrder.length) / SETS), Math.ceil(((set + 1) * inOrder.length) / SETS)).flat(),
  );
  const nibbles = new Uint8Array(2 * PRINT * 16);
  sets.forEach((printed, set) => {
    for (const { probe, behind } of printed) {
      for (let i = 0; i < PRINT; i += 1) {
        for (const byte of casesOf(probe.bytes[behind + i]!, probe.ignoreCase)) {
          nibbles[i * 16 + (byte & 15)]! |= 1 << set;
          nibbles[(PRINT + i) * 16 + (byte >> 4)]! |= 1 << set;
        }
      }
    }
  });
  return { nibbles, sets };
}

function casesOf(byte: number, ignoreCase: boolean): readonly number[] {
  return ignoreCase && (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a ? [byte, byte ^ 0x20] : [byte];
}
