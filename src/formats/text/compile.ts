import type { Names } from '../../record/names.ts';
import { writerOf } from '../../record/clock-domain.ts';
import { wordScale, type Scale } from '../../record/scale.ts';
import type { TextFormat } from '../../record/text-format.ts';
import { BLANKS, parsePattern, TABS, type PartKind, type Piece } from '../../record/text-pattern.ts';

/** One step through a line: a literal, or a part. */
export interface Step {
  readonly kind: PartKind | 'literal';
  /** The literal; of a part the one that ends it, if one does. */
  readonly atoms: readonly number[];
  /** Of a part: its place among the parts of the pattern. */
  readonly part: number;
  /** Of a level: blanks may stand between it and the literal behind it. */
  readonly isPadded: boolean;
}

/** A part that a rule may ask for. */
interface NamedPart {
  readonly name: string;
  readonly part: number;
}

/** Words of a format's own for levels. The longest comes first: `D1` before `D`. */
export interface LevelWords {
  readonly scale: Scale;
  readonly words: readonly { readonly text: string; readonly bytes: Uint8Array }[];
}

/** A pattern, ready to be compared with lines. */
export interface Pattern {
  readonly format: string;
  /** Who wrote the time. */
  readonly writer: ReturnType<typeof writerOf>;
  readonly steps: readonly Step[];
  readonly names: readonly NamedPart[];
  readonly parts: number;
  readonly hasLevel: boolean;
  readonly hasTime: boolean;
  /** Its time has a `T` between date and clock. */
  readonly isIso: boolean;
  readonly hasMsg: boolean;
  /** The message stands in quotes. */
  readonly isQuoted: boolean;
  readonly tail: 'pairs' | 'json' | undefined;
  /** Between message and tail. */
  readonly between: readonly number[];
  /** What stands behind the message and its tail; it is compared from the end of the line, so the last comes first. */
  readonly suffix: readonly Step[];
  readonly levels: LevelWords | undefined;
  readonly capitals: boolean;
  readonly plain: boolean;
  /** Without its tail a line does not fit. */
  readonly needsTail: boolean;
  /** Slots of `names` in the records of `boundTo`. */
  slots: readonly number[];
  /** Bytes that can stand behind a time and a word, where the word is the level: most patterns with a time are told apart by them. */
  readonly behindLevel: Uint8Array | undefined;
  boundTo: Names | undefined;
}

const NONE: readonly number[] = [];
const QUOTE = 0x22;

/** The patterns of a format. Those that a fault is in are left out: who loads rules has told of it. */
export function compileFormat(format: TextFormat): Pattern[] {
  const levels = format.levels === undefined ? undefined : levelWords(format.name, format.levels);
  return format.patterns.flatMap((pattern) => {
    const { pieces, faults } = parsePattern(pattern);
    return faults.length > 0 ? [] : [compile(format, levels, pieces)];
  });
}

function levelWords(name: string, levels: NonNullable<TextFormat['levels']>): LevelWords {
  const words = Object.keys(levels).sort((a, b) => b.length - a.length);
  return { scale: wordScale(name, levels), words: words.map((text) => ({ text, bytes: Buffer.from(text) })) };
}

