import { capitalLevel, levelOfName, type Level } from '../../record/level.ts';
import { isDigit } from '../../record/time.ts';
import type { Pattern, Step } from './compile.ts';
import { isBlank, literalEnd, literalStart, skipBlanks } from './literal.ts';
import { blanksStart, isQuotedWhole, objectBefore, pairsBefore } from './tail.ts';
import { found, isWordByte, readCount, readTime } from './time.ts';

const COLON = 0x3a;
const DOT = 0x2e;
const LETTER_T = 0x54;

/** A longer part of a header is none: so each is looked for in few bytes. */
const LONGEST_PART = 1024;

/** A longer word is no level. */
const LONGEST_LEVEL = 16;

/** Where the parts of a line stand that fits a pattern. One object is filled again and again. */
export const fit = {
  starts: new Int32Array(64),
  ends: new Int32Array(64),
  level: 0 as Level,
  levelStart: 0,
  levelEnd: 0,
  /** Where the level stands once more; -1 if it does not. */
  againStart: -1,
  againEnd: -1,
  msgStart: 0,
  msgEnd: 0,
  /** Where the tail begins; `tailEnd` if there is none. */
  tailStart: 0,
  /** Where message and tail end. */
  tailEnd: 0,
};

/** What was read last at one place, by `found` and by `levelOfName`: many patterns ask for the same. */
let timeAt = -1;
let isTime = false;
let wordAt = -1;
let wordEnd = -1;
let word = '';
let wordLevel: Level | undefined;
let capitals: Level | undefined;

/** The word that was looked up last, of whatever line. */
let lastWord = '';
let lastLevel: Level | undefined;
let lastCapitals: Level | undefined;

/** Another line comes: what was read of the last one counts no more. */
export function forgetLine(): void {
  timeAt = -1;
  wordAt = -1;
}

/** Whether a time begins at `at`; `found` tells what it is. */
export function timeBegins(bytes: Uint8Array, at: number, end: number): boolean {
  if (at === timeAt) return isTime;
  timeAt = at;
  isTime = at < end && readTime(bytes, at, end);
  return isTime;
}

/** Whether the time that begins at `at` has a `T` between its date and its clock. */
export const isIso = (bytes: Uint8Array, at: number): boolean => bytes[at + 10] === LETTER_T;

/**
 * Compares what stands from `start` on with the steps of a pattern from `first` on. If it fits, `fit` tells where its parts stand, and
 * `found` its time.
 */
export function fits(pattern: Pattern, first: number, bytes: Buffer, start: number, end: number): boolean {
  fit.againStart = -1;
  let isFirst = true;
  let at = start;
  const { steps } = pattern;
  for (let i = first; i < steps.length; i += 1) {
    const step = steps[i]!;
    if (step.kind === 'literal') {
      // A level may be padded.
      at = literalEnd(step.atoms, bytes, at, end);
    } else if (step.kind === 'level') {
      at = levelEnd(pattern, step, bytes, at, end, isFirst);
      isFirst = false;
    } else {
      at = partEnd(step, bytes, at, end);
    }
    if (at === -1) return false;
  }
  return tailFits(pattern, bytes, at, end);
}

/** The same of a pattern that begins with a time and a level, which is the word at `at`: both were read already. */
export function fitsBehindLevel(pattern: Pattern, bytes: Buffer, at: number, end: number): boolean {
  const { levels, steps } = pattern;
  // A pattern that was tried before may have read a word elsewhere.
  if (at !== wordAt) readWord(bytes, at, end);
  const level = levels === undefined ? usualLevel(pattern) : levels.scale.levelOf(word);
  if (level === undefined) return false;
  const close = wordEnd;
  if (!fits(pattern, 3, bytes, steps[2]!.isPadded ? skipBlanks(bytes, close, end) : close, end)) return false;
  fit.level = level;
  fit.levelStart = at;
  fit.levelEnd = close;
  return true;
}

function partEnd({ kind, atoms, part }: Step, bytes: Uint8Array, at: number, end: number): number {
  fit.starts[part] = at;
  let close = at;
  switch (kind) {
    case 'time':
      return timeBegins(bytes, at, end) ? found.end : -1;
    case 'iso':
      return timeBegins(bytes, at, end) && isIso(bytes, at) ? found.end : -1;
    case 's':
    case 'ms':
      timeAt = -1;
      return readCount(bytes, at, end, kind) ? found.end : -1;
    case 'digits':
      while (close < end && isDigit(bytes[close]!)) close += 1;
      fit.ends[part] = close;
      return close === at ? -1 : close;
    case 'dotted':
      close = searchedEnd(kind, atoms, part, bytes, at, end);
      return close === -1 || hasInnerDot(bytes, at, fit.ends[part]!) ? close : -1;
    default:
      return searchedEnd(kind, atoms, part, bytes, at, end);
  }
}

