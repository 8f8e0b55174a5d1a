import type { Kernel } from '../../kernel/kernel.ts';
import type { Level } from '../../record/level.ts';
import type { LogRecord } from '../../record/record.ts';
import type { TextFormat } from '../../record/text-format.ts';
import { LOGFMT_ESCAPED, MISSING, QUOTED, UNQUOTED } from '../../record/value.ts';
import { readTailObject } from '../json.ts';
import { colourEnd } from '../colour.ts';
import { compileFormat, beginsWithWord, nextBytes, openingOf, type Pattern } from './compile.ts';
import { fit, fits, fitsBehindLevel, forgetLine, isIso, isLevelWord, timeBegins, wordBehind } from './fit.ts';
import { skipBlanks } from './literal.ts';
import { noteEnd, NOTE } from './note.ts';
import { blanksStart, hasBackslash, isQuotedWhole, pairs } from './tail.ts';
import { found } from './time.ts';
import { countEnds, type CountEnds } from './time-shape.ts';
import { View } from './view.ts';

const OPEN = 0x5b;
const ESCAPE = 0x1b;

/** Blanks and what `readTime` reads: digits, and the first letters of days and months. */
const TIME_BEGINS: ReadonlySet<number> = new Set(Buffer.from('\t 0123456789ADFJMNOSTWadfjmnostw'));

/** What `NOTE` ends with, and how much stands before that. */
const NOTE_END = '.rule=';
const NOTE_START = NOTE.length - NOTE_END.length;

const QUOTE = 0x22;
const OPEN_VALUE = 0x3c;

/** Patterns by the byte that tells them apart. */
type Table = (Pattern[] | undefined)[];

const newTable = (): Table => new Array<Pattern[] | undefined>(256).fill(undefined);

const view = new View();

/**
 * Reads lines that begin with the header of a text logger, by formats that are data. Which patterns are tried depends on what a line
 * begins with: a time and the byte behind it, a time in brackets and the byte behind it, or another byte.
 */
export class TextReader {
  readonly #formats: readonly TextFormat[];
  /** Made when the first line comes that may have a header. */
  #made: ReturnType<typeof tablesOf> | undefined;

  constructor(formats: readonly TextFormat[]) {
    this.#formats = formats;
  }

  get #tables(): ReturnType<typeof tablesOf> {
    return (this.#made ??= tablesOf(this.#formats.flatMap(compileFormat)));
  }

  /** Bytes that may stand behind a bare number which is a time. */
  get countEnds(): CountEnds {
    return this.#tables.counts;
  }

  /** Whether a line with this first byte may be one of these formats. Colours may stand before the rest, and blanks before a time. */
  mayBegin(byte: number): boolean {
    const { timed, bracketed, other } = this.#tables;
    if (byte === ESCAPE || other[byte] !== undefined) return true;
    if (byte === OPEN) return bracketed.some((patterns) => patterns !== undefined);
    return TIME_BEGINS.has(byte) && timed.some((patterns) => patterns !== undefined);
  }

  /** False if no format fits the line; what is then known of it is unspecified. */
  read(kernel: Kernel, record: LogRecord): boolean {
    const { bytes, start, end } = record;
    const text = bytes.latin1Slice(start, end);
    const from = noteIn(text);
    const cutStart = from === -1 ? end : start + from;
    const cutEnd = from === -1 ? end : noteEnd(bytes, cutStart, end);
    // Without colours, and with nothing behind an annotation, the line is its own view.
    const isPlain = cutEnd === end && !text.includes('\x1b[');
    if (!isPlain) view.take(bytes, start, end, cutStart, cutEnd);
    const seen = isPlain ? undefined : view;
    const pattern = isPlain ? this.#patternOf(bytes, start, cutStart) : this.#patternOf(view.bytes, 0, view.end);
    if (pattern === undefined || !fill(kernel, record, pattern, isPlain ? bytes : view.bytes, seen)) return false;
    if (isPlain) record.header = pattern;
    if (from === -1) return true;
    record.annotated = true;
    // An edit puts it behind message and tail, or before a pair that is open; elsewhere in the midst of them it is another's.
    const isAmong = seen !== undefined && fit.tailEnd > fit.msgStart && seen.endOf(fit.tailEnd, fit.msgStart) > cutStart;
    if (isAmong && record.annotateAt !== cutEnd) return true;
    record.noteStart = cutStart;
    record.noteEnd = cutEnd;
    return true;
  }

