import { compileMasks } from '../../engine/memory/mask.ts';
import type { Mask } from '../../rules/rule.ts';
import { groupKeyOf, type Grouping } from './grouping.ts';
import { conditionOf, type Captures, type ConditionText } from './condition-text.ts';
import type { Facts, LineFact } from './facts.ts';
import { LONGEST_WAIT, withinOf, type Healing, type HealingMiner, type KeyPart } from './healing.ts';
import type { Known } from './known.ts';
import { groupFieldsOf, seenOf, WINDOWS, type RepeatMiner, type Seen } from './repeats.ts';
import { isAboutSecurity, isFailure, meaningOf, textOf, type Statement, type Statements } from './statements.ts';

/** So many cases are needed to propose that a success be awaited, of which so many must be answered. */
const LEAST_CASES = 20;
const LEAST_ANSWERED = 0.8;
/** The success must be so much more likely behind a failure than at any other moment. */
const LEAST_LIFT = 1.5;
/** If it comes more often where nothing had failed, it says that something ended. */
const ENDED = 0.5;
/** So many lines are needed to propose that they be folded, and so many of them must be repeats. */
const LEAST_REPEATS = 3;
const LEAST_FOLDED = 0.5;

/** What an await rule waits for. */
export interface AwaitProposal {
  readonly kind: 'await';
  readonly when: ConditionText;
  readonly success: ConditionText;
  /** As in `by`. */
  readonly by: readonly KeyPart[];
  readonly within: string;
  readonly healing: Healing;
}

export interface RepeatProposal extends Grouping {
  readonly kind: 'repeat';
  readonly when: ConditionText;
  readonly window: string;
  readonly windowMs: number;
  readonly groups: number;
}

interface Common {
  readonly statement: Statement;
  readonly text: string;
  readonly lines: number;
  readonly facts: readonly LineFact[];
}

/** What is to be said of the failures of one statement. */
export type Finding =
  | (Common & { readonly kind: 'known'; readonly rule: string; readonly file: string })
  | (Common & {
      readonly kind: 'heals' | 'ends';
      readonly proposal: AwaitProposal;
      readonly success: Statement;
      readonly pair: { readonly failure: LineFact; readonly success: LineFact } | undefined;
      readonly exception: LineFact | undefined;
    })
  | (Common & { readonly kind: 'repeats'; readonly proposal: RepeatProposal; readonly healing: string | undefined })
  | (Common & { readonly kind: 'seen'; readonly why: string });

export interface Mined {
  readonly statements: Statements;
  readonly repeats: RepeatMiner;
  readonly healings: HealingMiner;
  readonly facts: Facts;
  readonly known: Known;
}

/** What there is to say of each statement that failed, the noisiest first. */
export function findingsOf(mined: Mined): readonly Finding[] {
  const { statements, repeats } = mined;
  const failing = statements.all.flatMap((statement) => {
    if (!isFailure(statement) || isAboutSecurity(statement)) return [];
    const seen = seenOf(statement, repeats);
    return seen.lines === 0 ? [] : [{ statement, seen }];
  });
  failing.sort((a, b) => b.seen.lines - a.seen.lines || a.statement.root - b.statement.root);
  const findings = failing.slice(0, MOST_FINDINGS).map(({ statement, seen }) => findingOf(statement, seen, mined));
  return findings.toSorted((a, b) => RANK[a.kind] - RANK[b.kind] || b.lines - a.lines || a.statement.root - b.statement.root);
}

/** More statements are not looked at. */
const MOST_FINDINGS = 200;
const RANK: Readonly<Record<Finding['kind'], number>> = { heals: 0, repeats: 0, known: 0, ends: 1, seen: 2 };

function findingOf(statement: Statement, seen: Seen, mined: Mined): Finding {
  const facts = mined.facts.all(seen.refs);
  const common: Common = { statement, text: textOf(statement), lines: seen.lines, facts };
  const rule = facts.map((fact) => mined.known.ruleFor(fact)).find((each) => each !== undefined);
  if (rule !== undefined) return { ...common, kind: 'known', rule: rule.id, file: rule.file };
  if (facts.length === 0) return { ...common, kind: 'seen', why: 'its lines are too long, or cannot be read again' };
  const healed = healedOf(common, mined);
  if (typeof healed === 'object') return healed;
  const repeated = repeatedOf(common, seen);
  if (typeof repeated === 'object') return { ...common, kind: 'repeats', proposal: repeated, healing: healed };
  return { ...common, kind: 'seen', why: healed ?? repeated };
}

// heals

const rate = (count: number, of: number): number => (of === 0 ? 0 : count / of);

