import { Names } from '../record/names.ts';
import type { LogRecord } from '../record/record.ts';
import { capturesOf, fieldIn, type Captures } from '../rules/captures.ts';
import { asksLine, asksMoreThanValues, compileLater, withoutTail, type Predicate } from '../rules/condition.ts';
import { headerNames } from '../formats/text/header-names.ts';
import { levelsJudged, levelsOf, literalsOf } from '../rules/literals.ts';
import {
  namesIn,
  type Change,
  type Condition,
  type FieldName,
  type Repeat,
  type Rule,
  type RuleEvent,
  type RuleSet,
} from '../rules/rule.ts';
import { askedBy, type Asked } from './asked.ts';
import { draftGate, Gate, type GateDraft, type Need } from './gate.ts';
import type { KeyPart } from './memory/keys.ts';
import { compileMasks } from './memory/mask.ts';
import { compileTemplate, quotesEvent, type Template } from './edit/template.ts';

/** A condition that some rule awaits. Rules that await the same share it. */
export interface Event {
  readonly index: number;
  readonly fits: Predicate;
  readonly captures: Captures | undefined;
  /** The channels that it belongs to. */
  readonly channels: Channel[];
}

export interface NamedEvent {
  readonly name: string;
  readonly event: number;
  readonly captures: Captures | undefined;
  /** What the key of such a line is made of. */
  readonly there: readonly KeyPart[];
}

/** What rules with the same awaited events and the same fields of them have in common: a line is looked at once for all. */
export interface Channel {
  readonly index: number;
  readonly success: readonly NamedEvent[];
  readonly failure: readonly NamedEvent[];
  /** Captures are part of the key: as each of its events, a line may have another. */
  readonly keysDiffer: boolean;
  /** Some rule looks back: its events must be remembered. */
  readonly remembered: boolean;
  /** Some rule that looks back quotes the event in a text: it must be remembered whole. */
  readonly quoted: boolean;
}

/** A channel while rules are still being added to it. */
type OpenChannel = Channel & { keysDiffer: boolean; remembered: boolean; quoted: boolean };

export interface CompiledChange {
  readonly level: Change['level'];
  readonly raise: Change['raise'];
  readonly msg: Template | undefined;
  readonly note: Template | undefined;
  /** Its texts quote no field. */
  readonly isConstant: boolean;
}

export interface CompiledRule {
  readonly index: number;
  readonly rule: Rule;
  readonly fits: Predicate;
  /** It lets lines wait or folds them: it wants those that go on with a line that it fits. */
  readonly wantsTail: boolean;
  readonly channel: Channel | undefined;
  readonly here: readonly KeyPart[];
  readonly then: CompiledChange | undefined;
  readonly else: CompiledChange | undefined;
  readonly repeat: CompiledRepeat | undefined;
  /** What is done to lines past its budget. */
  readonly over: CompiledChange | undefined;
  /** Its texts quote the event that decides. */
  readonly quotesEvent: boolean;
}

/** A rule that looks at `$line`, which is the text of all lines of a record. */
export interface LineRule {
  /** Bits of the levels that it judges. */
  readonly levels: number;
  /** Whether it may fit a line, whatever the lines say that go on with it. */
  readonly mayFit: Predicate;
  /** That depends on values of the line alone. */
  readonly isPlain: boolean;
}

export interface CompiledRepeat {
  readonly window: number;
  readonly rest: Repeat['rest'];
  readonly parts: readonly KeyPart[];
  readonly message: KeyPart | undefined;
  /** What `rest` does to a repeat, if it is a level. */
  readonly restChange: CompiledChange | undefined;
}

