import fc from 'fast-check';
import { Numeral } from '../oracle/values.ts';
import { MESSAGES, weighted, WORDS } from './alphabet.ts';

/** What YAML can spell; members that are `undefined` are left out. */
type Yaml = string | boolean | null | Numeral | readonly Yaml[] | { readonly [key: string]: Yaml | undefined };

const EVENTS = ['ready', 'refused', 'quiet'] as const;

const level = fc.constantFrom('trace', 'debug', 'info', 'warn', 'error', 'critical', 'fatal');
const number = fc.constantFrom('1', '1.0', '2', '-95', '9007199254740993').map((digits) => new Numeral(digits));
const literal: fc.Arbitrary<Yaml> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom<Yaml>(...WORDS) },
  { weight: 3, arbitrary: number },
  { weight: 1, arbitrary: fc.boolean() },
);

/** One or two keys of a map of tests. */
const valueTest: fc.Arbitrary<Yaml> = fc.oneof(
  { weight: 4, arbitrary: literal },
  { weight: 2, arbitrary: fc.record({ in: fc.array(literal, { minLength: 1, maxLength: 3 }) }) },
  { weight: 1, arbitrary: fc.constantFrom<Yaml>({ in: '$values' }, { glob: '$globs' }) },
  { weight: 2, arbitrary: fc.record({ exists: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ gte: number }) },
  { weight: 1, arbitrary: fc.record({ gt: number, lt: number }) },
  { weight: 1, arbitrary: fc.record({ lte: number, exists: fc.constant(true) }) },
  {
    weight: 2,
    arbitrary: textTest(['a', 'K', 'k', 'eth', '1', 'tru'], ['^[ab]$', '(?i)k', String.raw`\d`], ['eth?', 'lx*', '?']),
  },
);

/** Of those who wait and of those who are awaited: the same values, under the same name, another, or that of a field. */
const CAPTURES = [
  String.raw`^(?P<c>\S+) (?:failed|is ready)`,
  String.raw`(?i)(?P<c>[a-z]+) failed|try (?P<d>\d+) of (?P<dev>\d)`,
  '^(?P<dev>[a-z]+)',
  String.raw`(?P<c>\w+)$`,
  '(?P<pid>[a-z-]{2,})(?P<c>.)?',
];

const msgTest: fc.Arbitrary<Yaml> = fc.oneof(
  { weight: 1, arbitrary: fc.constantFrom<Yaml>(...MESSAGES) },
  { weight: 1, arbitrary: fc.record({ in: fc.uniqueArray(fc.constantFrom<Yaml>(...MESSAGES), { minLength: 1, maxLength: 4 }) }) },
  {
    weight: 5,
    arbitrary: textTest(
      ['failed', 'fail', 'o', 'k', 'ready', 'try', 'S', '/', '"'],
      ['^(?:id|try) ', '(?i)FAILED$', 'ready|ok|up', String.raw`\d+\.\d`, '^.{2,5}$', ...CAPTURES],
      ['*failed', '* is *', 'try ?? of 3', '*Ü*'],
    ),
  },
);

function textTest(parts: readonly string[], patterns: readonly string[], globs: readonly string[]): fc.Arbitrary<Yaml> {
  const part = fc.constantFrom(...parts);
  const ignoreCase = weighted<true | undefined>([3, undefined], [2, true]);
  return fc.oneof(
    { weight: 4, arbitrary: fc.record({ contains: part, ignore_case: ignoreCase }) },
    { weight: 1, arbitrary: fc.record({ starts_with: part, ignore_case: ignoreCase }) },
    { weight: 1, arbitrary: fc.record({ ends_with: part, ignore_case: ignoreCase }) },
    { weight: 1, arbitrary: fc.record({ contains: part, ends_with: part }) },
    { weight: 1, arbitrary: fc.record({ glob: fc.constantFrom(...globs), ignore_case: ignoreCase }) },
    { weight: 2, arbitrary: fc.record({ matches: fc.constantFrom(...patterns), ignore_case: ignoreCase }) },
  );
}

const levelTest: fc.Arbitrary<Yaml> = fc.oneof(
  { weight: 1, arbitrary: level },
  { weight: 1, arbitrary: fc.record({ in: fc.uniqueArray(level, { minLength: 1, maxLength: 3 }) }) },
  { weight: 3, arbitrary: fc.record({ at_least: fc.constantFrom('debug', 'info', 'warn', 'error', 'critical') }) },
  { weight: 1, arbitrary: fc.record({ at_most: fc.constantFrom('info', 'warn', 'error') }) },
  { weight: 1, arbitrary: fc.constant<Yaml>({ at_least: 'info', at_most: 'error' }) },
);

