import { ownOf, type Lent } from '../../formats/draft.ts';
import type { Counts } from '../counts.ts';
import { linesAt, type Held, type HeldPlace } from './hold.ts';
import { NOTHING, type Holding, type Leaving } from './leaving.ts';
import type { EngineSettings } from '../settings.ts';

/** Takes lines that leave one by one. */
export interface LineSink<Line> {
  /** A line as it came: the same value. */
  same(line: Line): void;
  /** A line that takes its place, or a summary, newline included; `like` is the line for which it leaves now. */
  made(bytes: Buffer, like: Line): void;
}

/** What of an `Engine` is needed here. */
interface LineOutflowEngine {
  readonly counts: Counts;
  readonly settings: EngineSettings;
}

/** The source that the lines are of. */
interface LineSource extends Holding {
  linesCut: number;
}

/** A line in the queue; `bytes` are its own, for a line that waits. */
interface HeldLine<Line> extends Held {
  readonly line: Line;
  readonly bytes: Buffer | undefined;
  readonly size: number;
}

/**
 * What leaves by one output, in order, where lines come one by one, each with a value that stands for it: it is that value which
 * leaves. Does for them what `Outflow` does for runs of bytes.
 */
export class LineOutflow<Line> implements Leaving {
  readonly #source: LineSource;
  readonly #engine: LineOutflowEngine;
  readonly #counts: Counts;
  readonly #sink: LineSink<Line>;
  /** In order; those before `#first` have left. */
  #queue: HeldLine<Line>[] = [];
  #first = 0;
  #line!: Line;
  #size = 0;
  /** Its bytes, and where they begin in those that it came in. */
  #bytes: Buffer = NO_BYTES;
  #from = 0;
  /** The line has come and nobody has taken it. */
  #passing = false;
  /** What is being judged, and what leaves before it. */
  #judged: HeldPlace | undefined;
  #before: HeldLine<Line> | undefined;

  constructor(source: LineSource, engine: LineOutflowEngine, sink: LineSink<Line>) {
    this.#source = source;
    this.#engine = engine;
    this.#counts = engine.counts;
    this.#sink = sink;
  }

  /** The next bytes, as many, a line with its newline, are those of `line`. */
  expect(line: Line, size: number): void {
    this.#line = line;
    this.#size = size;
  }

  /** Sends a line on, behind all that is held, without a look at it. */
  passUnseen(line: Line, size: number): void {
    this.#counts.linesIn += 1;
    this.#source.linesCut += 1;
    this.#counts.bytesIn += size;
    this.expect(line, size);
    this.#send(size);
  }

  get holds(): boolean {
    return this.#first < this.#queue.length;
  }

  /** No line comes in pieces. */
  get gaps(): readonly number[] {
    return [];
  }

  get isMidLine(): boolean {
    return false;
  }

  begin(bytes: Buffer, from: number): void {
    this.#bytes = bytes.subarray(from, from + this.#size);
    this.#from = from;
  }

  stopAt(): void {}

  leave(lines: number): void {
    if (lines > 0) this.#passing = true;
  }

  take(): void {
    this.#passing = false;
  }

  keepBounds(): void {
    this.sendRun();
  }

  finish(): void {
    this.sendRun();
    this.#bytes = NO_BYTES;
  }

  /** A line leaves by itself. */
  edit(): false {
    return false;
  }

  cut(): false {
    return false;
  }

