import { describe, expect, test } from 'vitest';
import { restoreLine } from '../../src/engine/edit/restore.ts';
import { readInside } from '../../src/formats/envelope.ts';
import { readLine } from '../../src/formats/index.ts';
import { LEVELS } from '../../src/record/level.ts';
import { Names } from '../../src/record/names.ts';
import { LogRecord } from '../../src/record/record.ts';
import { feed } from '../support/feed.ts';
import { kernel } from '../support/kernel.ts';
import { rulesOf, run } from '../support/run.ts';

function read(line: string): LogRecord {
  const record = new LogRecord(new Names([]));
  const bytes = Buffer.from(line);
  readInside(record, bytes, 0, bytes.length, (...args) => readLine(kernel, ...args, 'auto'), 'auto');
  return record;
}

/** Kinds, level, message, time, and what the envelope names. */
function understood(line: string): string {
  const record = read(line);
  const { envelope, level, msgSlot, time } = record;
  const parts = envelope === undefined ? [] : Object.entries(envelope.origin).filter(([name, value]) => name !== 'key' && value);
  return [
    envelope?.kinds.join('+') ?? 'none',
    level === -1 ? 'opaque' : LEVELS[level],
    msgSlot === -1 ? '-' : record.text(msgSlot),
    Number.isNaN(time) ? '-' : new Date(time).toISOString().slice(record.yearless ? 5 : 0),
    ...parts.map(([name, value]) => `${name}=${String(value)}`),
  ].join(' | ');
}

const LOGFMT = 'level=error msg=boom';
const T = '2026-11-21T10:00:00.000Z';

