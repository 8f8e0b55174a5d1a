import fc from 'fast-check';
import { dockerString } from './containers.ts';
import { weighted } from './alphabet.ts';

/** Texts that a format may take for something else: quotes, headers, annotations, the ends of things. */
const TEXTS = [
  'boom',
  'two words',
  '',
  ' lead',
  'tail ',
  '"',
  'a"b',
  'say "no" twice',
  '\\',
  'a\\',
  '\\u0041',
  'a=b',
  '=',
  '}',
  '{"level":50}',
  ',"relevel":{"rule":"x","was":"50"}',
  'mod: x',
  'done:',
  'a::b: c',
  '[ERROR x] y',
  'E0412 12:24:03.589075       1 file.go:12] z',
  '2025-01-01T00:00:00Z ERROR a: b',
  'x relevel.rule=r relevel.was=error',
  'relevel.rule=r',
  ' relevel.rule=r relevel.was=error',
  'ends relevel.rule=',
  'käse',
  '\u{1f600}',
  '\u2028',
  '\t',
  '\u0000',
  'two\nlines',
  '\r',
  '\u001b[31mred\u001b[0m',
  '\u009b',
  '\ufffd',
] as const;

/** Text that no format reads: an envelope with a severity makes a record of it. */
const prose = fc.constantFrom(
  'connection refused',
  'a',
  'said "no"',
  '{"a":1}',
  '{ "msg":"x" }',
  'msg=x y=1',
  'x\\',
  'ends ',
  '',
);

const text = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom<string>(...TEXTS) },
  { weight: 1, arbitrary: fc.string({ maxLength: 6 }) },
);

/** New messages and notes: what an operator may write, and what a field of a line may bring. */
const templates = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom<string>(...TEXTS) },
  { weight: 1, arbitrary: fc.constantFrom('${x}', '${msg}', '${msg} ${x}', '${level}: ${msg}', '${$line}') },
  { weight: 1, arbitrary: fc.string({ maxLength: 5 }).map((odd) => odd.replaceAll('$', '')) },
);

const NAMES = [
  'trace',
  'debug',
  'info',
  'warn',
  'error',
  'WARN',
  'ERROR',
  'Error',
  'err',
  'ERR',
  'warning',
  'E',
  'W',
  'notice',
  'critical',
  'alert',
  'fatal',
  'eror',
  'WARN+2',
  'production',
  '',
];
const NUMBERS = ['50', '40', '30', '20', '55', '5e1', '4.0e1', '500', '400', '3', '4', '17', '-1', '60'];

const odd = fc.func(fc.boolean());
const blank = weighted<string>([8, ''], [2, ' '], [0.3, '  '], [0.3, '\t']);

// JSON

/** A JSON string, some of its characters as escapes. */
const jsonString = (of: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc
    .tuple(of, odd, weighted([4, false], [1, true]))
    .map(([plain, isOdd, isOften]) => `"${isOften ? escaped(plain, isOdd) : JSON.stringify(plain).slice(1, -1)}"`);

const escaped = (plain: string, isOdd: (at: number) => boolean): string =>
  [...plain]
    .map((char, at) =>
      char.length === 1 && isOdd(at)
        ? `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`
        : JSON.stringify(char).slice(1, -1),
    )
    .join('');

const levelNames = fc.constantFrom(
  'level',
  'severity',
  'lvl',
  'log.level',
  'levelname',
  'level_name',
  'status',
  '@level',
  'severityText',
  'PRIORITY',
  'severity_number',
  'levelno',
  'LogLevel',
);
const messageNames = fc.constantFrom('msg', 'message', '@message', 'short_message', 'body');
const otherNames = fc.constantFrom('x', 'time', 'relevel.x', 'a b', '', 'pid', 'version', 'log', 'c', 'ctx', 's');

const jsonLevel = fc.oneof(
  { weight: 3, arbitrary: jsonString(fc.constantFrom(...NAMES)) },
  { weight: 2, arbitrary: fc.constantFrom(...NUMBERS) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('"50"', '"3"', 'null', 'true', '{}', '" error "', String.raw`"\u001b[31mERROR\u001b[0m"`),
  },
);
const jsonOther = fc.oneof(
  { weight: 4, arbitrary: jsonString(text) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '1',
      '1.0',
      'null',
      'true',
      '[]',
      '{"level":"error"}',
      '{"level":50,"level":"warn"}',
      '[{"a":"}"}]',
    ),
  },
);