/** Whether a dot stands between two other bytes, and no colon at the end: names of classes have one, most words of a message have none. */
function hasInnerDot(bytes: Uint8Array, start: number, end: number): boolean {
  if (end > start && bytes[end - 1] === COLON) return false;
  for (let at = start + 1; at < end - 1; at += 1) if (bytes[at] === DOT) return true;
  return false;
}

/** Bytes at which a word ends, and a path of modules. */
const WORD_ENDS = new Uint8Array(256);
const PATH_ENDS = new Uint8Array(256).fill(1);
for (let byte = 0; byte < 256; byte += 1) {
  if (isBlank(byte)) WORD_ENDS[byte] = 1;
  if (isWordByte(byte) || byte === COLON) PATH_ENDS[byte] = 0;
}

/** Goes on to where the literal begins that ends a part. Offset behind the literal, or -1. */
function searchedEnd(kind: string, atoms: readonly number[], part: number, bytes: Uint8Array, from: number, end: number): number {
  const isWord = kind !== 'any';
  const ends = kind === 'path' ? PATH_ENDS : WORD_ENDS;
  let at = from;
  if (atoms.length === 0) {
    while (at < end && (!isWord || ends[bytes[at]!] === 0)) at += 1;
    fit.ends[part] = at;
    return isWord && at === from ? -1 : at;
  }
  const first = atoms[0]!;
  const limit = Math.min(end, from + LONGEST_PART);
  if (first < 0) {
    // Blanks end a word; another part goes on behind blanks that do not end it.
    for (;;) {
      while (at < limit && WORD_ENDS[bytes[at]!] === 0) {
        if (isWord && ends[bytes[at]!] === 1) return -1;
        at += 1;
      }
      const behind = (isWord && at === from) || (at === limit && limit < end) ? -1 : literalEnd(atoms, bytes, at, end);
      fit.ends[part] = at;
      if (behind !== -1 || isWord || at === limit) return behind;
      at = skipBlanks(bytes, at, limit);
    }
  }
  for (; at < limit; at += 1) {
    const byte = bytes[at]!;
    if (byte === first && (!isWord || at > from)) {
      const behind = literalEnd(atoms, bytes, at, end);
      if (behind !== -1) {
        fit.ends[part] = at;
        return behind;
      }
    }
    if (isWord && ends[byte] === 1) return -1;
  }
  return -1;
}

/** Offset behind a level, and the blanks that pad it. */
function levelEnd(pattern: Pattern, { isPadded }: Step, bytes: Buffer, from: number, end: number, isFirst: boolean): number {
  const at = skipBlanks(bytes, from, end);
  const level = pattern.levels === undefined ? levelOfWord(pattern, bytes, at, end) : ownLevel(pattern, bytes, at, end);
  if (level === undefined) return -1;
  const close = wordEnd;
  if (isFirst) {
    fit.level = level;
    fit.levelStart = at;
    fit.levelEnd = close;
  } else {
    if (level !== fit.level) return -1;
    fit.againStart = at;
    fit.againEnd = close;
  }
  return isPadded ? skipBlanks(bytes, close, end) : close;
}

function levelOfWord(pattern: Pattern, bytes: Buffer, at: number, end: number): Level | undefined {
  if (at !== wordAt) readWord(bytes, at, end);
  return usualLevel(pattern);
}

/** The level that the word means to a pattern without words of its own. */
function usualLevel({ capitals: inCapitals, plain }: Pattern): Level | undefined {
  if (inCapitals) return capitals;
  return plain && capitalLevel(word.toUpperCase()) === undefined ? undefined : wordLevel;
}

/** Offset behind the word at `at`, which may be a level; `at` if it can be none. */
export function wordBehind(bytes: Buffer, at: number, end: number): number {
  if (at !== wordAt) readWord(bytes, at, end);
  return wordEnd;
}

/** Whether the word at `at` is a level's name, or its letters are one of `own`. */
export function isLevelWord(own: ReadonlySet<string>, bytes: Buffer, at: number, end: number): boolean {
  let close = at;
  while (close < end && isLetter(bytes[close]!)) close += 1;
  if (close === at) return false;
  if (close - at <= LONGEST_LEVEL && own.has(bytes.latin1Slice(at, close))) return true;
  if (at !== wordAt) readWord(bytes, at, end);
  return wordLevel !== undefined;
}