const entry = (name: fc.Arbitrary<string>, test: fc.Arbitrary<Yaml>): fc.Arbitrary<Yaml> =>
  fc.tuple(name, test).map(([key, value]) => ({ [key]: value }));

const leaf: fc.Arbitrary<Yaml> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ level: levelTest }) },
  { weight: 6, arbitrary: fc.record({ msg: msgTest }) },
  { weight: 2, arbitrary: fc.record({ level: levelTest, msg: msgTest }) },
  { weight: 4, arbitrary: entry(fc.constantFrom('pid', 'dev', 'n', 'net.if'), valueTest) },
  { weight: 1, arbitrary: entry(fc.constant('any'), valueTest).map((fields) => ({ fields })) },
  {
    weight: 1,
    arbitrary: fc.record({ $line: textTest(['ok', 'done', 'level', '"'], ['^[a-z ]+$', 'd[io]'], ['*done*', '{*']) }),
  },
  { weight: 1, arbitrary: entry(fc.constant('$source'), fc.constantFrom<Yaml>('s1', 's2', { ends_with: '1' })) },
);

const captures: fc.Arbitrary<Yaml> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...CAPTURES).map((matches): Yaml => ({ msg: { matches } })) },
  { weight: 1, arbitrary: fc.constantFrom(...CAPTURES).map((matches): Yaml => ({ $line: { matches } })) },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom(...CAPTURES)
      .map((matches): Yaml => ({ dev: { matches }, any: [{ msg: { matches } }, { level: 'info' }] })),
  },
);

/** Events do not name events: no ring can come of it. */
const eventCondition = conditionOf(leaf);
const condition = conditionOf(
  fc.oneof({ weight: 6, arbitrary: leaf }, { weight: 1, arbitrary: fc.record({ is: fc.constantFrom(...EVENTS) }) }),
);

function conditionOf(part: fc.Arbitrary<Yaml>): fc.Arbitrary<Yaml> {
  const parts = fc.array(part, { maxLength: 3 });
  return fc.oneof(
    { weight: 12, arbitrary: part },
    { weight: 1, arbitrary: fc.record({ not: part.map(anonymous) }) },
    // What several alternatives capture.
    {
      weight: 1,
      arbitrary: fc.record({
        any: fc.array(captures, { minLength: 1, maxLength: 3 }),
        level: fc.constant<Yaml>({ at_least: 'debug' }),
      }),
    },
    { weight: 2, arbitrary: fc.record({ any: parts }) },
    { weight: 1, arbitrary: fc.record({ all: parts }) },
    { weight: 1, arbitrary: fc.record({ level: levelTest, any: parts, not: part.map(anonymous) }) },
    { weight: 1, arbitrary: fc.record({ all: fc.tuple(fc.record({ any: parts }), fc.record({ not: part.map(anonymous) })) }) },
  );
}

