import { describe, expect, test } from 'vitest';
import type { Arrival, Expected, Options } from './expected.ts';
import { interpret } from './interpret.ts';
import { actualOutcomes, expectedOutcomes } from './outcome.ts';

/** `3` line 3 as it was, `3>debug` line 3 at that level, `3x2>warn` a summary of two whose last is line 3. */
type Told = string;

/** A line, after `@ms` if its arrival counts and `name:` if its source does; `@ms` alone lets time pass. It says `ts=1` for `START` and a second. */
type Said = string;

/** A lower number is no time. ms */
const START = 1e12;

type Case = readonly [claim: string, rules: string, input: readonly Said[], output: Told];

const file = (rules: readonly string[], top = ''): string =>
  `version: 1\n${top}\nrules:\n${rules.map((rule) => `  - ${rule}`).join('\n')}\n`;

/** A rule that waits after `fail`: for `ok`, for `bad`; `more` goes beside or instead of what `await` holds. */
const wait = (more = 'by: []', changes = 'then: { level: debug }, else: { level: warn }', id = 'r'): string =>
  `{ id: ${id}, when: { msg: fail }, await: { success: [{ msg: ok }], failure: [{ msg: bad }], within: 5s, ${more} }, ${changes} }`;
/** A rule that folds what comes again. */
const fold = (by = '[]', more = 'then: { level: warn }', window = '10s'): string =>
  `{ id: r, when: { level: { at_least: info } }, repeat: { by: ${by}, window: ${window}, rest: fold }, ${more} }`;
/** A rule without a memory. */
const lower = (when: string, more = 'then: { level: debug }', id = 'r'): string => `{ id: ${id}, when: ${when}, ${more} }`;

const FAIL = 'level=error msg=fail ts=0';
const OK = 'level=info msg=ok ts=1';
const BAD = 'level=info msg=bad ts=1';
const LATER = 'level=info msg=x ts=6';
const JSON_FAIL = '{"level":50,"time":0,"msg":"fail"}';

const records: readonly Case[] = [
  ['a line without a level is opaque and stays', file([lower('{}')]), ['msg=fail ts=0', 'plain words'], '0 1'],
  [
    'a custom number counts as the standard one below it',
    file([lower('{ level: info }')]),
    ['{"level":35}', '{"level":40}'],
    '0>debug 1',
  ],
  ['synonyms of levels count in any case', file([lower('{ level: warn }')]), ['level=WARNING', 'level=err'], '0>debug 1'],
  [
    'a flat name comes before a nested one',
    file([lower('{ a.b: 1 }')]),
    ['{"level":50,"a":{"b":1}}', '{"level":50,"a":{"b":1},"a.b":2}'],
    '0>debug 1',
  ],
  ['95 is not the text 95', file([lower('{ n: 95 }')]), ['{"level":50,"n":95}', '{"level":50,"n":"95"}'], '0>debug 1'],
  [
    'in logfmt a number fits the text that spells it',
    file([lower('{ n: 95 }')]),
    ['level=error n=95', 'level=error n=96'],
    '0>debug 1',
  ],
  [
    '1 is 1.0',
    file([lower('{ n: 1 }')]),
    ['{"level":50,"n":1.0}', '{"level":50,"n":1e0}', '{"level":50,"n":1.5}'],
    '0>debug 1>debug 2',
  ],
  [
    'integers beyond 2^53 are told apart by their digits',
    file([lower('{ n: 9007199254740993 }')]),
    ['{"level":50,"n":9007199254740993}', '{"level":50,"n":9007199254740992}'],
    '0>debug 1',
  ],
  ['case counts', file([lower('{ msg: { contains: FAIL } }')]), [FAIL], '0'],
  [
    'ignore_case lifts it, also for the Kelvin sign',
    file([lower('{ msg: { contains: K, ignore_case: true } }')]),
    ['level=error msg=a\u{212A}b'],
    '0>debug',
  ],
  [
    'all of nothing holds, any of nothing does not',
    file([lower('{ any: [] }'), lower('{ all: [] }', 'then: { level: info }', 's')]),
    [FAIL],
    '0>info',
  ],
  [
    'fields holds names that are words of the language',
    file([lower('{ fields: { not: x } }')]),
    ['level=error not=x', 'level=error'],
    '0>debug 1',
  ],
  [
    'a glob stands for its list',
    file([lower('{ d: { glob: $v } }')], 'lists: { v: [lxc*, eth?] }'),
    ['level=error d=lxc1', 'level=error d=eth10'],
    '0>debug 1',
  ],
  [
    'a name that the rules read makes a line ambiguous if it comes twice with values that differ',
    file([lower('{}')]),
    ['{"level":50,"level":40}', '{"level":50,"z":1,"z":2}', '{"level":50,"level":50}', '{"level":50,"msg":"a","msg":"\\u0061"}'],
    '0 1>debug 2>debug 3>debug',
  ],
  [
    'a name that only an event without use has may occur twice',
    file([lower('{}')], 'events: { e: { z: 1 } }'),
    ['{"level":50,"z":1,"z":2}'],
    '0>debug',
  ],
  ['broken quotes make a line ambiguous', file([lower('{}')]), ['level=error msg="open "/dev/kvm" failed"'], '0'],
  ['an unquoted value may hold = and a quote', file([lower('{ url: /a?b=c"d }')]), ['level=error url=/a?b=c"d'], '0>debug'],
  [
    'text headers are read',
    file([lower('{ msg: fail }')]),
    ['[2025-04-16T18:03:11Z ERROR a::b] fail', 'E0412 12:24:03.589075       1 file.go:12] fail'],
    '0>debug 1>info',
  ],
];

