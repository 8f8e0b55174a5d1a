import type { CorpusName } from './corpora.ts';
import type { Asks } from './rules.ts';

/** A process to measure, by its parts. */
export interface Task {
  readonly program: Program;
  readonly rules: Rules;
  readonly corpus: CorpusName;
  /** `follow`: the program follows the file, and is told to end when it has opened it. */
  readonly mode: 'file' | 'pipe' | 'printf' | 'follow';
  /** What the table calls it. */
  readonly label: string;
  /** Behind those of its rules. */
  readonly options?: readonly string[];
}

/** `engines`: so many engines of the library that lies beside the program, in turn. */
export type Program = 'relevel' | { readonly engines: number } | Plain;

/** To compare with. */
export type Plain = 'cat' | 'copy' | 'split2-json' | 'split2-json-all' | 'node -e 0';

/** `builtin`: both packs, as without any option. */
export type Rules =
  | 'builtin'
  | 'never-answered'
  | 'each-its-own'
  | 'each-lowered'
  | 'next-answers'
  | 'by-request'
  | { readonly count: number; readonly asks: Asks };

/** What a ratio, or a figure in its own unit, must reach. */
export type Bar = { readonly atLeast: number } | { readonly atMost: number };

export type Case =
  /** Ours against another, in the same run. In `ms` less is better; else more. */
  | {
      readonly kind: 'contest';
      readonly name: string;
      readonly ours: Task;
      readonly against: Task;
      readonly unit: 'GB/s' | 'M lines/s' | 'ms';
      readonly bar: Bar | undefined;
    }
  /** Peak resident memory, in MB, over all of the tasks, each from a file and through a pipe. */
  | { readonly kind: 'memory'; readonly name: string; readonly tasks: readonly Task[]; readonly bar: Bar }
  /** What `relevel run` adds to the start of its command, in ms, to what a plain program of Node's takes. */
  | { readonly kind: 'command'; readonly name: string; readonly bar: Bar }
  /** The 99th percentile, in ms, of one line's way through a live pipe. */
  | { readonly kind: 'latency'; readonly name: string; readonly ours: Task; readonly against: Task; readonly bar: Bar };

const ours = (corpus: CorpusName, rules: Rules = 'builtin', label = 'relevel'): Task => ({
  program: 'relevel',
  rules,
  corpus,
  mode: 'file',
  label,
});
const other = (program: Plain, corpus: CorpusName): Task => ({
  program,
  rules: 'builtin',
  corpus,
  mode: 'file',
  label: program,
});
const withOptions = (task: Task, ...options: string[]): Task => ({ ...task, options, label: options[0]! });
const followed = (task: Task): Task => ({ ...task, mode: 'follow', label: 'follow' });
const engines = (count: number, corpus: CorpusName, label: string): Task => ({
  ...ours(corpus, 'by-request', label),
  program: { engines: count },
});
const piped = (task: Task): Task => ({ ...task, mode: 'pipe' });
const printed = (task: Task): Task => ({ ...task, mode: 'printf' });

const tenfold = (name: string, corpus: CorpusName, asks: Asks): Case => ({
  kind: 'contest',
  name,
  ours: ours(corpus, { count: 200, asks }, '200 rules'),
  against: ours(corpus, { count: 20, asks }, '20 rules'),
  unit: 'ms',
  bar: { atMost: 1.5 },
});

const STREAMS: readonly CorpusName[] = ['pino-1', 'pino-100', 'logfmt-1', 'logfmt-100', 'wait-open'];

