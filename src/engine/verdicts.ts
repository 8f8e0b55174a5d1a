import { withTail, type Lent } from '../formats/draft.ts';
import { areComparable, isYearGuessed, namesNoDate } from '../record/clock-domain.ts';
import type { Level } from '../record/level.ts';
import type { Captures } from '../rules/captures.ts';
import type { LogRecord } from '../record/record.ts';
import { countHeld, countKeyless, type Counts, type LinePlace, type Release, type RuleCounts } from './counts.ts';
import { ANNOTATED, applyEdit, BARE, levelWritten, type LineReader } from './edit/edit.ts';
import type { Decider } from './edit/template.ts';
import { recipeOf, type EditPlaces } from './edit/recipe.ts';
import { NO_WORDS, type Group, type Groups, type GroupSource, type Words } from './memory/groups.ts';
import { linesAt, type HeldPlace } from './hold/hold.ts';
import { NOTHING, type Leaving } from './hold/leaving.ts';
import { HeldLine, type HeldEngine, type Judged } from './judged.ts';
import type { Budgets } from './memory/budgets.ts';
import { keyWithTail, type KeyPart } from './memory/keys.ts';
import type { Decided, Ending, Observer } from './observer.ts';
import type { Memory } from './memory/memories.ts';
import type { CompiledChange, CompiledRepeat, CompiledRule } from './plan.ts';
import { hasTimers, MAX_FOLDED, type EngineSettings } from './settings.ts';
import type { SpareWaits, Wait } from './hold/waits.ts';

/** What of an `Engine` is needed here. */
export interface VerdictsEngine extends HeldEngine, LineReader {
  readonly counts: Counts;
  readonly settings: EngineSettings;
  readonly observer: Observer | undefined;
  readonly budgets: Budgets;
  readonly groups: Groups;
  readonly spareWaits: Pick<SpareWaits, 'begin'>;
  readonly now: number;
  fullAt: number;
  /** Records for an event that is remembered, and for a line that was folded. */
  readonly recalled: LogRecord;
  readonly folded: LogRecord;
  nextSeq(): number;
  addDue(due: Wait | Group): void;
  endWait(wait: Wait): void;
}

/** What decided, in words. */
export interface Cause {
  readonly why: string;
  /** `why` up to the number of ms in it, and that number; without one all of it, and -1. */
  readonly stem: string;
  readonly millis: number;
}

/** How a wait ended. */
export interface Outcome extends Cause {
  readonly kind: 'success' | 'failure';
  /** By an event that came, or because none did. */
  readonly by: 'event' | 'silence';
}

/** What becomes of a line: it stays as it is, it was edited where it stands, it is counted in a summary, or this one takes its place. */
type Fate = 'same' | 'edited' | 'folded' | Lent;

/** What became of the line that is being looked at: it is left in its place, as it is or with edits, or it is not. */
export type Left = 'same' | 'edited' | 'taken';

/** What is said of a change beside the rule's own words. */
interface Occasion {
  readonly why: string | undefined;
  readonly stem: string | undefined;
  readonly millis: number;
  readonly event: Decider | undefined;
  readonly decided: Decided | undefined;
}

const PLAINLY: Occasion = { why: undefined, stem: undefined, millis: -1, event: undefined, decided: undefined };

/** More ways to edit lines of one kind are not kept. */
const MOST_RECIPES = 16;

const LF = 0x0a;

/** Carries out what rules say: lets lines wait, changes them, folds them, lets them go. */
export class Verdicts {
  readonly #engine: VerdictsEngine;

  constructor(engine: VerdictsEngine) {
    this.#engine = engine;
  }

  /** Applies a rule without `await` to the line that is being looked at. */
  apply(judged: Judged): Left {
    return this.#leave(judged, this.#lower(judged, PLAINLY));
  }

  /** Applies a rule to the line that is being looked at, which an earlier event has decided. */
  applyAfter(judged: Judged, memory: Memory, cause: Cause, captures: Captures | undefined): Left {
    const { recalled } = this.#engine;
    this.#engine.read(recalled, memory.line, 0, memory.line.length);
    recalled.source = judged.source.nameOf(recalled);
    const outcome = { kind: memory.kind, by: 'event', ...cause } as const;
    return this.#leave(judged, this.#decide(judged, outcome, { record: recalled, captures }));
  }

