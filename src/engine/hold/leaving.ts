import type { Lent } from '../../formats/draft.ts';
import type { EditPlaces, Recipe } from '../edit/recipe.ts';
import type { HeldPlace, LinePlace } from './hold.ts';

/** Nothing, in place of a line. */
export const NOTHING: Lent = { bytes: Buffer.alloc(0), end: 0 };

/** What a source holds, as a part of what all sources together may hold. */
export interface Holding {
  /** The source holds so much more. */
  weigh(lines: number, bytes: number): void;
  /** Lets waits go, unchanged, until so much more fits, as far as that is possible. */
  makeRoom(lines: number, bytes: number): void;
  hasRoom(lines: number, bytes: number): boolean;
}

/** What leaves by one output, in order: `Outflow` for runs of bytes, `LineOutflow` for lines that come one by one. */
export interface Leaving {
  /** Whether something is held. */
  readonly holds: boolean;
  /** How the line that is being looked at was cut up: how many lines stand between each piece and the next. */
  readonly gaps: readonly number[];
  /** Whether the last line that left had no newline. */
  readonly isMidLine: boolean;
  /** The run begins at `from` of `bytes`. */
  begin(bytes: Buffer, from: number): void;
  /** The bytes will be gone: sends the run on, up to `end`. */
  finish(end: number): void;
  /** The line at `start` is looked at: the run ends before it. */
  stopAt(start: number): void;
  /** Leaves so many lines in the run. */
  leave(lines: number): void;
  /** Edits the line that is being looked at where it stands in the run. False if it cannot. */
  edit(end: number, places: EditPlaces, recipe: Recipe, millis: number): boolean;
  /** Takes the line that is being looked at out of the run. False if it cannot. */
  cut(start: number, end: number): boolean;
  /** The line that was looked at does not leave as it came: the run goes on behind it. */
  take(end: number): void;
  /** Sends the run on as soon as the queue would be full with it: how a chunk was cut must not decide who is let go. */
  keepBounds(end: number): void;
  /** Sends on what was passed over before the line that is being looked at. */
  sendRun(): void;
  /** Sends bytes of the input on, behind all that is held: `lines` lines, or a piece of one. */
  pass(bytes: Buffer, start: number, end: number, lines: number): void;
  /** From here to `endPieces`, what is passed is pieces of one line. */
  beginPieces(): void;
  endPieces(): void;
  /** Writes a line of our own making before the line that is being looked at, after all that came earlier. */
  emit(line: Lent): void;
  /** Writes a summary, as soon as nothing forbids it. */
  emitSummary(line: Lent): void;
  /** Holds the line that is being looked at: it waits. In strict order, what comes behind it waits too. */
  hold(start: number, end: number): LinePlace;
  /** What is held here is about to be judged: until `keep`, or until it is let go, it is as if it came now. */
  beginJudged(place: HeldPlace): void;
  /** What is judged goes on to be held. */
  keep(): void;
  endJudged(): void;
  /** How long a line is that waits, or the first of several. */
  lengthOf(held: HeldPlace): number;
  /** How long all is that waits there. */
  sizeOf(held: HeldPlace): number;
  /** The bytes of a line that waits, with those of the lines that go on with it; good until something is next held or let go. */
  bytesOf(held: HeldPlace): Buffer;
  /** Ends the wait of a line: it leaves as `instead`, or as it came. Lines that go on with it do so as they came, unless all are folded. */
  letGo(held: HeldPlace, instead: Lent | undefined): void;
}

/** A stream of a source, to those who hold its lines. */
export interface HeldInput {
  readonly outflow: Leaving;
  /** Where the byte at `start` of the bytes that are being cut stands in all bytes of this stream, if it came in one piece. */
  offsetOf(start: number): number;
}
