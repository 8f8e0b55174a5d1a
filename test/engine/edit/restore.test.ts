import { describe, expect, test } from 'vitest';
import { restoreLine, type Reading } from '../../../src/engine/edit/restore.ts';
import { feed } from '../../support/feed.ts';
import { rulesOf } from '../../support/run.ts';

const KLOG = 'E0412 12:24:03.589075       1 file.go:12]';
const TRACING = '2025-01-01T00:00:00Z';

/** What the first rule that comes makes of a line: `to`, and a new message. */
function change(line: string, to: string, msg: string | undefined, reading: Partial<Reading> = {}) {
  const rules = rulesOf(`
version: 1
rules:
  - id: r
    when: { level: { at_least: info } }
    then: ${JSON.stringify({ level: to, msg })}
`);
  const { format = 'auto', envelope = 'none' } = reading;
  const { output, counts } = feed(rules, [Buffer.from(`${line}\n`)], { format, envelope });
  const restored = restoreLine(output, { format, envelope })?.toString();
  return { became: output.toString().slice(0, -1), restored: restored?.slice(0, -1), counts: counts.rules.get('r')! };
}

/** `keeps`: the new message cannot be read back as it was asked for, and the old one stays. */
const edits: readonly (readonly [claim: string, line: string, msg: string | undefined, became: string, keeps?: 'keeps'])[] = [
  ['a number', '{"level":50,"msg":"a"}', undefined, '{"level":30,"msg":"a","relevel":{"rule":"r","was":"50"}}'],
  ['a number with an exponent', '{"level":5e1}', undefined, '{"level":30,"relevel":{"rule":"r","was":"5e1"}}'],
  ['a text', '{"level":"ERROR"}', undefined, '{"level":"INFO","relevel":{"rule":"r","was":"ERROR"}}'],
  [
    'a text with escapes',
    String.raw`{"level":"err\u006fr","msg":"\u0041"}`,
    'b',
    String.raw`{"level":"info","msg":"b","relevel":{"rule":"r","was":"err\u006fr","was_msg":"\u0041"}}`,
  ],
  ['a message that is no text', '{"level":50,"msg":42}', 'b', '{"level":30,"msg":42,"relevel":{"rule":"r","was":"50"}}', 'keeps'],
  [
    'a message with a neighbour',
    'level=error msg="a"x=1',
    'b',
    'level=info msg="b"x=1 relevel.rule=r relevel.was=error relevel.was_msg="a"',
  ],
  [
    'one before a bracket',
    'level=error msg="a"}',
    'b',
    'level=info msg="b"} relevel.rule=r relevel.was=error relevel.was_msg="a"',
  ],
  [
    'one before a comma',
    'level=error msg="a",x=1',
    '',
    'level=info msg="",x=1 relevel.rule=r relevel.was=error relevel.was_msg="a"',
  ],
  ['one at the end', 'level=error msg="a"', 'b', 'level=info msg=b relevel.rule=r relevel.was=error relevel.was_msg="a"'],
  ['an empty one', 'level=error msg= x=1', 'b', 'level=info msg=b x=1 relevel.rule=r relevel.was=error relevel.was_msg='],
  ['a key without a value', 'a=1 msg level=error', 'b', 'a=1 msg level=info relevel.rule=r relevel.was=error', 'keeps'],
  [
    'an annotation in quotes',
    'level=error msg=a',
    'x relevel.rule=y',
    'level=info msg="x relevel.rule=y" relevel.rule=r relevel.was=error relevel.was_msg=a',
  ],
  [
    'a message that becomes empty',
    `[${TRACING} ERROR a] boom`,
    '',
    `[${TRACING} INFO a]  relevel.rule=r relevel.was=ERROR relevel.was_msg="boom"`,
  ],
  ['a header without a message', '[ERROR a]', undefined, '[INFO a] relevel.rule=r relevel.was=ERROR'],
  ['a header alone', '[ERROR a]', 'b', '[INFO a] relevel.rule=r relevel.was=ERROR', 'keeps'],
  ['a header and a blank', '[ERROR a] ', 'b', '[INFO a] b relevel.rule=r relevel.was=ERROR relevel.was_msg=""'],
  ['a blank that would be the header’s', '[ERROR a]a', ' b', '[INFO a]a relevel.rule=r relevel.was=ERROR', 'keeps'],
  ['an annotation behind a header', '[ERROR a] a', 'x relevel.rule=y', '[INFO a] a relevel.rule=r relevel.was=ERROR', 'keeps'],
  ['a newline behind a header', '[ERROR a] a', 'b\nc', '[INFO a] a relevel.rule=r relevel.was=ERROR', 'keeps'],
  [
    'a message that looks like a target',
    `${TRACING} ERROR done:`,
    undefined,
    `${TRACING} INFO done: relevel.rule=r relevel.was=ERROR`,
  ],
  [
    'one that would become a target',
    `${TRACING} ERROR a`,
    'mod: x',
    `${TRACING} INFO a relevel.rule=r relevel.was=ERROR`,
    'keeps',
  ],
  [
    'one behind a target',
    `${TRACING} ERROR a: b`,
    'mod: x',
    `${TRACING} INFO a: mod: x relevel.rule=r relevel.was=ERROR relevel.was_msg="b"`,
  ],
  [
    'colours',
    'level=\u001b[31merror\u001b[0m msg=a',
    undefined,
    'level=\u001b[31minfo\u001b[0m msg=a relevel.rule=r relevel.was=\u001b[31merror\u001b[0m',
  ],
  ['klog', `${KLOG} a`, 'b', `${KLOG.replace('E', 'I')} b relevel.rule=r relevel.was=E relevel.was_msg="a"`],
];

