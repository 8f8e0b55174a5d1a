import { headOf, isLent, lend, withHead } from '../kernel/kernel.ts';
import { newlineByKernel } from '../kernel/search.ts';
import { beginsAsDocker, criFrame, MOST_WORDS } from '../formats/envelope-frame.ts';
import { mayBeCut } from '../formats/envelope-kinds.ts';
import type { Counts } from './counts.ts';
import type { Engine } from './engine.ts';
import type { HeldPieces } from './hold/hold.ts';
import { Outflow, type Leaving } from './hold/outflow.ts';
import { Pieces } from './hold/pieces.ts';
import type { Candidate, Source } from './source.ts';

const LF = 0x0a;

/** What the stream has of a line whose newline has not come. */
type Unfinished = 'nothing' | 'carried' | 'overlong';

/**
 * One stream of a source, and the output that its lines leave by: cuts chunks into lines, and has
 * those looked at that somebody may care about.
 */
export class Input {
  /** What leaves, in order. */
  readonly outflow: Leaving;
  /** Of lines that a container runtime has cut up, where there may be such. */
  pieces: Pieces | undefined;
  /** Whether there may be is told by the first line. */
  #isUntold = false;
  readonly #source: Source;
  readonly #engine: Engine;
  readonly #counts: Counts;
  readonly #maxLine: number;

  /** Bytes of the chunks before the one that came last, and of that one. */
  #before = 0;
  #latest = 0;
  /** Where what is being cut begins in that one. */
  #base = 0;

  readonly #candidate: Candidate = { start: 0, first: 0, newline: 0, end: 0, escaped: false, number: 0 };

  #carry = Buffer.allocUnsafe(1024);
  #carried = 0;
  #unfinished: Unfinished = 'nothing';
  /** The overlong line is one of its own, not a piece of one that was counted. */
  #isCounted = true;

  constructor(source: Source, engine: Engine, outflow: Leaving) {
    this.outflow = outflow;
    this.#source = source;
    this.#engine = engine;
    this.#counts = engine.counts;
    const { maxLine, envelope = 'none', mayBeCutAnywhere = false } = engine.settings;
    this.#maxLine = maxLine;
    if (!mayBeCut(envelope)) return;
    if (envelope === 'auto' && !mayBeCutAnywhere) this.#isUntold = true;
    else this.#joinPieces();
  }

