/**
 * A message cut into words and what stands between them. A word that looks as if it belonged to one line only (a number, an id, a
 * path, a value behind `=`) is a wildcard. The rules are general: nothing here knows of one program.
 */
export interface Words {
  /** The same for messages that differ in wildcards and in the width of blanks only. */
  readonly form: string;
  /** In order; `WILD` for a wildcard. */
  readonly words: readonly string[];
  /** What stands before each word, and behind the last one; one more than there are words. */
  readonly between: readonly string[];
  /** Where each word stands in the text, in UTF-16 code units. */
  readonly spans: readonly Span[];
}

export interface Span {
  readonly start: number;
  readonly end: number;
}

export const WILD = '<*>';

/** More words of one message are not told apart: its rest is a wildcard. */
const MOST_WORDS = 64;
/** More of a message, in UTF-16 code units, is not looked at. */
const LONGEST = 2_000;

/** A URL or a path, which may hold delimiters; bytes in hex, as of a network card; any other run without a delimiter. */
const WORD =
  /(?:[A-Za-z][A-Za-z\d+.-]{0,15}:\/\/|\.{0,2}\/|~\/|[A-Za-z]:\\)[^\s()[\]{}<>"'`,;|]*|[\da-fA-F]{2}(?:[:-][\da-fA-F]{2}){3,}|[^\s()[\]{}<>"'`,;=|:]+/gu;

const HAS_DIGIT = /\d/u;
const PATH = /^(?:\.{0,2}\/|~\/|[A-Za-z]:\\|\\\\)|:\/\/|\/[^/]*\/|^[\da-fA-F]{2}(?:[:-][\da-fA-F]{2}){3,}$/u;
/** Of mail, or of a host whose last label says that it is one. */
const ADDRESS = /.@.|\.(?:com|net|org|edu|gov|io|dev|local|internal|lan|svc|localdomain)$/iu;
const HOST = /^(?:localhost|[\w-]+(?:\.[\w-]+)+)$/u;
const PORT = /^:\d{2,5}(?!\d)/u;
const END_OF_SENTENCE = /[.:!?…]+$/u;
/** `depth.......0` */
const LEADER = /\.{2,}/u;
/** Between the parts of a list, or of one value. */
const LISTING = /^[\s:,;|/]+$/u;
const VALUE_OPENS = /=\s?(["'`([{<]?)$/u;
const CLOSING: Readonly<Record<string, string>> = { '"': '"', "'": "'", '`': '`', '(': ')', '[': ']', '{': '}', '<': '>' };

const setOf = (words: string): ReadonlySet<string> => new Set(words.split(' '));

/** Scales of sizes and durations: one statement writes now this one, now that. */
const UNITS = setOf('B K M G KB MB GB TB kB KiB MiB GiB ns us µs ms s sec m h');
const CALENDAR = setOf(
  'Mon Tue Wed Thu Fri Sat Sun Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec AM PM UTC GMT CET CEST EST EDT CST CDT MST MDT PST PDT',
);

interface Piece {
  readonly text: string;
  readonly start: number;
  end: number;
  before: string;
  isWild: boolean;
}

/** Cuts a message into words. */
export function wordsOf(message: string): Words {
  const text = message.length > LONGEST ? message.slice(0, LONGEST) : message;
  const pieces = piecesOf(text);
  takeValues(pieces, text);
  for (const [at, piece] of pieces.entries()) piece.isWild ||= isOfItsLine(piece, at, text);
  for (const [at, piece] of pieces.entries()) piece.isWild ||= goesWithNumber(pieces, at);
  const joined = joinRuns(pieces);
  const words = joined.map((piece) => (piece.isWild ? WILD : piece.text));
  const between = [...joined.map((piece) => piece.before), text.slice(joined.at(-1)?.end ?? 0)];
  return { form: formOf(words, between), words, between, spans: joined.map(({ start, end }) => ({ start, end })) };
}

/** The words and what stands between them, with all blanks alike. */
export function formOf(words: readonly string[], between: readonly string[]): string {
  let form = '';
  for (let at = 0; at < between.length; at += 1) form += between[at]!.replace(/\s+/gu, ' ') + (words[at] ?? '');
  return form;
}

function piecesOf(text: string): Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  const add = (start: number, end: number): void => {
    pieces.push({ text: text.slice(start, end), start, end, before: text.slice(from, start), isWild: false });
    from = end;
  };
  for (const { 0: word, index } of text.matchAll(WORD)) {
    if (pieces.length >= MOST_WORDS) {
      const last = pieces.at(-1)!;
      last.end = text.length;
      last.isWild = true;
      break;
    }
    const length = word.replace(END_OF_SENTENCE, '').length;
    if (length === 0) continue;
    const leader = LEADER.exec(word.slice(0, length));
    const isLed = leader !== null && leader.index > 0;
    if (isLed) add(index, index + leader.index);
    add(isLed ? index + leader.index + leader[0].length : index, index + length);
  }
  return pieces;
}

/** Makes wildcards of values behind `=`: to their ends, though blanks may stand in their quotes or brackets. */
function takeValues(pieces: readonly Piece[], text: string): void {
  for (const [at, { before, start, end }] of pieces.entries()) {
    const opened = VALUE_OPENS.exec(before);
    if (opened === null) continue;
    const quote = opened[1]!;
    const close = CLOSING[quote === '' ? (text[end] ?? '') : quote];
    const stop = close === undefined ? end : text.indexOf(close, quote === '' ? end : start);
    pieces[at]!.isWild = true;
    for (let next = at + 1; next < pieces.length && pieces[next]!.end <= stop; next += 1) {
      pieces[next]!.isWild = true;
      pieces[next]!.before = ' ';
    }
  }
}

function isOfItsLine({ text: word, end, before }: Piece, at: number, text: string): boolean {
  const isKey = text[end] === '=' || text.startsWith(' =', end);
  if (isKey) return false;
  if (HAS_DIGIT.test(word) || PATH.test(word) || ADDRESS.test(word)) return true;
  if (HOST.test(word) && PORT.test(text.slice(end, end + 7))) return true;
  // The argument of a call.
  return before === '(' && at > 0 && text[end] === ')';
}

/** A unit behind a number, or a part of a date beside one. */
function goesWithNumber(pieces: readonly Piece[], at: number): boolean {
  const { text, before } = pieces[at]!;
  const isBehind = at > 0 && pieces[at - 1]!.isWild && /^\s$/u.test(before);
  if (UNITS.has(text)) return isBehind;
  if (!CALENDAR.has(text)) return false;
  return isBehind || pieces.slice(at + 1, at + 3).some((next) => next.isWild && /^[\s,]+$/u.test(next.before));
}

/** One wildcard for several in a row. */
function joinRuns(pieces: readonly Piece[]): Piece[] {
  const joined: Piece[] = [];
  for (const piece of pieces) {
    const last = joined.at(-1);
    if (last?.isWild === true && piece.isWild && LISTING.test(piece.before)) last.end = piece.end;
    else joined.push({ ...piece });
  }
  return joined;
}
