import fc from 'fast-check';
import { expect } from 'vitest';
import { openEngine } from '../../src/engine/engine.ts';
import type { EngineSettings } from '../../src/engine/settings.ts';
import type { RuleSet } from '../../src/rules/rule.ts';
import { stream } from './arbitraries/streams.ts';
import { pushWith, slices } from './feed.ts';
import { Kernel } from '../../src/kernel/kernel.ts';
import { PlainTape } from './reference/tape.ts';
import { ROOMY } from './run.ts';

export interface Outcome {
  readonly outputs: readonly string[];
  readonly counts: unknown;
  /** Lines of which all was known by those that were alike. */
  readonly alike: number;
}

/** An engine that takes chunks one by one, and knows of lines which are alike, or does not. */
export function open(rules: RuleSet, settings: Partial<EngineSettings>, knowsAlike: boolean, step = 0) {
  const kernel = new Kernel();
  if (!knowsAlike) Object.assign(kernel, { tape: new PlainTape(kernel) });
  const engine = openEngine(rules, { ...ROOMY, ...settings }, { kernel });
  const written: Buffer[][] = [[], [], []];
  const sources = ['stdin', 'other'].map((name) => engine.source(name));
  // Both streams of a child are inputs of one source, and each has its own order.
  const inputs = written.map((pieces, i) =>
    sources[i >> 1]!.input({ write: (bytes, start, end) => void pieces.push(Buffer.from(bytes.subarray(start, end))) }),
  );
  let now = BASE;
  return {
    push: (chunk: Buffer, i: number): void => {
      now += step;
      if (settings.clock === 'live') engine.advance(now);
      pushWith(engine, inputs[i % inputs.length]!, chunk, now, knowsAlike);
    },
    end: (): Outcome => {
      for (const input of inputs) input.end(now);
      for (const source of sources) source.end(now);
      return {
        outputs: written.map((pieces) => Buffer.concat(pieces).toString('latin1')),
        counts: engine.counts,
        alike: engine.figures.alikeLines,
      };
    },
  };
}

/** Sends chunks through an engine, so many ms after one another. */
export function send(
  rules: RuleSet,
  chunks: readonly Buffer[],
  settings: Partial<EngineSettings>,
  knowsAlike: boolean,
  step?: number,
): Outcome {
  const engine = open(rules, settings, knowsAlike, step);
  chunks.forEach(engine.push);
  return engine.end();
}

/** What the times of generated lines are near to. */
export const BASE = Date.UTC(2025, 8, 25, 12);

export function agree(rules: RuleSet, chunks: readonly Buffer[], settings: Partial<EngineSettings>, step?: number): number {
  const ours = send(rules, chunks, settings, true, step);
  const { alike, ...plain } = send(rules, chunks, settings, false, step);
  expect(ours).toEqual({ ...plain, alike: ours.alike });
  expect(alike).toBe(0);
  return ours.alike;
}

/** Lines that come again and again, so that there is something to fold. */
export const repeating = fc.tuple(stream, fc.array(fc.nat(), { minLength: 10, maxLength: 60 })).map(([arrivals, order]) => {
  const lines = arrivals.flatMap((arrival) => (arrival.source === undefined ? [] : [arrival.line]));
  return lines.length === 0 ? [] : order.map((which) => lines[which % Math.min(lines.length, 6)]!);
});

/** The same rules, so that more is folded: nothing waits, and nothing is counted out. */
export const foldsMore = ({ rules, protect }: RuleSet): RuleSet => ({
  protect,
  rules: rules.map((rule) => ({ ...rule, await: undefined, budget: undefined })),
});

export const chunked = (lines: readonly string[], sizes: readonly number[]): Buffer[] =>
  slices(Buffer.from(lines.map((line) => `${line}\n`).join('')), sizes);
