import { expect, test } from 'vitest';
import { openEngine } from '../../src/engine/engine.ts';
import { restoreLine } from '../../src/engine/edit/restore.ts';
import type { EnvelopeKind } from '../../src/formats/envelope-kinds.ts';
import { feed } from '../support/feed.ts';
import { ROOMY, rulesOf } from '../support/run.ts';

const RULES = rulesOf(`
version: 1
rules:
  - id: lower
    when: { msg: { contains: is missing } }
    then: { level: debug }
  - id: of-stderr
    when: { $source: { ends_with: stream=stderr }, msg: { contains: by stderr } }
    then: { level: info }
`);

const through = (text: string, envelope: EnvelopeKind): string =>
  feed(RULES, [Buffer.from(text)], { envelope }).output.toString();

const CRI = '2026-11-21T10:00:00.123456789Z stderr F ';
const docker = (log: string, stream = 'stderr'): string =>
  `{"log":${log},"stream":"${stream}","time":"2026-11-21T10:00:00.123456789Z"}`;

const edits: readonly [claim: string, envelope: EnvelopeKind, line: string, becomes: string][] = [
  [
    'JSON inside the CRI',
    'cri',
    `${CRI}{"level":50,"msg":"it is missing"}`,
    `${CRI}{"level":20,"msg":"it is missing","relevel":{"rule":"lower","was":"50"}}`,
  ],
  [
    'logfmt inside the CRI',
    'auto',
    `${CRI}level=error msg="it is missing"`,
    `${CRI}level=debug msg="it is missing" relevel.rule=lower relevel.was=error`,
  ],
  [
    'a line with a CR inside the CRI',
    'auto',
    `${CRI}level=error msg="it is missing"\r`,
    `${CRI}level=debug msg="it is missing" relevel.rule=lower relevel.was=error\r`,
  ],
  [
    'by its stream',
    'auto',
    `${CRI}level=error msg="by stderr"`,
    `${CRI}level=info msg="by stderr" relevel.rule=of-stderr relevel.was=error`,
  ],
  [
    'JSON inside docker’s JSON',
    'docker',
    docker(String.raw`"{\"level\":50,\"msg\":\"it is missing\"}\n"`),
    docker(String.raw`"{\"level\":20,\"msg\":\"it is missing\",\"relevel\":{\"rule\":\"lower\",\"was\":\"50\"}}\n"`),
  ],
  [
    'what docker escapes beside what is changed',
    'auto',
    docker(String.raw`"level=error msg=\"\u003cit\u003e \ud83d\ude00\\n is missing\"\r\n"`),
    docker(String.raw`"level=debug msg=\"\u003cit\u003e \ud83d\ude00\\n is missing\" relevel.rule=lower relevel.was=error\r\n"`),
  ],
  [
    'a text logger inside docker’s JSON',
    'auto',
    docker(String.raw`"[2026-11-21T10:00:00Z ERROR app] it is missing\n"`),
    docker(String.raw`"[2026-11-21T10:00:00Z DEBUG app] it is missing relevel.rule=lower relevel.was=ERROR\n"`),
  ],
  [
    'behind a syslog header',
    'auto',
    'Nov 21 10:00:00 host app[7]: {"level":50,"msg":"it is missing"}',
    'Nov 21 10:00:00 host app[7]: {"level":20,"msg":"it is missing","relevel":{"rule":"lower","was":"50"}}',
  ],
  [
    'behind one of RFC 5424',
    'auto',
    '<11>1 2026-11-21T10:00:00Z host app 7 - [a b="c\\]"] {"level":50,"msg":"it is missing"}',
    '<15>1 2026-11-21T10:00:00Z host app 7 - [a b="c\\]"] {"level":20,"msg":"it is missing","relevel":{"rule":"lower","was":"50","was_envelope":"11"}}',
  ],
  [
    'behind docker compose’s names',
    'auto',
    'web-1  | {"level":50,"msg":"it is missing"}',
    'web-1  | {"level":20,"msg":"it is missing","relevel":{"rule":"lower","was":"50"}}',
  ],
];

test.each(edits)('changes %s in place', (_claim, envelope, line, becomes) => {
  expect(through(`${line}\n`, envelope)).toBe(`${becomes}\n`);
});

const P = CRI.replace(' F ', ' P ');
const OUT = CRI.replace('stderr', 'stdout');
const TIME = CRI.split(' ')[0]!;

