import { LineDraft, type Around, type DraftEdit, type Lent } from '../../formats/draft.ts';
import { levelAlike } from '../../formats/text/index.ts';
import { envelopeOf, isSpelledPlainly } from '../../formats/envelope.ts';
import type { Severity } from '../../record/envelope.ts';
import type { Level } from '../../record/level.ts';
import type { LevelPlace } from '../../record/held-level.ts';
import type { LogRecord } from '../../record/record.ts';
import { FLAG, LOGFMT_ESCAPED, QUOTED, UNQUOTED } from '../../record/value.ts';
import { nearestSaid, spellLevel, type Scale } from '../../record/scale.ts';
import { addAnnotation, pairValue, type Dialect } from './annotation.ts';
import type { Edit } from './change.ts';

const LF = 0x0a;
const SPACE = 0x20;
const ESCAPE = 0x1b;
/** The letter that ends a colour. */
const COLOUR_END = 0x6d;

/** What no text line can hold as it is, or what ends one. */
const UNWRITABLE = /[^\P{Cc}\t]|[\u2028\u2029]/u;

/** Reads changed lines back, in the way in which the line itself was read. */
export interface LineReader {
  /** A record that nobody else uses. */
  readonly checked: LogRecord;
  read(record: LogRecord, bytes: Buffer, start: number, end: number): boolean;
}

/** How an edit is written: with an annotation or without one, and in which dialect. */
export interface EditManner {
  readonly annotate: boolean;
  readonly dialect: Dialect;
}

/** What changed lines look like: with an annotation, or under `--no-annotate` without one. */
export const ANNOTATED: EditManner = { annotate: true, dialect: 'now' };
export const BARE: EditManner = { annotate: false, dialect: 'now' };

/** What became of an edit. It is good until the next one. */
export interface Edited {
  /** `undefined`: the changed line would not be read as what was asked for, so the line has to stay as it is. */
  line: Lent | undefined;
  /** The old message stayed, because the new one would not be read back as it was asked for, or the old one could not be restored. */
  keptMessage: boolean;
  /** What was put where. */
  readonly edits: readonly DraftEdit[];
}

const draft = new LineDraft();
const edited: Edited = {
  line: undefined,
  keptMessage: false,
  get edits() {
    return draft.edits;
  },
};

/**
 * The line of `record` with its new level and message in place of the old bytes, and the
 * annotation at its end. All other bytes stay; nothing is serialised anew. `end` lies behind the
 * line's newline, if it has one. The reader of the line reads the result as the level and message that were asked for.
 */
export function applyEdit(record: LogRecord, asked: Edit, end: number, manner: EditManner, reader: LineReader): Edited {
  const places = placesOf(record, asked.level, manner.dialect);
  const level = nearestSaid(asked.level, scalesOf(places));
  const edit = level === asked.level ? asked : { ...asked, level };
  // A place that cannot say a lower level stays as it is: 17 on Python's scale is debug, and there is no trace.
  const changed = level === record.level ? NONE : places;
  const msg = edit.msg !== undefined && canRewrite(record, edit.msg, manner.dialect) ? edit.msg : undefined;
  edited.keptMessage = edit.msg !== undefined && msg === undefined;
  numbers = undefined;
  edited.line = write(record, edit, changed, msg, end, manner);
  if (manner.annotate && changed.length > 1 && isNumberedAnew(changed, reader))
    edited.line = write(record, edit, changed, msg, end, manner);
  // JSON, and a level among pairs, have one reading whatever stands around them.
  if (!record.headed && (msg === undefined || (record.manner === 'member' && !record.mayWrap))) return edited;
  if (isReadBack(record, edit, msg, manner, reader)) return edited;
  if (msg !== undefined) {
    edited.keptMessage = true;
    write(record, edit, changed, undefined, end, manner);
    if (!record.headed || isReadBack(record, edit, undefined, manner, reader)) return edited;
  }
  // A summary is written in any case, at least with the old level: the lines that it counts would be lost without it.
  const asItWas = { ...edit, level: record.level as Level };
  edited.line = edit.summary === undefined ? undefined : write(record, asItWas, NONE, undefined, end, manner);
  return edited;
}

/** The level that a line has when it was asked to get this one: the nearest that all of its places can say. */
export const levelWritten = (record: LogRecord, asked: Level): Level =>
  nearestSaid(asked, scalesOf(placesOf(record, asked, 'now')));

