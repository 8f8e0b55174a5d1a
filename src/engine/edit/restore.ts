import { LineDraft, ownOf } from '../../formats/draft.ts';
import { readInside, type Kept, type ReadLine } from '../../formats/envelope.ts';
import type { EnvelopeKind } from '../../formats/envelope-kinds.ts';
import { Kernel } from '../../kernel/kernel.ts';
import { cutAgain, takeGaps } from '../../formats/envelope-pieces.ts';
import { readLine, type Format } from '../../formats/index.ts';
import type { LevelPlace } from '../../record/held-level.ts';
import { FATAL, type Level } from '../../record/level.ts';
import { Names } from '../../record/names.ts';
import { LogRecord } from '../../record/record.ts';
import { NUMBER, UNQUOTED } from '../../record/value.ts';
import { readInstant, unquoteBytes, type Dialect } from './annotation.ts';
import { annotationOf, textOf, type Annotation, type Entry } from './annotation-read.ts';
import type { Edit, SummaryFacts } from './change.ts';
import { applyEdit, type LineReader } from './edit.ts';

const LF = 0x0a;
const QUOTE = 0x22;

/** How the lines were read when they were changed. */
export interface Reading {
  readonly format: Format;
  /** `undefined`: inside an envelope or not. */
  readonly envelope: EnvelopeKind | undefined;
  /** `undefined`: the usual ones. */
  readonly names?: Names | undefined;
}

const ANY: Reading = { format: 'auto', envelope: undefined };

const USUAL = new Names([]);
/** Of the line as it is, of the line as it was, and of that one changed again. */
let record = new LogRecord(USUAL);
let before = new LogRecord(USUAL);
let checked = new LogRecord(USUAL);

function useNames(names: Names): void {
  if (record.names === names) return;
  record = new LogRecord(names);
  before = new LogRecord(names);
  checked = new LogRecord(names);
}
const draft = new LineDraft();
let kernel: Kernel | undefined;

/**
 * The line as it was before an edit, to the byte, or `undefined` if no edit can have made it: making the edit again must give the line.
 * Takes a line with its newline, if it has one, and gives it back with it; all pieces of one that was cut up. Never throws.
 */
export const restoreLine = (line: Buffer, reading: Reading = ANY): Buffer | undefined => restorePieces(line, reading)?.bytes;

/** A line as it was before an edit. */
export interface Restored {
  readonly bytes: Buffer;
  /** Of one that had been cut up: how many lines stood between each piece, which is a line of `bytes`, and the next. */
  readonly gaps: readonly number[];
}

/** The same, and where its pieces stood. */
export function restorePieces(line: Buffer, { format, envelope, names = USUAL }: Reading = ANY): Restored | undefined {
  useNames(names);
  if (envelope !== undefined) return restoreInside(line, format, envelope);
  return restoreInside(line, format, 'auto') ?? restoreInside(line, format, 'none');
}

function restoreInside(line: Buffer, format: Format, kind: EnvelopeKind): Restored | undefined {
  const read: ReadLine = (into, bytes, start, end) => readLine((kernel ??= new Kernel()), into, bytes, start, end, format);
  const reader: LineReader = {
    checked,
    read: (into, bytes, start, end) => readInside(into, bytes, start, end, read, kind),
  };
  if (!reader.read(record, line, 0, withoutNewline(line)) || record.ambiguous || !record.annotated) return undefined;
  const annotation = annotationOf(record);
  const cut = annotation && cutOf(annotation);
  const edit = annotation && editOf(annotation, cut?.gaps ?? []);
  if (annotation === undefined || edit === undefined) return undefined;
  const joined = undo(annotation, line.length);
  const bytes = cut === undefined || joined === undefined ? joined : cutAgain(joined, cut.pieces);
  if (bytes === undefined) return undefined;
  if (!reader.read(before, bytes, 0, withoutNewline(bytes)) || !canBeEdited(before, edit)) return undefined;
  return DIALECTS.some((dialect) => gives(line, edit, bytes.length, dialect, reader)) ? { bytes, gaps: edit.gaps } : undefined;
}

function cutOf(annotation: Annotation): ReturnType<typeof takeGaps> | undefined {
  const text = entryText(annotation, 'pieces');
  return text === undefined ? undefined : takeGaps(text);
}

const DIALECTS: readonly Dialect[] = ['now', 'before'];

const withoutNewline = (line: Buffer): number => (line.at(-1) === LF ? line.length - 1 : line.length);

/** Whether a rule may change the line, and to this level. */
const canBeEdited = ({ level, ambiguous, annotated }: LogRecord, edit: Edit): boolean =>
  !ambiguous && !annotated && level !== FATAL && (edit.level < FATAL || edit.level === level);

/** Whether the edit makes the line of what was there before. */
function gives(line: Buffer, edit: Edit, end: number, dialect: Dialect, reader: LineReader): boolean {
  const { line: again, keptMessage } = applyEdit(before, edit, end, { annotate: true, dialect }, reader);
  return again !== undefined && !keptMessage && again.bytes.subarray(0, again.end).equals(line);
}