  /**
   * The level that a line is read with which is the one of `record` but for the word of its level, and for an annotation `[note, end)` at its
   * end; -1 if it may be read otherwise than `record` was. It costs less than to read it, and says the same.
   */
  levelAlike(record: LogRecord, bytes: Buffer, note: number, end: number): Level | -1 {
    const { header, msgSlot, headAgain, manner } = record;
    if (header === undefined || headAgain !== -1 || manner !== 'pairs' || record.annotateAt !== record.end) return -1;
    if (noteEnd(bytes, note, end) !== end || this.#patternOf(bytes, 0, note) !== header) return -1;
    const { tail, hasLevel, hasMsg } = header as Pattern; // nobody else sets it
    if (!hasLevel || !hasMsg || msgSlot === -1 || (tail === 'json' && fit.tailStart < fit.tailEnd)) return -1;
    // Level and message do not overlap: what has the same place, seen from the end, is the same text.
    const inner = note - fit.msgEnd === record.end - record.ends[msgSlot]! ? 0 : 1;
    const isSame =
      note - fit.msgEnd + inner === record.end - record.ends[msgSlot]! &&
      note - fit.msgStart - inner === record.end - record.starts[msgSlot]!;
    return isSame ? fit.level : -1;
  }

  /** The first pattern that fits; `fit` and `found` tell how. */
  #patternOf(bytes: Buffer, start: number, end: number): Pattern | undefined {
    const { timed, bracketed, other, wordless, words } = this.#tables;
    forgetLine();
    const first = skipBlanks(bytes, start, end);
    if (first === end) return undefined;
    if (timeBegins(bytes, first, end)) {
      const next = skipBlanks(bytes, found.end, end);
      const pattern = firstTimed(timed[bytes[next]!], bytes, first, next, end);
      if (pattern !== undefined) return pattern;
    }
    // Only a time may stand apart from the margin: other lines that do go on with the one before.
    if (first > start) return undefined;
    if (bytes[first] === OPEN && timeBegins(bytes, first + 1, end)) {
      const pattern = firstOf(bracketed[bytes[skipBlanks(bytes, found.end, end)]!], 2, bytes, found.end, end);
      if (pattern !== undefined) return pattern;
    }
    // Most patterns begin with a level, and most lines that begin with a word do not.
    const patterns = isLevelWord(words, bytes, first, end) ? other : wordless;
    return firstOf(patterns[bytes[first]!], 0, bytes, first, end);
  }
}

/** The first that fits from its step `first` on. */
function firstOf(
  patterns: readonly Pattern[] | undefined,
  first: number,
  bytes: Buffer,
  start: number,
  end: number,
): Pattern | undefined {
  if (patterns === undefined) return undefined;
  for (let i = 0; i < patterns.length; i += 1) if (fits(patterns[i]!, first, bytes, start, end)) return patterns[i];
  return undefined;
}

/** The same for lines that begin with a time. Most patterns differ in what stands behind the level, which is the word at `next`. */
function firstTimed(
  patterns: readonly Pattern[] | undefined,
  bytes: Buffer,
  first: number,
  next: number,
  end: number,
): Pattern | undefined {
  if (patterns === undefined) return undefined;
  const start = found.end;
  const behind = bytes[skipBlanks(bytes, wordBehind(bytes, next, end), end)]!;
  for (let i = 0; i < patterns.length; i += 1) {
    const pattern = patterns[i]!;
    const { behindLevel } = pattern;
    if (pattern.isIso && !isIso(bytes, first)) continue;
    if (behindLevel === undefined) {
      if (fits(pattern, 1, bytes, start, end)) return pattern;
    } else if (behindLevel[behind] === 1 && fitsBehindLevel(pattern, bytes, next, end)) {
      return pattern;
    }
  }
  return undefined;
}