const NONE: readonly LevelPlace[] = [];

/** Where a new level is written: all places that hold the old one. Before, it was only the first. */
function placesOf(record: LogRecord, level: Level, dialect: Dialect): readonly LevelPlace[] {
  if (level === record.level) return NONE;
  const places = record.levelPlaces();
  return dialect === 'before' ? places.slice(0, 1) : places;
}

const scalesOf = (places: readonly LevelPlace[]): (Scale | undefined)[] => places.map(({ scale }) => scale);

function write(
  record: LogRecord,
  edit: Edit,
  changed: readonly LevelPlace[],
  msg: string | undefined,
  end: number,
  { annotate, dialect }: EditManner,
): Lent {
  let rewrites = msg;
  const moved = dialect === 'now' ? severityMoved(record, edit.level) : undefined;
  draft.begin(record, end, moved?.at === 'line' ? moved : undefined);
  if (moved?.at === 'record') {
    draft.replace(moved.start, moved.end);
    draft.addBytes(moved.bytes);
  }
  for (const { start, end: placeEnd, spelled, scale } of inOrder(changed)) {
    if (rewrites !== undefined && record.starts[record.msgSlot]! < start) rewrites = replaceMessage(record, rewrites);
    draft.replace(start, placeEnd);
    draft.addText(spellLevel(edit.level, spelled, scale));
  }
  if (rewrites !== undefined) replaceMessage(record, rewrites);
  if (annotate) {
    draft.replace(record.annotateAt, record.annotateAt);
    addAnnotation(draft, record, edit, { changed, numbers, severity: moved }, msg !== undefined, dialect);
  }
  return draft.finish();
}

/**
 * What an envelope says in place of its severity: it moves with the level, in its direction only. `undefined` if it stays. It is
 * less severe than the line was, or more, if whoever wrote it knew no better.
 */
function severityMoved(record: LogRecord, level: Level): (Around & Pick<Severity, 'at'>) | undefined {
  const severity = record.envelope?.severity;
  if (severity === undefined || level === record.level) return undefined;
  const isLess = level < record.level;
  if (isLess ? severity.level <= level : severity.level >= level) return undefined;
  const { scale, start, end, at } = severity;
  const bytes = Buffer.from(scale.written[level]);
  const lies = at === 'line' ? record.envelope!.line : record.bytes;
  return lies.subarray(start, end).equals(bytes) ? undefined : { start, end, at, bytes };
}

/** Of the changed places of the line in the draft, if they are not numbered from one on. */
let numbers: readonly number[] | undefined;

/**
 * Whether changed places are numbered otherwise than from one on: their numbers count all places that hold the level in the changed
 * line, and another name may have held it before.
 */
function isNumberedAnew(changed: readonly LevelPlace[], reader: LineReader): boolean {
  const { checked } = reader;
  readDraft(reader);
  const held = checked.level === -1 ? NONE : checked.levelPlaces();
  if (held.length <= changed.length) return false;
  const left = held.map(({ slot }) => slot);
  numbers = changed.map(({ slot }) => {
    const at = left.indexOf(slot);
    if (at !== -1) left[at] = -1;
    return at + 1;
  });
  return true;
}

const inOrder = (places: readonly LevelPlace[]): readonly LevelPlace[] =>
  places.length < 2 ? places : [...places].sort((a, b) => a.start - b.start);

function readDraft(reader: LineReader): void {
  const { bytes, end } = draft;
  reader.read(reader.checked, bytes, 0, bytes[end - 1] === LF ? end - 1 : end);
}

