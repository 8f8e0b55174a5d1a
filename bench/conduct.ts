import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { commandStarts, PLAIN_START } from './command-start.ts';
import type { Bar, Case, Plain, Rules, Task } from './cases.ts';
import { corpus, type Corpus, type Size } from './corpora.ts';
import { guard, type Tally } from './guard.ts';
import { latencyOf, type Latency } from './latency.ts';
import { contest, peakOf, spreadOf } from './measure.ts';
import { run, type Job, type Run } from './process.ts';
import { byRequest, eachItsOwn, eachLowered, manyRules, neverAnswered, nextAnswers } from './rules.ts';

export interface Setup {
  /** The program under test: a file that Node runs. */
  readonly relevel: string;
  readonly size: Size;
  /** Counted runs of each side of a contest. */
  readonly rounds: number;
}

/** A line of the table, and what it was made of. */
export interface Row {
  readonly name: string;
  readonly ours: string;
  readonly against: string;
  readonly ratio: string;
  readonly bar: string;
  readonly met: 'yes' | 'no' | 'no bar' | 'broken';
  readonly details: unknown;
}

const MB = 1e6;

/** Lines of the way there and back: enough for a 99th percentile. */
const LATENCY_LINES = 1200;

/** Conducts one case after the other. Throws `BrokenProgram` where the program did not do its job: then it is not measured. */
export function conductor({ relevel, size, rounds }: Setup): (subject: Case) => Promise<Row> {
  /** By command and corpus: what is guarded once need not be again. */
  const tallies = new Map<string, Tally>();

  return (subject) => {
    switch (subject.kind) {
      case 'contest':
        return conductContest(subject);
      case 'memory':
        return conductMemory(subject);
      case 'latency':
        return conductLatency(subject);
      case 'command':
        return conductCommand(subject);
    }
  };

  async function conductContest({ name, ours, against, unit, bar }: Extract<Case, { kind: 'contest' }>): Promise<Row> {
    const guarded = [await tallyOf(ours), await tallyOf(against)];
    // A start takes a moment, and varies by much of it: more of them cost little.
    const runs = await contest(jobOf(ours), jobOf(against), ours.mode === 'printf' ? rounds * 5 : rounds);
    const figures = {
      ours: runs.ours.map((one) => figureOf(one, corpusOf(ours), unit)),
      against: runs.against.map((one) => figureOf(one, corpusOf(against), unit)),
    };
    const ratio = spreadOf(figures.ours.map((figure, i) => figure / figures.against[i]!));
    const cell = ({ label }: Task, values: readonly number[], peak: number): string =>
      `${label} ${digits(spreadOf(values).median)} ${unit}, ${digits(peak / MB)} MB`;
    return {
      name,
      ours: cell(ours, figures.ours, peakOf(runs.ours)),
      against: cell(against, figures.against, peakOf(runs.against)),
      ratio: `${digits(ratio.median)} (${digits(ratio.min)}–${digits(ratio.max)})`,
      ...judge(ratio.median, bar),
      details: { unit, figures, ratio, runs, tallies: guarded },
    };
  }

  async function conductMemory({ name, tasks, bar }: Extract<Case, { kind: 'memory' }>): Promise<Row> {
    const details: { task: Task; run: Run }[] = [];
    for (const file of tasks) {
      await tallyOf(file);
      for (const task of [file, { ...file, mode: 'pipe' as const }]) details.push({ task, run: await run(jobOf(task)) });
    }
    const peak = peakOf(details.map((detail) => detail.run)) / MB;
    return { name, ours: `relevel ${digits(peak)} MB`, against: '', ratio: '', ...judge(peak, bar), details };
  }

  async function conductLatency({ name, ours, against, bar }: Extract<Case, { kind: 'latency' }>): Promise<Row> {
    const lines = unheldLines(corpusOf(ours));
    const mine = await latencyOf(commandOf(ours), lines);
    const theirs = await latencyOf(commandOf(against), lines);
    const cell = ({ label }: Task, { p50Ms, p99Ms }: Latency): string => `${label} p50 ${digits(p50Ms)}, p99 ${digits(p99Ms)} ms`;
    return {
      name,
      ours: cell(ours, mine),
      against: cell(against, theirs),
      ratio: digits(mine.p99Ms / theirs.p99Ms),
      ...judge(mine.p99Ms, bar),
      details: { ours: mine, against: theirs },
    };
  }

  async function conductCommand({ name, bar }: Extract<Case, { kind: 'command' }>): Promise<Row> {
    const programs = [[process.execPath, relevel, 'run', '--'], PLAIN_START];
    const [mine, theirs] = (await commandStarts(programs, rounds * 10)) as [number[], number[]];
    const added = spreadOf(mine.map((ms, i) => ms - theirs[i]!));
    return {
      name,
      ours: `relevel run ${digits(spreadOf(mine).median)} ms`,
      against: `node ${digits(spreadOf(theirs).median)} ms`,
      ratio: `+${digits(added.median)} ms (${digits(added.min)}–${digits(added.max)})`,
      ...judge(added.median, bar),
      details: { mine, theirs, added },
    };
  }

  /** What `task` did to its corpus, `undefined` for a baseline: only the program under test is guarded. */
  async function tallyOf(task: Task): Promise<Tally | undefined> {
    if (task.program !== 'relevel' && typeof task.program === 'string') return undefined;
    const key = JSON.stringify([commandOf(task), task.corpus]);
    const tally = tallies.get(key) ?? (await guard(commandOf(task), corpusOf(task), task.mode === 'follow'));
    tallies.set(key, tally);
    return tally;
  }

  function corpusOf(task: Task): Corpus {
    return corpus(task.corpus, size);
  }

  function jobOf(task: Task): Job {
    return { command: commandOf(task), input: corpusOf(task).path, mode: task.mode };
  }

  function commandOf(task: Task): readonly string[] {
    const { program, rules, options = [], mode } = task;
    if (program === 'relevel') {
      const asked = [...rulesOptions(rules), ...options];
      if (mode !== 'follow') return [process.execPath, relevel, ...asked];
      return [process.execPath, relevel, 'follow', '--from', 'start', '--grace', '10m', ...asked, corpusOf(task).path];
    }
    if (typeof program === 'string') return baseline(program);
    const library = resolve(dirname(relevel), 'index.cjs');
    return [process.execPath, scriptOf('engines'), library, rulesOptions(rules)[1]!, String(program.engines)];
  }
}