function tablesOf(patterns: readonly Pattern[]) {
  const tables = {
    timed: newTable(),
    bracketed: newTable(),
    other: newTable(),
    /** Those of `other` that do not begin with a level. */
    wordless: newTable(),
    /** What those that do take for levels besides the usual names. */
    words: new Set<string>(),
    counts: countEnds(patterns),
  };
  for (const pattern of patterns) {
    const opening = openingOf(pattern);
    const [table, from] =
      opening === 'time' ? [tables.timed, 1] : opening === 'bracket' ? [tables.bracketed, 2] : [tables.other, 0];
    const isWorded = beginsWithWord(pattern);
    if (isWorded) for (const { text } of pattern.levels?.words ?? []) tables.words.add(text);
    nextBytes(pattern, from).forEach((can, byte) => {
      if (can !== 1) return;
      (table[byte] ??= []).push(pattern);
      if (opening === 'other' && !isWorded) (tables.wordless[byte] ??= []).push(pattern);
    });
  }
  return tables;
}

/** Where the first annotation begins, or -1. To look for its dot costs less than for its blank, of which there are many. */
function noteIn(text: string): number {
  let at = -1;
  do {
    at = text.indexOf(NOTE_END, at + 1);
  } while (at !== -1 && !text.startsWith(NOTE, at - NOTE_START));
  return at === -1 ? -1 : at - NOTE_START;
}

/** Keeps what `fit` tells, of a line or of its view. */
function fill(kernel: Kernel, record: LogRecord, pattern: Pattern, bytes: Buffer, seen: View | undefined): boolean {
  const { names } = record;
  const start = (offset: number): number => (seen === undefined ? offset : seen.startOf(offset));
  const stop = (offset: number, from: number): number => (seen === undefined ? offset : seen.endOf(offset, from));
  const levelSlot = names.levels[0]!.slot;
  const msgSlot = names.msg[0]!;
  record.format = pattern.format;
  record.loose = true;
  if (pattern.hasTime) {
    record.setTime(found.instant, pattern.writer.writer, found.zone, pattern.writer.name);
    record.yearless = found.yearless;
  }

  if (pattern.tail === 'json' && fit.tailStart < fit.tailEnd) {
    if (!readTailObject(kernel, record, start(fit.tailStart), stop(fit.tailEnd, fit.tailStart))) {
      if (pattern.needsTail) return false;
      // It only looked like an object: the message goes on to the end.
      fit.msgEnd = fit.tailEnd;
    }
  }
  if (pattern.hasLevel) record.kinds[levelSlot] = MISSING;
  if (pattern.hasMsg) record.kinds[msgSlot] = MISSING;

  if (pattern.boundTo !== names) bind(pattern, record);
  for (let i = 0; i < pattern.slots.length; i += 1) {
    const slot = pattern.slots[i]!;
    if (slot === -1) continue;
    const { part } = pattern.names[i]!;
    // Names are padded in brackets, too.
    const from = skipBlanks(bytes, fit.starts[part]!, fit.ends[part]!);
    record.set(slot, UNQUOTED, start(from), stop(blanksStart(bytes, from, fit.ends[part]!), from));
  }
  if (pattern.tail === 'pairs' && fit.tailStart < fit.tailEnd) fillPairs(record, pattern, bytes, start, stop);

  if (pattern.hasMsg) {
    const isQuoted = pattern.isQuoted || (pattern.tail !== undefined && isQuotedWhole(bytes, fit.msgStart, fit.msgEnd));
    const inner = isQuoted ? 1 : 0;
    const from = fit.msgStart + inner;
    const to = fit.msgEnd - inner;
    const kind = !isQuoted ? UNQUOTED : hasBackslash(bytes, from, to) ? LOGFMT_ESCAPED : QUOTED;
    record.msgSlot = msgSlot;
    record.set(msgSlot, kind, start(from), stop(to, from));
  }
  const tailEnd = stop(fit.tailEnd, fit.msgStart);
  if (record.manner === 'pairs' && pattern.suffix.length > 0) record.annotateAt = colourEnd(record.bytes, tailEnd, record.end);
  const open = pattern.tail === 'pairs' ? openPairStart(bytes) : -1;
  if (open !== -1) record.annotateAt = start(open) - 1;
  if (!pattern.hasLevel) {
    record.msgAgain = pattern.hasMsg;
    return record.settle();
  }
  if (!pattern.hasMsg) record.msgSlot = record.find(names.msg);
  record.annotated ||= record.find(names.annotation) !== -1;
  return fillLevel(record, pattern, start, stop);
}

