import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openEngine } from '../../src/engine/engine.ts';
import type { EngineSettings } from '../../src/engine/settings.ts';
import { rulesFile } from '../support/arbitraries/rules-files.ts';
import { agree, BASE, chunked, foldsMore, repeating, send } from '../support/by-alike.ts';
import { ROOMY, rulesOf } from '../support/run.ts';

test('does with lines that are alike what it would do without knowing so, and nothing else', () => {
  let alike = 0;
  fc.assert(
    fc.property(
      rulesFile,
      repeating,
      fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 5 }),
      fc.constantFrom<Partial<EngineSettings>>({}, { clock: 'live' }, { groups: 2 }, { groupBytes: 2000 }, { maxLine: 90 }),
      fc.nat({ max: 2000 }),
      (file, lines, sizes, settings, step) => {
        alike += agree(rulesOf(file), chunked(lines, sizes), settings, step);
        alike += agree(foldsMore(rulesOf(file)), chunked(lines, sizes), settings, step);
      },
    ),
    { numRuns: 500 },
  );
  expect(alike).toBeGreaterThan(20);
});

const RULES = `
version: 1
rules:
  - id: unsupported
    when:
      level: { at_least: warn }
      msg: { contains: ethtool, starts_with: e, ends_with: d }
      if: { glob: ['lxc*', 'e*0', eth] }
      any: [{ errno: { in: [95, -95] } }, { errno: { gt: 100, lte: 200 } }, { code: { in: [X, true, null] } }]
      not: { ok: { exists: true } }
    then: { level: warn }
    repeat: { by: [if], window: 10s, rest: fold }
    until: 2026-01-01
  - id: others
    when: { level: { at_least: info }, msg: { contains: 'all else' } }
    then: { level: info }
    repeat: { by: [{ field: msg, mask: all }], window: 1m, rest: fold }
protect: [{ msg: { contains: sacred } }]
`;

const time = fc.oneof(
  fc.integer({ min: 0, max: 40_000 }).map((ms) => String(BASE + ms)),
  fc.integer({ min: 0, max: 40_000 }).map((ms) => JSON.stringify(new Date(BASE + ms).toISOString())),
  fc.constantFrom(
    '"2025-09-25T12:00:01.123456789Z"',
    '"2025-09-25 12:00:01.5z"',
    '"2025-09-25T12:00:60Z"',
    '"2025-09-25T21:00:01+0900"',
    '"2026-01-01T00:00:00Z"',
    '"2024-02-30T00:00:00Z"',
    '1758801600',
    '1758801600.5',
    '1758801600000000',
    '1e12',
    'null',
  ),
);
const level = fc.constantFrom('50', '50', '40', '35', '60', '"error"', '"WARN"', '"Warning"', '"50"', '"WARN+2"', '"x"', '5e1');
const member = fc.constantFrom(
  ...['"ok":1', '"code":"X"', '"code":true', '"code":"true"', '"code":null', '"errno":95', '"errno":-95', '"errno":95.0'],
  ...['"errno":150', '"errno":"95"', '"errno":1e2', '"relevel":{}', '"nested":{"a":[1,"}"]}', '"level":50', '"path":"a\\/b"'],
  ...['"text":"\\u0041"', '"text":"\\n"', '"é":"ü"'],
);
const msg = fc.constantFrom(
  'ethtool failed',
  'ethtool failed',
  'ethtool',
  'all else',
  'all else is well',
  'sacred ethtool failed',
  '',
);
const device = fc.constantFrom('"lxc1"', '"lxc2"', '"eth0"', '"eth"', '"wlan"', '7', '""', `"${'lxc'.repeat(90)}"`);

