import { beginsAsDocker, criFrame, MOST_WORDS } from '../formats/envelope-frame.ts';
import { mayBeCri, mayBeCut } from '../formats/envelope-kinds.ts';
import { CHUNK_AT } from '../kernel/instance.ts';
import {
  CRI_FRAME,
  ENTRY_FLAGS,
  ENTRY_NEWLINE,
  ENTRY_PASSED,
  ENTRY_START,
  ESCAPED,
  NO_FRAME,
  OVERLONG,
} from '../kernel/layout.ts';
import type { Alike } from './alike.ts';
import type { Candidate } from './candidate.ts';
import type { Counts } from './counts.ts';
import type { Gate } from './gate.ts';
import type { HeldPieces } from './hold/hold.ts';
import type { HeldInput, Holding, Leaving } from './hold/leaving.ts';
import { Outflow } from './hold/outflow.ts';
import { Pieces, type PiecesEngine } from './hold/pieces.ts';
import type { Records } from './hold/records.ts';
import type { Groups } from './memory/groups.ts';
import type { Plan } from './plan.ts';
import type { Left } from './verdicts.ts';

/** What of an `Engine` is needed here. */
export interface InputEngine extends PiecesEngine {
  readonly alike: Alike;
  readonly plan: Plan;
  readonly groups: Pick<Groups, 'keepFolded'>;
  readonly copying: boolean;
  now: number;
  lookedAt: number;
  room(size: number): Buffer;
}

/** The source that the lines are of, which has them judged. */
export interface InputSource extends Holding {
  readonly records: Records;
  readonly gate: Gate;
  /** Whether each line must be looked at. */
  readonly looksAtAll: boolean;
  linesCut: number;
  /** `[from, …)` of a chunk is about to be cut. */
  begin(bytes: Buffer, from: number): void;
  /** The chunk was cut up to `end`, and will be gone. */
  finish(end: number): void;
  /** Takes one line through all steps. */
  consider(input: Input, bytes: Buffer, looked: Candidate): Left;
}

const LF = 0x0a;

const encoder = new TextEncoder();
/** Bytes of a UTF-16 code unit, at most. */
const MOST_UTF8 = 3;

const SHORTEST_REACH = 8 * 1024;
const LONGEST_REACH = 1 << 30;

/** What the stream has of a line whose newline has not come. */
type Unfinished = 'nothing' | 'carried' | 'overlong';

/**
 * One stream of a source, and the output that its lines leave by: cuts chunks into lines, and has
 * those looked at that somebody may care about.
 */
export class Input implements HeldInput {
  /** What leaves, in order. */
  readonly outflow: Leaving;
  /** Of lines that a container runtime has cut up, where there may be such. */
  pieces: Pieces | undefined;
  /** Whether there may be is told by the first line. */
  #isUntold = false;
  readonly #source: InputSource;
  readonly #engine: InputEngine;
  readonly #counts: Counts;
  readonly #maxLine: number;
  /** How the kernel is to look for frames around lines. */
  readonly #frame: number;

  /** Bytes of the chunks before the one that came last, and of that one. */
  #before = 0;
  #latest = 0;
  /** Which of all bytes of this stream stands, or would stand, at offset 0 of the bytes that are being cut. */
  #origin = 0;

  /**
   * How far the next scan goes, in bytes. As soon as something waits, other lines count than before, and again when nothing does: what was
   * scanned ahead is scanned again, or was listed in vain. So it begins with little, and goes further as long as nothing changes.
   */
  #reach = LONGEST_REACH;

  readonly #candidate: Candidate = { start: 0, newline: 0, end: 0, to: 0, hidden: false, number: 0, entry: -1 };

  #carry = Buffer.allocUnsafe(1024);
  #carried = 0;
  #unfinished: Unfinished = 'nothing';
  /** The overlong line is one of its own, not a piece of one that was counted. */
  #isCounted = true;

