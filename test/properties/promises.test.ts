import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { restoreLine } from '../../src/engine/edit/restore.ts';
import type { RuleSet } from '../../src/rules/rule.ts';
import { rulesFile } from '../support/arbitraries/rules-files.ts';
import { stream } from '../support/arbitraries/streams.ts';
import { feed, slices } from '../support/feed.ts';
import { rulesOf, type Arrival } from '../support/run.ts';

const rules: fc.Arbitrary<RuleSet> = rulesFile.map(rulesOf);

/** What ends a line: mostly a newline; a NUL and bytes that are no UTF-8 before it now and then. */
const ending = fc.constantFrom('\n', '\n', '\n', '\r\n', ' \0\n', '\xff\xfe\n');

/** The lines of a generated stream as bytes, some with odd endings, the last one perhaps without its newline. */
const bytes: fc.Arbitrary<Buffer> = fc
  .tuple(stream, fc.array(ending, { minLength: 1, maxLength: 7 }), fc.boolean())
  .map(([arrivals, endings, whole]) => {
    const lines = arrivals.flatMap((arrival: Arrival) => (arrival.source === undefined ? [] : [arrival.line]));
    const all = Buffer.concat(
      lines.map((line, i) => Buffer.concat([Buffer.from(line), Buffer.from(endings[i % endings.length]!, 'latin1')])),
    );
    return whole ? all : all.subarray(0, -1);
  });

const sizes = fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 9 });

/** Bounds so small that everything is full all the time. */
const tight = fc.record({
  order: fc.constantFrom('strict' as const, 'relaxed' as const),
  holdLines: fc.integer({ min: 0, max: 4 }),
  holdBytes: fc.integer({ min: 0, max: 600 }),
  groups: fc.integer({ min: 1, max: 3 }),
  groupBytes: fc.integer({ min: 0, max: 2000 }),
  maxLine: fc.integer({ min: 20, max: 200 }),
});

const linesOf = (output: Buffer): Buffer[] => {
  const lines: Buffer[] = [];
  for (let at = 0; at < output.length;) {
    const newline = output.indexOf(0x0a, at);
    const end = newline === -1 ? output.length : newline + 1;
    lines.push(output.subarray(at, end));
    at = end;
  }
  return lines;
};

/** Without its ending: a last line may have had to get a newline because something followed it. */
const bare = (line: Buffer): string => line.toString('latin1').replace(/\n$/u, '');

/** Exact twins of the lines that were there already cannot be told from lines that we changed. */
const isAnnotated = (line: Buffer): boolean => line.includes('relevel');

describe('untouched is untouched', () => {
  test('without rules, any bytes leave as they came', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), sizes, tight, (any, by, settings) => {
        const input = Buffer.from(any);
        expect(feed({ protect: [], rules: [] }, slices(input, by), settings).output).toEqual(input);
      }),
      { numRuns: 500 },
    );
  });

  test('every line that bears no annotation of ours is one that came in', () => {
    fc.assert(
      fc.property(rules, bytes, sizes, tight, (ruleSet, input, by, settings) => {
        const came = new Set(linesOf(input).map(bare));
        for (const line of linesOf(feed(ruleSet, slices(input, by), settings).output)) {
          if (!isAnnotated(line)) expect(came).toContain(bare(line));
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('nothing is lost', () => {
  test('lines in are unchanged, changed or folded; lines out are unchanged, changed or summaries', () => {
    let folded = 0;
    fc.assert(
      fc.property(rules, bytes, sizes, tight, fc.boolean(), (ruleSet, input, by, bounds, isTight) => {
        const { output, counts } = feed(ruleSet, slices(input, by), isTight ? bounds : {});
        const out = linesOf(output);
        expect(linesOf(input)).toHaveLength(counts.linesIn);
        expect(counts.unchanged + counts.changed + counts.folded).toBe(counts.linesIn);
        expect(out).toHaveLength(counts.unchanged + counts.changed + counts.summaries);
        expect(counts.linesOut).toBe(out.length);
        const repeats = out.map((line) => Number(/(?:"repeats":|relevel\.repeats=)(\d+)/u.exec(line.toString())?.[1] ?? 0));
        // Records are counted there, and of several lines one counts once.
        const ofRules = [...counts.rules.values()].reduce((sum, count) => sum + count.folded, 0);
        expect(repeats.reduce((sum, each) => sum + each, 0)).toBe(ofRules);
        folded += counts.folded;
      }),
      { numRuns: 1000 },
    );
    expect(folded).toBeGreaterThan(100);
  });
});

describe('in order', () => {
  test('what leaves, leaves in the order of arrival', () => {
    fc.assert(
      fc.property(rules, bytes, sizes, tight, (ruleSet, input, by, settings) => {
        const { output } = feed(ruleSet, slices(input, by), { ...settings, order: 'strict' });
        const came = linesOf(input).map(bare);
        let at = 0;
        for (const line of linesOf(output)) {
          if (/"repeats":|relevel\.repeats=/u.test(line.toString())) continue;
          // A line may have come with an annotation already.
          const restored = restoreLine(line);
          const place = restored === undefined ? -1 : came.indexOf(bare(restored), at);
          at = (place === -1 ? came.indexOf(bare(line), at) : place) + 1;
          expect(at, bare(line)).toBeGreaterThan(0);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('chunking does not matter', () => {
  test('the same bytes give the same output, however they were cut', () => {
    let changed = 0;
    fc.assert(
      fc.property(rules, bytes, sizes, tight, fc.boolean(), (ruleSet, input, by, bounds, isTight) => {
        const settings = isTight ? bounds : {};
        const whole = feed(ruleSet, [input], settings);
        const cut = feed(ruleSet, slices(input, by), settings);
        expect(cut.output.toString('latin1')).toBe(whole.output.toString('latin1'));
        const lines = feed(ruleSet, linesOf(input), settings);
        expect(lines.output.toString('latin1')).toBe(whole.output.toString('latin1'));
        changed += whole.counts.changed;
      }),
      { numRuns: 1500 },
    );
    expect(changed).toBeGreaterThan(500);
  });
});

describe('an edit can be undone', () => {
  test('restored lines are lines that came in, to the byte', () => {
    let restored = 0;
    fc.assert(
      fc.property(rules, bytes, (ruleSet, input) => {
        const came = new Set(linesOf(input).map(bare));
        const { output, counts } = feed(ruleSet, [input]);
        let undone = 0;
        for (const line of linesOf(output)) {
          const original = restoreLine(line);
          if (original === undefined) continue;
          undone += 1;
          // A line may have come with an annotation already.
          const either = [original, line].map(bare);
          expect(
            either.some((each) => came.has(each)),
            either[0],
          ).toBe(true);
        }
        expect(undone).toBeGreaterThanOrEqual(counts.changed + counts.summaries);
        restored += undone;
      }),
      { numRuns: 800 },
    );
    expect(restored).toBeGreaterThan(500);
  });
});
