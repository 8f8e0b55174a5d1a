import { expect, test } from 'vitest';
import { openEngine } from '../../src/engine/engine.ts';
import type { Observer } from '../../src/engine/observer.ts';
import { ROOMY, rulesOf } from '../support/run.ts';

// Most lines are to be passed over without a look: how many are not, is counted.

const T = 1_758_800_000_000;
const line = (i: number, msg: string, level = 30): string => `${JSON.stringify({ level, time: T + i, pid: 7, msg })}\n`;
const ordinary = (count: number): string[] => Array.from({ length: count }, (_, i) => line(100 + i, `request ${i} completed`));

/** How many lines an engine with these rules looks at. */
function looksAt(rules: string, lines: readonly string[]): number {
  let looks = 0;
  const observer: Observer = {
    looks: () => void (looks += 1),
    rests: () => {},
    spares: () => {},
    waits: () => {},
    ends: () => {},
  };
  const engine = openEngine(rulesOf(rules), ROOMY, { observer });
  const source = engine.source('source');
  const input = source.input({ write: () => {} });
  input.push(Buffer.from(lines.join('')), 0);
  input.end(0);
  source.end(0);
  return looks;
}

test('lines behind a wait that is over are passed over again', () => {
  const rules = `version: 1
rules:
  - id: heals
    when: { level: error, msg: failed }
    await: { success: [{ msg: works again }], within: 5s }
    then: { level: info }
`;
  const lines = [line(0, 'failed', 50), line(1, 'works again'), ...ordinary(3000)];
  expect(looksAt(rules, lines)).toBeLessThan(300);
  // While nothing comes, each line may be the one that decides.
  expect(looksAt(rules, [line(0, 'failed', 50), ...ordinary(1000)])).toBeGreaterThan(900);
});

test('what a rule asks of whole lines is no reason to look at others than those that the rest of its condition finds', () => {
  const asking = (more: string): string => `version: 1
rules:
  - { id: asks, when: { level: info, ${more} $line: { contains: no such text } }, then: { level: debug } }
`;
  expect(looksAt(asking('msg: { starts_with: closing request channel },'), ordinary(1000))).toBe(0);
  // Nothing else tells: the text may stand in a line that goes on with any.
  expect(looksAt(asking(''), ordinary(1000))).toBeGreaterThanOrEqual(1000);
});
