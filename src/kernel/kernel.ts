import { Instance } from './instance.ts';
import { LoadedNames } from './names.ts';
import { LoadedScouts } from './scouts.ts';
import { Shapes } from './shapes.ts';
import { Splicer } from './splicer.ts';
import { Tape, type Lines } from './tape.ts';

/** Kernels of engines whose streams have ended: programs that open a stream for each request would else make one for each. */
const spare: Kernel[] = [];
const MOST_SPARE = 4;

/**
 * The WebAssembly kernel: functions of bytes, and what they are asked to look for. It knows no rule. Each engine has its own, and reads its
 * chunks into it: offsets in `input` are what all of its calls take and give.
 */
export class Kernel {
  readonly input: Buffer;
  readonly names: LoadedNames;
  readonly scouts: LoadedScouts;
  readonly tape: Lines;
  readonly shapes: Shapes;
  readonly splicer: Splicer;
  readonly #instance = new Instance();

  constructor() {
    this.input = this.#instance.input;
    this.names = new LoadedNames(this.#instance);
    this.scouts = new LoadedScouts(this.#instance);
    this.tape = new Tape(this.#instance);
    this.shapes = new Shapes(this.#instance);
    this.splicer = new Splicer(this.#instance);
  }

  /** Room for a chunk, of as many bytes or of fewer, at `CHUNK_AT`. */
  room(size: number): Buffer {
    return this.#instance.room(size);
  }

  /** One that nobody uses; to make one takes some ms. Throws `KernelError`. */
  static take(): Kernel {
    return spare.pop() ?? new Kernel();
  }

  /** Nobody uses it any more. */
  giveBack(): void {
    if (spare.length < MOST_SPARE) spare.push(this);
  }

  /** Offset of the newline at or after `at`, or `end`. */
  lineEnd(at: number, end: number): number {
    return this.#instance.call.lineEnd(at, end);
  }
}