/** All rules, compiled once: what is asked of every line, and who must be asked. */
export interface Plan {
  readonly names: Names;
  readonly rules: readonly CompiledRule[];
  readonly channels: readonly Channel[];
  readonly events: readonly Event[];
  /** Whether `protect` names the line; to be asked only where the gate says that it may. */
  readonly protects: (record: LogRecord) => boolean;
  /** Whether some rule looks back. */
  readonly remembers: boolean;
  /** Whether some rule wants the lines that go on with a line. */
  readonly wantsTails: boolean;
  /** Rules that look at `$line`: their text may stand in a line that goes on with the one that they judge. */
  readonly lineRules: readonly LineRule[];
  /** Whether an event, or `protect`, looks at `$line`: what a line is to those may depend on the lines that go on with it. */
  readonly eventsLookAtLine: boolean;
  /** Needs are numbered: first the rules, then the events, then `protect`; what lies behind is a reason to look, and no more. What each asks for. */
  readonly conditions: readonly Condition[];
  readonly firstEvent: number;
  readonly protectNeed: number;
  /** While nothing waits: the rules, and the events that lookbacks remember. */
  readonly idle: Gate;
  /** While something waits: besides, the events that it waits for, and the lines that `protect` names. */
  readonly busy: Gate;
  /** By which values of lines it tells them apart. */
  readonly asked: Asked;
}

/** What the rules that ship come to, worked out when the program is built: plain data. */
export interface PlanDraft {
  /** All paths that the rules ask for. */
  readonly paths: readonly string[];
  readonly idle: GateDraft;
  readonly busy: GateDraft;
}

/** A draft of the plan for these rules, and no others. */
export function draftPlan(ruleSet: RuleSet): PlanDraft {
  const { names, idle, busy } = compilePlan(ruleSet);
  const draftOf = (gate: Gate): GateDraft => ({ ...gate.draft, prints: gate.draftPrints() });
  return { paths: [...names.asked], idle: draftOf(idle), busy: draftOf(busy) };
}

/** `draft`: where these rules have one. The plan is the same without. */
export function compilePlan({ rules, protect, read }: RuleSet, draft?: PlanDraft): Plan {
  const known = draft !== undefined;
  const names = new Names(draft?.paths ?? [], read);
  const channels = new Channels(names, known);
  const compiled = rules.map((rule, index) => new LateRule(rule, index, names, known, rule.await && channels.of(rule)));
  if (!known) for (const rule of compiled) rule.compile();
  const lineRules = rules.flatMap((rule): LineRule[] => {
    if (!asksLine(rule.when)) return [];
    const headOnly = withoutTail(rule.when);
    const mayFit = compileLater(headOnly, names, known);
    return [{ levels: levelsJudged(rule), mayFit, isPlain: !asksMoreThanValues(headOnly, names) }];
  });
  const protects = protect.map((condition) => compileLater(condition, names, known));

  const headers = headerNames(read?.formats);
  const needOf = (condition: Condition): Need => needIn(condition, headers);
  const needsOf = (conditions: readonly Condition[]): Need[] => conditions.map(needOf);
  const ruleConditions = rules.map((rule) => rule.when);
  const ruleNeeds = (): Need[] => rules.map((rule) => ({ ...needOf(rule.when), levels: levelsJudged(rule) }));
  // What is asked of `$line` may stand in a line behind the one that is judged: that one is found by the rest of the condition.
  const headNeeds = (): Need[] =>
    rules.flatMap((rule) => (asksLine(rule.when) ? [{ ...needOf(withoutTail(rule.when)), levels: levelsJudged(rule) }] : []));
  const protectNeed = (): Need => (protect.length === 0 ? NOBODY : needOf({ kind: 'any', of: protect }));
  const draftIdle = (): GateDraft =>
    draftGate([
      ...ruleNeeds(),
      ...channels.events.map((event, i) =>
        event.channels.some((channel) => channel.remembered) ? needOf(channels.conditions[i]!) : NOBODY,
      ),
      // While nothing waits, a protected line matters only where a rule fits it too.
      { ...protectNeed(), isPassive: true },
      ...headNeeds(),
    ]);
  const draftBusy = (): GateDraft => draftGate([...ruleNeeds(), ...needsOf(channels.conditions), protectNeed(), ...headNeeds()]);
  let busy: Gate | undefined;
  let asked: Asked | undefined;
  return {
    names,
    rules: compiled,
    channels: channels.list,
    wantsTails: lineRules.length > 0 || compiled.some(({ wantsTail }) => wantsTail),
    lineRules,
    eventsLookAtLine: [...channels.conditions, ...protect].some(asksLine),
    remembers: channels.list.some((channel) => channel.remembered),
    events: channels.events,
    protects: (record) => protects.some((fits) => fits(record)),
    conditions: [...ruleConditions, ...channels.conditions, { kind: 'any', of: protect }],
    firstEvent: rules.length,
    protectNeed: rules.length + channels.events.length,
    idle: new Gate(draft?.idle ?? draftIdle()),
    get busy() {
      // Most runs of the program are over before anything waits.
      return (busy ??= new Gate(draft?.busy ?? draftBusy()));
    },
    get asked() {
      // Once for all engines of these rules: each example has one of its own.
      return (asked ??= askedBy(this));
    },
  };
}

