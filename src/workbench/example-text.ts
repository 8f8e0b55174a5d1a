import type { Fate } from '../engine/examples.ts';
import { LEVELS, levelOf, type LevelName } from '../record/level.ts';
import type { Example, Outcome } from '../rules/rule.ts';
import { durationKey } from './duration-words.ts';
import { yamlText } from './suggest/yaml-text.ts';

/** An example as YAML, as it stands in a list of examples or tests, indented by so many blanks. */
export function exampleText({ name, lines }: Example, indent: number): string {
  const written = lines.flatMap(({ at, line, becomes, exit }, index) => {
    if (line === undefined) return [`    - { at: ${durationKey(at)}${exit === undefined ? '' : `, exit: ${exit}`} }`];
    const isLater = at > (lines[index - 1]?.at ?? 0);
    const entries = [
      ...(isLater ? [`at: ${durationKey(at)}`] : []),
      `line: ${yamlText(line)}`,
      ...(becomes === undefined ? [] : [`becomes: ${outcomeText(becomes)}`]),
    ];
    return entries.map((entry, place) => `    ${place === 0 ? '- ' : '  '}${entry}`);
  });
  return [`- name: ${yamlText(name)}`, '  lines:', ...written].map((each) => `${' '.repeat(indent)}${each}\n`).join('');
}

/** How much of a line is checked: its level; also who changed it and why; also its message. */
export const DETAILS = ['level', 'why', 'all'] as const;

export type Detail = (typeof DETAILS)[number];

/** What an example says that became of a line. */
export function outcomeOf(fate: Fate, detail: Detail): Outcome {
  if (fate.kind !== 'changed') return { kind: fate.kind };
  const { level, rule, msg, note, why } = fate.after;
  const checks = { level: level === undefined ? undefined : levelOf(level as LevelName), rule, note, why };
  if (detail === 'level' && level !== undefined) return { kind: 'checks', ...NO_CHECKS, level: checks.level };
  return { kind: 'checks', ...checks, msg: detail === 'all' ? msg : undefined };
}

const NO_CHECKS = { level: undefined, rule: undefined, msg: undefined, note: undefined, why: undefined };

/** The same as YAML. */
function outcomeText(outcome: Outcome): string {
  if (outcome.kind !== 'checks') return outcome.kind;
  const { level, rule, msg, note, why } = outcome;
  const name = level === undefined ? undefined : LEVELS[level];
  const checks = Object.entries({ level: name, rule, note, why, msg }).flatMap(([key, value]) =>
    value === undefined ? [] : [`${key}: ${yamlText(value)}`],
  );
  return checks.length === 1 && name !== undefined ? name : `{ ${checks.join(', ')} }`;
}
