import { readFileSync } from 'node:fs';
import { checkedKernel } from '../../build/kernel.ts';
import { INPUT_SIZE, MOST_HEADS, MOST_PROBE_TEXT, MOST_PROBES, MOST_SLOTS, MOST_TEXT } from '../../src/kernel/layout.ts';
import { MODULE } from '../../src/kernel/module.ts';
import type { ScoutTables, TableProbe } from '../../src/kernel/scouts.ts';
import type { NameTable } from '../../src/record/names.ts';

/** A kernel by itself: its calls, and its memory. */
export interface Build {
  readonly call: Readonly<Record<string, (...numbers: readonly number[]) => number>>;
  readonly memory: ArrayBuffer;
  readonly input: Uint8Array;
}

function instantiate(module: Uint8Array): Build {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(module), { env: { abort: trap } });
  const call = exports as unknown as Build['call'];
  const memory = (exports['memory'] as WebAssembly.Memory).buffer;
  return { call, memory, input: new Uint8Array(memory, 0, INPUT_SIZE) };
}

/** The checked build calls this if the kernel looks outside its arrays. */
function trap(_message: number, _file: number, line: number, column: number): never {
  throw new Error(`the kernel trapped at ${line}:${column}`);
}

/** The module that ships, and the one with checks. */
export const builds: readonly (readonly [name: string, build: Build])[] = [
  ['as shipped', instantiate(Buffer.from(MODULE, 'base64'))],
  ['with checks', instantiate(readFileSync(checkedKernel()))],
];

/** Makes these the names that the kernel looks for. */
export function loadNames({ call, memory }: Build, table: NameTable): void {
  const shorts = (place: string, length: number): Uint16Array => new Uint16Array(memory, call[place]!(), length);
  const heads = shorts('heads', MOST_HEADS);
  const [nexts, lengths, slots] = ['nexts', 'lengths', 'slots'].map((place) => shorts(place, MOST_SLOTS + 1));
  const texts = new Int32Array(memory, call['texts']!(), MOST_SLOTS + 1);
  const parents = shorts('parents', MOST_SLOTS + 1);
  const objects = new Uint8Array(memory, call['objects']!(), MOST_SLOTS);
  const text = new Uint8Array(memory, call['text']!(), MOST_TEXT);
  call['forgetShapes']!();
  heads.fill(0);
  objects.fill(0);
  let at = 0;
  let count = 0;
  function load(names: NameTable, parent: number): void {
    for (const { bytes, slot, inside } of names.values()) {
      if (bytes.length === 0) continue;
      count += 1;
      text.set(bytes, at);
      const hash = (bytes.length * 37 + bytes[0]! * 5 + bytes[bytes.length - 1]! * 11) & 255;
      nexts![count] = heads[hash]!;
      heads[hash] = count;
      lengths![count] = bytes.length;
      texts[count] = at;
      slots![count] = slot;
      parents[count] = parent;
      at += bytes.length;
      if (inside === undefined) continue;
      objects[slot] = 1;
      load(inside, slot + 1);
    }
  }
  load(table, 0);
}

/** Hands a scout's tables over. */
export function loadScout(build: Build, tables: ScoutTables, which: number): void {
  const { call, memory } = build;
  if (tables.kind === 'prints') {
    const { nibbles, sets } = tables.prints;
    const place = call['printsOf']!(which);
    new Uint8Array(memory, place, nibbles.length).set(nibbles);
    chain(build, which, [...sets.entries()], new Uint16Array(memory, place + nibbles.length, 8));
    return;
  }
  const { jumps, candidates } = tables.windows;
  new Uint8Array(memory, call['jumpsOf']!(which), 1 << 16).set(jumps);
  const lists = Object.entries(candidates).map(([hash, there]) => [Number(hash), there!] as const);
  chain(build, which, lists, new Uint16Array(memory, call['headsOf']!(which), 1 << 16));
}

type Lists = readonly (readonly [head: number, there: readonly TableProbe[]])[];

function chain({ call, memory }: Build, which: number, lists: Lists, heads: Uint16Array): void {
  const text = new Uint8Array(memory, call['probeTextOf']!(which), MOST_PROBE_TEXT);
  const length = MOST_PROBES + 1;
  const [nexts, texts, lengths, behinds, folds, needs] = [0, 1, 2, 3, 4, 5].map(
    (column) => new Uint16Array(memory, call['probesOf']!(which) + 2 * column * length, length),
  );
  heads.fill(0);
  let count = 0;
  let at = 0;
  for (const [head, there] of lists) {
    for (const { probe, behind } of there) {
      count += 1;
      nexts![count] = heads[head]!;
      heads[head] = count;
      text.set(probe.bytes, at);
      texts![count] = at;
      at += probe.bytes.length;
      lengths![count] = probe.bytes.length;
      behinds![count] = behind;
      folds![count] = probe.ignoreCase ? 1 : 0;
      needs![count] = probe.need;
    }
  }
}
