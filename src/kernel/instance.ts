import { CHUNK_SIZE, INPUT_SIZE, LINE_SIZE } from './layout.ts';
import { MODULE } from './module.ts';

export type Call =
  | 'readJson'
  | 'readLogfmt'
  | 'scoutNext'
  | 'scoutCollect'
  | 'lineEnd'
  | 'passOver'
  | 'passedLines'
  | 'passedOverlong'
  | 'stoppedAt'
  | 'scan'
  | 'splice'
  | 'forgetShapes'
  | 'printsOf'
  | 'jumpsOf'
  | 'headsOf'
  | 'probesOf'
  | 'probeTextOf'
  | Place;

/** Calls that tell where something lies: see `layout.ts`. */
type Place =
  | 'reading'
  | 'found'
  | 'kinds'
  | 'starts'
  | 'ends'
  | 'again'
  | 'heads'
  | 'nexts'
  | 'lengths'
  | 'texts'
  | 'slots'
  | 'parents'
  | 'objects'
  | 'text'
  | 'needs'
  | 'tape'
  | 'scanned'
  | 'shapes'
  | 'judged'
  | 'kept'
  | 'edits'
  | 'spliced'
  | 'pieces'
  | 'output';

/** The host has no room for the kernel's memory. */
export class KernelError extends Error {
  override readonly name = 'KernelError';
}

/** V8 reserves some 10 GB of addresses for each memory, so that it need not check them; of memory itself only what is used. */
const NO_ROOM =
  'WebAssembly cannot reserve 10 GB of address space; raise its limit (ulimit -v, LimitAS=), or set NODE_OPTIONS=--disable-wasm-trap-handler';

/** Where a chunk begins: before it there is room for what came earlier of its first line. */
export const CHUNK_AT = 64 * 1024;

const NEWLINE = 0x0a;

let module: WebAssembly.Module | undefined;

function instantiate(): WebAssembly.Instance {
  module ??= new WebAssembly.Module(Buffer.from(MODULE, 'base64'));
  try {
    return new WebAssembly.Instance(module);
  } catch (error) {
    throw error instanceof RangeError ? new KernelError(NO_ROOM, { cause: error }) : error;
  }
}

/** An instance of the WebAssembly module: its calls and its memory, which never grows, so that views of it stay good. */
export class Instance {
  readonly call: Readonly<Record<Call, (...numbers: readonly number[]) => number>>;
  readonly memory: ArrayBuffer;
  /** A chunk, with what goes before it, and behind both a single line. */
  readonly input: Buffer;

  /** Throws `KernelError`. */
  constructor() {
    const { exports } = instantiate();
    this.call = exports as unknown as Instance['call'];
    this.memory = (exports['memory'] as WebAssembly.Memory).buffer;
    this.input = Buffer.from(this.memory, 0, INPUT_SIZE);
  }

  /** Room for a chunk, of as many bytes or of fewer, at `CHUNK_AT`. */
  room(size: number): Buffer {
    return this.input.subarray(CHUNK_AT, Math.min(CHUNK_AT + size, CHUNK_SIZE));
  }

  /** Puts a line, given without its newline, behind the chunk, where it stays until the next one. Its offset; -1: it is too long. */
  putLine(bytes: Uint8Array, start: number, end: number): number {
    const length = end - start;
    if (length >= LINE_SIZE) return -1;
    // Not `subarray`: a Buffer's takes twice as long.
    this.input.set(new Uint8Array(bytes.buffer, bytes.byteOffset + start, length), CHUNK_SIZE);
    this.input[CHUNK_SIZE + length] = NEWLINE;
    return CHUNK_SIZE;
  }
}
