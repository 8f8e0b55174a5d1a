import { describe, expect, test } from 'vitest';
import { openEngine } from '../../src/engine/engine.ts';
import { restoreLine } from '../../src/engine/edit/restore.ts';
import type { EngineSettings } from '../../src/engine/settings.ts';
import { createRelevel } from '../../src/index.ts';
import { Names } from '../../src/record/names.ts';
import { loadRules } from '../../src/rules/load.ts';
import type { RuleSet } from '../../src/rules/rule.ts';
import { feed } from '../support/feed.ts';
import { ROOMY, rulesOf } from '../support/run.ts';

const rulesWith = (read: string, rules = RULES): RuleSet => rulesOf(`version: 1\nread: ${read}\nrules:\n${rules}`);
const RULES = `
  - { id: r, when: { level: { at_least: warn }, msg: { contains: boom } }, then: { level: debug } }
`;
const through = (rules: RuleSet, text: string, settings: Partial<EngineSettings> = {}): string =>
  feed(rules, [Buffer.from(`${text}\n`)], settings)
    .output.toString()
    .slice(0, -1);

const names: readonly [read: string, line: string, becomes: string][] = [
  ['{ level: [sev] }', '{"sev":"ERROR","msg":"boom"}', '{"sev":"DEBUG","msg":"boom","relevel":{"rule":"r","was":"\\"ERROR\\""}}'],
  // It goes before the usual ones, and what else holds the level is changed too.
  [
    '{ level: [sev] }',
    '{"level":"info","sev":"warn","severity":"WARN","msg":"boom"}',
    '{"level":"info","sev":"debug","severity":"DEBUG","msg":"boom","relevel":{"rule":"r","was":"warn","was_2":"WARN"}}',
  ],
  ['{ level: [a.b] }', '{"a":{"b":50},"msg":"boom"}', '{"a":{"b":20},"msg":"boom","relevel":{"rule":"r","was":"50"}}'],
  ['{ level: [sev], numbers: syslog }', '{"sev":3,"msg":"boom"}', '{"sev":7,"msg":"boom","relevel":{"rule":"r","was":"3"}}'],
  [
    '{ level: [severity], numbers: syslog }',
    '{"severity":3,"msg":"boom"}',
    '{"severity":7,"msg":"boom","relevel":{"rule":"r","was":"3"}}',
  ],
  ['{ numbers: syslog }', '{"level":3,"msg":"boom"}', '{"level":7,"msg":"boom","relevel":{"rule":"r","was":"3"}}'],
  ['{ numbers: python }', '{"level":40,"msg":"boom"}', '{"level":10,"msg":"boom","relevel":{"rule":"r","was":"40"}}'],
  ['{ numbers: monolog }', '{"level":400,"msg":"boom"}', '{"level":100,"msg":"boom","relevel":{"rule":"r","was":"400"}}'],
  ['{ numbers: google }', 'level=500 msg=boom', 'level=100 msg=boom relevel.rule=r relevel.was=500'],
  ['{ numbers: opentelemetry }', '{"lvl":17,"msg":"boom"}', '{"lvl":5,"msg":"boom","relevel":{"rule":"r","was":"17"}}'],
  // 40 is no level here. As Python's, it would become 10, which is one.
  [
    '{ numbers: opentelemetry }',
    '{"level":40,"log.level":"error","msg":"boom"}',
    '{"level":40,"log.level":"debug","msg":"boom","relevel":{"rule":"r","was":"error"}}',
  ],
  // A flat name goes before a nested one; both are changed if they say the same.
  [
    '{ level: [meta.sev], numbers: syslog }',
    '{"meta":{"sev":"error"},"meta.sev":4,"msg":"boom"}',
    '{"meta":{"sev":"error"},"meta.sev":7,"msg":"boom","relevel":{"rule":"r","was":"4"}}',
  ],
  [
    '{ level: [meta.sev], numbers: syslog }',
    '{"meta.sev":3,"meta":{"sev":"warn"},"msg":"boom"}',
    '{"meta.sev":7,"meta":{"sev":"warn"},"msg":"boom","relevel":{"rule":"r","was":"3"}}',
  ],
  [
    '{ msg: [detail] }',
    '{"level":50,"msg":"x","detail":"boom"}',
    '{"level":20,"msg":"x","detail":"boom","relevel":{"rule":"r","was":"50"}}',
  ],
  ['{ msg: [detail] }', 'level=error detail=boom', 'level=debug detail=boom relevel.rule=r relevel.was=error'],
];

