import type { Counts } from '../../src/engine/counts.ts';
import { openEngine, type EngineInput, type EngineSource } from '../../src/engine/engine.ts';
import type { EngineSettings } from '../../src/engine/settings.ts';
import { UTC } from '../../src/engine/zone.ts';
import { loadRules } from '../../src/rules/load.ts';
import type { RuleSet } from '../../src/rules/rule.ts';

/** Settings under which nothing is ever full. */
export const ROOMY: EngineSettings = {
  clock: 'replay',
  zone: UTC,
  order: 'strict',
  format: 'auto',
  holdLines: 1_000_000,
  holdBytes: 1 << 30,
  groups: 1_000_000,
  groupBytes: 1 << 30,
  maxLine: 65_536,
  maxRecord: 65_536,
  recordWait: 50,
  annotate: true,
  archive: undefined,
};

/** Rules that must load. Throws all their problems where they do not. */
export function rulesOf(text: string): RuleSet {
  const { ruleSet, problems } = loadRules([{ name: 'rules.yaml', text }]);
  if (problems.length > 0) throw new Error(problems.map((problem) => problem.message).join('\n'));
  return ruleSet;
}

/** What comes in, or that time passes. */
export type Arrival =
  { readonly source: string; readonly at: number; readonly line: string } | { readonly source?: undefined; readonly at: number };

export interface Left {
  readonly source: string;
  readonly line: string;
}

type RunOptions = Pick<EngineSettings, 'clock' | 'order'> &
  Partial<EngineSettings> & {
    /** Behind all lines, the processes that wrote them end with this code. */
    readonly exit?: number | undefined;
  };

/** Sends lines through the engine, each in its own chunk, and gives what leaves, in order, without newlines. */
export const run = (rulesText: string, input: readonly Arrival[], options: RunOptions): Left[] =>
  runCounted(rulesText, input, options).left;

/** The same, and what the engine counted. */
export function runCounted(
  rulesText: string,
  input: readonly Arrival[],
  { exit, ...options }: RunOptions,
): { readonly left: Left[]; readonly counts: Counts } {
  const engine = openEngine(rulesOf(rulesText), { ...ROOMY, ...options });
  const left: Left[] = [];
  const open = new Map<string, { readonly source: EngineSource; readonly input: EngineInput }>();
  const streamOf = (name: string): EngineInput => {
    let stream = open.get(name);
    if (stream === undefined) {
      const source = engine.source(name);
      stream = { source, input: source.input(collectLines((line) => left.push({ source: name, line }))) };
      open.set(name, stream);
    }
    return stream.input;
  };
  let now = 0;
  for (const arrival of input) {
    now = arrival.at;
    // What the clock made due strictly before a line came, it has decided by then.
    while (engine.nextDue() < now) engine.advance(engine.nextDue());
    if (arrival.source === undefined) engine.advance(now);
    else streamOf(arrival.source).push(Buffer.from(`${arrival.line}\n`), now);
  }
  for (const { input: each } of open.values()) each.end(now);
  if (exit !== undefined) for (const { source } of open.values()) source.exited(exit, now, now);
  for (const { source } of open.values()) source.end(now);
  return { left, counts: engine.counts };
}

/** A sink that hands on whole lines. */
function collectLines(onLine: (line: string) => void): { write(bytes: Uint8Array, start: number, end: number): void } {
  let rest = '';
  return {
    write(bytes, start, end) {
      const lines = (rest + Buffer.from(bytes.subarray(start, end)).toString()).split('\n');
      rest = lines.pop()!;
      for (const line of lines) onLine(line);
    },
  };
}
