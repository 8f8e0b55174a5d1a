import { areComparable, NO_DOMAIN } from '../record/clock-domain.ts';
import { FATAL } from '../record/level.ts';
import { ENTRY_FLAGS, FRAMED } from '../kernel/layout.ts';
import { headOf, PLAIN_HEAD } from '../formats/head.ts';
import { sourceWith } from '../record/envelope.ts';
import { LogRecord } from '../record/record.ts';
import type { Candidate } from './candidate.ts';
import { countOpaque } from './counts.ts';
import { PriorityPrefix } from './edit/priority-prefix.ts';
import { eventKindsOf, eventsFor, type EventFound, type EventKind } from './events.ts';
import { exitCaptures, exitMeaning } from './exits.ts';
import type { Gate } from './gate.ts';
import { RuleGroups, type Group, type Groups } from './memory/groups.ts';
import { Input, type InputEngine } from './input.ts';
import { groupStates, restoreGroups, type CarryEngine, type SourceState } from './memory/carry.ts';
import { keyOf } from './memory/keys.ts';
import { LineInput } from './line-input.ts';
import { Origins } from './origins.ts';
import { LineOutflow, type LineSink } from './hold/line-outflow.ts';
import type { Leaving } from './hold/leaving.ts';
import type { Budgets } from './memory/budgets.ts';
import { Lookbacks } from './memory/lookbacks.ts';
import type { Memories } from './memory/memories.ts';
import type { Observer } from './observer.ts';
import { Outflow } from './hold/outflow.ts';
import type { CutLine } from './hold/pieces.ts';
import { Records, type Kept, type RecordsEngine } from './hold/records.ts';
import type { CompiledRule } from './plan.ts';
import type { Heirs } from './reload.ts';
import { hasTimers, type Sink } from './settings.ts';
import type { Timed } from './timed.ts';
import { LineTimes, type Reading } from './times.ts';
import { AlikeLine, HeldLine, ReadLine, type AlikeEngine, type HeldEngine, type Judged } from './judged.ts';
import type { Kind } from './kind.ts';
import type { Cause, Left, Verdicts } from './verdicts.ts';
import { bySeq } from './hold/row.ts';
import { Waits, type Wait, type WaitSource } from './hold/waits.ts';

/** What of an `Engine` is needed here. */
export type SourceEngine = InputEngine &
  RecordsEngine &
  Reading &
  AlikeEngine &
  HeldEngine &
  CarryEngine & {
    readonly observer: Observer | undefined;
    readonly budgets: Budgets;
    readonly groups: Groups;
    readonly memories: Memories;
    readonly verdicts: Verdicts;
    /** What all sources hold together. */
    heldLines: number;
    heldBytes: number;
    /** When a line was last let go because the queue was full, ms since 1970. */
    fullAt: number;
    makeRoom(source: Source, lines: number, bytes: number): void;
    hasRoom(lines: number, bytes: number): boolean;
    forget(source: Source): void;
  };

/** When and as which line of its source a line came. */
interface Coming extends Pick<Kept, 'number' | 'arrival'> {
  /** There was no room to wait for the lines that go on with it. */
  readonly isUnheld: boolean;
}

/**
 * What rules correlate and count in: a file, a container, a process with both of its streams.
 * Takes each line that somebody may care about through the steps of section 5 of the design.
 */
export class Source implements WaitSource {
  readonly name: string;
  /** Of all sources that its engine ever opened. */
  readonly number: number;
  readonly waits = new Waits();
  readonly records: Records;
  /** Lines that came whole, as they stand in the input: one in pieces is several. Does not count the chunk that is being cut. */
  linesCut = 0;
  /** What of it is held. */
  heldLines = 0;
  heldBytes = 0;
  readonly #engine: SourceEngine;
  readonly #inputs: Input[] = [];
  #groups: RuleGroups[];
  readonly #lookbacks: Lookbacks;
  readonly #times: LineTimes;
  readonly #origins = new Origins();
  readonly #alikeLine: AlikeLine;

