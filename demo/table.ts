import { escapeControls } from '../src/rules/quote.ts';
import { aboutIt, clip, counted, isError, levelName, nameOf, paintLevel, type Paper } from './paper.ts';
import type { Passage, Passages, ShownLine } from './passages.ts';

/** More rows than this of one block, and a screen does not hold it. */
const MOST_ROWS = 8;

/** `12× ERROR `, the widest that is likely. */
const PREFIX = 10;

const BETWEEN = ' │ ';

/** The narrowest that two lines can be read on side by side. Below, they stand one above the other. */
const SIDE_BY_SIDE = 80;

/** Where a line before and the one after stand, each of at most `width`. */
interface Layout {
  readonly width: number;
  readonly pair: (before: string, after: string) => string[];
  readonly rule: string;
}

function layoutFor({ columns, colours: { dim } }: Paper): Layout {
  if (columns < SIDE_BY_SIDE) {
    const width = columns - 4;
    return {
      width,
      pair: (before, after) => [`    ${before}`, `  ${dim('→')} ${after}`],
      rule: dim(`  ${'─'.repeat(columns - 2)}`),
    };
  }
  const width = Math.floor((columns - 2 - BETWEEN.length) / 2);
  const rule = `${'─'.repeat(width)}─┼─${'─'.repeat(width)}`;
  return { width, pair: (before, after) => [`  ${before}${dim(BETWEEN)}${after}`], rule: dim(`  ${rule}`) };
}

/** Lines before and after, side by side where there is room: the first tick, and the others as one. */
export function drawTable({ passages, summaries }: Passages, paper: Paper): string[] {
  const layout = layoutFor(paper);
  const { width } = layout;
  const { bold, dim } = paper.colours;
  const outcome = (lines: readonly ShownLine[]): string =>
    `${counted(lines.length, 'line')}, ${lines.filter(isError).length} of them ERROR`;
  const after = [...passages.flatMap((one) => one.after ?? []), ...summaries];
  const heads = [`before: ${outcome(passages.map((one) => one.before))}`, `after: ${outcome(after)}`] as const;

  const firsts = passages.filter(({ tick }) => tick === 1);
  const others = passages.filter(({ tick }) => tick > 1);
  const block = (title: string, of: readonly Passage[], closing: readonly ShownLine[]): string[] => {
    const rows = rowsOf(of);
    const shown = rows.slice(0, MOST_ROWS);
    const more = rows.slice(MOST_ROWS).reduce((sum, { count }) => sum + count, 0);
    return [
      dim(`  ${title}`),
      ...shown.flatMap((row) => drawRow(row, closing, layout, paper)),
      ...(more > 0 ? [dim(`  … and ${counted(more, 'more line')} like these`)] : []),
    ];
  };
  return [
    ...layout.pair(bold(clip(heads[0], width).padEnd(width)), bold(clip(heads[1], width))),
    layout.rule,
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

function drawRow({ like, names, count }: Row, summaries: readonly ShownLine[], { width, pair }: Layout, paper: Paper): string[] {
  const { before, after } = like;
  const { dim } = paper.colours;
  const name = [...names].join(', ');
  const left = drawCell(before, count, aboutIt(name, escapeControls(before.msg)), width, paper);
  return pair(left, right());

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
