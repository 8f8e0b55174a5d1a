/** The text with what a terminal would obey spelled out: `\x1b`, `\u{202e}`. */
export function escapeControls(text: string): string {
  // Controls and what else a terminal would obey or hide: format characters, line separators, halves of a pair. A tab may stay.
  return text.replace(/[^\P{Cc}\t]|[\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, (char) => {
    const code = char.codePointAt(0)!;
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
  });
}

/** Longest culprit that a message quotes in full. */
const QUOTED = 60;

/** A culprit for a message: in double quotes, escaped, and cut where it is long. */
export function quote(text: string): string {
  return `"${escapeControls(text.length > QUOTED ? `${text.slice(0, QUOTED)}…` : text)}"`;
}

/** `; did you mean "x"` for the nearest of the names, else what there is to choose from. */
export function suggest(name: string, names: readonly string[], these: string): string {
  const nearest = nearestName(name, names);
  if (nearest !== undefined) return `; did you mean ${quote(nearest)}`;
  if (names.length === 0) return `; there are no ${these}`;
  const shown = names.slice(0, 12).map(escapeControls).join(', ');
  return `; ${these} are ${shown}${names.length > 12 ? ', …' : ''}`;
}

/** Names that are looked at for the nearest one. */
const MOST_NAMES = 500;

/** The name that is nearest, of those in which no more than about a third of the letters are wrong. */
function nearestName(name: string, names: readonly string[]): string | undefined {
  let nearest: string | undefined;
  let least = Math.min(name.length, Math.floor(Math.max(3, Math.min(name.length, QUOTED)) / 3) + 1);
  for (const candidate of names.slice(0, MOST_NAMES)) {
    if (Math.abs(candidate.length - name.length) >= least) continue;
    const distance = distanceOf(name.toLowerCase(), candidate.toLowerCase());
    if (distance < least) [nearest, least] = [candidate, distance];
  }
  return nearest;
}

/** Letters to insert, delete, replace or swap with their neighbour (optimal string alignment). */
function distanceOf(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = last[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(replaced, last[j]! + 1, row[j - 1]! + 1));
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) row[j] = Math.min(row[j]!, beforeLast[j - 2]! + 1);
    }
    [beforeLast, last] = [last, row];
  }
  return last[b.length]!;
}
