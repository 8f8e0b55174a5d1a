import type { Kernel } from '../kernel/kernel.ts';
import type { ScoutTables } from '../kernel/scouts.ts';
import { ALL_LEVELS, type Literal } from '../rules/literals.ts';
import { draftPrints, printsFrom, type PrintsDraft } from './prints.ts';
import { MIN_PROBE, type Probe } from './probe.ts';
import { Scout } from './scout.ts';

/** Somebody who may care about a line: what the line must hold, and at which levels. */
export interface Need {
  readonly literals: readonly Literal[] | undefined;
  /** Bits of levels, as `levelsOf` gives them. */
  readonly levels: number;
  /** It is asked about lines that are looked at anyway, and without literals is no reason to look. */
  readonly isPassive: boolean;
}

/** All that a gate is made of: plain data, which can be worked out long before. */
export interface GateDraft {
  /** Of each need. */
  readonly levels: readonly number[];
  /** Needs that no text tells of, and the levels at which those that are a reason to look care. */
  readonly loose: readonly number[];
  readonly looseLevels: number;
  /** Each stands in a line byte for byte. */
  readonly texts: readonly { readonly text: string; readonly ignoreCase: boolean; readonly need: number }[];
  readonly prints?: PrintsDraft | undefined;
}

/** Works out what somebody's needs ask of a line's bytes. */
export function draftGate(needs: readonly Need[]): GateDraft {
  const loose: number[] = [];
  const texts: { text: string; ignoreCase: boolean; need: number }[] = [];
  let looseLevels = 0;
  needs.forEach(({ literals, levels, isPassive }, need) => {
    const found = literals?.map(({ text, ignoreCase }) => ({ text: plainPart(text, ignoreCase), ignoreCase, need }));
    if (found !== undefined && found.every(({ text }) => text.length >= MIN_PROBE)) {
      texts.push(...found);
    } else {
      loose.push(need);
      if (!isPassive) looseLevels |= levels;
    }
  });
  return { levels: needs.map(({ levels }) => levels), loose, looseLevels, texts };
}

/**
 * Tells on bytes, cheaply, which lines somebody may care about. It may say yes wrongly, never no
 * wrongly: a literal stands in the line as it is, unless a JSON escape hides it, and the only
 * escapes that can are `\u` and, for a slash, `\/`. What is always escaped (quotes, backslashes,
 * control characters) is never part of a probe.
 */
export class Gate {
  /** Bits of the levels at which somebody cares about a line whatever its text. */
  readonly looseLevels: number;
  readonly draft: GateDraft;
  readonly #probes: readonly Probe[];
  readonly #scout: Scout;
  readonly #all: Uint32Array;
  readonly #loose: Uint32Array;
  readonly #needs: Uint32Array;
  readonly #levels: readonly number[];
  /** Whether an escaped slash may hide a text. */
  readonly slashes: boolean;

  constructor(draft: GateDraft) {
    const { levels, loose, looseLevels, texts, prints } = draft;
    this.draft = draft;
    const words = (levels.length + 31) >> 5;
    this.#all = new Uint32Array(words);
    this.#loose = new Uint32Array(words);
    this.#needs = new Uint32Array(words);
    this.#levels = levels;
    for (let need = 0; need < levels.length; need += 1) this.#all[need >> 5]! |= 1 << (need & 31);
    for (const need of loose) this.#loose[need >> 5]! |= 1 << (need & 31);
    this.looseLevels = looseLevels;
    this.#probes = texts.map(({ text, ignoreCase, need }) => ({ bytes: Buffer.from(text), ignoreCase, need }));
    this.#scout = new Scout(this.#probes, prints && printsFrom(prints, this.#probes));
    this.slashes = texts.some(({ text }) => text.includes('/'));
  }

