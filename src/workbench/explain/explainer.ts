import { openEngine, type Engine, type EngineInput, type EngineSource } from '../../engine/engine.ts';
import type { Judged } from '../../engine/judged.ts';
import { valueIn, type KeyPart } from '../../engine/memory/keys.ts';
import type { Ending, Judgement, Observer } from '../../engine/observer.ts';
import type { CompiledRule } from '../../engine/plan.ts';
import { MAX_FOLDED, RECORD_LINES, type EngineSettings } from '../../engine/settings.ts';
import type { Condition, Rule, RuleSet } from '../../rules/rule.ts';
import { wordsOf } from '../../rules/condition-words.ts';
import { literalsOf } from '../../rules/literals.ts';
import { withShadowsInForce } from '../../rules/shadow.ts';
import { quote } from '../../rules/quote.ts';
import type { Misfit } from '../../rules/misfit.ts';
import { fieldsIn, nearestPath, type Found } from '../line-fields.ts';
import { LineReader, type PlacedLine } from '../line-reader.ts';
import { LineUnderstanding, type Understood } from '../read-line.ts';
import { reasonFor, type Reason, type Refused } from '../remedy.ts';
import { RuleReader, type NearMiss } from '../rule-reader.ts';
import type { Account, KeyValue, LineAccount, Miss, Reading, RuleAccount, Verdict } from './account.ts';
import { missedBy, type EventSeen, type NearEvent, type WaitSeen } from './awaited.ts';
import { Grouping } from './grouping.ts';
import { annotationWords, opaqueWords } from './odd-lines.ts';
import { Stops } from './stops.ts';
import { verdictOf, withNearNames } from './verdict.ts';

export interface ExplainOptions {
  readonly ruleSet: RuleSet;
  readonly settings: EngineSettings;
  /** ms since 1970: times that name no year are near to it. */
  readonly now: number;
  /** Only what this rule does, or fails to do, is told. */
  readonly rule: string | undefined;
  /** The lines that are asked about, whatever becomes of them; of other lines, only some that a rule wanted are told. */
  readonly isAsked: ((place: PlacedLine) => boolean) | undefined;
}

/** Lines that are told of each way in which a rule dealt with them; others like them are counted. */
const MOST_ALIKE = 3;
/** Misses that are told of one line. */
const MOST_MISSES = 3;
/** Events of one rule that are kept, to tell what came too late. */
const MOST_EVENTS = 5_000;
/** For so many lines that nearly match a rule, or an event, remedies are looked for; others are counted. */
const MOST_LOOKED = 200;
/** Of a line that is told, so much text is kept. */
const LONGEST = 4_096;

/** A miss that nobody would call near is not told unless the line is asked about. */
const NEAR = 0.6;

/** What is known of a line whose account is not closed yet. */
interface Case {
  readonly place: PlacedLine;
  readonly understood: Understood;
  readonly notes: string[];
  readonly misses: readonly Miss[];
  readonly isAsked: boolean;
  verdict: Verdict | undefined;
  wait: WaitSeen | undefined;
}

/** What the engine has told of a line that is not considered yet. */
interface Mention {
  judged: { readonly rule: string; readonly wait: WaitSeen | undefined; readonly verdict: Verdict | undefined } | undefined;
  readonly rested: string[];
  spared: string | undefined;
}

const NO_MENTION: Mention = { judged: undefined, rested: [], spared: undefined };

/** A line is judged when the lines of its record are known, and it may stand behind another record. */
const MOST_BEHIND = 2 * RECORD_LINES;

/** What is counted of one rule. */
interface Tally {
  lines: number;
  readonly endings: Partial<Record<Ending, number>>;
  readonly stops: Stops;
  readonly grouping: Grouping;
  readonly events: EventSeen[];
  /** The line that is nearest to each event. */
  readonly near: Map<string, NearEvent & { distance: number }>;
  /** Lines that nearly match, and what keeps such lines from it. */
  nearLines: number;
  readonly nearParts: Set<Condition>;
  looked: number;
  lookedForEvents: number;
}

