import { describe, expect, test } from 'vitest';
import { openEngine, type Engine } from '../../src/engine/engine.ts';
import type { EngineSettings } from '../../src/engine/settings.ts';
import { feed, slices } from '../support/feed.ts';
import { ROOMY, rulesOf } from '../support/run.ts';

const FOLD = `
version: 1
rules:
  - { id: folds, when: { level: error }, then: { level: warn }, repeat: { by: [], window: 1h, rest: fold } }
`;
const AWAIT = `
version: 1
rules:
  - { id: waits, when: { level: error, msg: lost }, await: { success: [{ msg: found }], within: 5s, by: [] }, then: { level: info } }
`;

const head = (second: number, msg = 'lost', level = 'ERROR'): string =>
  `2024-03-01 10:00:0${second},000 ${level} [main] a.B - ${msg}`;
const trace = (cause: string): readonly string[] => [`java.io.IOException: ${cause}`, '\tat a.B.c(B.java:1)'];
const bytesOf = (lines: readonly string[]): Buffer => Buffer.from(lines.map((line) => `${line}\n`).join(''));

/** What stands around each line. */
const envelopes: readonly (readonly [name: string, around: (line: string, isOther: boolean) => string])[] = [
  ['CRI, two streams', (line, isOther) => `2026-11-21T10:00:00Z ${isOther ? 'stdout' : 'stderr'} F ${line}`],
  [
    'docker, two streams',
    (line, isOther) =>
      `{"log":${JSON.stringify(`${line}\n`)},"stream":"${isOther ? 'stdout' : 'stderr'}","time":"2026-11-21T10:00:00.1Z"}`,
  ],
  ['compose, two containers', (line, isOther) => `${isOther ? 'db-1 ' : 'web-1'} | ${line}`],
  ['syslog, two units', (line, isOther) => `<11>1 2026-11-21T10:00:00Z host ${isOther ? 'cron' : 'app'} 7 - - ${line}`],
  ['two processes in brackets', (line, isOther) => `[${isOther ? 'db' : 'web'}] ${line}`],
  ['kubectl, two pods', (line, isOther) => `[pod/${isOther ? 'b' : 'a'}/app] ${line}`],
];

describe('a record is told by what stands around its lines', () => {
  test.each(envelopes)('%s', (_, around) => {
    const own = [head(0), ...trace('refused'), head(1), ...trace('refused'), head(2), ...trace('no route')];
    // Another writer's lines stand between each and the next.
    const mixed = own.flatMap((line, i) => [around(line, false), around(`2024-03-01 10:00:00,000 INFO [x] y - ${i}`, true)]);
    const { output, counts } = feed(rulesOf(FOLD), [bytesOf(mixed)], { envelope: 'auto' });
    const left = output.toString().split('\n');
    expect(counts).toMatchObject({ records: 3, recordLines: 9, folded: 3, summaries: 3, changed: 2 });
    expect(left.filter((line) => line.includes('no route'))).toHaveLength(1);
    // Before the first record, among its lines and behind it: each in its place.
    expect(left.slice(0, 6).map((line) => mixed.indexOf(line))).toEqual([-1, 1, 2, 3, 4, 5]);
    expect(left.filter((line) => line.includes('INFO'))).toEqual(mixed.filter((line) => line.includes('INFO')));
    for (const size of [1, 50, 333])
      expect(feed(rulesOf(FOLD), slices(bytesOf(mixed), [size]), { envelope: 'auto' }).output.toString()).toBe(output.toString());
  });
});

interface Live {
  readonly engine: Engine;
  readonly push: (input: number, ...lines: readonly string[]) => void;
  readonly left: string[];
  readonly source: ReturnType<Engine['source']>;
  now: number;
}

/** A source with two streams, by the clock. */
function live(rules: string, settings: Partial<EngineSettings> = {}): Live {
  const engine = openEngine(rulesOf(rules), { ...ROOMY, clock: 'live', ...settings });
  const source = engine.source('s');
  const left: string[] = [];
  const write = (bytes: Uint8Array, start: number, end: number): void => {
    left.push(...Buffer.from(bytes.subarray(start, end)).toString().trimEnd().split('\n'));
  };
  const inputs = [source.input({ write }), source.input({ write })];
  const made: Live = {
    engine,
    source,
    left,
    now: Date.parse('2024-03-01T10:00:10Z'),
    push: (input, ...lines) => inputs[input]!.push(bytesOf(lines), made.now),
  };
  return made;
}

