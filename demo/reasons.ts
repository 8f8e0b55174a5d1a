import { escapeControls } from '../src/rules/quote.ts';
import type { Rule } from '../src/rules/rule.ts';
import { aboutIt, clip, counted, isError, levelName, nameOf, paintLevel, wrap, type Paper } from './paper.ts';
import type { Passage, Passages, ShownLine } from './passages.ts';
import type { ToldCounts } from './run.ts';

export interface Reasons extends Passages {
  readonly counts: ToldCounts;
  readonly rules: readonly Rule[];
}

/** Which rule did what, and why; then the errors that stayed, and why those did. */
export function drawReasons({ passages, counts, rules }: Reasons, paper: Paper): string[] {
  const { bold } = paper.colours;
  const lines = rules
    .filter(({ id }) => passages.some(({ after }) => after?.relevel?.rule === id))
    .flatMap((rule) => drawRule(rule, passages, counts, paper));
  const kept = drawKept(passages, paper);
  return [
    ...(lines.length > 0 ? [bold('  What changed, by which rule, and why'), ...lines] : ['  No rule changed a line.']),
    ...(kept.length > 0 ? ['', bold('  What stayed an ERROR, to the byte'), ...kept] : []),
  ];
}

function drawRule({ id, why }: Rule, passages: readonly Passage[], { rules }: ToldCounts, paper: Paper): string[] {
  const { cyan, dim } = paper.colours;
  const changes = passages.filter(({ after }) => after?.relevel?.rule === id);
  const told = [...countBy(changes, ({ before, after }) => `${levelName(before.level)} → ${levelName(after!.level)}`)].map(
    ([change, count]) => `${count}× ${change}`,
  );
  const { folded, summaries } = rules[id]!;
  if (folded > 0) told.push(`${folded} folded into ${counted(summaries, 'summary', 'summaries')}`);

  const because = [...(why === undefined ? [] : [why]), ...reasonsOf(changes.flatMap(({ after }) => after?.relevel ?? []))];
  return [
    `  ${cyan(id)}  ${clip(told.join(', '), paper.columns - id.length - 4)}`,
    ...because.flatMap((reason) => indented(reason, paper)).map((line, i) => (i === 0 ? line : dim(line))),
  ];
}

const indented = (text: string, { columns }: Paper): string[] =>
  wrap(escapeControls(text), columns - 6).map((line) => `      ${line}`);

/** Each distinct reason once; those that differ by their milliseconds alone count as one. */
function reasonsOf(annotations: readonly { readonly why?: string; readonly note?: string }[]): string[] {
  const reasons = new Map<string, { count: number; times: number[] }>();
  for (const { why, note } of annotations) {
    const text = [why, note].filter((part) => part !== undefined).join('; ');
    if (text === '') continue;
    const time = /\b(\d+) ms\b/u.exec(text);
    const key = text.replace(/\b\d+ ms\b/u, '# ms');
    const known = reasons.get(key) ?? { count: 0, times: [] };
    reasons.set(key, { count: known.count + 1, times: [...known.times, ...(time === null ? [] : [Number(time[1])])] });
  }
  return [...reasons].map(([text, { count, times }]) => {
    const [least, most] = [Math.min(...times), Math.max(...times)];
    return `${count}× ${text.replace('# ms', least === most ? `${least} ms` : `${least} to ${most} ms`)}`;
  });
}

function drawKept(passages: readonly Passage[], paper: Paper): string[] {
  const kept = passages.filter(({ before, after }) => isError(before) && after !== undefined && isError(after));
  const lines = kept.map(({ before }) => before);
  const told = [...countBy(lines, (line) => aboutIt(nameOf(line), `${escapeControls(line.msg)}${codeOf(line)}`))].map(
    ([text, count]) => {
      const prefix = `${String(count).padStart(3)}× ERROR `;
      return `  ${paintLevel(paper, 50, prefix)}${clip(text, paper.columns - prefix.length - 2)}`;
    },
  );
  if (!lines.some(({ outcome }) => outcome === 'none')) return told;
  const advice = lines.find(({ device }) => device === '/dev/kvm')?.advice;
  return [
    ...told,
    ...indented('No hypervisor can be used here, so these errors are true: one is lowered only where another is ready.', paper),
    ...(advice === undefined ? [] : indented(`To use KVM: ${advice}`, paper)),
  ];
}

const codeOf = ({ code }: ShownLine): string => (code === undefined ? '' : ` (${code})`);

function countBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(keyOf(item), (counts.get(keyOf(item)) ?? 0) + 1);
  return counts;
}
