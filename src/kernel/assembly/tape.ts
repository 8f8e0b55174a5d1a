// The tape: what the caller gets to know of each line that somebody may care about.
import { alikeOf, epoch, forgetAlikes, NOT_NOW } from './alike.ts';
import { declareArray } from './bounds.ts';
import { noted, notes, reading } from './found.ts';
import { textStart } from './frame.ts';
import { hashOf } from './hash.ts';
import { line, readPlainJson, scanLine } from './json.ts';
import { readLogfmt } from './logfmt.ts';
import { Char, input, Run } from './memory.ts';
import { nextEscape, passed, passOver } from './pass.ts';
import {
  findLooseShape,
  findShape,
  forgetAllShapes,
  isKeepable,
  keepShape,
  newlineByShape,
  oldestShape,
  shapeAt,
  shapeOf,
  varyingInLine,
  vary,
} from './shape.ts';
import {
  CRI_FRAME,
  ENTRY_ALIKE,
  ENTRY_FLAGS,
  ENTRY_NEWLINE,
  ENTRY_PASSED,
  ENTRY_START,
  ENTRY_TEXT,
  ENTRY_WORDS,
  ESCAPED,
  FRAMED,
  MOST_PARTS,
  MOST_SHAPES,
  OVERLONG,
  PAIRS,
  PLAIN,
  SHAPE_SHIFT,
  SHAPED,
  TAPE_WORDS,
} from '../layout.ts';

const tape = changetype<Run<i32>>(memory.data(4 * TAPE_WORDS, 64));
declareArray(changetype<usize>(tape), 4 * TAPE_WORDS);

/** What a scan tells, see `layout.ts`; and behind it what it needs itself. */
@unmanaged
@final
class Scanned {
  count: i32;
  next: i32;
  words: i32;
  epoch: i32;
  passed: i32;
  overlong: i32;
  lines: i32;

  newline: i32; // of the line that is looked at
  text: i32; // where its text begins
  shape: i32; // its shape, or -1
  scan: u32; // the number of this scan
  line: u32; // the number of this line, over all scans
  misses: i32; // how many lines had no shape, of late
}
const scanned = changetype<Scanned>(memory.data(52, 16));
declareArray(changetype<usize>(scanned), 52);

/** Lines are listed without a search behind such as were found one right behind the other; at most as many. */
const MOST_UNSEARCHED = 64;

// If few lines have a shape that is known, most of the search for one is wasted. `misses` goes up by one for each line without a
// shape, and down by eight for others: beyond so many, only a few shapes are tried, but for one line in sixteen.
const MOST_MISSES = 512;
const MANY_MISSES = 400;
const HIT = 8;
const FEW_SHAPES = 2;
const SAMPLES: u32 = 16;
/** A shape gives way to another one if as many lines had others since. */
const OLD: u32 = 64;

/** Hashes of shapes that were met but not kept: only one that comes again is. */
const MET = 256;
const met = changetype<Run<u32>>(memory.data(4 * MET, 16));
declareArray(changetype<usize>(met), 4 * MET);

const enum Fate {
  LISTED,
  UNFINISHED,
  /** It would change what entries of this tape refer to. */
  NOT_NOW,
}

function miss(): void {
  if (scanned.misses < MOST_MISSES) scanned.misses++;
}

function hit(): void {
  scanned.misses = max(scanned.misses - HIT, 0);
}

/** Whether an entry of this tape refers to the shape. */
function isReferredTo(which: i32): bool {
  return scanned.count != 0 && shapeOf(which).lastScan == scanned.scan;
}

/** Finds the newline of the line at `start`, and its shape, if it has one. Flags of the line, or a fate as a negative number. */
function look(start: i32, end: i32, longest: i32, slashes: bool, spans: Run<i32>): i32 {
  const at = scanned.text;
  const isTried = scanned.misses <= MANY_MISSES || scanned.line % SAMPLES == 0;
  const tries = isTried ? MOST_SHAPES : FEW_SHAPES;
  scanned.shape = findShape(at, end, tries, spans);
  if (scanned.shape != -1) {
    scanned.newline = newlineByShape();
    hit();
    if (scanned.newline - start > longest) {
      scanned.shape = -1;
      return OVERLONG;
    }
    return PLAIN;
  }

  const newline = scanLine(at, end);
  if (newline == end) return -Fate.UNFINISHED;
  scanned.newline = newline;
  if (newline - start > longest) return OVERLONG;
  if (!line.isPlain) {
    if (isTried) miss();
    return nextEscape(at, newline, slashes) < newline ? ESCAPED : 0;
  }
  if (!isTried) return PLAIN;
  const textEnd = newline > at && input[newline - 1] == Char.RETURN ? newline - 1 : newline;
  const which = findLooseShape(at, textEnd, tries, spans);
  if (which != -1) {
    const shape = shapeOf(which);
    const varying = varyingInLine();
    if (varying != shape.varying) {
      if (isReferredTo(which)) return -Fate.NOT_NOW;
      vary(shape, varying, shape.dropped);
    }
    scanned.shape = which;
    hit();
    return PLAIN;
  }
  miss();
  return keep(at, textEnd) ? PLAIN : -Fate.NOT_NOW;
}

