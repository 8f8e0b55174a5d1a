/** Longer texts are not compared letter by letter: it takes the product of both lengths. */
const LONGEST_WANTED = 160;
const LONGEST_TEXT = 2_000;

/** A piece of a text that is nearly what was wanted. */
export interface NearPiece {
  readonly piece: string;
  /** Where it begins in the text. */
  readonly at: number;
  /** Letters that differ. */
  readonly distance: number;
}

/**
 * The piece of `text` that is nearest to `wanted`, if no more than a fifth of the letters differ, at least one may; `undefined` if none
 * is so near, or either is long. Sellers' algorithm: https://doi.org/10.1016/0196-6774(80)90016-4.
 */
export function nearPiece(text: string, wanted: string): NearPiece | undefined {
  const most = Math.max(1, Math.floor(wanted.length / 5));
  if (wanted.length < 3 || wanted.length > LONGEST_WANTED || text.length > LONGEST_TEXT) return undefined;
  // Column by column of the text: the least number of changes, and where the piece that needs them begins.
  let costs = Array.from({ length: wanted.length + 1 }, (_, row) => row);
  let starts = costs.map(() => 0);
  let best = { distance: most + 1, start: 0, end: 0 };
  for (let column = 1; column <= text.length; column += 1) {
    const nextCosts = [0];
    const nextStarts = [column];
    for (let row = 1; row <= wanted.length; row += 1) {
      const replaced = costs[row - 1]! + (text[column - 1] === wanted[row - 1] ? 0 : 1);
      const inserted = costs[row]! + 1;
      const deleted = nextCosts[row - 1]! + 1;
      const least = Math.min(replaced, inserted, deleted);
      nextCosts.push(least);
      nextStarts.push(least === replaced ? starts[row - 1]! : least === deleted ? nextStarts[row - 1]! : starts[row]!);
    }
    [costs, starts] = [nextCosts, nextStarts];
    const distance = costs[wanted.length]!;
    if (distance < best.distance) best = { distance, start: starts[wanted.length]!, end: column };
  }
  if (best.distance > most || best.end === best.start) return undefined;
  return { piece: text.slice(best.start, best.end), at: best.start, distance: best.distance };
}