/** A need that no line meets. */
const NOBODY: Need = { literals: [], levels: 0, isPassive: true };

function needIn(condition: Condition, headers: ReadonlySet<string>): Need {
  return { literals: literalsOf(condition, headers), levels: levelsOf(condition), isPassive: false };
}

/** A rule whose parts are compiled when they are first needed: a run meets lines of few rules, many of none. */
class LateRule implements CompiledRule {
  readonly index: number;
  readonly rule: Rule;
  readonly fits: Predicate;
  readonly wantsTail: boolean;
  readonly channel: Channel | undefined;
  readonly quotesEvent: boolean;
  readonly #names: Names;
  readonly #isKnown: boolean;
  #known: Scope | undefined;
  #here: readonly KeyPart[] | undefined;
  #then: CompiledChange | undefined;
  #else: CompiledChange | undefined;
  #repeat: CompiledRepeat | undefined;
  #over: CompiledChange | undefined;

  /** With `known`, `names` has all that it will ask for; else it is to be compiled before a record of them is made. */
  constructor(rule: Rule, index: number, names: Names, known: boolean, channel: Channel | undefined) {
    this.index = index;
    this.rule = rule;
    this.fits = compileLater(rule.when, names, known);
    this.wantsTail = rule.await !== undefined || rule.repeat !== undefined;
    this.channel = channel;
    this.quotesEvent = [rule.then, rule.else].some((change) => quotesEvent(change?.msg) || quotesEvent(change?.note));
    this.#names = names;
    this.#isKnown = known;
  }

  compile(): void {
    void [this.here, this.then, this.else, this.repeat];
  }