const kinds: readonly [line: string, is: string][] = [
  [`web-1  | ${LOGFMT}`, 'compose | error | boom | - | container=web-1'],
  [`\u001b[36mweb-1  | \u001b[0m${LOGFMT}`, 'compose | error | boom | - | container=web-1'],
  [`web-1  | 2026-11-21T10:00:00.000000000Z ${LOGFMT}`, `compose+kubectl | error | boom | ${T} | container=web-1`],
  [`2026-11-21T10:00:00Z ${LOGFMT}`, `kubectl | error | boom | ${T}`],
  [`[pod/web-7c9f8d-x2x4k/app] ${LOGFMT}`, 'kubectl | error | boom | - | pod=web-7c9f8d-x2x4k | container=app'],
  [`[pod/web-0/app] 2026-11-21T10:00:00Z ${LOGFMT}`, `kubectl | error | boom | ${T} | pod=web-0 | container=app`],
  [`web-7c9f8d-x2x4k app ${LOGFMT}`, 'stern | error | boom | - | pod=web-7c9f8d-x2x4k | container=app'],
  [`shop web-0 app ${LOGFMT}`, 'stern | error | boom | - | namespace=shop | pod=web-0 | container=app'],
  [
    `{"message":"level=error msg=boom","namespace":"shop","podName":"web-0","containerName":"app"}`,
    'stern | error | boom | - | namespace=shop | pod=web-0 | container=app',
  ],
  // Whatever the kernel takes for a time of the runtime's is one.
  [`2026-11-21T1.2:3Z stderr F ${LOGFMT}`, 'cri | error | boom | - | stream=stderr'],
  [`2026-11-21T10:00:00.123456789Z stderr F ${LOGFMT}`, 'cri | error | boom | 2026-11-21T10:00:00.123Z | stream=stderr'],
  [
    `2026-11-21T10:00:00.5Z stdout F <3>connection refused`,
    'cri+sd-daemon | error | connection refused | 2026-11-21T10:00:00.500Z | stream=stdout',
  ],
  [
    `{"log":"level=error msg=boom\\n","stream":"stderr","time":"2026-11-21T10:00:00.123456789Z"}`,
    'docker | error | boom | 2026-11-21T10:00:00.123Z | stream=stderr',
  ],
  [`<11>Nov 21 10:00:00 host app[7]: connection refused`, 'syslog | error | connection refused | 11-21T10:00:00.000Z | unit=app'],
  [`<11>Nov 21 10:00:00 app[7]: connection refused`, 'syslog | error | connection refused | 11-21T10:00:00.000Z | unit=app'],
  [`Nov 21 10:00:00 host app[7]: ${LOGFMT}`, 'syslog | error | boom | 11-21T10:00:00.000Z | unit=app'],
  ['Nov 21 10:00:00 host app[7]: connection refused', 'syslog | opaque | - | - | unit=app'],
  [`<12>1 2026-11-21T10:00:00Z host app 7 - - late`, `syslog | warn | late | ${T} | unit=app`],
  [`<12>1 2026-11-21T10:00:00Z host - 7 - [a@1 b="]"][c d="\\]"] late`, `none | opaque | - | -`],
  [`<12>1 2026-11-21T10:00:00Z host - 7 - [a@1 b="x"][c d="\\]"] late`, `syslog | warn | late | ${T}`],
  [`1 2026-11-21T10:00:00Z host app 7 - - ${LOGFMT}`, `syslog | error | boom | ${T} | unit=app`],
  [`<12>1 2026-11-21T10:00:00Z host app 7 - - \ufefflate`, `syslog | warn | late | ${T} | unit=app`],
  [`2026-11-21T11:00:00.000000+01:00 host app[7]: ${LOGFMT}`, `syslog | error | boom | ${T} | unit=app`],
  [`2026-11-21T11:00:00+0100 host app[7]: ${LOGFMT}`, `syslog | error | boom | ${T} | unit=app`],
  [`Sat 2026-11-21 10:00:00 UTC host app[7]: ${LOGFMT}`, 'syslog | error | boom | - | unit=app'],
  [`1795255200.000000 host app[7]: ${LOGFMT}`, `syslog | error | boom | ${T} | unit=app`],
  [`<3>connection refused`, 'sd-daemon | error | connection refused | -'],
  [`<6>${LOGFMT}`, 'sd-daemon | error | boom | -'],
  // docker-compose 1 ends the colour before the blank.
  [`\u001b[36mweb_1  |\u001b[0m ${LOGFMT}`, 'compose | error | boom | - | container=web_1'],
  // A process in brackets, whoever has written it.
  [
    '[Envoy (Epoch 0)] [2019-06-12 18:36:00.123][12][warning][config] [source/common/config/grpc.cc:91] boom',
    'compose | warn | boom | 2019-06-12T18:36:00.123Z | container=Envoy (Epoch 0)',
  ],
  ['[APP]time="2026-11-21T10:00:00Z" level=error msg="boom"', `compose | error | boom | ${T} | container=APP`],
  [`[0] ${LOGFMT}`, 'compose | error | boom | - | container=0'],
  ['[GIN-debug] [WARNING] boom', 'compose | warn | boom | - | container=GIN-debug'],
  ['[api] {"level":"error","msg":"boom"}', 'compose | error | boom | - | container=api'],
  // Not a level; and what stands behind it has to be a record.
  ['[error] level=warn msg=x', 'none | opaque | - | -'],
  ['[see] the error', 'compose | opaque | - | - | container=see'],
  // No host is called as a level is.
  [`<3>2026-11-21T10:00:00Z ERR app: boom`, `sd-daemon | error | app: boom | ${T}`],
  [`<3>2026-11-21T10:00:00Z ERROR app: boom`, `sd-daemon | error | boom | ${T}`],
  [
    `{"__REALTIME_TIMESTAMP":"1795255200000000","_SYSTEMD_UNIT":"a.service","PRIORITY":"6","MESSAGE":"level=error msg=boom"}`,
    `journald | error | boom | ${T} | unit=a.service`,
  ],
  [
    `{"__REALTIME_TIMESTAMP":"1795255200000000","_SYSTEMD_UNIT":"a.service","PRIORITY":"3","MESSAGE":"no such file"}`,
    `journald | error | no such file | ${T} | unit=a.service`,
  ],
  [
    `\u001e{"PRIORITY":"3","MESSAGE":"no such file","_SYSTEMD_UNIT":"a.service"}`,
    'journald | error | no such file | - | unit=a.service',
  ],
  [
    `{"date":1795255200.000000,"log":"level=error msg=boom","stream":"stderr","kubernetes":{"pod_name":"web-0","namespace_name":"shop","container_name":"app"}}`,
    `fluent | error | boom | ${T} | namespace=shop | pod=web-0 | container=app | stream=stderr`,
  ],
  [
    `2026-11-21 10:00:00.000000000 +0000 kube.web: {"log":"level=error msg=boom\\n","container_name":"/web","source":"stderr"}`,
    `fluent | error | boom | ${T} | container=web | stream=stderr`,
  ],
  [`2026-11-21 10:00:00.000000000 +0000 kube.web: {"level":"error","message":"boom"}`, `fluent | error | boom | ${T}`],
  [
    `{"version":"1.1","host":"h","short_message":"level=error msg=boom","level":6,"_container_name":"web","timestamp":1795255200}`,
    `gelf | error | boom | ${T} | container=web`,
  ],
  [
    `{"version":"1.1","host":"h","short_message":"no such file","level":3,"_container_name":"web"}`,
    'gelf | error | no such file | - | container=web',
  ],
  [
    `{"textPayload":"level=warn msg=boom","severity":"ERROR","timestamp":"2026-11-21T10:00:00Z","resource":{"type":"k8s_container","labels":{"pod_name":"web-0","namespace_name":"shop","container_name":"app"}},"logName":"projects/p/logs/stderr"}`,
    `google | warn | boom | ${T} | namespace=shop | pod=web-0 | container=app | stream=stderr`,
  ],
  [
    `{"textPayload":"no such file","severity":"ERROR","timestamp":"2026-11-21T10:00:00Z"}`,
    `google | error | no such file | ${T}`,
  ],
  [
    `{"jsonPayload":{"level":"error","msg":"boom"},"severity":"INFO","timestamp":"2026-11-21T10:00:00Z"}`,
    `google | error | boom | ${T}`,
  ],
  [
    `{"timestamp":1795255200000,"message":"level=error msg=boom","ingestionTime":1795255201000}`,
    `cloudwatch | error | boom | ${T}`,
  ],
  [`{"@timestamp":"2026-11-21T10:00:00Z","@message":"level=error msg=boom"}`, `cloudwatch | error | boom | ${T}`],
  [`2026-11-21T10:00:00.000000+00:00 app/web/0123 ${LOGFMT}`, `cloudwatch | error | boom | ${T}`],
];

