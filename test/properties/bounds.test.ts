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

// Lines of few kinds, so that most wait, are decided, or look back at what there was no room for.
const LOOKING_BACK = `version: 1
rules:
  - id: looks-back
    when: { level: error }
    await: { success: [{ msg: good }], failure: [{ msg: bad }], within: 10ms, silence: success, by: [pid], lookback: 50ms }
    then: { level: debug }
`;
const steps = fc.array(
  fc.record({
    kind: fc.constantFrom('error', 'good', 'bad'),
    pid: fc.integer({ min: 1, max: 6 }),
    after: fc.integer({ min: 0, max: 9 }),
  }),
  { minLength: 20, maxLength: 60 },
);

test('an error whose failure there was no room to remember is not lowered', () => {
  let forgotten = 0;
  fc.assert(
    fc.property(steps, fc.integer({ min: 1, max: 4 }), (each, groups) => {
      let time = 1_758_800_000_000;
      const events = each.map(({ kind, pid, after }) => ({ kind, pid, time: (time += after) }));
      const lines = events.map(({ kind, pid, time: at }) =>
        JSON.stringify({ level: kind === 'error' ? 50 : 30, time: at, pid, msg: kind === 'error' ? 'failed' : kind }),
      );
      const engine = new Engine(rulesOf(LOOKING_BACK), { ...ROOMY, clock: 'replay', groups });
      const source = engine.source('stdin');
      let out = '';
      const input = source.input({ write: (bytes, start, end) => (out += Buffer.from(bytes.subarray(start, end)).toString()) });
      input.push(Buffer.from(lines.map((line) => `${line}\n`).join('')), 0);
      input.end(0);
      source.end(0);

      const left = out.trimEnd().split('\n');
      events.forEach((error, i) => {
        if (error.kind !== 'error') return;
        const last = events.slice(0, i).findLast(({ kind, pid }) => kind !== 'error' && pid === error.pid);
        if (last?.kind === 'bad' && error.time - last.time <= 50) expect(left[i]).toBe(lines[i]);
      });
      forgotten += engine.counts.rules.get('looks-back')!.released.forgotten;
    }),
    { numRuns: 500 },
  );
  expect(forgotten).toBeGreaterThan(100);
});
