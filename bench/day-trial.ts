import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Counts } from '../src/engine/counts.ts';
import type { Address } from '../src/sidecar/address.ts';
import { ask } from '../src/sidecar/ask.ts';
import { seeded, type Random } from './random.ts';

const PROGRAM = join(import.meta.dirname, '../dist/relevel.js');

/** ms */
const DAY = 24 * 60 * 60 * 1000;

export interface Day {
  /** An empty folder. */
  readonly folder: string;
  readonly lines: number;
  readonly reloads: number;
  readonly seed: number;
}

/** How things stood at one moment. */
export interface DaySample {
  /** Of the day's events, h. */
  readonly hours: number;
  /** Since the start, s. */
  readonly seconds: number;
  readonly lines: number;
  readonly residentBytes: number;
}

export interface DayResult {
  /** What the program counted, all rules together. */
  readonly counts: Pick<Counts, 'linesIn' | 'linesOut' | 'unchanged' | 'changed' | 'folded' | 'summaries'>;
  /** What was seen of its output. */
  readonly seen: Seen;
  readonly adopted: number;
  readonly samples: readonly DaySample[];
  /** Objects and buffers at every tenth reload; between two collections they rise, what is left after each is what is kept. */
  readonly kept: readonly { readonly hours: number; readonly bytes: number }[];
  readonly exit: number | NodeJS.Signals;
  readonly said: string;
}

/**
 * A day of events, each with its time, the last of them now, through a live pipe as fast as it goes; the rules
 * change and are reloaded all along it. Throws where a reload fails.
 */
export async function runDay({ folder, lines, reloads, seed }: Day): Promise<DayResult> {
  const rules = join(folder, 'rules.yaml');
  const address = { kind: 'unix', path: join(folder, 'socket') } as const;
  writeFileSync(rules, rulesOf(0));
  const child = spawn(
    process.execPath,
    [PROGRAM, '-r', rules, '--listen', `unix:${address.path}`, '--summary', '--log-format', 'json'],
    { env: { PATH: process.env['PATH'] } },
  );
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (said += chunk));
  const ended = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | NodeJS.Signals);
  const seen = see(child);
  const samples: DaySample[] = [];
  const kept: { readonly hours: number; readonly bytes: number }[] = [];
  const start = performance.now();
  let written = 0;
  const look = (): void => {
    const residentBytes = residentOf(child.pid!);
    const seconds = (performance.now() - start) / 1000;
    if (residentBytes > 0) samples.push({ hours: (24 * written) / lines, seconds, lines: written, residentBytes });
  };
  const timer = setInterval(look, 250);

  const metrics = async (): Promise<string> => (await ask(address, { method: 'GET', path: '/metrics', patience: 60_000 })).body;
  const reload = async (): Promise<void> => {
    const { status, body } = await ask(address, { method: 'POST', path: '/-/reload', patience: 60_000 });
    if (status !== 200 || !body.startsWith('reloaded')) throw new Error(`reload: ${status} ${body}`);
  };
  try {
    await untilAnswered(address);
    const make = linesOf(seeded(seed), Date.now() - DAY, DAY / lines);
    for (let nth = 0; written < lines; nth += 1) {
      if (nth > 0) {
        writeFileSync(`${rules}.new`, rulesOf(nth));
        renameSync(`${rules}.new`, rules);
        await reload();
        if (nth % 10 === 0) kept.push({ hours: (24 * written) / lines, bytes: keptBy(await metrics()) });
      }
      for (const end = Math.floor((lines * (nth + 1)) / (reloads + 1)); written < end;) {
        const count = Math.min(1000, end - written);
        const isRoomy = child.stdin.write(make(count));
        written += count;
        if (!isRoomy) await once(child.stdin, 'drain');
      }
    }
    look();
    const adopted = figureOf(await metrics(), 'relevel_reloads_total{outcome="adopted"}');
    child.stdin.end();
    const exit = await ended;
    const { counts } = JSON.parse(said.trimEnd().split('\n').at(-1)!) as { counts: DayResult['counts'] };
    return { counts, seen: seen.result(), adopted, samples, kept, exit, said };
  } finally {
    clearInterval(timer);
    child.kill('SIGKILL');
  }
}

/** Throws where nobody does within half a minute. */
async function untilAnswered(address: Address): Promise<void> {
  for (const deadline = performance.now() + 30_000; ;) {
    try {
      await ask(address, { method: 'GET', path: '/healthz', patience: 5_000 });
      return;
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await setTimeout(20);
    }
  }
}

/** The value of a series. */
function figureOf(metrics: string, series: string): number {
  const line = metrics.split('\n').find((text) => text.startsWith(`${series} `));
  return line === undefined ? Number.NaN : Number(line.slice(series.length));
}

const keptBy = (metrics: string): number =>
  figureOf(metrics, 'nodejs_heap_size_used_bytes') + figureOf(metrics, 'nodejs_external_memory_bytes');

