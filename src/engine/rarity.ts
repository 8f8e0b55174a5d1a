/** How rare a byte is in log lines: the frequent ones by their place, all others alike. */
const RARITY = new Uint8Array(256).fill(22);
for (const [rank, char] of [...' etaoinsrlcd":,u0m1p2'].entries()) {
  RARITY[char.charCodeAt(0)] = rank;
  RARITY[char.toUpperCase().charCodeAt(0)] = rank;
}

/** Where the `length` bytes of a text begin that are the least likely to stand in other lines. */
export function rarestPart(bytes: Uint8Array, length: number): number {
  let best = 0;
  let bestScore = -1;
  let score = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    score += RARITY[bytes[at]!]!;
    if (at >= length) score -= RARITY[bytes[at - length]!]!;
    if (at >= length - 1 && score > bestScore) {
      bestScore = score;
      best = at - length + 1;
    }
  }
  return best;
}

/** Of a thousand bytes of real log lines (fixtures), how many have these low four bits. */
const NIBBLES = [148, 58, 105, 75, 89, 105, 35, 32, 28, 59, 38, 11, 38, 54, 60, 65];

/** What share of the bytes of log lines has one of these low four bits: a bit for each of sixteen. */
export function nibbleShare(mask: number): number {
  let share = 0;
  for (let bits = mask; bits !== 0; bits &= bits - 1) share += NIBBLES[31 - Math.clz32(bits & -bits)]!;
  return share / 1000;
}
