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

const TABLE = 1 << 15;

/**
 * Searches bytes for any of many texts at once, after Wu and Manber ("A fast algorithm for
 * multi-pattern searching", 1994): of every window as long as the shortest text, the last three
 * bytes tell how far to jump, so that most bytes are never looked at. The cost does not follow the
 * number of texts. Case is ignored while jumping and looked at when a text is compared.
 */
export class Scout {
  readonly #window: number;
  readonly #jumps = new Uint8Array(TABLE);
  readonly #candidates: (Candidate[] | undefined)[] = [];
  readonly #empty: boolean;

  constructor(probes: readonly Probe[]) {
    this.#empty = probes.length === 0;
    this.#window = Math.min(MAX_WINDOW, ...probes.map((probe) => probe.bytes.length));
    if (this.#window < MIN_PROBE) throw new Error('Scout: a probe is too short');
    this.#jumps.fill(this.#window - 2);
    for (const probe of probes) this.#add(probe);
  }

  #add(probe: Probe): void {
    const { bytes } = probe;
    const offset = rarestWindow(bytes, this.#window);
    for (let at = offset + 2; at < offset + this.#window; at += 1) {
      const hash = hashAt(bytes, at);
      const jump = offset + this.#window - 1 - at;
      this.#jumps[hash] = Math.min(this.#jumps[hash]!, jump);
      if (jump === 0) (this.#candidates[hash] ??= []).push({ probe, behind: at });
    }
  }

  /** Offset of a byte inside the first text found in `[from, end)`, or `end`. */
  next(bytes: Uint8Array, from: number, end: number): number {
    if (this.#empty) return end;
    const jumps = this.#jumps;
    let at = from + this.#window - 1;
    while (at < end) {
      const hash = (((bytes[at - 2]! & 0xdf) << 10) ^ ((bytes[at - 1]! & 0xdf) << 5) ^ (bytes[at]! & 0xdf)) & (TABLE - 1);
      const jump = jumps[hash]!;
      if (jump !== 0) {
        at += jump;
        continue;
      }
      const candidates = this.#candidates[hash]!;
      for (let i = 0; i < candidates.length; i += 1) if (isAt(candidates[i]!, bytes, at, from, end)) return at;
      at += 1;
    }
    return end;
  }

  /** Sets, in `needs`, the bit of everybody whose text stands in `[from, end)`. */
  collect(bytes: Uint8Array, from: number, end: number, needs: Uint32Array): void {
    if (this.#empty) return;
    const jumps = this.#jumps;
    let at = from + this.#window - 1;
    while (at < end) {
      const jump = jumps[hashAt(bytes, at)]!;
      if (jump !== 0) {
        at += jump;
        continue;
      }
      for (const candidate of this.#candidates[hashAt(bytes, at)]!) {
        if (isAt(candidate, bytes, at, from, end)) needs[candidate.probe.need >> 5]! |= 1 << (candidate.probe.need & 31);
      }
      at += 1;
    }
  }
}

interface Candidate {
  readonly probe: Probe;
  /** Offset in the probe of its window's last byte. */
  readonly behind: number;
}

/** Of the three bytes that end at `at`; letters hash alike in both cases. */
function hashAt(bytes: Uint8Array, at: number): number {
  return (((bytes[at - 2]! & 0xdf) << 10) ^ ((bytes[at - 1]! & 0xdf) << 5) ^ (bytes[at]! & 0xdf)) & (TABLE - 1);
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

const lower = (byte: number): number => (byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte);

/** Letters of log lines, the most frequent first; what is not among them is rare. */
const FREQUENT = ' etaoinsrlcd":,u0m1p2';

/** Where in a probe the window lies whose bytes are the least likely to stand in other lines. */
function rarestWindow(bytes: Uint8Array, window: number): number {
  let best = 0;
  let bestScore = -1;
  for (let offset = 0; offset + window <= bytes.length; offset += 1) {
    let score = 0;
    for (let i = offset; i < offset + window; i += 1) {
      const rank = FREQUENT.indexOf(String.fromCharCode(lower(bytes[i]!)));
      score += rank === -1 ? FREQUENT.length : rank;
    }
    if (score > bestScore) {
      bestScore = score;
      best = offset;
    }
  }
  return best;
}