/** Under `not` nothing is bound, and names that only stand there are refused. */
function anonymous(tree: Yaml): Yaml {
  if (typeof tree === 'string') return tree.replaceAll(/\(\?P<\w+>/gu, '(');
  if (typeof tree !== 'object' || tree === null || tree instanceof Numeral) return tree;
  if (isList(tree)) return tree.map(anonymous);
  return Object.fromEntries(Object.entries(tree).map(([name, of]) => [name, of === undefined ? of : anonymous(of)]));
}

const GOOD = ['ok', 'KVM is ready'];

/** The end of a process. */
const exits: fc.Arbitrary<Yaml> = weighted<Yaml>(
  [2, { $exit: new Numeral('0') }],
  [2, { $exit: { gt: new Numeral('0') } }],
  [1, 'ended'],
  [1, { $exit: { in: [new Numeral('0'), new Numeral('3')] } }],
  [1, { not: { fields: { $exit: { lte: new Numeral('3') } } } }],
  [1, { any: [{ $exit: new Numeral('3') }, { $exit: { gte: new Numeral('128'), lt: new Numeral('160') } }] }],
);

/** Mostly the event that is made for it. */
const expectation = (event: (typeof EVENTS)[number]): fc.Arbitrary<Yaml> =>
  fc.oneof(
    { weight: 8, arbitrary: fc.constant<Yaml>(event) },
    { weight: 1, arbitrary: fc.constantFrom<Yaml>(...EVENTS) },
    { weight: 1, arbitrary: fc.record({ msg: msgTest }) },
    { weight: 1, arbitrary: condition },
    { weight: 1, arbitrary: exits },
  );

const key: fc.Arbitrary<Yaml> = weighted<Yaml>(
  [10, []],
  [5, ['pid']],
  [2, ['dev']],
  [2, ['pid', 'dev']],
  [2, [{ here: 'dev', there: 'net.if' }]],
  [1, [{ here: 'n', there: 'pid' }]],
  [2, [{ first_of: ['dev', 'net.if', 'pid'] }]],
  [1, ['pid', { here: { first_of: ['n', 'any'] }, there: 'dev' }]],
  [1, [{ here: 'dev', there: { first_of: ['net.if', 'msg'] } }]],
  [1, ['level']],
  [1, ['msg']],
  [3, ['c']],
  [1, ['c', 'dev']],
  [1, [{ here: 'c', there: 'dev' }]],
  [1, [{ here: 'dev', there: { first_of: ['c', 'd', 'pid'] } }]],
);

const awaits: fc.Arbitrary<Yaml> = fc
  .record({
    success: fc.oneof(
      { weight: 6, arbitrary: fc.array(expectation('ready'), { minLength: 1, maxLength: 2 }) },
      { weight: 1, arbitrary: fc.constant([]) },
    ),
    failure: fc.option(fc.array(expectation('refused'), { minLength: 1, maxLength: 2 }), { nil: undefined, freq: 3 }),
    within: fc.constantFrom('500ms', '1s', '3s', '10s'),
    silence: fc.constantFrom('success', 'failure', undefined),
    by: key,
    lookback: weighted([3, undefined], [1, '1s'], [1, '3s'], [1, '1m']),
  })
  // What can never lower is refused at load.
  .map((made) => (made.success.length > 0 ? made : { ...made, success: undefined, silence: 'success' }));

const repeats = fc.record({
  by: weighted<Yaml>(
    [11, []],
    [3, ['dev']],
    [1, ['pid', 'net.if']],
    [1, ['msg', 'level']],
    [1, [{ field: 'msg', mask: ['number'] }]],
    [2, [{ field: 'msg', mask: ['uuid', 'ip', 'number'] }]],
    [1, [{ field: 'msg', mask: ['number', 'word', 'quoted', 'uuid', 'ip'] }]],
    [1, [{ field: 'msg', mask: ['path', 'number', 'uuid'] }]],
    [1, [{ field: 'msg', mask: [{ pattern: '[ab]+|\\d' }, 'number'] }]],
    [1, [{ field: 'msg', mask: ['word', { pattern: 'open .*failed|<w' }] }]],
    [4, [{ field: 'msg', mask: 'all' }]],
    [1, [{ field: 'msg', mask: 'all' }, 'dev']],
    [1, [{ first_of: ['dev', 'n'] }]],
    [2, [{ field: 'msg', mask: 'all' }, 'c']],
    [1, [{ field: { first_of: ['c', 'd'] }, mask: ['number'] }]],
    [1, [{ first_of: ['net.if', 'msg'] }]],
    [1, [{ field: { first_of: ['any', 'msg'] }, mask: ['number'] }]],
  ),
  window: fc.constantFrom('1s', '5s', '20s', '1m'),
  rest: weighted([4, 'fold'], [1, 'debug'], [1, 'warn']),
});

const text = fc.option(
  fc.constantFrom(
    'calm',
    'pid ${pid}, not ${event.pid}',
    '${dev}: ${msg}',
    '${net.if} or ${event.dev} it is',
    'n="${n}" \\ ${event.level}',
    'of ${c} ${d}: ${event.c} ${event.dev}',
    'then came "${event.$exit}"',
    '${level} at ${time}',
  ),
  { nil: undefined, freq: 2 },
);
const changeTo = (...levels: readonly string[]): fc.Arbitrary<Yaml> =>
  fc.record({ level: fc.constantFrom(...levels), msg: text, note: text });
const thens = fc.oneof(
  { weight: 8, arbitrary: changeTo('trace', 'debug', 'info', 'warn') },
  { weight: 1, arbitrary: fc.constant<Yaml>({ note: 'only said' }) },
  { weight: 1, arbitrary: fc.record({ raise: fc.constantFrom('debug', 'info', 'warn', 'error'), msg: text, note: text }) },
);

const rule = fc.record({
  why: fc.constant('it is expected'),
  until: weighted([12, undefined], [1, '2024-06-01'], [1, '2024-12-31'], [1, '2025-01-01'], [1, '2030-01-01']),
  when: fc.oneof(
    { weight: 1, arbitrary: captures },
    { weight: 6, arbitrary: fc.constant<Yaml>({ msg: { contains: 'fail', ignore_case: true } }) },
    { weight: 2, arbitrary: fc.record({ level: fc.constant<Yaml>({ at_least: 'info' }), msg: msgTest }) },
    { weight: 1, arbitrary: fc.constant<Yaml>({ level: { at_least: 'info' } }) },
    { weight: 4, arbitrary: condition },
  ),
  await: fc.option(awaits, { nil: undefined, freq: 2 }),
  then: thens,
  else: fc.option(changeTo('info', 'warn', 'error'), { nil: undefined, freq: 2 }),
  repeat: fc.option(repeats, { nil: undefined, freq: 3 }),
  budget: weighted<Yaml | undefined>(
    [8, undefined],
    [1, { lines: new Numeral('1'), per: '1s' }],
    [1, { lines: new Numeral('2'), per: '3s' }],
    [1, { lines: new Numeral('3'), per: '1m' }],
    [0.5, { lines: new Numeral('1'), per: '3s', over: 'error' }],
    [0.5, { lines: new Numeral('2'), per: '1m', over: 'info' }],
  ),
  hasThen: weighted([6, true], [1, false]),
});

/** Rules files that load: YAML text, in which every part of the language occurs. */
export const rulesFile: fc.Arbitrary<string> = fc
  .record({
    events: fc.record({
      ready: fc.oneof(
        { weight: 1, arbitrary: captures },
        { weight: 1, arbitrary: eventCondition },
        { weight: 5, arbitrary: fc.constant<Yaml>({ msg: { in: GOOD } }) },
      ),
      refused: fc.oneof(
        { weight: 1, arbitrary: eventCondition },
        { weight: 3, arbitrary: fc.constant<Yaml>({ msg: 'gave up' }) },
      ),
      quiet: eventCondition,
      ended: fc.constant<Yaml>({ $exit: { in: [new Numeral('0'), new Numeral('143')] } }),
    }),
    // Most files protect nothing but fatal lines, or hardly a wait would live to be decided.
    protect: fc.oneof(
      { weight: 4, arbitrary: fc.constant(undefined) },
      { weight: 1, arbitrary: fc.array(condition, { minLength: 1, maxLength: 2 }) },
    ),
    rules: fc.array(rule, { minLength: 1, maxLength: 6, size: 'max' }),
  })
  .map(({ events, protect, rules }) =>
    [
      'version: 1',
      `lists: ${spell({ values: ['a', 'eth0', new Numeral('1')], globs: ['lxc*', 'eth?', 'K*'] })}`,
      `events: ${spell(events)}`,
      ...(protect === undefined ? [] : [`protect: ${spell(protect)}`]),
      'rules:',
      ...rules.map(({ hasThen, ...made }, at) => {
        // `else` answers an `await` only, and a rule without `repeat` must have a `then` to do anything.
        const answers = made.await === undefined ? { else: undefined } : {};
        const silent = hasThen || made.repeat === undefined ? {} : { then: undefined };
        // What an `await` decided a success is never raised.
        const { then } = made;
        const lowers = made.await !== undefined && typeof then === 'object' && then !== null && 'raise' in then;
        const change = lowers ? { then: { ...then, raise: undefined, level: 'info' } } : {};
        const spelled = `  - ${spell({ id: `r${at + 1}`, ...made, ...answers, ...change, ...silent })}`;
        // Without an `await` no event can lend its fields.
        return made.await === undefined ? spelled.replaceAll('${event.', '${') : spelled;
      }),
      '',
    ].join('\n'),
  );

/** How lines are read, where that is not as usual. */
const readings = fc.record(
  {
    level: fc.constantFrom<Yaml>(['sev'], ['meta.sev', 'sev'], ['severity', 'meta.sev']),
    msg: fc.constant<Yaml>(['detail']),
    time: fc.constant<Yaml>(['at']),
    numbers: fc.constantFrom('pino', 'syslog', 'python', 'opentelemetry', 'google', 'monolog'),
    zone: fc.constantFrom('UTC', '+05:30', 'America/New_York', 'Europe/Berlin'),
  },
  { requiredKeys: [] },
);

/** Some of the same say how lines are read. */
export const rulesFileThatReads: fc.Arbitrary<string> = fc
  .tuple(rulesFile, fc.oneof({ weight: 2, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: readings }))
  .map(([file, read]) => (Object.keys(read).length === 0 ? file : file.replace('\n', `\nread: ${spell(read)}\n`)));

const PLAIN = /^(?!(?:true|false|null|yes|no|on|off|y|n)$)(?:[a-z_$][\w.$]*|\d+(?:ms|s|m|h)|\d{4}-\d\d-\d\d)$/iu;

/** YAML in flow style. */
function spell(value: Yaml): string {
  if (value instanceof Numeral) return value.digits;
  if (typeof value === 'string') return PLAIN.test(value) ? value : JSON.stringify(value);
  if (typeof value !== 'object' || value === null) return String(value);
  if (isList(value)) return `[${value.map(spell).join(', ')}]`;
  const entries = Object.entries(value).flatMap(([name, of]) => (of === undefined ? [] : [`${spell(name)}: ${spell(of)}`]));
  return `{ ${entries.join(', ')} }`;
}

const isList = (value: Yaml): value is readonly Yaml[] => Array.isArray(value);
