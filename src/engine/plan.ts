import { Names } from '../record/names.ts';
import type { LogRecord } from '../record/record.ts';
import { compile, fieldAt, type Field, type Predicate } from '../rules/condition.ts';
import { levelsOf, literalsOf } from '../rules/literals.ts';
import type { Change, Condition, Mask, Repeat, Rule, RuleEvent, RuleSet } from '../rules/rule.ts';
import { Gate, type Need } from './gate.ts';
import { compileTemplate, quotesEvent, type Template } from './template.ts';

export interface NamedEvent {
  readonly name: string;
  readonly fits: Predicate;
}

/** What rules with the same awaited events and the same fields of them have in common: a line is looked at once for all. */
export interface Channel {
  readonly index: number;
  readonly success: readonly NamedEvent[];
  readonly failure: readonly NamedEvent[];
  readonly there: readonly Field[];
  /** Some rule looks back: its events must be remembered. */
  readonly remembered: boolean;
  /** Some rule that looks back quotes the event in a text: it must be remembered whole. */
  readonly quoted: boolean;
}

/** A channel while rules are still being added to it. */
type OpenChannel = Channel & { remembered: boolean; quoted: boolean };

export interface CompiledChange {
  readonly level: Change['level'];
  readonly msg: Template | undefined;
  readonly note: Template | undefined;
}

export interface CompiledRule {
  readonly index: number;
  readonly rule: Rule;
  readonly fits: Predicate;
  readonly channel: Channel | undefined;
  readonly here: readonly Field[];
  readonly then: CompiledChange | undefined;
  readonly else: CompiledChange | undefined;
  readonly repeat: CompiledRepeat | undefined;
}

export interface CompiledRepeat {
  readonly window: number;
  readonly rest: Repeat['rest'];
  readonly parts: readonly KeyPart[];
  readonly message: KeyPart | undefined;
}

export interface KeyPart {
  readonly field: Field;
  readonly mask: readonly Mask[];
}

/** All rules, compiled once: what is asked of every line, and who must be asked. */
export interface Plan {
  readonly names: Names;
  readonly rules: readonly CompiledRule[];
  readonly channels: readonly Channel[];
  readonly protects: (record: LogRecord) => boolean;
  /** Needs are numbered: first the rules, then the channels, then `protect`. */
  readonly firstChannel: number;
  readonly protectNeed: number;
  /** While nothing waits: the rules, and the events that lookbacks remember. */
  readonly idle: Gate;
  /** While something waits: besides, the events that it waits for, and the lines that `protect` names. */
  readonly busy: Gate;
}

export function compilePlan({ rules, protect }: RuleSet): Plan {
  const names = new Names([]);
  const channels = new Channels(names);
  const compiled = rules.map((rule, index) => compileRule(rule, index, names, channels));
  const protects = protect.map((condition) => compile(condition, names));

  const ruleNeeds = rules.map((rule) => needOf(rule.when));
  const channelNeeds = channels.conditions.map((condition) => needOf(condition));
  const protectNeed = needOf({ kind: 'any', of: protect });
  const rested = (need: Need, index: number): Need => (channels.list[index]!.remembered ? need : NOBODY);
  return {
    names,
    rules: compiled,
    channels: channels.list,
    protects: (record) => protects.some((fits) => fits(record)),
    firstChannel: rules.length,
    protectNeed: rules.length + channels.list.length,
    idle: new Gate([...ruleNeeds, ...channelNeeds.map(rested), NOBODY]),
    busy: new Gate([...ruleNeeds, ...channelNeeds, protect.length === 0 ? NOBODY : protectNeed]),
  };
}

/** A need that no line meets. */
const NOBODY: Need = { literals: [], levels: 0 };

function needOf(condition: Condition): Need {
  return { literals: literalsOf(condition), levels: levelsOf(condition) };
}

function compileRule(rule: Rule, index: number, names: Names, channels: Channels): CompiledRule {
  const change = (text: Change | undefined): CompiledChange | undefined =>
    text && {
      level: text.level,
      msg: text.msg === undefined ? undefined : compileTemplate(text.msg, names),
      note: text.note === undefined ? undefined : compileTemplate(text.note, names),
    };
  return {
    index,
    rule,
    fits: compile(rule.when, names),
    channel: rule.await && channels.of(rule),
    here: rule.await?.by.map(({ here }) => fieldAt(here, names)) ?? [],
    then: change(rule.then),
    else: change(rule.else),
    repeat: rule.repeat && compileRepeat(rule.repeat, names),
  };
}

function compileRepeat({ by, window, rest }: Repeat, names: Names): CompiledRepeat {
  const parts: KeyPart[] = [];
  let message: KeyPart | undefined = { field: fieldAt('msg', names), mask: [] };
  for (const { field, mask } of by) {
    if (field === 'msg') message = undefined;
    if (mask !== 'all') parts.push({ field: fieldAt(field, names), mask });
  }
  return { window, rest, parts, message };
}

/** Finds the channel that a rule shares with others, or makes it. */
class Channels {
  readonly list: OpenChannel[] = [];
  readonly conditions: Condition[] = [];
  readonly #names: Names;
  readonly #byMeaning = new Map<string, OpenChannel>();

  constructor(names: Names) {
    this.#names = names;
  }

  of(rule: Rule): Channel {
    const { success, failure, by, lookback } = rule.await!;
    const there = by.map((correlation) => correlation.there);
    const meaning = JSON.stringify([success, failure, there]);
    let channel = this.#byMeaning.get(meaning);
    if (channel === undefined) {
      const named = (events: readonly RuleEvent[]): NamedEvent[] =>
        events.map(({ name, condition }) => ({ name, fits: compile(condition, this.#names) }));
      channel = {
        index: this.list.length,
        success: named(success),
        failure: named(failure),
        there: there.map((path) => fieldAt(path, this.#names)),
        remembered: false,
        quoted: false,
      };
      this.#byMeaning.set(meaning, channel);
      this.list.push(channel);
      this.conditions.push({ kind: 'any', of: [...success, ...failure].map((event) => event.condition) });
    }
    if (lookback !== undefined) {
      channel.remembered = true;
      channel.quoted ||= [rule.then, rule.else].some((change) => quotesEvent(change?.msg) || quotesEvent(change?.note));
    }
    return channel;
  }
}

