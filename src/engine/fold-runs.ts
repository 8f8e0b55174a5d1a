import { FoldKernel } from '../kernel/fold.ts';
import { forgetReading, loadNames } from '../kernel/read.ts';
import { NO_DOMAIN, type ClockDomain } from '../record/clock-domain.ts';
import type { Engine } from './engine.ts';
import { foldProgram, foldsPlainly } from './fold-program.ts';
import type { Gate } from './gate.ts';
import { NO_WORDS, type Group } from './memory/groups.ts';
import type { Input } from './input.ts';
import type { CompiledRule } from './plan.ts';
import type { Source } from './source.ts';
import { MOST_AHEAD } from './times.ts';

/** There is one kernel: whose groups it has. */
let owner: FoldRuns | undefined;
let kernel: FoldKernel | undefined;

function claim(runs: FoldRuns): void {
  if (owner !== runs) owner?.yield('idle');
  owner = runs;
}

/** What became of the lines before one that must be looked at. */
export interface Swept {
  lines: number;
  overlong: number;
  /** Where that line begins, or the unfinished one. */
  next: number;
  /** Where something stands in it that makes it a candidate; the end: nothing does; -1: that is not known. */
  stop: number;
  /** Where it ends, if that is known, and that no escape hides anything in it; else -1. */
  newline: number;
}

/**
 * Passes over lines that nobody asks for, and folds repeats, inside the kernel, at once: no record, no key, no call for each line.
 * A short cut, and no more: what becomes of each line is what `Source.consider` would make of it, and where that is not sure, it
 * is asked. What was folded so is counted in the kernel until a group closes.
 */
export class FoldRuns {
  readonly #engine: Engine;
  /** By their numbers in the kernel. */
  readonly #groups: (Group | undefined)[] = [];
  readonly #streams: Input[] = [];
  #rules: readonly CompiledRule[] = [];
  /** Whose groups' beginnings the kernel knows. */
  #source: Source | undefined;
  /** How the times are written that the kernel may compare. */
  #domain: ClockDomain = NO_DOMAIN;
  #state: 'new' | 'ready' | 'idle' = 'new';
  /** Lines that were folded so. */
  lines = 0;
  /** Behind the last line of a sweep of which the time is known, and that time; zero: of none. */
  knownTo = 0;
  time = NaN;
  readonly #swept: Swept = { lines: 0, overlong: 0, next: 0, stop: 0, newline: -1 };
  /** Where the last sweep ended, and which rule judges the line there, if the kernel knows. */
  #endedAt = -1;
  #judgedBy: CompiledRule | undefined;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** Whether nothing has been got ready yet, which takes a while. */
  get isNew(): boolean {
    return this.#state === 'new';
  }