/** Lines whose pieces are joined, and what they become: one line, where the last piece stood. */
const joined: readonly [claim: string, text: string, becomes: string][] = [
  [
    'the pieces of a line',
    `${P}level=error msg="it is\n${P} miss\n${CRI}ing" a=1\n`,
    `${CRI}level=debug msg="it is missing" a=1 relevel.rule=lower relevel.was=error relevel.pieces=22@${TIME},5@${TIME}\n`,
  ],
  [
    'what is cut in the middle of its level',
    `${P}{"level":5\n${CRI}0,"msg":"it is missing"}\n`,
    `${CRI}{"level":20,"msg":"it is missing","relevel":{"rule":"lower","was":"50","pieces":"10@${TIME}"}}\n`,
  ],
  [
    'pieces of two streams between each other',
    `${P}level=error msg="it is\n${OUT.replace(' F ', ' P ')}hel\n${CRI} missing"\n${OUT}lo\n`,
    `${OUT.replace(' F ', ' P ')}hel\n${CRI}level=debug msg="it is missing" relevel.rule=lower relevel.was=error relevel.pieces=22@${TIME}/1\n${OUT}lo\n`,
  ],
  [
    'pieces in docker’s JSON',
    `${docker(String.raw`"level=error msg=\"\u003cit\u003e"`)}\n${docker(String.raw`" is missing\"\n"`)}\n`,
    `${docker(String.raw`"level=debug msg=\"\u003cit\u003e is missing\" relevel.rule=lower relevel.was=error relevel.pieces=32@${TIME}\n"`)}\n`,
  ],
  [
    'what follows a line that was joined',
    `${P}a\n${CRI}b\n${CRI}level=error msg="it is missing"\n`,
    `${P}a\n${CRI}b\n${CRI}level=debug msg="it is missing" relevel.rule=lower relevel.was=error\n`,
  ],
];

test.each(joined)('judges as one %s', (_claim, text, becomes) => {
  expect(through(text, 'auto')).toBe(becomes);
  expect(
    becomes
      .split(/(?<=\n)/u)
      .map((line) => restoreLine(Buffer.from(line))?.toString() ?? line)
      .join(''),
  ).toHaveLength(text.length);
});

const MISSING = 'level=error msg="it is missing"';

const same: readonly [claim: string, envelope: EnvelopeKind, text: string][] = [
  ['the pieces of a line that no rule cares about', 'auto', `${P}level=error\n${OUT}x\n${CRI} msg=a\n`],
  ['the last piece of a line, whatever it says', 'auto', `${P}x\n${CRI}${MISSING}\n`],
  ['pieces that never end', 'auto', `${P}level=error\n${OUT}x\n${P} msg="it is missing"\n`],
  [
    'pieces that are none of one line',
    'auto',
    `${docker('"a"')}\n${docker(String.raw`"level=error\n"`).replace(',"time"', ',"attrs":{},"time"')}\n`,
  ],
  ['more pieces than are joined', 'auto', `${`${P}x\n`.repeat(300)}${CRI} ${MISSING}\n`],
  ['a piece with tags that are not known', 'auto', `${P.replace(' P ', ' P:a ')}level=error\n${CRI} msg="it is missing"\n`],
  ['half a surrogate pair', 'auto', `${docker(String.raw`"level=error msg=\"\ud83d is missing\"\n"`)}\n`],
  ['an envelope that is not asked for', 'none', `${CRI}{"level":50,"msg":"it is missing"}\n`],
];

test.each(same)('leaves %s as it is', (_claim, envelope, text) => {
  expect(through(text, envelope)).toBe(text);
});

test('a line whose pieces are longer than a line may be leaves as it came, and so does its end', () => {
  const text = `${P}${'x'.repeat(300)}\n${P}${'y'.repeat(300)}\n${P}${MISSING}\n${CRI}${MISSING}\n${CRI}${MISSING}\n`;
  const { output, counts } = feed(RULES, [Buffer.from(text)], { envelope: 'cri', maxLine: 500 });
  expect(output.toString()).toBe(
    text
      .replace(`${MISSING}\n${CRI}${MISSING}\n`, (all) => all)
      .replace(/level=error([^\n]*)\n$/u, 'level=debug$1 relevel.rule=lower relevel.was=error\n'),
  );
  expect(counts).toMatchObject({ linesIn: 2, unchanged: 1, changed: 1, overlong: 1 });
});

