import { Heap, type Places } from './heap.ts';
import type { HeldPlace } from './hold.ts';
import type { Input } from './input.ts';
import type { CompiledRule } from './plan.ts';
import type { Heirs } from './reload.ts';
import { Row, type InRow } from './row.ts';
import type { Source } from './source.ts';

/** What is known of a line when it begins to wait. */
export interface Waiting {
  /** Counts all lines that ever waited: the order of arrival. */
  readonly seq: number;
  readonly rule: CompiledRule;
  readonly key: string;
  /** The line's time, NaN where it has none. */
  readonly time: number;
  /** When the line came, by the clock. */
  readonly arrival: number;
  /** When the clock passes its deadline; Infinity in replay. */
  readonly due: number;
  readonly source: Source;
  readonly input: Input;
  /** Its place in the queue, or in relaxed order its bytes. */
  readonly held: HeldPlace;
  /** Where the line begins, in all bytes that its stream ever had. */
  readonly at: number;
}

/** A rule's question about a line that is still open. Once it is over, the object is filled again for another line. */
export interface Wait extends Waiting, InRow<Wait> {
  readonly kind: 'wait';
  /** Changes only where a reload compiled the same rule anew. */
  rule: CompiledRule;
  open: boolean;
  /** Where it stands in each heap; -1: it does not. */
  deadlineAt: number;
  askingAt: number;
  dueAt: number;
}

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
    wait.time = of.time;
    wait.arrival = of.arrival;
    wait.due = of.due;
    wait.source = of.source;
    wait.input = of.input;
    wait.held = of.held;
    wait.at = of.at;
    wait.open = true;
    return wait;
  }

  /** Nobody knows of this one any more. */
  end(wait: Wait): void {
    this.#spare.push(wait);
  }

  /** Nothing waits: the memory is of more use to others. */
  clear(): void {
    if (this.#spare.length > 0) this.#spare = [];
  }
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

function newWait(of: Waiting): Wait {
  const { seq, rule, key, time, arrival, due, source, input, held, at } = of;
  const nowhere = { older: undefined, newer: undefined, deadlineAt: -1, askingAt: -1, dueAt: -1 };
  return { kind: 'wait', seq, rule, key, time, arrival, due, source, input, held, at, open: true, ...nowhere };
}

/** The waits of one key and one rule that an event can decide, the earliest line first. */
interface Asking {
  readonly rule: CompiledRule;
  readonly waits: Heap<Wait>;
}

/**
 * The open waits of one source. An event finds those that it decides by channel and key, time
 * finds those whose deadline it passes; nothing looks at all of them.
 */
export class Waits {
  readonly #open = new Row<Wait>();
  readonly #deadlines = new Heap<Wait>((a, b) => deadlineOf(a) < deadlineOf(b), DEADLINES);
  /** By channel and key: the one that waits, as in most cases, or by rule all that wait. */
  readonly #asking: Map<string, Wait | Map<number, Asking>>[] = [];

  get size(): number {
    return this.#open.size;
  }

  /** The first deadline, in the time of the lines: only a later line passes one. Infinity where there is none. */
  get deadline(): number {
    const first = this.#deadlines.peek();
    return first === undefined ? Infinity : deadlineOf(first);
  }

  add(wait: Wait): void {
    this.#open.add(wait);
    // Without a time it can neither be passed nor decided by a line.
    if (Number.isNaN(wait.time)) return;
    this.#deadlines.push(wait);
    this.#ask(wait);
  }

  #ask(wait: Wait): void {
    const byKey = (this.#asking[wait.rule.channel!.index] ??= new Map<string, Wait | Map<number, Asking>>());
    const there = byKey.get(wait.key);
    if (there === undefined) {
      byKey.set(wait.key, wait);
      return;
    }
    if (!('kind' in there)) {
      askWith(there, wait);
      return;
    }
    const byRule = new Map<number, Asking>();
    byKey.set(wait.key, byRule);
    askWith(byRule, there);
    askWith(byRule, wait);
  }

  /** Closes and returns all whose deadline lies before `time`, in order of arrival. */
  passedBy(time: number): Wait[] {
    const passed: Wait[] = [];
    while (this.deadline < time) {
      const wait = this.#deadlines.peek()!;
      passed.push(wait);
      this.close(wait);
    }
    return passed.sort(bySeq);
  }

  /** Whether some line waits in this channel with this key. */
  isAsked(channel: number): boolean {
    return (this.#asking[channel]?.size ?? 0) > 0;
  }

  /** Closes and returns, in no order, those that an event decides: of this channel and key, of no rule but `except`, and not too long after it. */
  decidedBy(channel: number, key: string, time: number, except: CompiledRule | undefined): Wait[] {
    const decided: Wait[] = [];
    const byRule = this.#asking[channel]?.get(key);
    if (byRule === undefined || Number.isNaN(time)) return decided;
    if ('kind' in byRule) {
      if (byRule.rule === except || byRule.time - time > byRule.rule.rule.await!.within) return decided;
      this.close(byRule);
      return [byRule];
    }
    for (const { rule, waits } of [...byRule.values()]) {
      if (rule === except) continue;
      const { within } = rule.rule.await!;
      for (let wait = waits.peek(); wait !== undefined && wait.time - time <= within; wait = waits.peek()) {
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
    this.#deadlines.delete(wait);
    if (Number.isNaN(wait.time)) return;
    const byKey = this.#asking[wait.rule.channel!.index]!;
    const byRule = byKey.get(wait.key)!;
    if ('kind' in byRule) {
      byKey.delete(wait.key);
      return;
    }
    const asking = byRule.get(wait.rule.index)!;
    asking.waits.delete(wait);
    if (asking.waits.size === 0) byRule.delete(wait.rule.index);
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
    this.#asking.length = 0;
    for (const wait of this.#open.all()) {
      wait.rule = heirs.get(wait.rule)!;
      wait.askingAt = -1;
      if (!Number.isNaN(wait.time)) this.#ask(wait);
    }
  }
}

function askWith(byRule: Map<number, Asking>, wait: Wait): void {
  let asking = byRule.get(wait.rule.index);
  if (asking === undefined)
    byRule.set(wait.rule.index, (asking = { rule: wait.rule, waits: new Heap<Wait>((a, b) => a.time < b.time, ASKING) }));
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
export const bySeq = (a: { readonly seq: number }, b: { readonly seq: number }): number => a.seq - b.seq;