/** The best of the successes: a finding, or what is missing for one. */
function healedOf(common: Common, { healings, statements, facts }: Mined): Finding | string | undefined {
  const { statement } = common;
  const own = merged(statement, [...healings.found.values()], statements);
  const judged = own
    .map(withoutLate)
    .filter((healing) => !isByChance(healing))
    .map((healing) => ({ healing, success: statements.of[healing.success]!, lack: lackOf(healing) }));
  judged.sort(
    (a, b) =>
      Number(a.lack !== undefined) - Number(b.lack !== undefined) ||
      Number(isEnding(a.healing)) - Number(isEnding(b.healing)) ||
      Number(meaningOf(b.success) === 'healed') - Number(meaningOf(a.success) === 'healed') ||
      rate(b.healing.answered, b.healing.cases) - rate(a.healing.answered, a.healing.cases) ||
      withinOf(a.healing.delays) - withinOf(b.healing.delays),
  );
  let lack: string | undefined;
  for (const { healing, success, lack: missing } of judged) {
    if (missing !== undefined) {
      // Without a word for it, too few cases say nothing.
      if (meaningOf(success) === 'healed') lack ??= `${missing} ("${short(textOf(success))}")`;
      continue;
    }
    // Without a value in common, only its words say that it is the success.
    if (healing.key.length === 0 && meaningOf(success) !== 'healed') continue;
    const pair = pairOf(healing, facts);
    const proposal = pair === undefined ? undefined : awaitOf(common, healing, success, pair.success);
    if (proposal === undefined) continue;
    const [exception] = facts.all(healing.exceptions);
    return { ...common, kind: isEnding(healing) ? 'ends' : 'heals', proposal, success, pair, exception };
  }
  return lack;
}

/** What was counted under the roots of forms that are of one statement by now. */
function merged(statement: Statement, all: readonly Healing[], { of }: Statements): Healing[] {
  const byPair = new Map<string, Healing>();
  for (const healing of all) {
    if (of[healing.failure] !== statement) continue;
    const success = of[healing.success]!;
    const key = `${success.root} ${JSON.stringify(healing.key)}`;
    const known = byPair.get(key);
    if (known === undefined) {
      byPair.set(key, { ...healing, delays: [...healing.delays], exceptions: [...healing.exceptions] });
      continue;
    }
    for (const name of ['cases', 'answered', 'undecided', 'baseHits', 'baseTries', 'successes', 'unprovoked'] as const)
      known[name] += healing[name];
    for (const delay of healing.delays) known.delays.push(delay);
    known.example ??= healing.example;
  }
  return [...byPair.values()];
}

/** If the slowest answers are so much slower than nine in ten of them, or too slow to wait for, they may be those of another failure. */
const SLOW = 4;
/** Then those count that are no slower than so many times nine in ten of them. */
const OWN = 2;
/** ms: clocks and schedulers make this much of a difference to fast answers. */
const EARLY = 500;

/** Without answers that belong to a later failure: what failed before was not answered. */
function withoutLate(healing: Healing): Healing {
  const sorted = healing.delays.toSorted((a, b) => a - b);
  const most = sorted[Math.floor(0.9 * (sorted.length - 1))];
  if (most === undefined) return healing;
  const within = withinOf(sorted);
  if (within <= LONGEST_WAIT && within <= 2 * Math.max(EARLY, SLOW * most)) return healing;
  const delays = sorted.filter((delay) => delay <= Math.max(EARLY, OWN * most));
  return { ...healing, delays, answered: Math.round((healing.answered * delays.length) / sorted.length) };
}

/** The success comes about as often at any other moment. */
const isByChance = ({ cases, answered, baseHits, baseTries }: Healing): boolean =>
  rate(answered, cases) < LEAST_LIFT * rate(baseHits, baseTries);

/** What is missing to propose it; `undefined` if nothing is. */
function lackOf(healing: Healing): string | undefined {
  const { cases, answered, baseTries } = healing;
  const healed = `${answered} of ${cases} healed`;
  if (cases < LEAST_CASES) return `${healed}; ${LEAST_CASES} are needed to propose a rule`;
  if (answered < LEAST_ANSWERED * cases) return `${healed}; ${100 * LEAST_ANSWERED} % are needed to propose a rule`;
  if (withinText(healing) === undefined)
    return `${healed}, but late: a rule would have to wait longer than ${LONGEST_WAIT / 1000}s`;
  return baseTries === 0 ? `${healed}, but the log is too short to tell whether that is by chance` : undefined;
}

const isEnding = ({ successes, unprovoked }: Healing): boolean => rate(unprovoked, successes) > ENDED;

const STEPS = [100, 200, 500, 1_000, 2_000, 3_000, 5_000, 10_000, 15_000, 20_000, 30_000, 45_000, LONGEST_WAIT];

/** Twice the 99th percentile, rounded up. */
function withinText({ delays }: Healing): string | undefined {
  const ms = STEPS.find((step) => step >= withinOf(delays));
  if (ms === undefined) return undefined;
  return ms < 1_000 ? `${ms}ms` : `${ms / 1_000}s`;
}

