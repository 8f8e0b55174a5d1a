import { KERNEL } from './code.ts';

/** Calls and arrays of `kernel.c`; its memory never grows, so views of it stay good. */
export interface Kernel {
  readonly call: Readonly<Record<Call, (...numbers: readonly number[]) => number>>;
  readonly memory: ArrayBuffer;
  /** A whole chunk, and behind it a single line. */
  readonly input: Uint8Array;
  readonly chunkSize: number;
  readonly lineSize: number;
}

type Call =
  | 'readJson'
  | 'readLogfmt'
  | 'scoutNext'
  | 'scoutCollect'
  | 'nextEscape'
  | 'lineEnd'
  | 'passOver'
  | 'passedLines'
  | 'passedOverlong'
  | 'stoppedAt'
  | 'forgetReading'
  | 'forgetShapes'
  | 'foldMost'
  | 'foldReset'
  | 'foldLevel'
  | 'foldOpen'
  | 'foldClose'
  | 'foldLast'
  | 'foldPairs'
  | 'sweep'
  | 'printsOf'
  | 'jumpsOf'
  | 'headsOf'
  | 'probesOf'
  | 'probeTextOf'
  | Place;

/** Calls that tell where something lies, or how large it is. */
export type Place =
  | 'input'
  | 'chunkSize'
  | 'lineSize'
  | 'reading'
  | 'found'
  | 'kinds'
  | 'starts'
  | 'ends'
  | 'mostSlots'
  | 'heads'
  | 'nexts'
  | 'lengths'
  | 'texts'
  | 'slots'
  | 'text'
  | 'mostText'
  | 'mostScouts'
  | 'mostProbes'
  | 'mostProbeText'
  | 'mostNeeds'
  | 'needs'
  | 'foldCode'
  | 'foldLists'
  | 'foldNumbers'
  | 'foldWords'
  | 'foldRules'
  | 'foldAlways'
  | 'foldLevelKinds'
  | 'foldJudged'
  | 'foldGroups'
  | 'foldKey'
  | 'foldKept'
  | 'swept'
  | 'cuts'
  | 'mostCuts';

let kernel: Kernel | undefined;

/** The one instance, made when it is first needed. */
export const theKernel = (): Kernel => (kernel ??= makeKernel());

/** The host has no room for the kernel's memory. */
export class KernelError extends Error {
  override readonly name = 'KernelError';
}

/** V8 reserves some 10 GB of addresses for each memory, so that it need not check them; of memory itself only what is used. */
const NO_ROOM =
  'WebAssembly cannot reserve 10 GB of address space; raise its limit (ulimit -v, LimitAS=), or set NODE_OPTIONS=--disable-wasm-trap-handler';

function instantiate(): WebAssembly.Instance {
  const module = new WebAssembly.Module(Buffer.from(KERNEL, 'base64'));
  try {
    return new WebAssembly.Instance(module);
  } catch (error) {
    throw error instanceof RangeError ? new KernelError(NO_ROOM, { cause: error }) : error;
  }
}

function makeKernel(): Kernel {
  const { exports } = instantiate();
  const call = exports as unknown as Kernel['call'];
  const memory = (exports['memory'] as WebAssembly.Memory).buffer;
  const chunkSize = call.chunkSize();
  const lineSize = call.lineSize();
  return { call, memory, input: new Uint8Array(memory, call.input(), chunkSize + lineSize), chunkSize, lineSize };
}

/** How much of a line that began in an earlier chunk goes before a chunk that is read into the kernel's own input. */
const HEAD = 64 * 1024;

/** Where a chunk of so many bytes may be put, so that `lend` need not copy it; `undefined` where that is too many. What is lent otherwise is put there too. */
export function roomForChunk(size: number): Uint8Array | undefined {
  const { input, chunkSize } = theKernel();
  return HEAD + size > chunkSize ? undefined : input.subarray(HEAD, HEAD + size);
}

/** How many bytes of a line may go before a chunk; 0 where it does not lie in the room that was given for it. */
export const headOf = ({ buffer, byteOffset }: Uint8Array): number =>
  kernel !== undefined && buffer === kernel.memory && byteOffset === kernel.input.byteOffset + HEAD ? HEAD : 0;

/** A chunk that lies in that room, with all that goes before it. */
export const withHead = ({ buffer, byteOffset, length }: Uint8Array): Buffer =>
  Buffer.from(buffer, byteOffset - HEAD, HEAD + length);

/** The chunk that is in the kernel's input, at its beginning. */
let lent: Buffer | undefined;

/**
 * Says that `bytes` will not change until the next call. Then they can be searched by the kernel,
 * if they are not too large for it, and lines in them are read where they are.
 */
export function lend(bytes: Buffer | undefined): void {
  lent = undefined;
  if (bytes === undefined) return;
  const { input, memory, chunkSize } = theKernel();
  if (bytes.length > chunkSize) return;
  if (bytes.buffer !== memory || bytes.byteOffset !== input.byteOffset) input.set(bytes);
  lent = bytes;
}

/** Whether offsets in `bytes` are offsets in the kernel's input. */
export const isLent = (bytes: Uint8Array): boolean => bytes === lent;