  sendRun(): void {
    if (this.#passing) this.#send(this.#bytes.length);
    this.#passing = false;
  }

  /** Nothing is judged any more; what is passed is the whole line, and counted already. */
  pass(): void {
    this.#enqueue(undefined, this.#size);
  }

  // No line is longer than may be judged.
  beginPieces(): void {}
  endPieces(): void {}

  emit(line: Lent): void {
    this.sendRun();
    if (this.#before === undefined) this.#enqueue(ownOf(line), line.end);
    else this.#insertBefore(this.#before, ownOf(line));
  }

  #insertBefore(before: HeldLine<Line>, instead: Buffer): void {
    const { line } = before;
    const settled = { line, bytes: undefined, size: 0, start: 0, end: 0, lines: 1, waiting: false, instead };
    if (before !== this.#queue[this.#first]) this.#source.makeRoom(1, instead.length);
    if (before === this.#queue[this.#first]) return this.#write(settled);
    this.#source.weigh(1, instead.length);
    this.#queue.splice(this.#queue.lastIndexOf(before), 0, settled);
  }

  beginJudged(place: HeldPlace): void {
    const first = ('head' in place ? place.head : place) as HeldLine<Line>; // only `hold` makes them
    this.#before = this.#engine.settings.order === 'strict' ? first : undefined;
    this.#judged = place;
    this.#source.weigh(-linesAt(place), -this.sizeOf(place));
  }

  keep(): void {
    const place = this.#judged;
    this.#judged = undefined;
    if (place !== undefined) this.#source.weigh(linesAt(place), this.sizeOf(place));
  }

  endJudged(): void {
    this.keep();
    this.#before = undefined;
  }

  emitSummary(line: Lent): void {
    this.emit(line);
  }

  hold(start: number, end: number): HeldLine<Line> {
    this.sendRun();
    const size = end - start;
    this.#source.weigh(1, size);
    const bytes = Buffer.from(this.#bytes.subarray(start - this.#from, end - this.#from));
    const held = { line: this.#line, bytes, size, start: 0, end: size, lines: 1, waiting: true, instead: undefined };
    if (this.#engine.settings.order === 'strict') this.#queue.push(held);
    return held;
  }

  bytesOf(held: HeldPlace): Buffer {
    if ('head' in held) return Buffer.concat([held.head, ...held.rest].map((line) => this.bytesOf(line)));
    return (held as HeldLine<Line>).bytes!;
  }

  lengthOf(held: HeldPlace): number {
    return (('head' in held ? held.head : held) as HeldLine<Line>).size;
  }

  sizeOf(held: HeldPlace): number {
    if (!('head' in held)) return this.lengthOf(held);
    return held.rest.reduce((sum, line) => sum + this.lengthOf(line), this.lengthOf(held.head));
  }

  letGo(from: HeldPlace, lent: Lent | undefined): void {
    if (from === this.#judged) this.keep();
    if ('head' in from) {
      this.letGo(from.head, lent);
      for (const line of from.rest) this.letGo(line, lent === NOTHING ? NOTHING : undefined);
      return;
    }
    const instead = lent && ownOf(lent);
    const held = from as HeldLine<Line>; // only `hold` makes them
    held.waiting = false;
    held.instead = instead;
    if (this.#engine.settings.order === 'relaxed') {
      this.#source.weigh(-1, -held.size);
      this.sendRun();
      this.#enqueueAs(held.line, instead, instead?.length ?? held.size);
      return;
    }
    if (instead !== undefined) this.#source.weigh(0, instead.length);
    if (held === this.#queue[this.#first]) this.#drain();
  }

  #send(size: number): void {
    this.#counts.unchanged += 1;
    this.#counts.linesOut += 1;
    this.#enqueue(undefined, size);
  }

  #enqueue(instead: Buffer | undefined, size: number): void {
    this.#enqueueAs(this.#line, instead, size);
  }

  #enqueueAs(line: Line, instead: Buffer | undefined, size: number): void {
    const own = instead?.length ?? 0;
    const settled = { line, bytes: undefined, size: size - own, start: 0, end: 0, lines: 1, waiting: false, instead };
    if (this.holds) this.#source.makeRoom(1, size);
    if (!this.holds) return this.#write(settled);
    this.#source.weigh(1, size);
    this.#queue.push(settled);
  }

  #drain(): void {
    const queue = this.#queue;
    while (this.#first < queue.length && !queue[this.#first]!.waiting) {
      const held = queue[this.#first]!;
      this.#first += 1;
      this.#source.weigh(-1, -(held.size + (held.instead?.length ?? 0)));
      this.#write(held);
    }
    if (!this.holds || (this.#first > 1024 && this.#first * 2 > queue.length)) {
      this.#queue = queue.slice(this.#first);
      this.#first = 0;
    }
  }

  #write({ line, size, instead }: HeldLine<Line>): void {
    if (instead?.length === 0) return;
    this.#counts.bytesOut += instead?.length ?? size;
    if (instead === undefined) this.#sink.same(line);
    else this.#sink.made(instead, line);
  }
}

const NO_BYTES = Buffer.alloc(0);