  /**
   * Takes the lines of the lent chunk from `at` on, of a source in which nothing waits, as far as they need no look. `gate`: whoever
   * asks for a line asks by a text that this knows of. `undefined`: it can do nothing here. What it gives is good for one call.
   */
  sweep(input: Input, source: Source, at: number, end: number, gate: Gate | undefined): Swept | undefined {
    if (!this.#engine.plan.names.isUsual) return undefined;
    if (this.#state === 'idle' || (this.#state === 'new' && !this.#begin())) return undefined;
    if (!loadNames(this.#engine.plan.names.top)) return undefined;
    if (this.#source !== source || this.#domain !== source.lastDomain) this.#enter(source);
    const { settings, now } = this.#engine;
    const isLive = settings.clock === 'live';
    const place = {
      source: source.number,
      stream: this.#numberOf(input),
      domain: this.#domain,
      latest: isLive ? now + MOST_AHEAD : Infinity,
      clock: isLive ? now : NaN,
    };
    const { swept: found } = kernel!;
    const swept = this.#swept;
    swept.lines = 0;
    swept.overlong = 0;
    this.knownTo = 0;
    for (let from = at; ;) {
      from = kernel!.sweep(gate, from, end, settings.maxLine, place);
      const { passed, overlong, folded, cuts, cutCount, knownTo, closing } = found;
      swept.lines += passed + folded;
      swept.overlong += overlong;
      this.lines += folded;
      input.outflow.leave(passed);
      for (let i = 0; i < 2 * cutCount; i += 2) {
        input.outflow.stopAt(cuts[i]!);
        input.outflow.take(cuts[i + 1]!);
      }
      if (knownTo > 0) {
        this.knownTo = knownTo;
        this.time = found.time;
      }
      if (closing !== -1) {
        // What the next line does first, whatever becomes of it: then it may go on.
        this.#closeBefore(input, source, from, closing, found.closingTime);
      } else if (!found.isFull) {
        this.#endedAt = from;
        this.#judgedBy = this.#engine.plan.rules[found.judgedBy];
        swept.next = from;
        swept.stop = found.stop;
        swept.newline = found.newline;
        return swept;
      }
    }
  }

  /** Closes the groups of a rule that a line at `start`, of this time, is too late for. */
  #closeBefore(input: Input, source: Source, start: number, closing: number, time: number): void {
    input.outflow.stopAt(start);
    const rule = this.#engine.plan.rules[closing]!;
    for (const old of source.groupsOf(rule).olderThan(time, this.#domain, rule.repeat!.window)) this.#engine.groups.close(old);
    this.#setEarliest(rule, source);
  }

  /**
   * The rule that judges the line at `start`, which ended a sweep of this chunk: it is no event that anybody asks for, and not
   * protected. `undefined` where that is not known.
   */
  ruleAt(start: number): CompiledRule | undefined {
    return start === this.#endedAt ? this.#judgedBy : undefined;
  }

  /** A group was opened: its repeats may be folded. */
  opened(group: Group): void {
    if (this.#state !== 'ready' || !this.#rules.includes(group.rule)) return;
    const { rule, source, level, room, key, first, domain } = group;
    group.number = kernel!.open({ rule: rule.index, source: source.number, level, room, key, first, domain });
    if (group.number !== 0) this.#groups[group.number] = group;
    if (source === this.#source) this.#setEarliest(rule, source);
  }

  /** A group was closed, and its summary written. */
  closed(group: Group): void {
    const { number, rule, source } = group;
    if (number !== 0) {
      kernel!.close(number);
      this.#groups[number] = undefined;
      group.number = 0;
    }
    // Also of one that the kernel does not know, such as one from before a restart: lines pass its window all the same.
    if (this.#state === 'ready' && source === this.#source && this.#rules.includes(rule)) this.#setEarliest(rule, source);
  }

  /** Has a group know what was folded into it. Its last line stays where it is until it is closed. */
  tell(group: Group): void {
    if (group.number === 0) return;
    const { lines, last, start, length, stream } = kernel!.take(group.number);
    if (lines === 0) return;
    group.folded += lines;
    group.last = last;
    group.lastDomain = NO_DOMAIN; // the kernel folds no line whose year is a guess
    group.bytes = kernel!.kept;
    group.start = start;
    group.length = length;
    group.input = this.#streams[stream];
    group.words = NO_WORDS;
  }

  /** Adds what the kernel folded to what each rule did. */
  count(): void {
    this.#endedAt = -1;
    forgetReading();
    if (this.#state !== 'ready') return;
    for (const { index, rule } of this.#rules) {
      const lines = kernel!.takeLines(index);
      if (lines === 0) continue;
      const counts = this.#engine.counts.rules.get(rule.id)!;
      counts.fitted += lines;
      counts.folded += lines;
      this.#engine.counts.folded += lines;
    }
  }

  /** The rules are about to change, or another engine wants the kernel: takes all groups back. */
  yield(next: 'new' | 'idle'): void {
    this.count();
    for (const group of this.#groups) {
      if (group === undefined) continue;
      this.tell(group);
      if (group.bytes === kernel!.kept) {
        group.own = Buffer.from(group.bytes.subarray(group.start, group.start + group.length));
        group.bytes = group.own;
        group.start = 0;
      }
      kernel!.close(group.number);
      group.number = 0;
    }
    this.#groups.length = 0;
    this.#streams.length = 0;
    this.#source = undefined;
    this.#state = next;
  }

  /** No source is left: whoever wants the kernel may have it. */
  end(): void {
    if (owner !== this) return;
    this.yield('new');
    owner = undefined;
  }

  /** Takes the kernel. False where it is of no use here. */
  #begin(): boolean {
    const { settings, plan } = this.#engine;
    const isPlain = settings.archive === undefined && (settings.envelope ?? 'none') === 'none' && settings.format === 'auto';
    this.#state = 'idle';
    if (!isPlain || settings.clock === 'example' || !plan.rules.some(({ rule }) => foldsPlainly(rule))) return false;
    const program = foldProgram(plan);
    const rules = plan.rules.filter(({ index }) => program.needs[index]!.fold !== undefined);
    if (rules.length === 0) return false;
    kernel ??= new FoldKernel();
    claim(this);
    if (!kernel.load(program)) return false;
    this.#rules = rules;
    this.#state = 'ready';
    return true;
  }

  #enter(source: Source): void {
    this.#source = source;
    this.#domain = source.lastDomain;
    for (const rule of this.#rules) this.#setEarliest(rule, source);
  }

  #setEarliest(rule: CompiledRule, source: Source): void {
    kernel!.setEarliest(rule.index, source.groupsOf(rule).earliest(this.#domain));
  }

  #numberOf(input: Input): number {
    const number = this.#streams.indexOf(input);
    return number === -1 ? this.#streams.push(input) - 1 : number;
  }
}
