import { LEVELS } from '../../record/level.ts';
import { escapeControls } from '../../rules/quote.ts';
import { evidenceOf, namedIn, numberText } from './evidence.ts';
import { textOf } from './statements.ts';
import type { Finding } from './propose.ts';
import type { RulesText } from './rules-text.ts';

/** What was read. */
export interface Reading {
  readonly sources: readonly string[];
  readonly lines: number;
  readonly unread: number;
  readonly unplaced: number;
  readonly timeless: number;
  readonly warnings: number;
  readonly errors: number;
  /** Failures that are about security. */
  readonly security: number;
}

const WORDS: Readonly<Record<Finding['kind'], string>> = {
  heals: 'heals',
  ends: 'ends',
  repeats: 'repeats',
  known: 'has a rule',
  seen: 'no rule',
};

/** More findings without a proposal are counted together. */
const MOST_SEEN = 10;

/** For people. Safe to print. */
export function reportOf(findings: readonly Finding[], reading: Reading, { written, unproven }: RulesText): string {
  const lines = [readText(reading)];
  const seen = findings.filter(({ kind }) => kind === 'seen');
  const shown = findings.filter((finding) => finding.kind !== 'seen' || seen.indexOf(finding) < MOST_SEEN);
  if (shown.length > 0) lines.push('', `${'lines'.padStart(9)}  ${'what'.padEnd(10)}  statement`);
  for (const finding of shown) {
    const [first, ...more] = [namedIn(finding.statement), ...proposalText(finding), ...evidenceOf(finding, reading.sources)];
    if (unproven.some((each) => each === finding)) more.push('no rule is written: its examples do not come out as expected');
    lines.push(`${numberText(finding.lines).padStart(9)}  ${WORDS[finding.kind].padEnd(10)}  ${first}`);
    for (const each of more) lines.push(`${' '.repeat(23)}${each}`);
  }
  if (seen.length > MOST_SEEN) lines.push(`${' '.repeat(23)}and ${seen.length - MOST_SEEN} more statements without a proposal`);
  if (reading.security > 0)
    lines.push(
      '',
      `${numberText(reading.security)} lines about logins, permissions and the like are left out: no rule is proposed for them.`,
    );
  lines.push('', conclusionOf(findings, reading, written.length));
  return lines.map((line) => `${escapeControls(line).trimEnd()}\n`).join('');
}

function readText({ lines, unread, unplaced, timeless, warnings, errors, sources }: Reading): string {
  const parts = [`${numberText(errors)} at error`, `${numberText(warnings)} at warn`];
  if (unread > 0) parts.push(`${numberText(unread)} not recognized`);
  if (unplaced > 0) parts.push(`${numberText(unplaced)} too long or too varied to look at`);
  if (timeless > 0) parts.push(`${numberText(timeless)} without a time`);
  return `${numberText(lines)} line${lines === 1 ? '' : 's'} of ${sources.join(', ')}: ${parts.join(', ')}`;
}

function proposalText(finding: Finding): string[] {
  if (finding.kind === 'heals' || finding.kind === 'ends') {
    const { by, within } = finding.proposal;
    const key = by.map(({ here, there }) => (here === there ? here : `${here} = ${there}`)).join(', ');
    return [`lower it if ${JSON.stringify(textOf(finding.success))} follows within ${within}${key === '' ? '' : `, by ${key}`}`];
  }
  if (finding.kind === 'repeats') {
    const { by, window } = finding.proposal;
    return [`say it once in ${window}${by.length === 0 ? '' : ` for each ${by.join(', ')}`}, and count the others`];
  }
  return [];
}

function conclusionOf(
  findings: readonly Finding[],
  { lines, unread, errors, warnings, security, sources }: Reading,
  written: number,
): string {
  const logs = sources.filter((source) => source !== 'stdin').join(' ');
  const named = logs === '' ? '' : ` ${logs}`;
  if (lines === 0) return 'There is no line in it.';
  if (unread === lines)
    return `No line is recognized, so there is nothing to propose; see why: relevel read --only opaque${named}`;
  if (written > 0)
    return `To write ${written === 1 ? 'this rule' : `these ${written} rules`}: relevel suggest --write rules.yaml${named}`;
  if (errors + warnings === 0) return 'No line is at warn or error, so there is nothing to propose.';
  if (findings.some(({ kind }) => kind === 'known')) return 'There is a rule for it already; nothing else to propose.';
  return security > 0 && findings.length === 0
    ? 'There is nothing else to propose.'
    : 'Nothing to propose yet: what is missing stands beside each statement.';
}

/** For programs: one line. */
export function jsonOf(findings: readonly Finding[], reading: Reading, { written }: RulesText): string {
  const told = findings.map((finding) => ({
    kind: finding.kind,
    level: LEVELS[finding.statement.level],
    statement: textOf(finding.statement),
    lines: finding.lines,
    evidence: evidenceOf(finding, reading.sources),
    isWritten: written.some((each) => each === finding),
    ...detailsOf(finding),
  }));
  return `${JSON.stringify({ ...reading, findings: told })}\n`;
}

function detailsOf(finding: Finding): object {
  switch (finding.kind) {
    case 'known':
      return { rule: finding.rule, file: finding.file };
    case 'seen':
      return {};
    case 'repeats':
      return { by: finding.proposal.by, window: finding.proposal.window, groups: finding.proposal.groups };
    case 'heals':
    case 'ends': {
      const { by, within, healing } = finding.proposal;
      const { cases, answered, undecided, baseHits, baseTries, successes, unprovoked } = healing;
      return {
        success: textOf(finding.success),
        by,
        within,
        cases,
        answered,
        undecided,
        baseHits,
        baseTries,
        successes,
        unprovoked,
      };
    }
  }
}
