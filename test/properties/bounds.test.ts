import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Engine } from '../../src/engine/engine.ts';
import { rulesFile } from '../support/arbitraries/rules-files.ts';
import { stream } from '../support/arbitraries/streams.ts';
import { slices } from '../support/feed.ts';
import { ROOMY, rulesOf } from '../support/run.ts';

const settings = fc.record({
  order: fc.constantFrom('strict' as const, 'relaxed' as const),
  holdLines: fc.integer({ min: 0, max: 5 }),
  holdBytes: fc.integer({ min: 0, max: 800 }),
  groups: fc.integer({ min: 1, max: 3 }),
});

test('what is held and counted stays within its bounds, whatever comes', () => {
  let held = 0;
  fc.assert(
    fc.property(
      rulesFile,
      stream,
      settings,
      fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1 }),
      (rules, arrivals, bounds, sizes) => {
        const engine = new Engine(rulesOf(rules), { ...ROOMY, ...bounds });
        const source = engine.source('stdin');
        let left = 0;
        const input = source.input({ write: (_, start, end) => (left += end - start) });
        const lines = arrivals.flatMap((arrival) => (arrival.source === undefined ? [] : [`${arrival.line}\n`]));
        let came = 0;
        for (const chunk of slices(Buffer.from(lines.join('')), sizes)) {
          input.push(chunk, 0);
          came += chunk.length;
          expect(engine.heldLines).toBeLessThanOrEqual(bounds.holdLines);
          expect(engine.heldBytes).toBeLessThanOrEqual(bounds.holdBytes);
          expect(engine.groups.size).toBeLessThanOrEqual(bounds.groups);
          held = Math.max(held, engine.heldLines);
        }
        input.end(0);
        source.end(0);
        expect([engine.heldLines, engine.heldBytes, engine.groups.size]).toEqual([0, 0, 0]);
        expect(engine.counts.bytesOut).toBe(left);
        expect(engine.counts.bytesIn).toBe(came);
      },
    ),
    { numRuns: 300 },
  );
  expect(held).toBe(5);
});
