import {
  ARRIVAL,
  domainFrom,
  namesNoDate,
  namesNoZone,
  NO_DOMAIN,
  withoutYear,
  type ClockDomain,
} from '../record/clock-domain.ts';
import { CARRIER_NAMES } from '../formats/envelope-object.ts';
import { mayBeTimed } from '../formats/text/index.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { TIME_NAMES } from '../record/names.ts';
import type { LogRecord } from '../record/record.ts';
import { isDigit } from '../record/time.ts';
import type { Zone } from '../record/zone.ts';
import type { Plan } from './plan.ts';
import { MIN_PROBE } from './probe.ts';
import { Scout } from './scout.ts';
import { hasTimers, type EngineSettings } from './settings.ts';
import type { Timed } from './timed.ts';
import { inYearNear } from './years.ts';
import { instantOfWall } from './zone.ts';

const LF = 0x0a;
const SPACE = 0x20;
const EQUALS = 0x3d;
const OPEN_OBJECT = 0x7b;

/** In live, a line that is further ahead of the clock than this has no time. ms */
const MOST_AHEAD = 60_000;

/** What of an `Engine` is needed here. */
export interface Reading {
  readonly kernel: Kernel;
  readonly plan: Plan;
  readonly settings: EngineSettings;
  readonly zone: Zone;
  readonly now: number;
  /** A record for lines that are passed over. */
  readonly passing: LogRecord;
  read(record: LogRecord, bytes: Buffer, start: number, end: number): boolean;
}

/**
 * The time of each line of one source: its own, else that of the last timed line before it. Most
 * lines are passed over unread, so the last timed one is looked for only when it is needed, from
 * behind: of most chunks a single line is read for it.
 */
export class LineTimes implements Timed {
  readonly #engine: Reading;
  #bytes: Buffer = Buffer.alloc(0);
  /** Of the last timed line up to `#known` in the bytes that are being cut. */
  #last = NaN;
  #lastDomain: ClockDomain = NO_DOMAIN;
  #known = 0;
  /** The time of the last line up to `#known` whose time names the year. */
  #dated = NaN;
  /** In replay, the time of the first line without a year while no line had one: the others are near to it. */
  #firstGuess = NaN;
  /** Of the line that `take` was given last. */
  time = NaN;
  domain: ClockDomain = NO_DOMAIN;

  constructor(engine: Reading) {
    this.#engine = engine;
  }

  begin(bytes: Buffer, from: number): void {
    this.#bytes = bytes;
    this.#known = from;
  }

  /** Finds the time of a line, which lies at `[start, end)` of the bytes that are being cut. */
  take(record: LogRecord, start: number, end: number): void {
    // What tells the year stands before it.
    if (record.yearless) this.catchUp(start);
    if (!this.#noteOwn(record)) this.catchUp(start);
    this.#settle(record.originKey, end);
  }

  #settle(origin: string, end: number): void {
    this.#known = end;
    this.time = this.#last;
    this.domain = domainFrom(this.#lastDomain, origin);
    if (!Number.isNaN(this.#last) || !hasTimers(this.#engine.settings.clock)) return;
    this.time = this.#engine.now;
    this.domain = domainFrom(ARRIVAL, origin);
  }

  /** Goes on with the time of a line that was taken before. */
  recall(time: number, domain: ClockDomain): void {
    this.time = time;
    this.domain = domain;
  }

  /** The same for a line whose own time, NaN if it has none, names year and zone. */
  takeOwn(time: number, domain: ClockDomain, start: number, end: number): void {
    if (this.#isPlausible(time)) {
      this.#last = time;
      this.#lastDomain = domain;
      this.#dated = time;
    } else {
      this.catchUp(start);
    }
    this.#settle('', end);
  }

  /** Looks, from behind, for the last timed line before `end` that is not known yet. */
  catchUp(end: number): void {
    let lineEnd = end;
    while (lineEnd > this.#known) {
      const start = this.#lineStart(lineEnd);
      const record = this.#timedAt(start, lineEnd);
      if (record?.yearless === true) {
        this.#findYear(start);
        // That has read other lines into the record.
        if (this.#noteOwn(this.#timedAt(start, lineEnd)!)) break;
      } else if (record !== undefined && this.#noteOwn(record)) {
        break;
      }
      lineEnd = start;
    }
    this.#known = Math.max(this.#known, end);
  }

  /** Looks, from behind, for what tells the year of a line at `end`: the last line that names it, or else the first that does not. */
  #findYear(end: number): void {
    const needsFirst = !this.#hasClock && Number.isNaN(this.#dated) && Number.isNaN(this.#firstGuess);
    let first = NaN;
    for (let lineEnd = end; lineEnd > this.#known;) {
      const start = this.#lineStart(lineEnd);
      const isNeeded = needsFirst || !this.#isKlog(start);
      const record = isNeeded ? this.#timedAt(start, lineEnd) : undefined;
      if (record?.yearless === true) {
        if (needsFirst) first = record.time;
      } else if (record !== undefined) {
        const time = this.#instantOf(record);
        if (this.#isPlausible(time) && !namesNoDate(record.timeDomain)) {
          this.#dated = time;
          return;
        }
      }
      lineEnd = start;
    }
    if (!Number.isNaN(first)) this.#firstGuess = first;
  }

  #lineStart(lineEnd: number): number {
    const before = lineEnd - 2 < this.#known ? -1 : this.#bytes.lastIndexOf(LF, lineEnd - 2);
    return before < this.#known ? this.#known : before + 1;
  }

  /** The line `[start, lineEnd)`, read, if it has a time of its own. */
  #timedAt(start: number, lineEnd: number): LogRecord | undefined {
    const { passing, plan, settings } = this.#engine;
    const bytes = this.#bytes;
    const end = bytes[lineEnd - 1] === LF ? lineEnd - 1 : lineEnd;
    if (end - start > settings.maxLine) return undefined;
    // What is known of text formats is worked out when a line of text asks for it: a stream of JSON starts sooner without.
    const mayBe = this.#isNamed(start, end) ? this.#namesATime(start, end) : mayBeTimed(bytes, start, end, plan.names.formats);
    if (!mayBe) return undefined;
    this.#engine.read(passing, bytes, start, end);
    return this.#hasTime(passing) ? passing : undefined;
  }

  /** Whether a time can only stand in the line `[start, end)` behind its name, or in a line within it: not so behind the words of an envelope. */
  #isNamed(start: number, end: number): boolean {
    const bytes = this.#bytes;
    if (bytes[start] === OPEN_OBJECT) return true;
    let at = start;
    while (at < end && bytes[at]! >= 0x61 && bytes[at]! <= 0x7a) at += 1;
    return at > start && at < end && bytes[at] === EQUALS;
  }