  #joinPieces(): void {
    const { outflow } = this;
    if (!(outflow instanceof Outflow)) return;
    this.pieces = new Pieces(this.#source, this.#engine, outflow, (line, at, place) =>
      this.#lookAtJoined(outflow, line, at, place),
    );
  }

  /** A runtime writes all lines of a file alike. To look for pieces in streams of others would cost each of them a search. */
  #tellByFirst(bytes: Buffer): void {
    const head = Buffer.concat([this.#carry.subarray(0, Math.min(this.#carried, MOST_WORDS)), bytes.subarray(0, MOST_WORDS)]);
    const newline = head.indexOf(LF);
    if (newline === -1 && head.length < MOST_WORDS) return;
    this.#isUntold = false;
    const end = newline === -1 ? head.length : newline;
    if (beginsAsDocker(head, 0, end) || criFrame(head, 0, end) !== undefined) this.#joinPieces();
  }

  /** Takes a chunk that arrived at `now`, ms since 1970. The bytes are only lent. */
  push(chunk: Uint8Array, now: number): void {
    let bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
    if (this.#isUntold) this.#tellByFirst(bytes);
    let head = headOf(bytes);
    if (head > 0 && (this.pieces !== undefined || this.#carried > head)) {
      // What is put together elsewhere is lent by itself, and would overwrite a chunk that lies in the kernel.
      bytes = Buffer.from(bytes);
      head = 0;
    }
    this.#counts.bytesIn += bytes.length;
    this.#before += this.#latest;
    this.#latest = bytes.length;
    this.#base = 0;
    this.#engine.now = now;
    if (this.#engine.copying) {
      this.#copy(bytes);
      return;
    }
    const whole = head === 0 ? bytes : withHead(bytes);
    let from = 0;
    if (this.#unfinished === 'overlong') from = this.#continueOverlong(bytes);
    else if (this.#unfinished === 'carried') from = this.#finishCarried(bytes, whole, head);
    if (from === bytes.length) return;
    this.#base = -head;
    this.#cut(whole, head + from);
    this.#base = 0;
  }

  /** The stream is at its end: an unfinished last line is a line. */
  end(now: number): void {
    this.#engine.now = now;
    this.#endLast();
    this.pieces?.end();
  }

  #endLast(): void {
    if (this.#unfinished === 'carried') {
      const line = Buffer.from(this.#carry.subarray(0, this.#carried));
      this.#forgetCarry();
      this.#base = this.#latest - line.length;
      this.#source.linesCut += 1;
      // A piece is counted with the line that it is one of.
      if (this.pieces?.takeLast(line, this.offsetOf(0)) === true) return;
      this.#counts.linesIn += 1;
      this.#begin(line, 0);
      this.#look(line, 0, 0, line.length, line.length, true, this.#source.linesCut);
      this.#finish(line.length);
    } else if (this.#unfinished === 'overlong') {
      this.#endOverlong();
    } else if (this.#engine.copying && this.outflow.isMidLine) {
      this.#count(1);
    }
  }

  /** All whole lines of `bytes` from `from` on, those that came in pieces as one; what is left over is carried to the next chunk. */
  #cut(bytes: Buffer, from: number): void {
    if (this.pieces === undefined) {
      this.#cutLines(bytes, from);
      return;
    }
    const base = this.#base;
    let at = from;
    lend(bytes);
    let piece = this.pieces.next(bytes, at);
    if (piece === undefined) {
      this.#cutLines(bytes, from);
      return;
    }
    for (; piece !== undefined; piece = this.pieces.next(bytes, at)) {
      if (piece.start > at) {
        this.#base = base + at;
        this.#cutLines(bytes.subarray(at, piece.start), 0);
      }
      this.#base = base;
      this.#source.linesCut += 1;
      this.pieces.take(bytes, piece, piece.end + 1, this.offsetOf(piece.start));
      at = piece.end + 1;
    }
    if (at === bytes.length) return;
    this.#base = base + at;
    this.#cutLines(bytes.subarray(at), 0);
    this.#base = base;
  }

  /** Has a line judged whose pieces are held, as its runtime would have written it in one. */
  #lookAtJoined(outflow: Outflow, line: Buffer, at: number, place: HeldPieces): void {
    const base = this.#base;
    this.#base = at - this.#before;
    outflow.beginJoined(line, place);
    this.#source.begin(line, 0);
    const newline = line.at(-1) === LF ? line.length - 1 : line.length;
    const looked = this.#candidate;
    looked.start = 0;
    looked.first = 0;
    looked.newline = newline;
    looked.end = line.length;
    // What is whole now may have been cut anywhere: everybody is asked.
    looked.escaped = true;
    looked.number = this.#source.linesCut;
    const taken = this.#source.consider(this, line, looked);
    this.#source.finish(line.length);
    outflow.finishJoined(taken);
    this.#engine.groups.keepFolded();
    this.#base = base;
  }

  #cutLines(bytes: Buffer, from: number): void {
    const { length } = bytes;
    this.#begin(bytes, from);
    let at = from;
    let lines = 0;
    let { gate } = this.#source;
    let candidate = -1;
    /** Up to where no escape hides a text, as far as that was asked. */
    let clearTo = -1;
    for (;;) {
      const swept = isLent(bytes) ? this.#source.sweep(this, at, length) : undefined;
      if (swept !== undefined) {
        lines += swept.lines;
        this.#counts.overlong += swept.overlong;
        at = swept.next;
        if (swept.stop !== -1) candidate = swept.stop; // or an escape: the line is looked at for either
      }
      const isPlain = swept !== undefined && swept.newline !== -1;
      const newline = isPlain ? swept.newline : isLent(bytes) ? newlineByKernel(at, length) : indexOfNewline(bytes, at);
      if (newline === length) break;
      lines += 1;
      if (newline - at > this.#maxLine) {
        this.#counts.overlong += 1;
        this.outflow.leave(1);
      } else {
        if (candidate < at) candidate = gate.next(bytes, at, length);
        if (!isPlain && clearTo < newline) {
          // Up to the next candidate, all at once; a sweep has passed over those lines already.
          const end = swept === undefined ? Math.max(candidate, newline) : newline;
          clearTo = gate.nextEscape(bytes, Math.max(at, clearTo), end);
        }
        const escaped = !isPlain && clearTo < newline;
        if (candidate < newline || escaped || this.#source.mustLook(bytes, at, newline)) {
          this.#look(
            bytes,
            at,
            candidate < newline ? candidate : at,
            newline,
            newline + 1,
            escaped,
            this.#source.linesCut + lines,
          );
          if (this.#source.gate !== gate) {
            ({ gate } = this.#source);
            candidate = -1;
            clearTo = -1;
          }
        } else {
          this.outflow.leave(1);
        }
      }
      at = newline + 1;
      this.outflow.keepBounds(at);
    }
    this.#counts.linesIn += lines;
    this.#source.linesCut += lines;
    this.#finish(at);
    if (at < length) this.#carryOn(bytes, at);
  }

  #begin(bytes: Buffer, from: number): void {
    this.outflow.begin(bytes, from);
    this.#source.begin(bytes, from);
    if (!isLent(bytes)) lend(bytes);
  }

  /** All up to `end` was cut, and the bytes will be gone. */
  #finish(end: number): void {
    this.#source.finish(end);
    this.outflow.finish(end);
    this.#engine.groups.keepFolded();
    this.#engine.runs.count();
    lend(undefined);
  }

  /** Has the line `[start, newline)` judged; `end` lies behind its newline. Unless it was taken, it stays in the run. */
  #look(bytes: Buffer, start: number, first: number, newline: number, end: number, escaped: boolean, number: number): void {
    const looked = this.#candidate;
    looked.start = start;
    looked.first = first;
    looked.newline = newline;
    looked.end = end;
    looked.escaped = escaped;
    looked.number = number;
    this.outflow.stopAt(start);
    if (this.#source.consider(this, bytes, looked)) this.outflow.take(end);
    else this.outflow.leave(1);
  }

  /** Where the byte at `start` of the chunk stands in all bytes of this stream, where chunks hold whole lines. */
  offsetOf(start: number): number {
    return this.#before + this.#base + start;
  }

  /** Lets the unfinished line go, as far as it came: from now on nothing is judged. */
  copyFromNow(): void {
    this.pieces?.end();
    if (this.#unfinished !== 'carried') return;
    this.outflow.pass(this.#carry, 0, this.#carried, 0);
    this.#forgetCarry();
  }

  #copy(bytes: Buffer): void {
    let from = 0;
    if (this.#unfinished === 'overlong') from = this.#continueOverlong(bytes);
    let lines = 0;
    for (let at = bytes.indexOf(LF, from); at !== -1; at = bytes.indexOf(LF, at + 1)) lines += 1;
    this.#count(lines);
    if (from === bytes.length) return;
    this.outflow.pass(bytes, from, bytes.length, 0);
  }

  /** Counts lines that went through as they came. */
  #count(lines: number): void {
    this.#counts.linesIn += lines;
    this.#counts.unchanged += lines;
    this.#counts.linesOut += lines;
  }

  // unfinished lines

  #carryOn(bytes: Buffer, from: number): void {
    const length = this.#carried + bytes.length - from;
    if (length > this.#maxLine) {
      this.#startOverlong(bytes, from, this.#headWith(bytes, from));
      return;
    }
    if (length > this.#carry.length) {
      const larger = Buffer.allocUnsafe(Math.min(2 * length, this.#maxLine));
      this.#carry.copy(larger, 0, 0, this.#carried);
      this.#carry = larger;
    }
    bytes.copy(this.#carry, this.#carried, from);
    this.#carried = length;
    this.#unfinished = 'carried';
  }

  #forgetCarry(): void {
    this.#carried = 0;
    this.#unfinished = 'nothing';
  }

  /**
   * Completes the carried line with the first bytes of a chunk. Offset behind its newline, or the chunk's length; where the chunk
   * has room before it, `head` bytes in `whole`, the offset at which the line begins, which is then below zero.
   */
  #finishCarried(bytes: Buffer, whole: Buffer, head: number): number {
    const newline = bytes.indexOf(LF);
    if (newline === -1) {
      this.#carryOn(bytes, 0);
      return bytes.length;
    }
    const length = this.#carried + newline;
    if (length > this.#maxLine) {
      this.#startOverlong(bytes.subarray(0, 0), 0, this.#headWith(bytes, 0));
      return this.#continueOverlong(bytes);
    }
    if (head > 0) {
      const carried = this.#carried;
      this.#carry.copy(whole, head - carried, 0, carried);
      this.#forgetCarry();
      return -carried;
    }
    const line = Buffer.allocUnsafe(length + 1);
    this.#carry.copy(line, 0, 0, this.#carried);
    bytes.copy(line, this.#carried, 0, newline + 1);
    this.#base = -this.#carried;
    this.#forgetCarry();
    this.#cut(line, 0);
    this.#base = 0;
    return newline + 1;
  }

  /** The line is too long to be judged: what there is of it leaves, and the rest as it comes. */
  #startOverlong(bytes: Buffer, from: number, head: Buffer): void {
    this.#unfinished = 'overlong';
    this.#isCounted = this.pieces?.beginOverlong(head, 0, head.length) ?? true;
    this.outflow.beginPieces();
    if (this.#carried > 0) this.outflow.pass(this.#carry, 0, this.#carried, 0);
    this.#carried = 0;
    if (bytes.length > from) this.outflow.pass(bytes, from, bytes.length, 0);
  }

  /** The first bytes, one more than a line may have, of the line that was carried and goes on at `from`. */
  #headWith(bytes: Buffer, from: number): Buffer {
    const missing = this.#maxLine + 1 - this.#carried;
    return Buffer.concat([this.#carry.subarray(0, this.#carried), bytes.subarray(from, from + missing)]);
  }

  #continueOverlong(bytes: Buffer): number {
    const newline = bytes.indexOf(LF);
    const end = newline === -1 ? bytes.length : newline + 1;
    this.outflow.pass(bytes, 0, end, newline === -1 ? 0 : 1);
    if (newline !== -1) this.#endOverlong();
    return end;
  }

  #endOverlong(): void {
    this.#unfinished = 'nothing';
    this.#source.linesCut += 1;
    if (this.#isCounted) {
      this.#count(1);
      this.#counts.overlong += 1;
    }
    this.outflow.endPieces();
  }
}

/** Offset of the newline at or after `from`, or the length. */
function indexOfNewline(bytes: Buffer, from: number): number {
  const at = bytes.indexOf(LF, from);
  return at === -1 ? bytes.length : at;
}
