import { beginsAsDocker, criFrame, MOST_WORDS, type Frame } from '../../formats/envelope-frame.ts';
import { canFollow, frameOf, MOST_PIECES, streamsCutIn } from '../../formats/envelope-pieces.ts';
import type { EnvelopeKind } from '../../formats/envelope-kinds.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import { countOpaque, type Counts } from '../counts.ts';
import type { EngineSettings } from '../settings.ts';
import type { Held, HeldPieces } from './hold.ts';
import type { Holding } from './leaving.ts';
import type { Outflow } from './outflow.ts';
import { nextPiece } from './piece-search.ts';

const LF = 0x0a;

/** ms. The pieces of a line come at once, from one write of a program, or from a few. */
const WITHIN = 1_000;

/** What of an `Engine` is needed here. */
export interface PiecesEngine {
  readonly counts: Counts;
  readonly settings: EngineSettings;
  readonly kernel: Kernel;
  readonly now: number;
  nextSeq(): number;
  addDue(line: CutLine): void;
}

/** Why the rest of a line is not waited for any more. */
type GivenUp = 'too long' | 'other';

/** A line of which pieces came, and not the last one. Its pieces are held, until it is given up: then they leave as they come. */
export interface CutLine {
  readonly kind: 'cut';
  readonly seq: number;
  readonly due: number;
  /** Where it stands in the heap of what is due; -1: it does not. */
  dueAt: number;
  /** Where its first piece begins, in all bytes of its stream. */
  readonly at: number;
  readonly pieces: Pieces;
  readonly stream: Frame['stream'];
  readonly held: (Held | Buffer)[];
  /** How many lines stand between each of these and the next. */
  readonly gaps: number[];
  /** What `Outflow.places` was behind the last of these. */
  lastPlace: number;
  /** The one before. */
  frame: Frame;
  /** Bytes of text so far. */
  length: number;
  isGivenUp: boolean;
  /** Summaries wait until it is over: between its pieces, one would be taken for a piece. */
  defers: boolean;
  /** It is to be ended by its `due`. */
  open: boolean;
}

/** A line that is a piece of one, or that ends one. */
interface Piece {
  readonly start: number;
  /** Without its newline. */
  readonly end: number;
  /** Unless it is too long to be looked at, and none that is told by its beginning. */
  readonly frame: Frame | undefined;
}

/** What is made of a line whose last piece came: its pieces together, where the first stood, and their places in the queue. */
export type OnJoined = (line: Buffer, at: number, place: HeldPieces) => void;

/**
 * The lines of one stream that a container runtime has cut up. The two outputs of a container may lie in one
 * file, and their pieces between each other.
 */
export class Pieces {
  readonly #source: Holding;
  readonly #engine: PiecesEngine;
  readonly #outflow: Outflow;
  readonly #kind: EnvelopeKind;
  readonly #onJoined: OnJoined;
  readonly #lines = new Map<Frame['stream'], CutLine>();
  /** Streams in the middle of a line whose first pieces an earlier process had. */
  readonly #resumed = new Set<Frame['stream']>();

  constructor(source: Holding, engine: PiecesEngine, outflow: Outflow, onJoined: OnJoined) {
    this.#source = source;
    this.#engine = engine;
    this.#outflow = outflow;
    this.#kind = engine.settings.envelope ?? 'none';
    this.#onJoined = onJoined;
  }

