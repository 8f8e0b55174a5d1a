import { expect, test } from 'vitest';
import { run } from '../../support/run.ts';

const RULES = `version: 1
rules:
  - id: r
    when: { msg: failed }
    await: { success: [{ msg: ok }], within: 1ms, lookback: 500ms }
    then: { level: debug }
`;
const line = (level: number, time: number, msg: string): string => JSON.stringify({ level, time: 1e12 + time, msg });

test.each([
  [500, true],
  [501, false],
])('an event %d ms before the line decides it: %s', (time, decides) => {
  const lines = [line(30, 0, 'ok'), line(50, time, 'failed'), line(30, 9999, 'x')];
  const left = run(
    RULES,
    lines.map((each) => ({ source: 's', at: 0, line: each })),
    { clock: 'replay', order: 'strict' },
  );
  expect(left[1]!.line.includes('"level":20')).toBe(decides);
});
