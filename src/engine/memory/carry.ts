import { createHash } from 'node:crypto';
import { withTail, type Lent } from '../../formats/draft.ts';
import type { Frame } from '../../formats/envelope-frame.ts';
import { namesNoDate, NO_DOMAIN, type ClockDomain } from '../../record/clock-domain.ts';
import { LEVELS, type Level } from '../../record/level.ts';
import type { LogRecord } from '../../record/record.ts';
import { ANNOTATED, applyEdit, type LineReader } from '../edit/edit.ts';
import type { Group, GroupInput, Groups, GroupSource, Words } from './groups.ts';
import type { CompiledRule, Plan } from '../plan.ts';
import { definitionOf } from '../reload.ts';

const LF = 0x0a;

/** What of an `Engine` is needed here. */
export interface CarryEngine extends LineReader {
  readonly plan: Plan;
  readonly groups: Groups;
  /** A record for a line that was folded. */
  readonly folded: LogRecord;
  addDue(group: Group): void;
}

/** The source that the groups are of. */
interface CarrySource extends GroupSource {
  /** In order of opening. */
  readonly openGroups: readonly Group[];
  readonly stream: { readonly outflow: GroupInput['outflow'] & { emit(line: Lent): void } };
}

/** What a source keeps from one process to the next; JSON. */
export interface SourceState {
  readonly groups: readonly GroupState[];
  /** Streams in the middle of a line in pieces that leaves as it comes. */
  readonly cut: readonly Frame['stream'][];
}

/** An open group as it is kept from one process to the next; JSON. */
export interface GroupState {
  readonly rule: string;
  /** Of the rule as it was: another rule of the same id does not go on with its groups. */
  readonly definition: string;
  readonly key: string;
  /** ms since 1970; `null` without a time. */
  readonly first: number | null;
  /** How the time of the first line is written; an older checkpoint does not say. */
  readonly domain?: ClockDomain | undefined;
  readonly level: Level;
  /** When the clock closes it. */
  readonly due: number;
  readonly folded: number;
  readonly last: number | null;
  /** The last folded line, as base64. */
  readonly line: string;
  /** How many bytes of it are its first line, if others go on with that. */
  readonly head?: number | undefined;
  /** How many lines it is, if that is more than one. */
  readonly lines?: number | undefined;
  readonly words: Partial<Words>;
}

/** The open groups of a source, in order of opening. */
export function groupStates(source: Pick<CarrySource, 'openGroups'>): GroupState[] {
  return source.openGroups.map((group) => ({
    rule: group.rule.rule.id,
    definition: definitionHash(group.rule),
    key: group.key,
    first: Number.isNaN(group.first) ? null : group.first,
    domain: group.domain,
    level: group.level,
    due: group.due,
    folded: group.folded,
    last: Number.isNaN(group.last) ? null : group.last,
    line: group.bytes.toString('base64', group.start, group.start + group.length),
    ...(group.head < group.length ? { head: group.head, lines: group.lines } : {}),
    words: group.words,
  }));
}

/**
 * Opens groups again, in a source that has a stream and has seen nothing yet. Where the rule is not what it
 * was, the summary is written at once: lines that were counted are never forgotten.
 */
export function restoreGroups(engine: CarryEngine, source: CarrySource, states: readonly GroupState[]): void {
  const rules = new Map(engine.plan.rules.map((rule) => [rule.rule.id, rule]));
  for (const state of states) {
    const rule = rules.get(state.rule);
    if (rule?.repeat !== undefined && definitionHash(rule) === state.definition) reopen(engine, source, rule, state);
    else if (state.folded > 0) source.stream.outflow.emit(orphanSummary(engine, state));
  }
}

function reopen(engine: CarryEngine, source: CarrySource, rule: CompiledRule, state: GroupState): void {
  const { groups } = engine;
  const line = Buffer.from(state.line, 'base64');
  const { key, domain = NO_DOMAIN, level, due } = state;
  const group: Group = groups.open({ source, rule, key, first: state.first ?? NaN, domain, level, due, length: line.length });
  engine.addDue(group);
  if (state.folded === 0 || !group.open) return;
  const words = { why: undefined, msg: undefined, note: undefined, ...state.words };
  const place = { bytes: line, start: 0, end: line.length, headEnd: state.head ?? line.length, lines: state.lines ?? 1 };
  groups.fold(group, { time: state.last ?? NaN, domain, ...place, input: source.stream, words });
  groups.keepFolded();
  group.folded = state.folded;
}

/** The summary of a group whose rule is gone: its last line at the level that it had. */
function orphanSummary(engine: CarryEngine, { rule, line, head, folded, first, last, words, domain }: GroupState): Lent {
  const record = engine.folded;
  const bytes = Buffer.from(line, 'base64');
  const end = head ?? bytes.length;
  engine.read(record, bytes, 0, bytes[end - 1] === LF ? end - 1 : end);
  if (record.level === -1) return { bytes, end: bytes.length };
  const years = { isFirstYearless: false, isLastYearless: false };
  const isDated = domain === undefined || !namesNoDate(domain);
  const summary = { repeats: folded, first: (isDated && first) || NaN, last: (isDated && last) || NaN, ...years };
  const edit = { rule, level: record.level, msg: words.msg, why: words.why, note: words.note, summary, gaps: [] };
  // Of a summary there always is one.
  return withTail(applyEdit(record, edit, end, ANNOTATED, engine).line!, bytes, end, bytes.length);
}

/** Which lines have one key, beside the rule's own words; another number where that changes. 2: none without a message. */
const KEYS = 2;

const definitionHash = ({ rule }: CompiledRule): string =>
  createHash('sha256')
    .update(`${KEYS} ${definitionOf(rule)}`)
    .digest('base64')
    .slice(0, 22);

/** Whether something that was read is such a group. */
export function isGroupState(value: unknown): value is GroupState {
  if (typeof value !== 'object' || value === null) return false;
  const state = value as Partial<Record<keyof GroupState, unknown>>;
  const isTime = (time: unknown): boolean => time === null || typeof time === 'number';
  return (
    [state.rule, state.definition, state.key, state.line].every((text) => typeof text === 'string') &&
    [state.due, state.folded].every((number) => typeof number === 'number') &&
    typeof state.level === 'number' &&
    LEVELS[state.level] !== undefined &&
    isTime(state.first) &&
    isTime(state.last) &&
    [state.domain, state.head, state.lines].every((number) => number === undefined || typeof number === 'number') &&
    typeof state.words === 'object' &&
    state.words !== null
  );
}
