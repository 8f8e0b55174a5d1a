import { expect, test } from 'vitest';
import { openEngine } from '../../src/engine/engine.ts';
import type { EngineSettings } from '../../src/engine/settings.ts';
import { ROOMY, rulesOf } from '../support/run.ts';

const FAILED = 'level=error msg=failed pid=1';

/** One line, and a process that ends: what became of the line, and why. `after`: ms from the line to the end. */
function ended(waits: string, code: number, after: number, clock: EngineSettings['clock'] = 'live'): string {
  const rules = rulesOf(`version: 1
rules:
  - id: job
    when: { level: error }
    await: { ${waits} }
    then: { level: info, note: 'code \${event.$exit}' }
    else: { level: warn, note: 'code \${event.$exit}' }
`);
  const engine = openEngine(rules, { ...ROOMY, clock });
  const source = engine.source('job');
  let left = '';
  const input = source.input({ write: (bytes, start, end) => (left += Buffer.from(bytes.subarray(start, end)).toString()) });
  input.push(Buffer.from(`${FAILED}\n`), 1_000);
  input.end(1_000);
  source.exited(code, 1_000 + after, 1_000 + after);
  source.end(1_000 + after);
  const [reason] = Object.entries(engine.counts.rules.get('job')!.released).filter(([, lines]) => lines > 0);
  const note = /relevel\.note="(.*)"/u.exec(left)?.[1];
  const why = /relevel\.why="(.*?)"/u.exec(left)?.[1];
  return `${/level=\w+/u.exec(left)![0]} ${reason?.[0] ?? why}${note === undefined ? '' : `, ${note}`}`;
}

const BOTH = 'success: [{ $exit: { lt: 2 } }], failure: [{ $exit: { gt: 0 } }], within: 1s';

const cases: readonly [claim: string, waits: string, code: number, after: number, fate: string][] = [
  ['a success', BOTH, 0, 40, 'level=info exit 0 after 40 ms, code 0'],
  ['a failure', BOTH, 2, 40, 'level=warn exit 2 after 40 ms, code 2'],
  ['both, which is a failure', BOTH, 1, 40, 'level=warn exit 1 after 40 ms, code 1'],
  ['neither, which the end leaves as it is', 'success: [{ $exit: 0 }], within: 1s', 7, 40, 'level=error ended'],
  ['in the last instant', BOTH, 0, 1_000, 'level=info exit 0 after 1000 ms, code 0'],
  ['too late, which is silence', BOTH, 0, 1_001, 'level=warn silence for 1000 ms, code '],
  [
    'too late, if silence is good',
    'failure: [{ $exit: 1 }], within: 1s, silence: success',
    1,
    1_001,
    'level=info silence for 1000 ms, code ',
  ],
  [
    'a line with a key, which the end has not',
    'success: [{ $exit: 0 }], within: 1s, by: [pid]',
    0,
    5,
    'level=info exit 0 after 5 ms, code 0',
  ],
];

test.each(cases)('the end of a process is %s', (_claim, waits, code, after, fate) => {
  expect(ended(waits, code, after)).toBe(fate);
});

test('in replay no clock tells that it came in time: a failure is believed, a success is not', () => {
  expect(ended(BOTH, 0, 40, 'replay')).toBe('level=error no-time');
  expect(ended(BOTH, 2, 40, 'replay')).toBe('level=warn exit 2 came, code 2');
  expect(ended(BOTH, 0, 40, 'order')).toBe('level=info exit 0 came, code 0');
});
