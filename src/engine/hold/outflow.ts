import { ownOf, type Lent } from '../../formats/draft.ts';
import type { Counts } from '../counts.ts';
import type { Alike } from '../alike.ts';
import { HoldQueue, type Held, type HeldPieces, type HeldPlace, type LinePlace, type Outlet } from './hold.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import { NO_PIECE } from '../../kernel/splicer.ts';
import type { EditPlaces, Recipe } from '../edit/recipe.ts';
import { NOTHING, type Holding, type Leaving } from './leaving.ts';
import type { EngineSettings, Sink } from '../settings.ts';

const LF = 0x0a;
const NEWLINE = Buffer.from('\n');
const NO_GAPS: readonly number[] = [];

/** What of an `Engine` is needed here. */
export interface OutflowEngine {
  readonly counts: Counts;
  readonly settings: EngineSettings;
  readonly kernel: Kernel;
  readonly alike: Pick<Alike, 'pieces'>;
}

/**
 * What leaves by one output, in order: the run of lines of the chunk that were passed over and not
 * yet sent on, behind it what is held. Most chunks leave as a few runs, and are never copied.
 */
export class Outflow implements Leaving {
  readonly #source: Holding;
  readonly #engine: OutflowEngine;
  readonly #counts: Counts;
  readonly #outlet: Outlet;
  readonly #queue: HoldQueue;

  /** The bytes that are being cut, and which of them are the run. */
  #bytes: Buffer = NEWLINE;
  #runStart = 0;
  #runEnd = 0;
  #runLines = 0;
  /** The kernel has a list of edits of the run. */
  #isEdited = false;

  /** The last byte that left was no newline. */
  #midLine = false;
  /** A line that is too long to be held is leaving in pieces: nothing may come between them. */
  #inPieces = false;
  /** Lines that a container runtime has cut up, and of which more is to come: a summary between them would be taken for a piece. */
  #cutLines = 0;
  /** Lines of our own making that came due meanwhile. */
  #deferred: Buffer[] = [];
  /** The line that is being looked at came in pieces, and stands in the queue already. */
  #standing: HeldPieces | undefined;
  /** The record that is being judged, which does not count as held meanwhile; and what a line of our own making leaves before. */
  #judged: HeldPlace | undefined;
  #before: Held | undefined;
  /** Lines that came and leave, or wait, in a place of their own: all but those that were folded at once. */
  #places = 0;