test.each(names)('read: %s reads %s', (read, line, becomes) => {
  const quoted = becomes.replace('"\\"ERROR\\""', '"ERROR"');
  const rules = rulesWith(read);
  expect(through(rules, line)).toBe(quoted);
  // Among others, and at once.
  expect(through(rules, `${line}\n{"level":"info","msg":"x"}\n${line}`).split('\n')[2]).toBe(quoted);
  expect(
    restoreLine(Buffer.from(quoted), { format: 'auto', envelope: 'none', names: new Names([], rules.read) })?.toString(),
  ).toBe(line);
});

const same: readonly [read: string, line: string][] = [
  ['{ level: [sev] }', '{"sev":"info","level":"error","msg":"boom"}'],
  ['{ numbers: syslog }', '{"level":50,"msg":"boom"}'],
  ['{ numbers: syslog }', '{"level":6,"msg":"boom"}'],
  ['{ msg: [detail] }', '{"level":50,"msg":"boom","detail":"x"}'],
];

test.each(same)('read: %s leaves %s', (read, line) => {
  expect(through(rulesWith(read), line)).toBe(line);
});

const WAIT = `
  - { id: w, when: { msg: fail }, await: { success: [{ msg: ok }], within: 5s }, then: { level: debug } }
`;
const lowered = (rules: RuleSet, text: string, settings: Partial<EngineSettings> = {}): boolean =>
  through(rules, text, settings).startsWith('{"level":"debug"') || through(rules, text, settings).startsWith('level=debug');

test('read: time finds the time', () => {
  const text = 'level=error msg=fail at=2024-01-01T00:00:00Z\nlevel=info msg=ok at=2024-01-01T00:00:09Z';
  const near = text.replace(':09Z', ':03Z');
  expect(lowered(rulesWith('{ time: [at] }', WAIT), text)).toBe(false);
  expect(lowered(rulesWith('{ time: [at] }', WAIT), near)).toBe(true);
  expect(lowered(rulesWith('{ msg: [m] }', WAIT), near)).toBe(false);
});

describe('read: zone', () => {
  const until = `
  - { id: r, when: { msg: boom }, until: '2024-03-31T01:30:00Z', then: { level: debug } }
`;
  const zones: readonly [zone: string, time: string, isLowered: boolean][] = [
    ['UTC', '2024-03-31 01:29:00', true],
    ['UTC', '2024-03-31 01:31:00', false],
    ['Europe/Berlin', '2024-03-31 03:29:00', true],
    ['Europe/Berlin', '2024-03-31 03:31:00', false],
    ["'-03:00'", '2024-03-30 22:29:00', true],
    ["'-03:00'", '2024-03-30 22:31:00', false],
    // The hour is left out: the time counts as missing, and then `until` does not rest.
    ['Europe/Berlin', '2024-03-31 02:31:00', true],
  ];
  test.each(zones)('%s at %s', (zone, time, isLowered) => {
    expect(lowered(rulesWith(`{ zone: ${zone} }`, until), `level=error msg=boom time="${time}"`)).toBe(isLowered);
  });

  test('a time in an hour that clocks show twice counts as missing', () => {
    const line = (msg: string, time: string): string =>
      `level=${msg === 'ok' ? 'info' : 'error'} msg=${msg} time="2024-10-27 ${time}"`;
    const rules = rulesWith('{ zone: Europe/Berlin }', WAIT);
    expect(lowered(rules, `${line('fail', '01:00:00')}\n${line('ok', '01:00:03')}`)).toBe(true);
    // Half an hour, or an hour and a half: with the time of the line before it, it came in time.
    expect(lowered(rules, `${line('fail', '01:59:59')}\n${line('ok', '02:30:00')}`)).toBe(true);
    expect(lowered(rules, `${line('fail', '02:30:00')}\n${line('ok', '02:30:01')}`)).toBe(false);
    expect(lowered(rulesWith('{ zone: UTC }', WAIT), `${line('fail', '02:30:00')}\n${line('ok', '02:30:01')}`)).toBe(true);
  });

  test('local is what the machine says', () => {
    const local = { offsetAt: () => 3_600_000 };
    const line = 'level=error msg=boom time="2024-03-31 02:31:00"';
    expect(lowered(rulesWith('{ zone: local }', until), line, { local })).toBe(false);
    expect(lowered(rulesWith('{ zone: local }', until), line.replace('02:31', '02:29'), { local })).toBe(true);
  });

  test('changes with a reload', () => {
    const engine = openEngine(rulesWith('{ zone: UTC }', until), ROOMY);
    const written: string[] = [];
    const input = engine
      .source('s')
      .input({ write: (bytes, start, end) => written.push(Buffer.from(bytes.subarray(start, end)).toString()) });
    const line = 'level=error msg=boom time="2024-03-31 03:29:00"\n';
    input.push(Buffer.from(line), 0);
    engine.adopt(rulesWith('{ zone: Europe/Berlin }', until), 0);
    input.push(Buffer.from(line), 0);
    expect(written.map((each) => each.slice(0, 11))).toEqual(['level=error', 'level=debug']);
  });
});

