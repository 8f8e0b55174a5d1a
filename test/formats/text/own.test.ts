import { expect, test } from 'vitest';
import { sampleFaults } from '../../../src/formats/text/sample.ts';
import type { TextFormat } from '../../../src/record/text-format.ts';
import { parsePattern } from '../../../src/record/text-pattern.ts';
import { kernel } from '../../support/kernel.ts';

const format = (pattern: string, levels?: TextFormat['levels']): TextFormat => ({
  name: 'own',
  patterns: [pattern],
  levels,
  samples: [],
});

type Fields = Readonly<Record<string, string>>;

const read: readonly [claim: string, pattern: string, line: string, is: Fields][] = [
  [
    'the parts that it names',
    '[{time}] {level} ({thread}) {msg}',
    '[2024-03-01 10:00:00] WARN (main 1) late',
    { level: 'warn', thread: 'main 1', msg: 'late', time: '2024-03-01T10:00:00Z' },
  ],
  ['blanks and tabs alike', '{time} {level} {msg}', '2024-03-01 10:00:00 \t WARN\t  late', { level: 'warn', msg: 'late' }],
  [
    'in colours',
    '{time} [{level}] {msg} {pairs}',
    '\x1b[90m2024-03-01 10:00:00\x1b[0m [\x1b[33mWARN\x1b[0m] \x1b[1mlate\x1b[0m \x1b[36mby\x1b[0m=\x1b[31m7s\x1b[0m',
    { level: 'warn', msg: 'late', by: '7s' },
  ],
  [
    'the longest tail of pairs',
    '{level} | {msg} {pairs}',
    'WARN | a=1 is late by=7s "to whom"=me why="it \\"was\\" dark" n=',
    { msg: 'a=1 is late', by: '7s', 'to whom': 'me', why: 'it "was" dark', n: '' },
  ],
  ['a message in quotes', '{level} | {msg} {pairs}', 'WARN | "so \\"late\\"" by=7s', { msg: 'so "late"', by: '7s' }],
  [
    'a tail alone, which is the message, too',
    '{level} | {msg} {pairs}',
    'WARN | by=7s n=1',
    { msg: 'by=7s n=1', by: '7s', n: '1' },
  ],
  [
    'the longest tail that is an object',
    '{level} | {msg} {json}',
    'WARN | a {"b":1} late {"by":{"s":"}\\""},"n":7}',
    { msg: 'a {"b":1} late', n: '7', 'by.s': '}"' },
  ],
  ['no object', '{level} | {msg} {json}', 'WARN | late {"by":7s}', { msg: 'late {"by":7s}' }],
  ['a literal before the tail', '{level} | {msg}: {pairs}', 'WARN | late: a: by=7s', { msg: 'late: a', by: '7s' }],
  ['a literal without a tail', '{level} | {msg}: {pairs}', 'WARN | late: a', { msg: 'late: a' }],
  [
    'what stands behind the message, from the end',
    '{level} | {msg} ({logger})',
    'WARN | late (7s) (a.B)',
    { msg: 'late (7s)', logger: 'a.B' },
  ],
  ['what has no name', '{level} {} | {msg}', 'WARN what ever | late', { level: 'warn', msg: 'late' }],
  ['a level between blanks', '<{level}> {msg}', '< warn > late', { level: 'warn', msg: 'late' }],
  ['braces', '{{{id}}} {level} {msg}', '{a-7} WARN late', { id: 'a-7', msg: 'late' }],
  ['digits and words', '{pid:digits}/{who:word} {level} {msg}', '7/a/b WARN late', { pid: '7', who: 'a/b' }],
  ['a level in pairs', 'app: {pairs}', 'app: level=warn msg="so late"', { level: 'warn', msg: 'so late' }],
  [
    'a level in an object',
    'app[{pid}]: {json}',
    'app[7]: {"level":"warn","msg":"so late"}',
    { level: 'warn', msg: 'so late', pid: '7' },
  ],
];

test.each(read)('reads %s', (_, pattern, line, is) => {
  expect(sampleFaults(kernel, { line, is: { ...is, $format: 'own' } }, [format(pattern)])).toEqual([]);
});

const unread: readonly [claim: string, pattern: string, line: string][] = [
  ['another literal', '{level} | {msg}', 'WARN / late'],
  ['another word than a level', '<{level}> {msg}', '<later> late'],
  ['no time', '{time} <{level}> {msg}', '2024-13-01 10:00:00 <warn> late'],
  ['a first word that is no level in capitals', '{level} | {msg}', 'Warn | late'],
  ['letters for digits', '{pid:digits} <{level}> {msg}', 'a7 <warn> late'],
  ['a blank in a word', '{who:word} <{level}> {msg}', 'ann b <warn> late'],
  ['no message in quotes', '<{level}> "{msg}" {pairs}', '<warn> late by=7s'],
  ['no tail, if it is all', '<{level}> {pairs}', '<warn> late'],
];

test.each(unread)('does not read %s', (_, pattern, line) => {
  const faults = sampleFaults(kernel, { line, is: { $format: 'own' } }, [format(pattern)]);
  expect(faults).toHaveLength(1);
});

test('has words of its own for levels, and no others', () => {
  const own = [format('{level}! {msg}', { SLOW: 'warn', 'DOWN AGAIN': 'error', OK: 'info' })];
  expect(
    sampleFaults(kernel, { line: 'DOWN AGAIN! the gate', is: { level: 'error', msg: 'the gate', $format: 'own' } }, own),
  ).toEqual([]);
  expect(sampleFaults(kernel, { line: 'WARN! the gate', is: { $format: 'own' } }, own)).toHaveLength(1);
});

test('is asked before those that ship', () => {
  const line = 'WARNING:root:late';
  expect(sampleFaults(kernel, { line, is: { $format: 'python', msg: 'late' } })).toEqual([]);
  expect(sampleFaults(kernel, { line, is: { $format: 'own', msg: 'root:late' } }, [format('{level}:{msg}')])).toEqual([]);
});

const faults: readonly [pattern: string, fault: string][] = [
  ['{level} {msg', 'a brace alone; write {{ for the character'],
  ['{time} {msg}', 'a pattern needs a {level}, or {pairs} or {json} that may hold one'],
  ['{a}{level} {msg}', 'nothing stands between {a} and {level}; only {level}, {time} and digits show where they end'],
  ['{level} {who:number}', 'unknown kind; kinds of {who} are word, path, dotted, digits'],
  ['{level:word} {msg}', '{level} has no kinds'],
  ['{level} {a b}', 'a part is {}, or a name of letters, digits, "_", "." and "-" in braces'],
  ['{level} {json} {pairs}', 'only one of {pairs} and {json} can end a line'],
  ['{level} {a} {a}', '{a} stands here twice'],
  ['{msg} {level}', '{level} and {time} stand before {msg}'],
];

test.each(faults)('finds what is wrong with %j', (pattern, fault) => {
  expect(parsePattern(pattern).faults.map(({ message }) => message)).toEqual([fault]);
});