function baseline(program: Plain): readonly string[] {
  if (program === 'cat') return ['cat'];
  if (program === 'node -e 0') return [process.execPath, '-e', '0'];
  return [process.execPath, scriptOf(program)];
}

const scriptOf = (name: string): string => join(import.meta.dirname, 'baselines', `${name}.mjs`);

function rulesOptions(rules: Rules): readonly string[] {
  switch (rules) {
    case 'builtin':
      return [];
    case 'never-answered':
      return ['-r', neverAnswered()];
    case 'each-its-own':
      return ['-r', eachItsOwn()];
    case 'each-lowered':
      return ['-r', eachLowered()];
    case 'next-answers':
      return ['-r', nextAnswers()];
    case 'by-request':
      return ['-r', byRequest()];
    default:
      return ['-r', manyRules(rules.count, rules.asks)];
  }
}

function figureOf({ seconds }: Run, { bytes, lines }: Corpus, unit: 'GB/s' | 'M lines/s' | 'ms'): number {
  switch (unit) {
    case 'GB/s':
      return bytes / 1e9 / seconds;
    case 'M lines/s':
      return lines / 1e6 / seconds;
    case 'ms':
      return seconds * 1000;
  }
}

/** Lines below error: none waits, and so none holds those behind it. */
function unheldLines({ path }: Corpus): readonly string[] {
  const lines = readFileSync(path).toString('utf8', 0, MB).split('\n');
  return lines.filter((line) => !line.startsWith('{"level":50')).slice(0, LATENCY_LINES);
}

function judge(figure: number, bar: Bar | undefined): Pick<Row, 'bar' | 'met'> {
  if (bar === undefined) return { bar: '', met: 'no bar' };
  if ('atLeast' in bar) return { bar: `≥ ${bar.atLeast}`, met: figure >= bar.atLeast ? 'yes' : 'no' };
  return { bar: `≤ ${bar.atMost}`, met: figure <= bar.atMost ? 'yes' : 'no' };
}

/** Three digits: more would be noise. */
const digits = (figure: number): string => String(Number(figure.toPrecision(3)));
