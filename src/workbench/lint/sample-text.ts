import { escapeControls, quote } from '../../rules/quote.ts';
import { counted } from '../counted.ts';
import { durationWords } from '../duration-words.ts';
import type { Hold, RuleSample, Sampled } from './sample.ts';

const DAY = 86_400_000;
/** A shorter log does not tell how many lines come in a day. ms */
const SHORTEST = 3_600_000;

/** For programs. What is not known is null. */
export const sampleJson = ({ linesRead, span, rules }: Sampled): unknown => ({
  linesRead,
  span: span ?? null,
  rules: rules.map((each) => ({
    ...each,
    perDay: perDay(each.lines, span) ?? null,
    decided: { ...each.decided, shareOfSilence: shareOfSilence(each) ?? null },
    longestHold: each.longestHold === undefined ? null : { ...each.longestHold, millis: each.longestHold.millis ?? null },
    missing: each.missing.map(({ field, lines, near }) => ({ field, lines, near: near ?? null })),
  })),
});

/** For people: a table of the rules that match, and what is to be said of rules. Safe to print. */
export function renderSample({ linesRead, span, rules }: Sampled, logs: readonly string[]): string {
  const time = span === undefined ? 'its lines do not tell of how much time' : durationWords(span);
  const head = `sample ${logs.map(escapeControls).join(', ')}: ${counted(linesRead, 'line')}, ${time}\n`;
  const matching = rules.filter(({ lines }) => lines > 0);
  const rows = matching.map((each) => [
    escapeControls(each.rule),
    each.lines.toLocaleString('en-US'),
    perDay(each.lines, span)?.toLocaleString('en-US') ?? '-',
    holdWords(each.longestHold),
    silenceWords(each),
  ]);
  const table = rows.length === 0 ? '' : tabled([['rule', 'lines', 'a day', 'longest hold', 'decided by silence'], ...rows]);
  const notes = rules.flatMap(notesOn);
  const idle = rules.filter((each) => each.lines + each.expired + each.protected === 0).map(({ rule }) => escapeControls(rule));
  if (idle.length > 0) notes.push(`${counted(idle.length, 'rule')} without a match: ${idle.join(', ')}`);
  return `${head}${table}${notes.map((note) => `  ${note}\n`).join('')}`;
}

function notesOn({ rule, expired, missing, decided, protected: spared }: RuleSample): string[] {
  const name = `rule ${quote(rule)}`;
  const notes = missing.map(({ field, lines, near }) => {
    const instead = near === undefined ? '' : `; there is ${quote(near)}`;
    return `${name}: ${counted(lines, 'line')} without a key: "by" asks for ${quote(field)}, which is not there${instead}`;
  });
  if (decided.nothing > 0)
    notes.push(`${name}: ${counted(decided.nothing, 'line')} waited, and neither an event nor silence decided`);
  if (expired > 0) notes.push(`${name} is expired: ${counted(expired, 'line')} matched and stayed`);
  if (spared > 0) notes.push(`${name}: ${counted(spared, 'line')} matched and stayed, as they are protected`);
  return notes;
}

function holdWords(hold: Hold | undefined): string {
  if (hold === undefined) return '';
  const { millis, behind, line } = hold;
  const took = millis === undefined ? 'of unknown time' : durationWords(millis);
  return `${took}, ${counted(behind, 'line')} behind it (line ${line})`;
}

function silenceWords(sample: RuleSample): string {
  const share = shareOfSilence(sample);
  if (share === undefined) return '';
  const { event, silence } = sample.decided;
  return `${Math.round(100 * share)} % (${silence.toLocaleString('en-US')} of ${(event + silence).toLocaleString('en-US')})`;
}

const shareOfSilence = ({ decided: { event, silence } }: RuleSample): number | undefined =>
  event + silence === 0 ? undefined : silence / (event + silence);

const perDay = (lines: number, span: number | undefined): number | undefined =>
  span === undefined || span < SHORTEST ? undefined : Math.round((lines * DAY) / span);

/** Columns of numbers are aligned at their right. */
function tabled(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) => row.map((cell, at) => (at === 1 || at === 2 ? cell.padStart(widths[at]!) : cell.padEnd(widths[at]!))))
    .map((cells) => `  ${cells.join('  ')}`.trimEnd())
    .map((row) => `${row}\n`)
    .join('');
}
