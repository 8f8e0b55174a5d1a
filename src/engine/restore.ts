import { LineDraft, ownOf } from '../formats/draft.ts';
import { envelopeOf, isSpelledPlainly, readInside, type EnvelopeKind, type Kept } from '../formats/envelope.ts';
import { cutAgain } from '../formats/envelope-pieces.ts';
import { valueEnd } from '../formats/json.ts';
import type { Level } from '../record/level.ts';
import { ANNOTATION, Names } from '../record/names.ts';
import { LogRecord, MISSING } from '../record/record.ts';
import { spellLevel } from '../record/scale.ts';
import { unquoteBytes } from './annotation.ts';

const LF = 0x0a;
const MEMBER = Buffer.from(`,"${ANNOTATION}":{"rule":`);
const WAS = Buffer.from(',"was":');
const WAS_MSG = Buffer.from(',"was_msg":');
const PAIR = Buffer.from(` ${ANNOTATION}.rule=`);

/** An annotation, at offsets of its record's bytes, and the old bytes that it keeps. */
interface Annotation {
  readonly start: number;
  readonly end: number;
  readonly was: Kept;
  /** The old message; as bytes where the annotation has it in quotes that are ours. */
  readonly wasMsg: Kept | Buffer | undefined;
  /** How the line had been cut up. */
  readonly pieces: string | undefined;
}

/** JSON's members behind `was`, as we write them: in this order, each at most once. */
const MEMBERS_BEHIND =
  /^(?:,"why":"(?:[^"\\]|\\.)*")?(?:,"note":"(?:[^"\\]|\\.)*")?(?:,"repeats":[1-9]\d*)?(?:,"first":"[-\dT:.Z+]+")?(?:,"last":"[-\dT:.Z+]+")?(?:,"pieces":"(?<pieces>[-\dT:.Z+@,]+)")?\}$/u;

const VALUE = String.raw`(?:"(?:[^"\\]|\\.)*"|[^\0-\x20"]*)`;
const PAIRS = new RegExp(
  ` ${ANNOTATION}\\.rule=[\\w./-]+ ${ANNOTATION}\\.was=(?<was>"(?:[^"\\\\]|\\\\.)*"|[^\\0-\\x20]*)(?: ${ANNOTATION}\\.was_msg=(?<msg>"(?:[^"\\\\]|\\\\.)*"|[^\\0-\\x20]*))?` +
    ['why', 'note', 'repeats', 'first', 'last'].map((name) => `(?: ${ANNOTATION}\\.${name}=${VALUE})?`).join('') +
    `(?: ${ANNOTATION}\\.pieces=(?<pieces>[-\\dT:.Z+@,]+))?$`,
  'du',
);

const record = new LogRecord(new Names([]));
const draft = new LineDraft();

/**
 * The line as it was before an edit, to the byte, or `undefined` where no edit can have made it.
 * Takes a line with its newline, if it has one, and gives it back with it; all pieces of one that was cut up.
 */
export function restoreLine(line: Buffer): Buffer | undefined {
  return restoreInside(line, 'auto') ?? restoreInside(line, 'none');
}

function restoreInside(line: Buffer, kind: EnvelopeKind): Buffer | undefined {
  const end = line.at(-1) === LF ? line.length - 1 : line.length;
  if (!readInside(record, line, 0, end, 'auto', kind) || record.ambiguous || !record.annotated) return undefined;
  const annotation = record.manner === 'member' ? memberOf() : pairsOf();
  if (annotation === undefined || !isOurSpelling(annotation)) return undefined;
  const restored = undo(annotation, line.length);
  if (!isOurs(restored, annotation, kind)) return undefined;
  return annotation.pieces === undefined ? restored : cutAgain(restored, annotation.pieces);
}

/** The line without the annotation, and with what that has kept. */
function undo({ start, end, was, wasMsg }: Annotation, lineEnd: number): Buffer {
  const { levelSlot, msgSlot } = record;
  const changes: { readonly start: number; readonly end: number; readonly old: Kept | Buffer | undefined }[] = [
    { start: record.outerStart(levelSlot), end: record.outerEnd(levelSlot), old: was },
    { start, end, old: undefined },
  ];
  // The message of a text line goes on to the end, over the annotation.
  if (wasMsg !== undefined)
    changes.push({ start: record.outerStart(msgSlot), end: Math.min(record.outerEnd(msgSlot), start), old: wasMsg });
  changes.sort((a, b) => a.start - b.start);

  draft.begin(record, lineEnd);
  for (const change of changes) {
    draft.replace(change.start, change.end);
    if (change.old === undefined) continue;
    if (Buffer.isBuffer(change.old)) draft.addBytes(change.old);
    else draft.addOld(change.old.from, change.old.to);
  }
  return ownOf(draft.finish());
}