  constructor(name: string, number: number, engine: SourceEngine) {
    this.name = name;
    this.number = number;
    this.#engine = engine;
    this.#groups = engine.plan.rules.map(() => new RuleGroups(engine.groups));
    this.#lookbacks = new Lookbacks(engine.memories, engine.plan, engine.settings.clock);
    this.#times = new LineTimes(engine);
    this.#alikeLine = new AlikeLine(this, engine);
    this.records = new Records(engine, this, {
      complete: (kept) => this.#considerKept(kept),
      giveUp: (kept) => this.#giveUp(kept),
    });
  }

  /** A stream of this source, and the output that its lines leave by. Both streams of a child are two inputs of one source. */
  input(sink: Sink): Input {
    return this.#open(
      new Outflow(this, this.#engine, this.#engine.settings.priorityPrefix === true ? this.#prefixed(sink) : sink),
    );
  }

  #prefixed(sink: Sink): Sink {
    const engine = this.#engine;
    return new PriorityPrefix(sink, { names: () => engine.plan.names, read: (...line) => engine.read(...line) });
  }

  /** A stream of this source whose lines come one by one, each with a value that leaves for it. */
  lineInput<Line>(sink: LineSink<Line>): LineInput<Line> {
    const outflow = new LineOutflow(this, this.#engine, sink);
    return new LineInput(this.#open(outflow), outflow, this.#engine);
  }

  #open(outflow: Leaving): Input {
    const input = new Input(this, this.#engine, outflow);
    this.#inputs.push(input);
    return input;
  }

  /** After the last input ended: ends the waits, closes the groups. */
  end(now: number): void {
    const engine = this.#engine;
    engine.now = now;
    this.records.completeAll();
    // Not enough time has passed to know what silence would have meant.
    for (const wait of this.waits.closeAll()) engine.verdicts.release(wait, this.#isTimeless(wait) ? 'no-time' : 'ended');
    engine.groups.closeAll((group) => group.source === this);
    engine.forget(this);
    this.#lookbacks.clear();
  }

  /** Whether a line waits for the end of the process that wrote it, or may. */
  get awaitsExit(): boolean {
    const isOpen = this.waits.size > 0 || this.records.isBusy;
    return isOpen && this.#engine.plan.rules.some(({ rule }) => rule.await?.exits !== undefined);
  }

  /**
   * The process that wrote this ended at `at`, in ms since 1970, with this code (128 and its number, if it died of a signal), and all that
   * it wrote has been pushed. That decides what waits for it.
   */
  exited(code: number, at: number, now: number): void {
    const { plan, settings, verdicts } = this.#engine;
    this.#engine.now = now;
    this.records.completeAll();
    for (const wait of this.waits.closeAll(({ due }) => due < at)) verdicts.passDeadline(wait);
    const meaningOf = ({ rule }: Wait): 'success' | 'failure' | undefined => exitMeaning(rule.rule.await!, code);
    for (const wait of this.waits.closeAll((each) => meaningOf(each) !== undefined)) {
      const kind = meaningOf(wait)!;
      // As with lines: in replay nothing tells whether a success came in time.
      if (kind === 'success' && settings.clock === 'replay') {
        verdicts.release(wait, 'no-time');
        continue;
      }
      const decider = wait.rule.quotesEvent ? { record: new LogRecord(plan.names), captures: exitCaptures(code) } : undefined;
      const millis = hasTimers(settings.clock) ? at - wait.arrival : NaN;
      verdicts.settle(wait, { kind, by: 'event', ...causeOf(`exit ${code}`, millis) }, decider);
    }
  }

  /** Whether no time tells what became of a wait at the end of a replay. */
  #isTimeless({ unclear, domain }: Wait): boolean {
    return unclear || (domain === NO_DOMAIN && this.#engine.settings.clock === 'replay');
  }

  /** What is held the longest, of what waits, of records that are open and of lines that came in pieces. */
  get oldest(): Wait | CutLine | Kept | undefined {
    let oldest: Wait | CutLine | Kept | undefined = this.waits.oldest;
    const record = this.records.oldest;
    if (record !== undefined && (oldest === undefined || record.seq < oldest.seq)) oldest = record;
    for (const input of this.#inputs) {
      const line = input.pieces?.oldest;
      if (line !== undefined && (oldest === undefined || line.seq < oldest.seq)) oldest = line;
    }
    return oldest;
  }

  /** Where the first byte that is held stood in its only stream; `undefined` where nothing is held. */
  get heldFrom(): number | undefined {
    const from = Math.min(this.waits.firstAt, this.records.firstAt, this.stream.pieces?.firstAt ?? Infinity);
    return from === Infinity ? undefined : from;
  }

  /** Lets go of a record unjudged. What it would have decided, nobody knows: so silence proves nothing to those who waited for it, or look back. */
  #giveUp({ input, place, time, domain, arrival }: Kept): void {
    this.#releaseInDoubt({ time, domain }, arrival);
    this.#engine.verdicts.letGo(input.outflow, place, 'same');
  }

  /** Nobody knows what a line would have decided: releases all that waits, and forgets what was remembered before. */
  #releaseInDoubt(timed: Timed, arrival: number): void {
    for (const wait of this.waits.closeAll()) this.#engine.verdicts.release(wait, 'full');
    this.#lookbacks.loseAll(timed, arrival);
  }

  /** Lets go of all that waits, unchanged; records are judged as far as they came. */
  releaseAll(reason: 'ended' | 'signal' | 'reload' | 'truncated'): void {
    this.records.completeAll();
    for (const wait of this.waits.closeAll()) this.#engine.verdicts.release(wait, reason);
    if (reason !== 'reload') for (const { pieces } of this.#inputs) pieces?.giveUpAll();
  }

  /** A protected line came, the one of this number: lets go of all that waits where it comes from, unchanged. */
  #yieldTo(number: number, origin: string): void {
    const place = { source: this.name, line: number };
    for (const wait of this.waits.closeAll((each) => each.origin === origin)) this.#engine.verdicts.releaseFor(wait, place);
  }

  /** The rules are about to change: lets go, unchanged, of what waits for a rule without an heir. */
  releaseOrphans(heirs: Heirs): void {
    for (const wait of this.waits.closeAll(({ rule }) => !heirs.has(rule))) this.#engine.verdicts.release(wait, 'reload');
  }

  /** The rules have changed: hands all that is left on to the heirs. Lookbacks go with the rules that look back. */
  adopt(heirs: Heirs): void {
    const { plan } = this.#engine;
    const groups = plan.rules.map(() => new RuleGroups(this.#engine.groups));
    for (const [rule, heir] of heirs) {
      const kept = this.#groups[rule.index]!;
      kept.adopt(heir);
      groups[heir.index] = kept;
    }
    this.#groups = groups;
    this.#lookbacks.adopt(heirs, plan);
    this.waits.adopt(heirs);
  }

  copyFromNow(): void {
    for (const input of this.#inputs) input.copyFromNow();
  }

  /** The `$source` of a line: with what its envelope names. */
  nameOf({ envelope }: LogRecord): string {
    return envelope === undefined ? this.name : sourceWith(this.name, envelope.origin);
  }

  /** So much more of this source is held. */
  weigh(lines: number, bytes: number): void {
    this.heldLines += lines;
    this.heldBytes += bytes;
    this.#engine.heldLines += lines;
    this.#engine.heldBytes += bytes;
  }

  makeRoom(lines: number, bytes: number): void {
    this.#engine.makeRoom(this, lines, bytes);
  }

  hasRoom(lines: number, bytes: number): boolean {
    return this.#engine.hasRoom(lines, bytes);
  }

  /** Its open groups, in order of opening, each with all that was folded into it. */
  get openGroups(): Group[] {
    return this.#groups.flatMap((groups) => [...groups.values()]).sort(bySeq);
  }

  /** The first of its streams. */
  get stream(): Input {
    return this.#inputs[0]!;
  }

  /** What the next process is to know of this source, which has one stream. */
  get state(): SourceState {
    return { groups: groupStates(this), cut: this.stream.pieces?.givenUp ?? [] };
  }

  /** Goes on where an earlier process stood. The source has a stream, and has seen nothing yet. */
  resume({ groups, cut }: SourceState): void {
    restoreGroups(this.#engine, this, groups);
    this.stream.pieces?.resume(cut);
  }

  /** Whole lines that stand before what will come, and are not ours to write. */
  passOver(bytes: Buffer): void {
    this.stream.pieces?.passOver(bytes);
  }

  /** What comes next does not follow what has come: pieces of lines wait for nothing any more. */
  breakOff(): void {
    this.stream.pieces?.end();
  }

  groupsOf(rule: CompiledRule): RuleGroups {
    return this.#groups[rule.index]!;
  }

  /** The gate that tells candidates apart: while something waits, more lines count. */
  get gate(): Gate {
    return this.waits.size === 0 ? this.#engine.plan.idle : this.#engine.plan.busy;
  }

  /** Whether each line must be looked at: it may pass a deadline, or somebody cares about its level alone. */
  get looksAtAll(): boolean {
    return this.waits.size > 0 || this.#engine.plan.idle.looseLevels !== 0;
  }

  /** `[from, …)` of a chunk is about to be cut. */
  begin(bytes: Buffer, from: number): void {
    this.#times.begin(bytes, from);
  }

  /** The chunk was cut up to `end`, and will be gone. */
  finish(end: number): void {
    this.#times.catchUp(end);
  }

  /** Takes one line through all steps, in the design's order. */
  consider(input: Input, bytes: Buffer, looked: Candidate): Left {
    if (this.records.isBusy && this.#isRecords(input, bytes, looked)) return 'taken';
    const { start, newline, end, hidden, number, entry } = looked;
    const engine = this.#engine;
    const { plan, counts, alike, line: record } = engine;
    const { gate } = this;
    engine.observer?.looks({ source: this.name, line: number });
    const kind = entry === -1 ? null : alike.of(entry);
    if (kind && !alike.asksMore(gate, start, newline, kind.level)) {
      const left = this.#considerAlike(kind, input, looked);
      if (left !== undefined) {
        alike.known += 1;
        return left;
      }
    }
    gate.select(engine.kernel, start, newline, hidden);
    // It may have been listed for no reason.
    if (entry !== -1 && !hidden && !this.looksAtAll && gate.foundNothing) return 'same';
    engine.read(record, bytes, start, newline);
    this.#origins.check(record);
    record.source = this.nameOf(record);
    if (record.level === -1) countOpaque(counts, record.why);
    else if (record.ambiguous) counts.ambiguous += 1;
    if (kind === undefined && !alike.asksMore(gate, start, newline, record.level)) {
      const varies = plan.lineRules.some(({ isPlain }) => !isPlain);
      const wantsTail = (): boolean | undefined => (varies ? undefined : this.#wantsTail(record, gate));
      alike.learn(entry, record, { fitting: () => this.#fitting(record, gate), wantsTail });
    }
    this.#times.take(record, start, end);
    if (plan.wantsTails && this.#mayBeRecord(record, gate, bytes, looked)) {
      if (this.records.begin(input, looked, this.#times, headOf(record))) return 'taken';
    }
    const isUnheld = this.#isUnheld(input, end - start, () => this.#wantsTail(record, gate));
    const { time, domain } = this.#times;
    const facts = { end, time, domain, arrival: engine.now, source: this, input, number, gaps: input.outflow.gaps };
    const coming = { number, arrival: engine.now, isUnheld };
    return this.#considerRead(record, gate, coming, (rule) => new ReadLine(rule, record, facts));
  }

  /** Takes a line that was read through all steps, from the deadlines on. `judgedBy`: the line, judged by a rule. */
  #considerRead(
    record: LogRecord,
    gate: Gate,
    { number, arrival, isUnheld }: Coming,
    judgedBy: (rule: CompiledRule) => Judged,
  ): Left {
    const engine = this.#engine;
    const { plan } = engine;
    const { time, domain } = this.#times;

    // Without the lines that go on with it, it may be another event than it seems, or protected.
    const isInDoubt = isUnheld && plan.eventsLookAtLine;
    if (isInDoubt) this.#releaseInDoubt({ time, domain }, arrival);

    // the deadlines that it passes
    if (this.waits.size > 0 && record.level !== -1) {
      for (const wait of this.waits.passedBy(time, domain)) engine.verdicts.passDeadline(wait);
    }

    // who judges it, and whether it is protected
    let own = this.#judge(record, gate);
    const isProtected =
      (own !== undefined || this.waits.size > 0) &&
      (record.level === FATAL || (gate.asks(plan.protectNeed, record.level) && plan.protects(record)));
    if (isProtected && own !== undefined) own = this.#spare(own);

    // the waits that it decides
    const kinds = isInDoubt ? undefined : eventKindsOf(record, gate, plan);
    const events = kinds && eventsFor(kinds, this.waits, (parts) => keyOf(parts, undefined, record));
    if (this.waits.size > 0 && events !== undefined) this.#decide(() => record, events, own, arrival);
    if (isProtected && this.waits.size > 0) this.#yieldTo(number, record.originKey);

    // its own rule
    const left =
      own === undefined
        ? 'same'
        : isUnheld && this.#mayBeAnothers(record)
          ? this.#leaveUnheld(judgedBy(own))
          : this.#apply(judgedBy(own));

    // lookbacks
    if (events !== undefined) this.#lookbacks.remember(() => record, events, { time, domain }, arrival);
    return left;
  }

  /** Whether the line is taken by a record that is open, or has to wait for one before it. */
  #isRecords(input: Input, bytes: Buffer, looked: Candidate): boolean {
    const { records } = this;
    records.judge();
    if (!records.isBusy) return false;
    const { line: record } = this.#engine;
    const { start, newline, end } = looked;
    this.#engine.read(record, bytes, start, newline);
    this.#origins.check(record);
    record.source = this.nameOf(record);
    this.#times.take(record, start, end);
    const { time, domain } = this.#times;
    return records.take(input, looked, { time, domain }, record, () => {
      const { gate } = this;
      gate.select(this.#engine.kernel, start, newline, true);
      return this.#wantsTail(record, gate);
    });
  }

  /** Whether a line may be the head of a record, as far as the bytes tell that have come, and a rule wants it. */
  #mayBeRecord(record: LogRecord, gate: Gate, bytes: Buffer, looked: Candidate): boolean {
    if (record.level === -1) return false;
    // What is cheaper to ask comes first.
    if (record.envelope === undefined) return this.records.mayGoOn(bytes, looked, record) && this.#wantsTail(record, gate);
    return this.#wantsTail(record, gate) && this.records.mayGoOn(bytes, looked, record);
  }

  /** Whether a rule wants the lines that go on with this one. The gate has selected it. */
  #wantsTail(record: LogRecord, gate: Gate): boolean {
    if (record.level === -1 || record.ambiguous || record.annotated) return false;
    const { rules, lineRules } = this.#engine.plan;
    const { length } = rules;
    if (this.#engine.settings.maxRecord === 0) return false;
    for (
      let index = gate.nextNeed(0, length, record.level);
      index < length;
      index = gate.nextNeed(index + 1, length, record.level)
    ) {
      const rule = rules[index]!;
      if (rule.wantsTail && rule.fits(record)) return true;
    }
    for (const { levels, mayFit } of lineRules) if (((levels >> record.level) & 1) === 1 && mayFit(record)) return true;
    return false;
  }

  /** Judges a line, or a record, that was held until its turn came, and lets it go. */
  #considerKept({ input, number, at, time, domain, arrival, place: held }: Kept): void {
    const engine = this.#engine;
    const { counts, line: record, verdicts } = engine;
    const { outflow } = input;
    const { gate } = this;
    const bytes = Buffer.from(outflow.bytesOf(held.head));
    engine.observer?.looks({ source: this.name, line: number });
    gate.select(engine.kernel, 0, 0, true);
    engine.read(record, bytes, 0, bytes.at(-1) === LF ? bytes.length - 1 : bytes.length);
    this.#origins.check(record);
    record.tail = held.tail;
    record.source = this.nameOf(record);
    if (record.level === -1) countOpaque(counts, record.why);
    else if (record.ambiguous) counts.ambiguous += 1;
    this.#times.recall(time, domain);
    const nothing = { likeness: undefined, levelStart: 0, levelEnd: 0, noteAt: 0 };
    const facts = { origin: record.originKey, time, domain, arrival, source: this, input, number, held, at, ...nothing };
    outflow.beginJudged(held);
    const left = this.#considerRead(
      record,
      gate,
      { number, arrival, isUnheld: false },
      (rule) => new HeldLine({ rule, ...facts }, engine),
    );
    if (left === 'same') verdicts.letGo(outflow, held, 'same');
    outflow.endJudged();
  }

  /** The same for a line that is like others, of which all is known but its time and its keys. `undefined`: its time is not plain. */
  #considerAlike(kind: Kind, input: Input, looked: Candidate): Left | undefined {
    const { start, newline, end, number, entry } = looked;
    const engine = this.#engine;
    const { plan, kernel, now, verdicts } = engine;
    const waiting = this.waits.size > 0;
    if (kind.rules?.length === 0 && kind.wantsTail === false && !waiting && !plan.remembers) return 'same';
    const ownTime = kind.timeIn(kernel.tape.words, entry, kernel.input);
    if (Number.isNaN(ownTime) && kind.time.kind !== 'none') return undefined;
    this.#times.takeOwn(ownTime, kind.domain, start, end);
    const { time, domain } = this.#times;
    const line = this.#alikeLine;
    line.begin(kind, input, looked);
    if (kind.wantsTail !== false && this.#mayBeKindsRecord(kind, line, looked)) {
      const head = isFramed(kernel.tape.words, entry) ? headOf(line.record) : PLAIN_HEAD;
      if (this.records.begin(input, looked, this.#times, head)) return 'taken';
    }
    const isUnheld = this.#isUnheld(input, end - start, () => kind.wantsTail !== false && this.#isWanted(kind, line));
    const isInDoubt = isUnheld && plan.eventsLookAtLine;
    if (isInDoubt) this.#releaseInDoubt({ time, domain }, now);
    if (this.waits.size > 0) for (const wait of this.waits.passedBy(time, domain)) verdicts.passDeadline(wait);
    if (kind.rules === undefined) this.gate.select(kernel, start, newline, false);
    let own = kind.rules === undefined ? this.#judgeAlike(kind, line) : this.#firstAwake(kind.rules);
    const isProtected = (own !== undefined || this.waits.size > 0) && this.#isProtected(kind, line);
    if (isProtected && own !== undefined) own = this.#spare(own);

    let events: readonly EventFound[] | undefined;
    if (!isInDoubt && (this.waits.size > 0 || plan.remembers)) {
      const kinds = kind.events ?? this.#eventsOf(line);
      if (kinds.length > 0) events = eventsFor(kinds, this.waits, line.keyOfParts);
      if (this.waits.size > 0 && events !== undefined) this.#decide(() => line.record, events, own, now);
      if (isProtected && this.waits.size > 0) this.#yieldTo(number, '');
    }

    let left: Left = 'same';
    if (own !== undefined) {
      line.rule = own;
      line.time = time;
      line.domain = domain;
      line.arrival = now;
      left = isUnheld && this.#mayBeAnothers(line.record) ? this.#leaveUnheld(line) : this.#apply(line);
    }
    if (events !== undefined) this.#lookbacks.remember(() => line.record, events, { time, domain }, now);
    return left;
  }

  /** As `#mayBeRecord`, of a line of a kind. */
  #mayBeKindsRecord(kind: Kind, line: AlikeLine, looked: Candidate): boolean {
    const { input, tape } = this.#engine.kernel;
    // What is cheaper to ask comes first.
    if (isFramed(tape.words, looked.entry)) return this.#isWanted(kind, line) && this.records.mayGoOn(input, looked, line.record);
    return this.records.mayGoOn(input, looked, undefined) && this.#isWanted(kind, line);
  }

  #isWanted(kind: Kind, line: AlikeLine): boolean {
    if (kind.wantsTail !== undefined) return kind.wantsTail;
    const { gate } = this;
    gate.select(this.#engine.kernel, line.start, line.end - 1, false);
    return this.#wantsTail(line.record, gate);
  }

  /** The first that does not rest. */
  #firstAwake(rules: readonly CompiledRule[]): CompiledRule | undefined {
    for (const rule of rules) if (!this.#isResting(rule)) return rule;
    return undefined;
  }

  /** As `#judge`, of a line that differs from others of its kind in what conditions look at. */
  #judgeAlike({ level }: Kind, line: AlikeLine): CompiledRule | undefined {
    const { length } = this.#engine.plan.rules;
    return this.gate.nextNeed(0, length, level) === length ? undefined : this.#judge(line.record, this.gate);
  }

  #isResting(rule: CompiledRule): boolean {
    const { budgets, now, observer } = this.#engine;
    const isResting = budgets.isResting(rule, this.#times, now);
    if (isResting) observer?.rests(rule);
    return isResting;
  }

  /** No rule judges a protected line. */
  #spare(rule: CompiledRule): undefined {
    this.#engine.observer?.spares(rule);
  }

  #isProtected(kind: Kind, line: AlikeLine): boolean {
    if (kind.level === FATAL) return true;
    const { plan } = this.#engine;
    if (kind.rules === undefined) return this.gate.asks(plan.protectNeed, kind.level) && plan.protects(line.record);
    return (kind.isProtected ??= plan.protects(line.record));
  }

  /** What a line is an event of, whether something waits for it or not. */
  #eventsOf(line: AlikeLine): readonly EventKind[] {
    const { alike, kernel, plan } = this.#engine;
    const { busy, firstEvent, protectNeed } = plan;
    busy.select(kernel, line.start, line.end - 1, false);
    const isAsked = busy.nextNeed(firstEvent, protectNeed, line.level) < protectNeed;
    const kinds = isAsked ? (eventKindsOf(line.record, busy, plan) ?? NO_EVENTS) : NO_EVENTS;
    const isOwn = line.kind.rules === undefined || alike.asksMore(plan.busy, line.start, line.end - 1, line.level);
    if (!isOwn) line.kind.events = kinds;
    return kinds;
  }

  /** The rules that fit a record, in order, up to the first that never rests. */
  #fitting(record: LogRecord, gate: Gate): readonly CompiledRule[] {
    if (record.level === -1 || record.ambiguous || record.annotated) return [];
    const { rules } = this.#engine.plan;
    const fitting: CompiledRule[] = [];
    for (
      let index = gate.nextNeed(0, rules.length, record.level);
      index < rules.length;
      index = gate.nextNeed(index + 1, rules.length, record.level)
    ) {
      const rule = rules[index]!;
      if (!rule.fits(record)) continue;
      fitting.push(rule);
      if (rule.rule.until === undefined) break;
    }
    return fitting;
  }

  #judge(record: LogRecord, gate: Gate): CompiledRule | undefined {
    if (record.level === -1 || record.ambiguous || record.annotated) return undefined;
    const { plan } = this.#engine;
    const { length } = plan.rules;
    for (
      let index = gate.nextNeed(0, length, record.level);
      index < length;
      index = gate.nextNeed(index + 1, length, record.level)
    ) {
      const rule = plan.rules[index]!;
      if (!rule.fits(record)) continue;
      if (!this.#isResting(rule)) return rule;
    }
    return undefined;
  }

  /** `read` gives the line that decides, for texts that quote it. */
  #decide(read: () => LogRecord, events: readonly EventFound[], except: CompiledRule | undefined, arrival: number): void {
    const { time, domain } = this.#times;
    const { settings, verdicts } = this.#engine;
    const decided: { readonly seq: number; readonly wait: Wait; readonly event: EventFound }[] = [];
    for (const event of events) {
      const { channel, key, kind } = event;
      if (!this.waits.isAsked(channel.index)) continue;
      // Without a clock nothing tells whether a success came in time; a failure is believed.
      const across = settings.clock === 'replay' && kind === 'success' ? 'unclear' : 'decides';
      const deciding = { channel: channel.index, key, time, domain, except, across } as const;
      for (const wait of this.waits.decidedBy(deciding)) decided.push({ seq: wait.seq, wait, event });
    }
    if (decided.length > 1) decided.sort(bySeq);
    for (const { wait, event } of decided) {
      const millis = areComparable(wait.domain, domain)
        ? time - wait.time
        : hasTimers(settings.clock)
          ? arrival - wait.arrival
          : NaN;
      const { name, captures } = event.event;
      const decider = wait.rule.quotesEvent ? { record: read(), captures } : undefined;
      verdicts.settle(wait, { kind: event.kind, by: 'event', ...causeOf(name, millis) }, decider);
    }
  }

  /**
   * Whether there is no room to wait for the lines that go on with a line, which some rule wants. Whether there are any does not count: that
   * depends on how the stream was cut.
   */
  #isUnheld(input: Input, length: number, isWanted: () => boolean): boolean {
    const { plan, heldLines } = this.#engine;
    if (plan.lineRules.length === 0 && !plan.eventsLookAtLine) return false;
    // If nothing is held, nothing of the input has to be written to know what room there is.
    if (heldLines === 0 && this.#engine.hasRoom(1, length)) return false;
    return isWanted() && !this.records.hasRoom(input, length);
  }

  /** Whether a rule that looks at `$line` may judge it, depending on the lines that go on with it. */
  #mayBeAnothers(record: LogRecord): boolean {
    return this.#engine.plan.lineRules.some(({ levels, mayFit }) => ((levels >> record.level) & 1) === 1 && mayFit(record));
  }

  /** Leaves a line as it is that may be the head of a record for which there is no room: by itself it may not be what the record is. */
  #leaveUnheld(judged: Judged): Left {
    const { counts, now, verdicts } = this.#engine;
    counts.rules.get(judged.rule.rule.id)!.fitted += 1;
    this.#engine.fullAt = now;
    return verdicts.leaveAlone(judged, 'full', undefined);
  }

  #apply(judged: Judged): Left {
    const { rule, time, domain, arrival } = judged;
    const { counts, verdicts } = this.#engine;
    const count = counts.rules.get(rule.rule.id)!;
    count.fitted += 1;
    if (rule.channel === undefined) return verdicts.apply(judged);
    const key = judged.keyOf(rule.here, undefined);
    if (key === undefined) return verdicts.leaveKeyless(judged, rule.here, undefined);
    const memory = this.#lookbacks.find(rule, key, judged, arrival);
    if (memory === undefined) return verdicts.wait(judged, key);
    if (typeof memory === 'string') return verdicts.leaveAlone(judged, memory, undefined);
    const byClock = hasTimers(this.#engine.settings.clock) ? memory.arrival - arrival : NaN;
    const millis = areComparable(memory.domain, domain) ? memory.time - time : byClock;
    const { name, captures } = rule.channel[memory.kind][memory.index]!;
    return verdicts.applyAfter(judged, memory, causeOf(name, millis), captures);
  }
}

const LF = 0x0a;

/** Whether the line at this entry of the tape lies in an envelope. */
const isFramed = (words: Int32Array, entry: number): boolean => (words[entry + ENTRY_FLAGS]! & FRAMED) !== 0;

const NO_EVENTS: readonly EventKind[] = [];

/** What is said of an event that came so many ms after the line, or before it. */
function causeOf(name: string, millis: number): Cause {
  if (!(millis >= 0)) {
    const why = Number.isNaN(millis) ? `${name} came` : `${name} ${Math.round(-millis)} ms before`;
    return { why, stem: why, millis: -1 };
  }
  const rounded = Math.round(millis);
  return { why: `${name} after ${rounded} ms`, stem: `${name} after`, millis: rounded };
}