/**
 * Runs lines through an engine and tells why each became what it is. The engine decides; what it does not mention, no rule wanted, and of
 * such a line the parts of conditions that do not match are told, as the engine's own conditions judge them.
 */
export class Explainer implements Observer {
  readonly #options: ExplainOptions;
  readonly #engine: Pick<Engine, 'source' | 'plan'>;
  readonly #reader: LineReader;
  readonly #rules: RuleReader;
  readonly #shadows: ReadonlySet<string>;
  readonly #understanding: LineUnderstanding;
  readonly #tallies = new Map<string, Tally>();
  readonly #literals: readonly { readonly rule: string; readonly texts: readonly string[] }[];
  readonly #told = new Map<string, number>();
  readonly #cases: Case[] = [];
  readonly #open = new Map<number, Case>();
  #source: EngineSource | undefined;
  #input: EngineInput | undefined;
  #linesRead = 0;
  #more = 0;

  #number = 0;
  #lookedAt = 0;
  /** Lines that the engine has, and of which it may not have said all: of a record, it waits for the lines that continue it. */
  readonly #queue: PlacedLine[] = [];
  readonly #mentions = new Map<number, Mention>();

  // Of the line that is considered.
  #judged: Mention['judged'];
  #rested: readonly string[] = [];
  #spared: string | undefined;

  constructor(options: ExplainOptions) {
    const { ruleSet, settings, now } = options;
    this.#options = options;
    this.#shadows = new Set(ruleSet.rules.flatMap(({ id, shadow }) => (shadow ? [id] : [])));
    this.#engine = openEngine(withShadowsInForce(ruleSet), settings, { observer: this });
    const { format, envelope = 'none' } = settings;
    const reading = { format, envelope, read: ruleSet.read };
    this.#reader = new LineReader(reading);
    this.#rules = new RuleReader(ruleSet, this.#engine.plan.names, this.#reader);
    this.#understanding = new LineUnderstanding({ ...reading, zone: settings.zone, now });
    for (const { id } of ruleSet.rules) this.#tallies.set(id, newTally());
    this.#literals = ruleSet.rules.map(({ id, when }) => ({ rule: id, texts: tellingTexts(when) }));
  }

  /** The lines of another file follow. */
  begin(source: string): void {
    this.end();
    this.#source = this.#engine.source(source);
    this.#input = this.#source.input({ write: () => {} });
    this.#number = 0;
  }

