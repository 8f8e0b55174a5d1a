import { unreachable } from '../record/record.ts';
import { EXIT, type Await, type Condition, type Rule, type RuleEvent, type RuleSet, type Test, type Value } from './rule.ts';
import type { DraftFile, DraftRule } from './schema.ts';
import type { Draft, DraftTest } from './schema-condition.ts';
import { exampleOf } from './schema-example.ts';

/** Puts events and lists in place of their names. The file has no problems: every name stands for something. */
export function buildRules(file: string, draft: DraftFile): RuleSet {
  const scope: Scope = { lists: draft.lists, drafts: draft.events, events: new Map() };
  return {
    read: draft.read,
    protect: draft.protect.map((condition) => resolve(condition, scope)),
    rules: draft.rules.map((rule) => buildRule(file, rule, scope)),
  };
}

interface Scope {
  readonly lists: Readonly<Record<string, readonly Value[]>>;
  readonly drafts: Readonly<Record<string, Draft>>;
  /** Those that were asked for so far. */
  readonly events: Map<string, Condition>;
}

function buildRule(file: string, draft: DraftRule, scope: Scope): Rule {
  const { id, why, refs, until, repeat, budget } = draft;
  const when = resolve(draft.when, scope);
  return {
    id,
    file,
    why,
    refs,
    until,
    when,
    judgesCritical: namesCritical(when, true),
    ...(draft.shadow === true ? { shadow: true } : {}),
    await: draft.await && awaitOf(draft.await, scope),
    then: draft.then && { level: draft.then.level, raise: draft.then.raise, msg: draft.then.msg, note: draft.then.note },
    else: draft.else && { level: draft.else.level, msg: draft.else.msg, note: draft.else.note },
    repeat,
    budget,
    examples: draft.examples.map(exampleOf),
  };
}

function awaitOf(draft: NonNullable<DraftRule['await']>, scope: Scope): Await {
  const success = draft.success.map((event) => eventOf(event, 'success', scope));
  const failure = draft.failure.map((event) => eventOf(event, 'failure', scope));
  const ofLines = (events: readonly RuleEvent[]): RuleEvent[] => events.filter(({ condition }) => !asksExit(condition));
  const ofExits = (events: readonly RuleEvent[]): Condition[] =>
    events.flatMap(({ condition }) => (asksExit(condition) ? condition : []));
  const exits = { success: ofExits(success), failure: ofExits(failure) };
  return {
    ...draft,
    lookback: draft.lookback,
    success: ofLines(success),
    failure: ofLines(failure),
    ...(exits.success.length + exits.failure.length > 0 ? { exits } : {}),
  };
}

/** Whether a condition asks how a process ended: it asks for nothing else then. */
function asksExit(condition: Condition): boolean {
  switch (condition.kind) {
    case 'all':
    case 'any':
      return condition.of.some(asksExit);
    case 'not':
      return asksExit(condition.of);
    case 'level':
      return false;
    case 'field':
      return condition.path === EXIT;
    default:
      return unreachable(condition);
  }
}

/** Whether a condition names critical where it says what a line must be; `asked`: not what it must not be. */
function namesCritical(condition: Condition, asked: boolean): boolean {
  switch (condition.kind) {
    case 'all':
    case 'any':
      return condition.of.some((part) => namesCritical(part, asked));
    case 'not':
      return namesCritical(condition.of, !asked);
    case 'level':
      return asked && condition.namesCritical === true;
    case 'field':
      return false;
    default:
      return unreachable(condition);
  }
}

function eventOf(event: string | Draft, inPlace: string, scope: Scope): RuleEvent {
  if (typeof event === 'string') return { name: event, condition: named(event, scope) };
  return { name: inPlace, condition: resolve(event, scope) };
}

function named(event: string, scope: Scope): Condition {
  const known = scope.events.get(event);
  if (known !== undefined) return known;
  const condition = resolve(scope.drafts[event]!, scope);
  scope.events.set(event, condition);
  return condition;
}

function resolve(draft: Draft, scope: Scope): Condition {
  switch (draft.kind) {
    case 'all':
    case 'any':
      return { kind: draft.kind, of: draft.of.map((part) => resolve(part, scope)) };
    case 'not':
      return { kind: 'not', of: resolve(draft.of, scope) };
    case 'is':
      return named(draft.event, scope);
    case 'level':
      return draft;
    case 'field': {
      const of = draft.tests.map((test): Condition => ({ kind: 'field', path: draft.path, test: resolveTest(test, scope) }));
      return of.length === 1 ? of[0]! : { kind: 'all', of };
    }
    default:
      return unreachable(draft);
  }
}

function resolveTest(test: DraftTest, { lists }: Scope): Test {
  switch (test.kind) {
    case 'equals':
      return { kind: 'in', values: [test.value], ignoreCase: false };
    case 'in': {
      const values = test.values.flatMap((value) => (value.kind === 'text' ? (listOf(value.text, lists) ?? value) : value));
      return { ...test, values };
    }
    case 'glob': {
      const texts = (glob: string) => listOf(glob, lists)?.flatMap((value) => (value.kind === 'text' ? value.text : [])) ?? glob;
      return { ...test, globs: test.globs.flatMap(texts) };
    }
    default:
      return test;
  }
}

const listOf = (text: string, lists: Scope['lists']): readonly Value[] | undefined =>
  text.startsWith('$') ? lists[text.slice(1)] : undefined;
