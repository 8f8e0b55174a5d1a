import { LineDraft, type Lent } from '../formats/draft.ts';
import { envelopeOf, isSpelledPlainly } from '../formats/envelope.ts';
import type { Level } from '../record/level.ts';
import type { LogRecord } from '../record/record.ts';
import { spellLevel } from '../record/scale.ts';
import { addAnnotation, pairValue } from './annotation.ts';

/** What is done to a line, and what is said about it. */
export interface Edit {
  readonly rule: string;
  readonly level: Level;
  /** The new message, decoded; `undefined` leaves the old one. */
  readonly msg: string | undefined;
  readonly why: string | undefined;
  readonly note: string | undefined;
  readonly summary: SummaryFacts | undefined;
}

export interface SummaryFacts {
  readonly repeats: number;
  /** ms since 1970; NaN where the line had no time. */
  readonly first: number;
  readonly last: number;
  /** The year is a guess, and is not said. */
  readonly isYearless: boolean;
}

const draft = new LineDraft();

/**
 * The line of `record` with its new level and message in place of the old bytes, and the
 * annotation at its end. All other bytes stay; nothing is serialised anew. `end` lies behind the
 * line's newline, if it has one. What it gives is good until the next call.
 */
export function applyEdit(record: LogRecord, edit: Edit, end: number, annotate: boolean): Lent {
  const { levelSlot, msgSlot } = record;
  const msg = msgSlot !== -1 && canRewrite(record) ? edit.msg : undefined;
  const messageFirst = msgSlot !== -1 && record.starts[msgSlot]! < record.starts[levelSlot]!;
  draft.begin(record, end);
  if (msg !== undefined && messageFirst) replaceMessage(record, msg);
  if (edit.level !== record.level) {
    for (const place of record.levelPlaces()) {
      draft.replace(place.start, place.end);
      draft.addText(spellLevel(edit.level, place.spelled, place.scale));
    }
  }
  if (msg !== undefined && !messageFirst) replaceMessage(record, msg);
  if (annotate) {
    draft.replace(record.annotateAt, record.annotateAt);
    addAnnotation(draft, record, edit, msg !== undefined);
  }
  return draft.finish();
}

function replaceMessage(record: LogRecord, msg: string): void {
  draft.replace(record.outerStart(record.msgSlot), record.outerEnd(record.msgSlot));
  draft.addText(writeMessage(record, msg));
}

/** Whether the old message can be kept in an annotation and had back as it was spelled: where it has to be quoted, its escapes are ours. */
function canRewrite(record: LogRecord): boolean {
  const { msgSlot, headed } = record;
  if (!headed) return true;
  return isSpelledPlainly(record, envelopeOf(record), { from: record.outerStart(msgSlot), to: record.outerEnd(msgSlot) });
}

/** Control characters, and nothing else, as JSON escapes them: for messages that stand without quotes. */
const escapeControls = (text: string): string =>
  text.replace(/[\p{Cc}\u2028\u2029]/gu, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);

function writeMessage(record: LogRecord, msg: string): string {
  if (record.manner === 'member') return JSON.stringify(msg);
  // The message of a text line is the rest of the line: it has no quotes to be in.
  return record.headed ? escapeControls(msg) : pairValue(msg);
}