const verdicts: readonly Case[] = [
  ['the first rule that fits judges', file([lower('{ msg: ok }'), lower('{}', 'then: { level: info }', 's')]), [FAIL], '0>info'],
  [
    'then never raises, and annotates all the same',
    file([lower('{}', 'then: { level: warn }')]),
    ['level=info msg=fail'],
    '0>info',
  ],
  ['else may raise', file([wait()]), ['level=info msg=fail ts=0', BAD], '0>warn 1'],
  ['fatal is protected', file([lower('{}')]), ['level=fatal msg=fail', 'level=panic msg=fail'], '0 1'],
  [
    'critical is lowered only by a rule that names it',
    file([lower('{ level: { at_least: error } }'), lower('{ any: [{ level: critical }, { msg: x }] }')]),
    ['level=critical msg=fail', 'level=error msg=fail'],
    '0>debug 1>debug',
  ],
  [
    "critical is nobody else's, and ends no wait",
    file([wait('by: [], silence: success')]),
    [FAIL, 'level=critical msg=fail ts=1', 'level=info msg=x ts=9'],
    '0>debug 1 2',
  ],
  ['a protected line is not changed', file([lower('{}')], 'protect: [{ msg: fail }]'), [FAIL, OK], '0 1>debug'],
  [
    'an annotated line is not edited again',
    file([lower('{}')]),
    ['{"level":20,"relevel":{"rule":"r","was":"50"}}', 'level=error relevel.rule=r'],
    '0 1',
  ],
  [
    'until holds until its last day is over',
    file([lower('{}', 'then: { level: debug }, until: 2024-12-31')]),
    ['{"level":50,"time":"2024-12-31T23:59:59Z"}', '{"level":50,"time":"2025-01-01T00:00:00Z"}'],
    '0>debug 1',
  ],
  [
    'without a time until does not rest',
    file([lower('{}', 'then: { level: debug }, until: 2000-01-01')]),
    ['level=error'],
    '0>debug',
  ],
  [
    'a budget begun without a time begins at the first time',
    file([lower('{}', 'then: { level: debug }, budget: { lines: 1, per: 2s }')]),
    ['level=error', 'level=error', 'level=error ts=1', 'level=error ts=2', 'level=error ts=3'],
    '0>debug 1 2 3 4>debug',
  ],
  [
    'past its budget a rule leaves lines unchanged until the span is over',
    file([lower('{}', 'then: { level: debug }, budget: { lines: 1, per: 2s }')]),
    ['level=error ts=0', 'level=error ts=1', 'level=error ts=2', 'level=error ts=3'],
    '0>debug 1 2>debug 3',
  ],
];

