import type { Piece, Splicer } from '../../kernel/splicer.ts';
import type { Level } from '../../record/level.ts';
import type { CompiledChange, CompiledRule } from '../plan.ts';
import type { DraftEdit, Lent } from '../../formats/draft.ts';

/** By what the edits of lines of one kind differ. */
export interface Making {
  readonly rule: CompiledRule;
  readonly change: CompiledChange | undefined;
  readonly level: Level;
  /** What is said of the cause, up to the number of ms in it, if it has one; and that number, else -1. */
  readonly stem: string | undefined;
  readonly millis: number;
}

/** How lines of one kind are edited: the new bytes, which go to the same places. */
export interface Recipe {
  readonly making: Making;
  /** False: what is edited is more, and is to be worked out for each line. */
  readonly isPlain: boolean;
  /** In place of the level; `undefined`: it stays. */
  readonly level: Buffer | undefined;
  /** The annotation; with a number, up to that. */
  readonly note: Buffer;
  /** What comes behind the number. */
  readonly rest: Buffer | undefined;
}

/** Where the level of a line lies, and where its annotation goes. */
export interface EditPlaces {
  readonly levelStart: number;
  readonly levelEnd: number;
  readonly noteAt: number;
}

const EMPTY: Buffer = Buffer.alloc(0);

export const isSameMaking = (a: Making, b: Making): boolean =>
  a.rule === b.rule && a.change === b.change && a.level === b.level && a.stem === b.stem && a.millis < 0 === b.millis < 0;

/** Learns how a line with its level and its annotation at these places was edited. */
export function recipeOf(making: Making, edits: readonly DraftEdit[], { levelStart, levelEnd, noteAt }: EditPlaces): Recipe {
  let level: Buffer | undefined;
  let note = EMPTY;
  let isPlain = true;
  for (const { from, to, text } of edits) {
    if (from === levelStart && to === levelEnd && level === undefined && text.length > 0) level = text;
    else if (from === noteAt && to === noteAt && note === EMPTY) note = text;
    else isPlain = false;
  }
  if (making.millis < 0) return { making, level, isPlain, note, rest: undefined };
  const number = `${making.stem} ${making.millis} ms`;
  const text = note.toString('latin1');
  const at = text.indexOf(number);
  const digits = at + making.stem!.length + 1;
  // The stem may be spelled with escapes, or stand in it twice: then nobody knows which number is ours.
  if (at === -1 || text.includes(number, at + 1)) return { making, level, isPlain: false, note, rest: undefined };
  const behind = digits + String(making.millis).length;
  return { making, level, isPlain, note: note.subarray(0, digits), rest: note.subarray(behind) };
}

/** Pieces that the kernel keeps of recipes, as long as it has room for them. */
export class RecipePieces {
  readonly #splicer: Splicer;
  #pieces = new Map<Buffer, Piece>();
  #isFull = false;

  constructor(splicer: Splicer) {
    this.#splicer = splicer;
  }

  /** `undefined` if there is no room, for now. */
  of(bytes: Buffer): Piece | undefined {
    let piece = this.#pieces.get(bytes);
    if (piece !== undefined) return piece;
    piece = this.#splicer.keep(bytes);
    if (piece === undefined) this.#isFull = true;
    else this.#pieces.set(bytes, piece);
    return piece;
  }

  /** Makes room, unless some of them are still to be written. */
  forgetIfFull(): void {
    if (this.#isFull && this.#splicer.count === 0) this.forget();
  }

  forget(): void {
    this.#isFull = false;
    this.#pieces = new Map();
    this.#splicer.forgetPieces();
  }
}

let assembled = Buffer.allocUnsafeSlow(16 * 1024);

/** The line `[start, end)` of bytes, edited: lent, until the next one. */
export function assemble(
  { bytes, start, end }: { readonly bytes: Buffer; readonly start: number; readonly end: number },
  { levelStart, levelEnd, noteAt }: EditPlaces,
  { level, note, rest }: Recipe,
  millis: number,
): Lent {
  const most = end - start + (level?.length ?? 0) + note.length + (rest === undefined ? 0 : rest.length + 24);
  if (most > assembled.length) assembled = Buffer.allocUnsafeSlow(2 * most);
  const isLevelFirst = levelStart < noteAt;
  let from = start;
  let to = 0;
  if (level !== undefined && isLevelFirst) {
    to += bytes.copy(assembled, to, from, levelStart);
    to += level.copy(assembled, to);
    from = levelEnd;
  }
  to += bytes.copy(assembled, to, from, noteAt);
  from = noteAt;
  to += note.copy(assembled, to);
  if (rest !== undefined) {
    to += assembled.write(String(millis), to, 'latin1');
    to += rest.copy(assembled, to);
  }
  if (level !== undefined && !isLevelFirst) {
    to += bytes.copy(assembled, to, from, levelStart);
    to += level.copy(assembled, to);
    from = levelEnd;
  }
  to += bytes.copy(assembled, to, from, end);
  return { bytes: assembled, end: to };
}
