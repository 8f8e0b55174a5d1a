import { readInside } from '../formats/envelope.ts';
import { readLine } from '../formats/index.ts';
import { Kernel } from '../kernel/kernel.ts';
import { LEVELS } from '../record/level.ts';
import { Names } from '../record/names.ts';
import { LogRecord, unreachable } from '../record/record.ts';
import { quote } from '../rules/quote.ts';
import type { Example, Mask, Outcome, Rule, RuleSet } from '../rules/rule.ts';
import { annotationOf, textOf } from './edit/annotation-read.ts';
import { RELEASES, type Counts, type Release } from './counts.ts';
import { openEngine, type Engine, type EngineInput } from './engine.ts';
import type { Observer } from './observer.ts';
import { compilePlan, type Plan } from './plan.ts';
import type { EngineSettings } from './settings.ts';
import { UTC } from './zone.ts';

/** A line of an example that became something else than was expected. */
export interface ExampleFailure extends LineFailure {
  readonly rule: string;
  readonly example: string;
}

export interface LineFailure {
  /** Which entry of the example, from one. */
  readonly line: number;
  readonly text: string;
  readonly expected: string;
  readonly got: string;
  /** Where the cause may be. */
  readonly hint: string;
}

/**
 * Runs the examples of all rules, each by itself on a clock of its own, with all rules of the set:
 * as in a stream, the first that fits a line judges it.
 */
export function runExamples(ruleSet: RuleSet, settings: ExampleSettings): ExampleFailure[] {
  return withScene(ruleSet, settings, (scene) =>
    ruleSet.rules.flatMap((rule) =>
      rule.examples.flatMap((example) =>
        failuresIn(example, rule, scene).map((failure) => ({ rule: rule.id, example: example.name, ...failure })),
      ),
    ),
  );
}

type ExampleSettings = Omit<EngineSettings, 'clock' | 'zone' | 'archive'>;

/** What examples are played with. */
export interface Scene {
  readonly ruleSet: RuleSet;
  /** Of these rules. */
  readonly plan: Plan;
  readonly settings: EngineSettings;
  /** One for all: each reserves much address space. */
  readonly kernel: Kernel;
  /** What stands in lines that left. */
  readonly record: LogRecord;
  /** Is told of each decision. */
  readonly observer?: Observer | undefined;
  /** Hears what was counted in each example. */
  readonly onPlayed?: ((counts: Counts) => void) | undefined;
}

/** Opens a scene for as long as `use` needs it. */
export function withScene<Result>(ruleSet: RuleSet, settings: ExampleSettings, use: (scene: Scene) => Result): Result {
  const exampleSettings: EngineSettings = { ...settings, clock: 'example', zone: UTC, annotate: true, archive: undefined };
  const kernel = Kernel.take();
  try {
    const record = new LogRecord(new Names([], ruleSet.read));
    return use({ ruleSet, plan: compilePlan(ruleSet), settings: exampleSettings, kernel, record });
  } finally {
    kernel.giveBack();
  }
}

/** The scene for the examples of a rule: in shadow it is tried as if it were in force, and other rules in shadow are not there. */
export function sceneFor(id: string | undefined, scene: Scene): Scene {
  const { rules } = scene.ruleSet;
  if (id === undefined || !rules.some(({ shadow }) => shadow)) return scene;
  const inForce = rules.flatMap((each) => (each.id === id ? { ...each, shadow: undefined } : each.shadow ? [] : each));
  return withRules(scene, { ...scene.ruleSet, rules: inForce });
}

/** The lines of an example that became something else than was expected. `of`: the rule whose example it is. */
export function failuresIn(example: Example, of: Rule | undefined, stage: Scene): LineFailure[] {
  const scene = sceneFor(of?.id, stage);
  const rule = scene.ruleSet.rules.find(({ id }) => id === of?.id);
  const engine = engineOf(scene);
  const written = play(example, engine);
  const failures: LineFailure[] = [];
  for (const [index, { line, becomes }] of example.lines.entries()) {
    if (line === undefined || becomes === undefined) continue;
    const fate = fateOf(line, written[index]!, scene);
    const expected = expectedOf(becomes, fate);
    if (expected === undefined) continue;
    const got = gotOf(becomes, fate);
    const about = rule ?? judgeOf(fate, scene.ruleSet, engine.counts);
    const isUnlike = becomes.kind === 'folded' && fate.kind !== 'folded' && about !== undefined;
    const hint = (isUnlike ? maskFor(about, example, index, scene) : undefined) ?? hintFor(about, fate, engine.counts);
    failures.push({ line: index + 1, text: line, expected, got, hint });
  }
  scene.onPlayed?.(engine.counts);
  return failures;
}

/** Whether all lines of an example are as expected; the scene is the one for its rule. */
export function isAsExpected(example: Example, scene: Scene): boolean {
  const written = play(example, engineOf(scene));
  return example.lines.every(({ line, becomes }, index) => {
    if (line === undefined || becomes === undefined) return true;
    return expectedOf(becomes, fateOf(line, written[index]!, scene)) === undefined;
  });
}

