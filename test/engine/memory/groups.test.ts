import { expect, test } from 'vitest';
import { openEngine } from '../../../src/engine/engine.ts';
import { ROOMY, rulesOf } from '../../support/run.ts';

const RULES = 'version: 1\nrules: [{ id: r, when: { level: error }, repeat: { window: 1h, rest: fold } }]';

/** The lines go in one by one; how many groups are open then, and how many bytes their lines have. */
function opened(groupBytes: number, messages: readonly string[]): number {
  const engine = openEngine(rulesOf(RULES), { ...ROOMY, maxRecord: 0, groupBytes });
  const input = engine.source('s').input({ write: () => {} });
  for (const msg of messages) input.push(Buffer.from(`${JSON.stringify({ level: 50, time: 1e12, msg })}\n`), 0);
  return engine.figures.openGroups;
}

const short = Array.from({ length: 50 }, (_, i) => `message ${i}`);
const long = short.map((msg) => msg.padEnd(4000, 'x'));

test('groups keep to their bytes, however many there may be', () => {
  expect(opened(1 << 20, short)).toBe(50);
  // Each takes some 400 bytes, or more than 5,000 with its line.
  expect(opened(10_000, short)).toBeLessThanOrEqual(25);
  expect(opened(10_000, short)).toBeGreaterThan(10);
  expect(opened(100_000, long)).toBeLessThanOrEqual(25);
  expect(opened(0, short)).toBe(1);
});

test('a longer line of a known group drives out others too', () => {
  const again = (msg: string): string[] => [msg, msg];
  const few = short.slice(0, 10);
  expect(opened(6_000, few)).toBe(10);
  const engine = openEngine(rulesOf(RULES.replace('window: 1h', 'by: [{ field: msg, mask: [number] }, pid], window: 1h')), {
    ...ROOMY,
    maxRecord: 0,
    groupBytes: 6_000,
  });
  const input = engine.source('s').input({ write: () => {} });
  const push = (pid: number, msg: string): void =>
    input.push(Buffer.from(`${JSON.stringify({ level: 50, time: 1e12, pid, msg })}\n`), 0);
  for (const pid of few.keys()) again('1').forEach((msg) => push(pid, msg));
  const before = engine.figures.openGroups;
  push(9, '1'.repeat(4000));
  expect(engine.figures.openGroups).toBeLessThan(before);
});

test('a group that is over is not taken for the one that comes in its place', () => {
  const engine = openEngine(rulesOf(RULES.replace('window: 1h', 'window: 10s, by: [pid]')), {
    ...ROOMY,
    clock: 'live',
    maxRecord: 0,
    groups: 2,
  });
  let written = '';
  const input = engine
    .source('s')
    .input({ write: (bytes, start, end) => (written += Buffer.from(bytes.subarray(start, end)).toString()) });
  const push = (pid: number, now: number): string => {
    written = '';
    engine.advance(now);
    input.push(Buffer.from(`${JSON.stringify({ level: 50, pid, msg: 'x' })}\n`), now);
    return written;
  };
  const first = (pid: number): string => `{"level":50,"pid":${pid},"msg":"x"}\n`;
  // So that all is known of lines like these, also which group they come to.
  for (let round = 0; round < 4; round += 1) for (const pid of [1, 1, 2, 2, 3, 3, 4, 4]) push(pid, 0);
  expect([push(1, 0), push(1, 0)].map((out) => out.slice(-first(1).length))).toEqual([first(1), '']);
  for (const pid of [2, 3, 4]) expect(push(pid, 1)).toContain(first(pid));
  // Lines of pid 4 came to the place that was of pid 1.
  expect(push(1, 1)).toContain(first(1));
  expect([push(2, 1), push(3, 2), push(3, 3), push(2, 3)]).toEqual([first(2), first(3), '', '']);
  // By its own first line, not by that of the group whose place it took.
  expect(engine.nextDue()).toBe(10_001);
  expect(push(9, 10_001)).toContain('"repeats":1');
  expect(engine.figures.openGroups).toBe(2);
  engine.advance(10_002);
  expect(engine.figures.openGroups).toBe(1);
  engine.advance(20_001);
  expect([engine.figures.openGroups, engine.nextDue()]).toEqual([0, Infinity]);
  expect(push(3, 30_000)).toBe(first(3));
});