const residentOf = (pid: number): number =>
  Number(/^VmRSS:\s+(\d+) kB$/mu.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;

/**
 * Two rules that stay as they are, so that their waits and groups are carried over; one that changes each time, so that
 * its groups are closed and its waits let go; and one that comes and goes.
 */
const rulesOf = (nth: number): string => `version: 1
rules:
  - id: probe
    when: { level: error, msg: { starts_with: 'cannot reach' } }
    await: { success: [{ msg: { starts_with: 'connected to' } }], within: 30s, by: [job] }
    then: { level: debug }
  - id: unsupported
    when: { level: error, code: EOPNOTSUPP }
    then: { level: warn }
    repeat: { by: [interface], window: 10m, rest: fold }
  - id: late
    why: Version ${nth}.
    when: { level: warn, msg: { contains: 'slow' } }
    await: { success: [{ msg: 'caught up' }], within: ${10 + (nth % 50)}s, by: [job] }
    then: { level: info }
    repeat: { by: [job], window: ${5 + (nth % 7)}m, rest: fold }
${nth % 2 === 0 ? '' : `  - { id: comes-and-goes, when: { level: warn, msg: { contains: 'retry' } }, then: { level: info } }\n`}`;

/** Gives so many lines at a call, each a step later than the one before. */
function linesOf(random: Random, from: number, step: number): (count: number) => string {
  let at = from;
  let job = 0;
  const line = (level: number, rest: string): string => `{"level":${level},"time":${Math.floor(at)},"pid":4711,${rest}}\n`;
  const texts = Array.from(
    { length: 64 },
    () => `"msg":"request ${random.hex(8)} answered with 200 by /api/v1/${random.hex(4)}"`,
  );
  return (count) => {
    let text = '';
    for (let i = 0; i < count; i += 1, at += step) {
      const chance = random.below(1000);
      if (chance < 970) text += line(30, texts[chance % 64]!);
      else if (chance < 985) text += line(50, `"code":"EOPNOTSUPP","interface":"veth${random.below(200)}","msg":"no statistics"`);
      else if (chance < 988) text += line(50, `"job":${(job += 1)},"msg":"cannot reach db-1"`);
      else if (chance < 991) text += line(30, `"job":${job - random.below(2)},"msg":"connected to db-2"`);
      else if (chance < 995) text += line(40, `"job":${random.below(300)},"msg":"slow answer"`);
      else if (chance < 997) text += line(30, `"job":${random.below(300)},"msg":"caught up"`);
      else text += line(40, `"job":${random.below(300)},"msg":"retry"`);
    }
    return text;
  };
}

interface Seen {
  readonly lines: number;
  readonly changed: number;
  readonly summaries: number;
  /** By what the summaries say. */
  readonly folded: number;
}

const ANNOTATION = Buffer.from(',"relevel":{');
const LF = 0x0a;

/** Reads what a program writes, by other means than the program's own. */
function see({ stdout }: ChildProcess): { readonly result: () => Seen } {
  let [lines, changed, summaries, folded] = [0, 0, 0, 0];
  let rest: Buffer = Buffer.alloc(0);
  stdout!.on('data', (chunk: Buffer) => {
    const whole = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const end = whole.lastIndexOf(LF) + 1;
    for (let at = 0; at < end; at += 1) if (whole[at] === LF) lines += 1;
    for (let at = whole.indexOf(ANNOTATION); at !== -1 && at < end; at = whole.indexOf(ANNOTATION, at + 1)) {
      const repeats = /"repeats":(\d+)/u.exec(whole.toString('latin1', at, whole.indexOf(LF, at)))?.[1];
      if (repeats === undefined) changed += 1;
      else {
        summaries += 1;
        folded += Number(repeats);
      }
    }
    rest = whole.subarray(end);
  });
  return { result: () => ({ lines, changed, summaries, folded }) };
}

/** What does not add up; nothing: all does. */
export function faultsOf(
  { lines, reloads }: Pick<Day, 'lines' | 'reloads'>,
  { counts, seen, adopted, exit }: DayResult,
): string[] {
  const { linesIn, linesOut, unchanged, changed, folded, summaries } = counts;
  const claims: readonly (readonly [claim: string, left: number, right: number])[] = [
    ['lines in', linesIn, lines],
    ['in = unchanged + changed + folded', lines, unchanged + changed + folded],
    ['out = unchanged + changed + summaries', linesOut, unchanged + changed + summaries],
    ['lines out', linesOut, seen.lines],
    ['changed', changed, seen.changed],
    ['summaries', summaries, seen.summaries],
    ['folded', folded, seen.folded],
    ['reloads', adopted, reloads],
    ['exit code', Number(exit), 0],
  ];
  return claims.flatMap(([claim, left, right]) => (left === right ? [] : [`${claim}: ${left}, not ${right}`]));
}

/** The values in each quarter of the day. */
export function quartersOf<Sample extends { readonly hours: number }>(
  samples: readonly Sample[],
  valueOf: (sample: Sample) => number,
): number[][] {
  return [0, 6, 12, 18].map((from) => samples.filter(({ hours }) => hours >= from && hours <= from + 6).map(valueOf));
}
