import fc from 'fast-check';
import type { Arrival } from '../oracle/expected.ts';
import { BASE, FIELDS, MESSAGES, NUMBERS, weighted, WORDS } from './alphabet.ts';
import { oddLevels } from './levels.ts';

/** What a line says, before a format spells it. Values are JSON text. */
interface Saying {
  readonly level: string;
  readonly msg: string | undefined;
  /** Own time in ms; a text is a time that is none. */
  readonly time: number | string | undefined;
  readonly fields: readonly (readonly [name: string, json: string])[];
  /** Picks among the spellings of a format. */
  readonly manner: number;
  /** Picks among the names and the spellings of a time. */
  readonly clock: number;
}

/** How a program writes its lines, and their times: most lines of a stream are of one. */
interface Voice {
  readonly format: (saying: Saying) => string;
  readonly clock: number;
}

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'];
const SYNONYMS: Readonly<Record<string, string>> = {
  info: 'notice',
  warn: 'Warning',
  error: 'err',
  critical: 'crit',
  fatal: 'panic',
};

const value = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(...WORDS).map((word) => JSON.stringify(word)) },
  { weight: 5, arbitrary: fc.constantFrom(...NUMBERS) },
  { weight: 1, arbitrary: fc.constantFrom('true', 'false', 'null', '{}', '[1]', String.raw`"\u0061"`, String.raw`"\u004bVM"`) },
);

/** Mostly one of two values, or keys would seldom meet. */
const likelyValue = fc.oneof({ weight: 3, arbitrary: fc.constantFrom('"a"', '1') }, { weight: 1, arbitrary: value });

const fields = fc
  .record(Object.fromEntries(FIELDS.map((name) => [name, likelyValue])), { requiredKeys: ['pid'] })
  .map((made) => Object.entries(made).map(([name, json]) => [name, json!] as const));
const scarceFields = fc
  .subarray([...FIELDS], { maxLength: 2 })
  .chain((names) => fc.tuple(...names.map((name) => likelyValue.map((json) => [name, json] as const))));

/** What many rules judge and await; said often, so that it is said again within a window. */
const OFTEN = ['probe failed', 'ok'];

const saying = fc.record({
  level: weighted([1, 'trace'], [2, 'debug'], [6, 'info'], [4, 'warn'], [7, 'error'], [0.6, 'critical'], [0.4, 'fatal']),
  msg: fc.option(fc.constantFrom<string>(...MESSAGES, ...OFTEN, ...OFTEN, ...OFTEN, 'two\nlines', '', ''), {
    nil: undefined,
    freq: 15,
  }),
  isTimed: weighted<true | false | 'yesterday' | '2025-13-01T00:00:00Z'>(
    [16, true],
    [3, false],
    [0.5, 'yesterday'],
    [0.5, '2025-13-01T00:00:00Z'],
  ),
  skew: weighted([14, 0], [1, -700], [1, 400], [1, -4000], [1, -1500], [0.1, 90_000]),
  fields: fc.oneof({ weight: 3, arbitrary: fields }, { weight: 1, arbitrary: scarceFields }),
  manner: fc.nat({ max: 209 }),
});

const whole = [
  [6, pino],
  [4, zap],
  [1, nested],
  [6, logfmt],
  [2, envLogger],
  [3, klog],
  [1.2, zapConsole],
  [1.2, zerologConsole],
  [0.8, structuredKlog],
  [0.6, named],
] as const;
const clock = fc.nat({ max: 209 });
const voice: fc.Arbitrary<Voice> = fc.record({ format: weighted<(saying: Saying) => string>(...whole), clock });
const otherVoice: fc.Arbitrary<Voice> = fc.record({
  clock,
  format: weighted<(saying: Saying) => string>(
    ...whole,
    [2, opaque],
    [1, doubled],
    [0.5, broken],
    [1, annotated],
    [0.1, long],
    [4, odd],
  ),
});

const step = weighted([6, 0], [4, 100], [4, 500], [2, 1000], [1, 2500], [0.2, 7000]);
const pause = fc.constantFrom(500, 1000, 5000);

/** What a collector writes before a line; most streams have none. `way` picks among containers and severities. */
type Wrap = (line: string, at: number, way: number) => string;