const waits: readonly Case[] = [
  ['a success lowers', file([wait()]), [FAIL, OK], '0>debug 1'],
  ['a failure does not', file([wait('by: []', 'then: { level: debug }')]), [FAIL, BAD], '0 1'],
  ['a line that is both counts as a failure', file([wait().replace('msg: bad', 'msg: ok')]), [FAIL, OK], '0>warn 1'],
  ['a missing key field lets the line go', file([wait('by: [pid]')]), [FAIL, OK], '0 1'],
  [
    'another key decides nothing',
    file([wait('by: [pid], silence: failure')]),
    [`${FAIL} pid=1`, `${OK} pid=2`, LATER],
    '0>warn 1 2',
  ],
  [
    'a number and a text of one spelling are one key',
    file([wait('by: [pid]')]),
    ['{"level":50,"time":0,"msg":"fail","pid":1}', '{"level":30,"time":0,"msg":"ok","pid":"1"}'],
    '0>debug 1',
  ],
  [
    '1 and 1.0 are two keys',
    file([wait('by: [pid], silence: success')]),
    ['{"level":50,"time":0,"msg":"fail","pid":1}', '{"level":30,"time":0,"msg":"ok","pid":1.0}'],
    '0 1',
  ],
  [
    'null correlates with nothing',
    file([wait('by: [pid]')]),
    ['{"level":50,"time":0,"msg":"fail","pid":null}', '{"level":30,"time":0,"msg":"ok","pid":null}'],
    '0 1',
  ],
  [
    'here and there name fields that differ',
    file([wait('by: [{ here: a, there: b }]')]),
    [`${FAIL} a=1`, `${OK} b=1`],
    '0>debug 1',
  ],
  ['another source decides nothing', file([wait('by: [], silence: success')]), [`a:${FAIL}`, `b:${OK}`], '0 1'],
  ['within is still in time', file([wait()]), [FAIL, 'level=info msg=ok ts=5'], '0>debug 1'],
  ['past within silence decides, not the line', file([wait()]), [FAIL, 'level=info msg=ok ts=5.001'], '0>warn 1'],
  ['silence may be the good news', file([wait('by: [], silence: success')]), [FAIL, 'level=info msg=x ts=6'], '0>debug 1'],
  [
    'an event far before the line does not count',
    file([wait('by: [], silence: failure')]),
    ['level=error msg=fail ts=9', 'level=info msg=ok ts=3', 'level=info msg=x ts=15'],
    '0>warn 1 2',
  ],
  [
    'an event a little before it, but later in the stream, does',
    file([wait()]),
    ['level=error msg=fail ts=9', 'level=info msg=ok ts=4'],
    '0>debug 1',
  ],
  [
    'a line without a time has that of the one before',
    file([wait()]),
    ['level=error msg=fail ts=9', 'level=info msg=ok'],
    '0>debug 1',
  ],
  ['without any time a success decides nothing', file([wait()]), ['level=error msg=fail', 'level=info msg=ok'], '0 1'],
  ['an opaque line ends no wait by its time', file([wait()]), [FAIL, 'ts=9 msg=x', OK], '0>debug 1 2'],
  [
    'an opaque line decides by $line',
    file([wait().replace('msg: ok', '$line: { contains: done }')]),
    [FAIL, 'all done'],
    '0>debug 1',
  ],
  ['an ambiguous line is no success', file([wait()]), [FAIL, `${OK} msg=other`, LATER], '0>warn 1 2'],
  ['an ambiguous line can be a failure', file([wait('by: [], silence: success')]), [FAIL, `${BAD} msg=bad`], '0>warn 1'],
  [
    'the time of an ambiguous line counts',
    file([wait('by: [], silence: success')]),
    [FAIL, 'level=info msg=x msg=y ts=6'],
    '0>debug 1',
  ],
  ['an annotated line is no success', file([wait()]), [FAIL, `${OK} relevel.rule=x relevel.was=error`, LATER], '0>warn 1 2'],
  [
    'no line decides a wait of the rule that judges it',
    file([wait().replace('when: { msg: fail }', 'when: {}')]),
    [FAIL, OK, 'level=info msg=x ts=60'],
    '0>warn 1>warn 2',
  ],
  [
    'a protected line releases all that waits',
    file([wait()], 'protect: [{ msg: stop }]'),
    [FAIL, 'level=info msg=stop ts=1', OK],
    '0 1 2',
  ],
  ['a protected line decides before it releases', file([wait()], 'protect: [{ msg: ok }]'), [FAIL, OK], '0>debug 1'],
  ['a lookback decides at once', file([wait('by: [], lookback: 2s')]), [OK, 'level=error msg=fail ts=3'], '0 1>debug'],
  [
    'only the last event counts for it',
    file([wait('by: [], lookback: 2s')]),
    [OK, 'level=info msg=bad ts=2', 'level=error msg=fail ts=3'],
    '0 1 2>warn',
  ],
  [
    'a lookback that is too short leaves the line waiting',
    file([wait('by: [], lookback: 1s')]),
    [OK, 'level=error msg=fail ts=3', 'level=info msg=x ts=9'],
    '0 1>warn 2',
  ],
  ['the end releases a line for which silence would have been success', file([wait('by: [], silence: success')]), [FAIL], '0'],
  ['the end releases a line for which silence would have been failure', file([wait('by: [], silence: failure')]), [FAIL], '0'],
  [
    'one line decides many, over all rules',
    file([wait().replace('msg: fail', 'msg: fall'), wait('by: []', 'then: { level: info }', 's')]),
    [FAIL, 'level=error msg=fall ts=0', OK],
    '0>info 1>debug 2',
  ],
];