  /** No line follows in this file. */
  end(): void {
    if (this.#source === undefined) return;
    this.#input!.end(0);
    this.#source.end(0);
    this.#considerAllBut(0);
    // Nothing is told of those that the engine still has, but there are none.
    for (const waiting of this.#open.values()) this.#close(waiting);
    this.#open.clear();
    this.#mentions.clear();
    this.#source = undefined;
  }

  /** The next line, without its newline. */
  line(bytes: Buffer): void {
    this.#number += 1;
    this.#linesRead += 1;
    this.#lookedAt = this.#number;
    // A copy: it is looked at when the engine has judged it, and that may take some lines more.
    const own = Buffer.concat([bytes, NEWLINE]);
    this.#queue.push({ bytes: own.subarray(0, -1), source: this.#source!.name, number: this.#number });
    this.#input!.push(own, 0);
    this.#considerAllBut(MOST_BEHIND);
  }

  #considerAllBut(left: number): void {
    while (this.#queue.length > left) {
      const place = this.#queue.shift()!;
      const { judged, rested, spared } = this.#mentions.get(place.number) ?? NO_MENTION;
      this.#mentions.delete(place.number);
      this.#judged = judged;
      this.#rested = rested;
      this.#spared = spared;
      this.#consider(place);
    }
  }

  #consider(place: PlacedLine): void {
    const isAsked = this.#options.isAsked?.(place) ?? false;
    const isRead = this.#rules.read(place);
    const { ambiguous, annotated } = this.#rules.record;
    const misses: NearMiss[] = [];
    const notes: string[] = [];
    if (isRead && !ambiguous && !annotated) this.#compare(place, misses, notes);
    if (isRead) this.#findEvents(place);
    const judged = this.#judged;
    const isOdd = annotated || (ambiguous && this.#anyMatches()) || (!isRead && this.#mayBeMeant(place.bytes));
    if (judged === undefined && !isAsked && !isOdd && notes.length === 0 && misses.length === 0) return;

    // Read whole only if something is told of it, or a remedy is looked for: of most lines nothing is.
    let known: Understood | undefined;
    const understand = (): Understood => (known ??= this.#understanding.of(place.bytes, 0, place.bytes.length));
    const refused = (): Refused => this.#refused(place, understand());
    const near =
      judged === undefined || isAsked || this.#options.rule !== undefined ? this.#nearest(misses, refused, isAsked) : [];
    const isTold = isAsked || isOdd || notes.length > 0 || near.length > 0 || this.#isWanted(judged?.rule);
    if (!isTold) return;
    const understood = understand();
    if (annotated) notes.push(annotationWords(this.#rules));
    if (ambiguous)
      notes.push(
        'it is ambiguous: a name that rules read is there twice with different values, or a quoted value ends by a guess; such a line stays as it is',
      );
    if (!isRead) notes.push(opaqueWords(understood, place.bytes));
    const { verdict, wait } = judged ?? { verdict: undefined, wait: undefined };
    const one: Case = {
      place: { ...place, bytes: Buffer.from(place.bytes.subarray(0, LONGEST)) },
      understood,
      notes,
      misses: near.map(({ rule, reasons }) => ({ rule, reasons: reasons.map(wordsOfReason) })),
      isAsked,
      verdict: verdict === undefined ? undefined : withNearNames(verdict, fieldsIn(understood)),
      wait,
    };
    if (wait !== undefined && verdict === undefined) this.#open.set(place.number, one);
    else this.#close(one);
  }

  /** Asks every rule about the line, and counts what stops it. */
  #compare({ number }: PlacedLine, misses: NearMiss[], notes: string[]): void {
    const { rule: only, ruleSet } = this.#options;
    const own = this.#judged?.rule;
    for (const rule of ruleSet.rules) {
      if (only !== undefined && rule.id !== only) continue;
      const miss = this.#rules.missOf(rule);
      if (miss !== undefined) {
        this.#tallies.get(rule.id)!.stops.add(miss.misfits, number);
        misses.push(miss);
      } else if (rule.id !== own) {
        const why = this.#whyNot(rule, own);
        this.#tallies.get(rule.id)!.stops.addAlone(why.short, number);
        if (why.isOfNote) notes.push(why.words);
      }
    }
  }

  /** Why a rule that matches the line did not apply. */
  #whyNot(rule: Rule, own: string | undefined): { readonly words: string; readonly short: string; readonly isOfNote: boolean } {
    const name = `rule ${quote(rule.id)}`;
    if (this.#rested.includes(rule.id)) {
      const until = new Date(rule.until!).toISOString(); // it rests because of it
      return { words: `${name} matches, but is expired: until ${until}`, short: 'until: the rule is expired', isOfNote: true };
    }
    const kept = this.#rules.leavesLevelOf(rule);
    if (kept === 'fatal')
      return { words: `${name} matches, but fatal lines are always protected`, short: 'fatal is protected', isOfNote: true };
    if (kept === 'critical')
      return {
        words: `${name} matches, but only a rule that names critical in "when" changes a critical line`,
        short: 'critical is protected',
        isOfNote: true,
      };
    const protector = this.#options.ruleSet.protect.find((condition) => this.#rules.matches(condition));
    if (protector !== undefined)
      return {
        words: `${name} matches, but the line is protected: ${wordsOf(protector)}`,
        short: `protected: ${wordsOf(protector)}`,
        isOfNote: this.#spared === rule.id,
      };
    if (own !== undefined)
      return {
        words: `${name} matches too, but rule ${quote(own)} comes first`,
        short: `rule ${quote(own)} comes first`,
        isOfNote: true,
      };
    return {
      words: `${name} matches, but relevel did not look at the line: it is too long`,
      short: 'the line is too long',
      isOfNote: true,
    };
  }

  #anyMatches(): boolean {
    return this.#options.ruleSet.rules.some((rule) => this.#isWanted(rule.id) && this.#rules.matches(rule.when));
  }

  /** Whether a line that no format recognizes has a text in it that a rule looks for. */
  #mayBeMeant(bytes: Buffer): boolean {
    return this.#literals.some(({ rule, texts }) => this.#isWanted(rule) && texts.some((text) => bytes.includes(text)));
  }