const json = fc
  .tuple(
    level,
    time,
    msg,
    device,
    fc.subarray(['"errno":95', '"errno":150', '"code":"X"'], { maxLength: 1 }),
    fc.array(member, { maxLength: 1 }),
    fc.nat({ max: 9 }),
  )
  .map(([lvl, at, text, iface, cause, more, spoil]) => {
    const members = [
      `"level":${lvl}`,
      `"time":${at}`,
      `"if":${iface}`,
      ...cause,
      ...(spoil > 6 ? more : []),
      `"msg":${JSON.stringify(text)}`,
    ];
    return `{${members.join(',')}}${spoil === 6 ? '\r' : spoil === 5 ? ' ' : ''}`;
  });
const logfmt = fc
  .tuple(
    level,
    time,
    msg,
    device,
    fc.constantFrom('errno=95', 'errno=-95', 'errno="95"', 'errno=095', 'code=true', 'code', 'code="X"', 'errno=150'),
    fc.boolean(),
  )
  .map(([lvl, at, text, iface, cause, extra]) =>
    [
      'level=' + lvl.replaceAll('"', ''),
      'time=' + at,
      'if=' + iface,
      cause,
      ...(extra ? ['more="a b"'] : []),
      `msg=${JSON.stringify(text)}`,
    ].join(' '),
  );

test('and so it does where nearly everything can be folded', () => {
  let alike = 0;
  let lines = 0;
  fc.assert(
    fc.property(
      fc.array(fc.oneof(json, logfmt), { minLength: 1, maxLength: 8 }),
      fc.array(fc.nat(), { minLength: 20, maxLength: 80 }),
      fc.constantFrom<Partial<EngineSettings>>({}, { clock: 'live' }),
      fc.nat({ max: 4000 }),
      (some, order, settings, step) => {
        const all = order.map((which) => some[which % some.length]!);
        lines += all.length;
        alike += agree(rulesOf(RULES), chunked(all, [2500]), settings, step);
      },
    ),
    { numRuns: 700 },
  );

  expect(alike / lines).toBeGreaterThan(0.05);
});

test('and so it does where repeats stand among lines that nobody asks for, in more places than are noted at once', () => {
  const fits = (i: number): string => `{"level":50,"time":${BASE + i},"if":"lxc1","errno":95,"msg":"ethtool failed"}`;
  const lines = Array.from({ length: 6000 }, (_, i) => {
    // Folded; passed over by its text; by its values; not timed; longer than a line that is judged.
    if (i % 2 === 0) return fits(i);
    const others = [
      `{"level":30,"time":${BASE + i},"msg":"served"}`,
      `{"level":50,"time":${BASE + i},"if":"lxc1","errno":7,"msg":"ethtool failed"}`,
      '{"msg":"when?"}',
      fits(i).replace('failed', `${' '.repeat(400)}failed`),
    ];
    return others[(i >> 1) % others.length]!;
  });
  for (const size of [1_000_000, 65_536])
    expect(agree(rulesOf(RULES), chunked(lines, [size]), { maxLine: 400 })).toBeGreaterThan(2990);
});

test('lines that only a format of text reads are judged each by itself, though they look like logfmt', () => {
  const rules = rulesOf(`
version: 1
read:
  formats:
    - name: services
      pattern: 'svc={svc} {level} {msg}'
      samples: [{ line: 'svc=a ERROR it took=2 s', is: { level: error, svc: a, msg: it took=2 s } }]
rules:
  - id: not-two
    when: { msg: { contains: it took }, not: { msg: { contains: took=2 } } }
    then: { level: debug }
`);
  const lines = Array.from({ length: 60 }, (_, i) => `svc=${'ab'[i % 2]!} ERROR it took=${(i * 7) % 5} s`);
  const { outputs } = send(rules, chunked(lines, [100_000]), {}, true);
  const changed = outputs
    .join('')
    .split('\n')
    .filter((line) => line.includes('relevel'));
  expect(changed).toHaveLength(48);
  for (const line of changed) expect(line).not.toContain('took=2');
});

