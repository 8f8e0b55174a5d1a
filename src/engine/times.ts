import { glance, type Glance } from '../formats/glance.ts';
import type { LogRecord } from '../record/record.ts';
import type { Engine } from './engine.ts';
import { Scout } from './scout.ts';

const LF = 0x0a;

/** In live, a line that is further ahead of the clock than this has no time. ms */
export const MOST_AHEAD = 60_000;

/** One of these stands in every line that has a time of its own, unless in a text header or behind an escape. */
const TIME_NAMES = ['time', 'ts"', 'ts=', '@t"', '@t='];
let timeNames: Scout | undefined;

const glanced: Glance = { level: -1, time: NaN };

function namesATime(bytes: Buffer, start: number, end: number): boolean {
  // Most do at the usual place: then there need be no search.
  glance(bytes, start, end, glanced);
  if (!Number.isNaN(glanced.time)) return true;
  timeNames ??= new Scout(TIME_NAMES.map((text) => ({ bytes: Buffer.from(text), ignoreCase: false, need: 0 })));
  return timeNames.next(bytes, start, end) < end || hasEscape(bytes, start, end);
}

/**
 * The time of each line of one source: its own, else that of the last timed line before it. Most
 * lines are passed over unread, so the last timed one is looked for only when it is needed, from
 * behind: no line is read twice for it, and of most chunks a single one.
 */
export class LineTimes {
  readonly #engine: Engine;
  #bytes: Buffer = Buffer.alloc(0);
  /** The last time up to `#known` in the bytes that are being cut. */
  #last = NaN;
  #known = 0;
  /** All times so far came from headers without a year, of which nothing told the year. */
  #guessed = false;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  begin(bytes: Buffer, from: number): void {
    this.#bytes = bytes;
    this.#known = from;
  }

  /** Notes that the line which ends at `end` has this time. */
  note(time: number, end: number): void {
    this.#last = time;
    this.#known = end;
  }

  /** The time of a line, NaN where nothing tells. It lies at `[start, end)` of the bytes that are being cut. */
  of(record: LogRecord, start: number, end: number): number {
    const own = record.level === -1 ? NaN : this.#own(record);
    if (!Number.isNaN(own)) {
      this.note(own, end);
      return own;
    }
    this.catchUp(start);
    this.#known = end;
    if (!Number.isNaN(this.#last)) return this.#last;
    return this.#engine.settings.clock === 'replay' ? NaN : this.#engine.now;
  }

  /** Whether a time that was only glanced at is what `of` would say. */
  isSure(time: number): boolean {
    return !this.#guessed && this.#isPlausible(time);
  }

  /** Whether the year of all times so far is a guess. */
  get isGuessed(): boolean {
    return this.#guessed;
  }

  /** Whether a line's own time counts: in live, the future does not. */
  #isPlausible(time: number): boolean {
    return this.#engine.settings.clock !== 'live' || time <= this.#engine.now + MOST_AHEAD;
  }

  /** Whether the line is the first with a year after some whose year was a guess. */
  isNewCalendar(record: LogRecord): boolean {
    return (
      this.#guessed && record.level !== -1 && !record.yearless && !Number.isNaN(record.time) && this.#isPlausible(record.time)
    );
  }

  /** Looks, from behind, for the last timed line before `end` that is not known yet. */
  catchUp(end: number): void {
    const bytes = this.#bytes;
    let lineEnd = end;
    while (lineEnd > this.#known) {
      const before = lineEnd - 2 < this.#known ? -1 : bytes.lastIndexOf(LF, lineEnd - 2);
      const start = before < this.#known ? this.#known : before + 1;
      const time = this.#timeAt(start, bytes[lineEnd - 1] === LF ? lineEnd - 1 : lineEnd);
      if (!Number.isNaN(time)) {
        this.#last = time;
        break;
      }
      lineEnd = start;
    }
    this.#known = Math.max(this.#known, end);
  }

  #timeAt(start: number, end: number): number {
    const { passing, settings } = this.#engine;
    const bytes = this.#bytes;
    if (end - start > settings.maxLine) return NaN;
    const first = bytes[start]!;
    const named = first === 0x7b || (first >= 0x61 && first <= 0x7a);
    if (named && !namesATime(bytes, start, end)) return NaN;
    this.#engine.read(passing, bytes, start, end);
    return passing.level === -1 ? NaN : this.#own(passing);
  }

  #own(record: LogRecord): number {
    let { time } = record;
    if (Number.isNaN(time)) return NaN;
    if (record.yearless) {
      const near = this.#near();
      if (Number.isNaN(near)) this.#guessed = true;
      else time = inYearNear(time, near);
    } else {
      this.#guessed = false;
    }
    return this.#isPlausible(time) ? time : NaN;
  }

  /** What tells the year of a header that names none: the last timed line, in live the clock. */
  #near(): number {
    if (!Number.isNaN(this.#last)) return this.#last;
    return this.#engine.settings.clock === 'live' ? this.#engine.now : NaN;
  }
}

/** The instant of the same day and time in the year that brings it nearest to `near`. */
function inYearNear(instant: number, near: number): number {
  const date = new Date(instant);
  const year = new Date(near).getUTCFullYear();
  let best = instant;
  let distance = Infinity;
  for (const candidate of [year - 1, year, year + 1]) {
    const moved = new Date(date);
    moved.setUTCFullYear(candidate);
    const time = moved.getTime() + (instant - date.getTime());
    if (Math.abs(time - near) < distance) {
      distance = Math.abs(time - near);
      best = time;
    }
  }
  return best;
}

function hasEscape(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at += 1) if (bytes[at] === 0x5c && bytes[at + 1] === 0x75) return true;
  return false;
}