describe('files', () => {
  const file = (name: string, read: string) => ({ name, text: `version: 1\n${read}rules: []\n` });

  test('may say the same, or nothing', () => {
    const read = 'read: { zone: UTC, level: [a] }\n';
    const { ruleSet, problems } = loadRules([file('a.yaml', read), file('b.yaml', ''), file('c.yaml', read)]);
    expect([problems, ruleSet.read]).toEqual([[], { zone: 'UTC', level: ['a'] }]);
  });

  test('may not differ', () => {
    const { problems } = loadRules([file('a.yaml', 'read: { zone: UTC }\n'), file('b.yaml', 'read: { zone: local }\n')]);
    expect(problems.map(({ file: at, line, message }) => [at, line, message])).toEqual([
      ['b.yaml', 2, '"read" says otherwise than at a.yaml:2:1; say it once, or the same in both'],
    ]);
  });
});

test('in the library, options go before rules', async () => {
  const text =
    'version: 1\nread: { level: [sev], zone: UTC }\nrules:\n  - { id: r, when: { level: error }, then: { level: debug } }\n';
  const stream = createRelevel({ rules: { text }, clock: 'replay', levelKey: ['other'] });
  const out: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => out.push(chunk));
  stream.end('{"sev":"error","other":"error"}\n{"sev":"error"}\n');
  await new Promise((resolve) => stream.on('end', resolve));
  expect(Buffer.concat(out).toString()).toBe(
    '{"sev":"error","other":"debug","relevel":{"rule":"r","was":"error"}}\n{"sev":"error"}\n',
  );
  expect(() => createRelevel({ zone: 'Mars' })).toThrow('zone: not a zone');
  expect(() => createRelevel({ levelKey: [''] })).toThrow('levelKey: not a list of names');
});

/** In the object behind a header a text is no number, as in any JSON; what stands in the header itself is spelled only. */
const typed: readonly [when: string, line: string, fits: boolean][] = [
  ['{ code: 95 }', '2024-03-01T10:00:00Z\tERROR\tapp.go:7\tboom\t{"code": 95}', true],
  ['{ code: 95 }', '2024-03-01T10:00:00Z\tERROR\tapp.go:7\tboom\t{"code": "95"}', false],
  ['{ code: { gt: 90 } }', '2024-03-01T10:00:00Z\tERROR\tapp.go:7\tboom\t{"code": "95"}', false],
  ['{ ok: true }', '2024-03-01T10:00:00Z\tERROR\tapp.go:7\tboom\t{"ok": "true"}', false],
  ['{ line: 7 }', '2024-03-01T10:00:00Z\tERROR\tapp.go:7\tboom\t{"code": "95"}', true],
  ['{ code: 95 }', '2024-03-01T10:00:00Z ERR boom code="95"', true],
];

test.each(typed)('%s of %j: %j', (when, line, fits) => {
  const rules = rulesOf(`version: 1\nrules: [{ id: r, when: ${when}, then: { level: debug } }]\n`);
  expect(through(rules, line) !== line).toBe(fits);
});
