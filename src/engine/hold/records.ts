import { Continuation, isUnread, mayContinue, unreadEnd } from '../../formats/continuation.ts';
import { criFrame, isFramedAlone } from '../../formats/envelope-frame.ts';
import { headOf, streamOf, type Head } from '../../formats/head.ts';
import type { ClockDomain } from '../../record/clock-domain.ts';
import type { LogRecord } from '../../record/record.ts';
import type { Lying } from '../candidate.ts';
import type { Counts } from '../counts.ts';
import { hasTimers, RECORD_LINES, type EngineSettings } from '../settings.ts';
import type { Timed } from '../timed.ts';
import type { HeldRecord, LinePlace } from './hold.ts';
import type { HeldInput, Holding } from './leaving.ts';

const LF = 0x0a;
const CR = 0x0d;

/** So many lines of other streams are passed over to see whether the next line of the own one goes on; behind more, that is waited for. */
const MOST_BETWEEN = 16;

/** What of an `Engine` is needed here. */
export interface RecordsEngine {
  readonly counts: Counts;
  readonly settings: EngineSettings;
  readonly now: number;
  /** A record for lines behind the one that is looked at. */
  readonly behind: LogRecord;
  read(record: LogRecord, bytes: Buffer, start: number, end: number): boolean;
  nextSeq(): number;
  addDue(kept: Kept): void;
}

/** What becomes of what is held here: it is judged and let go, or let go as it came. */
export interface OnKept {
  readonly complete: (kept: Kept) => void;
  readonly giveUp: (kept: Kept) => void;
}

/** A line, or a record, that is held until its turn comes to be judged. */
export interface Kept {
  readonly kind: 'record';
  readonly records: Records;
  readonly seq: number;
  /** When it waits no longer for lines that go on with it. */
  due: number;
  /** Where it stands in the heap of what is due; -1: it does not. */
  dueAt: number;
  /** It is to be ended by its `due`. */
  open: boolean;
  readonly input: HeldInput;
  readonly number: number;
  /** Where it begins, in all bytes of its stream. */
  readonly at: number;
  readonly time: number;
  readonly domain: ClockDomain;
  /** When it came, by the clock. */
  readonly arrival: number;
  place: HeldRecord;
}

/** A record of which more lines may come. */
interface OpenRecord extends Kept {
  readonly head: Head;
  readonly continuation: Continuation;
  readonly rest: LinePlace[];
  readonly texts: string[];
  /** What `Records` had counted when it began. */
  readonly fromLines: number;
  readonly fromBytes: number;
  /** An empty line that came last: the next line tells whether it goes on with the record. */
  blank: Kept | undefined;
}

/**
 * Records of several lines, of one source: a head that a rule wants, and the lines of the same container, stream and output that go on
 * with it. A record is held until all of its lines have come; and so is what comes meanwhile, for each is judged in its turn.
 */
export class Records {
  readonly #engine: RecordsEngine;
  readonly #source: Holding;
  readonly #onKept: OnKept;
  /** In order of arrival. */
  readonly #kept: Kept[] = [];
  readonly #open: OpenRecord[] = [];
  /** What came, all in all, while something was held here. */
  #lines = 0;
  #bytes = 0;
  #isJudging = false;

  constructor(engine: RecordsEngine, source: Holding, onKept: OnKept) {
    this.#engine = engine;
    this.#source = source;
    this.#onKept = onKept;
  }

  /** Whether `take` must be asked about each line. */
  get isBusy(): boolean {
    return this.#kept.length > 0;
  }

  /** The record that has been open the longest. */
  get oldest(): Kept | undefined {
    return this.#open[0];
  }

