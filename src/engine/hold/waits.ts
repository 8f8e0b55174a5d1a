import { areComparable, NO_DOMAIN, withoutOrigin, type ClockDomain } from '../../record/clock-domain.ts';
import { Heap, type Places } from './heap.ts';
import type { HeldPlace } from './hold.ts';
import type { Kind } from '../kind.ts';
import type { CompiledRule } from '../plan.ts';
import type { Heirs } from '../reload.ts';
import type { HeldInput, Holding } from './leaving.ts';
import { bySeq, Row, type InRow } from './row.ts';
import type { GroupSource } from '../memory/groups.ts';
import { KeyTable } from '../memory/key-table.ts';

/** The source that a waiting line is of. */
export interface WaitSource extends GroupSource, Holding {
  readonly name: string;
  readonly waits: Waits;
}

/** What is known of a line when it begins to wait. */
export interface Waiting {
  /** Counts all lines that ever waited: the order of arrival. */
  readonly seq: number;
  readonly rule: CompiledRule;
  readonly key: string;
  /** Which container, pod or unit the line comes from, if its envelope says so. */
  readonly origin: string;
  /** The line's time, NaN where it has none, and how that is written. */
  readonly time: number;
  readonly domain: ClockDomain;
  /** When the line came, by the clock. */
  readonly arrival: number;
  /** When the clock passes its deadline; Infinity in replay. */
  readonly due: number;
  readonly source: WaitSource;
  readonly input: HeldInput;
  /** Of the line in its source, from one. */
  readonly number: number;
  /** Its place in the queue, or in relaxed order its bytes. */
  readonly held: HeldPlace;
  /** Where the line begins, in all bytes that its stream ever had. */
  readonly at: number;
  /** What is known of all lines that are like it; and in the line where its level lies, and an annotation goes. */
  readonly likeness: Kind | undefined;
  readonly levelStart: number;
  readonly levelEnd: number;
  readonly noteAt: number;
}

/** A rule's question about a line that is still open. Once it is over, the object is filled again for another line. */
export interface Wait extends Waiting, InRow<Wait> {
  readonly kind: 'wait';
  /** Changes only where a reload compiled the same rule anew. */
  rule: CompiledRule;
  likeness: Kind | undefined;
  open: boolean;
  /** A success came whose time cannot be compared with the line's: whether it came in time, nobody knows. Good once it is closed. */
  unclear: boolean;
  /** Where it stands in each heap; -1: it does not. */
  deadlineAt: number;
  askingAt: number;
  dueAt: number;
}

const NOTHING_HELD = Buffer.alloc(0);

/** So many are kept for the next time. */
const MOST_SPARE = 4096;

/**
 * Waits that are over, to be filled again. A million lines that wait one after the other would else leave a million objects behind
 * that have grown old, and those V8 collects late: how late depends on the speed of the machine.
 */
export class SpareWaits {
  #spare: Wait[] = [];

  begin(of: Waiting): Wait {
    const spare = this.#spare.pop();
    if (spare === undefined) return newWait(of);
    const wait: Mutable<Wait> = spare;
    wait.seq = of.seq;
    wait.rule = of.rule;
    wait.key = of.key;
    wait.origin = of.origin;
    wait.time = of.time;
    wait.domain = of.domain;
    wait.arrival = of.arrival;
    wait.due = of.due;
    wait.source = of.source;
    wait.input = of.input;
    wait.number = of.number;
    wait.held = of.held;
    wait.at = of.at;
    wait.likeness = of.likeness;
    wait.levelStart = of.levelStart;
    wait.levelEnd = of.levelEnd;
    wait.noteAt = of.noteAt;
    wait.open = true;
    wait.unclear = false;
    return wait;
  }

  /** Nobody knows of this one any more. */
  end(wait: Mutable<Wait>): void {
    // In relaxed order, the bytes of a line.
    wait.held = NOTHING_HELD;
    wait.key = '';
    this.#spare.push(wait);
  }

