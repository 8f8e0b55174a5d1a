import { describe, expect, test } from 'vitest';
import type { Clock } from '../../src/engine/settings.ts';
import { feed, slices } from '../support/feed.ts';
import { ROOMY, run, rulesOf } from '../support/run.ts';
import { klogIn, zoneNamed } from '../support/zones.ts';
import { openEngine } from '../../src/engine/engine.ts';
import { isGroupState, type SourceState } from '../../src/engine/memory/carry.ts';

const AWAIT = `
version: 1
rules:
  - id: waits
    when: { msg: { contains: cannot } }
    await: { success: [{ msg: { contains: well } }], failure: [{ msg: { contains: gave up } }], within: 5s, by: [] }
    then: { level: info }
    else: { level: error }
`;
const SILENT = AWAIT.replace('by: []', 'by: [], silence: success');

/** When the first line comes, in live. */
const NOW = Date.UTC(2024, 2, 1, 15);

/** What becomes of lines that come one after the other, each so many ms after the first. */
function live(rules: string, zone: string, lines: readonly (readonly [after: number, line: string])[]): string[] {
  const input = lines.map(([after, line]) => ({ source: 's', at: NOW + after, line }));
  return run(rules, input, { clock: 'live', order: 'strict', zone: zoneNamed(zone) }).map(({ line }) => line);
}

const json = (after: number, msg: string): string =>
  JSON.stringify({ level: 'info', time: new Date(NOW + after).toISOString(), msg });

describe.each(['America/New_York', 'Asia/Kolkata', 'UTC'])('in live, on a host in %s', (zone) => {
  const klog = (after: number, letter: string, msg: string): string => klogIn(zone, NOW + after, letter, msg);

  test('a line in UTC does not end the wait of a header without a zone', () => {
    const lines = [[0, klog(0, 'W', 'cannot')], [600, json(600, 'other')], [900, json(900, 'gave up')]] as const; // prettier-ignore
    expect(live(SILENT, zone, lines)[0]).toContain('relevel.was=W relevel.why="failure after 900 ms"');
  });

  test('headers are compared among themselves', () => {
    const lines = [[0, klog(0, 'W', 'cannot')], [600, klog(4000, 'I', 'well')]] as const; // prettier-ignore
    expect(live(AWAIT, zone, lines)[0]).toContain('relevel.why="success after 4000 ms"');
    const late = [[0, klog(0, 'W', 'cannot')], [600, klog(6000, 'I', 'well')]] as const; // prettier-ignore
    expect(live(AWAIT, zone, late)[0]).toContain('relevel.why="silence for 5000 ms"');
  });

  test('a header of another zone may be in the future, and then has no time', () => {
    const lines = [[0, klog(0, 'W', 'cannot')], [10, klogIn('Pacific/Kiritimati', NOW, 'I', 'well')]] as const; // prettier-ignore
    expect(live(AWAIT, zone, lines)[0]).toContain('relevel.why="success after 0 ms"');
  });
});

test.each(['failure: [{ msg: { contains: gave up } }], ', ''])('two services whose clocks differ are not compared', (failure) => {
  const rules = SILENT.replace('failure: [{ msg: { contains: gave up } }], ', failure);
  const logfmt = 'time=2024-03-01T15:00:00Z level=warn msg=cannot';
  const ahead = JSON.stringify({ level: 'info', '@timestamp': '2024-03-01T15:00:50Z', msg: 'other' });
  const lines = [[0, logfmt], [600, ahead], [900, ahead.replace('other', 'gave up')]] as const; // prettier-ignore
  const [first] = live(rules, 'UTC', lines);
  if (failure === '') expect(first).toBe(logfmt);
  else expect(first).toContain('level=error');
});

const pieces = [1, 7, 40, 90, 1000];

test('a header behind a line that tells the year is read the same, however the bytes are cut', () => {
  const lines = [
    '{"level":"info","time":"2023-12-31T23:59:50Z","msg":"nobody asks for this"}',
    'W1231 23:59:59.000000       1 a.go:1] cannot',
    'I0101 00:00:01.000000       1 a.go:1] well',
    'I0101 00:00:02.000000       1 a.go:1] nobody asks for this',
    'W0101 00:00:03.000000       1 a.go:1] cannot',
    'I0101 00:00:09.000000       1 a.go:1] well',
  ];
  const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
  const whole = feed(rulesOf(AWAIT), [bytes]).output.toString();
  expect(whole).toContain('cannot relevel.rule=waits relevel.was=W relevel.why="success after 2000 ms"');
  expect(whole).toContain('cannot relevel.rule=waits relevel.was=W relevel.why="silence for 5000 ms"');
  for (const size of pieces) expect(feed(rulesOf(AWAIT), slices(bytes, [size])).output.toString()).toBe(whole);
  expect(feed(rulesOf(AWAIT), lines.map((line) => Buffer.from(`${line}\n`))).output.toString()).toBe(whole); // prettier-ignore
});