const wrap: fc.Arbitrary<Wrap> = weighted<Wrap>(
  [6, (line) => line],
  [1, (line, _, way) => `${pick(['web-1 ', 'web-1 ', 'db-1  '], way)} | ${line}`],
  [0.5, (line, _, way) => `[pod/${pick(['web-0', 'web-0', 'web-1'], way)}/app] ${line}`],
  [
    1,
    (line, at, way) =>
      `<${pick([11, 11, 14, 8, 15], way)}>${new Date(at).toISOString()} host ${pick(['app', 'app', 'cron'], way)}[7]: ${line}`,
  ],
  [0.5, (line, _, way) => `<${pick([3, 4, 6, 3, 2, 7], way)}>${line}`],
  [0.5, (line, at, way) => `${new Date(at).toISOString()} ${pick(['stdout', 'stderr'], way)} F ${line}`],
);

/** Lines that go on with the one before, and some that only look as if they did. */
const TAILS = [
  '\tat com.acme.Pool.get(Pool.java:12)',
  '\tat com.acme.Pool.get(Pool.java:7)',
  'java.io.IOException: refused',
  'Caused by: java.io.IOException: refused',
  'Caused by: java.io.IOException: no route',
  'Traceback (most recent call last):',
  '  File "a.py", line 3, in f',
  'Lost: all done, ok',
  '',
  'During handling of the above exception, another exception occurred:',
  'goroutine 1 [running]:',
  'main.run(0xc000012345)',
  'TypeError: probe failed',
  '}',
  'cause: 1',
  'level=error msg=ok pid=1',
];

/** A line behind another: mostly of the same writer, and at once. */
const tailLine = fc.record({
  text: fc.constantFrom(...TAILS),
  after: weighted([6, 0], [2, 20], [1, 50], [1, 51]),
  isOthers: weighted([6, false], [1, true]),
});

type Beat =
  | { readonly pause: number }
  | {
      readonly source: string;
      readonly step: number;
      readonly line: (at: number, usual: Voice, around: Wrap) => string;
      readonly tail: readonly { readonly after: number; readonly line: (at: number, around: Wrap) => string }[];
    };

const line: fc.Arbitrary<Beat> = fc
  .record({
    source: weighted([5, 's1'], [1, 's2']),
    step,
    saying,
    isUsual: weighted([6, true], [1, false]),
    other: otherVoice,
    way: fc.nat({ max: 59 }),
    end: weighted([15, ''], [1, '\r']),
    tails: fc.oneof(
      { weight: 4, arbitrary: fc.array(tailLine, { maxLength: 0 }) },
      { weight: 1, arbitrary: fc.array(tailLine, { maxLength: 5 }) },
    ),
  })
  .map(({ source, step: after, saying: { isTimed, skew, ...said }, isUsual, other, way, end, tails }) => ({
    source,
    step: after,
    tail: tails.map(({ text, after: later, isOthers }) => ({
      after: later,
      line: (at: number, around: Wrap) => around(text, at, isOthers ? way + 1 : way) + end,
    })),
    line: (at, usual, around) => {
      const time = isTimed === true ? at + skew : isTimed === false ? undefined : isTimed;
      const { format, clock: ofVoice } = isUsual ? usual : other;
      return around(format({ ...said, time, clock: ofVoice }), at, way) + end;
    },
  }));

const beat: fc.Arbitrary<Beat> = fc.oneof({ weight: 15, arbitrary: line }, { weight: 1, arbitrary: fc.record({ pause }) });

/** Lines of one or two sources, in any format and some in none, and now and then a while without one; the first comes at `base`. */
export const streamFrom = (base: number): fc.Arbitrary<readonly Arrival[]> =>
  fc.tuple(voice, wrap, fc.array(beat, { minLength: 1, maxLength: 60, size: 'max' })).map(([usual, around, beats]) => {
    let at = base;
    return beats.flatMap((each): Arrival[] => {
      at += 'pause' in each ? each.pause : each.step;
      if ('pause' in each) return [{ at }];
      const { source } = each;
      const head = { source, at, line: each.line(at, usual, around) };
      return [head, ...each.tail.map(({ after, line: behind }) => ({ source, at: (at += after), line: behind(at, around) }))];
    });
  });