  /** Nothing waits: the memory of many is of more use to others. */
  clear(): void {
    if (this.#spare.length > MOST_SPARE) this.#spare = [];
  }
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

function newWait(of: Waiting): Wait {
  const { seq, rule, key, origin, time, domain, arrival, due, source, input, number, held, at } = of;
  const { likeness, levelStart, levelEnd, noteAt } = of;
  const nowhere = { older: undefined, newer: undefined, deadlineAt: -1, askingAt: -1, dueAt: -1 };
  const wait = {
    seq,
    rule,
    key,
    origin,
    time,
    domain,
    arrival,
    due,
    source,
    input,
    number,
    held,
    at,
    likeness,
    levelStart,
    levelEnd,
    noteAt,
  };
  return { kind: 'wait', ...wait, open: true, unclear: false, ...nowhere };
}

/** What an event does to a wait whose line's time cannot be compared with its own: it decides, or leaves it unclear. */
export type Across = 'decides' | 'unclear';

/** The waits of one key, one rule and one domain that an event can decide, the earliest line first. */
interface Asking {
  readonly rule: CompiledRule;
  readonly domain: ClockDomain;
  readonly waits: Heap<Wait>;
  /** Those that came up to this one, by number, are unclear. */
  unclearTo: number;
}

/** All that wait with one key, by rule and domain. */
interface Several {
  readonly key: string;
  readonly byRule: Map<number, Asking>;
}

/**
 * The open waits of one source. An event finds those that it decides by channel and key, time
 * finds those whose deadline it passes; nothing looks at all of them.
 */
export class Waits {
  readonly #open = new Row<Wait>();
  /** By how the times of their lines are written: a line passes only those of its own domain. */
  readonly #deadlines = new Map<ClockDomain, Heap<Wait>>();
  /** By channel and key: the one that waits, as in most cases, or by rule and domain all that wait. */
  readonly #asking: KeyTable<Wait | Several>[] = [];

  /** The number of the one that came last. */
  #latest = -1;

  get size(): number {
    return this.#open.size;
  }

  /** The first deadline that a line whose time is written so can pass, if it is later. Infinity where there is none. */
  deadline(domain: ClockDomain): number {
    const first = this.#deadlines.get(domain)?.peek();
    return first === undefined ? Infinity : deadlineOf(first);
  }

  add(wait: Wait): void {
    this.#open.add(wait);
    this.#latest = wait.seq;
    if (wait.domain !== NO_DOMAIN) this.#deadlinesOf(wait.domain).push(wait);
    this.#ask(wait);
  }

  #deadlinesOf(domain: ClockDomain): Heap<Wait> {
    let deadlines = this.#deadlines.get(domain);
    if (deadlines === undefined)
      this.#deadlines.set(domain, (deadlines = new Heap<Wait>((a, b) => deadlineOf(a) < deadlineOf(b), DEADLINES)));
    return deadlines;
  }

  #ask(wait: Wait): void {
    const byKey = (this.#asking[wait.rule.channel!.index] ??= new KeyTable<Wait | Several>());
    const there = byKey.get(wait.key);
    if (there === undefined) {
      byKey.set(wait);
      return;
    }
    if ('byRule' in there) {
      askWith(there.byRule, wait);
      return;
    }
    const byRule = new Map<number, Asking>();
    byKey.set({ key: wait.key, byRule });
    askWith(byRule, there);
    askWith(byRule, wait);
  }

  /** Closes and returns all whose deadline a line of this time passes, in order of arrival. */
  passedBy(time: number, domain: ClockDomain): Wait[] {
    const passed: Wait[] = [];
    while (this.deadline(domain) < time) {
      const wait = this.#deadlines.get(domain)!.peek()!;
      passed.push(wait);
      this.close(wait);
    }
    return passed.length > 1 ? passed.sort(bySeq) : passed;
  }

  /** Whether some line waits in this channel with this key. */
  isAsked(channel: number): boolean {
    return (this.#asking[channel]?.size ?? 0) > 0;
  }

  /**
   * Closes and returns, in no order, those that an event decides: of this channel and key, of no rule but `except`, and not too
   * long after it.
   */
  decidedBy({ channel, key, time, domain, except, across }: Deciding): Wait[] {
    const decided: Wait[] = [];
    const there = this.#asking[channel]?.get(key);
    if (there === undefined) return decided;
    if (!('byRule' in there)) {
      if (there.rule === except) return decided;
      const isClear = areComparable(there.domain, domain);
      if (!isClear && across === 'unclear') there.unclear = true;
      else if (!isClear || there.time - time <= there.rule.rule.await!.within) {
        this.close(there);
        decided.push(there);
      }
      return decided;
    }
    for (const asking of [...there.byRule.values()]) {
      if (asking.rule === except) continue;
      const isClear = areComparable(asking.domain, domain);
      if (!isClear && across === 'unclear') {
        asking.unclearTo = this.#latest;
        continue;
      }
      const { waits, rule } = asking;
      const { within } = rule.rule.await!;
      for (let wait = waits.peek(); wait !== undefined; wait = waits.peek()) {
        if (isClear && wait.time - time > within) break;
        decided.push(wait);
        this.close(wait);
      }
    }
    return decided;
  }

  /** The oldest, of all that are open. */
  get oldest(): Wait | undefined {
    return this.#open.oldest;
  }

  /** Where the first of them begins, in all bytes of their stream; Infinity where there is none. */
  get firstAt(): number {
    let first = Infinity;
    for (const { at } of this.#open.all()) first = Math.min(first, at);
    return first;
  }

  close(wait: Wait): void {
    wait.open = false;
    this.#open.delete(wait);
    const deadlines = this.#deadlines.get(wait.domain);
    deadlines?.delete(wait);
    if (deadlines?.size === 0 && this.#deadlines.size > KEPT) this.#deadlines.delete(wait.domain);
    const byKey = this.#asking[wait.rule.channel!.index]!;
    const there = byKey.get(wait.key)!;
    if (!('byRule' in there)) {
      byKey.delete(wait.key);
      return;
    }
    const { byRule } = there;
    const asking = byRule.get(placeOf(wait))!;
    wait.unclear ||= wait.seq <= asking.unclearTo;
    asking.waits.delete(wait);
    if (asking.waits.size === 0) byRule.delete(placeOf(wait));
    if (byRule.size === 0) byKey.delete(wait.key);
  }

  /** Closes and returns all that `of` says yes to, in order of arrival. */
  closeAll(of: (wait: Wait) => boolean = () => true): Wait[] {
    const all = this.#open.all().filter(of);
    for (const wait of all) this.close(wait);
    return all;
  }

  /** Hands every wait on to its rule's heir, which has a place and a channel of its own. */
  adopt(heirs: Heirs): void {
    for (const wait of this.#open.all()) {
      const there = this.#asking[wait.rule.channel!.index]!.get(wait.key)!;
      if ('byRule' in there) wait.unclear ||= wait.seq <= there.byRule.get(placeOf(wait))!.unclearTo;
    }
    this.#asking.length = 0;
    for (const wait of this.#open.all()) {
      wait.rule = heirs.get(wait.rule)!;
      wait.likeness = undefined;
      wait.askingAt = -1;
      this.#ask(wait);
    }
  }
}

/** An event of one channel and key, at the time of its line. */
export interface Deciding {
  readonly channel: number;
  readonly key: string;
  readonly time: number;
  readonly domain: ClockDomain;
  /** A line decides no wait of the rule that judges it. */
  readonly except: CompiledRule | undefined;
  readonly across: Across;
}

/** Empty heaps that are kept for the next wait: most sources write their times in one or two ways. */
const KEPT = 8;

/** Larger than every domain without its origin. */
const DOMAINS = 2 ** 32;

/** Where those of its rule and its domain stand: all of one key have one origin. */
const placeOf = ({ rule, domain }: Wait): number => rule.index * DOMAINS + withoutOrigin(domain);

function askWith(byRule: Map<number, Asking>, wait: Wait): void {
  const { rule, domain } = wait;
  let asking = byRule.get(placeOf(wait));
  if (asking === undefined) {
    asking = { rule, domain, waits: new Heap<Wait>((a, b) => a.time < b.time, ASKING), unclearTo: -1 };
    byRule.set(placeOf(wait), asking);
  }
  asking.waits.push(wait);
}

const DEADLINES: Places<Wait> = {
  placeOf: (wait) => wait.deadlineAt,
  put: (wait, place) => {
    wait.deadlineAt = place;
  },
};
const ASKING: Places<Wait> = {
  placeOf: (wait) => wait.askingAt,
  put: (wait, place) => {
    wait.askingAt = place;
  },
};

const deadlineOf = (wait: Wait): number => wait.time + wait.rule.rule.await!.within;
