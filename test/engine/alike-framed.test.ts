import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { EngineSettings } from '../../src/engine/settings.ts';
import { rulesFile } from '../support/arbitraries/rules-files.ts';
import { agree, BASE, chunked, foldsMore, repeating, send } from '../support/by-alike.ts';
import { rulesOf } from '../support/run.ts';

// Lines as the kubelet frames them.

const instant = fc
  .tuple(fc.integer({ min: 0, max: 40_000 }), fc.constantFrom('Z', '123456Z', '', '+02:00'))
  .map(([after, zone]) => new Date(BASE + after).toISOString().replace('Z', zone === '' ? '+00:00' : zone));

const whole = fc.tuple(instant, fc.constantFrom('stdout', 'stderr')).map(([at, stream]) => `${at} ${stream} F `);

/** What stands before a line: nearly always a frame; else a piece's, nothing, two, or what looks like one. */
const frame = fc.oneof(
  { weight: 12, arbitrary: whole },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '',
      '2025-09-25T12:00:01.5Z stdout P ',
      '2025-09-25T12:00:01.5Z stderr P ',
      '2025-09-25T12:00:01.5Z stderr F:tag ',
      '2025-09-25T12:00:01.5Z stdin F ',
      '2025-09-25T12:00:01.5 stdout F ',
      '2025-19-45T12:00:01.5Z stdout F ',
      '2025-09-25T12:61:01Z stdout F ',
      '2025-09-25T1.2:3Z stdout F ',
      '2025-09-25T12:00:01.5Z stdout F 2025-09-25T12:00:02Z stderr F ',
      '2025-09-25T12:00:01.5Z stdout F <11>Sep 25 12:00:01 host app[1]: ',
      '2025-09-25T12:00:01.5Z stdout F  ',
    ),
  },
  // As long as what is searched for a frame, or longer.
  {
    weight: 1,
    arbitrary: fc.integer({ min: 220, max: 225 }).map((digits) => `2025-09-25T12:00:01.${'5'.repeat(digits)}Z stdout F `),
  },
);

const settings = fc.constantFrom<Partial<EngineSettings>>(
  { envelope: 'auto' },
  { envelope: 'auto', clock: 'live' },
  { envelope: 'auto', mayBeCutAnywhere: true },
  { envelope: 'cri' },
  { envelope: 'cri', groups: 2 },
  { envelope: 'cri', maxLine: 120 },
  { envelope: 'none' },
  { envelope: 'docker' },
);

const sizes = fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 5 });
const frames = fc.array(frame, { minLength: 1, maxLength: 20 });
const ends = fc.array(fc.constantFrom('', '', '', '\r'), { minLength: 1, maxLength: 5 });

const framed = (lines: readonly string[], before: readonly string[], after: readonly string[]): string[] =>
  lines.map((line, i) => before[i % before.length]! + line + after[i % after.length]!);

test('does with framed lines that are alike what it would do without knowing so, and nothing else', () => {
  let alike = 0;
  fc.assert(
    fc.property(
      rulesFile,
      repeating,
      frames,
      ends,
      sizes,
      settings,
      fc.nat({ max: 2000 }),
      (file, lines, before, after, by, set, step) => {
        const all = chunked(framed(lines, before, after), by);
        alike += agree(rulesOf(file), all, set, step);
        alike += agree(foldsMore(rulesOf(file)), all, set, step);
      },
    ),
    { numRuns: 60 },
  );
  expect(alike).toBeGreaterThan(20);
});

const RULES = `
version: 1
rules:
  - id: loud
    when: { $stream: stderr, msg: { contains: loudly } }
    then: { level: debug, note: 'from \${$stream}' }
  - id: waits
    when: { level: error, msg: { contains: it failed } }
    await: { by: [dev], within: 5s, success: [works], silence: failure }
    then: { level: info, msg: 'harmless: \${dev}' }
  - id: by-stream
    when: { level: error, msg: by stream }
    then: { level: info }
    repeat: { by: [$stream, dev], window: 10s, rest: fold }
  - id: folds
    when: { level: error, msg: again }
    then: { level: warn }
    repeat: { by: [dev], window: 10s, rest: fold }
  - id: lowers
    when: { level: error, msg: { starts_with: no } }
    then: { level: debug, note: 'on \${dev}' }
events:
  works: { msg: it works }
protect: [{ $source: { contains: stderr }, msg: { contains: sacred } }]
`;

