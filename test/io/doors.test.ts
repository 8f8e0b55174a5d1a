import { appendFileSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterEach, expect, onTestFinished, test, vi } from 'vitest';
import { openEngine } from '../../src/engine/engine.ts';
import { createRelevel } from '../../src/index.ts';
import type { ChildStream } from '../../src/io/child/child.ts';
import { ChildOutput } from '../../src/io/child/output.ts';
import { pumpChild } from '../../src/io/child/pump.ts';
import { sureEngine } from '../../src/io/child/engine.ts';
import { follow } from '../../src/io/follow/follow.ts';
import { globOf } from '../../src/io/follow/glob.ts';
import { FollowOutput } from '../../src/io/follow/output.ts';
import { openInput } from '../../src/io/input/input.ts';
import { Output } from '../../src/io/output/output.ts';
import { OwnFiles } from '../../src/io/own-files.ts';
import { pump } from '../../src/io/pump.ts';
import { Kernel } from '../../src/kernel/kernel.ts';
import { INPUT_SIZE } from '../../src/kernel/layout.ts';
import { ROOMY } from '../support/run.ts';
import { openUntilEnd, scratch } from './scratch.ts';

// Bytes that we read ourselves are read to where the engine looks at them. What a program gives the library is copied there once.

const LINES = Array.from({ length: 60_000 }, (_, i) => `{"level":30,"n":${i},"msg":"all is well"}\n`).join('');
/** What comes of a line that straddles two chunks is put before the second one. */
const HEADS = 0.01 * LINES.length;

const copies = { to: 0, from: 0 };

/** Counts bytes that are copied into the input of a kernel with this memory, and out of it. */
function watchCopies(memory: () => ArrayBufferLike): void {
  copies.to = copies.from = 0;
  const note = (source: ArrayBufferView, target: ArrayBufferView, length: number): void => {
    if (target.buffer === memory() && target.byteOffset < INPUT_SIZE) copies.to += length;
    else if (source.buffer === memory()) copies.from += length;
  };
  const set = methodOf(arrays, 'set');
  const copy = methodOf(buffers, 'copy');
  arrays.set = function (this: Uint8Array, from: ArrayLike<number>, at?: number): void {
    if (ArrayBuffer.isView(from)) note(from, this, from.length);
    Reflect.apply(set, this, [from, at]);
  };
  buffers.copy = function (this: Buffer, target: Uint8Array, ...of: number[]): number {
    const copied = Reflect.apply(copy, this, [target, ...of]) as number; // as Node declares it
    note(this, target, copied);
    return copied;
  };
  onTestFinished(() => {
    Object.assign(arrays, { set });
    Object.assign(buffers, { copy });
  });
}

/** A method by itself, to be called with another `this`. */
const methodOf = (owner: object, name: string): (() => unknown) =>
  Object.getOwnPropertyDescriptor(owner, name)!.value as () => unknown; // both are methods

const buffers = Buffer.prototype as Buffer;

/** What all typed arrays inherit from. */
const arrays = Object.getPrototypeOf(Uint8Array.prototype) as Uint8Array;

/** An engine whose memory is watched, and a folder with the lines in a file. */
function opened() {
  const kernel = new Kernel();
  const engine = openEngine({ protect: [], rules: [] }, { ...ROOMY, clock: 'live' }, { kernel });
  watchCopies(() => kernel.input.buffer);
  const folder = scratch();
  const path = join(folder, 'in.log');
  writeFileSync(path, LINES);
  const output = join(folder, 'out');
  return { engine, path, output, written: () => readFileSync(output, 'utf8') };
}

const asOutput = (path: string): Output => new Output({ fd: openUntilEnd(path, 'a'), name: 'out', highWater: 64 * 1024 });

const onProblem = ({ message }: Error): void => expect.fail(message);

afterEach(() => void vi.restoreAllMocks());