  /** Streams in the middle of a line that leaves as it comes. */
  get givenUp(): Frame['stream'][] {
    const lines = [...this.#lines.values()].filter(({ isGivenUp }) => isGivenUp);
    return [...this.#resumed, ...lines.map(({ stream }) => stream)];
  }

  resume(streams: readonly Frame['stream'][]): void {
    for (const stream of streams) this.#resumed.add(stream);
  }

  /** Whole lines that stand before what will come, and are not ours to write. */
  passOver(bytes: Buffer): void {
    this.resume(streamsCutIn(bytes, this.#kind));
  }

  /** Where the first piece that is held begins, in all bytes of the stream; Infinity where none is. */
  get firstAt(): number {
    return this.oldest?.at ?? Infinity;
  }

  /** The one that is held the longest. */
  get oldest(): CutLine | undefined {
    for (const line of this.#lines.values()) if (!line.isGivenUp) return line;
    return undefined;
  }

  get #isBusy(): boolean {
    return this.#lines.size > 0 || this.#resumed.size > 0;
  }

  #isMidLine(stream: Frame['stream']): boolean {
    return this.#lines.has(stream) || this.#resumed.has(stream);
  }

  /** The first piece in `[from, to)` of the kernel's input; at `from` a line begins. */
  next(from: number, to: number): Piece | undefined {
    const { kernel } = this.#engine;
    const bytes = kernel.input;
    let at = from;
    for (;;) {
      // While a line is in pieces, each line may be its next one.
      if (!this.#isBusy) at = nextPiece(kernel, at, to, this.#kind);
      const end = kernel.lineEnd(at, to);
      if (end === to) return undefined;
      const frame = this.#frameAt(bytes, at, end);
      if (this.#concerns(frame, end - at)) return { start: at, end, frame };
      at = end + 1;
    }
  }

  #concerns(frame: Frame | undefined, length: number): boolean {
    if (frame === undefined) return length > this.#engine.settings.maxLine && this.#isBusy;
    return !frame.isLast || this.#isMidLine(frame.stream);
  }

  /** Of a line that is too long to be looked at, its beginning is. */
  #frameAt(bytes: Buffer, start: number, end: number): Frame | undefined {
    const { maxLine } = this.#engine.settings;
    if (end - start <= maxLine) return frameOf(bytes, start, end, this.#kind);
    return this.#kind === 'docker' ? undefined : criFrame(bytes, start, start + Math.min(MOST_WORDS, maxLine + 1));
  }

  /** Takes the next piece; `at`: where it begins in all bytes of its stream. `next` lies behind its newline, if it has one. */
  take(bytes: Buffer, { start, end, frame }: Piece, next: number, at: number): void {
    const { maxLine } = this.#engine.settings;
    if (frame === undefined || end - start > maxLine) {
      const isCounted = this.beginOverlong(bytes, start, end);
      if (isCounted) this.#engine.counts.overlong += 1;
      this.#pass(bytes, start, next, isCounted);
      return;
    }
    const { stream, isLast } = frame;
    if (this.#resumed.has(stream)) {
      this.#pass(bytes, start, next, false);
      if (isLast) this.#resumed.delete(stream);
      return;
    }
    const length = frame.textEnd - frame.textStart;
    let line = this.#lines.get(stream);
    if (line === undefined) this.#lines.set(stream, (line = this.#begin(frame, at)));
    else if (!canFollow(line.frame, frame)) this.#giveUp(line, 'other');
    if (line.length + length > maxLine) this.#giveUp(line, 'too long');
    if (line.held.length >= MOST_PIECES) this.#giveUp(line, 'other');
    if (frame.kind === 'cri' && !isLast && frame.more !== '') this.#giveUp(line, 'other');
    if (!line.isGivenUp) this.#makeRoom(line, next - start);

    line.frame = frame;
    line.length += length;
    if (line.isGivenUp) this.#pass(bytes, start, next, false);
    else this.#hold(line, bytes, start, next);
    if (!isLast) return;
    this.#lines.delete(stream);
    line.open = false;
    this.#stopDeferring(line);
    if (!line.isGivenUp) this.#join(line);
  }

  /** Takes a line that lies by itself, if it is a piece; it may lack its newline. */
  takeAlone(line: Buffer, at: number): boolean {
    const end = line.at(-1) === LF ? line.length - 1 : line.length;
    const frame = this.#frameAt(line, 0, end);
    if (!this.#concerns(frame, end)) return false;
    this.take(line, { start: 0, end, frame }, line.length, at);
    return true;
  }

  /** A line that is too long to be looked at begins, given its beginning. Whether it is to be counted: false where it goes on with one that was. */
  beginOverlong(bytes: Buffer, start: number, end: number): boolean {
    const head = start + Math.min(end - start, MOST_WORDS, this.#engine.settings.maxLine + 1);
    // Where docker's says what it is, nobody knows the beginning any more.
    if (this.#kind !== 'cri' && beginsAsDocker(bytes, start, head)) this.giveUpAll();
    const frame = this.#kind === 'docker' ? undefined : criFrame(bytes, start, head);
    if (frame === undefined) return true;
    const { stream, isLast } = frame;
    const line = this.#lines.get(stream);
    const isNew = line === undefined && !this.#resumed.has(stream);
    if (line !== undefined) {
      this.#giveUp(line, 'too long');
      this.#lines.delete(stream);
      line.open = false;
      this.#stopDeferring(line);
    }
    if (isLast) this.#resumed.delete(stream);
    else this.#resumed.add(stream);
    return isNew;
  }

  /** Lets all pieces go as they came, and those that will come. */
  giveUpAll(): void {
    for (const line of this.#lines.values()) this.#giveUp(line, 'other');
  }

  /** The stream is at its end, or another begins. */
  end(): void {
    this.giveUpAll();
    for (const line of this.#lines.values()) {
      line.open = false;
      this.#stopDeferring(line);
    }
    this.#lines.clear();
    this.#resumed.clear();
  }

  /** Nobody may wait for it any longer. */
  expire(line: CutLine): void {
    this.#giveUp(line, 'other');
    line.open = false;
    this.#stopDeferring(line);
  }

  /** Lets its pieces go as they came, and those that will come. */
  giveUp(line: CutLine): void {
    this.#giveUp(line, 'other');
  }

  #begin(frame: Frame, at: number): CutLine {
    const { settings, now } = this.#engine;
    const line: CutLine = {
      kind: 'cut',
      seq: this.#engine.nextSeq(),
      due: settings.clock === 'live' ? now + WITHIN : Infinity,
      dueAt: -1,
      at,
      pieces: this,
      stream: frame.stream,
      held: [],
      gaps: [],
      lastPlace: 0,
      frame,
      length: 0,
      isGivenUp: false,
      defers: true,
      open: true,
    };
    this.#engine.addDue(line);
    this.#outflow.beginCut();
    return line;
  }

  #hold(line: CutLine, bytes: Buffer, start: number, end: number): void {
    const outflow = this.#outflow;
    if (line.held.length > 0) line.gaps.push(outflow.places - line.lastPlace);
    line.held.push(outflow.holdPiece(bytes, start, end));
    line.lastPlace = outflow.places;
  }

  #makeRoom(line: CutLine, length: number): void {
    this.#source.makeRoom(1, length);
    if (!this.#source.hasRoom(1, length)) this.#giveUp(line, 'other');
  }

  #join({ held, gaps, at }: CutLine): void {
    this.#engine.counts.linesIn += 1;
    const place = { pieces: held, gaps };
    this.#onJoined(Buffer.from(this.#outflow.bytesOf(place)), at, place);
  }

  /** From here on it leaves as it comes, and is counted as one line. */
  #giveUp(line: CutLine, why: GivenUp): void {
    if (line.isGivenUp) return;
    line.isGivenUp = true;
    const { counts } = this.#engine;
    if (why === 'too long') counts.overlong += 1;
    else countOpaque(counts, 'part of a line');
    this.#countOne();
    if (line.held.length > 0) this.#outflow.letGo({ pieces: line.held, gaps: line.gaps }, undefined);
    line.held.length = 0;
  }

  #pass(bytes: Buffer, start: number, end: number, isCounted: boolean): void {
    this.#outflow.pass(bytes, start, end, 1);
    if (isCounted) this.#countOne();
  }

  #countOne(): void {
    const { counts } = this.#engine;
    counts.linesIn += 1;
    counts.unchanged += 1;
    counts.linesOut += 1;
  }

  #stopDeferring(line: CutLine): void {
    if (!line.defers) return;
    line.defers = false;
    this.#outflow.endCut();
  }
}
