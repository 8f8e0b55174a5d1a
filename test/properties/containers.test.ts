import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Counts } from '../../src/engine/counts.ts';
import { restoreLine, restorePieces } from '../../src/engine/edit/restore.ts';
import { RestoredOrder } from '../../src/engine/edit/restored-order.ts';
import { container, dockerString, texts, type Container } from '../support/arbitraries/containers.ts';
import { rulesFile } from '../support/arbitraries/rules-files.ts';
import { feed, slices } from '../support/feed.ts';
import { rulesOf } from '../support/run.ts';

const rules = rulesFile.map(rulesOf);
const sizes = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 9 });
const tight = fc.record({
  order: fc.constantFrom('strict' as const, 'relaxed' as const),
  holdLines: fc.integer({ min: 0, max: 4 }),
  holdBytes: fc.integer({ min: 0, max: 900 }),
  groups: fc.integer({ min: 1, max: 3 }),
  groupBytes: fc.integer({ min: 0, max: 2000 }),
  maxLine: fc.integer({ min: 20, max: 300 }),
});

const fileOf = ({ file }: Container): Buffer => Buffer.from(file.map(({ piece }) => piece).join(''));
const linesOf = (output: Buffer): string[] =>
  output
    .toString()
    .split(/(?<=\n)/u)
    .filter((line) => line !== '');

const isSummary = (line: string): boolean => /\\?"repeats\\?":\d|relevel\.repeats=\d/u.test(line);
const withoutPieces = (line: string): string =>
  line.replace(/,\\?"pieces\\?":\\?"[^"\\]*\\?"| relevel\.pieces=[-\d@T:.Z+,/]+/u, '');

/** Whether what says that lines are pieces lies within what is looked at. */
const showsPieces = ({ runtime, file }: Container, maxLine: number): boolean =>
  (runtime === 'cri' && maxLine >= 50) || file.every(({ piece }) => Buffer.byteLength(piece) <= maxLine);

/** A log whose pieces are joined, each line where its last one stood. */
function join(output: Buffer, { lines, file }: Container): string[] {
  const joined: string[] = [];
  const unread = [...file];
  for (const line of linesOf(output)) {
    const at = unread.findIndex(({ piece }) => piece === line);
    if (at === -1) {
      joined.push(withoutPieces(line));
      continue;
    }
    const { line: number } = unread[at]!;
    unread.splice(at, 1);
    if (line === lines[number]!.pieces.at(-1)) joined.push(lines[number]!.whole);
  }
  return joined;
}

/** What `restore` writes of an output. */
function restore(output: Buffer): string {
  let written = '';
  const sink = {
    write: (bytes: Uint8Array, start: number, end: number) => (written += Buffer.from(bytes.subarray(start, end)).toString()),
  };
  const order = new RestoredOrder(sink, 'auto');
  for (const line of linesOf(output)) {
    const restored = restorePieces(Buffer.from(line));
    if (restored === undefined) order.pass(Buffer.from(line));
    else order.passPieces(restored.bytes, restored.gaps);
  }
  order.flush();
  return written;
}

/** Records that were written as summaries: `counts.summaries` counts their lines. */
const summariesOf = ({ rules: ofRules }: Counts): number =>
  [...ofRules.values()].reduce((sum, { summaries }) => sum + summaries, 0);