const silent = (more = '') => file([wait(`by: [], silence: success${more}`)]);
const JSON_OK = '{"level":30,"time":"2001-09-09T01:46:41Z","msg":"ok"}';
const JSON_BAD = JSON_OK.replace('"ok"', '"bad"');
/** Two hours before `FAIL`, by its own clock. */
const KLOG_FAIL = 'E0908 23:46:40.000000       1 a.go:1] fail';
const KLOG_OK = 'I0908 23:46:41.000000       1 a.go:1] ok';

const clocks: readonly Case[] = [
  ['a line of another clock passes no deadline', silent(), [FAIL, '{"level":30,"time":"2001-09-10T00:00:00Z","msg":"x"}'], '0 1'],
  ['a success of another clock decides nothing', file([wait()]), [FAIL, JSON_OK], '0 1'],
  ['after it, nobody knows whether there was silence', file([wait()]), [FAIL, JSON_OK, LATER], '0 1 2'],
  ['unless both mean the same', silent(), [FAIL, JSON_OK, LATER], '0>debug 1 2'],
  ['a failure of another clock decides by its order', silent(), [FAIL, JSON_BAD], '0>warn 1'],
  ['a failure decides without any time', silent(), ['level=error msg=fail', 'level=info msg=bad'], '0>warn 1'],
  ['a name is a clock', file([wait()]), [FAIL, 'level=info msg=ok time=1000000001'], '0 1'],
  [
    'a zone is a clock',
    file([wait()]),
    ['level=error msg=fail time=2001-09-09T01:46:40Z', 'level=info msg=ok time=2001-09-09T02:46:41+01:00'],
    '0 1',
  ],
  [
    'a Z is the zone that +00:00 is',
    file([wait()]),
    ['level=error msg=fail time=2001-09-09T01:46:40Z', 'level=info msg=ok time=2001-09-09T01:46:41+00:00'],
    '0>debug 1',
  ],
  ['a text without a zone is no text in UTC', file([wait()]), [JSON_FAIL, JSON_OK.replace('Z', '')], '0 1'],
  ['headers without a year are compared among themselves', file([wait()]), [KLOG_FAIL, KLOG_OK], '0>info 1'],
  ['also behind a line that tells the year', file([wait()]), [OK, KLOG_FAIL, KLOG_OK], '0 1>info 2'],
  ['but not across such a line', file([wait()]), [KLOG_FAIL, 'level=info msg=x ts=0', KLOG_OK], '0 1 2'],
  [
    'also over the turn of the year',
    file([wait()]),
    ['E1231 23:59:59.000000       1 a.go:1] fail', 'I0101 00:00:01.000000       1 a.go:1] ok'],
    '0>info 1',
  ],
  [
    'a header takes the year that is nearest, also the next',
    file([fold('[]', 'until: 2001-12-31, then: { level: info }')]),
    ['level=info msg=x time=2001-12-31T23:59:59Z', 'E0101 00:00:01.000000       1 a.go:1] fail'],
    '0>info 1',
  ],
  [
    'also the one before',
    file([fold('[]', 'until: 2001-12-31, then: { level: info }')]),
    ['level=info msg=x time=2002-01-01T00:00:01Z', 'E1231 23:59:59.000000       1 a.go:1] fail'],
    '0 1>info',
  ],
  ['a line without a time has the clock of the one before', file([wait()]), [KLOG_FAIL, 'level=info msg=ok'], '0>info 1'],
  [
    'a failure of another clock is not looked back at, but nobody lowers what it may mean',
    silent(', lookback: 1h'),
    [JSON_BAD, FAIL, LATER],
    '0 1 2',
  ],
  [
    'a line of another clock closes no group',
    file([fold()]),
    [FAIL, FAIL, '{"level":20,"time":2000000000000}', FAIL],
    '0>warn 2 3x2>warn',
  ],
  ['it can be a repeat', file([fold()]), [FAIL, '{"level":50,"time":2000000000000,"msg":"fail"}'], '0>warn 1x1>warn'],
  [
    'the first name that holds an instant tells the time',
    file([wait()]),
    [
      '{"level":50,"time":0.5,"ts":1000000000,"msg":"fail"}',
      '{"level":30,"time":"12ms","ts":"1000000004","msg":"ok"}',
      '{"level":30,"ts":1000000006}',
    ],
    '0>debug 1 2',
  ],
];

