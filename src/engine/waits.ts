import { Heap } from './heap.ts';
import type { HeldPlace } from './hold.ts';
import type { Input } from './input.ts';
import type { CompiledRule } from './plan.ts';
import type { Heirs } from './reload.ts';
import { Row, type InRow } from './row.ts';
import type { Source } from './source.ts';

/** A rule's question about a line that is still open. */
export interface Wait extends InRow<Wait> {
  readonly kind: 'wait';
  /** Counts all lines that ever waited: the order of arrival. */
  readonly seq: number;
  /** Changes only where a reload compiled the same rule anew. */
  rule: CompiledRule;
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
  open: boolean;
}

/** The waits of one key and one rule that an event can decide, the earliest line first. */
interface Asking {
  readonly rule: CompiledRule;
  readonly waits: Heap<Wait>;
  open: number;
}

/**
 * The open waits of one source. An event finds those that it decides by channel and key, time
 * finds those whose deadline it passes; nothing looks at all of them.
 */
export class Waits {
  readonly #open = new Row<Wait>();
  readonly #deadlines = new Heap<Wait>((a, b) => deadlineOf(a) < deadlineOf(b));
  /** By channel, key, rule. */
  readonly #asking: Map<string, Map<number, Asking>>[] = [];

  get size(): number {
    return this.#open.size;
  }

  /** The first deadline, in the time of the lines: only a later line passes one. Infinity where there is none. */
  get deadline(): number {
    let first = this.#deadlines.peek();
    while (first !== undefined && !first.open) {
      this.#deadlines.pop();
      first = this.#deadlines.peek();
    }
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
    const byKey = (this.#asking[wait.rule.channel!.index] ??= new Map<string, Map<number, Asking>>());
    let byRule = byKey.get(wait.key);
    if (byRule === undefined) byKey.set(wait.key, (byRule = new Map<number, Asking>()));
    let asking = byRule.get(wait.rule.index);
    if (asking === undefined)
      byRule.set(wait.rule.index, (asking = { rule: wait.rule, waits: new Heap<Wait>((a, b) => a.time < b.time), open: 0 }));
    asking.waits.push(wait);
    asking.open += 1;
  }

  /** Closes and returns all whose deadline lies before `time`, in order of arrival. */
  passedBy(time: number): Wait[] {
    const passed: Wait[] = [];
    while (this.deadline < time) {
      const wait = this.#deadlines.pop()!;
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
    for (const { rule, waits } of [...byRule.values()]) {
      if (rule === except) continue;
      const { within } = rule.rule.await!;
      for (let wait = waits.peek(); wait !== undefined && (!wait.open || wait.time - time <= within); wait = waits.peek()) {
        waits.pop();
        if (!wait.open) continue;
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
    if (this.#deadlines.size > 2 * this.#open.size + SLACK) this.#deadlines.prune(isOpen);
    if (Number.isNaN(wait.time)) return;
    const byKey = this.#asking[wait.rule.channel!.index]!;
    const byRule = byKey.get(wait.key)!;
    const asking = byRule.get(wait.rule.index)!;
    asking.open -= 1;
    if (asking.open === 0) byRule.delete(wait.rule.index);
    else if (asking.waits.size > 2 * asking.open + SLACK) asking.waits.prune(isOpen);
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
      if (!Number.isNaN(wait.time)) this.#ask(wait);
    }
  }
}

/** Closed waits that a heap may keep beside as many open ones, before it is cleared of them. */
const SLACK = 64;

const deadlineOf = (wait: Wait): number => wait.time + wait.rule.rule.await!.within;
const isOpen = (wait: Wait): boolean => wait.open;
export const bySeq = (a: { readonly seq: number }, b: { readonly seq: number }): number => a.seq - b.seq;
