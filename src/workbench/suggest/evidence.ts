import { LEVELS } from '../../record/level.ts';
import { quote } from '../../rules/quote.ts';
import { withinOf, type LineRef } from './healing.ts';
import type { Finding } from './propose.ts';
import { textOf, type Statement } from './statements.ts';

const counted = (count: number, thing: string): string => `${numberText(count)} ${thing}${count === 1 ? '' : 's'}`;

export const numberText = (count: number): string => String(count).replace(/\B(?=(?:\d{3})+$)/gu, ',');

const percent = (count: number, of: number): string => `${of === 0 ? 0 : Math.round((100 * count) / of)} %`;

export const placeOf = ({ source, number }: LineRef, sources: readonly string[]): string => `${sources[source] ?? ''}:${number}`;

/** A statement for people. */
export const namedIn = (statement: Statement): string => `${LEVELS[statement.level]} ${quoteShort(textOf(statement))}`;

/** Longest text of a statement that is shown. */
const SHOWN = 110;

const quoteShort = (text: string): string => `"${text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text}"`;

const durationText = (ms: number): string =>
  ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(ms < 10_000 ? 1 : 0)} s`;

/** What speaks for a finding, and against it, in sentences. */
export function evidenceOf(finding: Finding, sources: readonly string[]): readonly string[] {
  switch (finding.kind) {
    case 'known':
      return [`rule ${quote(finding.rule)} of ${finding.file} matches it already`];
    case 'seen':
      return [finding.why];
    case 'repeats': {
      const { proposal, lines, healing } = finding;
      const { groups } = proposal;
      const grouped = groups === 1 ? 'one group' : `about ${counted(groups, 'group')}`;
      const repeats = `${grouped}; ${numberText(lines - groups)} of ${counted(lines, 'line')} are repeats`;
      return healing === undefined ? [repeats] : [repeats, healing];
    }
    case 'heals':
    case 'ends':
      return healingEvidence(finding, sources);
  }
}

function healingEvidence(finding: Extract<Finding, { kind: 'heals' | 'ends' }>, sources: readonly string[]): string[] {
  const { proposal, success } = finding;
  const { cases, answered, undecided, delays, baseHits, baseTries, exceptions, unprovoked, successes } = proposal.healing;
  const name = quoteShort(textOf(success));
  const sentences = [
    `${numberText(answered)} of ${numberText(cases)} were followed by ${name} (${percent(answered, cases)}), 99 % of these within ` +
      `${durationText(withinOf(delays) / 2)}; at any other moment it follows in ${percent(baseHits, baseTries)}`,
  ];
  if (finding.kind === 'ends')
    sentences.push(
      `${name} came ${numberText(unprovoked)} of ${numberText(successes)} times where nothing had failed: it says that the request ended, not that the failure healed`,
    );
  if (exceptions.length > 0) {
    const more = cases - answered > exceptions.length ? ', …' : '';
    sentences.push(`not followed by it: ${exceptions.map((ref) => placeOf(ref, sources)).join(', ')}${more}`);
  }
  if (undecided > 0) sentences.push(`${counted(undecided, 'line')} too near to the end of the log to tell`);
  return sentences;
}
