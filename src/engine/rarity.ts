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

/** Words that stand in many log lines, in whatever case: what is a part of one tells little. */
const COMMON = 'level info error warning debug time caller message failed request http status component service';

export const isCommon = (part: Uint8Array): boolean => COMMON.includes(Buffer.from(part).toString('latin1').toLowerCase());

/** Of a thousand bytes of real log lines (fixtures), how many have these low four bits. */
const NIBBLES = [148, 58, 105, 75, 89, 105, 35, 32, 28, 59, 38, 11, 38, 54, 60, 65];

/** What share of the bytes of log lines has one of these low four bits: a bit for each of sixteen. */
export function nibbleShare(mask: number): number {
  shares ??= [sharesOf(0), sharesOf(8)];
  return shares[0][mask & 0xff]! + shares[1][mask >> 8]!;
}

/** By the eight bits of a mask for the low values, and for the others. */
let shares: readonly [Float64Array, Float64Array] | undefined;

const sharesOf = (from: number): Float64Array =>
  Float64Array.from({ length: 256 }, (_, bits) => {
    let sum = 0;
    for (let i = 0; i < 8; i += 1) if ((bits >> i) & 1) sum += NIBBLES[from + i]!;
    return sum / 1000;
  });