test('a line in pieces is waited for no longer than a second, and nothing behind it is', () => {
  const engine = openEngine(RULES, { ...ROOMY, clock: 'live', envelope: 'auto' });
  let written = '';
  const input = engine
    .source('a')
    .input({ write: (bytes, start, end) => (written += Buffer.from(bytes.subarray(start, end)).toString()) });
  input.push(Buffer.from(`${P}level=error\n${OUT}x\n`), 5_000);
  expect(written).toBe('');
  expect(engine.nextDue()).toBe(6_000);
  engine.advance(6_000);
  expect(written).toBe(`${P}level=error\n${OUT}x\n`);
  written = '';
  input.push(Buffer.from(`${CRI}msg="it is missing"\n${CRI}level=error msg="it is missing"\n`), 7_000);
  expect(written).toBe(`${CRI}msg="it is missing"\n${CRI}level=debug msg="it is missing" relevel.rule=lower relevel.was=error\n`);
});

test('a summary does not come between the pieces of a line', () => {
  const rules = rulesOf(`
version: 1
rules:
  - id: once
    when: { msg: again }
    then: { level: warn }
    repeat: { by: [], window: 1s, rest: fold }
`);
  const at = (second: number, text: string, tag: 'F' | 'P' = 'F'): string =>
    `2026-11-21T10:00:0${second}Z stderr ${tag} ${text}\n`;
  const text = `${at(0, 'level=error msg=again').repeat(2)}${at(5, 'level=err', 'P')}${at(5, 'or msg=other')}`;
  const engine = openEngine(rules, { ...ROOMY, clock: 'live', envelope: 'auto' });
  let written = '';
  const now = Date.UTC(2026, 10, 21, 10);
  const input = engine
    .source('a')
    .input({ write: (bytes, start, end) => (written += Buffer.from(bytes.subarray(start, end)).toString()) });
  const lines = text.split(/(?<=\n)/u);
  input.push(Buffer.from(lines.slice(0, 2).join('')), now);
  input.push(Buffer.from(lines[2]!), now + 500);
  engine.advance(now + 1_000);
  input.push(Buffer.from(lines[3]!), now + 1_000);
  const [first, piece, last, summary, ...rest] = written.split(/(?<=\n)/u);
  expect([piece, last, rest]).toEqual([lines[2], lines[3], []]);
  expect(first).toContain('level=warn');
  expect(summary).toContain('relevel.repeats=1');
});

test('restores nothing in an envelope that an edit could not have made', () => {
  const ours = docker(String.raw`"level=debug msg=\"\u003ca\" relevel.rule=r relevel.was=error\n"`);
  expect(restoreLine(Buffer.from(ours))?.toString()).toBe(docker(String.raw`"level=error msg=\"\u003ca\"\n"`));
  const spoofs = [
    // spelled as no edit spells it
    docker(String.raw`"level=debug msg=a \u0072elevel.rule=r relevel.was=error\n"`),
    docker(String.raw`"level=\u0064ebug msg=a relevel.rule=r relevel.was=error\n"`),
    docker(String.raw`"level=debug msg=a relevel.rule=r relevel.was=error trailing\n"`),
    // pieces that cannot have been there
    `${CRI}level=debug msg=a relevel.rule=r relevel.was=error relevel.pieces=99@${TIME}`,
    `${CRI}level=debug msg=a relevel.rule=r relevel.was=error relevel.pieces=1@`,
    `level=debug msg=a relevel.rule=r relevel.was=error relevel.pieces=1@${TIME}`,
  ];
  expect(spoofs.filter((line) => restoreLine(Buffer.from(line)) !== undefined)).toEqual([]);
});

test('a line inside an envelope has the time of the envelope where it has none of its own', () => {
  const rules = rulesOf(`
version: 1
rules:
  - id: once
    when: { msg: again }
    then: { level: warn }
    repeat: { by: [], window: 10m, rest: fold }
`);
  const line = `${CRI}level=error msg=again\n`;
  const output = feed(rules, [Buffer.from(line.repeat(3))], { envelope: 'cri' }).output.toString();
  const relevel = 'relevel.rule=once relevel.was=error';
  const time = '2026-11-21T10:00:00.123456789Z'.slice(0, 23);
  expect(output).toBe(
    `${CRI}level=warn msg=again ${relevel}\n` +
      `${CRI}level=warn msg=again ${relevel} relevel.repeats=2 relevel.first=${time}Z relevel.last=${time}Z\n`,
  );
});
