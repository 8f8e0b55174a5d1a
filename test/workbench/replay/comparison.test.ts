import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openEngine } from '../../../src/engine/engine.ts';
import type { EngineSettings } from '../../../src/engine/settings.ts';
import { pushBytes } from '../../../src/io/pump-engine.ts';
import { levelOf, LEVELS, type LevelName } from '../../../src/record/level.ts';
import { UTC } from '../../../src/record/zone.ts';
import type { RuleSet } from '../../../src/rules/rule.ts';
import { LineUnderstanding } from '../../../src/workbench/read-line.ts';
import { Comparison, type Difference } from '../../../src/workbench/replay/comparison.ts';
import { Tally } from '../../../src/workbench/replay/tally.ts';
import { rulesFile } from '../../support/arbitraries/rules-files.ts';
import { stream } from '../../support/arbitraries/streams.ts';
import { slices } from '../../support/feed.ts';
import { ROOMY, rulesOf } from '../../support/run.ts';

// Each line by itself: what leaves for the lines of a record is not told line by line.
const RELAXED = { ...ROOMY, order: 'relaxed', maxRecord: 0 } as const;

function compare(before: RuleSet, after: RuleSet, chunks: readonly Buffer[], settings: EngineSettings = RELAXED): Difference[] {
  const found: Difference[] = [];
  const comparison = new Comparison({
    before,
    after,
    settings,
    threshold: levelOf('error'),
    wantsText: () => true,
    onDifference: (difference) => found.push(difference),
    rows: () => '',
  });
  const source = comparison.source('in.log');
  const input = source.input({ write: () => {} });
  for (const chunk of chunks) pushBytes(comparison, input, chunk, 0);
  input.end(0);
  source.end(0);
  return found.toSorted((a, b) => a.line - b.line);
}

/** How loud each line leaves: by what leaves for it, read back; below all levels, if nothing does. */
function loudness(rules: RuleSet, lines: readonly string[]): (number | undefined)[] {
  const understanding = new LineUnderstanding({ format: 'auto', envelope: 'none', read: rules.read, zone: UTC, now: 0 });
  const levelIn = (bytes: Buffer): number | undefined => {
    const { level } = understanding.of(bytes, 0, bytes.at(-1) === 0x0a ? bytes.length - 1 : bytes.length);
    return level === undefined ? undefined : LEVELS.indexOf(level as LevelName);
  };
  const engine = openEngine(rules, RELAXED);
  const source = engine.source('in.log');
  const left: (number | undefined)[] = lines.map(() => -1);
  const input = source.lineInput<number>({
    same: (line) => void (left[line] = levelIn(Buffer.from(lines[line]!))),
    made: (bytes, line) => {
      // A summary leaves beside the line.
      if (!/"repeats":|relevel\.repeats=/u.test(bytes.toString())) left[line] = levelIn(Buffer.from(bytes));
    },
  });
  lines.forEach((line, i) => input.push(i, Buffer.from(`${line}\n`), 0));
  input.end(0);
  source.end(0);
  return left;
}

const lines = stream.map((arrivals) =>
  arrivals.flatMap((arrival) => (arrival.source === undefined || arrival.line.includes('repeats') ? [] : [arrival.line])),
);

test('finds the lines that leave at another level, or not, as the two streams themselves show it', () => {
  const kinds = new Set<string>();
  fc.assert(
    fc.property(
      rulesFile,
      rulesFile,
      lines,
      fc.array(fc.integer({ min: 1, max: 600 }), { minLength: 1, maxLength: 5 }),
      (one, other, texts, sizes) => {
        const [before, after] = [rulesOf(one), rulesOf(other)];
        const bytes = Buffer.from(texts.map((text) => `${text}\n`).join(''));
        const found = compare(before, after, slices(bytes, sizes));
        const [was, is] = [loudness(before, texts), loudness(after, texts)];
        expect(found.map(({ line }) => line)).toEqual(texts.flatMap((_, i) => (was[i] === is[i] ? [] : [i + 1])));
        for (const { line, kind, text } of found) {
          const [from, to] = [was[line - 1]!, is[line - 1]!];
          kinds.add(kind);
          expect(kind).toBe(to > from ? 'louder' : from >= levelOf('error') && to < levelOf('error') ? 'hidden' : 'quieter');
          expect(text).toBe(texts[line - 1]!.replace(/\r$/u, ''));
        }
      },
    ),
    { numRuns: 300 },
  );
  expect(kinds).toEqual(new Set(['hidden', 'louder', 'quieter']));
});

test('without a difference there is nothing to tell', () => {
  fc.assert(
    fc.property(rulesFile, lines, (file, texts) => {
      const bytes = Buffer.from(texts.map((text) => `${text}\n`).join(''));
      expect(compare(rulesOf(file), rulesOf(file), [bytes])).toEqual([]);
    }),
    { numRuns: 50 },
  );
});

test('a tally keeps few samples, which are not alike, however many lines differ', () => {
  const tally = new Tally();
  const outcome = { rule: 'x', ending: 'then', level: levelOf('info'), isFolded: false, why: undefined } as const;
  for (let line = 1; line <= 10_000; line += 1) {
    const text = tally.wantsText('x') ? `request ${line} of ${line % 2 === 0 ? 'a' : 'b'}` : undefined;
    tally.add({ source: 'in.log', line, level: levelOf('error'), before: undefined, after: outcome, kind: 'hidden', text });
  }
  expect(tally.result()).toEqual({
    changes: [
      {
        kind: 'hidden',
        rule: 'x',
        from: 'ERROR',
        to: 'INFO',
        lines: 10_000,
        samples: [
          { source: 'in.log', line: 1, text: 'request 1 of b' },
          { source: 'in.log', line: 2, text: 'request 2 of a' },
        ],
      },
    ],
    matrix: [{ from: 'ERROR', to: 'INFO', lines: 10_000 }],
    lines: { hidden: 10_000, louder: 0, quieter: 0 },
  });
});

test('a record is one line that differs, however it was cut, and if only one of the sets waits for the rest of it', () => {
  const bytes = Buffer.from('level=error msg=failed\n\tat a.b(C.java:1)\n\tat a.c(C.java:2)\nlevel=error msg=other\n');
  const rules = (when: string): RuleSet => rulesOf(`version: 1\nrules: [{ id: x, when: ${when}, then: { level: info } }]\n`);
  for (const size of [1, 7, 1_000])
    for (const [one, other] of [
      ['{ msg: failed }', '{ msg: none }'],
      ['{ msg: failed }', '{ msg: failed, $line: { contains: a.c } }'],
    ] as const) {
      const settings = { ...ROOMY, order: 'relaxed' } as const;
      const found = compare(rules(one), rules(other), slices(bytes, [size]), settings);
      expect([size, other, found.map(({ line, kind }) => [line, kind])]).toEqual([
        size,
        other,
        other.includes('none') ? [[1, 'louder']] : [],
      ]);
    }
});
