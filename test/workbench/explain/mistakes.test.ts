import { expect, test } from 'vitest';
import { fileWith, runMain } from '../../cli/host.ts';

// Mistakes that load without an error, each made in a rule that works. What `explain` prints must name the mistake.

interface Mistake {
  readonly mistake: string;
  readonly rules: string;
  readonly log: readonly string[];
  /** What is printed of it. */
  readonly says: readonly string[];
}

const T = 1_758_800_000_000;

/** A line of JSON at so many ms. */
const at = (millis: number, level: number | string, msg: string, fields: object = {}): string =>
  JSON.stringify({ level, time: T + millis, ...fields, msg });

const FAILS = at(0, 50, 'cannot reach db-1', { hostname: 'api-1' });
const WORKS = at(1_000, 30, 'connected to db-2', { hostname: 'api-1' });

/** The rule that works, with one part of it replaced. */
const awaiting = (part: string, by: string): string =>
  `version: 1
events:
  connected: { msg: { starts_with: 'connected to ' } }
rules:
  - id: heals
    when: { level: { at_least: warn }, msg: { starts_with: 'cannot reach db-' } }
    await: { success: [connected], within: 5s, by: [hostname] }
    then: { level: info }
`.replace(part, by);

const RIGHT = awaiting('', '');

const repeating = (by: string): string => `version: 1
rules:
  - id: again
    when: { level: error, msg: { contains: 'no route' } }
    then: { level: warn }
    repeat: { by: ${by}, window: 10m, rest: fold }
`;

const lowering = (when: string, more = ''): string => `version: 1
rules:
  - { id: lower, when: ${when}, then: { level: info }${more} }
`;