test.each(kinds)('%s', (line, is) => {
  expect(understood(line)).toBe(is);
});

const NONE = [
  LOGFMT,
  '{"level":50,"msg":"level=error msg=boom"}',
  '{"level":"error","message":"level=warn msg=boom"}',
  '[2026-11-21T10:00:00Z ERROR app] boom',
  '{"severity":"ERROR","message":"boom","timestamp":"2026-11-21T10:00:00Z"}',
];

test.each(NONE)('%s has no envelope', (line) => {
  expect(read(line).envelope).toBeUndefined();
});

const PROSE = [
  'He said: level=error is what we saw',
  'a re-run tests level=error msg=x',
  'name | value',
  '| a | b |',
  '<b>bold</b> level=error',
  '<1> The first callout',
  '- web-1 level=error',
  'In 2024, 5 of 7 builds failed: level=error',
  '{"message":"see level=error"}',
  '{"log":{"level":"loud"}}',
  '{"log":{"level":30}}',
  '{"level":"loud","message":"level=error msg=x"}',
  '{"message":{"level":"error"}}',
  'SELECT * FROM logs WHERE level = 3;',
  '2026-11-21 10:00:00 level=error',
];

test.each(PROSE)('%s is no log line', (line) => {
  expect(read(line).level).toBe(-1);
});

