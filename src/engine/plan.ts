import { Names } from '../record/names.ts';
import type { LogRecord } from '../record/record.ts';
import { compile, fieldAt, type Predicate } from '../rules/condition.ts';
import { levelsOf, literalsOf } from '../rules/literals.ts';
import type { Change, Condition, Repeat, Rule, RuleEvent, RuleSet } from '../rules/rule.ts';
import { Gate, type Need } from './gate.ts';
import type { KeyPart } from './keys.ts';
import { compileTemplate, quotesEvent, type Template } from './template.ts';

/** A condition that some rule awaits. Rules that await the same share it. */
export interface Event {
  readonly index: number;
  readonly fits: Predicate;
  /** The channels that it belongs to. */
  readonly channels: Channel[];
}

interface NamedEvent {
  readonly name: string;
  readonly event: number;
}

/** What rules with the same awaited events and the same fields of them have in common: a line is looked at once for all. */
export interface Channel {
  readonly index: number;
  readonly success: readonly NamedEvent[];
  readonly failure: readonly NamedEvent[];
  readonly there: readonly KeyPart[];
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
  readonly here: readonly KeyPart[];
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

/** All rules, compiled once: what is asked of every line, and who must be asked. */
export interface Plan {
  readonly names: Names;
  readonly rules: readonly CompiledRule[];
  readonly channels: readonly Channel[];
  readonly events: readonly Event[];
  /** Whether `protect` names the line; to be asked only where the gate says that it may. */
  readonly protects: (record: LogRecord) => boolean;
  /** Needs are numbered: first the rules, then the events, then `protect`. What each asks for. */
  readonly conditions: readonly Condition[];
  readonly firstEvent: number;
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
  const eventNeeds = channels.conditions.map(needOf);
  const idleNeeds = channels.events.map((event, i) =>
    event.channels.some((channel) => channel.remembered) ? eventNeeds[i]! : NOBODY,
  );
  const protectNeed = protect.length === 0 ? NOBODY : needOf({ kind: 'any', of: protect });
  // While nothing waits, a protected line matters only where a rule fits it too.
  let busy: Gate | undefined;
  const idleProtect = { ...protectNeed, isPassive: true };
  return {
    names,
    rules: compiled,
    channels: channels.list,
    events: channels.events,
    protects: (record) => protects.some((fits) => fits(record)),
    conditions: [...rules.map((rule) => rule.when), ...channels.conditions, { kind: 'any', of: protect }],
    firstEvent: rules.length,
    protectNeed: rules.length + channels.events.length,
    idle: new Gate([...ruleNeeds, ...idleNeeds, idleProtect]),
    get busy() {
      // Most runs of the program are over before anything waits.
      return (busy ??= new Gate([...ruleNeeds, ...eventNeeds, protectNeed]));
    },
  };
}

/** A need that no line meets. */
const NOBODY: Need = { literals: [], levels: 0, isPassive: true };

function needOf(condition: Condition): Need {
  return { literals: literalsOf(condition), levels: levelsOf(condition), isPassive: false };
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
    here: rule.await?.by.map(({ here }) => wholeOf(here, names)) ?? [],
    then: change(rule.then),
    else: change(rule.else),
    repeat: rule.repeat && compileRepeat(rule.repeat, names),
  };
}

function compileRepeat({ by, window, rest }: Repeat, names: Names): CompiledRepeat {
  const parts: KeyPart[] = [];
  let message: KeyPart | undefined = wholeOf('msg', names);
  for (const { field, mask } of by) {
    if (field === 'msg') message = undefined;
    if (mask !== 'all') parts.push({ field: fieldAt(field, names), mask });
  }
  return { window, rest, parts, message };
}

const wholeOf = (path: string, names: Names): KeyPart => ({ field: fieldAt(path, names), mask: [] });

/** Finds the channel that a rule shares with others, or makes it. */
class Channels {
  readonly list: OpenChannel[] = [];
  readonly events: Event[] = [];
  /** Of each event. */
  readonly conditions: Condition[] = [];
  readonly #names: Names;
  readonly #byMeaning = new Map<string, OpenChannel>();
  readonly #eventByMeaning = new Map<string, Event>();

  constructor(names: Names) {
    this.#names = names;
  }

  of(rule: Rule): Channel {
    const { success, failure, by, lookback } = rule.await!;
    const there = by.map((correlation) => correlation.there);
    const meaning = JSON.stringify([success, failure, there]);
    let channel = this.#byMeaning.get(meaning);
    if (channel === undefined) {
      channel = {
        index: this.list.length,
        success: this.#named(success),
        failure: this.#named(failure),
        there: there.map((path) => wholeOf(path, this.#names)),
        remembered: false,
        quoted: false,
      };
      this.#byMeaning.set(meaning, channel);
      this.list.push(channel);
      for (const event of new Set([...channel.success, ...channel.failure].map((named) => named.event)))
        this.events[event]!.channels.push(channel);
    }
    if (lookback !== undefined) {
      channel.remembered = true;
      channel.quoted ||= [rule.then, rule.else].some((change) => quotesEvent(change?.msg) || quotesEvent(change?.note));
    }
    return channel;
  }

  #named(events: readonly RuleEvent[]): NamedEvent[] {
    return events.map(({ name, condition }) => {
      const meaning = JSON.stringify(condition);
      let event = this.#eventByMeaning.get(meaning);
      if (event === undefined) {
        event = { index: this.events.length, fits: compile(condition, this.#names), channels: [] };
        this.#eventByMeaning.set(meaning, event);
        this.events.push(event);
        this.conditions.push(condition);
      }
      return { name, event: event.index };
    });
  }
}
