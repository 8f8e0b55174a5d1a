import type { Instance } from './instance.ts';
import {
  MOST_SLOTS,
  PART_END,
  PART_KIND,
  PART_SIZE,
  PART_SLOT,
  PART_START,
  SHAPE_COUNT,
  SHAPE_DROPPED,
  SHAPE_PARTS,
  SHAPE_SERIAL,
  SHAPE_SIZE,
  SHAPE_VARYING,
} from './layout.ts';

/** A value that all lines of a shape have. */
export interface Part {
  /** -1: nobody asks for it. */
  readonly slot: number;
  readonly kind: number;
  /** Where it lies in the first line of the shape, quotes not counted. */
  readonly start: number;
  readonly end: number;
  /** It is not the same in all lines. */
  readonly varies: boolean;
  /** Lines that are alike may differ in it, though it is judged. */
  readonly isDropped: boolean;
}

/** What lines of one shape have in common: names, their order, and where values lie. */
export interface Shape {
  readonly serial: number;
  readonly parts: readonly Part[];
}

/** The shapes of lines that the kernel knows. */
export class Shapes {
  readonly #instance: Instance;
  readonly #judged: Uint8Array;
  readonly #kept: Uint8Array;
  #owner: object | undefined;

  constructor(instance: Instance) {
    this.#instance = instance;
    const { call, memory } = instance;
    this.#judged = new Uint8Array(memory, call.judged(), MOST_SLOTS);
    this.#kept = new Uint8Array(memory, call.kept(), MOST_SLOTS);
  }

  /** Whether lines are told apart as this one asked for last. */
  isJudgedBy(owner: object): boolean {
    return this.#owner === owner;
  }

  /** By the values of these slots lines are told apart; those of `kept` count even if they are new in each line. */
  judge(owner: object, judged: Iterable<number>, kept: Iterable<number>): void {
    this.#owner = owner;
    this.#judged.fill(0);
    this.#kept.fill(0);
    for (const slot of judged) this.#judged[slot] = 1;
    for (const slot of kept) this.#kept[slot] = 1;
    this.#instance.call.forgetShapes();
  }

  /** The shape of this number, to which an entry of the tape refers. */
  read(which: number): Shape {
    const { call, memory } = this.#instance;
    const view = new DataView(memory, call.shapes() + which * SHAPE_SIZE, SHAPE_SIZE);
    const word = (at: number): number => view.getInt32(4 * at, true);
    const has = (mask: number, bit: number): boolean => ((word(mask + (bit >> 5)) >> (bit & 31)) & 1) === 1;
    const serial = word(SHAPE_SERIAL);
    const count = word(SHAPE_COUNT);
    const parts = Array.from({ length: count }, (_, i): Part => {
      const at = SHAPE_PARTS + PART_SIZE * i;
      return {
        slot: view.getInt16(at + PART_SLOT, true),
        kind: view.getUint8(at + PART_KIND),
        start: view.getUint16(at + PART_START, true),
        end: view.getUint16(at + PART_END, true),
        varies: has(SHAPE_VARYING, i),
        isDropped: has(SHAPE_DROPPED, i),
      };
    });
    return { serial, parts };
  }
}
