import { isLent, lend } from '../formats/kernel/kernel.ts';
import { countLinesByKernel, lineStartByKernel, newlineByKernel, overlongByKernel } from '../formats/kernel/search.ts';
import type { Counts } from './counts.ts';
import type { Engine } from './engine.ts';
import { HoldQueue, type Held, type Outlet } from './hold.ts';
import type { Sink } from './settings.ts';
import type { Candidate, Source } from './source.ts';

const LF = 0x0a;
const NEWLINE = Buffer.from('\n');

/** What the stream has of a line whose newline has not come. */
type Unfinished = 'nothing' | 'carried' | 'overlong';

/**
 * One stream of a source, and the output that its lines leave by: cuts chunks into lines, sends
 * those that nobody cares about on as they are, in runs as long as they come, and keeps what
 * leaves in order.
 */
export class Input {
  readonly #source: Source;
  readonly #engine: Engine;
  readonly #outlet: Outlet;
  readonly #counts: Counts;
  readonly #queue: HoldQueue;
  readonly #maxLine: number;

  /** The bytes that are being cut, and which of them are passed over and not yet sent on. */
  #bytes: Buffer = NEWLINE;
  #runStart = 0;
  #runEnd = 0;
  #runLines = 0;
  /** Bytes of the chunks before the one that came last, and of that one. */
  #before = 0;
  #latest = 0;

  readonly #candidate: Candidate = { start: 0, first: 0, newline: 0, end: 0, escaped: false };

  #carry: Buffer;
  #carried = 0;
  #unfinished: Unfinished = 'nothing';
  /** The last byte that left was no newline. */
  #midLine = false;
  /** Lines of our own making that came due in the middle of a line that is too long to be held. */
  #deferred: Buffer[] = [];