  #leave({ input, start, end, standing }: Judged, fate: Fate): Left {
    if (fate === 'same' || fate === 'edited') return fate;
    if (standing !== undefined) {
      this.letGo(input.outflow, standing.held, fate);
      return 'taken';
    }
    if (fate === 'folded') return input.outflow.cut(start, end) ? 'edited' : 'taken';
    input.outflow.emit(fate);
    return 'taken';
  }

  /** Lets the line that is being looked at wait, if there is room for it. */
  wait(judged: Judged, key: string): Left {
    const { rule, origin, start, end, time, domain, arrival, source, input, number, kind, places, standing } = judged;
    // Copied: they are another line's as soon as that is looked at.
    const { levelStart, levelEnd, noteAt } = places ?? NO_PLACES;
    const engine = this.#engine;
    const count = this.#count(rule);
    const lines = standing === undefined ? 1 : judged.lines;
    const length = standing === undefined ? end - start : input.outflow.sizeOf(standing.held);
    input.outflow.sendRun();
    source.makeRoom(lines, length);
    if (!source.hasRoom(lines, length)) {
      engine.fullAt = engine.now;
      return this.leaveAlone(judged, 'full', undefined);
    }
    count.held += 1;
    engine.observer?.waits(judged, key);
    const due = hasTimers(engine.settings.clock) ? arrival + rule.rule.await!.within : Infinity;
    if (standing !== undefined) input.outflow.keep();
    const { held, at } = standing ?? { held: input.outflow.hold(start, end), at: input.offsetOf(start) };
    const seq = engine.nextSeq();
    const wait = engine.spareWaits.begin({
      seq,
      rule,
      key,
      origin,
      time,
      domain,
      arrival,
      due,
      input,
      source,
      number,
      held,
      at,
      likeness: places === undefined ? undefined : kind,
      levelStart: levelStart - start,
      levelEnd: levelEnd - start,
      noteAt: noteAt - start,
    });
    source.waits.add(wait);
    engine.addDue(wait);
    return 'taken';
  }

  /** The deadline of a wait, closed already, has passed: silence decides, unless it may not have been silent. */
  passDeadline(wait: Wait): void {
    const { silence, within } = wait.rule.rule.await!;
    if (wait.unclear && silence === 'failure') return this.release(wait, 'no-time');
    this.settle(
      wait,
      { kind: silence, by: 'silence', why: `silence for ${within} ms`, stem: `silence for ${within} ms`, millis: -1 },
      undefined,
    );
  }

  /** Ends a wait, closed already, by `outcome`; `event` is the line that decided, where one did. */
  settle(wait: Wait, outcome: Outcome, event: Decider | undefined): void {
    const judged = new HeldLine(wait, this.#engine);
    this.#letGoWait(wait, this.#decide(judged, outcome, event));
  }

  /** Leaves the line that is being looked at, or one whose wait is closed, unchanged. */
  leaveAlone(judged: Judged, reason: Release, decided: Decided | undefined): 'same' {
    this.#count(judged.rule).released[reason] += 1;
    return this.#end(judged, reason, decided);
  }

  /** The same, as it has no key. */
  leaveKeyless(judged: Judged, parts: readonly KeyPart[], decided: Decided | undefined): 'same' {
    const reason = countKeyless(this.#count(judged.rule), parts, judged.record);
    return this.#end(judged, reason, decided);
  }

  /** Tells who asks why. `level`: the line's afterwards. */
  #end(judged: Judged, ending: Ending, decided: Decided | undefined, level?: Level): 'same' {
    const { observer } = this.#engine;
    observer?.ends({ judged, ending, level: level === undefined ? judged.level : levelWritten(judged.record, level), decided });
    return 'same';
  }

  /** Lets a line whose wait is closed go unchanged. */
  release(wait: Wait, reason: Release): void {
    this.#letGoWait(wait, this.leaveAlone(new HeldLine(wait, this.#engine), reason, undefined));
  }

  /** The same, for a protected line. */
  releaseFor(wait: Wait, place: LinePlace): void {
    this.#count(wait.rule).protectedBy = place;
    this.release(wait, 'protected');
  }

  #letGoWait(wait: Wait, fate: Fate): void {
    const { counts, now } = this.#engine;
    countHeld(counts, Math.max(0, now - wait.arrival));
    this.letGo(wait.input.outflow, wait.held, fate);
    this.#engine.endWait(wait);
  }

  /** Lets go of a line that is held, or of a record, of which an edit changes the first line. */
  letGo(outflow: Leaving, held: HeldPlace, fate: Fate): void {
    const { counts } = this.#engine;
    const unchanged = fate === 'folded' ? 0 : linesAt(held) - (fate === 'same' ? 0 : 1);
    counts.unchanged += unchanged;
    counts.linesOut += unchanged;
    outflow.letGo(held, insteadOf(fate));
  }

  #decide(judged: Judged, outcome: Outcome, event: Decider | undefined): Fate {
    const { kind, by, why, stem, millis } = outcome;
    const occasion = { why, stem, millis, event, decided: outcome };
    if (kind === 'success') return this.#lower(judged, occasion);
    const change = judged.rule.else;
    if (change === undefined) return this.leaveAlone(judged, by === 'event' ? 'failure' : 'silence', occasion.decided);
    const level = change.level ?? judged.level;
    const line = this.#change(judged, change, level, occasion);
    if (line === 'same') return line;
    this.#count(judged.rule).failed += 1;
    this.#end(judged, 'else', outcome, level);
    return line;
  }

  /** `then`, and `repeat` where the rule has one. */
  #lower(judged: Judged, occasion: Occasion): Fate {
    const { rule } = judged;
    const { budgets, now } = this.#engine;
    if (rule.repeat !== undefined) return this.#repeat(judged, rule.repeat, occasion);
    if (rule.then === undefined) return this.#plain(judged, occasion);
    if (budgets.isSpent(rule, judged, now)) return this.#over(judged, occasion);
    return this.#then(judged, rule.then, occasion, 'then');
  }

  #repeat(judged: Judged, repeat: CompiledRepeat, occasion: Occasion): Fate {
    const { rule, time, domain, arrival, source, input, start, level } = judged;
    const { budgets, groups, now, settings } = this.#engine;
    const count = this.#count(rule);
    const home = source.groupsOf(rule);
    for (const old of home.olderThan(time, domain, repeat.window)) groups.close(old);
    const known = judged.kind?.groupIn(home);
    const key = known?.key ?? keyWithTail(judged.keyOf(repeat.parts, repeat.message), judged.tail);
    if (key === undefined) return this.leaveKeyless(judged, repeat.parts, occasion.decided);
    if (budgets.isSpent(rule, judged, now)) return this.#over(judged, occasion);
    const group = known ?? home.get(key);
    if (group === undefined || level > group.level || isFarAfter(group, judged, repeat.window)) {
      if (group !== undefined) groups.close(group);
      const due = hasTimers(settings.clock) ? arrival + repeat.window : Infinity;
      const length = judged.recordEnd - start;
      const opened = groups.open({ source, rule, key, first: time, domain, level, due, length });
      this.#engine.addDue(opened);
      judged.kind?.noteGroup(home, opened, repeat);
      return this.#first(judged, occasion);
    }
    if (known === undefined) judged.kind?.noteGroup(home, group, repeat);
    if (repeat.restChange !== undefined) return this.#then(judged, repeat.restChange, occasion, 'rest');
    if (judged.length > MAX_FOLDED || judged.isCut) return this.#first(judged, occasion);
    const { bytes, end: headEnd, recordEnd: end, lines } = judged;
    if (settings.archive?.keep(bytes, start, end) === false) return this.leaveAlone(judged, 'archive', occasion.decided);
    count.folded += 1;
    this.#engine.counts.folded += lines;
    budgets.take(rule, judged, now);
    groups.fold(group, { time, domain, bytes, start, end, headEnd, lines, input, words: wordsOf(judged, occasion) });
    this.#end(judged, 'folded', occasion.decided);
    return 'folded';
  }

  /** A line that passes as the first of a group does. */
  #first(judged: Judged, occasion: Occasion): Fate {
    const { then } = judged.rule;
    return then === undefined ? this.#plain(judged, occasion) : this.#then(judged, then, occasion, 'first');
  }

  /** The budget of the rule is used up. */
  #over(judged: Judged, occasion: Occasion): Fate {
    const { rule } = judged;
    const level = rule.over?.level;
    if (rule.over === undefined || level === undefined) return this.leaveAlone(judged, 'budget', occasion.decided);
    const { lines, per } = rule.rule.budget!; // it has one, or nothing was used up
    const why = `more than ${lines} ${lines === 1 ? 'line' : 'lines'} in ${per} ms`;
    const line = this.#change(judged, rule.over, level, { ...occasion, why, stem: why, millis: -1 });
    if (line === 'same') return line;
    this.#count(rule).over += 1;
    this.#end(judged, 'over', occasion.decided, level);
    return line;
  }

  /** The rule has nothing to change in the line. */
  #plain(judged: Judged, { decided }: Occasion): 'same' {
    return this.#end(judged, 'plain', decided);
  }

  /** Applies a change that only lowers, or only raises: a level that it does not move stays as it is, and what is not to be raised is left alone. */
  #then(judged: Judged, change: CompiledChange, occasion: Occasion, ending: 'then' | 'first' | 'rest'): Fate {
    const level = levelAfter(change, judged);
    if (change.raise !== undefined && level === judged.level) return this.leaveAlone(judged, 'raised', occasion.decided);
    const line = this.#change(judged, change, level, occasion);
    if (line === 'same') return line;
    const count = this.#count(judged.rule);
    if (change.raise !== undefined) count.raised += 1;
    else if (change.level !== undefined && change.level > judged.level) count.stayed += 1;
    else count.lowered += 1;
    this.#engine.budgets.take(judged.rule, judged, this.#engine.now);
    this.#end(judged, ending, occasion.decided, level);
    return line;
  }

  #change(judged: Judged, change: CompiledChange, level: Level, occasion: Occasion): Lent | 'edited' | 'same' {
    const { rule, kind, places } = judged;
    const { counts, settings } = this.#engine;
    const isLike = kind !== undefined && places !== undefined && change.isConstant && change.msg === undefined;
    const making = { rule, change, level, stem: occasion.stem, millis: occasion.millis };
    let recipe = isLike ? kind.recipeFor(making) : undefined;
    if (recipe?.isPlain !== true) {
      const { record, end, gaps } = judged;
      const count = this.#count(rule);
      const msg = change.msg?.(record, occasion.event);
      const note = change.note?.(record, occasion.event);
      const edit = { rule: rule.rule.id, level, msg, why: occasion.why, note, summary: undefined, gaps };
      const edited = applyEdit(record, edit, end, settings.annotate ? ANNOTATED : BARE, this.#engine);
      const { line } = edited;
      if (line === undefined) return this.leaveAlone(judged, 'unwritable', occasion.decided);
      if (edited.keptMessage) count.keptMessages += 1;
      counts.changed += 1;
      counts.linesOut += 1;
      if (isLike && recipe === undefined && kind.recipes.length < MOST_RECIPES)
        kind.recipes.push(recipeOf(making, edited.edits, places));
      return line;
    }
    counts.changed += 1;
    counts.linesOut += 1;
    return judged.make(recipe, occasion.millis);
  }

  /** Writes the summary of a group that is closed already, if anything was folded into it. */
  summarise(group: Group): void {
    if (group.folded === 0) return;
    const { rule } = group;
    const count = this.#count(rule);
    count.summaries += 1;
    const record = this.#engine.folded;
    const end = group.start + group.head;
    const recordEnd = group.start + group.length;
    this.#read(record, group.bytes, group.start, end, group.source);
    const { counts } = this.#engine;
    counts.summaries += group.lines;
    counts.linesOut += group.lines;
    const { why } = group.words;
    const edit = {
      rule: rule.rule.id,
      level: rule.then === undefined ? (record.level as Level) : levelAfter(rule.then, { level: record.level as Level }),
      msg: group.words.msg ?? rule.then?.msg?.(record, undefined),
      why,
      note: group.words.note ?? rule.then?.note?.(record, undefined),
      summary: {
        repeats: group.folded,
        // A time of day alone tells no instant.
        first: namesNoDate(group.domain) ? NaN : group.first,
        last: namesNoDate(group.lastDomain) ? NaN : group.last,
        isFirstYearless: isYearGuessed(group.domain),
        isLastYearless: isYearGuessed(group.lastDomain),
      },
      // It stands where no piece stood.
      gaps: NO_GAPS,
    };
    // Without its annotation a summary would say nothing of what it stands for.
    const { line, keptMessage } = applyEdit(record, edit, end, ANNOTATED, this.#engine);
    if (keptMessage) count.keptMessages += 1;
    // Of a summary there always is one.
    group.input!.outflow.emitSummary(withTail(line!, group.bytes, end, recordEnd));
  }

  /** Reads a whole line that was kept; `end` lies behind its newline. */
  #read(record: LogRecord, bytes: Buffer, start: number, end: number, source: GroupSource): void {
    this.#engine.read(record, bytes, start, bytes[end - 1] === LF ? end - 1 : end);
    record.source = source.nameOf(record);
  }

  #count(rule: CompiledRule): RuleCounts {
    return this.#engine.counts.rules.get(rule.rule.id)!;
  }
}

/** Whether a group began so long after this line that the line is none of its repeats. */
const isFarAfter = ({ first, domain }: Group, judged: Judged, window: number): boolean =>
  areComparable(domain, judged.domain) && first - judged.time >= window;

const NO_GAPS: readonly number[] = [];
const NO_PLACES: EditPlaces = { levelStart: 0, levelEnd: 0, noteAt: 0 };

const levelAfter = ({ level: target, raise }: CompiledChange, { level }: Pick<Judged, 'level'>): Level =>
  (raise === undefined ? Math.min(target ?? level, level) : Math.max(raise, level)) as Level;

/** What is to leave in place of a held line. */
function insteadOf(fate: Fate): Lent | undefined {
  if (fate === 'same' || fate === 'edited') return undefined;
  return fate === 'folded' ? NOTHING : fate;
}

/** What the summary will say of a folded line that it could not tell from the line alone. */
function wordsOf(judged: Judged, { why, event }: Occasion): Words {
  if (event === undefined) return why === undefined ? NO_WORDS : { ...NO_WORDS, why };
  const { record, rule } = judged;
  const { then } = rule;
  return { why, msg: then?.msg?.(record, event), note: then?.note?.(record, event) };
}