const MESSAGES = ['it failed', 'it works', 'by stream', 'again', 'no', 'no loudly', 'sacred', 'no: sacred'];

/** Of a few shapes, with a time of their own or without one. */
const said = fc
  .tuple(
    fc.constantFrom('json', 'logfmt'),
    fc.constantFrom('time', 'none', 'none', 'null', 'words'),
    fc.constantFrom(...MESSAGES),
    fc.constantFrom('a', 'b'),
    fc.constantFrom('error', 'error', 'info', 'FATAL', 'x'),
    fc.integer({ min: 0, max: 40_000 }),
  )
  .map(([manner, timed, msg, dev, level, after]) => {
    const times = { time: new Date(BASE + after).toISOString(), none: undefined, null: null, words: 'just now' };
    const members = { level, time: times[timed], dev, msg };
    if (manner === 'json') return JSON.stringify(members);
    return Object.entries(members)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
      .join(' ');
  });

test('and so it does where rules ask for the stream, wait, and quote', () => {
  let alike = 0;
  let lines = 0;
  fc.assert(
    fc.property(
      fc.array(said, { minLength: 1, maxLength: 8 }),
      fc.array(fc.nat(), { minLength: 20, maxLength: 80 }),
      frames,
      ends,
      sizes,
      settings,
      fc.nat({ max: 1000 }),
      (some, order, before, after, by, set, step) => {
        const all = order.map((which) => some[which % some.length]!);
        lines += all.length;
        alike += agree(rulesOf(RULES), chunked(framed(all, before, after), by), set, step);
      },
    ),
    { numRuns: 100 },
  );
  expect(alike / lines).toBeGreaterThan(0.05);
});

/** So many lines from two streams by turns, each with a request of its own. */
const LIKE = Array.from({ length: 4000 }, (_, i) => {
  const at = new Date(BASE + i).toISOString();
  return `${at.replace('Z', '000001Z')} ${i % 3 === 0 ? 'stderr' : 'stdout'} F {"level":"error","request":${i},"dev":"a","msg":"no"}`;
});

test('knows framed lines, and changes them where they stand', () => {
  expect(agree(rulesOf(RULES), chunked(LIKE, [100_000]), { envelope: 'auto' })).toBeGreaterThan(3950);
  const { outputs } = send(rulesOf(RULES), chunked(LIKE, [900_000]), { envelope: 'auto' }, true);
  const out = outputs
    .join('')
    .split('\n')
    .filter((line) => line !== '');
  expect(out).toHaveLength(LIKE.length);
  for (const line of out) expect(line).toMatch(/^\S+ std(?:out|err) F \{"level":"debug",.*"note":"on a"\}\}$/u);
});

test('does not take a framed line for a bare one, or a bare one for a framed one', () => {
  const lines = LIKE.map((line, i) => (i % 2 === 0 ? line : line.replace(/^\S+ \S+ F /u, '')));
  expect(agree(rulesOf(RULES), chunked(lines, [100_000]), { envelope: 'auto' })).toBeGreaterThan(3950);
});

test('compares times of frames with each other, and not with times of lines', () => {
  const at = (second: number): string => `2025-09-25T12:00:0${second}Z stdout F `;
  const own = (second: number): string => `"time":"2025-09-25T12:00:0${second}Z",`;
  const lines = Array.from({ length: 40 }, (_, i) => [
    `${at(1)}{"level":"error",${i % 2 === 0 ? own(0) : ''}"dev":"${i % 3}","msg":"it failed"}`,
    `${at(9)}{"level":"info",${i % 4 < 2 ? own(1) : ''}"dev":"${i % 3}","msg":"it works"}`,
  ]).flat();
  expect(agree(rulesOf(RULES), chunked(lines, [100_000]), { envelope: 'cri' })).toBeGreaterThan(20);
});