const repeats: readonly Case[] = [
  ['a group belongs to one source', file([fold()]), [`a:${FAIL}`, `b:${FAIL}`], '0>warn 1>warn'],
  [
    'a group belongs to one rule',
    file([
      fold('[{ field: msg, mask: all }]').replace('{ level: { at_least: info } }', '{ d: x }'),
      fold('[{ field: msg, mask: all }]').replace('id: r', 'id: s'),
    ]),
    [`${FAIL} d=x`, FAIL],
    '0>warn 1>warn',
  ],
  ['the first passes, the others are folded into a summary at the end', file([fold()]), [FAIL, FAIL, FAIL], '0>warn 2x2>warn'],
  ['a group that closes without folded lines says nothing', file([fold()]), [FAIL], '0>warn'],
  [
    'after the window the next line is a first, behind the summary',
    file([fold()]),
    [FAIL, FAIL, 'level=error msg=fail ts=10'],
    '0>warn 1x1>warn 2>warn',
  ],
  ['every message is a group', file([fold()]), [FAIL, 'level=error msg=other ts=0'], '0>warn 1>warn'],
  ['a value of by is a group', file([fold('[d]')]), [`${FAIL} d=1`, `${FAIL} d=2`, `${FAIL} d=1`], '0>warn 1>warn 2x1>warn'],
  ['a missing field of by lets the line go', file([fold('[d]')]), [FAIL, FAIL], '0 1'],
  ['lines without a message are not alike', file([fold()]), ['level=error a=1 ts=0', 'level=error a=1 ts=0'], '0 1'],
  [
    'lines with an empty message are not alike',
    file([fold('[a]')]),
    ['level=error a=1 msg= ts=0', 'level=error a=1 msg= ts=0'],
    '0 1',
  ],
  [
    'lines without a message may be alike where by says so',
    file([fold('[{ field: msg, mask: all }, a]')]),
    ['level=error a=1 ts=0', 'level=error a=1 ts=0'],
    '0>warn 1x1>warn',
  ],
  [
    'masks make messages alike',
    file([fold('[{ field: msg, mask: [number] }]')]),
    ['level=error msg="try 1"', 'level=error msg="try 22"'],
    '0>warn 1x1>warn',
  ],
  [
    'mask all leaves the message out',
    file([fold('[{ field: msg, mask: all }]')]),
    ['level=error msg=a', 'level=error msg=b'],
    '0>warn 1x1>warn',
  ],
  [
    'a higher level begins a new group',
    file([fold()]),
    ['level=warn msg=x', 'level=error msg=x', 'level=warn msg=x'],
    '0>warn 1>warn 2x1>warn',
  ],
  [
    'a line from a window before begins a new group',
    file([fold()]),
    ['level=error msg=x ts=20', 'level=error msg=x ts=10', 'level=error msg=x ts=11'],
    '0>warn 1>warn 2x1>warn',
  ],
  ['rest may be a level', file([fold().replace('rest: fold', 'rest: info')]), [FAIL, FAIL], '0>warn 1>info'],
  [
    'rest never raises',
    file([fold().replace('rest: fold', 'rest: error')]),
    ['level=info msg=x', 'level=info msg=x'],
    '0>info 1>info',
  ],
  ['without then the first passes unchanged', file([fold('[]', 'why: x')]), [FAIL, FAIL], '0 1x1>error'],
  [
    'a line over 8 KiB is not folded',
    file([fold('[{ field: msg, mask: all }]')]),
    [FAIL, `${FAIL} long=${'x'.repeat(9000)}`],
    '0>warn 1>warn',
  ],
  [
    'a line that was decided a success comes to repeat',
    file([wait('by: []', 'then: { level: info }, repeat: { by: [], window: 9s, rest: fold }')]),
    [FAIL, FAIL, OK],
    '0>info 2 1x1>info',
  ],
  [
    'a line past the budget touches no group',
    file([fold('[]', 'then: { level: warn }, budget: { lines: 2, per: 1m }')]),
    [FAIL, FAIL, FAIL],
    '0>warn 2 1x1>warn',
  ],
];