const member = (name: fc.Arbitrary<string>, value: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.tuple(jsonString(name), blank, blank, value).map(([key, before, behind, json]) => `${key}${before}:${behind}${json}`);

const json = fc
  .tuple(
    fc.array(
      fc.oneof(
        { weight: 4, arbitrary: member(levelNames, jsonLevel) },
        { weight: 3, arbitrary: member(messageNames, jsonOther) },
        { weight: 3, arbitrary: member(otherNames, jsonOther) },
        { weight: 2, arbitrary: fc.constant('"level":50') },
      ),
      { minLength: 1, maxLength: 6 },
    ),
    blank,
    blank,
    weighted([30, ''], [1, ','], [1, 'x']),
  )
  .map(([members, open, close, trailing]) => `${open}{${close}${members.join(`,${open}`)}${open}}${trailing}${close}`);

// logfmt

const quoted = text.map((plain) => JSON.stringify(plain));
const bareText = text.map((plain) => plain.replaceAll(/[\0- ]/gu, ''));
const logfmtValue = fc.oneof(
  { weight: 3, arbitrary: quoted },
  { weight: 3, arbitrary: bareText },
  { weight: 1, arbitrary: text.map((plain) => `"${plain}"`) },
);
const pair = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...NAMES, ...NUMBERS).map((level) => `level=${level}`) },
  {
    weight: 1,
    arbitrary: fc.tuple(levelNames, fc.constantFrom(...NAMES, ...NUMBERS)).map(([name, level]) => `${name}=${level}`),
  },
  { weight: 1, arbitrary: fc.constantFrom('level="error"', String.raw`level="err\u006fr"`, 'severity="WARN"') },
  { weight: 4, arbitrary: fc.tuple(messageNames, logfmtValue).map(([name, value]) => `${name}=${value}`) },
  { weight: 2, arbitrary: logfmtValue.map((value) => `x=${value}`) },
  { weight: 1, arbitrary: fc.constantFrom('msg', 'level', 'x', '}', ',', ',x=1', 'msg=', 'level=', '"') },
);
const logfmt = fc
  .array(fc.tuple(pair, weighted([12, ' '], [1, ''], [1, '  '], [1, '\t'], [0.3, '\0'])), { minLength: 1, maxLength: 6 })
  .map((pairs) => pairs.map(([each, gap]) => each + gap).join(''));

// text

const headed = fc
  .record({
    head: fc.constantFrom(
      '[2025-01-01T00:00:00Z L t]',
      '[2025-01-01T00:00:00Z L]',
      '[L t]',
      '[L]',
      '2025-01-01T00:00:00Z L',
      '2025-01-01T00:00:00.5Z  L t:',
      '2025-01-01T00:00:00Z L a::b:',
      'K0412 12:24:03.589075       1 file.go:12]',
      'K0412 12:24:03.589075 1 f.go:1]',
    ),
    level: fc.constantFrom('ERROR', 'WARN', 'INFO', 'ERROR', 'DEBUG', 'FATAL'),
    gap: weighted([8, ' '], [1, ''], [1, '  ']),
    msg: text,
  })
  .map(({ head, level, gap, msg }) => head.replace('L', level).replace('K', level[0]!) + gap + msg.replaceAll('\n', ' '));

// around

