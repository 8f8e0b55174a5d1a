import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openEngine } from '../../src/engine/engine.ts';
import { loadRules } from '../../src/rules/load.ts';
import { rulesFile } from '../support/arbitraries/rules-files.ts';
import { stream } from '../support/arbitraries/streams.ts';
import { slices } from '../support/feed.ts';
import { ROOMY, rulesOf, run } from '../support/run.ts';

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
        const engine = openEngine(rulesOf(rules), { ...ROOMY, ...bounds });
        const source = engine.source('stdin');
        let left = 0;
        const input = source.input({ write: (_, start, end) => (left += end - start) });
        const lines = arrivals.flatMap((arrival) => (arrival.source === undefined ? [] : [`${arrival.line}\n`]));
        let came = 0;
        for (const chunk of slices(Buffer.from(lines.join('')), sizes)) {
          input.push(chunk, 0);
          came += chunk.length;
          expect(engine.figures.heldLines).toBeLessThanOrEqual(bounds.holdLines);
          expect(engine.figures.heldBytes).toBeLessThanOrEqual(bounds.holdBytes);
          expect(engine.figures.openGroups).toBeLessThanOrEqual(bounds.groups);
          held = Math.max(held, engine.figures.heldLines);
        }
        input.end(0);
        source.end(0);
        expect([engine.figures.heldLines, engine.figures.heldBytes, engine.figures.openGroups]).toEqual([0, 0, 0]);
        expect(engine.counts.bytesOut).toBe(left);
        expect(engine.counts.bytesIn).toBe(came);
      },
    ),
    { numRuns: 300 },
  );
  expect(held).toBeGreaterThan(3);
});

// Lines of few kinds, so that most wait, are decided, or look back at what there was no room for.
const lookingBack = (verdicts: string): string => `version: 1
rules:
  - id: looks-back
    when: { level: error }
    await: { success: [{ msg: good }], failure: [{ msg: bad }], within: 10ms, by: [pid], lookback: 50ms, silence: ${verdicts}
`;
const steps = fc.array(
  fc.record({
    kind: fc.constantFrom('error', 'good', 'bad'),
    pid: fc.integer({ min: 1, max: 6 }),
    after: fc.integer({ min: 0, max: 9 }),
  }),
  { minLength: 20, maxLength: 60 },
);

/** What there was no room to remember, and what the line must then not become. */
const missing: readonly [event: 'good' | 'bad', verdicts: string, wrong: number][] = [
  ['bad', 'success }\n    then: { level: debug }', 20],
  ['good', 'failure }\n    then: { level: debug }\n    else: { level: fatal }', 60],
];

test.each(missing)('an error whose "%s" there was no room to remember is not taken for another', (event, verdicts, wrong) => {
  let forgotten = 0;
  const rules = rulesOf(lookingBack(verdicts));
  fc.assert(
    fc.property(steps, fc.integer({ min: 1, max: 4 }), (each, groups) => {
      let time = 1_758_800_000_000;
      const events = each.map(({ kind, pid, after }) => ({ kind, pid, time: (time += after) }));
      const lines = events.map(({ kind, pid, time: at }) =>
        JSON.stringify({ level: kind === 'error' ? 50 : 30, time: at, pid, msg: kind === 'error' ? 'failed' : kind }),
      );
      const engine = openEngine(rules, { ...ROOMY, clock: 'replay', groups });
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
        if (last?.kind === event && error.time - last.time <= 50) expect(left[i]).not.toContain(`{"level":${wrong},`);
      });
      forgotten += engine.counts.rules.get('looks-back')!.released.forgotten;
    }),
    { numRuns: 500 },
  );
  expect(forgotten).toBeGreaterThan(100);
});

const TIGHT = fc.record({
  order: fc.constantFrom('strict' as const, 'relaxed' as const),
  clock: fc.constantFrom('replay' as const, 'live' as const),
  holdLines: fc.integer({ min: 0, max: 4 }),
  holdBytes: fc.constantFrom(0, 300, 800, 1 << 20),
  groups: fc.integer({ min: 1, max: 3 }),
  groupBytes: fc.constantFrom(0, 300, 1 << 20),
});
// A group that is closed early begins another window, and what was not lowered leaves some of a budget: both to later lines.
const rulesWithoutCounts = rulesFile
  .map((text) => text.replaceAll(/, repeat: \{.*?rest: \w+ \}/gu, '').replaceAll(/, budget: \{.*?\}/gu, ''))
  .filter((text) => loadRules([{ name: 'rules.yaml', text }]).problems.length === 0);

test('what leaves unchanged where there is room for all, leaves unchanged where there is none', () => {
  let more = 0;
  fc.assert(
    fc.property(rulesWithoutCounts, stream, TIGHT, (rules, arrivals, { order, clock, ...bounds }) => {
      const came = new Set(arrivals.flatMap((arrival) => (arrival.source === undefined ? [] : [arrival.line])));
      const unchanged = (within: Partial<typeof bounds>): string[] =>
        run(rules, arrivals, { order, clock, ...within })
          .map(({ line }) => line)
          .filter((line) => came.has(line));
      const tight = unchanged(bounds);
      more += tight.length;
      for (const line of unchanged({})) {
        const at = tight.indexOf(line);
        expect(at === -1 ? `changed: ${line}` : line).toBe(line);
        tight.splice(at, 1);
        more -= 1;
      }
    }),
    { numRuns: 500 },
  );
  expect(more).toBeGreaterThan(200);
});

test('a record that is let go unjudged for want of room proves no silence', () => {
  const rules = `version: 1
rules:
  - id: looks-back
    when: { level: { at_least: info } }
    await: { success: [{ msg: good }], failure: [{ msg: bad }], within: 500ms, lookback: 3s, silence: success }
    then: { level: trace }
`;
  const arrivals = [
    { source: 'a', at: 0, line: 'ts=1735689601 level=warn msg=bad' },
    { source: 'b', at: 0, line: 'ts=1735689601 level=error msg=other' },
    { source: 'a', at: 0, line: 'ts=1735689601.1 level=warn msg=failed' },
    { source: 'a', at: 0, line: 'ts=1735689602 level=info msg=late' },
  ];
  const left = run(rules, arrivals, { order: 'strict', clock: 'replay', holdLines: 1 });
  expect(left.map(({ line }) => line).toSorted()).toEqual(arrivals.map(({ line }) => line).toSorted());
});

test('a line is not judged without the lines that continue it for want of room', () => {
  const rules = `version: 1
rules:
  - { id: one-line, when: { level: error, $line: { matches: 'failed$' } }, then: { level: info } }
`;
  const lines = [
    '2025-01-01T00:00:00Z ERROR it failed',
    '\tat com.acme.Pool.get(Pool.java:12)',
    '2025-01-01T00:00:01Z ERROR it failed',
  ];
  const arrivals = lines.map((line) => ({ source: 'a', at: 0, line }));
  for (const holdLines of [0, 10]) {
    const left = run(rules, arrivals, { order: 'strict', clock: 'replay', holdLines }).map(({ line }) => line);
    expect(left.slice(0, 2)).toEqual(lines.slice(0, 2));
  }
});
