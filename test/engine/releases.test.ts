import { describe, expect, test } from 'vitest';
import { reportOf } from '../../src/cli/report.ts';
import { openEngine } from '../../src/engine/engine.ts';
import { RELEASES, type Release } from '../../src/engine/counts.ts';
import { ROOMY, rulesOf } from '../support/run.ts';

const rule = (text: string): string =>
  `version: 1\nprotect: [{ msg: panic }]\nrules: [{ id: r, when: { msg: failed }, ${text} }]`;
const waits = (more: string): string =>
  rule(`await: { success: [{ msg: ok }], failure: [{ msg: bad }], within: 1s${more} }, then: { level: info }`);
const line = (at: number, msg: string | undefined, more = {}): string =>
  JSON.stringify({ level: 50, time: 1e12 + at, msg, ...more });

/** Lines, and why the rule let the first of them be. */
const cases: readonly (readonly [claim: string, rules: string, lines: readonly string[], reason: Release])[] = [
  ['an event of failure came', waits(''), [line(0, 'failed'), line(1, 'bad')], 'failure'],
  ['the success is spelled in another way', waits(''), [line(0, 'failed'), line(1, 'okay'), line(2000, 'x')], 'silence'],
  ['the success lacks the key', waits(', by: [pid]'), [line(0, 'failed', { pid: 1 }), line(1, 'ok'), line(2000, 'x')], 'silence'],
  ['the success comes too late', waits(''), [line(0, 'failed'), line(1001, 'ok')], 'silence'],
  ['the input ended', waits(''), [line(0, 'failed')], 'ended'],
  ['the input ended, and silence is success', waits(', silence: success'), [line(0, 'failed')], 'ended'],
  ['the line lacks the key', waits(', by: [pid]'), [line(0, 'failed')], 'no-key'],
  ['a protected line came', waits(''), [line(0, 'failed'), line(1, 'other'), line(2, 'panic')], 'protected'],
  ['it lacks the key of a group', rule('repeat: { by: [pid], window: 1m }'), [line(0, 'failed')], 'no-key'],
];

function play(rules: string, lines: readonly string[], size = Infinity) {
  const engine = openEngine(rulesOf(rules), ROOMY);
  const source = engine.source('app.log');
  const input = source.input({ write: () => {} });
  const bytes = Buffer.from(lines.map((each) => `${each}\n`).join(''));
  for (let at = 0; at < bytes.length; at += size) input.push(bytes.subarray(at, at + size), 0);
  input.end(0);
  source.end(0);
  return engine.counts;
}

describe('why a line was released is said apart', () => {
  test.each(cases)('%s', (_claim, rules, lines, reason) => {
    const { released } = play(rules, lines).rules.get('r')!;
    expect(RELEASES.filter((each) => released[each] > 0)).toEqual([reason]);
  });

  test('no message is not a same message', () => {
    const rules = 'version: 1\nrules: [{ id: r, when: { level: error }, repeat: { window: 1m } }]';
    const { released } = play(rules, [line(0, undefined), line(1, ''), line(2, undefined)]).rules.get('r')!;
    expect(released['no-message']).toBe(3);
  });

  test('a missing key with the name of its field, even an odd one', () => {
    const { missing } = play(waits(', by: [pid, __proto__]'), [line(0, 'failed', { pid: 1 }), line(1, 'failed')]).rules.get('r')!;
    expect(Object.entries(missing)).toEqual([
      ['__proto__', 2],
      ['pid', 1],
    ]);
  });

  test.each([Infinity, 1, 7])('a protected line with its number, in chunks of %d bytes', (size) => {
    const lines = ['no record', line(0, 'failed'), 'x'.repeat(70_000), line(1, 'other'), line(2, 'panic'), line(3, 'other')];
    expect(play(waits(''), lines, size).rules.get('r')!.protectedBy).toEqual({ source: 'app.log', line: 5 });
  });

  test('in the summary', () => {
    const { table } = reportOf(
      play(waits(', by: [pid]'), [line(0, 'failed', { pid: 1 }), line(0, 'failed'), line(2, 'panic', { pid: 2 })]),
      'filter',
    );
    expect(table).toContain('last by line 3 of app.log');
    expect(table).toContain('pid: 1');
    expect(table).not.toContain('panic');
  });
});

test('what would have been raised is not counted as lowered', () => {
  const lines = [
    { level: 50, msg: 'failed' },
    { level: 30, msg: 'failed' },
    { level: 40, msg: 'failed' },
  ].map((each) => JSON.stringify(each));
  const of = (text: string): unknown => play(rule(text), lines).rules.get('r');
  expect(of('then: { level: warn }')).toMatchObject({ lowered: 2, stayed: 1 });
  expect(of('repeat: { window: 1m, rest: error }')).toMatchObject({ lowered: 0, stayed: 2 });
});