  #isWanted(rule: string | undefined): boolean {
    return rule !== undefined && (this.#options.rule ?? rule) === rule;
  }

  #refused(place: PlacedLine, understood: Understood): Refused {
    return {
      record: this.#rules.record,
      fields: fieldsIn(understood),
      matches: (condition) => this.#reader.matches(condition, place),
    };
  }

  /** The rules that nearly match, the nearest first, with all that is to change. */
  #nearest(
    misses: readonly NearMiss[],
    refused: () => Refused,
    isAsked: boolean,
  ): { rule: string; reasons: readonly Reason[] }[] {
    const all = isAsked || this.#options.rule !== undefined;
    const candidates = misses.filter(({ misfits, evidence }) =>
      isAsked ? true : misfits.length === 1 || (misfits.length === 2 && evidence > 0),
    );
    return candidates
      .flatMap(({ rule, misfits, evidence }) => {
        const tally = this.#tallies.get(rule.id)!;
        if (!isAsked && tally.looked >= MOST_LOOKED) {
          const isLikely = misfits.every(({ part }) => tally.nearParts.has(part));
          if (isLikely) tally.nearLines += 1;
          return [];
        }
        tally.looked += 1;
        const reasons = misfits.map((misfit) => reasonFor(misfit, refused()));
        const distance = reasons.reduce((sum, reason) => sum + reason.distance, 0);
        // A level alone says nothing of what the line is about.
        const isNear = distance < NEAR && (evidence > 0 || reasons.every((reason) => reason.distance < 0.3));
        if (isNear) {
          tally.nearLines += 1;
          for (const { part } of misfits) tally.nearParts.add(part);
        }
        return isNear || isAsked ? [{ rule: rule.id, reasons, distance: distance - 0.05 * evidence, isNear }] : [];
      })
      .toSorted((a, b) => a.distance - b.distance)
      .slice(0, all ? MOST_MISSES : 1);
  }

  /** Notes of which rules the line is an event, or nearly one. */
  #findEvents(place: PlacedLine): void {
    const { record } = this.#rules;
    let refused: Refused | undefined;
    for (const compiled of this.#engine.plan.rules) {
      const { rule, channel } = compiled;
      if (rule.await === undefined || channel === undefined || !this.#isWanted(rule.id)) continue;
      const tally = this.#tallies.get(rule.id)!;
      for (const [kind, events] of [
        ['failure', rule.await.failure],
        ['success', rule.await.success],
      ] as const) {
        for (const [index, { name, condition }] of events.entries()) {
          const misfits = this.#rules.misfitsOf(condition);
          if (misfits.length === 0) {
            if (tally.events.length >= MOST_EVENTS) continue;
            const key = valuesOf(channel[kind][index]!.there, this.#rules);
            const isMissing = key.some(([, value]) => value === undefined);
            const fields = isMissing ? fieldsIn(this.#understanding.of(place.bytes, 0, place.bytes.length)) : undefined;
            tally.events.push({
              kind,
              name,
              source: place.source,
              number: place.number,
              time: record.time,
              domain: record.timeDomain,
              origin: record.originKey,
              key,
              idle:
                this.#judged?.rule === rule.id
                  ? 'own'
                  : kind === 'failure'
                    ? undefined
                    : record.ambiguous
                      ? 'ambiguous'
                      : record.annotated
                        ? 'annotated'
                        : undefined,
              instead:
                fields === undefined ? [] : key.flatMap(([path, value]) => (value === undefined ? insteadOf(path, fields) : [])),
            });
          } else if (misfits.length === 1 && tally.lookedForEvents < MOST_LOOKED && this.#judged?.rule !== rule.id) {
            if (!mayBeNear(misfits[0]!, this.#rules.evidenceFor(condition))) continue;
            tally.lookedForEvents += 1;
            refused ??= this.#refused(place, this.#understanding.of(place.bytes, 0, place.bytes.length));
            const reason = reasonFor(misfits[0]!, refused);
            const known = tally.near.get(`${kind} ${name}`);
            if (reason.distance >= NEAR || (known !== undefined && known.distance <= reason.distance)) continue;
            const words = `${reason.condition}: found ${reason.found}; ${reason.remedy}`;
            tally.near.set(`${kind} ${name}`, { kind, name, number: place.number, words, distance: reason.distance });
          }
        }
      }
    }
  }

  /** Nothing more will become known of a line: it is kept, if not enough are like it. */
  #close(one: Case): void {
    if (!one.isAsked) {
      const { verdict, misses, notes } = one;
      const likeness =
        verdict !== undefined && this.#isWanted(verdict.rule)
          ? `${verdict.rule} ${verdict.ending} ${verdict.notes.join()}`
          : `${misses[0]?.rule} ${misses[0]?.reasons.map(({ condition }) => condition).join()} ${notes.join()}`;
      const alike = this.#told.get(likeness) ?? 0;
      this.#told.set(likeness, alike + 1);
      const isAsExpected = verdict !== undefined && EXPECTED.has(verdict.ending) && notes.length === 0;
      if (this.#options.isAsked !== undefined) return;
      if (alike >= (isAsExpected ? 1 : MOST_ALIKE)) {
        this.#more += 1;
        return;
      }
    }
    this.#cases.push(one);
  }

  /** What became known of all lines so far; after the last `end`. */
  account(): Account {
    const rules = this.#options.ruleSet.rules.filter(({ id }) => this.#isWanted(id));
    return {
      lines: this.#cases
        .map((one, order) => ({ one, order }))
        .toSorted((a, b) =>
          a.one.place.source === b.one.place.source ? a.one.place.number - b.one.place.number : a.order - b.order,
        )
        .map(({ one }) => this.#accountOf(one)),
      more: this.#more,
      linesRead: this.#linesRead,
      rules: rules.map(({ id }) => this.#accountOfRule(id)),
    };
  }

  #accountOf({ place, understood, notes, misses, verdict, wait }: Case): LineAccount {
    const { format, why, level, msg, time, mark } = understood;
    const read: Reading = { format, why, level, msg, time, mark };
    const inVain = verdict !== undefined && wait !== undefined && IN_VAIN.has(verdict.ending);
    const more = inVain ? this.#inVain(wait) : [];
    return {
      source: place.source,
      line: place.number,
      text: place.bytes.toString(),
      read,
      verdict: verdict && { ...verdict, notes: [...verdict.notes, ...more] },
      notes,
      misses,
    };
  }

  /** What kept events from deciding a wait. */
  #inVain(wait: WaitSeen): readonly string[] {
    const tally = this.#tallies.get(wait.rule.rule.id)!;
    return missedBy(wait, tally.events, [...tally.near.values()]);
  }

  #accountOfRule(rule: string): RuleAccount {
    const { lines, endings, nearLines, stops, grouping } = this.#tallies.get(rule)!;
    const groups = grouping.words();
    return { rule, lines, endings, near: nearLines, stopped: stops.words(), notes: groups === undefined ? [] : [groups] };
  }

  // what the engine tells

  looks({ line }: { readonly line: number }): void {
    this.#lookedAt = line;
  }

  rests({ rule }: CompiledRule): void {
    this.#mentionOf(this.#lookedAt).rested.push(rule.id);
  }

  spares({ rule }: CompiledRule): void {
    this.#mentionOf(this.#lookedAt).spared = rule.id;
  }

  #mentionOf(number: number): Mention {
    let mention = this.#mentions.get(number);
    if (mention === undefined) this.#mentions.set(number, (mention = { judged: undefined, rested: [], spared: undefined }));
    return mention;
  }

  waits(judged: Judged): void {
    const { rule, source, number, time, domain, origin, record } = judged;
    const key = rule.here.map((part): KeyValue => [part.path, valueIn(part, record)]);
    const wait = { rule, source: source.name, number, time, domain, origin, key };
    this.#mentionOf(number).judged = { rule: rule.rule.id, wait, verdict: undefined };
  }

  #verdictOf(judgement: Judgement, wait: WaitSeen | undefined): Verdict {
    const verdict = verdictOf(judgement, this.#lookedAt, wait);
    if (!this.#shadows.has(verdict.rule)) return verdict;
    return { ...verdict, notes: [...verdict.notes, 'the rule is in shadow: relevel leaves the line as it is, and counts this'] };
  }

  ends(judgement: Judgement): void {
    const { judged, ending } = judgement;
    const { rule, number } = judged;
    const tally = this.#tallies.get(rule.rule.id)!;
    tally.lines += 1;
    tally.endings[ending] = (tally.endings[ending] ?? 0) + 1;
    if (rule.repeat !== undefined) {
      if (ending === 'first' && judged.length <= MAX_FOLDED) tally.grouping.first(judged, rule.repeat);
      else if (ending === 'rest' || ending === 'folded') tally.grouping.repeat(ending);
    }
    const waiting = this.#open.get(number);
    if (waiting !== undefined) {
      waiting.verdict = this.#verdictOf(judgement, waiting.wait);
      this.#open.delete(number);
      this.#close(waiting);
    } else {
      const mention = this.#mentionOf(number);
      const wait = mention.judged?.wait;
      mention.judged = { rule: rule.rule.id, wait, verdict: this.#verdictOf(judgement, wait) };
    }
  }
}

const wordsOfReason = ({ condition, found, remedy }: Reason): Miss['reasons'][number] => ({ condition, found, remedy });

const NEWLINE = Buffer.from('\n');

/** Texts of a condition that tell what a line is about. */
const tellingTexts = (when: Condition): readonly string[] =>
  (literalsOf(when, new Set()) ?? []).map(({ text }) => text).filter((text) => text.length >= SHORTEST);

/** Shorter texts stand in any line. */
const SHORTEST = 4;

const newTally = (): Tally => ({
  lines: 0,
  endings: {},
  stops: new Stops(),
  grouping: new Grouping(),
  events: [],
  near: new Map(),
  nearLines: 0,
  nearParts: new Set(),
  looked: 0,
  lookedForEvents: 0,
});

/** What an author hopes for. */
const EXPECTED: ReadonlySet<Ending> = new Set(['then', 'first', 'rest', 'folded']);

/** A wait that ended so found nothing that decided it. */
const IN_VAIN: ReadonlySet<Ending> = new Set(['silence', 'ended', 'no-time', 'else']);

const valuesOf = (parts: readonly KeyPart[], { record }: RuleReader): KeyValue[] =>
  parts.map((part) => [part.path, valueIn(part, record)]);

function insteadOf(path: string, fields: ReadonlyMap<string, Found>): KeyValue[] {
  const near = nearestPath(path, fields);
  return near === undefined ? [] : [[near, String(fields.get(near))]];
}

/** Whether a remedy is worth looking for: not if the line has nothing in common with the condition but its level. */
function mayBeNear({ part, isNegated }: Misfit, evidence: number): boolean {
  return evidence > 0 || (!isNegated && part.kind === 'field');
}
