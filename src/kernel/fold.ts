import type { ClockDomain } from '../record/clock-domain.ts';
import { theKernel } from './kernel.ts';
import { searchOf, type ScoutTables } from './search.ts';
import { SweptLines, type SweepPlace } from './swept.ts';

/** What a condition of `judge.c` is. */
export const UNSURE = 0;
export const ALL = 1;
export const ANY = 2;
export const NOT = 3;
export const LEVEL = 4;
export const EXISTS = 5;
export const EQUALS = 6;
export const CONTAINS = 7;
export const STARTS_WITH = 8;
export const ENDS_WITH = 9;
export const GLOB = 10;
export const IS = 11;
export const COMPARE = 12;

/** What a slot holds a level by: a name alone; or pino's numbers too; or numbers of which the kernel is not sure; or it is never sure. */
export const LEVEL_NAMED = 0;
export const LEVEL_NUMBERED = 1;
export const LEVEL_SCALED = 2;
export const LEVEL_UNSURE = 3;

/** Which way `COMPARE` compares. */
export const COMPARISONS = { eq: 0, gt: 1, gte: 2, lt: 3, lte: 4 } as const;

/** A rule, an event, or what is protected, as the kernel knows it. */
export interface FoldNeed {
  /** Where in `code` its condition begins. */
  readonly when: number;
  /** Bits of levels at which it may fit. */
  readonly levels: number;
  /** Of a rule whose repeats the kernel may fold. */
  readonly fold: { readonly window: number; readonly until: number; readonly parts: number } | undefined;
}

/** Texts that are asked for anywhere in a line. */
export interface WideSearch {
  readonly scout: ScoutTables;
  /** One or two pairs of bytes, with the bit of case (0x20) set: each text holds one of them, in either case. */
  readonly pairs: readonly (readonly [number, number])[] | undefined;
}

/** All that the kernel must know to fold lines by itself. */
export interface FoldProgram {
  readonly code: readonly number[];
  readonly lists: readonly number[];
  readonly numbers: readonly number[];
  readonly words: readonly number[];
  readonly needs: readonly FoldNeed[];
  readonly firstEvent: number;
  readonly levelList: number;
  /** Of these, the names that go before a number. */
  readonly spokenList: number;
  /** By what each slot of `levelList` holds a level. */
  readonly levelKinds: Iterable<readonly [slot: number, kind: number]>;
  readonly timeList: number;
  readonly annotationList: number;
  readonly nestedList: number;
  /** In lower case. */
  readonly levelNames: Iterable<readonly [name: string, level: number]>;
  /** Slots of all that conditions and keys ask for, and of levels: what is the same in two lines of one shape has them judged the same. */
  readonly judged: Iterable<number>;
  readonly scout: ScoutTables;
  /** The texts of those who ask for more than slots; `undefined` where nobody does. */
  readonly wide: WideSearch | undefined;
  /** Bits of the needs that no text tells of. */
  readonly loose: Uint32Array;
}

/** An open group; its last line may take `room` bytes. */
export interface FoldGroup {
  readonly rule: number;
  readonly source: number;
  readonly level: number;
  readonly room: number;
  readonly key: string;
  readonly first: number;
  readonly domain: ClockDomain;
}

/** What the kernel folded into one group since it was last asked. */
export interface Folded {
  readonly lines: number;
  /** Of the last line: its time, where in `kept` it lies, which stream it came by. */
  readonly last: number;
  readonly start: number;
  readonly length: number;
  readonly stream: number;
}

/** Int32s and float64s in a `struct rule`, and where in them what lies. */
const RULE = {
  ints: 12,
  doubles: 6,
  window: 0,
  until: 1,
  earliest: 2,
  when: 6,
  levels: 7,
  folds: 8,
  parts: 9,
  folded: 10,
} as const;
/** Where what lies in a `struct group`: a float64, int32s, a uint16. */
const GROUP = { last: 1, stream: 6, folded: 7, length: 25 } as const;