/** The edit that the annotation tells of; `undefined` if it tells of none. */
function editOf(annotation: Annotation, gaps: readonly number[]): Edit | undefined {
  const rule = entryText(annotation, 'rule');
  const { msgSlot } = record;
  const isReworded = annotation.entries.has('was_msg');
  if (rule === undefined || !/^[A-Za-z0-9][\w./-]*$/u.test(rule) || (isReworded && msgSlot === -1)) return undefined;
  return {
    rule,
    level: record.level as Level,
    msg: isReworded ? record.text(msgSlot) : undefined,
    why: entryText(annotation, 'why'),
    note: entryText(annotation, 'note'),
    summary: summaryOf(annotation),
    gaps,
  };
}

function summaryOf(annotation: Annotation): SummaryFacts | undefined {
  const repeats = entryText(annotation, 'repeats');
  if (repeats === undefined) return undefined;
  const first = readInstant(entryText(annotation, 'first') ?? '');
  const last = readInstant(entryText(annotation, 'last') ?? '');
  return {
    repeats: Number(repeats),
    first: first.instant,
    last: last.instant,
    isFirstYearless: first.isYearless,
    isLastYearless: last.isYearless,
  };
}

function entryText({ entries }: Annotation, name: string): string | undefined {
  const entry = entries.get(name);
  return entry && textOf(record, entry);
}

/** Bytes of the line, and what stood there before. */
interface Undo {
  readonly start: number;
  readonly end: number;
  readonly old: Kept | Buffer | undefined;
}

/** The line without the annotation, and with what that has kept. */
function undo(annotation: Annotation, lineEnd: number): Buffer | undefined {
  const levels = oldLevels(annotation);
  if (levels === undefined) return undefined;
  const { start, end, entries } = annotation;
  const changes: Undo[] = [...levels, { start, end, old: undefined }];
  const wasEnvelope = entryText(annotation, 'was_envelope');
  const severity = record.envelope?.severity;
  if (wasEnvelope !== undefined && (severity === undefined || !/^[A-Za-z\d]+$/u.test(wasEnvelope))) return undefined;
  const moved = wasEnvelope === undefined ? undefined : { ...severity!, bytes: Buffer.from(wasEnvelope) };
  if (moved?.at === 'record') {
    const { from, to } = entries.get('was_envelope')!;
    const quote = record.bytes[from] === QUOTE ? 1 : 0;
    changes.push({ start: moved.start, end: moved.end, old: { from: from + quote, to: to - quote } });
  }
  const { msgSlot } = record;
  const wasMsg = entries.get('was_msg');
  if (wasMsg !== undefined)
    changes.push({ start: record.outerStart(msgSlot), end: record.outerEnd(msgSlot), old: oldMessage(wasMsg) });
  // The message of a text line may be empty, and end where the annotation begins.
  changes.sort((a, b) => a.start - b.start || a.end - b.end);

  draft.begin(record, lineEnd, moved?.at === 'line' ? moved : undefined);
  for (const change of changes) {
    draft.replace(change.start, change.end);
    if (change.old === undefined) continue;
    if (Buffer.isBuffer(change.old)) draft.addBytes(change.old);
    else draft.addOld(change.old.from, change.old.to);
  }
  return ownOf(draft.finish());
}

const WAS = /^was(?:_([2-9]|[1-9]\d+))?$/u;

/** `was` is of the first place that holds the level, `was_2` of the second. */
function oldLevels({ entries }: Annotation): readonly Undo[] | undefined {
  const places = record.levelPlaces();
  const undone: Undo[] = [];
  for (const [name, entry] of entries) {
    const found = WAS.exec(name);
    if (found === null) continue;
    const place = places[Number(found[1] ?? 1) - 1];
    if (place === undefined) return undefined;
    undone.push({ start: place.outerStart, end: place.outerEnd, old: oldLevel(entry, place) });
  }
  return undone.length === 0 ? undefined : undone;
}

/** A number and the word of a header are kept in quotes in a member, a word with a blank in pairs, too; before, a number was kept as it stood. */
function oldLevel({ from, to }: Entry, { kind }: LevelPlace): Kept {
  const mayBeQuoted =
    kind === UNQUOTED ? record.headed || record.manner === 'member' : kind === NUMBER && record.manner === 'member';
  const isQuoted = mayBeQuoted && record.bytes[from] === QUOTE;
  return isQuoted ? { from: from + 1, to: to - 1 } : { from, to };
}

/** Of a text line it is in quotes that are ours. */
function oldMessage({ from, to }: Entry): Kept | Buffer {
  if (!record.headed) return { from, to };
  return unquoteBytes(record.bytes.latin1Slice(from + 1, Math.max(from + 1, to - 1)));
}