  constructor(source: InputSource, engine: InputEngine, outflow: Leaving) {
    this.outflow = outflow;
    this.#source = source;
    this.#engine = engine;
    this.#counts = engine.counts;
    const { maxLine, envelope = 'none', mayBeCutAnywhere = false } = engine.settings;
    this.#maxLine = maxLine;
    this.#frame = mayBeCri(envelope) ? CRI_FRAME : NO_FRAME;
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
    // Of a line that is too long, no more is kept than this.
    const most = Math.min(MOST_WORDS, this.#maxLine + 1);
    const head = Buffer.concat([this.#carry.subarray(0, Math.min(this.#carried, most)), bytes.subarray(0, most)]);
    const newline = head.indexOf(LF);
    if (newline === -1 && head.length < most) return;
    this.#isUntold = false;
    const end = newline === -1 ? head.length : newline;
    if (beginsAsDocker(head, 0, end) || criFrame(head, 0, end) !== undefined) this.#joinPieces();
  }

  /** Takes bytes that arrived at `now`, ms since 1970, and lie anywhere. */
  push(bytes: Uint8Array, now: number): void {
    for (let at = 0; at < bytes.length;) {
      const room = this.#engine.room(bytes.length - at);
      room.set(bytes.subarray(at, at + room.length));
      at += room.length;
      this.pushFilled(room.length, now);
    }
  }

  /** The same of a text, which is encoded where its bytes are to lie. */
  pushText(text: string, now: number): void {
    for (let at = 0; at < text.length;) {
      const room = this.#engine.room(MOST_UTF8 * (text.length - at));
      const { read, written } = encoder.encodeInto(text.slice(at), room);
      at += read;
      this.pushFilled(written, now);
    }
  }

  /** Takes the first `length` bytes of the engine's room, which arrived at `now`, ms since 1970. */
  pushFilled(length: number, now: number): void {
    this.#counts.bytesIn += length;
    this.#before += this.#latest;
    this.#latest = length;
    this.#origin = this.#before - CHUNK_AT;
    this.#engine.now = now;
    const end = CHUNK_AT + length;
    if (this.#isUntold) this.#tellByFirst(this.#engine.kernel.input.subarray(CHUNK_AT, end));
    if (this.#engine.copying) {
      this.#copy(end);
      return;
    }
    let from = CHUNK_AT;
    if (this.#unfinished === 'overlong') from = this.#continueOverlong(end);
    else if (this.#unfinished === 'carried') from = this.#finishCarried(end);
    if (from < end) this.#cut(from, end);
  }

  /** Writes what was passed over and kept back so far, but nothing that is held. */
  flush(): void {
    this.outflow.sendRun();
  }

  /** The lines that have come are not continued by what comes now. */
  endRecord(): void {
    this.#source.records.completeOf(this);
  }

  /** The stream is at its end: an unfinished last line is a line. */
  end(now: number): void {
    this.#engine.now = now;
    this.#endLast();
    this.pieces?.end();
    this.endRecord();
  }

  #endLast(): void {
    if (this.#unfinished === 'carried') {
      const line = this.#takeCarry(0);
      this.#origin = this.#before + this.#latest - line.length;
      this.#source.linesCut += 1;
      // A piece is counted with the line that it is one of.
      if (this.pieces?.takeAlone(line, this.offsetOf(0)) === true) return;
      this.#lookAlone(line, line.length);
    } else if (this.#unfinished === 'overlong') {
      this.#endOverlong();
    } else if (this.#engine.copying && this.outflow.isMidLine) {
      this.#count(1);
    }
  }

  /** All whole lines of `[from, end)` of the kernel's input, those that came in pieces as one; what is left over is carried to the next chunk. */
  #cut(from: number, end: number): void {
    const { pieces } = this;
    if (pieces === undefined) {
      this.#cutLines(from, end);
      return;
    }
    const { input } = this.#engine.kernel;
    let at = from;
    for (let piece = pieces.next(at, end); piece !== undefined; piece = pieces.next(at, end)) {
      if (piece.start > at) this.#cutLines(at, piece.start);
      this.#source.linesCut += 1;
      // As where its newline does not come with it.
      if (piece.end - piece.start > this.#maxLine) this.endRecord();
      pieces.take(input, piece, piece.end + 1, this.offsetOf(piece.start));
      at = piece.end + 1;
    }
    if (at < end) this.#cutLines(at, end);
  }

  /** Has a line judged whose pieces are held, as its runtime would have written it in one. */
  #lookAtJoined(outflow: Outflow, line: Buffer, at: number, place: HeldPieces): void {
    const origin = this.#origin;
    this.#origin = at;
    outflow.beginJoined(line, place);
    this.#source.begin(line, 0);
    const newline = line.at(-1) === LF ? line.length - 1 : line.length;
    const left = this.#consider(line, {
      start: 0,
      newline,
      end: line.length,
      to: line.length,
      hidden: true,
      number: this.#source.linesCut,
      entry: -1,
    });
    this.#source.finish(line.length);
    outflow.finishJoined(left === 'taken');
    this.#engine.groups.keepFolded();
    this.#origin = origin;
  }

  /** Has a line judged that does not lie in the kernel's input, and was counted in `linesCut`; it may lack its newline. */
  #lookAlone(line: Buffer, newline: number): void {
    this.#counts.linesIn += 1;
    this.#begin(line, 0);
    const { length } = line;
    this.#look(line, { start: 0, newline, end: length, to: length, hidden: true, number: this.#source.linesCut, entry: -1 });
    this.#finish(length);
  }

  #cutLines(from: number, to: number): void {
    const { kernel } = this.#engine;
    const { input, tape } = kernel;
    const { alike } = this.#engine;
    const looked = this.#candidate;
    alike.prepare(kernel, this.#engine.plan);
    this.#begin(input, from);
    const { records } = this.#source;
    let lines = 0;
    let at = from;
    for (;;) {
      while (records.isBusy && at < to) {
        const next = this.#lookAtNext(at, to, lines + 1);
        if (next === at) break;
        lines += 1;
        at = next;
      }
      if (records.isBusy) break;
      const { gate, looksAtAll } = this.#source;
      const search = looksAtAll ? undefined : kernel.scouts.searchOf(gate.tables);
      const end = Math.min(at + this.#reach, to);
      tape.scan(at, end, search, gate.slashes, this.#maxLine, this.#frame);
      this.#reach = Math.min(2 * this.#reach, LONGEST_REACH);
      alike.begin(tape.epoch);
      const { words } = tape;
      let { next, passed: passedLast, overlong } = tape;
      let listedOverlong = 0;
      for (let entry = 0, word = 0; entry < tape.count; entry += 1, word += tape.lengthOf(word)) {
        const newline = words[word + ENTRY_NEWLINE]!;
        const passed = words[word + ENTRY_PASSED]!;
        passedLast -= passed;
        this.outflow.leave(passed);
        lines += passed + 1;
        const flags = words[word + ENTRY_FLAGS]!;
        if ((flags & OVERLONG) !== 0) {
          listedOverlong += 1;
          this.outflow.leave(1);
        } else {
          looked.start = words[word + ENTRY_START]!;
          looked.newline = newline;
          looked.end = newline + 1;
          looked.to = to;
          looked.hidden = (flags & ESCAPED) !== 0;
          looked.number = this.#source.linesCut + lines;
          looked.entry = word;
          this.#look(input, looked);
        }
        this.outflow.keepBounds(newline + 1);
        const isOpen = records.isBusy;
        if (!isOpen && (search === undefined || !this.#source.looksAtAll)) continue;
        // Something waits now: lines count that were passed over.
        next = newline + 1;
        passedLast = 0;
        if (overlong > 0) overlong = this.#overlongIn(at, next) - listedOverlong;
        this.#reach = SHORTEST_REACH;
        break;
      }
      this.outflow.leave(passedLast);
      lines += passedLast;
      this.#counts.overlong += overlong + listedOverlong;
      if (looksAtAll && !this.#source.looksAtAll) this.#reach = SHORTEST_REACH;
      if (next === at && end === to) break;
      if (next === at) this.#reach = LONGEST_REACH;
      at = next;
    }
    this.#counts.linesIn += lines;
    this.#source.linesCut += lines;
    this.#finish(at);
    if (at < to) this.#carryOn(at, to);
  }

  /** Has the line at `at` looked at, as a record is open that it may go on with. Where the next begins; `at` if its newline has not come. */
  #lookAtNext(at: number, to: number, ahead: number): number {
    const { input } = this.#engine.kernel;
    const newline = this.#engine.kernel.lineEnd(at, to);
    if (newline === to) return at;
    const looked = this.#candidate;
    this.outflow.stopAt(at);
    this.#source.records.passBy(this, input, at, newline);
    if (!this.#source.records.isBusy) return at;
    if (newline - at > this.#maxLine) {
      this.endRecord();
      this.#counts.overlong += 1;
      this.outflow.leave(1);
    } else {
      looked.start = at;
      looked.newline = newline;
      looked.end = newline + 1;
      looked.to = to;
      looked.hidden = true;
      looked.number = this.#source.linesCut + ahead;
      looked.entry = -1;
      this.#look(input, looked);
    }
    this.outflow.keepBounds(newline + 1);
    return newline + 1;
  }

  /** How many of the lines in `[from, end)` of the input are longer than a line that is looked at may be. */
  #overlongIn(from: number, end: number): number {
    const { kernel } = this.#engine;
    let count = 0;
    for (let at = from, newline = from; at < end; at = newline + 1) {
      newline = kernel.lineEnd(at, end);
      if (newline - at > this.#maxLine) count += 1;
    }
    return count;
  }

  #begin(bytes: Buffer, from: number): void {
    this.outflow.begin(bytes, from);
    this.#source.begin(bytes, from);
  }

  /** All up to `end` was cut, and the bytes will be gone. */
  #finish(end: number): void {
    this.#source.finish(end);
    this.outflow.finish(end);
    this.#engine.groups.keepFolded();
  }

  /** Has a line judged. Unless it was taken, it stays in the run. */
  #look(bytes: Buffer, looked: Candidate): void {
    this.outflow.stopAt(looked.start);
    const left = this.#consider(bytes, looked);
    if (left === 'taken') this.outflow.take(looked.end);
    else if (left === 'same') this.outflow.leave(1);
  }

  #consider(bytes: Buffer, looked: Candidate): Left {
    this.#engine.lookedAt = bytes === this.#engine.kernel.input ? looked.start - CHUNK_AT : -Infinity;
    return this.#source.consider(this, bytes, looked);
  }

  /** Where the byte at `start` of the bytes that are being cut stands in all bytes of this stream, if it came in one piece. */
  offsetOf(start: number): number {
    return this.#origin + start;
  }

  /** Lets the unfinished line go, as far as it came: from now on nothing is judged. */
  copyFromNow(): void {
    this.pieces?.end();
    if (this.#unfinished !== 'carried') return;
    this.outflow.pass(this.#carry, 0, this.#carried, 0);
    this.#forgetCarry();
  }

  #copy(end: number): void {
    const { input } = this.#engine.kernel;
    const from = this.#unfinished === 'overlong' ? this.#continueOverlong(end) : CHUNK_AT;
    let lines = 0;
    for (let at = input.indexOf(LF, from); at !== -1 && at < end; at = input.indexOf(LF, at + 1)) lines += 1;
    this.#count(lines);
    if (from < end) this.outflow.pass(input, from, end, 0);
  }

  /** Counts lines that went through as they came. */
  #count(lines: number): void {
    this.#counts.linesIn += lines;
    this.#counts.unchanged += lines;
    this.#counts.linesOut += lines;
  }

  // unfinished lines

  /** Keeps `[from, end)` of the input for the next chunk. */
  #carryOn(from: number, end: number): void {
    const { input } = this.#engine.kernel;
    const length = this.#carried + end - from;
    if (length > this.#maxLine) {
      this.#startOverlong(from, end, this.#headWith(from, end));
      return;
    }
    if (length > this.#carry.length) {
      const larger = Buffer.allocUnsafe(Math.min(2 * length, this.#maxLine));
      this.#carry.copy(larger, 0, 0, this.#carried);
      this.#carry = larger;
    }
    input.copy(this.#carry, this.#carried, from, end);
    this.#carried = length;
    this.#unfinished = 'carried';
  }

  #forgetCarry(): void {
    this.#carried = 0;
    this.#unfinished = 'nothing';
  }

  /** The carried line, with room for so many bytes more. */
  #takeCarry(more: number): Buffer {
    const line = Buffer.allocUnsafe(this.#carried + more);
    this.#carry.copy(line, 0, 0, this.#carried);
    this.#forgetCarry();
    return line;
  }

  /**
   * Completes the carried line with the first bytes of the chunk that ends at `end`. Where cutting goes on: behind the line, or at its
   * beginning, if that has been put before the chunk; `end` if its newline has not come.
   */
  #finishCarried(end: number): number {
    const { kernel } = this.#engine;
    const newline = kernel.lineEnd(CHUNK_AT, end);
    if (newline === end) {
      this.#carryOn(CHUNK_AT, end);
      return end;
    }
    const carried = this.#carried;
    const more = newline - CHUNK_AT;
    if (carried + more > this.#maxLine) {
      this.#startOverlong(CHUNK_AT, CHUNK_AT, this.#headWith(CHUNK_AT, end));
      return this.#continueOverlong(end);
    }
    if (carried <= CHUNK_AT) {
      this.#carry.copy(kernel.input, CHUNK_AT - carried, 0, carried);
      this.#forgetCarry();
      return CHUNK_AT - carried;
    }
    const line = this.#takeCarry(more + 1);
    kernel.input.copy(line, carried, CHUNK_AT, newline + 1);
    const origin = this.#origin;
    this.#origin = this.#before - carried;
    this.#source.linesCut += 1;
    if (this.pieces?.takeAlone(line, this.offsetOf(0)) !== true) this.#lookAlone(line, line.length - 1);
    this.#origin = origin;
    return newline + 1;
  }

  /** The line is too long to be judged: what there is of it leaves, up to `end` of the input, and the rest as it comes. */
  #startOverlong(from: number, end: number, head: Buffer): void {
    this.#unfinished = 'overlong';
    this.endRecord();
    this.#isCounted = this.pieces?.beginOverlong(head, 0, head.length) ?? true;
    this.outflow.beginPieces();
    if (this.#carried > 0) this.outflow.pass(this.#carry, 0, this.#carried, 0);
    this.#carried = 0;
    if (end > from) this.outflow.pass(this.#engine.kernel.input, from, end, 0);
  }

  /** The first bytes, one more than a line may have, of the line that was carried and goes on at `from`. */
  #headWith(from: number, end: number): Buffer {
    const missing = this.#maxLine + 1 - this.#carried;
    const more = this.#engine.kernel.input.subarray(from, Math.min(end, from + missing));
    return Buffer.concat([this.#carry.subarray(0, this.#carried), more]);
  }

  #continueOverlong(chunkEnd: number): number {
    const { kernel } = this.#engine;
    const newline = kernel.lineEnd(CHUNK_AT, chunkEnd);
    const isEnd = newline < chunkEnd;
    const end = isEnd ? newline + 1 : chunkEnd;
    this.outflow.pass(kernel.input, CHUNK_AT, end, isEnd ? 1 : 0);
    if (isEnd) this.#endOverlong();
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