/** As `searchOf`, where there is nothing to look for. */
const NO_SEARCH = [-1, 0, 0] as const;

/** The most that `judge.c` and `fold.c` have room for. */
interface Most {
  readonly code: number;
  readonly lists: number;
  readonly numbers: number;
  readonly words: number;
  readonly rules: number;
  readonly groups: number;
  readonly key: number;
  readonly kept: number;
  /** Bytes of a `struct group`. */
  readonly group: number;
}

/** Hands over to the kernel what it is to fold, and asks it for what it folded: `fold.c`. */
export class FoldKernel {
  readonly #most: Most;
  readonly #rules: { readonly ints: Int32Array; readonly doubles: Float64Array };
  readonly #groups: { readonly shorts: Uint16Array; readonly ints: Int32Array; readonly doubles: Float64Array };
  /** What became of the lines of the last sweep. */
  readonly swept: SweptLines;
  readonly #key: Buffer;
  /** The last folded line of each group. */
  readonly kept: Buffer;
  #scout: ScoutTables | undefined;
  #wide: ScoutTables | undefined;

  constructor() {
    const { call, memory } = theKernel();
    const most = [0, 1, 2, 3, 4, 5, 6, 7, 8].map((what) => call.foldMost(what));
    const [code, lists, numbers, words, rules, groups, key, kept, group] = most as [
      number,
      number,
      number,
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    this.#most = { code, lists, numbers, words, rules, groups, key, kept, group };
    this.#rules = {
      ints: new Int32Array(memory, call.foldRules(), rules * RULE.ints),
      doubles: new Float64Array(memory, call.foldRules(), rules * RULE.doubles),
    };
    this.#groups = {
      shorts: new Uint16Array(memory, call.foldGroups(), ((groups + 1) * group) / 2),
      ints: new Int32Array(memory, call.foldGroups(), ((groups + 1) * group) / 4),
      doubles: new Float64Array(memory, call.foldGroups(), ((groups + 1) * group) / 8),
    };
    this.swept = new SweptLines();
    this.#key = Buffer.from(memory, call.foldKey(), key);
    this.kept = Buffer.from(memory, call.foldKept(), (groups + 1) * kept);
  }

  /** Takes over a program, without groups. False where the kernel has no room for it. */
  load(program: FoldProgram): boolean {
    const { code, lists, numbers, words, needs, loose, scout, wide } = program;
    const most = this.#most;
    const fits =
      code.length <= most.code &&
      lists.length <= most.lists &&
      numbers.length <= most.numbers &&
      words.length <= most.words &&
      needs.length <= most.rules;
    if (!fits) return false;
    const { call, memory } = theKernel();
    call.foldReset(
      program.firstEvent,
      needs.length,
      program.levelList,
      program.spokenList,
      program.timeList,
      program.annotationList,
      program.nestedList,
    );
    new Int32Array(memory, call.foldCode(), most.code).set(code);
    new Int32Array(memory, call.foldLists(), most.lists).set(lists);
    new Float64Array(memory, call.foldNumbers(), most.numbers).set(numbers);
    new Uint8Array(memory, call.foldWords(), most.words).set(words);
    new Uint32Array(memory, call.foldAlways(), loose.length).set(loose);
    const judged = new Uint8Array(memory, call.foldJudged(), call.mostSlots()).fill(0);
    for (const slot of program.judged) judged[slot] = 1;
    const levelKinds = new Uint8Array(memory, call.foldLevelKinds(), call.mostSlots());
    for (const [slot, kind] of program.levelKinds) levelKinds[slot] = kind;
    for (const [name, level] of program.levelNames) call.foldLevel(this.#spell(name), level);
    needs.forEach(({ when, levels, fold }, need) => {
      const { ints, doubles } = this.#rules;
      doubles[need * RULE.doubles + RULE.window] = fold?.window ?? 0;
      doubles[need * RULE.doubles + RULE.until] = fold?.until ?? 0;
      doubles[need * RULE.doubles + RULE.earliest] = NaN;
      ints[need * RULE.ints + RULE.when] = when;
      ints[need * RULE.ints + RULE.levels] = levels;
      ints[need * RULE.ints + RULE.folds] = fold === undefined ? 0 : 1;
      ints[need * RULE.ints + RULE.parts] = fold?.parts ?? 0;
      ints[need * RULE.ints + RULE.folded] = 0;
    });
    this.#scout = scout;
    this.#wide = wide?.scout;
    const [pair, other = pair] = wide?.pairs ?? [];
    call.foldPairs(pair === undefined ? 0 : 1, ...(pair ?? [0, 0]), ...(other ?? [0, 0]));
    return true;
  }

  /** Puts a latin1 text where the kernel takes keys from. Gives its length. */
  #spell(text: string): number {
    return this.#key.write(text, 0, 'latin1');
  }

  /** When the first of a rule's open groups began, in the source whose lines come; NaN where there is none. */
  setEarliest(rule: number, first: number): void {
    this.#rules.doubles[rule * RULE.doubles + RULE.earliest] = first;
  }

  /**
   * Adds an open group; often one for the line at which the last sweep ended, of which the kernel
   * has the key. Gives its number; 0 where there is no room for it.
   */
  open({ rule, source, level, room, key, first, domain }: FoldGroup): number {
    if (key.length > this.#most.key) return 0;
    const { call } = theKernel();
    const number = call.foldOpen(rule, source, level, room, -1, first, domain);
    return number === -1 ? call.foldOpen(rule, source, level, room, this.#spell(key), first, domain) : number;
  }

  close(group: number): void {
    theKernel().call.foldClose(group);
  }

  /**
   * Goes through lines of the lent chunk from `at` on, as long as it is sure of them. Offset of the one at which it ended. `pass`: those
   * in which no text stands, and no escape that may hide one, nobody asks for.
   */
  sweep(
    pass: { readonly slashes: boolean } | undefined,
    at: number,
    end: number,
    maxLine: number,
    { source, stream, domain, latest, clock }: SweepPlace,
  ): number {
    const all = searchOf(this.#scout!);
    const wide = this.#wide === undefined ? NO_SEARCH : searchOf(this.#wide);
    if (all === undefined || wide === undefined) {
      this.swept.clear();
      return at;
    }
    const longest = Math.min(maxLine, 0x7fff_ffff);
    const slashes = pass === undefined ? -1 : Number(pass.slashes);
    // Not spread: that is a kilobyte of garbage for each call.
    const [which, block, window] = all;
    const [wideWhich, wideBlock, wideWindow] = wide;
    const { call } = theKernel();
    return call.sweep(
      which,
      block,
      window,
      wideWhich,
      wideBlock,
      wideWindow,
      slashes,
      at,
      end,
      longest,
      source,
      stream,
      domain,
      latest,
      clock,
    );
  }

  /** How many lines of a rule were folded since this was last asked. */
  takeLines(rule: number): number {
    const at = rule * RULE.ints + RULE.folded;
    const lines = this.#rules.ints[at]!;
    this.#rules.ints[at] = 0;
    return lines;
  }

  /** What was folded into a group since this was last asked. */
  take(group: number): Folded {
    const { shorts, ints, doubles } = this.#groups;
    const { group: size, kept } = this.#most;
    const folded = (group * size) / 4 + GROUP.folded;
    const lines = ints[folded]!;
    ints[folded] = 0;
    theKernel().call.foldLast(group);
    return {
      lines,
      last: doubles[(group * size) / 8 + GROUP.last]!,
      start: group * kept,
      length: shorts[(group * size) / 2 + GROUP.length]!,
      stream: ints[(group * size) / 4 + GROUP.stream]!,
    };
  }
}