/** Whether what an edit writes of its own, in a JSON string, is spelled as it spells it. */
function isOurSpelling({ start, end, was, wasMsg }: Annotation): boolean {
  const { levelSlot, msgSlot } = record;
  const envelope = envelopeOf(record);
  const old = wasMsg === undefined || Buffer.isBuffer(wasMsg) ? [was] : [was, wasMsg];
  const written: Kept[] = [];
  let from = start;
  for (const kept of old) {
    written.push({ from, to: kept.from });
    from = kept.to;
  }
  written.push({ from, to: end });
  if (!valueOf(levelSlot).equals(record.bytes.subarray(was.from, was.to)))
    written.push({ from: record.starts[levelSlot]!, to: record.ends[levelSlot]! });
  if (wasMsg !== undefined) written.push({ from: record.outerStart(msgSlot), to: Math.min(record.outerEnd(msgSlot), start) });
  return written.every((kept) => isSpelledPlainly(record, envelope, kept));
}

/** Whether an edit of `restored` can have given the line: its old level is the one that was kept, and the new one is spelled in its manner. */
function isOurs(restored: Buffer, { was, wasMsg }: Annotation, kind: EnvelopeKind): boolean {
  const newLevel = record.level as Level;
  const written = record.levelPlaces()[0]!.spelled;
  const oldLevel = Buffer.from(record.bytes.subarray(was.from, was.to));
  const oldMsg =
    wasMsg === undefined || Buffer.isBuffer(wasMsg) ? wasMsg : Buffer.from(record.bytes.subarray(wasMsg.from, wasMsg.to));
  const end = restored.at(-1) === LF ? restored.length - 1 : restored.length;
  if (!readInside(record, restored, 0, end, 'auto', kind) || record.ambiguous || record.annotated) return false;
  if (!valueOf(record.levelSlot).equals(oldLevel) || (oldMsg !== undefined && !valueOf(record.msgSlot).equals(oldMsg)))
    return false;
  const { spelled, scale } = record.levelPlaces()[0]!;
  return written === (newLevel === record.level ? spelled : spellLevel(newLevel, spelled, scale));
}

const valueOf = (slot: number): Buffer => record.bytes.subarray(record.outerStart(slot), record.outerEnd(slot));

/** The last member, if it is exactly what an edit writes. */
function memberOf(): Annotation | undefined {
  const slot = record.names.annotation[0]!;
  if (record.kinds[slot] === MISSING) return undefined;
  const { bytes } = record;
  const valueStart = record.starts[slot]!;
  const end = record.ends[slot]!;
  const start = valueStart - MEMBER.indexOf('{');
  if (end !== record.annotateAt || start < record.start || !stands(MEMBER, start)) return undefined;
  const ruleEnd = valueEnd(bytes, start + MEMBER.length, end);
  if (bytes[start + MEMBER.length] !== 0x22 || !stands(WAS, ruleEnd)) return undefined;
  const wasStart = ruleEnd + WAS.length;
  const wasEnd = valueEnd(bytes, wasStart, end);
  let behind = wasEnd;
  let wasMsg: Kept | undefined;
  // `was_msg` stands right behind `was`.
  if (stands(WAS_MSG, behind)) {
    if (record.msgSlot === -1) return undefined;
    const from = behind + WAS_MSG.length;
    behind = valueEnd(bytes, from, end);
    wasMsg = { from, to: behind };
  }
  const found = MEMBERS_BEHIND.exec(bytes.toString('utf8', behind, end));
  return found === null
    ? undefined
    : { start, end, was: { from: wasStart, to: wasEnd }, wasMsg, pieces: found.groups!['pieces'] };
}

/** The last pairs, if they are exactly what an edit writes. */
function pairsOf(): Annotation | undefined {
  const { bytes, end } = record;
  const start = bytes.subarray(0, end).lastIndexOf(PAIR);
  if (start < record.start) return undefined;
  const found = PAIRS.exec(bytes.toString('latin1', start, end));
  if (found === null || found.index !== 0) return undefined;
  const [wasFrom, wasTo] = found.indices!.groups!['was']!;
  const was = { from: start + wasFrom, to: start + wasTo };
  const { msg, pieces } = found.groups!;
  if (msg === undefined) return { start, end, was, wasMsg: undefined, pieces };
  if (record.msgSlot === -1) return undefined;
  const [from, to] = found.indices!.groups!['msg']!;
  const wasMsg = record.headed ? unquoteBytes(msg.slice(1, -1)) : { from: start + from, to: start + to };
  return { start, end, was, wasMsg, pieces };
}

function stands(text: Buffer, at: number): boolean {
  return at > 0 && record.bytes.subarray(at, at + text.length).equals(text);
}