const around: readonly ((line: string, isOdd: (at: number) => boolean) => string)[] = [
  (line) => `2026-11-21T10:00:00.123456789+01:00 stdout F ${line}`,
  (line) => `2026-11-21T10:00:00Z stderr F:tag ${line}`,
  (line) => `{"log":"${dockerString(line)}\\n","stream":"stderr","time":"2026-11-21T10:00:00.1Z"}`,
  (line, isOdd) =>
    `{"log":"${dockerString(line, isOdd)}\\n","stream":"stdout","attrs":{"tag":"a"},"time":"2026-11-21T10:00:00.1Z"}`,
  (line) => `Nov 21 10:00:00 host app[7]: ${line}`,
  (line) => `<11>Nov  1 10:00:00 host app: ${line}`,
  (line) => `<11>1 2026-11-21T10:00:00Z host app 7 - [a b="c\\]"] ${line}`,
  (line) => `web-1  | ${line}`,
  (line) => `\u001b[36mweb-1  | \u001b[0m2026-11-21T10:00:00Z ${line}`,
  (line) => `[pod/web-1/app] ${line}`,
  (line) => `[Envoy (Epoch 0)] ${line}`,
  (line) => `[APP]${line}`,
  (line) => `web-7c9f8d-x2x4k app ${line}`,
  (line) => `2026-11-21T10:00:00.5+0100 host app[7]: ${line}`,
  (line) => `<3>${line}`,
  (line) => `<131>Nov 21 10:00:00 app[7]: ${line}`,
  (line) => `2026-11-21T10:00:00.1Z stderr F <3>${line}`,
  (line) => `{"log":"${dockerString(`<4>${line}`)}\\n","stream":"stderr","time":"2026-11-21T10:00:00.1Z"}`,
  (line, isOdd) => `{"__REALTIME_TIMESTAMP":"1795255200000000","MESSAGE":"${dockerString(line, isOdd)}","PRIORITY":"3"}`,
  (line) => `\u001e{"PRIORITY":"3","MESSAGE":${JSON.stringify(line)},"_SYSTEMD_UNIT":"a.service"}`,
  (line) => `{"version":"1.1","short_message":${JSON.stringify(line)},"level":3,"_container_name":"web"}`,
  (line, isOdd) => `{"severity":"ERROR","textPayload":"${dockerString(line, isOdd)}\\n","timestamp":"2026-11-21T10:00:00Z"}`,
  (line) => `{"jsonPayload":${line.startsWith('{') ? line : '{"level":"error"}'}, "severity": "ERROR"}`,
  (line) => `{"date":1795255200.5,"log":${JSON.stringify(line)},"kubernetes":{"pod_name":"a","container_name":"b"}}`,
  (line) =>
    `<11>1 2026-11-21T10:00:00Z host app 7 - - {"message":${JSON.stringify(line)},"timestamp":1795255200000,"eventId":"1"}`,
];

/** A line as latin1 text, its newline included: of all formats, inside an envelope or not, and made to be misread. */
export const hostileLine: fc.Arbitrary<string> = fc
  .record({
    line: fc.oneof(
      { weight: 3, arbitrary: json },
      { weight: 3, arbitrary: logfmt },
      { weight: 2, arbitrary: headed },
      { weight: 1, arbitrary: prose },
    ),
    envelope: fc.option(fc.constantFrom(...around), { nil: undefined, freq: 2 }),
    isOdd: odd,
    end: weighted([8, '\n'], [1, '\r\n'], [0.5, ' \0\n'], [0.5, '\xff\xfe\n']),
  })
  .map(({ line, envelope, isOdd, end }) => {
    const whole = line.replaceAll('\n', ' ');
    return Buffer.from(envelope === undefined ? whole : envelope(whole, isOdd)).toString('latin1') + end;
  });

/** Rules that change whatever they may, and what they are to write. */
export const hostileChange = fc.record({
  level: fc.constantFrom('trace', 'debug', 'info', 'warn'),
  msg: fc.option(templates, { nil: undefined, freq: 4 }),
  note: fc.option(templates, { nil: undefined, freq: 2 }),
});
