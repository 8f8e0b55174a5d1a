import { describe, expect, test } from 'vitest';
import { BLANKS, parsePattern, TABS, type Piece } from '../../../src/record/text-pattern.ts';
import type { TextFormat } from '../../../src/record/text-format.ts';
import { SHIPPED } from '../../../src/formats/text/shipped.ts';
import { TextReader } from '../../../src/formats/text/reader.ts';
import { Names } from '../../../src/record/names.ts';
import { LogRecord } from '../../../src/record/record.ts';
import { kernel } from '../../support/kernel.ts';
import { read } from '../../support/read.ts';

/** What a reader may lose its way in, behind a header or instead of one. */
const REPEATED = [' a=b', '{"a":', '"} ', ' "\\"', ' [x] ', ': ', ' (', '\t', 'a', '} []', ' relevel.rule=', '\x1b[1m', ' - '];

const headers = SHIPPED.map(({ name, samples }) => {
  const { line, is } = samples[0]!;
  const at = is['msg'] === undefined ? line.length : line.indexOf(is['msg']);
  return [name, line.slice(0, at)] as const;
});

const reader = new TextReader(SHIPPED);
const record = new LogRecord(new Names(['a', 'logger']));

/** How many bytes the reader looks at, each time counted. */
function looks(line: string): number {
  let count = 0;
  const bytes = Buffer.from(line);
  const counted = new Proxy(bytes, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key, target);
      if (typeof value === 'function') return value.bind(target) as unknown;
      count += 1;
      return value;
    },
  });
  record.reset(counted, 0, bytes.length);
  reader.read(kernel, record);
  return count;
}

describe.each([...headers, ['no header', ''] as const])('%s', (_, header) => {
  test('looks at each byte of a long line a fixed number of times', () => {
    for (const each of REPEATED) {
      const [short, long] = [200, 1600].map((times) => looks(header + each.repeat(times)));
      expect(long! / short!, JSON.stringify(each)).toBeLessThan(10);
    }
  });

  test('takes every beginning of a line, and 64 KiB of it', () => {
    for (let end = 0; end <= header.length; end += 1) read(header.slice(0, end));
    for (const each of REPEATED) read((header + each.repeat(64 * 1024)).slice(0, 64 * 1024));
  });
});

const PLAIN: Readonly<Record<string, string>> = {
  any: 'x',
  word: 'ab',
  path: 'a::b',
  dotted: 'a.b',
  digits: '7',
  time: '2024-03-01T10:00:00.123Z',
  iso: '2024-03-01T10:00:00.123Z',
  s: '0042',
  ms: '17',
  msg: 'it failed',
  pairs: 'a=b c="d"',
  json: '{"a": 1}',
};

/** What a program writes in the place of a piece of a pattern. */
function written(piece: Piece, { levels }: TextFormat): string {
  if (piece.kind === 'literal')
    return piece.atoms.map((atom) => (atom === BLANKS ? ' ' : atom === TABS ? '\t' : String.fromCharCode(atom))).join('');
  return piece.part === 'level' ? (Object.keys(levels ?? { ERROR: 'error' })[0] ?? '') : PLAIN[piece.part]!;
}

/** Beginnings of lines of a pattern, each with what comes next, which goes on without an end; and what nearly does. */
function almost(format: TextFormat, pattern: string): readonly (readonly [head: string, filler: string])[] {
  const texts = parsePattern(pattern).pieces.map((piece) => written(piece, format));
  return texts.flatMap((text, at) => {
    const head = texts.slice(0, at).join('');
    const next = texts[at + 1] ?? '';
    const fillers = [text, text + next.slice(0, -1), next, ' ', '{"', '}', '"', '[', '=', '7', 'a=b', texts.slice(at).join('')];
    return [...new Set(fillers)].filter((filler) => filler !== '').map((filler) => [head, filler] as const);
  });
}

/** Many patterns begin alike: what one of them is tried with need not be tried again. */
const seen = new Set<string>();
const patterns = SHIPPED.flatMap((format) =>
  format.patterns.map((pattern) => {
    const lines = almost(format, pattern).filter((pair) => !seen.has(pair.join('\0')));
    for (const pair of lines) seen.add(pair.join('\0'));
    return [format.name, pattern, lines, format] as const;
  }),
);

/** Of the same filler, so many bytes at least: more than a part of a header may have. */
const filled = (head: string, filler: string, bytes: number): string => head + filler.repeat(Math.ceil(bytes / filler.length));

test.each(patterns)('%s looks at each byte of nearly %j a fixed number of times', (_, __, lines) => {
  for (const [head, filler] of lines) {
    const [short, long] = [2048, 8 * 2048].map((bytes) => looks(filled(head, filler, bytes)));
    expect(long! / short!, JSON.stringify([head, filler])).toBeLessThan(10);
  }
});

test.each(patterns)('%s takes 64 KiB of nearly %j, and each beginning of it', (_, pattern, lines, format) => {
  for (const [head, filler] of lines) read(filled(head, filler, 64 * 1024).slice(0, 64 * 1024));
  const whole = parsePattern(pattern)
    .pieces.map((piece) => written(piece, format))
    .join('');
  for (let end = 0; end <= whole.length; end += 1) read(whole.slice(0, end));
});

test.each([
  '2024-03-01 ::00:02,000 INFO [main] a.B - tick',
  '2024-03-01 A:00:02,000 INFO [main] a.B - tick',
  '2024-03-01 /:00:02,000 INFO [main] a.B - tick',
  '[2024-03-01T::00:02Z INFO app] tick',
])('%j has no time: what stands for its hour is no digit', (line) => {
  const bytes = Buffer.from(line);
  record.reset(bytes, 0, bytes.length);
  expect(reader.read(kernel, record)).toBe(false);
});