  get here(): readonly KeyPart[] {
    return (this.#here ??= this.rule.await?.by.map(({ here }) => wholeOf(here, this.#scope)) ?? []);
  }

  get then(): CompiledChange | undefined {
    return this.rule.then && (this.#then ??= compileChange(this.rule.then, this.#scope));
  }

  get else(): CompiledChange | undefined {
    return this.rule.else && (this.#else ??= compileChange(this.rule.else, this.#scope));
  }

  get repeat(): CompiledRepeat | undefined {
    return this.rule.repeat && (this.#repeat ??= compileRepeat(this.rule.repeat, this.#scope));
  }

  get over(): CompiledChange | undefined {
    const level = this.rule.budget?.over;
    return level === undefined
      ? undefined
      : (this.#over ??= compileChange({ level, msg: undefined, note: undefined }, this.#scope));
  }

  /** What its names stand for. */
  get #scope(): Scope {
    return (this.#known ??= { names: this.#names, captures: capturesOf(this.rule.when, this.#names, this.#isKnown) });
  }
}

const compileChange = ({ level, raise, msg, note }: Change, { names, captures }: Scope): CompiledChange => ({
  level,
  raise,
  msg: msg === undefined ? undefined : compileTemplate(msg, names, captures),
  note: note === undefined ? undefined : compileTemplate(note, names, captures),
  isConstant: ![msg, note].some((text) => text?.includes('${') === true),
});

function compileRepeat({ by, window, rest }: Repeat, scope: Scope): CompiledRepeat {
  const parts: KeyPart[] = [];
  let message: KeyPart | undefined = wholeOf('msg', { ...scope, captures: undefined });
  for (const { field, mask } of by) {
    if (namesIn(field).includes('msg')) message = undefined;
    if (mask !== 'all') parts.push({ ...wholeOf(field, scope), mask: compileMasks(mask) });
  }
  const restChange = rest === 'fold' ? undefined : compileChange({ level: rest, msg: undefined, note: undefined }, scope);
  return { window, rest, parts, message, restChange };
}

/** What the names of a rule's fields stand for: captures of its own condition, or of that of an event, hide fields. */
interface Scope {
  readonly names: Names;
  readonly captures: Captures | undefined;
}

function wholeOf(name: FieldName, { names, captures }: Scope): KeyPart {
  const paths = namesIn(name);
  return { path: paths.join(' or '), fields: paths.map((path) => fieldIn(captures, path, names)), mask: undefined };
}

/** Finds the channel that a rule shares with others, or makes it. */
class Channels {
  readonly list: OpenChannel[] = [];
  readonly events: Event[] = [];
  /** Of each event. */
  readonly conditions: Condition[] = [];
  readonly #names: Names;
  readonly #known: boolean;
  readonly #byMeaning = new Map<string, OpenChannel>();
  readonly #eventByMeaning = new Map<string, Event>();

  constructor(names: Names, known: boolean) {
    this.#names = names;
    this.#known = known;
  }

  of(rule: Rule): Channel {
    const { success, failure, by, lookback } = rule.await!;
    const there = by.map((correlation) => correlation.there);
    const meaning = JSON.stringify([success, failure, there]);
    let channel = this.#byMeaning.get(meaning);
    if (channel === undefined) {
      const parts = there.map((name) => wholeOf(name, { names: this.#names, captures: undefined }));
      const named = (events: readonly RuleEvent[]): NamedEvent[] => this.#named(events, there, parts);
      channel = {
        index: this.list.length,
        success: named(success),
        failure: named(failure),
        keysDiffer: false,
        remembered: false,
        quoted: false,
      };
      const all = [...channel.failure, ...channel.success];
      channel.keysDiffer = all.some((event) => event.there !== parts);
      this.#byMeaning.set(meaning, channel);
      this.list.push(channel);
      for (const event of new Set(all.map((each) => each.event))) this.events[event]!.channels.push(channel);
    }
    if (lookback !== undefined) {
      channel.remembered = true;
      channel.quoted ||= [rule.then, rule.else].some((change) => quotesEvent(change?.msg) || quotesEvent(change?.note));
    }
    return channel;
  }

  /** `parts`: what keys are made of, if an event captures nothing of it. */
  #named(events: readonly RuleEvent[], there: readonly FieldName[], parts: readonly KeyPart[]): NamedEvent[] {
    return events.map(({ name, condition }) => {
      const meaning = JSON.stringify(condition);
      let event = this.#eventByMeaning.get(meaning);
      if (event === undefined) {
        event = {
          index: this.events.length,
          fits: compileLater(condition, this.#names, this.#known),
          captures: capturesOf(condition, this.#names, this.#known),
          channels: [],
        };
        this.#eventByMeaning.set(meaning, event);
        this.events.push(event);
        this.conditions.push(condition);
      }
      const { captures } = event;
      const isCaptured = there.some((names) => namesIn(names).some((path) => captures?.names.has(path) === true));
      const own = isCaptured ? there.map((names) => wholeOf(names, { names: this.#names, captures })) : parts;
      return { name, event: event.index, captures, there: own };
    });
  }
}