/** What relevel writes for each entry of an example, in bytes. */
export const writtenIn = (example: Pick<Example, 'lines'>, scene: Scene): readonly string[] => play(example, engineOf(scene));

/** What becomes of each entry of an example; `undefined` of those in which only time passes. */
export function fatesIn({ lines }: Pick<Example, 'lines'>, scene: Scene): readonly (Fate | undefined)[] {
  const written = play({ lines }, engineOf(scene));
  return lines.map(({ line }, index) => (line === undefined ? undefined : fateOf(line, written[index]!, scene)));
}

/** The same with other rules. */
export const withRules = (scene: Scene, ruleSet: RuleSet): Scene => ({ ...scene, ruleSet, plan: compilePlan(ruleSet) });

const engineOf = ({ ruleSet, plan, settings, kernel, observer }: Scene): Engine =>
  openEngine(ruleSet, settings, { plan, kernel, observer });

/** The rule to ask why a line became what it is: the one that changed it, else the first that judged any. */
const judgeOf = (fate: Fate, { rules }: RuleSet, counts: Counts): Rule | undefined =>
  rules.find(({ id }) => fate.kind !== 'folded' && id === fate.after.rule) ??
  rules.find(({ id }) => counts.rules.get(id)!.fitted > 0);

/**
 * Plays an example, and gives what was written for each of its lines. Each line is a stream of
 * its own, all of one source: what leaves by a stream is the line's own, or the summary of a group that it is
 * the last of. What `at` has made due strictly before a line comes is decided by then.
 */
function play({ lines }: Pick<Example, 'lines'>, engine: Engine): readonly string[] {
  const source = engine.source('example');
  const streams = lines.map(() => {
    const chunks: Buffer[] = [];
    const input = source.input({ write: (bytes, start, end) => chunks.push(Buffer.from(bytes.subarray(start, end))) });
    return { input, chunks };
  });
  for (const [index, { at, line, exit }] of lines.entries()) {
    for (let due = engine.nextDue(); due < at; due = engine.nextDue()) engine.advance(due);
    if (line !== undefined) pushRecord(streams[index]!.input, line, at);
    else if (exit === undefined) engine.advance(at);
  }
  const { at: end, exit } = lines.at(-1) ?? { at: 0 };
  for (const { input } of streams) input.end(end);
  if (exit !== undefined) source.exited(exit, end, end);
  source.end(end);
  return streams.map(({ chunks }) => Buffer.concat(chunks).toString());
}

/** The line, and those that go on with it: no more will. */
function pushRecord(input: EngineInput, line: string, at: number): void {
  input.push(Buffer.from(line.endsWith('\n') ? line : `${line}\n`), at);
  input.endRecord();
}

/** What became of a line. */
export type Fate = { readonly kind: 'same' | 'changed'; readonly after: After } | { readonly kind: 'folded' };

/** What stands in a line that left. */
export interface After {
  readonly level: string | undefined;
  readonly msg: string | undefined;
  readonly rule: string | undefined;
  readonly note: string | undefined;
  readonly why: string | undefined;
}

/** Either a line leaves by its stream, or it was folded, and perhaps a summary does. */
function fateOf(line: string, written: string, scene: Scene): Fate {
  const [left = ''] = written.split('\n');
  if (written === (line.endsWith('\n') ? line : `${line}\n`)) return { kind: 'same', after: look(left, scene).after };
  const { after, repeats } = look(left, scene);
  return left === '' || repeats !== undefined ? { kind: 'folded' } : { kind: 'changed', after };
}

function look(
  text: string,
  { settings, kernel, record }: Scene,
): { readonly after: After; readonly repeats: string | undefined } {
  const bytes = Buffer.from(text);
  const { format, envelope = 'none' } = settings;
  readInside(record, bytes, 0, bytes.length, (...each) => readLine(kernel, ...each, format), envelope);
  const level = record.level === -1 ? undefined : LEVELS[record.level];
  const msg = record.msgSlot === -1 ? undefined : record.spelling(record.msgSlot);
  const annotation = annotationOf(record);
  const [rule, note, why, repeats] = ['rule', 'note', 'why', 'repeats'].map((name) => {
    const entry = annotation?.entries.get(name);
    return entry === undefined ? undefined : textOf(record, entry);
  });
  return { after: { level, msg, rule, note, why }, repeats };
}

/** What was expected and is not so, in words; `undefined` where all is as expected. */
function expectedOf(becomes: Outcome, fate: Fate): string | undefined {
  switch (becomes.kind) {
    case 'same':
    case 'folded':
      return fate.kind === becomes.kind ? undefined : wordOf(becomes.kind);
    case 'checks': {
      const wrong = checksOf(becomes).filter(([name, value]) => fate.kind === 'folded' || fate.after[name] !== value);
      return wrong.length === 0 ? undefined : listed(wrong);
    }
    default:
      return unreachable(becomes);
  }
}