  #hasTime(record: LogRecord): boolean {
    return record.level !== -1 && !Number.isNaN(record.time);
  }

  #namesATime(start: number, end: number): boolean {
    const { kernel, plan } = this.#engine;
    if (!plan.names.isUsual || this.#bytes !== kernel.input) return true;
    timeNames ??= new Scout(TIME_TEXTS.map((text) => ({ bytes: Buffer.from(text), ignoreCase: false, need: 0 })));
    return timeNames.next(kernel, start, end) < end || mayNameATime(this.#bytes, start, end);
  }

  /** Whether the line at `start` looks like klog's: a letter, four digits, a space. Then it names no year. */
  #isKlog(start: number): boolean {
    const bytes = this.#bytes;
    // The digit behind the space tells it from words before a line.
    if (start + 6 >= bytes.length || bytes[start + 5] !== SPACE || !isDigit(bytes[start + 6]!)) return false;
    for (let at = start + 1; at < start + 5; at += 1) if (!isDigit(bytes[at]!)) return false;
    return bytes[start]! >= 0x41 && bytes[start]! <= 0x5a;
  }

  /** Takes the record's own time for the last one. False if it has none that counts. */
  #noteOwn(record: LogRecord): boolean {
    if (!this.#hasTime(record)) return false;
    const isGuess = record.yearless && Number.isNaN(this.#dated) && !this.#hasClock;
    if (isGuess && Number.isNaN(this.#firstGuess)) this.#firstGuess = record.time;
    const time = this.#instantOf(record);
    if (!this.#isPlausible(time)) return false;
    this.#last = time;
    this.#lastDomain = isGuess ? withoutYear(record.timeDomain) : record.timeDomain;
    if (!record.yearless && !namesNoDate(record.timeDomain)) this.#dated = time;
    return true;
  }

  /** The instant that a record's own time means; NaN if its zone's clocks do not tell. */
  #instantOf({ time, timeDomain, yearless }: LogRecord): number {
    if (!namesNoZone(timeDomain)) return time;
    const { zone } = this.#engine;
    return instantOfWall(zone, yearless ? inYearNear(time, this.#wallThatTellsTheYear()) : time);
  }

  /** What the zone's clocks show at the instant to which a time without a year is near. */
  #wallThatTellsTheYear(): number {
    const { now, zone } = this.#engine;
    const near = Number.isNaN(this.#dated) && this.#hasClock ? now : this.#dated;
    return Number.isNaN(near) ? this.#firstGuess : near + zone.offsetAt(near);
  }

  /** Whether the clock is the wall's. */
  get #hasClock(): boolean {
    return this.#engine.settings.clock === 'live';
  }

  /** Whether a line's own time counts: in live, the future does not. */
  #isPlausible(time: number): boolean {
    return this.#hasClock ? time <= this.#engine.now + MOST_AHEAD : !Number.isNaN(time);
  }
}

/**
 * One of these stands in every line that has a time of its own, unless in a text header, behind an escape, or in a short pair. What a
 * collector has put into an object may begin with such a header, and an object in there has its quotes behind escapes.
 */
const TIME_TEXTS = [
  ...[...TIME_NAMES, 'date'].flatMap((name) => [`"${name.split('.')[0]!}"`, `${name}=`]),
  ...CARRIER_NAMES.map((name) => `"${name}"`),
].filter((text) => text.length >= MIN_PROBE);
let timeNames: Scout | undefined;

/** Whether there is an escape that may hide a name, or the pair `t=`. */
function mayNameATime(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at += 1) {
    if (bytes[at] === 0x5c && bytes[at + 1] === 0x75) return true;
    if (bytes[at] === 0x3d && bytes[at - 1] === 0x74 && at > start) return true;
  }
  return false;
}
