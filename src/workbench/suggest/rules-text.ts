import { runExamples } from '../../engine/examples.ts';
import { ENGINE_DEFAULTS } from '../../engine/settings.ts';
import { LEVELS } from '../../record/level.ts';
import '../../rules/linear.ts';
import { loadRules } from '../../rules/load.ts';
import { escapeControls } from '../../rules/quote.ts';
import type { LineFact } from './facts.ts';
import { LONGEST_WAIT, type KeyPart } from './healing.ts';
import type { Finding } from './propose.ts';
import { groupKeyOf } from './grouping.ts';
import { evidenceOf, namedIn, placeOf } from './evidence.ts';
import { hideSecrets } from './secrets.ts';
import { WILD } from './words.ts';
import { yamlText } from './yaml-text.ts';

export type Proposed = Extract<Finding, { kind: 'heals' | 'ends' | 'repeats' }>;

export interface RulesText {
  readonly text: string;
  readonly written: readonly Proposed[];
  /** Those whose examples did not come out as they were counted. */
  readonly unproven: readonly Proposed[];
}

const isProposed = (finding: Finding): finding is Proposed =>
  finding.kind === 'heals' || finding.kind === 'ends' || finding.kind === 'repeats';

/** A rules file with a rule for each finding of which the examples come out as they should. `sources`: names of the logs. */
export function rulesTextOf(findings: readonly Finding[], sources: readonly string[]): RulesText {
  const proposed = findings.filter(isProposed);
  const written: Proposed[] = [];
  const unproven: Proposed[] = [];
  const ids = new Set<string>();
  const rules: string[] = [];
  for (const finding of proposed) {
    const id = idOf(finding, ids);
    const rule = ruleText(finding, id, sources, lookAlikeOf(finding, proposed));
    // Together with those before it: the first that fits judges.
    if (!isProven(fileText([...rules, rule]))) {
      unproven.push(finding);
      continue;
    }
    ids.add(id);
    rules.push(rule);
    written.push(finding);
  }
  return { text: fileText(rules), written, unproven };
}

const HEAD = `# yaml-language-server: $schema=node_modules/relevel/rules/schema.json
# Written by relevel suggest. Read each rule before you use it: the log shows how often something happened, not whether
# it did harm. Say in "why" why it is harmless, or delete the rule. Try it: relevel --shadow -r <this file> <log>
`;

const fileText = (rules: readonly string[]): string =>
  rules.length === 0 ? `${HEAD}version: 1\n\nrules: []\n` : `${HEAD}version: 1\n\nrules:\n${rules.join('\n')}`;

/** Whether it loads, and its examples come out as expected. */
function isProven(text: string): boolean {
  const { ruleSet, problems } = loadRules([{ name: 'suggested', text }]);
  return problems.length === 0 && runExamples(ruleSet, ENGINE_DEFAULTS).length === 0;
}

function idOf({ statement, kind }: Proposed, taken: ReadonlySet<string>): string {
  const words = statement.template.words.filter((word) => word !== WILD).join(' ');
  const slug = words
    .toLowerCase()
    .replace(/[^a-z\d]+/gu, '-')
    .split('-')
    .filter((word) => word !== '')
    .slice(0, 5)
    .join('-');
  const base = `${slug === '' ? 'lines' : slug}-${kind === 'repeats' ? 'repeats' : 'heals'}`.replace(/^(?![a-z])/u, 'r-');
  for (let number = 1; ; number += 1) {
    const id = number === 1 ? base : `${base}-${number}`;
    if (!taken.has(id)) return id;
  }
}

/** A failure with similar words: the look-alike that must stay. */
function lookAlikeOf(finding: Proposed, all: readonly Proposed[]): LineFact | undefined {
  const words = new Set(finding.statement.template.words);
  const alike = all
    .filter((other) => other !== finding && other.statement.level === finding.statement.level)
    .map((other) => ({ other, shared: other.statement.template.words.filter((word) => word !== WILD && words.has(word)).length }))
    .toSorted((a, b) => b.shared - a.shared)[0];
  return alike === undefined || alike.shared === 0 ? undefined : alike.other.facts[0];
}

function ruleText(finding: Proposed, id: string, sources: readonly string[], lookAlike: LineFact | undefined): string {
  const { proposal } = finding;
  const head = `${namedIn(finding.statement)}: ${finding.lines} lines`;
  const comment = [head, ...evidenceOf(finding, sources), notKnown(finding)].map(commentText).join('');
  const body = [
    `  - id: ${id}`,
    '    why: TODO',
    '    when:',
    ...proposal.when.map((entry) => `      ${entry}`),
    ...(proposal.kind === 'await'
      ? [
          '    await:',
          ...proposal.success.map((entry, at) => `      ${at === 0 ? 'success:\n        - ' : '    '}${entry}`),
          `      within: ${proposal.within}`,
          ...(proposal.by.length === 0 ? [] : [`      by: [${proposal.by.map(correlationText).join(', ')}]`]),
          '    then: { level: info }',
        ]
      : [`    repeat: { by: [${groupingText(proposal)}], window: ${proposal.window} }`]),
    '    examples:',
    ...examplesOf(finding, sources, lookAlike),
  ];
  return `${comment}${body.join('\n')}\n`;
}

