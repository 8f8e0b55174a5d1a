import { expect, test } from 'vitest';
import { restoreLine } from '../../../src/engine/edit/restore.ts';
import { createRelevel } from '../../../src/index.ts';
import { feed, slices } from '../../support/feed.ts';
import { rulesOf } from '../../support/run.ts';

const RULES = rulesOf(`
version: 1
rules:
  - { id: r, when: { level: { at_least: info }, msg: { contains: boom } }, then: { level: debug } }
  - { id: f, when: { msg: again }, repeat: { by: [], window: 1h, rest: fold }, then: { level: warn } }
`);
const through = (text: string, sizes?: readonly number[]): string => {
  const bytes = Buffer.from(text, 'latin1');
  const settings = { envelope: 'auto', priorityPrefix: true } as const;
  return feed(RULES, sizes === undefined ? [bytes] : slices(bytes, sizes), settings).output.toString('latin1');
};

const lines: readonly [line: string, becomes: string][] = [
  ['level=trace', '<7>level=trace'],
  ['level=debug', '<7>level=debug'],
  ['level=info', '<6>level=info'],
  ['{"level":"warn"}', '<4>{"level":"warn"}'],
  ['{"level":50}', '<3>{"level":50}'],
  ['level=crit', '<2>level=crit'],
  // journald would write an emergency to every terminal
  ['level=fatal', '<2>level=fatal'],
  ['level=error msg=boom', '<7>level=debug msg=boom relevel.rule=r relevel.was=error'],
  ['<0>level=info', '<6>level=info'],
  ['<0>no such file', '<2>no such file'],
  ['<3>level=error msg=boom', '<7>level=debug msg=boom relevel.rule=r relevel.was=error relevel.was_envelope=3'],
  ['<11>Nov 21 10:00:00 h app: x', '<3><11>Nov 21 10:00:00 h app: x'],
  ['no level', 'no level'],
  ['<1> a callout', '<1> a callout'],
  ['', ''],
  ['\xff\xfe', '\xff\xfe'],
  ['level=error\r', '<3>level=error\r'],
];

test.each(lines)('%j becomes %j', (line, becomes) => {
  expect(through(`${line}\n`)).toBe(`${becomes}\n`);
  // Without a newline, and wherever chunks are cut.
  expect(through(line)).toBe(becomes);
});

test('lines that go on with one have its priority, and no others', () => {
  const text = [
    '[ERROR app] it failed',
    '  File "a.py", line 1',
    'ValueError: no',
    '\tat a.b(C.java:1)',
    'Caused by: java.io.IOException: gone',
    'main.f(0xc000)',
    'goroutine 7 [running]:',
    '}',
    'some words',
    '  indented, but behind words',
    '{"level":30}',
    'Caused by: nothing, for JSON goes on only if indented',
    '{"level":40}',
    '  indented',
    '',
    '  behind an empty line',
  ];
  const priorities = [3, 3, 3, 3, 3, 3, 3, 3, '', '', 6, '', 4, 4, '', ''];
  const expected = text.map((line, i) => `${priorities[i] === '' ? '' : `<${priorities[i]}>`}${line}\n`).join('');
  expect(through(text.map((line) => `${line}\n`).join(''))).toBe(expected);
});

test('chunks do not matter, and nothing but the prefix is added', () => {
  const text = lines
    .map(([line]) => `${line}\n`)
    .join('')
    .repeat(20);
  const whole = through(text);
  for (const sizes of [[1], [7, 3], [100], [1000, 1]]) expect(through(text, sizes)).toBe(whole);
});

test('a line that is too long to be read has no prefix within', () => {
  const long = `level=error msg="${'x'.repeat(300)}`;
  const { output } = feed(RULES, slices(Buffer.from(`${long}\nlevel=error\n`), [50]), { priorityPrefix: true, maxLine: 100 });
  expect(output.toString().replace(/^<\d>/u, '')).toBe(`${long}\n<3>level=error\n`);
});

test('a summary has one too', () => {
  expect(through('level=error msg=again\n'.repeat(3))).toMatch(/^<4>level=warn .*\n<4>level=warn .*relevel\.repeats=2\n$/u);
});

test('restore takes what stands behind it for a line', () => {
  const changed = '<7>level=debug msg=boom relevel.rule=r relevel.was=error';
  expect(restoreLine(Buffer.from(changed))?.toString()).toBe('<7>level=error msg=boom');
});

test('in the library', async () => {
  const stream = createRelevel({ clock: 'replay', priorityPrefix: true });
  const out: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => out.push(chunk));
  stream.end('level=error\nx\n');
  await new Promise((resolve) => stream.on('end', resolve));
  expect(Buffer.concat(out).toString()).toBe('<3>level=error\nx\n');
});
