import { RELEASES, type Release } from '../../engine/counts.ts';
import type { Ending } from '../../engine/observer.ts';
import { plainName } from '../../rules/condition-words.ts';
import { escapeControls, quote } from '../../rules/quote.ts';
import { counted } from '../counted.ts';
import type { Account, KeyValue, LineAccount, Reading, RuleAccount, Verdict } from './account.ts';

/** How much of a line is shown. */
const SHOWN = 160;

/** Conditions that are listed of one rule, unless it is the only one that is asked about. */
const MOST_STOPS = 3;

/** A tree for people. Safe to print. */
export function renderAccount(account: Account, options: { readonly areRulesAsked: boolean }): string {
  const { lines, more, linesRead, rules } = account;
  const blocks = lines.map(renderLine);
  if (more > 0) blocks.push(`and ${counted(more, 'line')} like these, which are not shown\n`);
  const told = options.areRulesAsked ? rules : rules.filter(({ lines: applied, near }) => applied + near > 0);
  const quiet = rules.length - told.length;
  const summary = [`${counted(linesRead, 'line')} read\n`, ...told.map((rule) => renderRule(rule, options))];
  if (quiet > 0) summary.push(`  ${counted(quiet, 'rule')} matched no line, and none nearly\n`);
  return [...blocks, summary.join('')].join('\n');
}

function renderLine({ source, line, text, read, verdict, notes, misses }: LineAccount): string {
  const shown = text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
  const rows = [`${escapeControls(source)}:${line}: ${escapeControls(shown.replace(/\r$/u, ''))}`, `  ${readWords(read)}`];
  if (verdict !== undefined) rows.push(...verdictRows(verdict));
  for (const note of notes) rows.push(`  ${note}`);
  for (const { rule, reasons } of misses) {
    rows.push(`  rule ${quote(rule)} does not match:`);
    for (const { condition, found, remedy } of reasons) rows.push(`    ${condition}: found ${found}; ${remedy}`);
  }
  if (verdict === undefined && notes.length === 0 && misses.length === 0) rows.push('  no rule wants it');
  return `${rows.join('\n')}\n`;
}

function readWords({ format, why, level, msg, time, mark }: Reading): string {
  if (format === undefined) return `not recognized: ${escapeControls(why ?? '')}`;
  const parts = [
    `level ${level}`,
    msg === undefined ? 'no message' : `msg ${quote(msg)}`,
    time === undefined ? 'no time' : `time ${time}`,
  ];
  return `read as ${escapeControls(format)}: ${parts.join(', ')}${mark === undefined ? '' : `; ${mark}`}`;
}

function verdictRows(verdict: Verdict): string[] {
  const { rule, ending, key, missing, notes } = verdict;
  const rows = [`  rule ${quote(rule)}: ${endingWords(verdict)}`];
  if (missing.length > 0) rows.push(`    "by": the line has no ${missing.map((name) => quote(name)).join(', ')}`);
  if (key.length > 0 && ending !== 'no-key') rows.push(`    key: ${keyWords(key)}`);
  for (const note of notes) rows.push(`    ${note}`);
  return rows;
}

const keyWords = (key: readonly KeyValue[]): string =>
  key.map(([name, value]) => `${plainName(name)}=${value === undefined ? 'missing' : quote(value)}`).join(' ');

function endingWords({ ending, before, after, decided, decidedBy }: Verdict): string {
  const because =
    decided === undefined ? '' : `; ${escapeControls(decided)}${decidedBy === undefined ? '' : ` (line ${decidedBy})`}`;
  const change = before === after ? `stays ${after}` : `${before} becomes ${after}`;
  switch (ending) {
    case 'then':
    case 'else':
      return `${change}${because}`;
    case 'first':
      return `${change}, the first of its group${because}`;
    case 'rest':
      return `${change}, a repeat${because}`;
    case 'folded':
      return `a repeat, collapsed into a summary${because}`;
    case 'over':
      return `${change}, past the budget`;
    case 'plain':
      return `unchanged, ${before}${because}`;
    default:
      return `unchanged, ${before}: ${RELEASE_WORDS[ending]}${because}`;
  }
}

/** Why a rule that applied left a line as it was. */
const RELEASE_WORDS: Readonly<Record<Release, string>> = {
  failure: 'an event of "failure" came, and the rule has no "else"',
  silence: 'nothing that it awaits came in time',
  'no-key': 'it has no key',
  'no-message': 'it has no message',
  'no-time': 'no time tells whether what it awaits came in time',
  protected: 'a protected line came while it waited',
  full: 'the queue of held lines was full',
  forgotten: 'there was no room to remember what may have decided it',
  ended: 'the input ended before anything decided',
  signal: 'a signal came',
  reload: 'the rules were loaded again',
  truncated: 'the file was truncated',
  budget: 'the budget is used up',
  raised: 'it has the level of "raise" already, or a higher one',
  archive: 'the archive could not be written',
  unwritable: 'the change could not be written',
};

function renderRule(
  { rule, lines, endings, near, stopped, notes }: RuleAccount,
  { areRulesAsked }: { readonly areRulesAsked: boolean },
): string {
  const parts = ENDINGS.flatMap((ending) => (endings[ending] === undefined ? [] : [`${endings[ending]} ${ending}`]));
  const nearly = near === 0 ? '' : `; ${counted(near, 'line')} nearly`;
  const rows = [`  rule ${quote(rule)}: ${counted(lines, 'line')}${parts.length === 0 ? '' : `: ${parts.join(', ')}`}${nearly}`];
  for (const note of notes) rows.push(`    ${escapeControls(note)}`);
  const shown = areRulesAsked ? stopped : lines === 0 ? stopped.filter(({ alone }) => alone > 0).slice(0, MOST_STOPS) : [];
  for (const { condition, alone, all, first } of shown)
    rows.push(`    ${condition} stopped ${counted(all, 'line')}, ${alone.toLocaleString('en-US')} of them alone (line ${first})`);
  return `${rows.join('\n')}\n`;
}

const ENDINGS: readonly Ending[] = ['then', 'first', 'rest', 'folded', 'else', 'over', 'plain', ...RELEASES];
