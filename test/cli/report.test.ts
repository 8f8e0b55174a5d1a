import { expect, test } from 'vitest';
import { newCounts, type Counts } from '../../src/engine/counts.ts';
import { reportOf } from '../../src/cli/report.ts';

/** Counts of rules of which each did something. */
function countsOf(...ids: string[]): Counts {
  const counts = newCounts(ids);
  for (const rule of counts.rules.values()) Object.assign(rule, { fitted: 123_456_789, lowered: 123_456_789, folded: 12 });
  return counts;
}

test('fits into 80 columns, whatever the ids and the figures', () => {
  const { table } = reportOf(countsOf('short', 'x'.repeat(40), 'y'.repeat(78)), 'filter');
  expect(table.split('\n').every((line) => line.length <= 80)).toBe(true);
  expect(table).toContain(`\n  ${'y'.repeat(78)}\n`);
});

test('says what had no time to leave, and what no rule may judge', () => {
  const { table } = reportOf(
    { ...countsOf(), linesIn: 10, linesOut: 5, unchanged: 5, overlong: 1, opaque: 2, ambiguous: 3 },
    'filter',
  );
  expect(table).toBe(`  in   10 = 5 unchanged + 0 changed + 0 folded + 5 not written
  out   5 = 5 unchanged + 0 changed + 0 summaries
  looked at and left alone: 1 too long, 2 not understood, 3 ambiguous
`);
});
