import { RELEASES, type Counts, type Release, type RuleCounts } from '../engine/counts.ts';
import { escapeControls } from '../rules/quote.ts';
import type { Details } from './diagnostics.ts';

export interface Report {
  readonly title: string;
  /** Whole lines of at most 80 columns, unless a rule's id is long. Safe to print. */
  readonly table: string;
  readonly details: Details;
}

/** Why a line was released unchanged, for a person. */
const REASONS: Readonly<Record<Release, string>> = {
  failure: 'it was a failure, and the rule has no "else"',
  silence: 'no event came in time; see "success", "by" and "within"',
  'no-key': 'a field of "by" was missing',
  'no-message': 'it has no message, and "by" has no item for "msg"',
  'no-time': 'the times of the lines cannot be compared',
  protected: 'a protected line came',
  full: 'the hold queue was full',
  forgotten: 'an earlier event may have been forgotten',
  ended: 'the input ended',
  signal: 'a signal came',
  reload: 'the rules or the calendar changed',
  truncated: 'its file was truncated, and has no copy',
  budget: 'the budget was used up',
  raised: 'it has the level of "raise" already, or a higher one',
  archive: 'the archive could not be written',
  unwritable: 'the changed line would not be read back as it was asked for',
};

/** What became of a stream, and what each rule had to do with it. */
export function reportOf(counts: Counts, mode: 'filter' | 'shadow'): Report {
  const rows = [...counts.rules].filter(([, count]) => count.fitted > 0 || count.resting > 0);
  const idle = counts.rules.size - rows.length;
  const shadows = [...counts.shadows];
  const lines = [
    ...balance(counts),
    '',
    ...(rows.length > 0 ? [...ruleTable(rows), ''] : []),
    ...releasesOf(rows),
    ...shadowTable(shadows),
    ...(idle > 0 ? [idle === counts.rules.size ? 'no rule fitted a line' : `rules that fitted no line: ${idle}`] : []),
  ];
  while (lines.at(-1) === '') lines.pop();
  return {
    title:
      mode === 'shadow' ? 'what would have become of the lines (shadow: they left as they came)' : 'what became of the lines',
    table: lines.map((line) => `${line === '' ? '' : '  '}${line}\n`).join(''),
    details: { ...counts, shadow: mode === 'shadow', rules: Object.fromEntries(rows), shadows: Object.fromEntries(shadows) },
  };
}

/** The second promise, in figures. */
function balance(counts: Counts): string[] {
  const { linesIn, linesOut, unchanged, changed, folded, summaries, overlong, opaque, ambiguous, records, recordLines } = counts;
  // Where the reader left or a signal ended it, some lines came in and had no time to leave.
  const left = linesIn - unchanged - changed - folded;
  const width = Math.max(String(linesIn).length, String(linesOut).length);
  const notes = [
    overlong > 0 ? `${overlong} too long` : '',
    opaque > 0 ? `${opaque} not understood` : '',
    ambiguous > 0 ? `${ambiguous} ambiguous` : '',
  ].filter((note) => note !== '');
  return [
    `in   ${String(linesIn).padStart(width)} = ${unchanged} unchanged + ${changed} changed + ${folded} folded${left > 0 ? ` + ${left} not written` : ''}`,
    `out  ${String(linesOut).padStart(width)} = ${unchanged} unchanged + ${changed} changed + ${summaries} summaries`,
    ...(records > 0 ? [`records of several lines: ${records}, with ${recordLines} lines`] : []),
    ...(notes.length > 0 ? [`looked at and left alone: ${notes.join(', ')}`] : []),
  ];
}

/** What rules in shadow would have done. */
function shadowTable(shadows: readonly Row[]): string[] {
  if (shadows.length === 0) return [];
  const rows = shadows.filter(([, count]) => count.fitted > 0 || count.resting > 0);
  if (rows.length === 0) return [`rules in shadow that fitted no line: ${shadows.length}`, ''];
  return ['in shadow: what these rules would have done', ...ruleTable(rows), '', ...releasesOf(rows)];
}

type Row = readonly [id: string, count: RuleCounts];

const COLUMNS: readonly (readonly [head: string, of: (count: RuleCounts) => number])[] = [
  ['fitted', (count) => count.fitted],
  ['held', (count) => count.held],
  ['lowered', (count) => count.lowered],
  ['to else', (count) => count.failed],
  ['folded', (count) => count.folded],
  ['summaries', (count) => count.summaries],
];

const MOST_COLUMNS = 78;

function ruleTable(rows: readonly Row[]): string[] {
  const widths = COLUMNS.map(([head, of]) => Math.max(head.length, ...rows.map(([, count]) => String(of(count)).length)));
  const figures = (cells: readonly string[]): string => cells.map((cell, i) => `  ${cell.padStart(widths[i]!)}`).join('');
  const figuresWidth = widths.reduce((sum, width) => sum + width + 2, 0);
  const longest = Math.max('rule'.length, ...rows.map(([id]) => id.length));
  const idWidth = Math.min(longest, MOST_COLUMNS - figuresWidth);
  const table = ['rule'.padEnd(idWidth) + figures(COLUMNS.map(([head]) => head))];
  for (const [id, count] of rows) {
    const cells = figures(COLUMNS.map(([, of]) => String(of(count))));
    // A long id has a line to itself.
    if (id.length > idWidth) table.push(escapeControls(id), ' '.repeat(idWidth) + cells);
    else table.push(escapeControls(id).padEnd(idWidth) + cells);
  }
  return table;
}

function releasesOf(rows: readonly Row[]): string[] {
  const lines: string[] = [];
  for (const [id, count] of rows) {
    const reasons = RELEASES.filter((reason) => count.released[reason] > 0).map(
      (reason) => [count.released[reason], REASONS[reason], detailsOf(reason, count)] as const,
    );
    if (count.resting > 0) reasons.push([count.resting, 'the rule rests: its "until" is past', []]);
    if (reasons.length > 0) lines.push(`${escapeControls(id)}: unchanged, because`);
    for (const [released, reason, details] of reasons) {
      lines.push(`${String(released).padStart(10)}  ${reason}`, ...details.map((detail) => `${' '.repeat(14)}${detail}`));
    }
    if (count.stayed > 0) {
      lines.push(`${escapeControls(id)}: changed, but not in level, because`);
      lines.push(`${String(count.stayed).padStart(10)}  "then" and "rest" only lower, and theirs is the higher level`);
    }
    if (count.raised + count.over > 0) lines.push(`${escapeControls(id)}: raised, or past the budget`);
    if (count.raised > 0) lines.push(`${String(count.raised).padStart(10)}  raised by "then"`);
    if (count.over > 0) lines.push(`${String(count.over).padStart(10)}  given the level of "over", as the budget was used up`);
    if (count.keptMessages > 0) {
      lines.push(`${escapeControls(id)}: changed, with the old message, because`);
      lines.push(`${String(count.keptMessages).padStart(10)}  the new one would not be read back as it was asked for`);
    }
  }
  return lines.length > 0 ? [...lines, ''] : [];
}

/** What more is known of a reason: fields of a rule, places of lines, and never their text. */
function detailsOf(reason: Release, { missing, protectedBy }: RuleCounts): string[] {
  if (reason === 'no-key') return Object.entries(missing).map(([field, lines]) => `${escapeControls(field)}: ${lines}`);
  if (reason !== 'protected' || protectedBy === undefined) return [];
  return [`last by line ${protectedBy.line} of ${escapeControls(protectedBy.source)}`];
}