describe.each([
  ['records', records],
  ['verdicts', verdicts],
  ['waits', waits],
  ['clocks', clocks],
  ['repeats', repeats],
])('%s', (_, cases) => {
  test.each(cases)('%s', (_claim, rules, input, output) => {
    expect(told(rules, input, { clock: 'replay', order: 'strict' })).toBe(output);
  });
});

const NOW = 'level=error msg=fail';
const live: readonly Case[] = [
  ['the clock passes a deadline at its moment', file([wait('by: [], silence: success')]), [`@0 ${NOW}`, '@5000'], '0>debug'],
  ['a line after the deadline decides nothing', file([wait()]), [`@0 ${NOW}`, '@5000', '@5001 level=info msg=ok'], '0>warn 2'],
  ['at the deadline a line still decides', file([wait()]), [`@0 ${NOW}`, '@5000 level=info msg=ok'], '0>debug 1'],
  [
    'a time a minute ahead of the clock counts as missing',
    file([wait()]),
    [`@0 ${NOW}`, '@1 level=info msg=x ts=61', '@2 level=info msg=ok'],
    '0>debug 1 2',
  ],
  ['the clock closes groups', file([fold()]), [`@0 ${NOW}`, `@1 ${NOW}`, '@10000', '@10001 plain words'], '0>warn 1x1>warn 3'],
  [
    'until goes by the clock',
    file([lower('{}', 'then: { level: debug }, until: 2001-09-09')]),
    ['@79999999 level=error', '@80000000 level=error ts=0'],
    '0>debug 1',
  ],
  [
    'a budget goes by the clock',
    file([lower('{}', 'then: { level: debug }, budget: { lines: 1, per: 2s }')]),
    ['@0 level=error ts=9', '@1999 level=error ts=99', '@2000 level=error ts=9'],
    '0>debug 1 2>debug',
  ],
];

const liveClocks: readonly Case[] = [
  ['an event of another clock decides', silent(), [`@0 ${NOW} ts=0`, `@600 ${JSON_BAD}`], '0>warn 1'],
  [
    'a line of another clock passes no deadline',
    silent(),
    [`@0 ${KLOG_FAIL}`, `@600 ${OK.replace('ok', 'x')}`, `@700 ${JSON_BAD}`],
    '0>warn 1 2',
  ],
  ['the clock does', silent(), [`@0 ${KLOG_FAIL}`, `@600 ${OK.replace('ok', 'x')}`, '@5000'], '0>info 1'],
  [
    'the clock tells how long ago an event of another came',
    file([wait('by: [], lookback: 2s')]),
    [`@0 ${JSON_OK}`, `@2000 ${KLOG_FAIL}`, `@4001 ${KLOG_FAIL}`],
    '0 1>info 2',
  ],
];

test.each(liveClocks)('live, by several clocks: %s', (_claim, rules, input, output) => {
  expect(told(rules, input, { clock: 'live', order: 'strict' })).toBe(output);
});

test('by their order, lines are decided that have no times', () => {
  const input = ['level=error msg=fail', 'level=info msg=ok', JSON_FAIL, KLOG_OK];
  expect(told(file([wait()]), input, { clock: 'order', order: 'strict' })).toBe('0>debug 1 2>debug 3');
});