/** What it is instead, as far as it was asked about. */
function gotOf(becomes: Outcome, fate: Fate): string {
  if (fate.kind === 'folded') return wordOf('folded');
  if (becomes.kind === 'checks') {
    const wrong = checksOf(becomes).filter(([name, value]) => fate.after[name] !== value);
    const is = listed(wrong.map(([name]) => [name, fate.after[name]]));
    return fate.kind === 'same' ? `${is} (the line is unchanged)` : is;
  }
  if (fate.kind === 'same') return wordOf('same');
  return listed(NAMES.flatMap((name) => (fate.after[name] === undefined || name === 'msg' ? [] : [[name, fate.after[name]]])));
}

const NAMES = ['level', 'rule', 'msg', 'note', 'why'] as const;

type Check = readonly [name: (typeof NAMES)[number], value: string | undefined];

function checksOf({ level, rule, msg, note, why }: Outcome & { readonly kind: 'checks' }): Check[] {
  const values = { level: level === undefined ? undefined : LEVELS[level], rule, msg, note, why };
  return NAMES.flatMap((name) => (values[name] === undefined ? [] : [[name, values[name]]]));
}

const listed = (checks: readonly Check[]): string => checks.map(([name, value]) => `${name} ${value ?? 'not there'}`).join(', ');

const wordOf = (kind: 'same' | 'folded'): string => (kind === 'same' ? 'same (the same bytes)' : 'folded (counted in a summary)');

/** Where to look for the cause of a line that was released. */
const REASONS: Readonly<Partial<Record<Release, string>>> = {
  failure: '"failure": one of its events came, and the rule has no "else"',
  silence: '"success": none of its events came with the same "by" and "within" the time; "failure" neither',
  'no-message': '"repeat": the line has no message; group by other fields with by: [{ field: msg, mask: all }, ...]',
  'no-time': '"within": the times of the two lines cannot be compared',
  protected: '"protect": a protected line came while the line waited',
  raised: '"raise": the line has that level already, or a higher one',
  budget: '"budget": it was used up',
  ended: 'the end: the line still waited; let time pass with { at: ... }',
};

/** Tried in this order: those that take the least of a message come first. */
const MASKS: readonly (readonly Mask[])[] = [
  ['number'],
  ['uuid'],
  ['ip'],
  ['hex'],
  ['quoted'],
  ['path'],
  ['word'],
  ['number', 'hex', 'uuid', 'ip'],
  ['quoted', 'number', 'hex', 'uuid', 'ip'],
  ['path', 'word'],
  ['quoted', 'path', 'word'],
];

/** The mask for want of which a line is no repeat, if there is one: with it, the example folds the line. */
function maskFor(rule: Rule, example: Example, index: number, scene: Scene): string | undefined {
  const { repeat } = rule;
  if (repeat === undefined) return undefined;
  const others = repeat.by.filter(({ field }) => field !== 'msg');
  const before = repeat.by.find(({ field }) => field === 'msg')?.mask ?? [];
  if (before === 'all') return undefined;
  const masks = MASKS.map((mask) => [...before, ...mask]).find((mask) => {
    const by = [...others, { field: 'msg', mask }];
    const rules = scene.ruleSet.rules.map((each) => (each === rule ? { ...rule, repeat: { ...repeat, by } } : each));
    const changed = { ...withRules(scene, { ...scene.ruleSet, rules }), observer: undefined };
    const written = play(example, engineOf(changed));
    return fateOf(example.lines[index]!.line!, written[index]!, changed).kind === 'folded';
  });
  if (masks === undefined) return undefined;
  const spelled = masks.map((mask) => (typeof mask === 'string' ? mask : `{ pattern: '${mask.pattern.replaceAll("'", "''")}' }`));
  return `"repeat": the message is not that of a line before it; with by: [{ field: msg, mask: [${spelled.join(', ')}] }] it folds`;
}

/** What most likely made the difference. */
function hintFor(rule: Rule | undefined, fate: Fate, counts: Counts): string {
  if (rule === undefined) return '"when": no rule matches a line of this test';
  if (fate.kind !== 'folded' && fate.after.rule !== undefined && fate.after.rule !== rule.id) {
    return `rule "${fate.after.rule}", which judges the line first`;
  }
  const count = counts.rules.get(rule.id)!;
  if (count.fitted === 0) return '"when": the rule fits no line of this example';
  if (fate.kind === 'same') {
    const [reason] = RELEASES.filter((each) => count.released[each] > 0);
    if (reason === 'no-key') return `"by": a field of it is missing: ${Object.keys(count.missing).map(quote).join(', ')}`;
    return reason === undefined
      ? '"when": the rule does not fit this line'
      : (REASONS[reason] ?? `what released the line: ${reason}`);
  }
  if (fate.kind === 'changed' && count.stayed > 0) return '"then" and "rest": they only lower, and theirs is the higher level';
  if (fate.kind === 'folded') return '"repeat": the line has the same key as one before it';
  return fate.after.why === undefined ? '"then"' : `what decided: ${fate.after.why}`;
}
