import { escapeControls } from '../rules/quote.ts';
import { aboutIt, clip, counted, isError, levelName, nameOf, paintLevel, type Paper } from './paper.ts';
import type { Passage, Passages, ShownLine } from './passages.ts';

/** More rows than this of one block, and a screen does not hold it. */
const MOST_ROWS = 8;

/** `12× ERROR `, the widest that is likely. */
const PREFIX = 10;

const BETWEEN = ' │ ';

/** Lines before and after, side by side: the first tick, and the others as one. */
export function drawTable({ passages, summaries }: Passages, paper: Paper): string[] {
  const width = Math.floor((paper.columns - 2 - BETWEEN.length) / 2);
  const { bold, dim } = paper.colours;
  const outcome = (lines: readonly ShownLine[]): string =>
    `${counted(lines.length, 'line')}, ${lines.filter(isError).length} of them ERROR`;
  const after = [...passages.flatMap((one) => one.after ?? []), ...summaries];
  const heads = [`before: ${outcome(passages.map((one) => one.before))}`, `after: ${outcome(after)}`] as const;
  const rule = `${'─'.repeat(width)}─┼─${'─'.repeat(width)}`;

  const firsts = passages.filter(({ tick }) => tick === 1);
  const others = passages.filter(({ tick }) => tick > 1);
  const block = (title: string, of: readonly Passage[], closing: readonly ShownLine[]): string[] => {
    const rows = rowsOf(of);
    const shown = rows.slice(0, MOST_ROWS);
    const more = rows.slice(MOST_ROWS).reduce((sum, { count }) => sum + count, 0);
    return [
      dim(`  ${title}`),
      ...shown.map((row) => drawRow(row, closing, width, paper)),
      ...(more > 0 ? [dim(`  … and ${counted(more, 'more line')} like these`)] : []),
    ];
  };
  return [
    `  ${bold(clip(heads[0], width).padEnd(width))}${BETWEEN}${bold(clip(heads[1], width))}`,
    dim(`  ${rule}`),
    ...block('tick 1', firsts, []),
    ...block(`ticks 2 to ${passages.at(-1)!.tick}`, others, summaries),
  ];
}

/** Passages of one block that look alike. */
interface Row {
  readonly like: Passage;
  readonly names: Set<string>;
  count: number;
}

/** What was no error and stayed as it was shares a row, whatever it is about: it is not what this is about. */
function rowsOf(passages: readonly Passage[]): Row[] {
  const rows = new Map<string, Row>();
  for (const passage of passages) {
    const { before, after } = passage;
    const quiet = !isError(before) && after !== undefined && after.relevel === undefined;
    const name = nameOf(before);
    const key = JSON.stringify([before.level, quiet ? '' : name, before.msg, after?.level, after?.relevel?.rule]);
    const row = rows.get(key) ?? { like: passage, names: new Set(), count: 0 };
    rows.set(key, row);
    row.names.add(name);
    row.count += 1;
  }
  return [...rows.values()];
}

function drawRow({ like, names, count }: Row, summaries: readonly ShownLine[], width: number, paper: Paper): string {
  const { before, after } = like;
  const { dim } = paper.colours;
  const name = [...names].join(', ');
  const left = drawCell(before, count, aboutIt(name, escapeControls(before.msg)), width, paper);
  return `  ${left}${dim(BETWEEN)}${right()}`;

  function right(): string {
    if (after !== undefined) {
      const cell = drawCell(after, count, aboutIt(name, escapeControls(after.msg)), width, paper);
      return after.relevel === undefined ? dim(cell) : cell;
    }
    const own = summaries.filter((each) => nameOf(each) === name && each.msg === before.msg);
    const told = own.at(-1);
    if (told === undefined) return dim('(folded)');
    const repeats = own.reduce((sum, { relevel }) => sum + (relevel?.repeats ?? 0), 0);
    return drawCell(told, own.length, aboutIt(name, `a summary, "repeats":${repeats}`), width, paper);
  }
}

function drawCell({ level }: ShownLine, count: number, text: string, width: number, paper: Paper): string {
  const times = count === 1 ? '' : `${count}×`;
  const prefix = `${times.padStart(PREFIX - 7)} ${levelName(level).padEnd(5)} `;
  const room = width - prefix.length;
  return `${paintLevel(paper, level, prefix)}${clip(text, room).padEnd(room)}`;
}