describe('a changed line is read as what was asked for, and restored', () => {
  test.each(edits.map((edit) => ({ claim: edit[0], edit })))('$claim', ({ edit: [, line, msg, became, keeps] }) => {
    const { counts, ...done } = change(line, 'info', msg);
    expect(done).toEqual({ became, restored: line });
    expect(counts.keptMessages).toBe(keeps === undefined ? 0 : 1);
  });

  test.each(['trace', 'debug'])('klog has no word for %s, and says I', (level) => {
    const { became, restored } = change(`${KLOG} a`, level, undefined);
    expect([became, restored]).toEqual([`${KLOG.replace('E', 'I')} a relevel.rule=r relevel.was=E`, `${KLOG} a`]);
  });

  test('in the format that the line was read with', () => {
    const line = 'a=1 level=error msg=b';
    const { became, restored } = change(line, 'info', undefined, { format: 'logfmt' });
    expect([became, restored]).toEqual(['a=1 level=info msg=b relevel.rule=r relevel.was=error', line]);
    expect(restoreLine(Buffer.from(became), { format: 'json', envelope: 'auto' })).toBeUndefined();
  });
});

/** Written before `was` was always a text, and before all names of the level were changed. */
const before: readonly (readonly [line: string, restored: string])[] = [
  ['{"level":20,"msg":"a","relevel":{"rule":"r","was":50}}', '{"level":50,"msg":"a"}'],
  ['{"level":20,"msg":"b","relevel":{"rule":"r","was":50,"was_msg":{"a":1}}}', '{"level":50,"msg":{"a":1}}'],
  ['{"level":"debug","relevel":{"rule":"r","was":"error"}}', '{"level":"error"}'],
  ['{"severity":"ERROR","level":20,"relevel":{"rule":"r","was":50}}', '{"severity":"ERROR","level":50}'],
  ['level=debug relevel.rule=r relevel.was=error', 'level=error'],
  ['level=debug severity=error relevel.rule=r relevel.was=error', 'level=error severity=error'],
];

