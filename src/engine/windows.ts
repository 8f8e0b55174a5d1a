import { rarestPart } from './rarity.ts';
import type { Probe } from './probe.ts';

/** Longer windows skip further; beyond this, so many more blocks tell of a text that it saves little. */
const MAX_WINDOW = 24;

/** With more probes than this, most pairs of letters that lines are made of would end some window. */
const MANY = 40;

const PAIRS = 1 << 16;
const TRIPLES = 1 << 15;

/**
 * Searches bytes for any of many texts at once, after Wu and Manber ("A fast algorithm for
 * multi-pattern searching", 1994): of every window as long as the shortest text, the last two or
 * three bytes tell how far to jump, so that most bytes are never looked at. The cost does not
 * follow the number of texts. Pairs are cheaper to look up, triples tell more texts apart.
 */
export class Windows {
  /** How long they are, and how many of their last bytes tell how far to jump. */
  readonly window: number;
  readonly block: 2 | 3;
  /** By the hash of a block. */
  readonly jumps: Uint8Array;
  /** By hash, who may end there. */
  readonly candidates: (Candidate[] | undefined)[] = [];

  constructor(probes: readonly Probe[]) {
    this.window = Math.min(MAX_WINDOW, ...probes.map((probe) => probe.bytes.length));
    this.block = new Set(probes.map((probe) => probe.bytes.toString())).size > MANY ? 3 : 2;
    this.jumps = new Uint8Array(this.block === 2 ? PAIRS : TRIPLES).fill(this.window - this.block + 1);
    for (const probe of probes) this.#add(probe);
  }

  #add(probe: Probe): void {
    const offset = rarestPart(probe.bytes, this.window);
    const last = offset + this.window - 1;
    for (let at = offset + this.block - 1; at <= last; at += 1) {
      for (const hash of this.#hashesAt(probe, at)) {
        this.jumps[hash] = Math.min(this.jumps[hash]!, last - at);
        if (at === last) (this.candidates[hash] ??= []).push({ probe, behind: at });
      }
    }
  }

  /** The hashes under which the block that ends at `at` can turn up: triples hash alike in both cases. */
  #hashesAt({ bytes, ignoreCase }: Probe, at: number): readonly number[] {
    if (this.block === 3) return [tripleAt(bytes, at)];
    const cases = (byte: number): number[] => (ignoreCase && isLetter(byte) ? [byte, byte ^ 0x20] : [byte]);
    return cases(bytes[at - 1]!).flatMap((first) => cases(bytes[at]!).map((second) => (first << 8) | second));
  }
}

interface Candidate {
  readonly probe: Probe;
  /** Offset in the probe of its window's last byte. */
  readonly behind: number;
}

/** Of the three bytes that end at `at`. */
function tripleAt(bytes: Uint8Array, at: number): number {
  return (((bytes[at - 2]! & 0xdf) << 10) ^ ((bytes[at - 1]! & 0xdf) << 5) ^ (bytes[at]! & 0xdf)) & (TRIPLES - 1);
}

const isLetter = (byte: number): boolean => (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a;