const SUMMING = `
version: 1
rules:
  - { id: folds, when: { level: error }, then: { level: warn }, repeat: { by: [], window: 10m, rest: fold } }
`;

const summaries: readonly [claim: string, clock: Clock, lines: readonly string[], first: string | undefined][] = [
  [
    'the year after, at its beginning',
    'replay',
    ['ts=2023-12-31T23:59:59Z level=info msg=x', 'E0101 00:00:01.000000 1 a.go:1] x', 'E0101 00:00:01.500000 1 a.go:1] x'],
    '2024-01-01T00:00:01.000Z',
  ],
  [
    'the year before, at its end',
    'replay',
    ['ts=2024-01-01T00:00:01Z level=info msg=x', 'E1231 23:59:59.000000 1 a.go:1] x', 'E1231 23:59:59.500000 1 a.go:1] x'],
    '2023-12-31T23:59:59.000Z',
  ],
  [
    'no year, if nothing tells it',
    'replay',
    ['E0101 00:00:01.000000 1 a.go:1] x', 'E0101 00:00:01.500000 1 a.go:1] x'],
    '01-01T00:00:01.000Z',
  ],
  [
    "the clock's year in live",
    'live',
    ['E1231 23:59:59.000000 1 a.go:1] x', 'E1231 23:59:59.500000 1 a.go:1] x'],
    '2023-12-31T23:59:59.000Z',
  ],
];

test.each(summaries)('a header is of %s', (_, clock, lines, first) => {
  const input = lines.map((line) => ({ source: 's', at: NOW, line }));
  const summary = run(SUMMING, input, { clock, order: 'strict' }).at(-1)!.line;
  expect(/relevel.first=(\S+)/u.exec(summary)?.[1]).toBe(first);
});

const instants: readonly [claim: string, first: string, second: string][] = [
  ['a comma before the fraction', '{"level":50,"asctime":"2024-03-01 10:00:00,250","msg":"x"}', '2024-03-01T10:00:00.250Z'],
  ['no zone', 'ts=2024-03-01T10:00:00 level=error msg=x', '2024-03-01T10:00:00.000Z'],
  [
    'a duration before the time',
    '{"level":50,"time":0.52,"ts":"2024-03-01T10:00:00+0900","msg":"x"}',
    '2024-03-01T01:00:00.000Z',
  ],
  ['a duration with its unit', '{"time":"12ms","level":50,"@t":1709287200,"msg":"x"}', '2024-03-01T10:00:00.000Z'],
  ['a number as a text', '{"level":50,"__REALTIME_TIMESTAMP":"1709287200000000","msg":"x"}', '2024-03-01T10:00:00.000Z'],
  ['a short name', '{"level":50,"t":1709287200000,"msg":"x"}', '2024-03-01T10:00:00.000Z'],
  ['a short name in logfmt', 't=1709287200 level=error msg=x', '2024-03-01T10:00:00.000Z'],
  ['Serilog and others', '{"Timestamp":"2024-03-01T10:00:00.25Z","level":"error","msg":"x"}', '2024-03-01T10:00:00.250Z'],
  ['Log4j', '{"timeMillis":1709287200000,"level":"ERROR","message":"x"}', '2024-03-01T10:00:00.000Z'],
  [
    'an escape in the time',
    String.raw`{"level":50,"datetime":"2024\u002d03-01T10:00:00Z","msg":"x"}`,
    '2024-03-01T10:00:00.000Z',
  ],
];

test.each(instants)('reads a time with %s', (_, line, instant) => {
  const { output } = feed(rulesOf(SUMMING), [Buffer.from(`${line}\n${line}\n`)]);
  expect(output.toString()).toContain(instant);
  // Also of a line that nobody looks at, for the one behind it.
  const before = Buffer.from(`${line.replace('50', '30').replace(/error/iu, 'info')}\n${'level=error msg=x\n'.repeat(2)}`);
  expect(feed(rulesOf(SUMMING), [before]).output.toString()).toContain(instant);
});

const syslog = (time: string, text: string): string => `<11>${time} host app[7]: ${text}\n`;

test("a line without a time has syslog's, which names no year", () => {
  const text = syslog('Mar  1 10:00:00', 'level=warn msg=cannot') + syslog('Mar  1 10:00:04', 'level=info msg=well');
  const { output } = feed(rulesOf(AWAIT), [Buffer.from(text)], { envelope: 'auto' });
  expect(output.toString()).toContain('relevel.why="success after 4000 ms"');
});