function pairOf({ example }: Healing, facts: Facts): { failure: LineFact; success: LineFact } | undefined {
  if (example === undefined) return undefined;
  const failure = facts.of(example.failure);
  const success = facts.of(example.success);
  return failure === undefined || success === undefined ? undefined : { failure, success };
}

function awaitOf(
  { statement, facts }: Common,
  healing: Healing,
  success: Statement,
  answer: LineFact,
): AwaitProposal | undefined {
  const captured = capturesOf(healing.key);
  const when = conditionOf(statement, facts, captured.here, true);
  const event = conditionOf(success, [answer], captured.there, false);
  const within = withinText(healing);
  if (when === undefined || event === undefined || within === undefined) return undefined;
  return { kind: 'await', when, success: event, by: captured.by, within, healing };
}

/** Names for the parts of messages that are keys. */
function capturesOf(key: readonly KeyPart[]): { here: Captures; there: Captures; by: KeyPart[] } {
  const here = new Map<number, string>();
  const there = new Map<number, string>();
  const by = key.map((part, at) => {
    const name = `key${key.length === 1 ? '' : at + 1}`;
    const named = (side: string, captures: Map<number, string>): string => {
      if (!side.startsWith('#')) return side;
      captures.set(Number(side.slice(1)), name);
      return name;
    };
    return { here: named(part.here, here), there: named(part.there, there) };
  });
  return { here, there, by };
}

// repeats

/** From the finest to the coarsest. */
const MASKS: readonly (readonly Mask[])[] = [
  [],
  ['number'],
  ['hex', 'number'],
  ['uuid', 'ip', 'hex', 'number'],
  ['word'],
  ['path', 'word'],
  ['path', 'quoted', 'word'],
];

/** A rule for them, or why there is none. */
function repeatedOf({ statement, facts }: Common, seen: Seen): RepeatProposal | string {
  const { lines } = seen;
  if (lines < LEAST_REPEATS)
    return lines === 1 ? 'came once' : `came ${lines} times; ${LEAST_REPEATS} are needed to propose a rule`;
  const when = conditionOf(statement, facts, new Map(), true);
  if (when === undefined) return 'its message has no words of its own, by which a rule could tell it';
  const by = groupFieldsOf(seen);
  const masked: { field: string; mask: readonly Mask[] | 'all' }[] = [];
  let groups = by.reduce((product, name) => product * (seen.values.get(name)?.counts.size ?? 1), 1);
  const add = (field: string, values: readonly string[], isAlwaysSaid: boolean): void => {
    const { mask, distinct } = maskFor(values);
    groups *= distinct;
    if (mask.length > 0 || isAlwaysSaid) masked.push({ field, mask });
  };
  for (const { name } of statement.causes) {
    const values = facts.flatMap(({ fields }) => fields.get(name)?.text ?? []);
    if (new Set(values).size > 1 && values.length === facts.length && !by.includes(name)) add(name, values, true);
  }
  if (statement.hasMessage)
    add(
      'msg',
      facts.flatMap(({ message }) => message ?? []),
      false,
    );
  else masked.push({ field: 'msg', mask: 'all' });
  const folded = lines - groups;
  if (folded < LEAST_FOLDED * lines) return `came ${lines} times, nearly each time with other values`;
  const gaps = gapsOf(facts, by, masked);
  const window = WINDOWS.find(([, ms]) => gaps.filter((gap) => gap <= ms / 2).length >= LEAST_FOLDED * gaps.length);
  if (window === undefined) return `came ${lines} times, too rarely to fold`;
  return { kind: 'repeat', when, by, masked, window: window[0], windowMs: window[1], groups };
}

/** ms from a line to the next of its group. */
function gapsOf(facts: readonly LineFact[], by: readonly string[], masked: Grouping['masked']): number[] {
  const last = new Map<string, number>();
  return facts.flatMap((fact) => {
    if (Number.isNaN(fact.time)) return [];
    const key = groupKeyOf(fact, { by, masked });
    const before = last.get(key);
    last.set(key, fact.time);
    return before === undefined ? [] : [Math.abs(fact.time - before)];
  });
}

/** The least that has to be masked so that the values are few. */
function maskFor(values: readonly string[]): { readonly mask: readonly Mask[]; readonly distinct: number } {
  const tried = MASKS.map((mask) => {
    const masking = compileMasks(mask) ?? ((value: string) => value);
    return { mask, distinct: new Set(values.map(masking)).size };
  });
  const fewest = Math.min(...tried.map(({ distinct }) => distinct));
  return tried.find(({ distinct }) => distinct * 2 <= values.length) ?? tried.find(({ distinct }) => distinct === fewest)!;
}

const short = (text: string): string => (text.length > 100 ? `${text.slice(0, 99)}…` : text);
