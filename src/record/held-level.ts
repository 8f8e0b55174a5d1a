import { wholeNumber } from './bytes.ts';
import { GELF } from './level-names.ts';
import { levelOfName, type Level } from './level.ts';
import type { LevelSlot, Names } from './names.ts';
import type { Scale } from './scale.ts';
import {
  decodeText,
  FLAG,
  isQuoted,
  isText,
  JSON_ESCAPED,
  LOGFMT_ESCAPED,
  MISSING,
  NUMBER,
  NUMBER_SPELLING,
  UNQUOTED,
} from './value.ts';

/** The values of a line, as a reader found them. */
export interface Values {
  readonly names: Names;
  readonly bytes: Buffer;
  readonly kinds: Uint8Array;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  readonly loose: boolean;
  text(slot: number): string | undefined;
}

/** A value, which need not be the one that its slot keeps: a name may come twice. */
export interface Value {
  readonly kind: number;
  readonly start: number;
  readonly end: number;
}

/** A value of a line that holds its level. */
export interface LevelPlace {
  readonly slot: number;
  /** What the whole value is. */
  readonly kind: number;
  /** How it spells levels; `undefined` if it is a name. */
  readonly scale: Scale | undefined;
  /** The name's or number's own bytes: an edit keeps what stands around it in the value, such as quotes, blanks and colours. */
  readonly start: number;
  readonly end: number;
  /** The whole value, quotes included. */
  readonly outerStart: number;
  readonly outerEnd: number;
  /** The name or number, decoded: a new one is spelled like it. */
  readonly spelled: string;
}

/** The level that a slot holds by itself; `undefined` if it holds none. */
export function levelIn(values: Values, at: LevelSlot): Level | undefined {
  const { slot, name } = at;
  const kind = values.kinds[slot]!;
  if (kind === MISSING || kind === FLAG || kind > NUMBER || !isComplete(values, at)) return undefined;
  const number = numberIn(values, at, kind, values.starts[slot]!, values.ends[slot]!);
  if (!Number.isNaN(number)) return levelOfNumber(values, at, number);
  if (kind === NUMBER) return undefined;
  const text = values.text(slot)!;
  if (name.words !== undefined) return name.words.levelOf(text);
  // Most names of levels stand alone in their value: then it need not be looked at closely.
  return (name.except === undefined ? levelOfName(text) : undefined) ?? levelOfWord(values, at);
}

function levelOfWord(values: Values, at: LevelSlot): Level | undefined {
  const { slot } = at;
  const word = wordIn(values, { kind: values.kinds[slot]!, start: values.starts[slot]!, end: values.ends[slot]! });
  return word === undefined || word.text.toLowerCase() === at.name.except ? undefined : levelOfName(word.text);
}

/** Whether the names that must be there beside this one are there. */
const isComplete = ({ kinds }: Values, { beside }: LevelSlot): boolean => beside.every((slot) => kinds[slot] !== MISSING);

/** The number that a value is, or NaN. */
function numberIn(values: Values, { name }: LevelSlot, kind: number, start: number, end: number): number {
  if (kind === NUMBER) {
    const number = wholeNumber(values.bytes, start, end);
    return number === -1 ? Number(values.bytes.latin1Slice(start, end)) : number;
  }
  if (name.quotedNumbers !== true && !(kind === UNQUOTED && values.loose)) return NaN;
  const digits = values.bytes.latin1Slice(start, end);
  return NUMBER_SPELLING.test(digits) ? Number(digits) : NaN;
}

function levelOfNumber(values: Values, { name }: LevelSlot, number: number): Level | undefined {
  for (const { scale, only } of name.numbers ?? []) {
    const level = scale.levelOf(number);
    if (level === undefined || (only === 'gelf' && !isGelf(values))) continue;
    return name.yields === true && isSpoken(values) ? undefined : level;
  }
  return undefined;
}