/** Of all that lines of one shape have in common, if nothing else does: what lies between the values that may vary. */
function hashOfShape(at: i32, end: i32): u32 {
  let hash: u64 = notes.count;
  for (let i = 0; i < notes.count; i++) {
    const value = noted[i];
    hash = hashOf(input.at(at), value.start - at, hash);
    at = value.end;
  }
  return <u32>hashOf(input.at(at), end - at, hash);
}

/** Whether a shape was met before that is not known; now it is met. */
function wasMet(hash: u32): bool {
  const place = <i32>(hash % MET);
  const was = met[place] == hash;
  met[place] = hash;
  return was;
}

/** Keeps the shape of the plain line in [at, end), if it can have one. False if that must wait. */
function keep(at: i32, end: i32): bool {
  const first = end > at ? input[at] : 0;
  const isPairs = <u32>first - Char.LETTER_A < 26;
  if (first != Char.BRACE && !isPairs) return true;
  const answer = isPairs ? readLogfmt(at, end) : readPlainJson(at, end);
  if (answer < 0 || reading.ambiguous || !isKeepable(at, end)) return true;
  const place = oldestShape();
  const oldest = shapeAt(place);
  if (shapeOf(oldest).serial) {
    if (!wasMet(hashOfShape(at, end)) || scanned.line - shapeOf(oldest).lastLine < OLD) return true;
    if (isReferredTo(oldest)) return false;
  }
  scanned.shape = keepShape(at, end, place);
  const shape = shapeOf(scanned.shape);
  shape.pairs = i32(isPairs);
  shape.brace = isPairs ? 0 : end - answer;
  return true;
}

/** Writes an entry for the line at `at`. */
function list(at: i32, end: i32, longest: i32, slashes: bool, frame: i32, passedBefore: i32): Fate {
  const base = scanned.words;
  const spans = changetype<Run<i32>>(tape.at(base + ENTRY_WORDS));
  scanned.text = frame == CRI_FRAME ? textStart(at, end) : at;
  let flags = look(at, end, longest, slashes, spans);
  if (flags < 0) return -flags;
  if (scanned.text != at) flags |= FRAMED;
  let alike = -1;
  let words = ENTRY_WORDS;
  if (scanned.shape != -1) {
    const shape = shapeOf(scanned.shape);
    alike = alikeOf(shape, spans, !isReferredTo(scanned.shape), scanned.count == 0);
    if (alike == NOT_NOW) return Fate.NOT_NOW;
    shape.lastScan = scanned.scan;
    shape.lastLine = scanned.line;
    flags |= SHAPED | (shape.pairs ? PAIRS : 0) | (scanned.shape << SHAPE_SHIFT);
    words += 2 * <i32>popcnt(shape.varying);
  }
  tape[base + ENTRY_START] = at;
  tape[base + ENTRY_NEWLINE] = scanned.newline;
  tape[base + ENTRY_PASSED] = passedBefore;
  tape[base + ENTRY_FLAGS] = flags;
  tape[base + ENTRY_ALIKE] = alike;
  tape[base + ENTRY_TEXT] = scanned.text;
  scanned.words = base + words;
  scanned.count++;
  scanned.line++;
  return Fate.LISTED;
}

/**
 * Lists the whole lines of [at, end) on the tape; with `searches` only those in which a text of the scout may stand, or an escape
 * that may hide one. Gives how many are listed. It may list too many, and may end before all lines are dealt with: see `scanned`.
 */
export function scan(
  at: i32,
  end: i32,
  which: i32,
  block: i32,
  window: i32,
  slashes: bool,
  longest: i32,
  searches: bool,
  frame: i32,
): i32 {
  scanned.count = 0;
  scanned.words = 0;
  scanned.passed = 0;
  scanned.overlong = 0;
  scanned.scan++;
  let unsearched = 0; // how many lines are not searched from here on
  let last = 0; // and how many that were the last time
  let passedBefore = 0;
  while (scanned.words <= TAPE_WORDS - ENTRY_WORDS - 2 * MOST_PARTS) {
    if (searches) {
      if (unsearched) unsearched--;
      else {
        const from = at;
        at = passOver(which, block, window, at, end, slashes, longest);
        scanned.passed += passed.lines;
        scanned.overlong += passed.overlong;
        passedBefore += passed.lines;
        if (passed.stopped == end) break;
        last = at == from ? min(2 * last + 1, MOST_UNSEARCHED) : 0;
        unsearched = last;
      }
    }
    if (list(at, end, longest, slashes, frame, passedBefore) != Fate.LISTED) break;
    passedBefore = 0;
    at = scanned.newline + 1;
  }
  scanned.next = at;
  scanned.epoch = epoch();
  scanned.lines = scanned.count + scanned.passed;
  return scanned.count;
}

/** Names or judged slots have changed: what is known of lines counts no more. */
export function forgetShapes(): void {
  forgetAllShapes();
  forgetAlikes();
}

export function tapeAt(): usize {
  return changetype<usize>(tape);
}
export function scannedAt(): usize {
  return changetype<usize>(scanned);
}