/** Where the last pair begins, if its value is one that the lines behind go on with: klog's `err=<`. -1 if it is not. */
function openPairStart(bytes: Buffer): number {
  if (fit.tailStart >= fit.tailEnd || pairs.count === 0) return -1;
  const [key, from, to] = [pairs.keyStarts[0]!, pairs.valueStarts[0]!, pairs.valueEnds[0]!];
  return to === fit.tailEnd && to - from === 1 && bytes[from] === OPEN_VALUE ? key : -1;
}

type Place = (offset: number) => number;
type End = (offset: number, from: number) => number;

function fillLevel(record: LogRecord, pattern: Pattern, start: Place, stop: End): boolean {
  const { levelStart, levelEnd, againStart, againEnd } = fit;
  const [from, to] = [start(levelStart), stop(levelEnd, levelStart)];
  // A colour in the midst of a word is none that a program writes.
  if (to - from !== levelEnd - levelStart) return false;
  record.level = fit.level;
  record.levelSlot = record.names.levels[0]!.slot;
  record.headWords = pattern.levels?.scale;
  record.headed = true;
  record.set(record.levelSlot, UNQUOTED, from, to);
  if (againStart === -1) return true;
  record.headAgain = start(againStart);
  record.headAgainEnd = stop(againEnd, againStart);
  return record.headAgainEnd - record.headAgain === againEnd - againStart;
}

/** Finds where a record of these names keeps the parts. */
function bind(pattern: Pattern, { names }: LogRecord): void {
  pattern.boundTo = names;
  pattern.slots = pattern.names.map(({ name }) => names.top.findText(name)?.slot ?? -1);
}

/** Pairs, the first of a name first. Parts of the header, its level and its message go before pairs of their names. */
function fillPairs(record: LogRecord, { hasLevel, hasMsg }: Pattern, bytes: Buffer, start: Place, stop: End): void {
  const { kinds, names } = record;
  const levelSlot = hasLevel ? names.levels[0]!.slot : -1;
  const msgSlot = hasMsg ? names.msg[0]! : -1;
  const tail = start(fit.tailStart);
  for (let i = pairs.count - 1; i >= 0; i -= 1) {
    const inner = bytes[pairs.keyEnds[i]! - 1] === QUOTE ? 1 : 0;
    const slot = names.top.find(bytes, pairs.keyStarts[i]! + inner, pairs.keyEnds[i]! - inner)?.slot ?? -1;
    if (slot === -1 || slot === levelSlot || slot === msgSlot) continue;
    let from = pairs.valueStarts[i]!;
    let to = pairs.valueEnds[i]!;
    let kind = UNQUOTED;
    if (to > from && bytes[from] === QUOTE) {
      from += 1;
      to -= 1;
      kind = hasBackslash(bytes, from, to) ? LOGFMT_ESCAPED : QUOTED;
    }
    if (kinds[slot] === MISSING) record.set(slot, kind, start(from), stop(to, from));
    else if (record.starts[slot]! >= tail) record.again(slot, kind, start(from), stop(to, from));
  }
}
