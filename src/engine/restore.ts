import { readLine } from '../formats/index.ts';
import { valueEnd } from '../formats/json.ts';
import { spellLevel, type Level } from '../record/level.ts';
import { ANNOTATION, Names } from '../record/names.ts';
import { LogRecord, MISSING } from '../record/record.ts';
import { spelledLevel, unquoteBytes } from './edit.ts';

const LF = 0x0a;
const CR = 0x0d;
const MEMBER = Buffer.from(`,"${ANNOTATION}":{"rule":`);
const WAS = Buffer.from(',"was":');
const WAS_MSG = Buffer.from(',"was_msg":');
const PAIR = Buffer.from(` ${ANNOTATION}.rule=`);

/** The old bytes that an annotation keeps, and where it stands. */
interface Annotation {
  readonly start: number;
  readonly end: number;
  readonly was: Buffer;
  readonly wasMsg: Buffer | undefined;
}

/** JSON's members behind `was`, as we write them: in this order, each at most once. */
const MEMBERS_BEHIND =
  /^(?:,"why":"(?:[^"\\]|\\.)*")?(?:,"note":"(?:[^"\\]|\\.)*")?(?:,"repeats":[1-9]\d*)?(?:,"first":"[-\dT:.Z+]+")?(?:,"last":"[-\dT:.Z+]+")?\}$/u;

const VALUE = String.raw`(?:"(?:[^"\\]|\\.)*"|[^\0-\x20"]*)`;
const PAIRS = new RegExp(
  ` ${ANNOTATION}\\.rule=[\\w./-]+ ${ANNOTATION}\\.was=(?<was>"(?:[^"\\\\]|\\\\.)*"|[^\\0-\\x20]*)(?: ${ANNOTATION}\\.was_msg=(?<msg>"(?:[^"\\\\]|\\\\.)*"|[^\\0-\\x20]*))?` +
    ['why', 'note', 'repeats', 'first', 'last'].map((name) => `(?: ${ANNOTATION}\\.${name}=${VALUE})?`).join('') +
    '$',
  'u',
);

const record = new LogRecord(new Names([]));

/**
 * The line as it was before an edit, to the byte, or `undefined` where no edit can have made it.
 * Takes a line with its newline, if it has one, and gives it back with it.
 */
export function restoreLine(line: Buffer): Buffer | undefined {
  let end = line.length;
  if (end > 0 && line[end - 1] === LF) end -= 1;
  if (end > 0 && line[end - 1] === CR) end -= 1;
  if (!readLine(record, line, 0, end, 'auto') || record.ambiguous || !record.annotated) return undefined;
  const annotation = record.manner === 'member' ? memberOf(line) : pairsOf(line, end);
  if (annotation === undefined) return undefined;
  const restored = withoutAnnotation(line, annotation);
  return isOurs(restored, annotation) ? restored : undefined;
}

function withoutAnnotation(line: Buffer, { start, end, was, wasMsg }: Annotation): Buffer {
  const { levelSlot, msgSlot } = record;
  const level = [record.outerStart(levelSlot), record.outerEnd(levelSlot), was] as const;
  // The message of a text line goes on to the end, over the annotation.
  const msg = wasMsg && ([record.outerStart(msgSlot), Math.min(record.outerEnd(msgSlot), start), wasMsg] as const);
  const pieces: Buffer[] = [];
  let at = 0;
  for (const [from, to, old] of [level, ...(msg ? [msg] : []), [start, end, Buffer.alloc(0)] as const].sort(
    (a, b) => a[0] - b[0],
  )) {
    pieces.push(line.subarray(at, from), old);
    at = to;
  }
  return Buffer.concat([...pieces, line.subarray(at)]);
}

/** Whether an edit of `restored` can have given the line: its old level is the one that was kept, and the new one is spelled in its manner. */
function isOurs(restored: Buffer, { was, wasMsg }: Annotation): boolean {
  const newLevel = record.level as Level;
  const written = spelledLevel(record);
  let end = restored.length;
  if (end > 0 && restored[end - 1] === LF) end -= 1;
  if (!readLine(record, restored, 0, end, 'auto') || record.ambiguous || record.annotated) return false;
  if (!valueOf(restored, record.levelSlot).equals(was) || (wasMsg && !valueOf(restored, record.msgSlot).equals(wasMsg)))
    return false;
  return written === (newLevel === record.level ? spelledLevel(record) : spellLevel(newLevel, spelledLevel(record)));
}

const valueOf = (line: Buffer, slot: number): Buffer => line.subarray(record.outerStart(slot), record.outerEnd(slot));

/** The last member, if it is exactly what an edit writes. */
function memberOf(line: Buffer): Annotation | undefined {
  const slot = record.names.annotation[0]!;
  if (record.kinds[slot] === MISSING) return undefined;
  const valueStart = record.starts[slot]!;
  const end = record.ends[slot]!;
  const start = valueStart - MEMBER.indexOf('{');
  if (end !== record.annotateAt || start < 0 || !line.subarray(start).subarray(0, MEMBER.length).equals(MEMBER)) return undefined;
  const ruleEnd = valueEnd(line, start + MEMBER.length, end);
  if (line[start + MEMBER.length] !== 0x22 || !stands(WAS, line, ruleEnd)) return undefined;
  const wasStart = ruleEnd + WAS.length;
  const wasEnd = valueEnd(line, wasStart, end);
  let behind = wasEnd;
  let wasMsg: Buffer | undefined;
  // `was_msg` stands right behind `was`.
  if (stands(WAS_MSG, line, behind)) {
    if (record.msgSlot === -1) return undefined;
    const msgStart = behind + WAS_MSG.length;
    behind = valueEnd(line, msgStart, end);
    wasMsg = line.subarray(msgStart, behind);
  }
  if (!MEMBERS_BEHIND.test(line.toString('utf8', behind, end))) return undefined;
  return { start, end, was: line.subarray(wasStart, wasEnd), wasMsg };
}

/** The last pairs, if they are exactly what an edit writes. */
function pairsOf(line: Buffer, end: number): Annotation | undefined {
  const start = line.subarray(0, end).lastIndexOf(PAIR);
  if (start === -1) return undefined;
  const found = PAIRS.exec(line.toString('latin1', start, end));
  if (found === null || found.index !== 0) return undefined;
  const { was, msg } = found.groups as { was: string; msg?: string };
  if (msg !== undefined && record.msgSlot === -1) return undefined;
  const bytes = msg === undefined ? undefined : record.headed ? unquoteBytes(msg.slice(1, -1)) : Buffer.from(msg, 'latin1');
  return { start, end, was: Buffer.from(was, 'latin1'), wasMsg: bytes };
}

function stands(text: Buffer, bytes: Buffer, at: number): boolean {
  return at > 0 && bytes.subarray(at, at + text.length).equals(text);
}