export const stream = streamFrom(BASE);

function pino({ level, msg, time, fields: own, manner }: Saying): string {
  const number = numberOf(level) + (manner % 5 === 0 ? 5 : 0);
  const times = time === undefined ? [] : [member('time', typeof time === 'number' ? String(time) : JSON.stringify(time))];
  return object([
    member('level', String(number)),
    ...times,
    ...own.map(([name, json]) => member(name, json)),
    ...message('msg', msg, manner),
  ]);
}

/** Level names and times of many kinds, spaces, and the message before the fields. */
function zap({ level, msg, time, fields: own, manner, clock: way }: Saying): string {
  const levelKey = pick(['level', 'severity', 'lvl', '@level', 'log.level', 'levelname'], manner);
  const times = time === undefined ? [] : [...notTimes(way), member(pick(TIME_NAMES, way), spellTime(time, way))];
  const members = [
    ...times,
    member(levelKey, spellLevel(level, manner)),
    ...message(pick(['message', 'msg', '@message'], manner), msg, manner),
    ...own.map(([name, json]) => member(name, json)),
  ];
  return manner % 2 === 0 ? object(members) : `{ ${members.join(', ')} }`;
}

/** Paths as objects in objects. */
function nested({ level, msg, time, fields: own, manner, clock: way }: Saying): string {
  const times = time === undefined ? [] : [member('@timestamp', spellTime(time, way))];
  return object([
    ...times,
    member('log', object([member('level', spellLevel(level, manner))])),
    ...own.map(([name, json]) => (name === 'net.if' ? member('net', object([member('if', json)])) : member(name, json))),
    ...message('message', msg, manner),
  ]);
}

function logfmt({ level, msg, time, fields: own, manner, clock: way }: Saying): string {
  const levels = [level, level.toUpperCase(), SYNONYMS[level] ?? level];
  const times =
    time === undefined
      ? []
      : [
          pick(
            [`ts=${spellBareTime(time)}`, pair('time', spellIso(time, way)), pair(pick(TIME_NAMES, way), spellIso(time, way))],
            way,
          ),
        ];
  const pairs = own.map(([name, json]) => (json === 'true' && manner % 2 === 0 ? name : pair(name, bare(json))));
  const tail = manner % 7 === 0 ? ['url=/a?b=c"d'] : [];
  return [...times, `level=${pick(levels, manner)}`, ...(msg === undefined ? [] : [pair('msg', msg)]), ...pairs, ...tail].join(
    ' ',
  );
}

function envLogger({ level, msg, time, manner }: Saying): string {
  const name = (level === 'fatal' ? 'error' : level).toUpperCase().padEnd(5);
  const at = typeof time === 'number' ? time : BASE;
  return `[${new Date(at).toISOString()} ${name} ${pick(['app', 'app::net'], manner)}] ${(msg ?? 'ok').replaceAll('\n', ' ')}`;
}

function opaque({ msg, time, manner, level }: Saying): string {
  const times = typeof time === 'number' ? [member('time', String(time))] : [];
  return pick(
    [
      'all done, ok',
      '',
      'panic: probe failed',
      object([...times, ...message('msg', msg, manner)]),
      object([member('level', '"loud"'), ...times, ...message('msg', msg, manner)]),
      object([member('level', 'null'), member('pid', '1')]),
      `{"level":50,"msg":"${level}`,
      '[50, "probe failed"]',
      'msg=ok pid=1 done',
    ],
    manner,
  );
}

/** A name twice at the top; `unread` is one that no rule reads. */
function doubled(said: Saying): string {
  const name = pick(['level', 'msg', 'dev', 'time', 'unread'], said.manner);
  if (said.manner % 3 === 0) return `${logfmt({ ...said, fields: [] })} ${name}=1 ${name}=1`;
  const doubles = [member(name, '30'), member(name, '50')];
  const plain = pino({ ...said, fields: said.fields.filter(([own]) => own !== name) });
  return `${plain.slice(0, -1)},${doubles.join(',')}}`;
}

function broken({ level, time }: Saying): string {
  const times = typeof time === 'number' ? `ts=${spellBareTime(time)} ` : '';
  return `${times}level=${level} pid=1 msg="open "/dev/x" away"`;
}