test.each(live)('live: %s', (_claim, rules, input, output) => {
  expect(told(rules, input, { clock: 'live', order: 'strict' })).toBe(output);
});

const relaxed: readonly Case[] = [
  ['only the waiting line waits', file([wait()]), [FAIL, 'level=info msg=x ts=0', OK], '1 0>debug 2'],
  [
    'a line leaves when its deadline is passed, before the line that passes it',
    file([wait()]),
    [FAIL, 'level=info msg=x ts=6'],
    '0>warn 1',
  ],
  ['what waits at the end leaves in order of arrival', file([wait()]), [FAIL, 'level=info msg=x ts=0', FAIL], '1 0 2'],
];

test.each(relaxed)('relaxed: %s', (_claim, rules, input, output) => {
  expect(told(rules, input, { clock: 'replay', order: 'relaxed' })).toBe(output);
});

test('texts are filled in from the line and from the event', () => {
  const then = `then: { msg: '\${d} is not there, \${event.d} is', note: 'saw \${event.d}\${nothing}' }`;
  const [first] = interpretReplay(file([wait('by: []', then)]), [`${FAIL} d=a`, `${OK} d=b`]);
  expect(first).toMatchObject({ level: 'error', was: 'error', msg: 'a is not there, b is', note: 'saw b', decidedBy: 'then' });
});

test('a filled-in value is cut at 256 bytes, between characters', () => {
  const [first] = interpretReplay(file([lower('{}', `then: { note: '\${d}' }`)]), [`level=error d=${'x'.repeat(255)}é`]);
  expect(first).toMatchObject({ note: 'x'.repeat(255) });
});

test('a summary has the times of the first and of the last folded line', () => {
  const summary = interpretReplay(file([fold()]), [FAIL, 'level=error msg=fail ts=2', 'level=error msg=fail ts=1']).at(-1);
  expect(summary).toMatchObject({ kind: 'summary', repeats: 2, first: START, last: START + 1000, input: 2 });
});

const lines: readonly [claim: string, output: string, input: string][] = [
  ['a JSON line', '{"level":20,"time":0,"msg":"fail","relevel":{"rule":"r","was":"50","why":"x"}}', JSON_FAIL],
  ['a logfmt line', 'level=debug msg=fail ts=0 relevel.rule=r relevel.was=error relevel.why="a b"', FAIL],
  ['a header', '[2025-04-16T18:03:11Z DEBUG a] fail relevel.rule=r relevel.was=ERROR', '[2025-04-16T18:03:11Z ERROR a] fail'],
  ['a CRLF line', 'level=debug msg=fail ts=0 relevel.rule=r relevel.was=error\r', `${FAIL}\r`],
];

test.each(lines)('the annotation of %s is found', (_claim, output, input) => {
  const rules = file([lower('{}')]);
  const arrivals = [{ source: 's', at: 0, line: input }];
  const expected = expectedOutcomes(interpretReplay(rules, [input]), arrivals, 's');
  expect(actualOutcomes([output], expected)).toEqual(expected);
});

function interpretReplay(rules: string, input: readonly string[]): readonly Expected[] {
  const arrivals = input.map((line) => ({ source: 's', at: 0, line: timed(line) }));
  return interpret(rules, arrivals, { clock: 'replay', order: 'strict' });
}

function told(rules: string, said: readonly Said[], options: Options): Told {
  return interpret(rules, said.map(arrival), options).map(tell).join(' ');
}

function arrival(said: Said): Arrival {
  const [, after = '0', source = 's', line] = /^(?:@(\d+) ?)?(?:([ab]):)?(.*)$/su.exec(said)!;
  const at = START + Number(after);
  return line === '' ? { at } : { source, at, line: timed(line!) };
}

/** With times behind `START`. */
const timed = (line: string): string =>
  line
    .replace(/(^| )ts=([\d.]+)/u, (_, before: string, seconds: string) => `${before}ts=${START / 1000 + Number(seconds)}`)
    .replace('"time":0,', `"time":${START},`);

function tell(item: Expected): Told {
  if (item.kind === 'unchanged') return String(item.input);
  return `${item.input}${item.kind === 'summary' ? `x${item.repeats}` : ''}>${item.level}`;
}