describe('lines that a container runtime has cut up', () => {
  test('become what they would have become in one', () => {
    let changed = 0;
    fc.assert(
      fc.property(rules, container, sizes, (ruleSet, log, by) => {
        const whole = log.file.flatMap(({ line, piece }) => {
          const said = log.lines[line]!;
          return piece === said.pieces.at(-1) ? [said.whole] : [];
        });
        const cut = feed(ruleSet, slices(fileOf(log), by), { envelope: 'auto' });
        const uncut = feed(ruleSet, [Buffer.from(whole.join(''))], { envelope: 'auto' });
        const [some, others] = [join(cut.output, log), linesOf(uncut.output)];
        const plain = (lines: readonly string[]): string[] => lines.filter((line) => !isSummary(line));
        expect(plain(some)).toEqual(plain(others));
        // A summary waits where a line is in pieces.
        expect(some.filter(isSummary).sort()).toEqual(others.filter(isSummary).sort());
        const { linesIn, linesOut, unchanged, folded, summaries } = cut.counts;
        expect({ linesIn, linesOut, unchanged, changed: cut.counts.changed, folded, summaries }).toEqual({
          linesIn: log.lines.length,
          linesOut: uncut.counts.linesOut,
          unchanged: uncut.counts.unchanged,
          changed: uncut.counts.changed,
          folded: uncut.counts.folded,
          summaries: uncut.counts.summaries,
        });
        changed += cut.counts.changed;
      }),
      { numRuns: 400 },
    );
    expect(changed).toBeGreaterThan(150);
  });

  test('leave as they came where no rule cares, however little room there is', () => {
    fc.assert(
      fc.property(container, sizes, tight, (log, by, bounds) => {
        const input = fileOf(log);
        const { output, counts } = feed({ protect: [], rules: [] }, slices(input, by), {
          ...bounds,
          order: 'strict',
          envelope: 'auto',
        });
        expect(output.toString()).toBe(input.toString());
        expect(counts.linesIn).toBe(counts.unchanged);
        if (showsPieces(log, bounds.maxLine)) expect(counts.linesIn).toBe(log.lines.length);
      }),
      { numRuns: 400 },
    );
  });

  test('are the same however the bytes were cut, and none is lost', () => {
    fc.assert(
      fc.property(rules, container, sizes, tight, (ruleSet, log, by, bounds) => {
        const input = fileOf(log);
        const settings = { ...bounds, envelope: log.runtime };
        const { output, counts } = feed(ruleSet, [input], settings);
        const cut = feed(ruleSet, slices(input, by), settings);
        expect(cut.output.toString()).toBe(output.toString());
        const { linesIn, linesOut, unchanged, changed, folded, summaries } = counts;
        expect(unchanged + changed + folded).toBe(linesIn);
        expect(unchanged + changed + summaries).toBe(linesOut);
        if (showsPieces(log, bounds.maxLine)) expect(linesIn).toBe(log.lines.length);
        expect(cut.counts.linesIn).toBe(linesIn);
        // What bears no annotation is a piece that came.
        const came = new Set(log.file.map(({ piece }) => piece));
        for (const line of linesOf(output)) if (!line.includes('relevel')) expect(came).toContain(line);
      }),
      { numRuns: 400 },
    );
  });

  test.each([
    ['P only the beginning', 1],
    ['P the beginning\n2026-11-21T10:00:00Z stdout F and the end', 1],
    ['F whole\n2026-11-21T10:00:00Z stdout P and the beginning of another', 2],
    ['F whole\n2026-11-21T10:00:00Z stdout F and another', 2],
  ])('are counted once, also without a last newline: %j', (rest, lines) => {
    const input = Buffer.from(`2026-11-21T10:00:00Z stdout ${rest}`);
    const { output, counts } = feed({ protect: [], rules: [] }, [input], { envelope: 'auto' });
    expect(output.toString()).toBe(input.toString());
    const { linesIn, linesOut, unchanged } = counts;
    expect({ linesIn, linesOut, unchanged }).toEqual({ linesIn: lines, linesOut: lines, unchanged: lines });
  });

  test('are given back where their pieces stood, among the lines of the other stream', () => {
    let moved = 0;
    fc.assert(
      fc.property(rules, container, sizes, (ruleSet, log, by) => {
        const input = fileOf(log);
        // What was folded is gone, and a line may have come with an annotation already.
        const { output, counts } = feed(ruleSet, slices(input, by), { envelope: 'auto', order: 'strict' });
        if (counts.folded > 0 || input.includes('relevel')) return;
        expect(restore(output)).toBe(input.toString());
        if (/pieces[^ }]*\/\d/u.test(output.toString())) moved += 1;
      }),
      { numRuns: 400 },
    );
    expect(moved).toBeGreaterThan(20);
  });

  test('are given back in their pieces', () => {
    let restored = 0;
    fc.assert(
      fc.property(rules, container, (ruleSet, log) => {
        const { output, counts } = feed(ruleSet, [fileOf(log)], { envelope: 'auto' });
        const came = new Set(log.lines.map(({ pieces }) => pieces.join('')));
        const pieces = new Set(log.file.map(({ piece }) => piece));
        let undone = 0;
        for (const line of linesOf(output)) {
          const original = restoreLine(Buffer.from(line))?.toString();
          if (original === undefined) continue;
          undone += 1;
          // A line may have come with an annotation already.
          expect(came.has(original) || pieces.has(line), original).toBe(true);
        }
        expect(undone).toBeGreaterThanOrEqual(counts.changed + summariesOf(counts));
        restored += undone;
      }),
      { numRuns: 400 },
    );
    expect(restored).toBeGreaterThan(150);
  });
});

/** What may stand before a line, or around it. */
const envelopes: readonly ((text: string, odd: (at: number) => boolean) => string)[] = [
  (text) => text,
  (text) => `2026-11-21T10:00:00.123456789+01:00 stdout F ${text}`,
  (text) => `2026-11-21T10:00:00Z stderr F:tag ${text}`,
  (text, odd) => `{"log":"${dockerString(text, odd)}\\n","stream":"stderr","time":"2026-11-21T10:00:00.1Z"}`,
  (text, odd) => `{"log":"${dockerString(text, odd)}\\n","stream":"stdout","attrs":{"tag":"a"},"time":"2026-11-21T10:00:00.1Z"}`,
  (text) => `Nov 21 10:00:00 host app[7]: ${text}`,
  (text) => `<11>Nov  1 10:00:00 host app: ${text}`,
  (text) => `<11>1 2026-11-21T10:00:00Z host app 7 - [a b="c\\]"] ${text}`,
  (text) => `web-1  | ${text}`,
];

test('in every envelope, an edit can be undone to the byte', () => {
  const restored = envelopes.map(() => 0);
  const which = fc.nat({ max: envelopes.length - 1 });
  const odd = fc.func(fc.boolean());
  fc.assert(
    fc.property(rules, texts, which, odd, fc.boolean(), (ruleSet, said, envelope, isOdd, isOften) => {
      const lines = said.map((text) => `${envelopes[envelope]!(text, (at) => isOften && isOdd(at))}\n`);
      const { output, counts } = feed(ruleSet, [Buffer.from(lines.join(''))], { envelope: 'auto' });
      const came = new Set(lines);
      let undone = 0;
      for (const line of linesOf(output)) {
        const original = restoreLine(Buffer.from(line))?.toString();
        if (original === undefined) continue;
        undone += 1;
        expect(came.has(original) || came.has(line), original).toBe(true);
      }
      expect(undone).toBeGreaterThanOrEqual(counts.changed + summariesOf(counts));
      restored[envelope]! += undone;
    }),
    { numRuns: 1_000 },
  );
  for (const some of restored) expect(some).toBeGreaterThan(20);
});
