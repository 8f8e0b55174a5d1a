import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { HOSTS, type Dialect } from './dialect.ts';
import { pino } from './pino.ts';
import { seeded, type Random } from './random.ts';
import { floods, varied } from './varied.ts';
import { zapLogfmt } from './zap-logfmt.ts';

/** `full` is what the bars are meant for; `short` only shows that the harness works. */
export type Size = 'full' | 'short';

const BYTES: Readonly<Record<Size, number>> = { full: 200e6, short: 20e6 };
const MILLION: Readonly<Record<Size, number>> = { full: 1e6, short: 1e5 };

/** A file of log lines, whose event times rise with each line. */
export interface Corpus {
  readonly path: string;
  readonly bytes: number;
  readonly lines: number;
  /** Lines that the rules of a case are to lower or fold: no others, and most of these. */
  readonly changes: number;
}

/** One line, and whether a rule of the case is to lower or fold it. */
type Made = readonly [line: string, changes: boolean];

interface Recipe {
  /** Endless, or as many lines as there are to be: generation stops at `BYTES` in the first case. */
  readonly make: (random: Random, size: Size) => Iterable<Made>;
  readonly endless: boolean;
}

/** The instant of each corpus's first line: past, and before any rule of ours expires. */
const START = Date.UTC(2025, 10, 21);

/**
 * A line each 10 ms, as of a busy node: 6,000 a minute. Much faster, and a corpus where each line fits would
 * measure what a rule's `budget` lets through, not what the rule costs.
 */
const STEP_MS = 10;

/** What can be asked for, by name. None is shaped after the engine: what each holds is in the comment of its maker. */
const RECIPES = {
  'pino-1': endless((random) => everyday(pino, random, { step: STEP_MS, probeEvery: 1000, answered: true })),
  'pino-100': endless((random) => unsupportedOnly(pino, random)),
  'logfmt-1': endless((random) => everyday(zapLogfmt, random, { step: STEP_MS, probeEvery: 1000, answered: true })),
  'logfmt-100': endless((random) => unsupportedOnly(zapLogfmt, random)),
  'wait-open': endless((random) => everyday(pino, random, { step: 1, probeEvery: 400, answered: false })),
  'wait-pairs': endless((random) => pairs(random)),
  'wait-flood': endless((random) => floods(START, random)),
  varied: endless((random) => varied(START, random)),
  'million-waits': { endless: false, make: (_, size) => unanswered(MILLION[size]) },
  'million-groups': { endless: false, make: (random, size) => distinct(MILLION[size], random) },
  'one-line': { endless: false, make: (random) => [[pino.ordinary(START, random), false]] },
} satisfies Readonly<Record<string, Recipe>>;

export type CorpusName = keyof typeof RECIPES;

export const CORPORA = join(import.meta.dirname, 'corpora');

/** Makes the corpus if it is not there yet. To have it made anew, delete the folder. */
export function corpus(name: CorpusName, size: Size): Corpus {
  const path = join(CORPORA, `${name}.${size}.log`);
  const facts = join(CORPORA, `${name}.${size}.json`);
  if (!existsSync(facts)) {
    mkdirSync(CORPORA, { recursive: true });
    writeFileSync(facts, JSON.stringify(write(path, RECIPES[name], size)));
  }
  return JSON.parse(readFileSync(facts, 'utf8')) as Corpus; // our own writing, two lines above
}

function write(path: string, recipe: Recipe, size: Size): Corpus {
  const file = openSync(`${path}.part`, 'w');
  let [bytes, lines, changes] = [0, 0, 0];
  let text = '';
  const flush = (): void => {
    bytes += writeSync(file, text);
    text = '';
  };
  for (const [line, changed] of recipe.make(seeded(296), size)) {
    text += `${line}\n`;
    lines += 1;
    if (changed) changes += 1;
    if (text.length > 1 << 20) flush();
    if (recipe.endless && bytes > BYTES[size]) break;
  }
  flush();
  closeSync(file);
  renameSync(`${path}.part`, path);
  return { path, bytes, lines, changes };
}

function endless(make: Recipe['make']): Recipe {
  return { make, endless: true };
}

/**
 * A service's day: 0.5 % errors that nothing excuses, 0.4 % interfaces without statistics, and every
 * `probeEvery` lines a prober that finds no /dev/mshv, which, if `answered`, finds /dev/kvm eight lines later.
 * With a line each ms and unanswered probes each 400 lines, a wait of a second is always open.
 */
function* everyday(
  dialect: Dialect,
  random: Random,
  { step, probeEvery, answered }: { readonly step: number; readonly probeEvery: number; readonly answered: boolean },
): Generator<Made> {
  const names = interfaces(50, random);
  for (let i = 0; ; i += 1) {
    const time = START + i * step;
    const run = Math.floor(i / probeEvery); // each probing is a new process
    const prober = { hostname: HOSTS[run % HOSTS.length]!, pid: 10_000 + run };
    if (i % probeEvery === 0) yield [dialect.probe(time, { ...prober, outcome: 'unavailable' }), true];
    else if (answered && i % probeEvery === 8) yield [dialect.probe(time, { ...prober, outcome: 'ready' }), false];
    else if (random.chance(0.005)) yield [dialect.failure(time, random), false];
    else if (random.chance(0.004)) yield [dialect.unsupported(time, random.pick(names), random), true];
    else yield [dialect.ordinary(time, random), false];
  }
}

/** A cluster of 2,000 interfaces without statistics, in no order: of a window's 60,000 lines, each interface's first passes. */
function* unsupportedOnly(dialect: Dialect, random: Random): Generator<Made> {
  const names = interfaces(2000, random);
  for (let i = 0; ; i += 1) yield [dialect.unsupported(START + i * STEP_MS, random.pick(names), random), true];
}

/** Probes of processes of their own, each answered by the next line. */
function* pairs(random: Random): Generator<Made> {
  for (let i = 0; ; i += 1) {
    const prober = { hostname: random.pick(HOSTS), pid: 10_000 + i };
    yield [pino.probe(START + i * 2 * STEP_MS, { ...prober, outcome: 'unavailable' }), true];
    yield [pino.probe(START + (i * 2 + 1) * STEP_MS, { ...prober, outcome: 'ready' }), false];
  }
}

/** Failed probes alone, each of a process of its own, none ever answered: nothing may change. */
function* unanswered(count: number): Generator<Made> {
  for (let i = 0; i < count; i += 1)
    yield [pino.probe(START + i, { hostname: HOSTS[0]!, pid: i + 1, outcome: 'unavailable' }), false];
}

/** `count` interfaces, each new, and each fourth of them twice: so that groups close with something to say. */
function* distinct(count: number, random: Random): Generator<Made> {
  let time = START;
  for (let i = 0; i < count; i += 1) {
    const name = `lxc${i.toString(16).padStart(12, '0')}`;
    for (let times = i % 4 === 0 ? 2 : 1; times > 0; times -= 1) yield [pino.unsupported(time++, name, random), true];
  }
}

/** Names as container networks give them; the first are a node's own. */
function interfaces(count: number, random: Random): readonly string[] {
  const pods = Array.from({ length: count }, () => `${random.pick(['lxc', 'veth', 'cali'])}${random.hex(8)}`);
  return ['cilium_vxlan', 'flannel.1', 'cni0', 'tunl0', ...pods].slice(0, count);
}