test('copies count here', () => {
  const { engine } = opened();
  const source = engine.source('x');
  const input = source.input({
    write: (bytes, start, end) => void Buffer.from(bytes.buffer).copy(Buffer.alloc(99), 0, start, end),
  });
  input.push(Buffer.from('one\n'), 0);
  expect(copies).toEqual({ to: 4, from: 4 });
});

test('a filter', async () => {
  const { engine, path, output, written } = opened();
  await pump({
    inputs: [{ name: path, fd: undefined }],
    engine,
    output: asOutput(output),
    now: () => 0,
    mode: 'filter',
    grace: 0,
    onProblem,
    onOutage: undefined,
  }).ended;
  expect(written()).toBe(LINES);
  expect(copies.to).toBeLessThan(HEADS);
});

test.each(['filter', 'shadow'] as const)('relevel run, both streams at a time: %s', async (mode) => {
  const { engine, path, output } = opened();
  const stream = (name: ChildStream['name']): ChildStream => {
    const fd = openSync(path, 'r');
    return { name, open: (room, handlers) => openInput(fd, room, handlers), close: () => {} };
  };
  const outputs = ['stdout', 'stderr'].map((name) => new ChildOutput(asOutput(`${output}.${name}`)));
  const streams = (['stdout', 'stderr'] as const).map((name, i) => ({ stream: stream(name), to: outputs[i]! }));
  const sure = sureEngine(engine, (error) => expect.fail(String(error)));
  await pumpChild({ name: 'daemon', streams, engine: sure, process: sure, now: () => 0, mode, onProblem }).ended;
  for (const { output: each } of outputs) await each.end();
  expect(readFileSync(`${output}.stdout`, 'utf8')).toBe(LINES);
  expect(readFileSync(`${output}.stderr`, 'utf8')).toBe(LINES);
  expect(copies.to).toBeLessThan(2 * HEADS);
});

test.each(['filter', 'shadow'] as const)('relevel follow: %s', async (mode) => {
  const { engine, path, output, written } = opened();
  appendFileSync(path, 'the last one');
  const said = (message: string): void => expect.fail(message);
  const following = follow({
    globs: [globOf(path)],
    engine,
    outer: engine,
    output: new FollowOutput({
      to: output,
      highWater: 64 * 1024,
      now: Date.now,
      onTrouble: onProblem,
      onNote: said,
      onRecovery: said,
    }),
    now: Date.now,
    mode,
    interval: 1,
    rotateWait: 0,
    from: 'start',
    resumed: undefined,
    checkpoint: undefined,
    grace: 60_000,
    onProblem,
    onLost: said,
    onHole: said,
    onRecovery: said,
    onNote: said,
    onNothing: said,
    ignoreOlder: undefined,
    exclude: [],
    own: new OwnFiles([]),
    followLinks: false,
  });
  following.stop('SIGTERM');
  await following.ended;
  expect(written()).toBe(`${LINES}the last one\n`);
  expect(copies.to).toBeLessThan(HEADS);
});

test.each([
  ['bytes', LINES.length, (text: string) => Buffer.from(text)],
  // Encoded where they are to lie.
  ['text', HEADS, (text: string) => text],
] as const)('the library copies %s no more than once', async (_, most, given) => {
  const kernel = new Kernel();
  vi.spyOn(Kernel, 'take').mockReturnValue(kernel);
  vi.spyOn(kernel, 'giveBack').mockReturnValue();
  const size = 50_000;
  const chunks = Array.from({ length: Math.ceil(LINES.length / size) }, (__, i) => given(LINES.slice(i * size, (i + 1) * size)));
  const relevel = createRelevel({ rules: [] });
  watchCopies(() => kernel.input.buffer);
  const left = await buffer(Readable.from(chunks).pipe(relevel));
  expect(left.toString()).toBe(LINES);
  expect(copies.to).toBeLessThan(most + HEADS);
  expect(copies.from).toBeLessThan(LINES.length + HEADS);
});