test('a line that a format of the operator’s reads is not taken for one that logfmt reads, though both have the same pairs', () => {
  const rules = rulesOf(`
version: 1
read:
  formats:
    - name: jobs
      pattern: 'job={job}!{level} {msg}'
      samples: [{ line: 'job=a!ERROR level=info it failed', is: { level: error, job: a, msg: level=info it failed } }]
rules:
  - id: info
    when: { level: info }
    then: { level: debug }
`);
  const lines = Array.from({ length: 60 }, (_, i) =>
    i % 3 === 2 ? 'job=a!ERROR level=info x' : `job=${'ab'[i % 2]!} level=info x`,
  );
  const { outputs } = send(rules, chunked(lines, [100_000]), {}, true);
  const all = outputs.join('').split('\n');
  expect(all.filter((line) => line.includes('relevel'))).toHaveLength(40);
  expect(all.filter((line) => line === 'job=a!ERROR level=info x')).toHaveLength(20);
});

test('formats of the operator’s cost lines nothing that do not begin as they do', () => {
  const rules = rulesOf(`
version: 1
read:
  formats:
    - name: jobs
      pattern: '<{job}> {level} {msg}'
      samples: [{ line: '<a> ERROR failed', is: { level: error, job: a, msg: failed } }]
rules:
  - id: error
    when: { level: error, msg: failed }
    then: { level: debug }
`);
  const lines = Array.from({ length: 60 }, (_, i) => {
    const number = i * 7919;
    return [`{"level":"error","msg":"failed","n":${number}}`, `level=error msg=failed n=${number}`, `<${number}> ERROR failed`][
      i % 3
    ]!;
  });
  expect(agree(rules, chunked(lines, [100_000]), {})).toBeGreaterThan(30);
});

const LOWERS = (when: string, then = '{ level: debug }', more = ''): ReturnType<typeof rulesOf> =>
  rulesOf(`
version: 1
rules:
  - id: lowers
    when: ${when}
    then: ${then}
    ${more}
`);

test('no value that nobody asks for decides if a line is an envelope', () => {
  const lines = ['x', 'y', 'z', 'bad Payload', 'y'].map(
    (text, i) => `{"severity":"INFO","message":"2026-01-01T00:00:0${i}Z ERROR ${text}"}`,
  );
  expect(agree(LOWERS('{ level: info }'), chunked(lines, [100_000]), { envelope: 'auto' })).toBeGreaterThan(0);
});

test('a line of CRLF is as long without them as one of a newline', () => {
  const lineOf = (value: string): string => `{"level":"error","id":"0","msg":"m","x":"${value}"}`;
  const longest = lineOf('x'.repeat(8192 - lineOf('').length));
  const lines = [...Array.from({ length: 8 }, (_, i) => lineOf(String(i))), longest].map((line) => `${line}\r`);
  const rules = LOWERS('{ level: error }', '{ level: info }', 'repeat: { by: [msg], window: 1m, rest: fold }');
  expect(agree(rules, chunked(lines, [100_000]), {})).toBeGreaterThan(0);
});

test('counts each message that cannot be reworded', () => {
  const lines = Array.from({ length: 20 }, (_, i) => `level=error n=${i} err=x`);
  expect(agree(LOWERS('{ level: error }', '{ level: info, msg: harmless }'), chunked(lines, [100_000]), {})).toBeGreaterThan(0);
});

test('edited lines leave whole, however much the edits add', () => {
  const engine = openEngine(LOWERS('{ level: error }', `{ level: warn, note: '${'long '.repeat(40)}' }`), ROOMY);
  const source = engine.source('stdin');
  const ends = new Set<number>();
  let written = 0;
  const input = source.input({
    write: (bytes, _start, end) => {
      ends.add(bytes[end - 1]!);
      written += 1;
    },
  });
  input.push(Buffer.from(Array.from({ length: 16_000 }, (_, i) => `{"level":"error","n":${i}}\n`).join('')), 0);
  input.end(0);
  source.end(0);
  expect(engine.counts.changed).toBe(16_000);
  expect(written).toBeGreaterThan(1);
  expect([...ends]).toEqual([0x0a]);
});