function isGelf(values: Values): boolean {
  const { message, version } = values.names.gelf;
  return !values.loose && (values.kinds[message] !== MISSING || values.text(version) === GELF.version.text);
}

/** Whether a name of a level stands beside a number. */
const isSpoken = (values: Values): boolean => values.names.spoken.some((at) => levelIn(values, at) !== undefined);

/** The value as a place of `level`; `undefined` if it does not hold this one. */
export function placeIn(values: Values, at: LevelSlot, level: Level, value: Value): LevelPlace | undefined {
  const { slot, name } = at;
  const { kind, start, end } = value;
  if (kind === MISSING || kind === FLAG || kind > NUMBER || !isComplete(values, at)) return undefined;
  const outer = isQuoted(kind) ? { outerStart: start - 1, outerEnd: end + 1 } : { outerStart: start, outerEnd: end };
  const number = numberIn(values, at, kind, start, end);
  if (!Number.isNaN(number)) {
    const scale = scaleOf(values, at, number, level);
    return scale && { slot, kind, scale, start, end, ...outer, spelled: values.bytes.latin1Slice(start, end) };
  }
  const word = kind === NUMBER ? undefined : wordIn(values, value);
  if (word === undefined || word.text.toLowerCase() === name.except) return undefined;
  const held = name.words === undefined ? levelOfName(word.text) : name.words.levelOf(word.text);
  if (held !== level) return undefined;
  return { slot, kind, scale: name.words, start: word.start, end: word.end, ...outer, spelled: word.text };
}

/** The scale by which this number is `level`. */
function scaleOf(values: Values, { name }: LevelSlot, number: number, level: Level): Scale | undefined {
  const own = name.numbers?.find(({ scale, only }) => scale.levelOf(number) === level && (only === undefined || isGelf(values)));
  return own?.scale ?? name.echoes?.find((scale) => scale.levelOf(number) === level);
}

/** A longer value is no level. */
const LONGEST = 128;

/** Blanks and ANSI colours, as they are written in a text without escapes and in one with them. */
const BLANK = String.raw`[ \t]`;
const COLOUR = String.raw`\[[\d;:]*m`;
const AROUND = `(?:${BLANK}|\\x1b${COLOUR})*`;
const AROUND_ESCAPED = String.raw`(?:${BLANK}|\\t|\\u00(?:20|09)|(?:\x1b|\\u001[bB])${COLOUR})*`;
const WORD = new RegExp(`^(${AROUND})(.*?)${AROUND}$`, 'su');
const WORD_ESCAPED = new RegExp(String.raw`^(${AROUND_ESCAPED})((?:\\u[\da-fA-F]{4}|\\.|[^\\])*?)${AROUND_ESCAPED}$`, 'su');

/** A text without the blanks and colours around it, and where that stands. */
function wordIn(
  { bytes }: Values,
  { kind, start, end }: Value,
): { readonly text: string; readonly start: number; readonly end: number } | undefined {
  if (end - start > LONGEST) return undefined;
  const raw = bytes.latin1Slice(start, end);
  const found = (kind === JSON_ESCAPED || kind === LOGFMT_ESCAPED ? WORD_ESCAPED : WORD).exec(raw);
  if (found === null) return undefined;
  // Both groups are in every match; the second may be empty.
  const [, before = '', word = ''] = found;
  const from = start + before.length;
  return { text: decodeText(word, kind), start: from, end: from + word.length };
}

/** Whether two values say the same, as far as rules can tell: their texts are the same, or their bytes. */
export function saysTheSame(values: Values, slot: number, again: Value): boolean {
  const kind = values.kinds[slot]!;
  const { bytes } = values;
  if (isText(kind) && isText(again.kind))
    return values.text(slot) === decodeText(bytes.utf8Slice(again.start, again.end), again.kind);
  if (kind !== again.kind) return false;
  const length = again.end - again.start;
  const start = values.starts[slot]!;
  return values.ends[slot]! - start === length && bytes.compare(bytes, start, start + length, again.start, again.end) === 0;
}