const RULES = rulesOf(`
version: 1
rules:
  - { id: lower, when: { msg: { matches: '^(boom|no such file|connection refused)' } }, then: { level: debug } }
  - { id: raise, when: { msg: up }, await: { success: [{ msg: never }], failure: [{ msg: now }], within: 1h }, then: { level: debug }, else: { level: error } }
`);

const lowerLine = (line: string): string =>
  feed(RULES, [Buffer.from(`${line}\n`)], { envelope: 'auto' })
    .output.toString()
    .slice(0, -1);

const moved: readonly [line: string, becomes: string][] = [
  [
    `<11>Nov 21 10:00:00 host app[7]: ${LOGFMT}`,
    '<15>Nov 21 10:00:00 host app[7]: level=debug msg=boom relevel.rule=lower relevel.was=error relevel.was_envelope=11',
  ],
  [
    `<11>Nov 21 10:00:00 host app[7]: no such file`,
    '<15>Nov 21 10:00:00 host app[7]: no such file relevel.rule=lower relevel.was=11',
  ],
  [`<3>connection refused\r`, '<7>connection refused relevel.rule=lower relevel.was=3\r'],
  // It goes only where the line goes.
  [`<7>${LOGFMT}`, '<7>level=debug msg=boom relevel.rule=lower relevel.was=error'],
  [`<3>{"msg":"boom"}`, '<7>{"msg":"boom","relevel":{"rule":"lower","was":"3"}}'],
  [
    `{"PRIORITY":"3","MESSAGE":"{\\"level\\":50,\\"msg\\":\\"boom\\"}","_SYSTEMD_UNIT":"a"}`,
    `{"PRIORITY":"7","MESSAGE":"{\\"level\\":20,\\"msg\\":\\"boom\\",\\"relevel\\":{\\"rule\\":\\"lower\\",\\"was\\":\\"50\\",\\"was_envelope\\":\\"3\\"}}","_SYSTEMD_UNIT":"a"}`,
  ],
  [
    `{"MESSAGE":"level=error msg=boom","PRIORITY":3}`,
    `{"MESSAGE":"level=debug msg=boom relevel.rule=lower relevel.was=error relevel.was_envelope=3","PRIORITY":7}`,
  ],
  [
    `{"textPayload":"level=error msg=boom\\n","severity":"ERROR"}`,
    `{"textPayload":"level=debug msg=boom relevel.rule=lower relevel.was=error relevel.was_envelope=ERROR\\n","severity":"DEBUG"}`,
  ],
  [
    `{"jsonPayload":{"level":50,"msg":"boom"}, "severity":"ERROR"}`,
    `{"jsonPayload":{"level":20,"msg":"boom","relevel":{"rule":"lower","was":"50","was_envelope":"ERROR"}}, "severity":"DEBUG"}`,
  ],
  [
    `{"textPayload":"no such file","severity":"ERROR"}`,
    `{"textPayload":"no such file","severity":"DEBUG","relevel":{"rule":"lower","was":"ERROR"}}`,
  ],
];

test.each(moved)('moves the severity around %s, and back', (line, becomes) => {
  expect(lowerLine(line)).toBe(becomes);
  expect(restoreLine(Buffer.from(becomes))?.toString()).toBe(line);
});

test('raises the severity of an envelope with the line', () => {
  const text = '<4>level=warn msg=up time=2026-11-21T10:00:00Z\n<6>level=info msg=now time=2026-11-21T10:00:01Z\n';
  const { output } = feed(RULES, [Buffer.from(text)], { envelope: 'auto' });
  expect(output.toString()).toMatch(/^<3>level=error msg=up .*relevel\.was=warn relevel\.was_envelope=4/u);
});