  /** To make the same prints of, without working them out. */
  draftPrints(): PrintsDraft | undefined {
    const { tables } = this.#scout;
    return tables.kind === 'prints' ? draftPrints(tables.prints, this.#probes) : undefined;
  }

  /** What is searched for. */
  get tables(): ScoutTables {
    return this.#scout.tables;
  }

  /**
   * Works out who may care about the line `[start, end)` of the kernel's input. With `everybody`, as texts may be hidden in it by escapes,
   * or as it lies elsewhere, all are asked.
   */
  select(kernel: Kernel, start: number, end: number, everybody: boolean): void {
    const needs = this.#needs;
    needs.set(everybody ? this.#all : this.#loose);
    if (!everybody && !this.#scout.collect(kernel, start, end, needs)) needs.set(this.#all);
  }

  /** Whether nobody cares about the selected line for a text in it. */
  get foundNothing(): boolean {
    for (let i = 0; i < this.#needs.length; i += 1) if (this.#needs[i] !== this.#loose[i]) return false;
    return true;
  }

  /** Whether this one may care about the selected line, now that its level is known (-1: it has none). */
  asks(need: number, level: number): boolean {
    if (((this.#needs[need >> 5]! >> (need & 31)) & 1) === 0) return false;
    const levels = this.#levels[need]!;
    return level === -1 ? levels === ALL_LEVELS : ((levels >> level) & 1) === 1;
  }

  /** What tells, before it is selected, whether one of these needs may care about a line. */
  ofNeeds(needs: readonly number[]): NarrowGate {
    const { loose } = this.draft;
    let levels = 0;
    for (const need of needs) if (loose.includes(need)) levels |= this.#levels[need]!;
    const probes = this.#probes.filter(({ need }) => needs.includes(need));
    return new NarrowGate(levels, probes.length === 0 ? undefined : new Scout(probes));
  }

  /** The first need at or after `from` that may care, below `limit`; `limit` where there is none. */
  nextNeed(from: number, limit: number, level: number): number {
    let need = from;
    while (need < limit) {
      const word = this.#needs[need >> 5]! >>> (need & 31);
      if (word === 0) {
        need = (need | 31) + 1;
      } else {
        need += 31 - Math.clz32(word & -word);
        if (need >= limit) return limit;
        if (this.asks(need, level)) return need;
        need += 1;
      }
    }
    return limit;
  }
}

/** Asks for a few of a gate's needs only, and of a line in which no text is hidden. */
export class NarrowGate {
  /** Bits of the levels at which one of them cares about a line whatever its text. */
  readonly #looseLevels: number;
  readonly #scout: Scout | undefined;

  constructor(looseLevels: number, scout: Scout | undefined) {
    this.#looseLevels = looseLevels;
    this.#scout = scout;
  }

  /** Whether one of them may care about the line `[start, end)` of the kernel's input. */
  asks(kernel: Kernel, start: number, end: number, level: number): boolean {
    if (((this.#looseLevels >> level) & 1) === 1) return true;
    return this.#scout !== undefined && this.#scout.next(kernel, start, end) < end;
  }
}

/** The longest part of a literal's text that stands in a line byte for byte. */
function plainPart(text: string, ignoreCase: boolean): string {
  let best = '';
  for (let start = 0, at = 0; at <= text.length; at += 1) {
    if (at < text.length && isPlain(text.charCodeAt(at), ignoreCase)) continue;
    if (at - start > best.length) best = text.slice(start, at);
    start = at + 1;
  }
  return best;
}

/**
 * Whether a character always stands in a line as its own bytes, but for escapes that are looked out
 * for. Under case folding `k` and `s` also stand for the Kelvin sign and the long s, and a letter
 * beyond ASCII for many; half a surrogate pair and U+FFFD stand for what is not UTF-8.
 */
function isPlain(code: number, ignoreCase: boolean): boolean {
  if (code < 0x20 || code === 0x22 || code === 0x5c || code === 0x7f) return false;
  if (code < 0x7f) return !ignoreCase || ((code | 0x20) !== 0x6b && (code | 0x20) !== 0x73);
  return !ignoreCase && code > 0x9f && (code < 0xd800 || code > 0xdfff) && code !== 0xfffd;
}
