/** Seeded chance: the same seed gives the same corpora on every machine. */
export interface Random {
  /** A whole number, at least 0 and below `limit`. */
  below(limit: number): number;
  /** True with the probability `share`. */
  chance(share: number): boolean;
  pick<T>(list: readonly T[]): T;
  /** `digits` hexadecimal digits, at most 8. */
  hex(digits: number): string;
}

/** mulberry32: short, fast, and even enough for log lines. */
export function seeded(seed: number): Random {
  let state = seed;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  return {
    below,
    chance: (share) => next() < share,
    pick: (list) => list[below(list.length)]!,
    hex: (digits) =>
      below(16 ** digits)
        .toString(16)
        .padStart(digits, '0'),
  };
}