  constructor(source: Source, engine: Engine, sink: Sink) {
    this.#source = source;
    this.#engine = engine;
    this.#counts = engine.counts;
    this.#maxLine = engine.settings.maxLine;
    this.#carry = Buffer.allocUnsafe(1024);
    const write = (bytes: Uint8Array, start: number, end: number): void => {
      if (start === end) return;
      this.#counts.bytesOut += end - start;
      this.#midLine = bytes[end - 1] !== LF;
      sink.write(bytes, start, end);
    };
    const writeLine = (line: Buffer): void => {
      if (this.#midLine && line.length > 0) write(NEWLINE, 0, 1);
      write(line, 0, line.length);
    };
    this.#outlet = { write, writeLine };
    this.#queue = new HoldQueue(this.#outlet);
  }

  /** Takes a chunk that arrived at `now`, ms since 1970. The bytes are only lent. */
  push(chunk: Uint8Array, now: number): void {
    const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
    this.#counts.bytesIn += bytes.length;
    this.#before += this.#latest;
    this.#latest = bytes.length;
    this.#engine.now = now;
    if (this.#engine.copying) {
      this.#copy(bytes);
      return;
    }
    let from = 0;
    if (this.#unfinished === 'overlong') from = this.#continueOverlong(bytes);
    else if (this.#unfinished === 'carried') from = this.#finishCarried(bytes);
    if (from < bytes.length) this.#cut(bytes, from);
  }

  /** The stream is at its end: an unfinished last line is a line. */
  end(now: number): void {
    this.#engine.now = now;
    if (this.#unfinished === 'carried') {
      this.#counts.linesIn += 1;
      const line = Buffer.from(this.#carry.subarray(0, this.#carried));
      this.#forgetCarry();
      this.#begin(line, 0);
      this.#look(0, 0, line.length, line.length, true);
      this.#finish(line.length);
    } else if (this.#unfinished === 'overlong') {
      this.#endOverlong();
    } else if (this.#engine.copying && this.#midLine) {
      this.#count(1);
    }
  }

  /** All whole lines of `bytes` from `from` on; what is left over is carried to the next chunk. */
  #cut(bytes: Buffer, from: number): void {
    const { length } = bytes;
    this.#begin(bytes, from);
    let at = from;
    let lines = 0;
    let { gate } = this.#source;
    let candidate = -1;
    let escape = -1;
    for (;;) {
      if (this.#source.isIdle && isLent(bytes)) {
        if (candidate < at) candidate = gate.next(bytes, at, length);
        if (escape < at) escape = gate.nextEscape(bytes, at, length);
        const next = lineStartByKernel(at, Math.min(candidate, escape));
        lines += this.#passOver(at, next);
        at = next;
      }
      const newline = isLent(bytes) ? newlineByKernel(at, length) : indexOfNewline(bytes, at);
      if (newline === length) break;
      lines += 1;
      if (newline - at > this.#maxLine) {
        this.#counts.overlong += 1;
        this.#runLines += 1;
      } else {
        if (candidate < at) candidate = gate.next(bytes, at, length);
        if (escape < at) escape = gate.nextEscape(bytes, at, length);
        const escaped = escape < newline;
        if (candidate < newline || escaped || this.#source.mustLook(bytes, at, newline)) {
          this.#look(at, candidate < newline ? candidate : at, newline, newline + 1, escaped);
          if (this.#source.gate !== gate) {
            ({ gate } = this.#source);
            candidate = -1;
            escape = -1;
          }
        } else {
          this.#runLines += 1;
        }
      }
      at = newline + 1;
      if (!this.#queue.isEmpty) this.#keepBounds(at);
    }
    this.#counts.linesIn += lines;
    this.#finish(at);
    if (at < length) this.#carryOn(bytes, at);
  }

  /** Leaves the lines of `[from, to)` in the run: nobody asks for them. Gives their number. */
  #passOver(from: number, to: number): number {
    if (to === from) return 0;
    const lines = countLinesByKernel(from, to, this.#maxLine);
    this.#runLines += lines;
    this.#counts.overlong += overlongByKernel();
    return lines;
  }

  #begin(bytes: Buffer, from: number): void {
    this.#bytes = bytes;
    this.#runStart = from;
    this.#runLines = 0;
    this.#source.begin(bytes, from);
    lend(bytes);
  }

  /** Sends the run on, up to `end`, and lets go of the bytes. */
  #finish(end: number): void {
    this.#runEnd = end;
    this.#source.finish(end);
    this.sendRun();
    this.#engine.groups.keepFolded();
    lend(undefined);
    this.#bytes = NEWLINE;
    this.#runStart = 0;
    this.#runEnd = 0;
  }

  /** Has the line `[start, newline)` judged; `end` lies behind its newline. Unless it was taken, it stays in the run. */
  #look(start: number, first: number, newline: number, end: number, escaped: boolean): void {
    const looked = this.#candidate;
    looked.start = start;
    looked.first = first;
    looked.newline = newline;
    looked.end = end;
    looked.escaped = escaped;
    this.#runEnd = start;
    const taken = this.#source.consider(this, this.#bytes, looked);
    if (taken) {
      this.sendRun();
      this.#runStart = end;
    } else {
      this.#runLines += 1;
    }
  }

  /** Sends the run on as soon as the queue would be full with it: how a chunk was cut must not decide who is let go. */
  #keepBounds(end: number): void {
    if (this.#engine.hasRoom(this.#runLines, end - this.#runStart)) return;
    this.#runEnd = end;
    this.sendRun();
  }

  /** Sends on what was passed over before the line that is being looked at. */
  sendRun(): void {
    const start = this.#runStart;
    const end = this.#runEnd;
    if (end > start) this.#pass(this.#bytes, start, end, this.#runLines);
    this.#counts.unchanged += this.#runLines;
    this.#counts.linesOut += this.#runLines;
    this.#runLines = 0;
    this.#runStart = end;
  }

  /** Sends the bytes of the input on, behind all that is held. */
  #pass(bytes: Buffer, start: number, end: number, lines: number): void {
    // A part longer than the whole queue may be, let alone with what is in it, releases all.
    if (!this.#queue.isEmpty) this.#engine.makeRoom(this.#source, lines, end - start);
    if (this.#queue.isEmpty) {
      this.#outlet.write(bytes, start, end);
      return;
    }
    this.#engine.heldLines += lines;
    this.#engine.heldBytes += end - start;
    this.#queue.pass(bytes, start, end, lines);
  }

  /** Writes a line of our own making before the line that is being looked at, after all that came earlier. */
  emit(line: Buffer): void {
    this.sendRun();
    this.#write(line);
  }

  #write(line: Buffer): void {
    if (this.#unfinished === 'overlong') {
      this.#deferred.push(line);
      return;
    }
    if (!this.#queue.isEmpty) this.#engine.makeRoom(this.#source, 1, line.length);
    if (this.#queue.isEmpty) {
      this.#outlet.writeLine(line);
      return;
    }
    this.#engine.heldLines += 1;
    this.#engine.heldBytes += line.length;
    this.#queue.insert(line);
  }

  /** Takes the line that is being looked at out of the run: it waits. In strict order, what comes behind it waits too. */
  hold(start: number, end: number): Held | Buffer {
    this.sendRun();
    this.#engine.heldLines += 1;
    this.#engine.heldBytes += end - start;
    if (this.#engine.settings.order === 'relaxed') return Buffer.from(this.#bytes.subarray(start, end));
    return this.#queue.hold(this.#bytes, start, end);
  }

  /** The bytes of a line that waits; good until something is next held or let go. */
  bytesOf(held: Held | Buffer): Buffer {
    return Buffer.isBuffer(held) ? held : this.#queue.bytesOf(held);
  }

  /** Ends the wait of a line: it leaves as `instead`, or as it came. */
  letGo(held: Held | Buffer, instead: Buffer | undefined): void {
    if (Buffer.isBuffer(held)) {
      this.#engine.heldLines -= 1;
      this.#engine.heldBytes -= held.length;
      this.sendRun();
      this.#write(instead ?? held);
      return;
    }
    const lines = this.#queue.lines;
    const size = this.#queue.size;
    this.#queue.settle(held, instead);
    this.#engine.heldLines += this.#queue.lines - lines;
    this.#engine.heldBytes += this.#queue.size - size;
  }

  /** Where the byte at `start` of the chunk stands in all bytes of this stream, where chunks hold whole lines. */
  offsetOf(start: number): number {
    return this.#before + start;
  }

  /** Whether anything of this stream is in the queue. */
  get holds(): boolean {
    return !this.#queue.isEmpty;
  }

  /** Lets the unfinished line go, as far as it came: from now on nothing is judged. */
  copyFromNow(): void {
    if (this.#unfinished !== 'carried') return;
    this.#pass(this.#carry, 0, this.#carried, 0);
    this.#forgetCarry();
  }

  #copy(bytes: Buffer): void {
    let from = 0;
    if (this.#unfinished === 'overlong') from = this.#continueOverlong(bytes);
    let lines = 0;
    for (let at = bytes.indexOf(LF, from); at !== -1; at = bytes.indexOf(LF, at + 1)) lines += 1;
    this.#count(lines);
    if (from === bytes.length) return;
    this.#outlet.write(bytes, from, bytes.length);
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
      this.#startOverlong(bytes, from);
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

  /** Completes the carried line with the head of `bytes`. Offset behind its newline, or the chunk's length. */
  #finishCarried(bytes: Buffer): number {
    const newline = bytes.indexOf(LF);
    if (newline === -1) {
      this.#carryOn(bytes, 0);
      return bytes.length;
    }
    const length = this.#carried + newline;
    if (length > this.#maxLine) {
      this.#startOverlong(bytes.subarray(0, 0), 0);
      return this.#continueOverlong(bytes);
    }
    const line = Buffer.allocUnsafe(length + 1);
    this.#carry.copy(line, 0, 0, this.#carried);
    bytes.copy(line, this.#carried, 0, newline + 1);
    this.#forgetCarry();
    this.#cut(line, 0);
    return newline + 1;
  }

  /** The line is too long to be judged: what there is of it leaves, and the rest as it comes. */
  #startOverlong(bytes: Buffer, from: number): void {
    this.#unfinished = 'overlong';
    if (this.#carried > 0) this.#pass(this.#carry, 0, this.#carried, 0);
    this.#carried = 0;
    if (bytes.length > from) this.#pass(bytes, from, bytes.length, 0);
  }

  #continueOverlong(bytes: Buffer): number {
    const newline = bytes.indexOf(LF);
    const end = newline === -1 ? bytes.length : newline + 1;
    this.#pass(bytes, 0, end, newline === -1 ? 0 : 1);
    if (newline !== -1) this.#endOverlong();
    return end;
  }

  #endOverlong(): void {
    this.#unfinished = 'nothing';
    this.#count(1);
    this.#counts.overlong += 1;
    const deferred = this.#deferred;
    this.#deferred = [];
    for (const line of deferred) this.#write(line);
  }
}

/** Offset of the newline at or after `from`, or the length. */
function indexOfNewline(bytes: Buffer, from: number): number {
  const at = bytes.indexOf(LF, from);
  return at === -1 ? bytes.length : at;
}
