import { LEVELS, type Level } from '../../record/level.ts';
import { escapeControls, quote } from '../../rules/quote.ts';
import { counted } from '../counted.ts';
import { wordOf, type Difference } from './comparison.ts';
import type { Change, Tallied } from './tally.ts';

const SHOWN = 160;

/** A report for people. Safe to print. */
export function renderTally(
  { changes, matrix, lines }: Tallied,
  options: { readonly linesRead: number; readonly threshold: Level },
): string {
  const { linesRead, threshold } = options;
  const differ = lines.hidden + lines.louder + lines.quieter;
  if (differ === 0) return `${counted(linesRead, 'line')} read: nothing would change\n`;
  const level = LEVELS[threshold];
  const parts = [
    section(
      `hidden now: ${counted(lines.hidden, 'line')} that ${lines.hidden === 1 ? 'was' : 'were'} at ${level} or above`,
      changes,
      'hidden',
    ),
    section(`louder now: ${counted(lines.louder, 'line')}`, changes, 'louder'),
    section(`quieter now, and nothing hidden: ${counted(lines.quieter, 'line')}`, changes, 'quieter'),
    renderMatrix(matrix),
    `${counted(linesRead, 'line')} read, ${counted(differ, 'line')} would differ\n`,
  ];
  return parts.filter((part) => part !== '').join('\n');
}

function section(title: string, changes: readonly Change[], kind: Change['kind']): string {
  const own = changes.filter((change) => change.kind === kind);
  if (own.length === 0) return '';
  const rows = own.flatMap(({ rule, from, to, lines, samples }) => [
    `  ${counted(lines, 'line')}: ${from} → ${to} · rule ${quote(rule)}`,
    ...samples.map(({ source, line, text }) => `    ${escapeControls(source)}:${line}: ${cut(text)}`),
  ]);
  return `${title}\n${rows.join('\n')}\n`;
}

const cut = (text: string): string => escapeControls(text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text);

/** Levels before, from above to below, and after, from left to right. */
function renderMatrix(matrix: Tallied['matrix']): string {
  const tos = [...new Set(matrix.map(({ to }) => to))].toSorted((a, b) => rankOf(b) - rankOf(a));
  const froms = [...new Set(matrix.map(({ from }) => from))];
  const cells = froms.map((from) => [
    from,
    ...tos.map((to) => matrix.find((cell) => cell.from === from && cell.to === to)?.lines.toLocaleString('en-US') ?? ''),
  ]);
  const rows = [['before \\ after', ...tos], ...cells];
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) =>
      `  ${row.map((cell, column) => (column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!))).join('  ')}`.trimEnd(),
    )
    .map((row) => `${row}\n`)
    .join('');
}

const rankOf = (word: string): number => LEVELS.findIndex((level) => level.toUpperCase() === word);

/** A line that differs, on one line: `app.log:7: ERROR → WARN · rule · why · text`. Safe to print. */
export function renderRow({ source, line, level, before, after, text }: Omit<Difference, 'kind'>): string {
  const outcome = (after ?? before)!; // one of them made the difference
  const why = outcome.why === undefined ? '' : ` · ${outcome.why}`;
  const row = `${source}:${line}: ${wordOf(before, level)} → ${wordOf(after, level)} · ${outcome.rule}${why} · ${text ?? ''}`;
  return `${escapeControls(row)}\n`;
}
