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
