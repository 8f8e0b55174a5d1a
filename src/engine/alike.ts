import { couldWrap } from '../formats/envelope.ts';
import { isFramedAlone } from '../formats/envelope-frame.ts';
import { mayBeOwnText } from '../formats/text/index.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { ENTRY_ALIKE, ENTRY_FLAGS, FRAMED, SHAPE_SHIFT } from '../kernel/layout.ts';
import type { Level } from '../record/level.ts';
import type { LogRecord } from '../record/record.ts';
import type { Asked } from './asked.ts';
import { RecipePieces } from './edit/recipe.ts';
import type { Gate, NarrowGate } from './gate.ts';
import { Kind, Places, timeOf } from './kind.ts';
import type { CompiledRule, Plan } from './plan.ts';

/** What is asked of a line that was read. */
export interface Asking {
  /** The rules that fit it. */
  readonly fitting: () => readonly CompiledRule[];
  /** Whether a rule wants the lines that go on with it. */
  readonly wantsTail: () => boolean | undefined;
}

/**
 * What is known of lines that the kernel says are alike: the same names in the same order, and the same bytes in every value by which
 * they are told apart. Worked out of the first one. A cache: without it all is the same, and slower.
 */
export class Alike {
  /** Lines of which all was known. */
  known = 0;
  /** Two for each number: of bare lines, and of framed ones. `null`: each must be looked at by itself. */
  #kinds: (Kind | null | undefined)[] = [];
  #epoch = -1;
  #isUsable = false;
  #plan: Plan | undefined;
  #kernel: Kernel | undefined;
  #pieces: RecipePieces | undefined;
  #asked: Asked = NOTHING_ASKED;
  /** What tells whether somebody cares for more than values that the kernel compares, by the gate that it was made of. */
  readonly #narrow = new Map<Gate, NarrowGate>();

  /** To be called before lines are listed. */
  prepare(kernel: Kernel, plan: Plan): void {
    const isLoaded = kernel.names.load(plan.names.top);
    if (this.#plan !== plan || this.#kernel !== kernel) {
      this.#plan = plan;
      this.#kernel = kernel;
      this.#kinds = [];
      this.#asked = plan.asked;
      this.#narrow.clear();
      this.#pieces = new RecipePieces(kernel.splicer);
      this.#tellApart(kernel);
    } else if (!kernel.shapes.isJudgedBy(this)) {
      this.#pieces!.forget();
      this.#tellApart(kernel);
    }
    this.#isUsable = isLoaded;
    this.#pieces!.forgetIfFull();
  }

  #tellApart({ shapes }: Kernel): void {
    const { conditions, keys, level } = this.#asked;
    shapes.judge(this, new Set([...conditions, ...keys]), level);
  }

  /** To be called when lines were listed. */
  begin(epoch: number): void {
    if (epoch === this.#epoch) return;
    this.#epoch = epoch;
    this.#kinds = [];
  }

  /** What is known of the line at this entry of the tape; `undefined`: nothing yet; `null`: it must be looked at by itself. */
  of(entry: number): Kind | null | undefined {
    const place = this.#placeOf(entry);
    return place < 0 || !this.#isUsable ? null : this.#kinds[place];
  }

  /** Where the kind of the line at this entry is kept; below zero if it has none. */
  #placeOf(entry: number): number {
    const { words } = this.#kernel!.tape;
    return 2 * words[entry + ENTRY_ALIKE]! + ((words[entry + ENTRY_FLAGS]! & FRAMED) === 0 ? 0 : 1);
  }

  /** Whether somebody who is behind the gate may care about the line `[start, end)` for what the kernel does not compare. */
  asksMore(gate: Gate, start: number, end: number, level: number): boolean {
    const { wide } = this.#asked;
    if (wide.length === 0) return false;
    let narrow = this.#narrow.get(gate);
    if (narrow === undefined) this.#narrow.set(gate, (narrow = gate.ofNeeds(wide)));
    return narrow.asks(this.#kernel!, start, end, level);
  }

  /** Learns of the line at this entry, which was just read, what holds for all that are alike; `asking`: what is asked of it. */
  learn(entry: number, record: LogRecord, asking: Asking): void {
    const { tape, shapes } = this.#kernel!;
    const { words } = tape;
    // The kernel compares members and pairs; of a line that a format of text reads, other parts count.
    const isOdd =
      !OF_SHAPES.has(record.format) ||
      record.level === -1 ||
      record.ambiguous ||
      mayBeOwn(record) ||
      this.#isOddlyWrapped(entry, record);
    const shape = shapes.read(words[entry + ENTRY_FLAGS]! >> SHAPE_SHIFT);
    const places = this.placesAt(entry);
    const time = isOdd ? undefined : timeOf(record, places);
    const dropped = shape.parts.flatMap(({ slot, isDropped }) => (isDropped ? [slot] : []));
    const isOwn = dropped.some((slot) => this.#asked.conditions.has(slot));
    const rules = isOwn ? undefined : asking.fitting();
    const wantsTail = isOwn ? undefined : asking.wantsTail();
    const learnt = { rules, wantsTail, dropped };
    this.#kinds[this.#placeOf(entry)] = time === undefined ? null : new Kind(record.level as Level, time, learnt);
  }

  /** Whether more may stand around the line than what the kernel has found, the same around all lines of its kind. */
  #isOddlyWrapped(entry: number, record: LogRecord): boolean {
    const { envelope } = record;
    if ((this.#kernel!.tape.words[entry + ENTRY_FLAGS]! & FRAMED) === 0) return envelope !== undefined || couldWrap(record);
    return envelope === undefined || !isFramedAlone(envelope);
  }

  /** How places in the line at this entry are found in all lines of its kind. */
  placesAt(entry: number): Places {
    const { tape } = this.#kernel!;
    return new Places(tape.words, entry, tape.lengthOf(entry));
  }

  get pieces(): RecipePieces {
    return this.#pieces!;
  }
}

/**
 * Whether a format of the operator's may read a line like this one, and tell it by bytes that the kernel does not compare: by the first
 * byte, which the kernel compares, or inside an envelope by any.
 */
const mayBeOwn = (record: LogRecord): boolean =>
  mayBeOwnText(record) || (record.envelope !== undefined && record.names.formats.length > 0);

const NOTHING_ASKED: Asked = { conditions: new Set(), level: new Set(), keys: new Set(), wide: [] };

/** Formats whose lines the kernel gives a shape. */
const OF_SHAPES = new Set(['json', 'logfmt']);