test('a group keeps its clock over a restart', () => {
  const open = () => {
    const engine = openEngine(rulesOf(SUMMING), { ...ROOMY, clock: 'live', maxRecord: 0 });
    const written: string[] = [];
    const source = engine.source('s');
    const input = source.input({
      write: (bytes, start, end) => written.push(Buffer.from(bytes.subarray(start, end)).toString()),
    });
    const push = (line: string): void => input.push(Buffer.from(`${line}\n`), NOW);
    return { written, source, push };
  };
  const error = (minute: number): string => `time=2024-03-01T14:${minute}:00Z level=error msg=x`;
  const [before, after] = [open(), open()];
  before.push(error(10));
  before.push(error(11));
  const { groups, cut } = JSON.parse(JSON.stringify(before.source.state)) as SourceState;
  after.source.resume({ groups: groups.filter(isGroupState), cut });
  after.push('{"level":50,"time":"2024-03-01T14:40:00Z","msg":"other"}');
  expect(after.written.join('')).not.toContain('repeats');
  after.push(error(21));
  expect(after.written.join('')).toContain('relevel.repeats=1');
});

test('a budget lasts as long as any one clock says', () => {
  const rules = `
version: 1
rules:
  - { id: lowers, when: { level: error }, then: { level: info }, budget: { lines: 1, per: 10s } }
`;
  const lines = [
    'ts=1000000000 level=error msg=a',
    '{"level":50,"time":2000000000000,"msg":"b"}',
    '{"level":50,"time":2000000009000,"msg":"c"}',
    'ts=1000000009 level=error msg=d',
    '{"level":50,"time":2000000010000,"msg":"e"}',
  ];
  const { output } = feed(rulesOf(rules), [Buffer.from(`${lines.join('\n')}\n`)]);
  const lowered = output.toString().split('\n').map((line) => line.includes('relevel')); // prettier-ignore
  expect(lowered).toEqual([true, false, false, false, true, false]);
});

test('an event that was forgotten may be one of another clock', () => {
  const rules = AWAIT.replace('by: []', 'by: [pid], lookback: 5s').replace('else: { level: error }', '');
  const event = (pid: number): string => JSON.stringify({ level: 30, time: 2e12, pid, msg: 'gave up' });
  const lines = [
    event(1),
    event(2),
    event(3),
    'ts=1000000000 level=warn msg=cannot pid=1',
    'ts=1000000001 level=info msg=well pid=1',
  ];
  const { output, counts } = feed(rulesOf(rules), [Buffer.from(`${lines.join('\n')}\n`)], { groups: 2 });
  expect(output.toString()).toBe(`${lines.join('\n')}\n`);
  expect(counts.rules.get('waits')!.released.forgotten).toBe(1);
});

test('reasons tell a time that is missing from an end that came too early', () => {
  const reasons = (...lines: string[]): object => {
    const { released } = feed(rulesOf(AWAIT), [Buffer.from(`${lines.join('\n')}\n`)]).counts.rules.get('waits')!;
    return { noTime: released['no-time'], ended: released.ended };
  };
  expect(reasons('level=warn msg=cannot', 'level=info msg=well')).toEqual({ noTime: 1, ended: 0 });
  expect(reasons('ts=1000000000 level=warn msg=cannot', '{"level":30,"time":1000000001000,"msg":"well"}')).toEqual({
    noTime: 1,
    ended: 0,
  });
  expect(reasons('ts=1000000000 level=warn msg=cannot', 'ts=1000000001 level=info msg=x')).toEqual({ noTime: 0, ended: 1 });
});

const LOOKS_BACK = `
version: 1
rules:
  - id: looks-back
    when: { level: error, msg: cannot }
    await: { success: [{ msg: well }], within: 1s, lookback: 5s, by: [] }
    then: { level: info }
`;

test.each([
  '2024-03-01 16:00:00 INFO tick',
  String.raw`{"log":"2024-03-01 16:00:00 INFO tick\n","stream":"stdout"}`,
  String.raw`{"log":"{\"level\":30,\"time\":\"2024-03-01T16:00:00\",\"msg\":\"tick\"}\n","stream":"stdout"}`,
  '{"short_message":"2024-03-01 16:00:00 INFO tick","version":"1.1"}',
  '{"textPayload":"2024-03-01 16:00:00 INFO tick","severity":"INFO"}',
  '{"MESSAGE":"2024-03-01 16:00:00 INFO tick","PRIORITY":"6"}',
  '{"@message":"2024-03-01 16:00:00 INFO tick"}',
  '{"message":"2024-03-01 16:00:00 INFO tick"}',
  '{"podName":"p","containerName":"c","message":"2024-03-01 16:00:00 INFO tick"}',
])('a line without a time has that of %s before it, which nobody looks at', (tick) => {
  const lines = ['2024-03-01 15:00:00 INFO well', tick, 'level=error msg=cannot'];
  const input = lines.map((line) => ({ source: 's', at: 0, line }));
  expect(run(LOOKS_BACK, input, { clock: 'replay', order: 'strict', envelope: 'auto' }).map(({ line }) => line)).toEqual(lines);
});