test.each(before)('takes the annotation of before: %s', (line, restored) => {
  expect(restoreLine(Buffer.from(line))?.toString()).toBe(restored);
});

test('takes nothing that an edit could not have made', () => {
  const spoofs = [
    '{"level":20,"relevel":{"rule":"r","was":"50"},"msg":"a"}',
    '{"level":20,"msg":"a", "relevel":{"rule":"r","was":"50"}}',
    '{"level":20,"msg":"a","relevel":{"rule":"r","was":"error"}}',
    '{"level":"debug","msg":"a","relevel":{"rule":"r","was":50}}',
    '{"level":"debug","msg":"a","relevel":{"rule":"r","was":"50"}}',
    '{"level":"debug","msg":"a","relevel":{"rule":"r","was":"ERROR"}}',
    '{"level":20,"msg":"a","relevel":{"rule":"r","was":[50]}}',
    '{"level":20,"msg":"a","relevel":{"rule":"r","was":"50","extra":1}}',
    '{"level":20,"msg":"a","relevel":{"was":"50","rule":"r"}}',
    '{"level":20,"msg":"a","relevel":{"rule":"r","was":"50","was":"50"}}',
    '{"level":20,"msg":"a","relevel":{"rule":"r","was":"50","was_2":"50"}}',
    '{"level":20,"relevel":{"rule":"r","was":"50","was_msg":"b"}}',
    '{"level":20,"level":30,"relevel":{"rule":"r","was":"50"}}',
    // a number that no reader takes for a level, and a line that no rule may change
    '{"level":20,"relevel":{"rule":"r","was":"0x32"}}',
    '{"level":20,"relevel":{"rule":"r","was":"60"}}',
    '{"level":20,"relevel":{"rule":"not an id","was":"50"}}',
    '{"level":20,"relevel":{"rule":"r","was":"50","repeats":01}}',
    '{"level":20,"relevel":{"rule":"r","was":"50","repeats":2,"first":"yesterday"}}',
    String.raw`{"level":20,"relevel":{"rule":"r","was":"50","why":"\u0061"}}`,
    '{"level":20,"relevel":{"rule":"r","was":"50","pieces":"1@x"}}',
    '{"level":20,"relevel":{"rule":"r"}}',
    '{"level":20,"relevel":"r"}',
    '{"level":20,"relevel":{}}',
    'level=debug relevel.rule=r relevel.was=50',
    'level=debug relevel.rule=r relevel.was=error trailing',
    'level=debug relevel.was=error relevel.rule=r',
    'level=debug relevel.rule=r relevel.was=error relevel.extra=1',
    'level=debug relevel.rule=r relevel.was=error relevel.note="\\x"',
    'plain relevel.rule=r relevel.was=error',
    '[DEBUG a] x relevel.rule=r relevel.was=FATAL',
    '[DEBUG a] x relevel.rule=r relevel.was=ERROR relevel.was_msg=y',
    '[DEBUG a] x relevel.rule=r relevel.was=ERROR relevel.was_msg="y',
    '[DEBUG a] x relevel.rule=r',
    '[DEBUG a] relevel.rule=',
    ' relevel.rule=r relevel.was=error',
  ];
  expect(spoofs.filter((line) => restoreLine(Buffer.from(line)) !== undefined)).toEqual([]);
});

test('finds where an annotation begins, whatever its note says', () => {
  const line = '[ERROR a] boom';
  const rules = rulesOf(`
version: 1
rules:
  - id: r
    when: { level: error }
    then: { level: info, note: 'was relevel.rule=x relevel.was=WARN' }
`);
  const { output } = feed(rules, [Buffer.from(line)]);
  expect(output.toString()).toBe(
    '[INFO a] boom relevel.rule=r relevel.was=ERROR relevel.note="was relevel.rule=x relevel.was=WARN"',
  );
  expect(restoreLine(output)?.toString()).toBe(line);
});
