import { LEVELS, type Level } from '../../record/level.ts';
import { namesIn, type Condition, type ExampleLine, type Rule, type RuleSet } from '../../rules/rule.ts';
import type { LineEditor } from './line-editor.ts';
import { fieldTestsIn, joinedFor, specimenOf, valuesFor } from './specimen.ts';
import type { Mutant } from './mutants.ts';

/** A line of a trial, or that time passes, or the end of the process. */
export type TrialLine = Pick<ExampleLine, 'at' | 'line' | 'exit'>;

export type Trial = readonly TrialLine[];

/** What is varied, and how. */
interface Interest {
  /** Durations that decide, ms, shortest first. */
  readonly spans: readonly number[];
  /** Fields, those in which rules and mutant differ first. */
  readonly paths: readonly string[];
  readonly awaitsExit: boolean;
  /** Fields that make keys. */
  readonly keys: readonly string[];
  /** Values to try under each. */
  readonly values: ReadonlyMap<string, readonly string[]>;
}

/** Variations of lines on which rules and a mutant of them may differ, the likeliest first. `others`: lines to put between. */
export class Variations {
  readonly #editor: LineEditor;
  readonly #interest: Interest;
  readonly #specimens: readonly string[];
  /** Lines that nearly have what the broken conditions ask for. */
  readonly #nearly: readonly string[];