function annotated(said: Saying): string {
  if (said.manner % 3 === 0) return `${logfmt(said)} relevel.rule=old relevel.was=error`;
  return `${pino(said).slice(0, -1)},"relevel":{"rule":"old","was":"50"}}`;
}

function long(said: Saying): string {
  return pino({ ...said, fields: [...said.fields, ['long', JSON.stringify('x'.repeat(9000))]] });
}

function odd({ level, msg, time, fields: own, manner }: Saying): string {
  return oddLevels({
    level,
    manner,
    times: time === undefined ? [] : [member('time', typeof time === 'number' ? String(time) : JSON.stringify(time))],
    members: [...own.map(([name, json]) => member(name, json)), ...message('msg', msg, manner)],
    pairs: [
      ...(time === undefined ? [] : [`ts=${spellBareTime(time)}`]),
      ...(msg === undefined ? [] : [pair('msg', msg)]),
      ...own.map(([name, json]) => pair(name, bare(json))),
    ],
    at: new Date(typeof time === 'number' ? time : BASE).toISOString(),
  });
}

/** pino's; a level of which it has none is fatal. */
const numberOf = (level: string): number => (level === 'critical' ? 60 : 10 * (LEVELS.indexOf(level) + 1));

const member = (name: string, json: string): string => `${JSON.stringify(name)}:${json}`;
const object = (members: readonly string[]): string => `{${members.join(',')}}`;
const pick = <T>(choices: readonly T[], manner: number): T => choices[manner % choices.length]!;

const message = (name: string, msg: string | undefined, manner: number): readonly string[] =>
  msg === undefined ? [] : [member(name, spellText(msg, manner))];