  constructor(source: Holding, engine: OutflowEngine, sink: Sink) {
    this.#source = source;
    this.#engine = engine;
    this.#counts = engine.counts;
    const write = (bytes: Uint8Array, start: number, end: number): void => {
      if (start === end) return;
      this.#counts.bytesOut += end - start;
      this.#midLine = bytes[end - 1] !== LF;
      sink.write(bytes, start, end);
    };
    const writeLine = (bytes: Buffer, end: number): void => {
      if (this.#midLine && end > 0) write(NEWLINE, 0, 1);
      write(bytes, 0, end);
    };
    this.#outlet = { write, writeLine };
    this.#queue = new HoldQueue(this.#outlet, engine.settings.holdBytes);
  }

  /** Whether something is held. */
  get holds(): boolean {
    return !this.#queue.isEmpty;
  }

  /** Counts the lines that have a place in this output. */
  get places(): number {
    return this.#places + this.#runLines;
  }

  /** How the line that is being looked at was cut up: how many lines stand between each piece and the next. */
  get gaps(): readonly number[] {
    return this.#standing?.gaps ?? NO_GAPS;
  }

  /** Whether the last line that left had no newline. */
  get isMidLine(): boolean {
    return this.#midLine;
  }

  /** The run begins at `from` of `bytes`. */
  begin(bytes: Buffer, from: number): void {
    this.#bytes = bytes;
    this.#runStart = from;
    this.#runEnd = from;
    this.#runLines = 0;
  }

  /** The bytes will be gone: sends the run on, up to `end`. */
  finish(end: number): void {
    this.#runEnd = end;
    this.sendRun();
    this.begin(NEWLINE, 0);
  }

  /** The line at `start` is looked at: the run ends before it. */
  stopAt(start: number): void {
    this.#runEnd = start;
  }

  /** Leaves so many lines in the run. */
  leave(lines: number): void {
    this.#runLines += lines;
  }

  /** Edits the line that is being looked at where it stands in the run. False if it cannot. */
  edit(end: number, { levelStart, levelEnd, noteAt }: EditPlaces, { level, note, rest }: Recipe, millis: number): boolean {
    if (!this.#canEdit()) return false;
    const { alike, kernel } = this.#engine;
    const { splicer } = kernel;
    const { pieces } = alike;
    const levelPiece = level === undefined ? NO_PIECE : pieces.of(level);
    const notePiece = pieces.of(note);
    const restPiece = rest === undefined ? NO_PIECE : pieces.of(rest);
    if (levelPiece === undefined || notePiece === undefined || restPiece === undefined) return false;
    const isLevelFirst = levelStart < noteAt;
    if (level !== undefined && isLevelFirst) splicer.edit(levelStart, levelEnd, levelPiece.at, levelPiece.length);
    splicer.edit(noteAt, noteAt, notePiece.at, notePiece.length);
    if (rest !== undefined) {
      splicer.putNumber(noteAt, millis);
      splicer.edit(noteAt, noteAt, restPiece.at, restPiece.length);
    }
    if (level !== undefined && !isLevelFirst) splicer.edit(levelStart, levelEnd, levelPiece.at, levelPiece.length);
    this.#places += 1;
    this.#goOnBehind(end);
    return true;
  }

  /** Takes the line that is being looked at out of the run. False if it cannot. */
  cut(start: number, end: number): boolean {
    if (!this.#canEdit()) return false;
    this.#engine.kernel.splicer.cut(start, end);
    this.#goOnBehind(end);
    return true;
  }

  /** Whether the run can be edited: it leaves as soon as it is sent on. */
  #canEdit(): boolean {
    const { kernel } = this.#engine;
    if (!this.#queue.isEmpty || this.#inPieces || this.#standing !== undefined || this.#bytes !== kernel.input) return false;
    if (!kernel.splicer.hasRoom) this.sendRun();
    return true;
  }

  #goOnBehind(end: number): void {
    this.#isEdited = true;
    this.#runEnd = end;
  }

  /** The line that was looked at does not leave as it came: the run goes on behind it. */
  take(end: number): void {
    this.sendRun();
    this.#runStart = end;
  }

  /** Sends the run on as soon as the queue would be full with it: how a chunk was cut must not decide who is let go. */
  keepBounds(end: number): void {
    if (this.#queue.isEmpty || this.#source.hasRoom(this.#runLines, end - this.#runStart)) return;
    this.#runEnd = end;
    this.sendRun();
  }

  /** Sends on what was passed over before the line that is being looked at. */
  sendRun(): void {
    const start = this.#runStart;
    const end = this.#runEnd;
    if (end > start && this.#isEdited) {
      this.#isEdited = false;
      this.#places += this.#runLines;
      this.#engine.kernel.splicer.splice(start, end, (bytes, from, to) => this.#outlet.write(bytes, from, to));
    } else if (end > start) {
      this.pass(this.#bytes, start, end, this.#runLines);
    }
    this.#counts.unchanged += this.#runLines;
    this.#counts.linesOut += this.#runLines;
    this.#runLines = 0;
    this.#runStart = end;
  }

  /** Sends bytes of the input on, behind all that is held: `lines` lines, or a piece of one. */
  pass(bytes: Buffer, start: number, end: number, lines: number): void {
    this.#places += lines;
    // A part longer than the whole queue may be, let alone with what is in it, releases all.
    if (!this.#queue.isEmpty) this.#source.makeRoom(lines, end - start);
    if (this.#queue.isEmpty) {
      this.#outlet.write(bytes, start, end);
      return;
    }
    this.#source.weigh(lines, end - start);
    this.#queue.pass(bytes, start, end, lines);
  }

  /** From here to `endPieces`, what is passed is pieces of one line. */
  beginPieces(): void {
    this.#inPieces = true;
  }

  endPieces(): void {
    this.#inPieces = false;
    this.#writeDeferred();
  }

  /** From here to `endCut`, summaries wait. */
  beginCut(): void {
    this.#cutLines += 1;
  }

  endCut(): void {
    this.#cutLines -= 1;
    this.#writeDeferred();
  }

  #writeDeferred(): void {
    if (this.#inPieces || this.#cutLines > 0) return;
    const deferred = this.#deferred;
    this.#deferred = [];
    for (const line of deferred) this.#write(line, line.length);
  }

  /** Writes a line of our own making before the line that is being looked at, after all that came earlier. */
  emit({ bytes, end }: Lent): void {
    this.sendRun();
    if (this.#standing === undefined) this.#places += 1;
    this.#write(bytes, end);
  }

  /** Writes a summary, as soon as nothing forbids it. */
  emitSummary(line: Lent): void {
    if (this.#cutLines > 0) this.#deferred.push(ownOf(line));
    else this.emit(line);
  }

  /** Writes the line `[0, end)` of bytes that are only lent. */
  #write(bytes: Buffer, end: number): void {
    if (this.#inPieces) {
      this.#deferred.push(ownOf({ bytes, end }));
      return;
    }
    if (this.#before !== undefined) return this.#insertBefore(this.#before, { bytes, end });
    if (!this.#queue.isEmpty) this.#source.makeRoom(1, end);
    if (this.#queue.isEmpty) {
      this.#outlet.writeLine(bytes, end);
      return;
    }
    this.#source.weigh(1, end);
    this.#queue.insert(ownOf({ bytes, end }));
  }

  #insertBefore(before: Held, line: Lent): void {
    if (before !== this.#queue.front) this.#source.makeRoom(1, line.end);
    if (before !== this.#queue.front) this.#source.weigh(1, line.end);
    this.#queue.insertBefore(before, line);
  }

  /** Holds the line that is being looked at: it waits. In strict order, what comes behind it waits too. */
  hold(start: number, end: number): LinePlace {
    this.sendRun();
    const standing = this.#standing;
    this.#standing = undefined;
    return standing ?? this.holdPiece(this.#bytes, start, end);
  }

  /** Holds a piece of a line. All that came before it has left, or is held. */
  holdPiece(bytes: Buffer, start: number, end: number): Held | Buffer {
    this.#source.weigh(1, end - start);
    this.#places += 1;
    if (this.#engine.settings.order === 'relaxed') return Buffer.from(bytes.subarray(start, end));
    return this.#queue.hold(bytes, start, end);
  }

  /** A line whose pieces are held is about to be looked at, as `bytes`. */
  beginJoined(bytes: Buffer, place: HeldPieces): void {
    this.begin(bytes, bytes.length);
    this.#standing = place;
  }

  /** It was looked at; `taken`: it waits, it was changed, or it was folded. */
  finishJoined(taken: boolean): void {
    const place = this.#standing;
    this.#standing = undefined;
    this.finish(this.#runEnd);
    if (place === undefined) return;
    this.letGo(place, taken ? NOTHING : undefined);
    if (taken) return;
    this.#counts.unchanged += 1;
    this.#counts.linesOut += 1;
  }

  /** What is held here is about to be judged: until `keep`, or until it is let go, it is as if it came now. */
  beginJudged(place: HeldPlace): void {
    const first = firstOf(place);
    this.#before = Buffer.isBuffer(first) ? undefined : first;
    this.#judged = place;
    this.#source.weigh(-rawLinesAt(place), -this.sizeOf(place));
  }

  /** What is judged goes on to be held. */
  keep(): void {
    const place = this.#judged;
    this.#judged = undefined;
    if (place !== undefined) this.#source.weigh(rawLinesAt(place), this.sizeOf(place));
  }

  endJudged(): void {
    this.keep();
    this.#before = undefined;
  }

  /** How long a line is that waits, or the first of several. */
  lengthOf(held: HeldPlace): number {
    if ('head' in held) return this.lengthOf(held.head);
    if ('pieces' in held) return held.pieces.reduce((sum, piece) => sum + this.lengthOf(piece), 0);
    return Buffer.isBuffer(held) ? held.length : held.end - held.start;
  }

  /** How long all is that waits there. */
  sizeOf(held: HeldPlace): number {
    if (!('head' in held)) return this.lengthOf(held);
    return held.rest.reduce((sum, line) => sum + this.lengthOf(line), this.lengthOf(held.head));
  }

  /** The bytes of a line that waits, with those of the lines that go on with it; good until something is next held or let go. */
  bytesOf(held: HeldPlace): Buffer {
    if ('head' in held) {
      if (held.rest.length === 0) return this.bytesOf(held.head);
      return Buffer.concat([held.head, ...held.rest].map((line) => this.bytesOf(line)));
    }
    if ('pieces' in held) return Buffer.concat(held.pieces.map((piece) => this.bytesOf(piece)));
    return Buffer.isBuffer(held) ? held : this.#queue.bytesOf(held);
  }

  /** Ends the wait of a line: it leaves as `instead`, or as it came. Lines that go on with it do so as they came, unless all are folded. */
  letGo(held: HeldPlace, instead: Lent | undefined): void {
    if (held === this.#judged) this.keep();
    if ('head' in held) {
      this.letGo(held.head, instead);
      for (const line of held.rest) this.letGo(line, instead === NOTHING ? NOTHING : undefined);
      return;
    }
    if ('pieces' in held) {
      held.pieces.forEach((piece, i) =>
        this.letGo(piece, instead === undefined || i === held.pieces.length - 1 ? instead : NOTHING),
      );
      return;
    }
    if (Buffer.isBuffer(held)) {
      this.#source.weigh(-1, -held.length);
      this.sendRun();
      if (instead === undefined) this.#write(held, held.length);
      else this.#write(instead.bytes, instead.end);
      return;
    }
    const lines = this.#queue.lines;
    const size = this.#queue.size;
    this.#queue.settle(held, instead);
    this.#source.weigh(this.#queue.lines - lines, this.#queue.size - size);
  }
}

/** The first of the places that one stands for. */
function firstOf(place: HeldPlace): Held | Buffer {
  const line = 'head' in place ? place.head : place;
  return 'pieces' in line ? line.pieces[0]! : line;
}

/** How many lines stand there as they came, each piece for itself. */
function rawLinesAt(place: HeldPlace): number {
  if (!('head' in place)) return 'pieces' in place ? place.pieces.length : 1;
  return place.rest.reduce((sum, line) => sum + rawLinesAt(line), rawLinesAt(place.head));
}