describe('container, pod and unit are a part of the source', () => {
  const AWAIT = `
version: 1
rules:
  - { id: r, when: { msg: fail }, await: { success: [{ $line: { contains: ready } }], failure: [{ $line: { contains: gone } }], within: 5s, silence: success }, then: { level: debug } }
  - { id: f, when: { msg: again }, repeat: { by: [], window: 1h, rest: fold }, then: { level: warn } }
`;
  const at = (second: number): string => `2026-11-21T10:00:0${second}Z`;
  const through = (...lines: string[]): string[] =>
    run(
      AWAIT,
      lines.map((line) => ({ source: 's', at: 0, line })),
      { clock: 'replay', order: 'strict', envelope: 'auto' },
    ).map(({ line }) => line);

  test('an event of another decides nothing, one without a record does in its own', () => {
    const fails = `web-1  | level=error msg=fail time=${at(0)}`;
    expect(through(fails, 'db-1   | ready')[0]).toBe(fails);
    expect(through(fails, 'web-1  | it is ready')[0]).toContain('level=debug');
    expect(through(fails, 'web-1  | it is gone', `web-1  | level=info msg=x time=${at(9)}`)[0]).toBe(fails);
  });

  test('the time of another passes no deadline', () => {
    const fails = `web-1  | level=error msg=fail time=${at(0)}`;
    expect(through(fails, `db-1   | level=info msg=x time=${at(9)}`)[0]).toBe(fails);
    expect(through(fails, `web-1  | level=info msg=x time=${at(9)}`)[0]).toContain('level=debug');
  });

  test('a fatal line of another releases nothing', () => {
    const fails = `web-1  | level=error msg=fail time=${at(0)}`;
    expect(through(fails, `db-1   | level=fatal msg=x time=${at(1)}`, 'web-1  | ready')[0]).toContain('level=debug');
    expect(through(fails, `web-1  | level=fatal msg=x time=${at(1)}`, 'web-1  | ready')[0]).toBe(fails);
  });

  test('groups are of one', () => {
    const again = (who: string): string => `${who} | level=error msg=again time=${at(0)}`;
    expect(through(again('a'), again('b'), again('a'), again('b'))).toHaveLength(4);
  });

  test('prose that looks like words before a line decides as any line', () => {
    const fails = `level=error msg=fail time=${at(0)}`;
    expect(through(fails, 'state | gone', `level=info msg=x time=${at(9)}`)[0]).toBe(fails);
  });

  test('they are fields', () => {
    const rules = `
version: 1
rules:
  - { id: c, when: { $container: web-1, level: error }, then: { level: warn } }
  - { id: u, when: { $unit: app, level: error }, then: { level: info } }
  - { id: s, when: { $source: { contains: pod=web-0 container=app }, level: error }, then: { level: debug } }
`;
    const lines = [`web-1  | ${LOGFMT}`, `db-1  | ${LOGFMT}`, `Nov 21 10:00:00 h app[7]: ${LOGFMT}`, `[pod/web-0/app] ${LOGFMT}`];
    const left = run(
      rules,
      lines.map((line) => ({ source: 's', at: 0, line })),
      { clock: 'replay', order: 'strict', envelope: 'auto' },
    );
    expect(left.map(({ line }) => /relevel\.rule=(\w)/u.exec(line)?.[1])).toEqual(['c', undefined, 'u', 's']);
  });
});

test('a line made to look like the beginning of every envelope is read in linear time', () => {
  const hostile = [
    '<11>1 ',
    '[pod/',
    'a-1 '.repeat(200),
    '<3>',
    '{"log":"',
    '2026-11-21T10:00:00Z '.repeat(100),
    '\u001b[1m'.repeat(900),
    'a'.repeat(900),
    '<11>1 2026-11-21T10:00:00Z h a 7 - [a ',
  ];
  const started = performance.now();
  for (const start of hostile) for (const length of [0, 1_000, 60_000]) read(start + '[\\"'.repeat(length / 3));
  expect(performance.now() - started).toBeLessThan(2_000);
});