function compile(
  { name, capitals, plain, needsTail }: TextFormat,
  levels: LevelWords | undefined,
  written: readonly Piece[],
): Pattern {
  const isPart = (piece: Piece | undefined, ...kinds: PartKind[]): boolean =>
    piece?.kind === 'part' && kinds.includes(piece.part);
  const { pieces, isQuoted } = withoutQuotes(written);
  const first = pieces.findIndex((piece) => isPart(piece, 'msg', 'pairs', 'json'));
  const head = first === -1 ? pieces : pieces.slice(0, first);
  const behind = first === -1 ? [] : pieces.slice(first);
  const hasMsg = isPart(behind[0], 'msg');
  let next = hasMsg ? 1 : 0;
  let between = NONE;
  const literal = behind[next];
  if (hasMsg && literal?.kind === 'literal' && isPart(behind[next + 1], 'pairs', 'json')) {
    between = literal.atoms;
    next += 1;
  }
  const tail = isPart(behind[next], 'pairs') ? 'pairs' : isPart(behind[next], 'json') ? 'json' : undefined;
  if (tail !== undefined) next += 1;

  const names: NamedPart[] = [];
  let parts = 0;
  const stepsOf = (list: readonly Piece[], searched: readonly PartKind[]): Step[] => {
    const steps: Step[] = [];
    for (let i = 0; i < list.length; i += 1) {
      const piece = list[i]!;
      if (piece.kind === 'literal') {
        steps.push({ kind: 'literal', atoms: piece.atoms, part: -1, isPadded: false });
        continue;
      }
      const part = parts++;
      if (piece.name !== '' && !isPart(piece, 'level', 'time', 'iso', 's', 'ms')) names.push({ name: piece.name, part });
      const until = searched.includes(piece.part) ? list[i + 1] : undefined;
      const behindIt = list[i + 1];
      const isPadded = isPart(piece, 'level') && behindIt?.kind === 'literal' && behindIt.atoms[0]! >= 0;
      steps.push({ kind: piece.part, atoms: until?.kind === 'literal' ? until.atoms : NONE, part, isPadded });
      // The literal that ends a part is compared along with it.
      if (until?.kind === 'literal') i += 1;
    }
    return steps;
  };
  const steps = stepsOf(head, ['any', 'word', 'path', 'dotted']);
  const made: Pattern = {
    format: name,
    writer: writerOf(name),
    steps,
    suffix: stepsOf(behind.slice(next).toReversed(), ['any', 'word', 'path', 'dotted', 'digits']),
    names,
    parts,
    hasLevel: pieces.some((piece) => isPart(piece, 'level')),
    hasTime: pieces.some((piece) => isPart(piece, 'time', 'iso', 's', 'ms')),
    isIso: pieces.some((piece) => isPart(piece, 'iso')),
    hasMsg,
    isQuoted,
    tail,
    between,
    levels,
    capitals: capitals === true || (steps[0]?.kind === 'level' && levels === undefined),
    plain: plain === true,
    needsTail: needsTail === true || !hasMsg,
    slots: [],
    behindLevel: undefined,
    boundTo: undefined,
  };
  const isDated = isTime(steps[0]) && steps[1]?.kind === 'literal' && steps[2]?.kind === 'level';
  const isBlankOnly = steps[1]?.atoms.every((atom) => atom === BLANKS) === true;
  const areWords = areLetters(levels);
  return isDated && isBlankOnly && areWords && steps.length > 3 ? { ...made, behindLevel: nextBytes(made, 3) } : made;
}

/** Takes the quotes from around `"{msg}"`: they belong to the message. */
function withoutQuotes(pieces: readonly Piece[]): { readonly pieces: readonly Piece[]; readonly isQuoted: boolean } {
  const at = pieces.findIndex((piece) => piece.kind === 'part' && piece.part === 'msg');
  const [before, after] = [pieces[at - 1], pieces[at + 1]];
  if (at === -1 || before?.kind !== 'literal' || before.atoms.at(-1) !== QUOTE) return { pieces, isQuoted: false };
  if (after?.kind !== 'literal' || after.atoms[0] !== QUOTE) return { pieces, isQuoted: false };
  const literal = (atoms: readonly number[]): Piece[] => (atoms.length === 0 ? [] : [{ kind: 'literal', atoms }]);
  return {
    pieces: [
      ...pieces.slice(0, at - 1),
      ...literal(before.atoms.slice(0, -1)),
      pieces[at]!,
      ...literal(after.atoms.slice(1)),
      ...pieces.slice(at + 2),
    ],
    isQuoted: true,
  };
}

const areLetters = (levels: LevelWords | undefined): boolean =>
  levels === undefined || levels.words.every(({ text }) => /^[a-z]+$/iu.test(text));

/** Whether a line of the pattern begins with a level that is nothing but letters. */
export const beginsWithWord = ({ steps, levels }: Pattern): boolean => steps[0]?.kind === 'level' && areLetters(levels);

const isTime = (step: Step | undefined): boolean => step?.kind === 'time' || step?.kind === 'iso';

/** Where a line of the pattern begins: with a time, with one in brackets, or otherwise. */
export type Opening = 'time' | 'bracket' | 'other';

export function openingOf({ steps }: Pattern): Opening {
  if (isTime(steps[0])) return 'time';
  const isBracket = steps[0]?.kind === 'literal' && steps[0].atoms.length === 1 && steps[0].atoms[0] === 0x5b;
  return isBracket && steps[1]?.kind === 'time' ? 'bracket' : 'other';
}

/** Bytes that can come next, blanks aside, when the first `from` steps are behind: most patterns are told apart by them. */
export function nextBytes({ steps, levels, capitals }: Pattern, from: number): Uint8Array {
  const next = new Uint8Array(256);
  const range = (first: number, last: number): Uint8Array => next.fill(1, first, last + 1);
  let step = steps[from];
  if (step?.kind === 'literal') {
    const byte = step.atoms.find((atom) => atom !== BLANKS && atom !== TABS);
    if (byte !== undefined) {
      next[byte] = 1;
      return next;
    }
    step = steps[from + 1];
  }
  switch (step?.kind) {
    case 'digits':
    case 's':
    case 'ms':
      return range(0x30, 0x39);
    case 'level':
      if (levels !== undefined) {
        for (const { bytes } of levels.words) next[bytes[0]!] = 1;
        return next;
      }
      if (!capitals) range(0x61, 0x7a);
      return range(0x41, 0x5a);
    default:
      return next.fill(1);
  }
}
