import { isLent } from '../formats/kernel/kernel.ts';
import { collectByKernel, nextByKernel, type ScoutTables } from '../formats/kernel/search.ts';

/** A text to look for: its bytes, and the number of whoever asks for it. */
export interface Probe {
  readonly bytes: Uint8Array;
  /** Whether letters A to Z also stand for a to z. */
  readonly ignoreCase: boolean;
  readonly need: number;
}

/** A shorter probe would be found in every other line. */
export const MIN_PROBE = 3;

/** Longer windows skip further, but a jump beyond this saves nothing more. */
const MAX_WINDOW = 12;

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
export class Scout {
  readonly #window: number;
  readonly #block: 2 | 3;
  readonly #jumps: Uint8Array;
  readonly #candidates: (Candidate[] | undefined)[] = [];
  readonly #empty: boolean;
  readonly #tables: ScoutTables;

  constructor(probes: readonly Probe[]) {
    this.#empty = probes.length === 0;
    this.#window = Math.min(MAX_WINDOW, ...probes.map((probe) => probe.bytes.length));
    if (this.#window < MIN_PROBE) throw new Error('Scout: a probe is too short');
    this.#block = new Set(probes.map((probe) => probe.bytes.toString())).size > MANY ? 3 : 2;
    this.#jumps = new Uint8Array(this.#block === 2 ? PAIRS : TRIPLES).fill(this.#window - this.#block + 1);
    for (const probe of probes) this.#add(probe);
    this.#tables = { block: this.#block, window: this.#window, jumps: this.#jumps, candidates: this.#candidates };
  }

  #add(probe: Probe): void {
    const offset = rarestWindow(probe.bytes, this.#window);
    const last = offset + this.#window - 1;
    for (let at = offset + this.#block - 1; at <= last; at += 1) {
      for (const hash of this.#hashesAt(probe, at)) {
        this.#jumps[hash] = Math.min(this.#jumps[hash]!, last - at);
        if (at === last) (this.#candidates[hash] ??= []).push({ probe, behind: at });
      }
    }
  }

  /** The hashes under which the block that ends at `at` can turn up: triples hash alike in both cases. */
  #hashesAt({ bytes, ignoreCase }: Probe, at: number): Set<number> {
    if (this.#block === 3) return new Set([tripleAt(bytes, at)]);
    const cases = (byte: number): number[] => (ignoreCase && isLetter(byte) ? [byte, byte ^ 0x20] : [byte]);
    return new Set(cases(bytes[at - 1]!).flatMap((first) => cases(bytes[at]!).map((second) => (first << 8) | second)));
  }

  /** Offset of a byte inside the first text found in `[from, end)`, or `end`. */
  next(bytes: Uint8Array, from: number, end: number): number {
    if (this.#empty) return end;
    const found = isLent(bytes) ? nextByKernel(this.#tables, from, end) : -1;
    return found === -1 ? this.nextPlainly(bytes, from, end) : found;
  }

  /** The same without the kernel: the reference for it, and for what it cannot. */
  nextPlainly(bytes: Uint8Array, from: number, end: number): number {
    for (let at = this.#stop(bytes, from + this.#window - 1, end); at < end; at = this.#stop(bytes, at + 1, end)) {
      const candidates = this.#candidatesAt(bytes, at);
      for (let i = 0; i < candidates.length; i += 1) if (isAt(candidates[i]!, bytes, at, from, end)) return at;
    }
    return end;
  }

  /**
   * Sets, in `needs`, the bit of everybody whose text stands in `[from, end)`. Nothing that ends
   * before `first` is looked at: an offset that `next` gave, or `from`.
   */
  collect(bytes: Uint8Array, from: number, first: number, end: number, needs: Uint32Array): void {
    if (this.#empty || (isLent(bytes) && collectByKernel(this.#tables, from, first, end, needs))) return;
    const begin = Math.max(first, from + this.#window - 1);
    for (let at = this.#stop(bytes, begin, end); at < end; at = this.#stop(bytes, at + 1, end)) {
      const candidates = this.#candidatesAt(bytes, at);
      for (let i = 0; i < candidates.length; i += 1) {
        const { need } = candidates[i]!.probe;
        if (isAt(candidates[i]!, bytes, at, from, end)) needs[need >> 5]! |= 1 << (need & 31);
      }
    }
  }

  #candidatesAt(bytes: Uint8Array, at: number): readonly Candidate[] {
    return this.#candidates[this.#block === 2 ? (bytes[at - 1]! << 8) | bytes[at]! : tripleAt(bytes, at)]!;
  }

  /** The first offset at or after `from` at which a window may end, or `end` or more. The hot loop: some five bytes a turn. */
  #stop(bytes: Uint8Array, from: number, end: number): number {
    const jumps = this.#jumps;
    let at = from;
    if (this.#block === 2) {
      while (at < end) {
        const jump = jumps[(bytes[at - 1]! << 8) | bytes[at]!]!;
        if (jump === 0) return at;
        at += jump;
      }
    } else {
      while (at < end) {
        const jump = jumps[tripleAt(bytes, at)]!;
        if (jump === 0) return at;
        at += jump;
      }
    }
    return at;
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

function isAt(candidate: Candidate, bytes: Uint8Array, at: number, from: number, end: number): boolean {
  const { bytes: wanted, ignoreCase } = candidate.probe;
  const start = at - candidate.behind;
  if (start < from || start + wanted.length > end) return false;
  for (let i = 0; i < wanted.length; i += 1) {
    const byte = bytes[start + i]!;
    if (byte !== wanted[i] && !(ignoreCase && lower(byte) === lower(wanted[i]!))) return false;
  }
  return true;
}

const isLetter = (byte: number): boolean => (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a;
const lower = (byte: number): number => (byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte);

/** How rare a byte is in log lines: the frequent ones by their place, all others alike. */
const RARITY = new Uint8Array(256).fill(22);
for (const [rank, char] of [...' etaoinsrlcd":,u0m1p2'].entries()) {
  RARITY[char.charCodeAt(0)] = rank;
  RARITY[char.toUpperCase().charCodeAt(0)] = rank;
}

/** Where in a probe the window lies whose bytes are the least likely to stand in other lines. */
function rarestWindow(bytes: Uint8Array, window: number): number {
  let best = 0;
  let bestScore = -1;
  let score = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    score += RARITY[bytes[at]!]!;
    if (at >= window) score -= RARITY[bytes[at - window]!]!;
    if (at >= window - 1 && score > bestScore) {
      bestScore = score;
      best = at - window + 1;
    }
  }
  return best;
}