describe('in live', () => {
  test('a head waits for its lines, for 50 ms at most', () => {
    const { engine, push, left, now } = live(FOLD);
    push(0, head(0));
    expect(left).toEqual([]);
    expect(engine.nextDue()).toBe(now + 50);
    engine.advance(now + 49);
    expect(left).toEqual([]);
    engine.advance(now + 50);
    expect(left).toEqual([`${head(0, 'lost', 'WARN')} relevel.rule=folds relevel.was=ERROR`]);
  });

  test('a head that no rule wants does not wait', () => {
    const { push, left } = live(AWAIT);
    push(0, head(0, 'other'), ...trace('x'));
    expect(left).toEqual([head(0, 'other'), ...trace('x')]);
  });

  test('lines of the other output come between, in both orders of which one is looked at first', () => {
    const made = live(AWAIT);
    made.push(0, head(0), trace('x')[0]!);
    // It decides what came before it, although that is not complete.
    made.push(1, head(1, 'found', 'INFO'));
    made.push(0, trace('x')[1]!);
    expect(made.left).toEqual([]);
    made.engine.advance(made.now + 50);
    expect(made.left.toSorted()).toEqual(
      [
        `${head(0, 'lost', 'INFO')} relevel.rule=waits relevel.was=ERROR relevel.why="success after 1000 ms"`,
        ...trace('x'),
        head(1, 'found', 'INFO'),
      ].toSorted(),
    );
  });

  test('nothing is lost or changed if the engine stands down in the midst of a record', () => {
    const made = live(AWAIT);
    made.push(0, head(0), ...trace('x'));
    made.push(1, head(1, 'other'));
    made.engine.standDown();
    made.push(0, '\tat a.B.d(B.java:2)');
    expect(made.left.toSorted()).toEqual([head(0), ...trace('x'), head(1, 'other'), '\tat a.B.d(B.java:2)'].toSorted());
    const { linesIn, linesOut, unchanged } = made.engine.counts;
    expect({ linesIn, linesOut, unchanged }).toEqual({ linesIn: 5, linesOut: 5, unchanged: 5 });
  });

  test('what is held is known by where the record begins', () => {
    const { source, push, engine, now } = live(FOLD);
    push(0, 'plain words', head(0), ...trace('x'));
    expect(source.heldFrom).toBe('plain words\n'.length);
    expect(engine.figures.heldLines).toBe(3);
    engine.advance(now + 50);
    expect(source.heldFrom).toBeUndefined();
    expect(engine.figures.heldLines).toBe(0);
    expect(engine.figures.heldBytes).toBe(0);
  });

  test('a reload lets a record go on, and judges it by the new rules', () => {
    const { engine, push, left, now } = live(FOLD);
    push(0, head(0), trace('x')[0]!);
    engine.adopt(rulesOf(FOLD.replace('warn', 'info')), now);
    push(0, trace('x')[1]!, head(1, 'y', 'INFO'));
    expect(left[0]).toContain(' INFO ');
    expect(left.slice(1)).toEqual([...trace('x'), head(1, 'y', 'INFO')]);
  });
});

describe('in relaxed order', () => {
  test('a record waits with all of its lines, and alone', () => {
    const lines = [head(0), ...trace('x'), head(1, 'other', 'INFO'), head(2, 'found', 'INFO')];
    const { output } = feed(rulesOf(AWAIT), [bytesOf(lines)], { order: 'relaxed' });
    expect(
      output
        .toString()
        .split('\n')
        .map((line) => line.slice(0, 34)),
    ).toEqual([
      head(1, 'other', 'INFO').slice(0, 34),
      head(0, 'lost', 'INFO').slice(0, 34),
      ...trace('x'),
      head(2, 'found', 'INFO').slice(0, 34),
      '',
    ]);
  });
});

describe('a record is bounded', () => {
  const long = (lines: number, length = 1): readonly string[] => [
    head(0),
    ...Array.from({ length: lines }, () => `\t${'x'.repeat(length)}`),
  ];

  test.each([
    ['499 lines behind its head', 499, 1, true],
    ['500 lines behind its head', 500, 1, false],
    ['more than 8 KiB', 9, 1000, false],
  ])('%s', (_, lines, length, isFolded) => {
    const record = long(lines, length);
    const { counts, output } = feed(rulesOf(FOLD), [bytesOf([...record, ...record])]);
    expect(counts.folded).toBe(isFolded ? record.length : 0);
    expect(counts.linesOut).toBe(isFolded ? counts.linesIn : 2 * record.length);
    expect(output.toString().split('\n')).toHaveLength(counts.linesOut + 1);
  });

  test('64 KiB', () => {
    const record = long(70, 1000);
    const { counts, output } = feed(rulesOf(AWAIT), [bytesOf(record)]);
    expect(counts.recordLines).toBeLessThan(70);
    expect(output.toString()).toBe(bytesOf(record).toString());
  });

  test('by the room that there is: it is judged as far as it came, and not folded', () => {
    const record = [head(0), ...trace('x')];
    const lines = [...record, ...record];
    const { counts, output } = feed(rulesOf(FOLD), [bytesOf(lines)], { holdLines: 2 });
    expect(counts.folded).toBe(0);
    expect(output.toString().split('\n')).toHaveLength(lines.length + 1);
  });

  test('by the end of the input, also without a last newline', () => {
    const input = Buffer.concat([bytesOf([head(0), trace('x')[0]!]), Buffer.from(trace('x')[1]!)]);
    const { output, counts } = feed(rulesOf(FOLD), [input]);
    expect(output.toString()).toBe(`${head(0, 'lost', 'WARN')} relevel.rule=folds relevel.was=ERROR\n${trace('x').join('\n')}`);
    expect(counts).toMatchObject({ records: 1, recordLines: 3, linesIn: 3, linesOut: 3, changed: 1, unchanged: 2 });
  });
});
