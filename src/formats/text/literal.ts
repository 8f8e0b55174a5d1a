import { BLANKS, TABS } from '../../record/text-pattern.ts';

const SPACE = 0x20;
const TAB = 0x09;

export const isBlank = (byte: number): boolean => byte === SPACE || byte === TAB;

/** Offset behind the blanks and tabs that begin at `at`. */
export function skipBlanks(bytes: Uint8Array, from: number, end: number): number {
  let at = from;
  while (at < end && isBlank(bytes[at]!)) at += 1;
  return at;
}

/** Offset behind a literal that begins at `from`; -1 if another text does. At the end of the line its last blanks may be missing, but no tab: it stands between parts. */
export function literalEnd(atoms: readonly number[], bytes: Uint8Array, from: number, end: number): number {
  let at = from;
  for (let i = 0; i < atoms.length; i += 1) {
    const atom = atoms[i]!;
    if (atom >= 0) {
      if (at >= end || bytes[at] !== atom) return -1;
      at += 1;
      continue;
    }
    const blanks = at;
    let isTabbed = atom === BLANKS;
    while (at < end && isBlank(bytes[at]!)) {
      isTabbed ||= bytes[at] === TAB;
      at += 1;
    }
    if (at === blanks ? at < end || i + 1 < atoms.length || atom === TABS : !isTabbed && at < blanks + 2) return -1;
  }
  return at;
}

/** Offset of a literal that ends at `end`; -1 if another text does. */
export function literalStart(atoms: readonly number[], bytes: Uint8Array, from: number, end: number): number {
  let at = end;
  for (let i = atoms.length - 1; i >= 0; i -= 1) {
    const atom = atoms[i]!;
    if (atom >= 0) {
      if (at <= from || bytes[at - 1] !== atom) return -1;
      at -= 1;
      continue;
    }
    const blanks = at;
    let isTabbed = atom === BLANKS;
    while (at > from && isBlank(bytes[at - 1]!)) {
      at -= 1;
      isTabbed ||= bytes[at] === TAB;
    }
    if (at === blanks || (!isTabbed && at > blanks - 2)) return -1;
  }
  return at;
}