/** A comment in lines of no more than 120 characters, unless a word is longer. */
function commentText(sentence: string): string {
  const lines: string[] = [];
  for (const word of escapeControls(sentence).split(' ')) {
    const last = lines.at(-1);
    if (last === undefined || last.length + word.length > 114) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines.map((line, at) => `  # ${at === 0 ? '' : '  '}${line}\n`).join('');
}

const correlationText = ({ here, there }: KeyPart): string =>
  here === there ? yamlText(here) : `{ here: ${yamlText(here)}, there: ${yamlText(there)} }`;

function groupingText({ by, masked }: Extract<Proposed, { kind: 'repeats' }>['proposal']): string {
  const fields = masked.map(({ field, mask }) =>
    mask === 'all' || mask.length > 0
      ? `{ field: ${yamlText(field)}, mask: ${mask === 'all' ? mask : `[${mask.map(String).join(', ')}]`} }`
      : yamlText(field),
  );
  return [...by.map(yamlText), ...fields].join(', ');
}

function notKnown(finding: Proposed): string {
  if (finding.kind === 'repeats')
    return 'Not known: whether it is an error at all. The first line of each group stays as it is, and the others are counted.';
  const { cases, answered } = finding.proposal.healing;
  const unanswered = cases - answered;
  const rest = unanswered === 0 ? '' : ` Nor what became of the ${unanswered} that did not heal: they stay as they are.`;
  return `Not known: whether anybody was harmed before it healed.${rest}`;
}

function examplesOf(finding: Proposed, sources: readonly string[], lookAlike: LineFact | undefined): string[] {
  const place = ({ ref }: LineFact): string => placeOf(ref, sources);
  const stays =
    lookAlike === undefined ? [] : example(`another failure stays (${place(lookAlike)})`, [[0, lookAlike.line, 'same']]);
  if (finding.kind === 'repeats') return [...repeatExample(finding, place), ...stays];
  const { pair, proposal, exception } = finding;
  if (pair === undefined) return stays;
  const level = LEVELS[Math.min(2, finding.statement.level)]!;
  const delay = Math.max(0, Math.ceil(proposal.healing.example?.delay ?? 0));
  return [
    ...example(`it heals (${place(pair.failure)} and ${place(pair.success)})`, [
      [0, pair.failure.line, level],
      [delay, pair.success.line, 'same'],
    ]),
    ...example(`nothing answers (${place(exception ?? pair.failure)})`, [
      [0, (exception ?? pair.failure).line, 'same'],
      [2 * LONGEST_WAIT, undefined, undefined],
    ]),
    ...stays,
  ];
}

/** The first line of a group, its repeat, and the first of another group. */
function repeatExample({ facts, proposal }: Extract<Proposed, { kind: 'repeats' }>, place: (fact: LineFact) => string): string[] {
  const keys = facts.map((fact) => groupKeyOf(fact, proposal));
  // The next of the same group, within the window.
  const nextOf = (at: number): number =>
    keys.findIndex(
      (key, next) => next > at && key === keys[at] && !(Math.abs(facts[next]!.time - facts[at]!.time) >= proposal.windowMs),
    );
  const firstAt = facts.findIndex((_, at) => nextOf(at) !== -1);
  const second = firstAt === -1 ? -1 : nextOf(firstAt);
  const first = facts[Math.max(0, firstAt)];
  if (first === undefined) return [];
  const other = facts[keys.findIndex((key) => key !== keys[facts.indexOf(first)])];
  return example(`said once, then folded (${place(first)})`, [
    [0, first.line, 'same'],
    [0, (facts[second] ?? first).line, 'folded'],
    ...(other === undefined ? [] : [[0, other.line, 'same'] as const]),
  ]);
}

type Entry = readonly [at: number, line: string | undefined, becomes: string | undefined];

function example(name: string, entries: readonly Entry[]): string[] {
  const lines = entries.map(([at, line, becomes]) =>
    line === undefined
      ? `          - { at: ${at}ms }`
      : `          - at: ${at}ms\n            line: ${yamlText(hideSecrets(line))}\n            becomes: ${becomes}`,
  );
  return [`      - name: ${yamlText(name)}`, '        lines:', ...lines];
}
