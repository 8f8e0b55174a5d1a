import { CRITICAL, FATAL } from '../record/level.ts';
import type { Names } from '../record/names.ts';
import { LogRecord, unreachable } from '../record/record.ts';
import { Misfits, testsIn, type Misfit } from '../rules/misfit.ts';
import type { Condition, Rule, RuleSet } from '../rules/rule.ts';
import type { LineReader, PlacedLine } from './line-reader.ts';

/** What keeps a rule from matching a line, before anybody looks for a remedy. */
export interface NearMiss {
  readonly rule: Rule;
  readonly misfits: readonly Misfit[];
  /** Tests of texts and values that the line does match. */
  readonly evidence: number;
}

/** Reads each line once for all rules, and asks each of their conditions about it. */
export class RuleReader {
  readonly record: LogRecord;
  readonly #reader: LineReader;
  readonly #misfits: Misfits;
  readonly #tests = new Map<Condition, readonly Condition[]>();

  /** `names`: of an engine's plan for these rules. */
  constructor({ rules, protect }: RuleSet, names: Names, reader: LineReader) {
    this.#reader = reader;
    this.#misfits = new Misfits(names);
    for (const condition of [...protect, ...rules.flatMap(conditionsOf)]) this.#misfits.add(condition);
    this.record = new LogRecord(names);
  }

  /** Reads a line into `record`; false if no format recognizes it. */
  read(line: Pick<PlacedLine, 'bytes' | 'source'>): boolean {
    return this.#reader.read(this.record, line);
  }

  matches(condition: Condition): boolean {
    return this.#misfits.of(condition, this.record).length === 0;
  }

  misfitsOf(condition: Condition): readonly Misfit[] {
    return this.#misfits.of(condition, this.record);
  }

  /** How far the line that was read is from a condition. */
  evidenceFor(condition: Condition): number {
    let tests = this.#tests.get(condition);
    if (tests === undefined) this.#tests.set(condition, (tests = testsIn(condition).filter(isTelling)));
    return tests.reduce((sum, test) => sum + (this.#misfits.matches(test, this.record) ? 1 : 0), 0);
  }

  /** `undefined`: the rule's condition matches. */
  missOf(rule: Rule): NearMiss | undefined {
    const misfits = this.#misfits.of(rule.when, this.record);
    if (misfits.length === 0) return undefined;
    return { rule, misfits, evidence: this.evidenceFor(rule.when) };
  }

  /** Whether rules leave lines of this level alone, whatever their conditions are. */
  leavesLevelOf(rule: Rule): 'fatal' | 'critical' | undefined {
    const { level } = this.record;
    if (level === FATAL) return 'fatal';
    return level === CRITICAL && !rule.judgesCritical ? 'critical' : undefined;
  }
}

/** All conditions of a rule. */
const conditionsOf = (rule: Rule): readonly Condition[] => [
  rule.when,
  ...(rule.await === undefined ? [] : [...rule.await.success, ...rule.await.failure].map(({ condition }) => condition)),
];

/** Whether a match says something about the line: most lines have a level, and some fields. */
function isTelling(condition: Condition): boolean {
  if (condition.kind !== 'field') return false;
  const { test } = condition;
  switch (test.kind) {
    case 'in':
    case 'contains':
    case 'starts_with':
    case 'ends_with':
    case 'matches':
    case 'glob':
      return true;
    case 'gt':
    case 'gte':
    case 'lt':
    case 'lte':
    case 'exists':
      return false;
    default:
      return unreachable(test);
  }
}
