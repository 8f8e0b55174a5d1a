import { expect, test } from 'vitest';
import type { EnvelopeKind } from '../../src/formats/envelope.ts';
import { feed } from '../support/feed.ts';
import { rulesOf } from '../support/run.ts';

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
    `${CRI}{"level":20,"msg":"it is missing","relevel":{"rule":"lower","was":50}}`,
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
    docker(String.raw`"{\"level\":20,\"msg\":\"it is missing\",\"relevel\":{\"rule\":\"lower\",\"was\":50}}\n"`),
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
    'Nov 21 10:00:00 host app[7]: {"level":20,"msg":"it is missing","relevel":{"rule":"lower","was":50}}',
  ],
  [
    'behind one of RFC 5424',
    'auto',
    '<11>1 2026-11-21T10:00:00Z host app 7 - [a b="c\\]"] {"level":50,"msg":"it is missing"}',
    '<11>1 2026-11-21T10:00:00Z host app 7 - [a b="c\\]"] {"level":20,"msg":"it is missing","relevel":{"rule":"lower","was":50}}',
  ],
  [
    'behind docker compose’s names',
    'auto',
    'web-1  | {"level":50,"msg":"it is missing"}',
    'web-1  | {"level":20,"msg":"it is missing","relevel":{"rule":"lower","was":50}}',
  ],
];

test.each(edits)('changes %s in place', (_claim, envelope, line, becomes) => {
  expect(through(`${line}\n`, envelope)).toBe(`${becomes}\n`);
});

const P = CRI.replace(' F ', ' P ');

const same: readonly [claim: string, envelope: EnvelopeKind, text: string][] = [
  ['the parts of a line', 'auto', `${P}level=error msg="it is missing\n${CRI}and more" msg="it is missing"\n`],
  [
    'the parts of a line, another stream between them',
    'auto',
    `${P}level=error msg=a\n${CRI.replace('stderr', 'stdout')}x\n${CRI}level=error msg="it is missing"\n`,
  ],
  [
    'the parts of a line of docker’s',
    'auto',
    `${docker('"level=error msg=a"')}\n${docker(String.raw`"level=error msg=\"it is missing\"\n"`)}\n`,
  ],
  ['half a surrogate pair', 'auto', `${docker(String.raw`"level=error msg=\"\ud83d is missing\"\n"`)}\n`],
  ['an envelope that is not asked for', 'none', `${CRI}{"level":50,"msg":"it is missing"}\n`],
];

test.each(same)('leaves %s as it is', (_claim, envelope, text) => {
  expect(through(text, envelope)).toBe(text);
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
