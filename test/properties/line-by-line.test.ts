import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openEngine } from '../../src/engine/engine.ts';
import type { EngineSettings } from '../../src/engine/settings.ts';
import type { RuleSet } from '../../src/rules/rule.ts';
import { rulesFile } from '../support/arbitraries/rules-files.ts';
import { stream } from '../support/arbitraries/streams.ts';
import { feed } from '../support/feed.ts';
import { ROOMY, rulesOf } from '../support/run.ts';

// A stream of lines, each with a value that leaves for it, is the stream of bytes said otherwise.

/** A line as somebody's own object. */
interface Mine {
  readonly text: string;
}

interface Left {
  /** The object itself, where the line left as it came. */
  readonly same: Mine | undefined;
  readonly text: string;
}

function feedLines(rules: RuleSet, lines: readonly Mine[], settings: Partial<EngineSettings>) {
  const engine = openEngine(rules, { ...ROOMY, ...settings });
  const left: Left[] = [];
  const source = engine.source('stdin');
  const input = source.lineInput<Mine>({
    same: (line) => left.push({ same: line, text: line.text }),
    made: (bytes) => left.push({ same: undefined, text: bytes.toString('utf8', 0, bytes.length - 1) }),
  });
  for (const line of lines) {
    const lent = Buffer.from(`${line.text}\n`);
    input.push(line, lent, 0);
    lent.fill(0x21);
    expect(engine.figures.heldLines).toBeLessThanOrEqual(engine.settings.holdLines);
    expect(engine.figures.heldBytes).toBeLessThanOrEqual(engine.settings.holdBytes);
  }
  input.end(0);
  source.end(0);
  expect([engine.figures.heldLines, engine.figures.heldBytes]).toEqual([0, 0]);
  return { left, counts: engine.counts };
}

const roomy = fc.record({ order: fc.constantFrom('strict' as const, 'relaxed' as const) });
const tight = fc.record({
  order: fc.constantFrom('strict' as const, 'relaxed' as const),
  holdLines: fc.integer({ min: 0, max: 5 }),
  holdBytes: fc.integer({ min: 0, max: 800 }),
  groups: fc.integer({ min: 1, max: 3 }),
  maxLine: fc.integer({ min: 20, max: 200 }),
});

test('what leaves line by line is what leaves as bytes', () => {
  let changed = 0;
  let same = 0;
  fc.assert(
    fc.property(rulesFile.map(rulesOf), stream, fc.oneof(roomy, tight), (rules, arrivals, settings) => {
      const lines = arrivals.flatMap((arrival) => (arrival.source === undefined ? [] : [{ text: arrival.line }]));
      const chunks = lines.map(({ text }) => Buffer.from(`${text}\n`));
      const ofBytes = feed(rules, chunks, settings);
      const ofLines = feedLines(rules, lines, settings);
      expect(ofLines.left.map(({ text }) => `${text}\n`).join('')).toBe(ofBytes.output.toString());
      expect(ofLines.counts).toEqual(ofBytes.counts);
      changed += ofLines.counts.changed + ofLines.counts.folded;

      // Each object at most once, and in order.
      const objects = ofLines.left.flatMap((one) => (one.same === undefined ? [] : [lines.indexOf(one.same)]));
      expect(objects).toHaveLength(ofLines.counts.unchanged);
      if (settings.order === 'strict') expect(objects).toEqual(objects.toSorted((a, b) => a - b));
      expect(new Set(objects).size).toBe(objects.length);
      same += objects.length;
    }),
    { numRuns: 300 },
  );
  expect(Math.min(changed, same)).toBeGreaterThan(100);
});