/** Keeps the word at `at`: letters, digits behind them (`DEBUG2`), or a distance (`WARN+2`). */
function readWord(bytes: Buffer, at: number, end: number): void {
  wordAt = at;
  wordEnd = at;
  word = '';
  wordLevel = undefined;
  capitals = undefined;
  let close = at;
  const limit = Math.min(end, at + LONGEST_LEVEL);
  while (close < limit && isLetter(bytes[close]!)) close += 1;
  if (close === at) return;
  const sign = bytes[close]!;
  if (close + 1 < end && (sign === 0x2b || sign === 0x2d) && isDigit(bytes[close + 1]!)) close += 1;
  while (close < end && isDigit(bytes[close]!)) close += 1;
  if (close < end && isWordByte(bytes[close]!)) return;
  wordEnd = close;
  // Most lines have the level of the one before.
  if (!isSpelled(lastWord, bytes, at, close)) {
    lastWord = bytes.latin1Slice(at, close);
    lastLevel = levelOfName(lastWord);
    lastCapitals = lastLevel === undefined ? undefined : capitalLevel(lastWord);
  }
  word = lastWord;
  wordLevel = lastLevel;
  capitals = lastCapitals;
}

function isSpelled(text: string, bytes: Uint8Array, start: number, end: number): boolean {
  if (text.length !== end - start) return false;
  for (let i = 0; i < text.length; i += 1) if (text.charCodeAt(i) !== bytes[start + i]) return false;
  return true;
}

const isLetter = (byte: number): boolean => (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a;

function ownLevel({ levels }: Pattern, bytes: Uint8Array, at: number, end: number): Level | undefined {
  wordAt = -1;
  for (const { text, bytes: wanted } of levels!.words) {
    const close = at + wanted.length;
    if (close > end || bytes[at] !== wanted[0]) continue;
    let i = 1;
    while (i < wanted.length && bytes[at + i] === wanted[i]) i += 1;
    if (i < wanted.length || (close < end && isLetter(bytes[close]!) && isLetter(bytes[close - 1]!))) continue;
    wordEnd = close;
    return levels!.scale.levelOf(text);
  }
  return undefined;
}

function tailFits(pattern: Pattern, bytes: Uint8Array, at: number, lineEnd: number): boolean {
  const { hasMsg, tail } = pattern;
  fit.msgStart = at;
  fit.msgEnd = at;
  fit.tailStart = at;
  fit.tailEnd = at;
  if (!hasMsg && tail === undefined) return skipBlanks(bytes, at, lineEnd) === lineEnd;
  const end = suffixStart(pattern, bytes, at, lineEnd);
  if (end === -1) return false;
  fit.msgEnd = end;
  fit.tailStart = end;
  fit.tailEnd = end;
  if (tail === undefined) return !pattern.isQuoted || isQuotedWhole(bytes, at, end);
  const tailStart = tail === 'pairs' ? pairsBefore(bytes, at, end) : objectBefore(bytes, at, blanksStart(bytes, at, end));
  if (tailStart === -1 || tailStart === end) {
    if (pattern.needsTail) return false;
    return !pattern.isQuoted || isQuotedWhole(bytes, at, blanksStart(bytes, at, end));
  }
  fit.tailStart = tailStart;
  if (!hasMsg) return tailStart === at;
  if (tailStart === at) {
    if (pattern.isQuoted) return false;
    fit.msgEnd = end;
    return true;
  }
  let msgEnd = blanksStart(bytes, at, tailStart);
  if (pattern.between.length > 0) {
    msgEnd = literalStart(pattern.between, bytes, at, tailStart);
    if (msgEnd === -1) {
      // No tail stands behind another text.
      if (pattern.needsTail) return false;
      fit.tailStart = end;
      return !pattern.isQuoted || isQuotedWhole(bytes, at, end);
    }
  }
  if (pattern.isQuoted && !isQuotedWhole(bytes, at, msgEnd)) return false;
  fit.msgEnd = msgEnd;
  return true;
}

/** Where what is written behind the message begins; -1 if something else stands there. */
function suffixStart({ suffix }: Pattern, bytes: Uint8Array, from: number, lineEnd: number): number {
  let at = lineEnd;
  for (const { kind, atoms, part } of suffix) {
    if (kind === 'literal') {
      at = literalStart(atoms, bytes, from, at);
    } else {
      fit.ends[part] = at;
      at = searchedStart(kind, atoms, part, bytes, from, at);
    }
    if (at === -1) return -1;
  }
  return at;
}

function searchedStart(
  kind: string,
  atoms: readonly number[],
  part: number,
  bytes: Uint8Array,
  from: number,
  end: number,
): number {
  const limit = Math.max(from, end - LONGEST_PART);
  for (let at = end; at >= limit; at -= 1) {
    const start = at === end ? -1 : literalStart(atoms, bytes, from, at);
    if (start !== -1) {
      fit.starts[part] = at;
      return start;
    }
    if (at === from) return -1;
    const byte = bytes[at - 1]!;
    if (kind !== 'any' && isBlank(byte)) return -1;
    if (kind === 'digits' && !isDigit(byte)) return -1;
  }
  return -1;
}