  constructor(ruleSet: RuleSet, mutant: Mutant, editor: LineEditor) {
    this.#editor = editor;
    const rules = mutant.rule === undefined ? ruleSet.rules : ruleSet.rules.filter(({ id }) => id === mutant.rule);
    this.#interest = interestIn(rules, mutant);
    const conditions = [...mutant.about, ...rules.slice(0, MOST_RULES).flatMap(conditionsOf)];
    this.#specimens = [...new Set(conditions.map((condition) => specimenOf(condition, mutant.about)))];
    this.#nearly = mutant.about
      .flatMap((condition) => [...this.#changed(specimenOf(condition, mutant.about))])
      .slice(0, MOST_NEARLY);
  }

  /** Lines made from the conditions alone: for rules that have no example. */
  get bases(): readonly Trial[] {
    return this.#specimens.map((line) => [{ at: 0, line }]);
  }

  *of(base: Trial, others: readonly string[]): Generator<Trial> {
    const end = 2 * (this.#interest.spans.at(-1) ?? 0) + 1;
    for (const trial of this.#variationsOf(base, others)) {
      // Once as it is: the last line may decide, or the end.
      const last = trial.findIndex(({ exit }) => exit !== undefined);
      const open = last === -1 ? trial : trial.toSpliced(last, 1);
      const at = open.at(-1)?.at ?? 0;
      if (last === -1) yield trial;
      else yield [...open, { ...trial[last]!, at: Math.max(at, trial[last]!.at) }];
      if (end > 1) yield [...open, { at: at + end, line: undefined }];
    }
  }

  *#variationsOf(base: Trial, others: readonly string[]): Generator<Trial> {
    yield base;
    yield* this.#exits(base);
    yield* this.#oneChanged(base);
    // In turn, so that each kind comes before the trials are used up.
    yield* inTurn([
      this.#moved(base),
      this.#pairs(base),
      this.#doubled(base),
      this.#between(base, [...this.#specimens, ...this.#nearly]),
      this.#between(base, others),
    ]);
  }

  /** With the end of the process, if the rule awaits it. */
  *#exits(base: Trial): Generator<Trial> {
    if (!this.#interest.awaitsExit) return;
    const open = base.filter(({ exit }) => exit === undefined);
    const at = open.at(-1)?.at ?? 0;
    for (const exit of EXITS) for (const gap of [1, ...this.#gaps()]) yield [...open, { at: at + gap, line: undefined, exit }];
  }

  *#oneChanged(base: Trial): Generator<Trial> {
    for (const [index, each] of base.entries())
      for (const line of this.#changed(each.line)) yield base.with(index, { ...each, line });
  }

  /** With another time between a line and the one before it. */
  *#moved(base: Trial): Generator<Trial> {
    for (let index = 1; index < base.length; index += 1)
      for (const gap of this.#gaps()) {
        const by = this.#gapTo(base, index, gap);
        yield base.map((each, i) => (i < index ? each : this.#later(each, by)));
      }
  }

  /** How much later a line has to come, so that it comes so long after the one before. */
  #gapTo(base: Trial, index: number, gap: number): number {
    const [before, line] = [base[index - 1]!, base[index]!];
    const [from, to] = [before, line].map((each) => (each.line === undefined ? NaN : this.#editor.timeOf(each.line)));
    return Number.isNaN(to! - from!) ? before.at + gap - line.at : gap - (to! - from!);
  }

  #later({ at, line, exit }: TrialLine, by: number): TrialLine {
    return { at: Math.max(0, at + by), exit, line: line === undefined ? undefined : (this.#editor.later(line, by) ?? line) };
  }

  /** Between halves and doubles of what decides, and 1 ms. */
  #gaps(): number[] {
    return [1, ...this.#interest.spans.flatMap((span) => [Math.ceil(span * 0.75), Math.ceil(span * 1.5)])];
  }

  /** With one field changed. */
  *#changed(line: string | undefined): Generator<string> {
    if (line === undefined) return;
    const editor = this.#editor;
    const made = new Set<string>([line]);
    const isNew = (each: string | undefined): each is string => each !== undefined && !made.has(each) && made.add(each).size > 0;
    const { paths, values } = this.#interest;
    for (const path of paths) {
      const without = editor.without(line, path);
      if (isNew(without)) yield without;
      const value = editor.valueOf(line, path);
      const near = value === undefined ? [] : nearValues(value);
      for (const each of [...near, ...(values.get(path) ?? [])]) {
        const other = editor.withValue(line, path, each);
        if (isNew(other)) yield other;
      }
    }
    for (const level of LEVELS.keys()) {
      const other = editor.withLevel(line, level as Level);
      if (isNew(other)) yield other;
    }
  }

  /** With a line once more at the end, as it is or with a field changed in one or both. */
  *#doubled(base: Trial): Generator<Trial> {
    const last = base.at(-1)!;
    for (const each of base) {
      if (each.line === undefined) continue;
      for (const gap of [0, ...this.#gaps()]) {
        const copy = this.#later({ at: last.at, line: each.line }, gap);
        const double: TrialLine = { at: last.at + gap, line: copy.line };
        yield [...base, double];
        if (gap > 1) continue;
        for (const line of this.#changed(double.line)) yield [...base, { ...double, line }];
      }
    }
  }

  /** A line twice by itself: changed in one way, or in two, with different numbers in one field. */
  *#pairs(base: Trial): Generator<Trial> {
    const editor = this.#editor;
    for (const { line } of base) {
      for (const changed of this.#changed(line)) yield [changed, changed].map((each) => ({ at: 0, line: each }));
      for (const path of line === undefined ? [] : this.#interest.paths) {
        const value = editor.valueOf(line!, path);
        const pair = ['1', '2'].map((digit) => editor.withValue(line!, path, `${value}${digit}`));
        if (value !== undefined) yield pair.map((each) => ({ at: 0, line: each }));
      }
    }
  }

  /** With another line before, between or behind, with the keys of the line that it follows. */
  *#between(base: Trial, others: readonly string[]): Generator<Trial> {
    for (const other of others)
      for (const [index, { at, line }] of base.entries()) {
        if (line === undefined) continue;
        const inserted = this.#placed(other, line);
        const keyed = this.#withKeysOf(inserted, line);
        for (const each of new Set([keyed, inserted])) {
          yield base.toSpliced(index, 0, { at, line: each });
          for (const gap of this.#gaps()) {
            const later = base.slice(index + 1).map((behind) => (behind.at < at + gap ? { ...behind, at: at + gap } : behind));
            yield [...base.slice(0, index + 1), { at: at + gap, line: this.#editor.later(each, gap) ?? each }, ...later];
          }
        }
      }
  }

  /** A line at the time of another one, or without a time. */
  #placed(line: string, beside: string): string {
    const by = this.#editor.timeOf(beside) - this.#editor.timeOf(line);
    return this.#editor.later(line, by) ?? this.#editor.withoutTime(line) ?? line;
  }

  #withKeysOf(line: string, beside: string): string {
    let keyed = line;
    for (const path of this.#interest.keys) {
      const value = this.#editor.valueOf(beside, path);
      if (value !== undefined) keyed = this.#editor.withValue(keyed, path, value) ?? keyed;
    }
    return keyed;
  }
}

const MOST_NEARLY = 30;
/** Done, failed, killed. */
const EXITS = [0, 1, 137];

/** One of each in turn. */
function* inTurn<Item>(all: readonly Generator<Item>[]): Generator<Item> {
  let open = all;
  while (open.length > 0) {
    const ended = new Set<Generator<Item>>();
    for (const each of open) {
      const next = each.next();
      if (next.done === true) ended.add(each);
      else yield next.value;
    }
    open = open.filter((each) => !ended.has(each));
  }
}

/** Of a mutant of what a file protects, so many rules are looked at. */
const MOST_RULES = 20;

function nearValues(value: string): string[] {
  if (/^-?\d{1,15}$/u.test(value)) return [String(Number(value) + 1), `${value}x`];
  const number = /\d{1,15}(?!.*\d)/u.exec(value)?.[0];
  const counted = number === undefined ? [] : [value.replace(number, String(Number(number) + 1))];
  return [...counted, `${value} x`, `x ${value}`, `${value}x`, 'other'];
}

function conditionsOf(rule: Rule): Condition[] {
  const { success, failure } = rule.await ?? { success: [], failure: [] };
  return [rule.when, ...[...success, ...failure].map(({ condition }) => condition)];
}

function interestIn(rules: readonly Rule[], { about, fields }: Mutant): Interest {
  const spans = rules.flatMap((rule) => [
    ...(rule.await === undefined ? [] : [rule.await.within, ...(rule.await.lookback === undefined ? [] : [rule.await.lookback])]),
    ...(rule.repeat === undefined ? [] : [rule.repeat.window]),
  ]);
  const keys = rules.flatMap((rule) => [
    ...(rule.await?.by ?? []).flatMap(({ here, there }) => [...namesIn(here), ...namesIn(there)]),
    ...(rule.repeat?.by ?? []).flatMap(({ field }) => namesIn(field)),
  ]);
  const tests = [...about, ...rules.slice(0, MOST_RULES).flatMap(conditionsOf)].flatMap(fieldTestsIn);
  const values = new Map<string, string[]>();
  for (const { path, test } of tests) {
    const name = path === '$line' ? 'msg' : path;
    values.set(name, [...new Set([...(values.get(name) ?? []), ...valuesFor(test)])]);
  }
  for (const [name, known] of values)
    values.set(name, [...known, ...joinedFor(tests.flatMap(({ path, test }) => (path === name ? [test] : [])))]);
  return {
    spans: [...new Set(spans)].toSorted((a, b) => a - b),
    paths: [...new Set([...fields, ...values.keys(), ...keys, 'msg'])],
    awaitsExit: rules.some((rule) => rule.await?.exits !== undefined),
    keys: [...new Set(keys)],
    values,
  };
}