/** What the program is to reach, and a few figures beside that have no bar. */
export const CASES: readonly Case[] = [
  {
    kind: 'contest',
    name: 'pino-1',
    ours: ours('pino-1'),
    against: other('copy', 'pino-1'),
    unit: 'GB/s',
    bar: { atLeast: 0.25 },
  },
  {
    kind: 'contest',
    name: 'pino-1-pipe',
    ours: piped(ours('pino-1')),
    against: piped(other('copy', 'pino-1')),
    unit: 'GB/s',
    bar: undefined,
  },
  {
    kind: 'contest',
    name: 'pino-1-split2',
    ours: ours('pino-1'),
    against: other('split2-json-all', 'pino-1'),
    unit: 'GB/s',
    bar: { atLeast: 12 },
  },
  {
    kind: 'contest',
    name: 'pino-1-split2-lean',
    ours: ours('pino-1'),
    against: other('split2-json', 'pino-1'),
    unit: 'GB/s',
    bar: undefined,
  },
  {
    kind: 'contest',
    name: 'wait-open',
    ours: ours('wait-open'),
    against: ours('pino-1', 'builtin', 'without waits'),
    unit: 'GB/s',
    bar: { atLeast: 0.5 },
  },
  {
    kind: 'contest',
    name: 'pino-100',
    ours: ours('pino-100'),
    against: other('split2-json', 'pino-100'),
    unit: 'GB/s',
    bar: { atLeast: 5 },
  },
  {
    kind: 'contest',
    name: 'logfmt-1',
    ours: ours('logfmt-1'),
    against: ours('pino-1', 'builtin', 'JSON'),
    unit: 'M lines/s',
    bar: { atLeast: 1 },
  },
  {
    kind: 'contest',
    name: 'logfmt-100',
    ours: ours('logfmt-100'),
    against: ours('pino-100', 'builtin', 'JSON'),
    unit: 'M lines/s',
    bar: { atLeast: 1 },
  },
  {
    kind: 'contest',
    name: 'lower-100',
    ours: ours('pino-100', 'each-lowered'),
    against: other('copy', 'pino-100'),
    unit: 'GB/s',
    bar: undefined,
  },
  {
    kind: 'contest',
    name: 'logfmt-lower-100',
    ours: ours('logfmt-100', 'each-lowered'),
    against: other('copy', 'logfmt-100'),
    unit: 'GB/s',
    bar: undefined,
  },
  {
    kind: 'contest',
    name: 'archive',
    ours: withOptions(ours('pino-100'), '--archive', '/dev/null'),
    against: ours('pino-100', 'builtin', 'without'),
    unit: 'GB/s',
    bar: { atLeast: 0.7 },
  },
  {
    kind: 'contest',
    name: 'format',
    ours: withOptions(ours('pino-100'), '--format', 'json'),
    against: ours('pino-100', 'builtin', 'without'),
    unit: 'GB/s',
    bar: { atLeast: 0.7 },
  },
  {
    kind: 'contest',
    name: 'wait-pairs',
    ours: ours('wait-pairs', 'next-answers'),
    against: other('copy', 'wait-pairs'),
    unit: 'GB/s',
    bar: undefined,
  },
  {
    kind: 'contest',
    name: 'wait-flood',
    ours: ours('wait-flood', 'by-request'),
    against: other('copy', 'wait-flood'),
    unit: 'GB/s',
    bar: undefined,
  },
  {
    kind: 'contest',
    name: 'pipe',
    ours: piped(ours('varied', 'by-request')),
    against: piped(other('cat', 'varied')),
    unit: 'GB/s',
    bar: undefined,
  },
  {
    kind: 'contest',
    name: 'follow',
    ours: followed(ours('varied', 'by-request')),
    against: ours('varied', 'by-request', 'from a file'),
    unit: 'GB/s',
    bar: { atLeast: 0.7 },
  },
  {
    kind: 'contest',
    name: 'two-engines',
    ours: engines(2, 'varied', 'two engines'),
    against: engines(1, 'varied', 'one'),
    unit: 'GB/s',
    bar: { atLeast: 0.7 },
  },
  tenfold('rules-1', 'pino-1', 'level'),
  tenfold('rules-100', 'pino-100', 'level'),
  tenfold('rules-text', 'pino-1', 'text'),
  { kind: 'memory', name: 'memory', tasks: STREAMS.map((stream) => ours(stream)), bar: { atMost: 100 } },
  { kind: 'memory', name: 'million-waits', tasks: [ours('million-waits', 'never-answered')], bar: { atMost: 150 } },
  { kind: 'memory', name: 'million-groups', tasks: [ours('million-groups', 'each-its-own')], bar: { atMost: 150 } },
  { kind: 'latency', name: 'latency', ours: ours('pino-1'), against: other('copy', 'pino-1'), bar: { atMost: 2 } },
  {
    kind: 'contest',
    name: 'start',
    ours: printed(ours('one-line')),
    against: printed(other('node -e 0', 'one-line')),
    unit: 'ms',
    bar: { atMost: 1.5 },
  },
  { kind: 'command', name: 'run', bar: { atMost: 5 } },
];
