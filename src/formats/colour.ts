const ESCAPE = 0x1b;
const OPEN = 0x5b;
const LETTER_M = 0x6d;

/** Offset behind the ANSI colours (`ESC [ 1 ; 31 m`) that begin at `from`; `from` if none do. */
export function colourEnd(bytes: Uint8Array, from: number, end: number): number {
  let behind = from;
  while (behind + 2 < end && bytes[behind] === ESCAPE && bytes[behind + 1] === OPEN) {
    let at = behind + 2;
    // Digits, `:` and `;`.
    while (at < end && bytes[at]! >= 0x30 && bytes[at]! <= 0x3b) at += 1;
    if (at >= end || bytes[at] !== LETTER_M) break;
    behind = at + 1;
  }
  return behind;
}
