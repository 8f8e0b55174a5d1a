import { isLent } from '../kernel/kernel.ts';
import type { WideSearch } from '../kernel/fold.ts';
import { escapeByKernel, passOverByKernel, type PassedOver, type ScoutTables } from '../kernel/search.ts';
import { ALL_LEVELS, type Literal } from '../rules/literals.ts';
import { draftPrints, printsFrom, type PrintsDraft } from './prints.ts';
import { rarestPart } from './rarity.ts';
import { MIN_PROBE, Scout, type Probe } from './scout.ts';

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

const BACKSLASH = 0x5c;

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
    const { scout } = this.tables;
    return scout.kind === 'prints' ? draftPrints(scout.prints, this.#probes) : undefined;
  }

  /** What the kernel needs to select by itself: what is searched for, and who cares whatever is found. */
  get tables(): { readonly scout: ScoutTables; readonly loose: Uint32Array } {
    return { scout: this.#scout.tables, loose: this.#loose };
  }

  /** What the kernel needs to search for the texts of some needs alone; `undefined` where they have none. */
  wideOf(needs: ReadonlySet<number>): WideSearch | undefined {
    const probes = this.#probes.filter(({ need }) => needs.has(need));
    return probes.length === 0 ? undefined : { scout: new Scout(probes).tables, pairs: pairsOf(probes) };
  }

  /** Offset of the first byte at or after `from` that makes its line a candidate by its text, or `end`. */
  next(bytes: Buffer, from: number, end: number): number {
    return this.#scout.next(bytes, from, end);
  }

  /** Passes over the lines of `[from, end)` of the lent chunk for which `next` and `nextEscape` give nothing. `undefined`: cannot. */
  passOver(from: number, end: number, maxLine: number): PassedOver | undefined {
    return passOverByKernel(this.#scout.tables, from, end, this.slashes, maxLine);
  }

  /** Offset of the first escape at or after `from` that may hide a text that is looked for, or `end`. */
  nextEscape(bytes: Buffer, from: number, end: number): number {
    if (isLent(bytes)) return escapeByKernel(from, end, this.slashes);
    for (let at = bytes.indexOf(BACKSLASH, from); at !== -1 && at < end; at = bytes.indexOf(BACKSLASH, at + 1)) {
      const letter = bytes[at + 1];
      if (letter === 0x75 || (letter === 0x2f && this.slashes)) return at;
    }
    return end;
  }

  /**
   * Works out who may care about the line `[start, end)`. `first` is where `next` found something
   * in it, or `start`; with `escaped`, texts may be hidden in it.
   */
  select(bytes: Buffer, start: number, first: number, end: number, escaped: boolean): void {
    const needs = this.#needs;
    const from = escaped ? this.#all : this.#loose;
    for (let i = 0; i < needs.length; i += 1) needs[i] = from[i]!;
    if (!escaped) this.#scout.collect(bytes, start, first, end, needs);
  }

  /** Bits of the levels at which this one may care. */
  levelsOf(need: number): number {
    return this.#levels[need]!;
  }

  /** Whether this one may care about the selected line, now that its level is known (-1: it has none). */
  asks(need: number, level: number): boolean {
    if (((this.#needs[need >> 5]! >> (need & 31)) & 1) === 0) return false;
    const levels = this.#levels[need]!;
    return level === -1 ? levels === ALL_LEVELS : ((levels >> level) & 1) === 1;
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

/** The bit in which ASCII's small letters differ from the large ones. */
const CASE = 0x20;

/** Pairs of bytes, with the bit of case set, of which each text holds one; `undefined` where they are more than two. */
function pairsOf(probes: readonly Probe[]): readonly [number, number][] | undefined {
  const pairs = new Map<number, [number, number]>();
  for (const { bytes } of probes) {
    const at = rarestPart(bytes, 2);
    const [first, second] = [bytes[at]! | CASE, bytes[at + 1]! | CASE];
    pairs.set((first << 8) | second, [first, second]);
  }
  return pairs.size > 2 ? undefined : [...pairs.values()];
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