/** Whether the line in the draft says what was asked for. */
function isReadBack(
  record: LogRecord,
  edit: Edit,
  msg: string | undefined,
  { annotate }: EditManner,
  reader: LineReader,
): boolean {
  const { checked } = reader;
  if (annotate && msg === undefined && record.headed) {
    const level = levelAlike(record, draft.bytes, draft.lastBegin, draft.lastEnd);
    if (level !== -1) return isAsked(level, edit.level, record.level);
  }
  readDraft(reader);
  // What stands around a line may seem to go on into a header.
  if (checked.headed !== record.headed || kindsAround(checked) !== kindsAround(record)) return false;
  // A new message may look like the object behind a header.
  if (checked.manner !== record.manner) return false;
  // Another format may find a new message elsewhere, and `restore` would put the old one there.
  if (msg !== undefined && checked.headed && checked.format !== record.format) return false;
  if (checked.ambiguous || checked.annotated !== annotate || !isAsked(checked.level, edit.level, record.level)) return false;
  if (msg === undefined && record.msgSlot === -1) return checked.msgSlot === -1;
  if (checked.msgSlot === -1) return false;
  if (msg === undefined && holdsNote(record)) return holdsNote(checked);
  if (msg === undefined && isSameMessage(checked, record)) return true;
  return checked.text(checked.msgSlot) === (msg ?? record.text(record.msgSlot));
}

/** Whether two records have the same message, spelled in the same way: that costs less than to decode it. */
function isSameMessage(one: LogRecord, other: LogRecord): boolean {
  const [a, b] = [one.msgSlot, other.msgSlot];
  const [from, to, otherFrom, otherTo] = [one.starts[a]!, one.ends[a]!, other.starts[b]!, other.ends[b]!];
  if (one.kinds[a] !== other.kinds[b] || otherTo - otherFrom !== to - from) return false;
  return one.bytes.compare(other.bytes, otherFrom, otherTo, from, to) === 0;
}

const kindsAround = ({ envelope }: LogRecord): string => (envelope === undefined ? '' : envelope.kinds.join());

/** Whether the message is the object that takes the annotation: a header with nothing else behind it. */
const holdsNote = ({ headed, manner, ends, msgSlot, annotateAt }: LogRecord): boolean =>
  headed && manner === 'member' && msgSlot !== -1 && ends[msgSlot]! > annotateAt;

/** Whether a level is the one that was asked for, or the nearest that the format can say: klog has no word for debug. */
const isAsked = (level: number, asked: number, was: number): boolean =>
  level >= Math.min(asked, was) && level <= Math.max(asked, was);

/** Writes the new message in the place of the old one, and leaves none to write. */
function replaceMessage(record: LogRecord, msg: string): undefined {
  draft.replace(record.outerStart(record.msgSlot), record.outerEnd(record.msgSlot));
  draft.addText(writeMessage(record, msg));
}

/** Whether the line has a message, as a text, and an annotation can keep it so that `restore` gives its bytes back. */
function canRewrite(record: LogRecord, msg: string, dialect: Dialect): boolean {
  const { msgSlot, msgAgain, headed } = record;
  if (msgSlot === -1 || msgAgain) return false;
  const kind = record.kinds[msgSlot]!;
  const isText = kind >= QUOTED && kind <= UNQUOTED;
  // Before, a number, a list or an object was a message too.
  if (!isText && (dialect === 'now' || kind === FLAG)) return false;
  if (!headed) return true;
  if (holdsNote(record)) return false;
  if (UNWRITABLE.test(msg)) return false;
  const from = record.outerStart(msgSlot);
  const to = record.outerEnd(msgSlot);
  // Behind a header without a blank there is no message: a new one would stick to the header.
  if (from === to && record.bytes[from - 1]! > SPACE) return false;
  // Without a message nothing would tell on which side of the colours around it the old one stood.
  if (msg === '' && (record.bytes[to] === ESCAPE || record.bytes[from - 1] === COLOUR_END)) return false;
  // The annotation quotes the old message, so its escapes are ours and not those of an envelope.
  return isSpelledPlainly(record, envelopeOf(record), { from, to });
}

function writeMessage(record: LogRecord, msg: string): string {
  // The message of a text line mostly is the rest of the line: it has no quotes to be in.
  if (record.headed) return record.kinds[record.msgSlot] === UNQUOTED ? msg : JSON.stringify(msg);
  if (record.manner === 'member') return JSON.stringify(msg);
  return isGlued(record) ? JSON.stringify(msg) : pairValue(msg);
}

/** Whether something stands right behind the quotes of a message, as in `msg="a"x=1`: without quotes they would be one value. */
function isGlued(record: LogRecord): boolean {
  const kind = record.kinds[record.msgSlot];
  const end = record.outerEnd(record.msgSlot);
  return (kind === QUOTED || kind === LOGFMT_ESCAPED) && end < record.end && record.bytes[end]! > SPACE;
}
