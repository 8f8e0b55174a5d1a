import type { Instance } from './instance.ts';
import {
  CHUNK_SIZE,
  EDIT_FROM,
  EDIT_LENGTH,
  EDIT_PIECE,
  EDIT_TO,
  EDIT_WORDS,
  MOST_EDITS,
  OUTPUT_SIZE,
  PIECES_SIZE,
  SPLICED_AT,
  SPLICED_EDITS,
  SPLICED_WORDS,
} from './layout.ts';

/** New bytes that edits put in. */
export interface Piece {
  readonly at: number;
  readonly length: number;
}

export const NO_PIECE: Piece = { at: 0, length: 0 };

/** A list of edits of the input, in order of their places, and what comes of it. */
export class Splicer {
  /** What was written; good until the next call. */
  readonly output: Buffer;
  /** How many edits there are. */
  count = 0;
  readonly #instance: Instance;
  readonly #memory: Uint8Array;
  readonly #edits: Int32Array;
  readonly #spliced: Int32Array;
  readonly #pieces: number;
  /** Pieces that stay begin at the beginning of their room, those of one list at the end of it. */
  #lasting = 0;
  #passing = PIECES_SIZE;
  /** Bytes that the edits put in. */
  #added = 0;

  constructor(instance: Instance) {
    this.#instance = instance;
    const { call, memory } = instance;
    this.#memory = new Uint8Array(memory);
    this.#edits = new Int32Array(memory, call.edits(), EDIT_WORDS * MOST_EDITS);
    this.#spliced = new Int32Array(memory, call.spliced(), SPLICED_WORDS);
    this.#pieces = call.pieces();
    this.output = Buffer.from(memory, call.output(), OUTPUT_SIZE);
  }

  /** Keeps bytes for edits to put in, until `forgetPieces`. `undefined` if there is no room for them. */
  keep(bytes: Uint8Array): Piece | undefined {
    if (this.#lasting + bytes.length > MOST_LASTING) return undefined;
    const at = this.#pieces + this.#lasting;
    this.#memory.set(bytes, at);
    this.#lasting += bytes.length;
    return { at, length: bytes.length };
  }

  forgetPieces(): void {
    this.#lasting = 0;
  }

  /** Whether some more edits, and pieces of their own, fit into the list. */
  get hasRoom(): boolean {
    return this.count < MOST_EDITS - 16 && this.#passing - MOST_LASTING > 1024 && this.#added < MOST_ADDED;
  }

  /** Cuts `[from, to)`, and puts a piece there. */
  edit(from: number, to: number, at: number, length: number): void {
    this.#added += length;
    const word = EDIT_WORDS * this.count++;
    const edits = this.#edits;
    edits[word + EDIT_FROM] = from;
    edits[word + EDIT_TO] = to;
    edits[word + EDIT_PIECE] = at;
    edits[word + EDIT_LENGTH] = length;
  }

  /** Cuts a whole line, together with one that was cut right before it. */
  cut(from: number, to: number): void {
    const last = EDIT_WORDS * (this.count - 1);
    const edits = this.#edits;
    if (this.count > 0 && edits[last + EDIT_TO] === from && edits[last + EDIT_LENGTH] === 0) edits[last + EDIT_TO] = to;
    else this.edit(from, to, 0, 0);
  }

  /** Puts in the digits of a whole number that is not negative. */
  putNumber(place: number, number: number): void {
    let at = this.#passing;
    let left = number;
    do {
      this.#memory[this.#pieces + --at] = 0x30 + (left % 10);
      left = Math.floor(left / 10);
    } while (left > 0);
    this.edit(place, place, this.#pieces + at, this.#passing - at);
    this.#passing = at;
  }

  /** Gives `[from, end)` of the input with all edits made, in parts, and forgets them. */
  splice(from: number, end: number, write: (bytes: Uint8Array, start: number, end: number) => void): void {
    const { call } = this.#instance;
    let { count } = this;
    for (let at = from; at < end || count > 0;) {
      const length = call.splice(at, end, count, OUTPUT_SIZE);
      const done = this.#spliced[SPLICED_EDITS]!;
      at = this.#spliced[SPLICED_AT]!;
      count -= done;
      if (count > 0) this.#edits.copyWithin(0, EDIT_WORDS * done, EDIT_WORDS * (done + count));
      if (length > 0) write(this.output, 0, length);
    }
    this.count = 0;
    this.#added = 0;
    this.#passing = PIECES_SIZE;
  }
}

/** Once so much has been added to a list, no more edits fit: with the pieces of one line more, all of it still leaves in one part, of whole lines. */
const MOST_ADDED = OUTPUT_SIZE - CHUNK_SIZE - PIECES_SIZE;
/** Room for pieces that stay. */
const MOST_LASTING = PIECES_SIZE - 64 * 1024;