  /** Where the first line that is held begins, in all bytes of its stream; Infinity if none is. */
  get firstAt(): number {
    let first = Infinity;
    for (const { at } of this.#kept) if (at < first) first = at;
    return first;
  }

  /** Whether lines may go on with one, as far as the bytes tell that have come. `record`: the line, read; of one without, only indented lines may. */
  mayGoOn(bytes: Buffer, { newline, end, to }: Lying, record: LogRecord | undefined): boolean {
    if (end >= to) return newline < end;
    if (record?.envelope !== undefined) return this.#mayGoOnInside(bytes, end, to, record);
    const isIndented = record?.headed !== true;
    if (!mayContinue(bytes[end]!, isIndented)) return false;
    const next = bytes.indexOf(LF, end);
    if (next === -1 || next >= to) return true;
    probe.begin(isIndented);
    return probe.fits(bytes, end, textEnd(bytes, end, next));
  }

  /** The same for a line that something stands around. */
  #mayGoOnInside(bytes: Buffer, from: number, to: number, head: LogRecord): boolean {
    const stream = streamOf(head);
    const isFramed = isFramedAlone(head.envelope!);
    let start = from;
    // The next line of its stream tells; others may stand between the two.
    for (let looked = 0; looked < MOST_BETWEEN; looked += 1) {
      const end = bytes.indexOf(LF, start);
      if (end === -1 || end >= to || end - start > this.#engine.settings.maxLine) return true;
      const frame = isFramed ? criFrame(bytes, start, end) : undefined;
      const isOther = frame !== undefined && frame.stream !== head.envelope!.origin.stream;
      if (frame?.isLast === true && !isOther && !mayContinue(bytes[frame.textStart]!, !head.headed)) return false;
      if (!isOther) {
        const { behind } = this.#engine;
        this.#engine.read(behind, bytes, start, end);
        if (streamOf(behind) === stream) {
          probe.begin(!head.headed);
          return isUnread(behind) && probe.fits(behind.bytes, behind.start, unreadEnd(behind));
        }
        if (stream === undefined) return false;
      }
      start = end + 1;
    }
    return true;
  }

  /** Holds the head of a record: the line that is being looked at. False if it is too long, or if there is no room: then it is to be judged at once. */
  begin(input: HeldInput, line: Lying, timed: Timed, head: Head): boolean {
    const { settings, now } = this.#engine;
    const length = line.end - line.start;
    if (length > settings.maxRecord || !this.hasRoom(input, length)) return false;
    const continuation = new Continuation();
    continuation.begin(!head.isHeaded);
    const due = hasTimers(settings.clock) ? now + settings.recordWait : Infinity;
    const record: OpenRecord = {
      ...this.#keep(input, line, timed, due),
      head,
      continuation,
      rest: [],
      texts: [],
      fromLines: this.#lines,
      fromBytes: this.#bytes,
      blank: undefined,
    };
    this.#count(length);
    this.#kept.push(record);
    this.#open.push(record);
    this.#engine.addDue(record);
    return true;
  }

  /**
   * Takes a line that comes while something is held here; `record`: the line, read. False if nothing is any more: then it is to be looked at as
   * any other. `wantsTail`: whether a rule wants it as a head, asked while the line is still in its record.
   */
  take(input: HeldInput, line: Lying, timed: Timed, record: LogRecord, wantsTail: () => boolean): boolean {
    const length = line.end - line.start;
    const head = headOf(record);
    const open = this.#open.find((each) => each.input === input && [undefined, head.stream].includes(each.head.stream));
    if (open !== undefined) {
      if (goesOn(open, record)) {
        if (this.#append(open, input, line, record)) return true;
      } else if (this.#holdBlank(open, input, line, timed, record)) {
        return true;
      }
    }
    const isWanted = this.#open.some((each) => each !== open) && wantsTail();
    if (open !== undefined) this.complete(open);
    while (this.#open.length > 0 && this.#isTooLong(this.#open[0]!, length)) this.#cut(this.#open[0]!);
    if (this.isBusy && !this.hasRoom(input, length)) this.completeAll();
    if (!this.isBusy) return false;
    const { bytes } = record.envelope ?? record;
    if (isWanted && this.mayGoOn(bytes, line, record) && this.begin(input, line, timed, head)) return true;
    this.#count(length);
    this.#kept.push(this.#keep(input, line, timed, Infinity));
    return true;
  }

  /** Judges what is held here if the line `[start, end)` shows by its bytes alone that it goes on with none. So most lines behind a chunk's end need no look. */
  passBy(input: HeldInput, bytes: Buffer, start: number, end: number): void {
    this.judge();
    const [open] = this.#open;
    if (open === undefined || this.#kept.length > 1 || open.input !== input || open.head.isWrapped) return;
    const to = textEnd(bytes, start, end);
    if ((start === to && open.continuation.maySkip) || open.continuation.fits(bytes, start, to)) return;
    this.complete(open);
  }

  /** No more lines go on with it. */
  complete(record: Kept): void {
    const at = this.#open.indexOf(record as OpenRecord); // others are found nowhere
    if (at !== -1) this.#close(at);
    record.open = false;
    this.judge();
  }

  completeAll(): void {
    while (this.#open.length > 0) this.#close(0);
    this.judge();
  }

  /** The stream is at its end, or nothing more of it can be looked at for now. */
  completeOf(input: HeldInput): void {
    for (const record of this.#open.filter((each) => each.input === input)) this.complete(record);
  }

  /** Room is needed: lets a record go as it came, unjudged. */
  giveUp(record: Kept): void {
    const at = this.#open.indexOf(record as OpenRecord);
    this.#close(at);
    this.#kept.splice(this.#kept.indexOf(record), 1);
    this.#onKept.giveUp(record);
    // Whoever needs the room is in the midst of judging another line.
    const [next] = this.#kept;
    if (next === undefined || next.open || !hasTimers(this.#engine.settings.clock)) return;
    next.due = this.#engine.now;
    next.open = true;
    this.#engine.addDue(next);
  }

  /** Judges what waits no longer for a record before it. */
  judge(): void {
    if (this.#isJudging) return;
    this.#isJudging = true;
    while (this.#kept.length > 0 && this.#kept[0] !== this.#open[0]) {
      const kept = this.#kept.shift()!;
      kept.open = false;
      this.#onKept.complete(kept);
    }
    this.#isJudging = false;
    if (this.#kept.length > 0) return;
    this.#lines = 0;
    this.#bytes = 0;
  }

  #close(at: number): void {
    const [record] = this.#open.splice(at, 1);
    const { rest, texts, place } = record!;
    record!.open = false;
    if (rest.length === 0) return;
    record!.place = { ...place, rest, tail: texts.join('\n') };
    const { counts } = this.#engine;
    counts.records += 1;
    counts.recordLines += 1 + rest.length;
  }

  /** Ends a record before all of its lines have come. */
  #cut(record: OpenRecord): void {
    record.place = { ...record.place, isCut: true };
    this.complete(record);
  }

  #append(open: OpenRecord, input: HeldInput, line: Lying, record: LogRecord): boolean {
    const length = line.end - line.start;
    if (this.#isTooLong(open, length) || !this.hasRoom(input, length)) {
      open.place = { ...open.place, isCut: true };
      return false;
    }
    const { blank } = open;
    if (blank !== undefined) {
      this.#kept.splice(this.#kept.indexOf(blank), 1);
      open.rest.push(blank.place.head);
      open.texts.push('');
      open.blank = undefined;
    }
    open.rest.push(input.outflow.hold(line.start, line.end));
    open.texts.push(record.bytes.utf8Slice(record.start, unreadEnd(record)));
    this.#count(length);
    return true;
  }

  /** Holds an empty line that may stand in a record. */
  #holdBlank(open: OpenRecord, input: HeldInput, line: Lying, timed: Timed, record: LogRecord): boolean {
    const isEmpty = isUnread(record) && record.start === unreadEnd(record);
    if (!isEmpty || !open.continuation.maySkip || open.blank !== undefined || !isOfStream(open, record)) return false;
    const length = line.end - line.start;
    if (this.#isTooLong(open, length) || !this.hasRoom(input, length)) return false;
    this.#count(length);
    open.blank = this.#keep(input, line, timed, Infinity);
    this.#kept.push(open.blank);
    return true;
  }

  #keep(input: HeldInput, { start, end, number }: Lying, { time, domain }: Timed, due: number): Kept {
    return {
      kind: 'record',
      records: this,
      seq: this.#engine.nextSeq(),
      due,
      dueAt: -1,
      open: due < Infinity,
      input,
      number,
      at: input.offsetOf(start),
      time,
      domain,
      arrival: this.#engine.now,
      place: { head: input.outflow.hold(start, end), rest: [], tail: '', isCut: false },
    };
  }

  #count(length: number): void {
    this.#lines += 1;
    this.#bytes += length;
  }

  /** Whether a record would be too long with a line of this length, with all that came between its lines. */
  #isTooLong({ fromLines, fromBytes }: OpenRecord, length: number): boolean {
    return this.#lines - fromLines >= RECORD_LINES || this.#bytes - fromBytes + length > this.#engine.settings.maxRecord;
  }

  /** Nobody is driven out for it: whether a line is held here depends on how its stream was cut. */
  hasRoom(input: HeldInput, length: number): boolean {
    input.outflow.sendRun();
    return this.#source.hasRoom(1, length);
  }
}

const isOfStream = ({ head }: OpenRecord, record: LogRecord): boolean =>
  head.stream === streamOf(record) && (head.isWrapped || record.envelope === undefined);

function goesOn(open: OpenRecord, record: LogRecord): boolean {
  if (!isUnread(record) || !isOfStream(open, record)) return false;
  const { continuation, blank } = open;
  const { bytes, start } = record;
  const end = unreadEnd(record);
  return blank === undefined ? continuation.takes(bytes, start, end) : continuation.takesBehindEmpty(bytes, start, end);
}

/** Without the CR of a CRLF. */
const textEnd = (bytes: Buffer, start: number, newline: number): number =>
  newline > start && bytes[newline - 1] === CR ? newline - 1 : newline;

const probe = new Continuation();