/** Plain, with a slash escaped, or with its first letter as an escape. */
function spellText(text: string, manner: number): string {
  const json = JSON.stringify(text);
  if (manner % 7 === 1) return json.replaceAll('/', String.raw`\/`);
  if (manner % 7 === 2)
    return json.replace(/^"([a-z])/iu, (_, letter: string) => `"${String.raw`\u`}00${letter.charCodeAt(0).toString(16)}`);
  return json;
}

function spellLevel(level: string, manner: number): string {
  const title = level[0]!.toUpperCase() + level.slice(1);
  const number = String(numberOf(level));
  return pick(
    [
      JSON.stringify(level),
      JSON.stringify(level.toUpperCase()),
      JSON.stringify(title),
      JSON.stringify(SYNONYMS[level] ?? level),
      number,
      spellText(level, 2),
    ],
    manner,
  );
}

const TIME_NAMES = ['ts', 'time', 'timestamp', '@timestamp', '@t', 't', 'datetime', 'asctime', '_SOURCE_REALTIME_TIMESTAMP'];

/** A duration or a word under the first of the names, now and then. */
const notTimes = (way: number): readonly string[] =>
  pick(TIME_NAMES, way) === 'time' || way % 4 > 0 ? [] : [member('time', pick(['0.52', '"12ms"', '99999999', 'null'], way >> 2))];

function spellTime(time: number | string, way: number): string {
  if (typeof time === 'string') return JSON.stringify(time);
  const iso = JSON.stringify(spellIso(time, way));
  return pick([String(time), spellBareTime(time), `${time}000`, `"${time}000000"`, iso, iso, iso], way);
}

/** Seconds, with a fraction if there is one. */
const spellBareTime = (time: number | string): string => (typeof time === 'string' ? time : String(time / 1000));

function spellIso(time: number | string, way: number): string {
  if (typeof time === 'string') return time;
  const utc = new Date(time).toISOString();
  const bare = utc.slice(0, -1);
  const shifted = new Date(time + 3_600_000).toISOString().slice(0, -1);
  return pick(
    [utc, utc.replace('Z', '000000Z'), `${shifted}+01:00`, `${shifted}+0100`, bare, bare.replace('T', ' ').replace('.', ',')],
    way,
  );
}

/** A header without a year and a zone. What has no time, or no such level, is written as logfmt. */
function klog(said: Saying): string {
  const { level, msg, time, manner } = said;
  const letter = { info: 'I', warn: 'W', error: 'E', fatal: 'F' }[level];
  if (letter === undefined || typeof time !== 'number') return logfmt(said);
  const [, month, day, clockTime] = /^\d{4}-(\d\d)-(\d\d)T(.*)Z$/u.exec(new Date(time).toISOString())!;
  return `${letter}${month!}${day!} ${clockTime!}000       ${pick([1, 27], manner)} app.go:12] ${(msg ?? 'ok').replaceAll('\n', ' ')}`;
}

/** The fields as pairs: a line of text can have any number of them behind its message. */
const pairsOf = (own: Saying['fields'], manner: number): readonly string[] =>
  own.map(([name, json]) => pair(name, bare(json))).slice(manner % 4 === 0 ? own.length : 0);

/** zap's console: tabs between the parts, and the fields as an object behind the message. */
function zapConsole(said: Saying): string {
  const { level, msg, time, fields: own, manner } = said;
  if (typeof time !== 'number') return zap(said);
  const parts = [
    new Date(time).toISOString(),
    manner % 2 === 0 ? level : level.toUpperCase(),
    ...(manner % 3 === 0 ? ['controller.pod'] : []),
    'app/app.go:12',
    inOneLine(msg),
    ...(own.length === 0 || manner % 5 === 0 ? [] : [object(own.map(([name, json]) => member(name, json)))]),
  ];
  return parts.join('\t');
}

/** zerolog's console: three letters for a level, and the fields as pairs behind the message. */
function zerologConsole(said: Saying): string {
  const { level, msg, time, fields: own, manner } = said;
  const word = { trace: 'TRC', debug: 'DBG', info: 'INF', warn: 'WRN', error: 'ERR', fatal: 'FTL' }[level];
  if (word === undefined || typeof time !== 'number') return logfmt(said);
  return [new Date(time).toISOString(), word, inOneLine(msg), ...pairsOf(own, manner)].join(' ');
}

/** klog's structured form: the message in quotes, and pairs behind it. */
function structuredKlog(said: Saying): string {
  const head = klog({ ...said, msg: '' });
  if (!head.endsWith('] ')) return head;
  return head + [JSON.stringify(inOneLine(said.msg)), ...pairsOf(said.fields, said.manner)].join(' ');
}

const inOneLine = (msg: string | undefined): string => (msg === undefined || msg === '' ? 'ok' : msg.replaceAll('\n', ' '));

/** Level, message and time under names that only rules know, now and then beside usual ones. */
function named({ level, msg, time, fields: own, manner, clock: way }: Saying): string {
  const spelt = pick([JSON.stringify(level), ...SCALES.map((scale) => scale[LEVELS.indexOf(level)] ?? '"critical"')], manner);
  const other = pick([JSON.stringify(level), '"error"', '"loud"', '3'], manner >> 2);
  const levels = pick(
    [
      [member('sev', spelt)],
      [member('meta.sev', spelt)],
      [member('meta', object([member('sev', spelt)]))],
      [member('meta.sev', spelt), member('meta', object([member('sev', other)]))],
      [member('meta', object([member('sev', other), member('x', '1')])), member('meta.sev', spelt)],
      [member('sev', spelt), member('level', other)],
      [member('level', spelt), member('log.level', other), member('log', object([member('level', spelt)]))],
    ],
    manner,
  );
  const times = time === undefined ? [] : [member(pick(['at', 'ts'], way), spellTime(time, way))];
  const texts =
    msg === undefined
      ? []
      : pick([['detail'], ['msg'], ['detail', 'msg']], way).map((name) => member(name, spellText(msg, manner)));
  return object([...times, ...levels, ...texts, ...own.map(([name, json]) => member(name, json))]);
}

/** Numbers of syslog, Python, OpenTelemetry and Google for each of `LEVELS`. */
const SCALES: readonly (readonly string[])[] = [
  ['7', '7', '6', '4', '3', '0'],
  ['10', '10', '20', '30', '40', '50'],
  ['1', '5', '9', '13', '17', '21'],
  ['100', '100', '200', '400', '500', '800'],
];

/** The text that a JSON value is in logfmt. */
const bare = (json: string): string => (json.startsWith('"') ? (JSON.parse(json) as string) : json);

const pair = (name: string, text: string): string => `${name}=${/^[^\0- "=\\]+$/u.test(text) ? text : JSON.stringify(text)}`;