const mistakes: readonly Mistake[] = [
  {
    mistake: 'none: it says what decided',
    rules: RIGHT,
    log: [FAILS, WORKS],
    says: ['rule "heals": error becomes info; connected after 1000 ms (line 2)'],
  },
  {
    mistake: 'a typo in success',
    rules: awaiting("'connected to '", "'conected to '"),
    log: [FAILS, WORKS],
    says: [
      'line 2 is nearly success "connected": msg starts_with "conected to ": found "connected to db-2" (1 letter differs: "connected to ")',
    ],
  },
  {
    mistake: 'a key that the success line lacks',
    rules: RIGHT,
    log: [FAILS, at(1_000, 30, 'connected to db-2', { host: 'api-1' })],
    says: ['line 2: success "connected": that line has no "hostname"; it has "host"'],
  },
  {
    mistake: 'a key that the failing line lacks',
    rules: RIGHT,
    log: [at(0, 50, 'cannot reach db-1', { host: 'api-1' }), WORKS],
    says: [
      'unchanged, error: it has no key',
      '"by": the line has no "hostname"',
      'it has "host", which may be what "hostname" means',
    ],
  },
  {
    mistake: 'a window that is too short',
    rules: RIGHT,
    log: [FAILS, at(5_700, 30, 'connected to db-2', { hostname: 'api-1' })],
    says: ['line 2: success "connected": 700 ms too late (within: 5s)'],
  },
  {
    mistake: 'a key whose value differs',
    rules: RIGHT,
    log: [FAILS, at(900, 30, 'connected to db-2', { hostname: 'api-2' }), at(9_000, 30, 'idle')],
    says: ['line 2: success "connected": same event, but hostname differs: "api-1", "api-2"'],
  },
  {
    mistake: 'a key whose value differs, behind a line that came first and lacks it',
    rules: RIGHT,
    log: [
      at(-500, 30, 'connected to db-2', { host: 'api-1' }),
      FAILS,
      at(900, 30, 'connected to db-2', { hostname: 'api-2' }),
      at(9_000, 30, 'idle'),
    ],
    says: ['line 3: success "connected": same event, but hostname differs: "api-1", "api-2"'],
  },
  {
    mistake: 'a success that comes first, without lookback',
    rules: RIGHT,
    log: [at(-1_000, 30, 'connected to db-2', { hostname: 'api-1' }), FAILS, at(9_000, 30, 'idle')],
    says: ['line 1: success "connected": 1 s too early (the rule has no lookback)'],
  },
  {
    mistake: 'nothing like the success',
    rules: RIGHT,
    log: [FAILS, at(9_000, 30, 'idle')],
    says: ['nothing like what it awaits is in the file'],
  },
  {
    mistake: 'a success that the rule itself judges',
    rules: awaiting("'connected to '", "'cannot reach '"),
    log: [FAILS, at(1_000, 50, 'cannot reach db-2', { hostname: 'api-1' }), at(9_000, 30, 'idle')],
    says: ['line 2: success "connected": the same rule applies to that line, and such a line never decides a wait of its rule'],
  },
  {
    mistake: 'a group key that is too fine',
    rules: repeating('[replica]'),
    log: [1, 2, 3].map((replica) => at(replica, 50, 'no route', { replica })),
    says: ['3 groups of one line: "replica" is different in each'],
  },
  {
    mistake: 'a message that differs',
    rules: repeating('[]'),
    log: [1, 2, 3].map((n) => at(n, 50, `no route to 10.0.0.${n}`)),
    says: ['3 groups of one line: "msg" is different in each'],
  },
  {
    mistake: 'a field of repeat.by that is missing',
    rules: repeating('[ifacename]'),
    log: [at(0, 50, 'no route', { ifaceName: 'eth0' })],
    says: ['"by": the line has no "ifacename"', 'it has "ifaceName"'],
  },
  {
    mistake: 'JSON behind a prefix',
    rules: RIGHT,
    log: [`worker 7: ${FAILS}`],
    says: ['there is JSON behind "worker 7:"'],
  },
  {
    mistake: 'wrong case',
    rules: RIGHT,
    log: [at(0, 50, 'Cannot reach db-1', { hostname: 'a' })],
    says: ['msg starts_with "cannot reach db-": found "Cannot reach db-1" (case); add ignore_case: true'],
  },
  {
    mistake: 'a level that is too high',
    rules: RIGHT,
    log: [at(0, 30, 'cannot reach db-1', { hostname: 'a' })],
    says: ['level at_least warn: found info; write level at_least info'],
  },
  {
    mistake: 'the number of a level for its name',
    rules: lowering("{ fields: { level: 50 }, msg: { contains: 'reach' } }"),
    log: [FAILS],
    says: ['level 50: found "error"'],
  },
  {
    mistake: 'message for msg',
    rules: lowering("{ level: error, message: { contains: 'reach' } }"),
    log: [FAILS],
    says: ['message contains "reach": found no field "message" (there is msg); write msg for message'],
  },
  {
    mistake: 'a rule behind a broader one',
    rules: `version: 1
rules:
  - { id: broad, when: { level: error }, then: { level: warn } }
  - { id: narrow, when: { level: error, msg: { contains: reach } }, then: { level: info } }
`,
    log: [FAILS],
    says: ['rule "broad": error becomes warn', 'rule "narrow" matches too, but rule "broad" comes first'],
  },
  {
    mistake: 'an expired rule',
    rules: lowering("{ level: error, msg: { contains: 'reach' } }", ', until: 2020-01-01'),
    log: [FAILS],
    says: ['rule "lower" matches, but is expired: until 2020-01-02T00:00:00.000Z'],
  },
  {
    mistake: 'a protected line',
    rules: `${lowering("{ level: error, msg: { contains: 'reach' } }")}protect: [{ msg: { contains: db-1 } }]\n`,
    log: [FAILS],
    says: ['rule "lower" matches, but the line is protected: msg contains "db-1"'],
  },
  {
    mistake: 'a fatal line',
    rules: lowering("{ msg: { contains: 'reach' } }"),
    log: [at(0, 60, 'cannot reach db-1')],
    says: ['rule "lower" matches, but fatal lines are always protected'],
  },
  {
    mistake: 'a critical line',
    rules: lowering("{ msg: { contains: 'reach' } }"),
    log: [at(0, 'critical', 'cannot reach db-1')],
    says: ['rule "lower" matches, but only a rule that names critical in "when" changes a critical line'],
  },
  {
    mistake: 'a budget that is used up',
    rules: lowering("{ level: error, msg: { contains: 'reach' } }", ', budget: { lines: 1, per: 1m }'),
    log: [FAILS, FAILS],
    says: ['unchanged, error: the budget is used up', 'the budget of the rule is used up: 1 lines per 1m'],
  },
  {
    mistake: 'times that are written in different ways',
    rules: RIGHT,
    log: [FAILS, `ts=2025-09-25T11:33:21Z level=info hostname=api-1 msg="connected to db-2"`],
    says: ['line 2: success "connected": the two lines write their times in different ways', '--clock order'],
  },
  {
    mistake: 'lines without a time',
    rules: RIGHT,
    log: [FAILS, WORKS].map((line) => line.replace(/"time":\d+,/u, '')),
    says: ['no time tells whether what it awaits came in time', 'line 2: success "connected": that line has no time'],
  },
  {
    mistake: 'a line that no format recognizes',
    rules: RIGHT,
    log: ['cannot reach db-1: it is down'],
    says: ['no format recognizes it'],
  },
  {
    mistake: 'an ambiguous line',
    rules: lowering("{ level: error, msg: { contains: 'reach' } }"),
    log: ['{"level":50,"msg":"cannot reach db-1","msg":"cannot reach db-2"}'],
    says: ['it is ambiguous: a name that rules read is there twice'],
  },
  {
    mistake: 'a name within a name',
    rules: lowering('{ level: error, code: EIO, msg: { contains: reach } }'),
    log: [at(0, 50, 'cannot reach db-1', { err: { code: 'EIO' } })],
    says: ['code "EIO": found no field "code" (there is err.code); write err.code for code'],
  },
  {
    mistake: 'a name in another case',
    rules: lowering('{ level: error, err.Code: EIO, msg: { contains: reach } }'),
    log: [at(0, 50, 'cannot reach db-1', { err: { code: 'EIO' } })],
    says: ['found no field "err.Code" (there is err.code)'],
  },
  {
    mistake: 'a number for a text',
    rules: lowering('{ level: error, errno: 95, msg: { contains: reach } }'),
    log: [at(0, 50, 'cannot reach db-1', { errno: '95' })],
    says: ['errno 95: found "95" (a text); write "95"'],
  },
  {
    mistake: 'a text for a number',
    rules: lowering('{ level: error, errno: "95", msg: { contains: reach } }'),
    log: [at(0, 50, 'cannot reach db-1', { errno: 95 })],
    says: ['errno "95": found 95 (a number); write 95'],
  },
  {
    mistake: 'a glob where a value must be equal',
    rules: lowering("{ level: error, msg: 'cannot reach *' }"),
    log: [FAILS],
    says: ['msg "cannot reach *": found "cannot reach db-1" (equality has no wildcards); write glob: "cannot reach *"'],
  },
  {
    mistake: 'a part of a text where a value must be equal',
    rules: lowering("{ level: error, msg: 'cannot reach' }"),
    log: [FAILS],
    says: ['(it is longer); write contains'],
  },
  {
    mistake: 'starts_with for a text with something before it',
    rules: RIGHT,
    log: [at(0, 50, 'job 7: cannot reach db-1', { hostname: 'a' })],
    says: ['(it stands further behind); write contains'],
  },
  {
    mistake: 'a text that stands in another field',
    rules: lowering("{ level: error, msg: { contains: 'connection refused' } }"),
    log: [at(0, 50, 'dial', { error: 'connection refused by peer' })],
    says: ['(it stands in error); write error for msg'],
  },
  {
    mistake: 'a line over 8 KiB',
    rules: repeating('[]'),
    log: [1, 2].map((n) => at(n, 50, 'no route', { dump: 'x'.repeat(9_000) })),
    says: ['the line is longer than 8192 bytes: such lines are never collapsed'],
  },
  {
    mistake: 'a line that is annotated already',
    rules: lowering("{ level: info, msg: { contains: 'reach' } }"),
    log: ['{"level":30,"msg":"cannot reach db-1","relevel":{"rule":"other","was":"50","why":"connected after 41 ms"}}'],
    says: ['rule "other"', 'found the level "50"', 'connected after 41 ms', 'an annotated line is never changed again'],
  },
  {
    mistake: 'a level that is not above that of then',
    rules: lowering("{ msg: { contains: 'reach' } }"),
    log: [at(0, 20, 'cannot reach db-1')],
    says: ['stays debug', '"then" and "rest" only lower'],
  },
  {
    mistake: 'a protected line in between',
    rules: RIGHT,
    log: [FAILS, at(10, 60, 'out of memory'), WORKS],
    says: ['a protected line came while it waited'],
  },
  {
    mistake: 'an exception that fits',
    rules: lowering("{ level: error, msg: { contains: 'reach' }, not: { hostname: { starts_with: api } } }"),
    log: [FAILS],
    says: ['not (hostname starts_with "api"): found "api-1"'],
  },
];

test.each(mistakes)('names the mistake: $mistake', async ({ rules, log, says }) => {
  const { exit, out, err } = await runMain([
    'explain',
    '--rules',
    fileWith(rules, 'rules.yaml'),
    fileWith(`${log.join('\n')}\n`),
  ]);
  expect({ exit, err: err.replace(/^relevel: info: times without a zone.*\n/mu, '') }).toEqual({
    exit: { kind: 'done', unread: 0 },
    err: '',
  });
  for (const said of says) expect(out).toContain(said);
});

test('has made more than twenty mistakes', () => {
  expect(mistakes.length).toBeGreaterThan(30);
});
