import picocolors from 'picocolors';
import { escapeControls } from '../src/rules/quote.ts';
import { isError, wrap, type Paper } from './paper.ts';
import type { Passage } from './passages.ts';
import { drawReasons, type Reasons } from './reasons.ts';
import { drawStory, type Story } from './story.ts';
import { drawTable } from './table.ts';

export interface Facts extends Reasons {
  /** As one would type it. */
  readonly command: string;
  /** What the recording that was played says of its host. */
  readonly recorded: string | undefined;
  /** Why not the one that was meant. */
  readonly excuse: string | undefined;
  readonly ticks: number;
  readonly columns: number;
  readonly colour: boolean;
  /** What is shown first; then of the host only what came of it. */
  readonly story?: Story;
}

const NEXT = [
  ['node dist/relevel.js read app.log', 'are your lines understood?'],
  ['node dist/relevel.js suggest --write rules.yaml app.log', 'which rules would suit it?'],
  ['node dist/relevel.js -r rules.yaml --shadow --summary app.log', 'what they would do'],
] as const;

function drawNext(columns: number, most: number): string[] {
  const width = Math.max(...NEXT.map(([command]) => command.length));
  const told = NEXT.map(([command, what]) => `${command.padEnd(width)}   ${what}`);
  const room = columns - '  Next: '.length;
  // Where there is no room for both, the command is what is needed.
  const shown = told.every((line) => line.length <= room) ? told : NEXT.map(([command]) => command);
  return shown.slice(0, most).map((line, i) => `  ${i === 0 ? 'Next:' : '     '} ${line}`);
}

/** One screen: what a naive daemon logs, what the filter makes of it, and why. But for a command, no line is longer than `columns`. */
export function drawScreen(facts: Facts): string {
  const { passages, counts, sample, command, recorded, excuse, ticks, columns } = facts;
  const paper: Paper = { columns, colours: picocolors.createColors(facts.colour) };
  const { bold, dim, green, red, yellow } = paper.colours;
  const { linesIn, unchanged, changed, folded } = counts;
  const asked = recorded === undefined ? 'this host' : 'a recorded host';
  const [into, out] = errorsOf(passages);
  const story = facts.story && [...drawStory(facts.story, paper), ''];
  const lines = [
    ...(story ?? []),
    ...wrap(
      `${story === undefined ? 'relevel corrects the severity of log lines. Its' : 'Now a real log: the'} prober has asked ` +
        `${asked} ${ticks} times, and logged each failure as an error each time, as ` +
        'many daemons do. The rules that ship did the rest.',
      columns,
    ).map((line) => line.replace(/^relevel/u, bold)),
    '',
    ...(excuse === undefined
      ? []
      : wrap(escapeControls(`This host was not asked: ${excuse}`), columns - 2).map((line) => yellow(`  ${line}`))),
    ...(recorded === undefined ? [] : wrap(escapeControls(recorded), columns - 2).map((line) => dim(`  ${line}`))),
    `  $ ${escapeControls(command)}`,
    '',
    ...(story === undefined ? [...drawTable(facts, paper), ''] : []),
    `  ${bold('ERROR lines:')} ${red(`${into} in`)}, ${(out === 0 ? green : red)(`${out} out`)}`,
    ...wrap(`No line is lost: ${linesIn} in = ${unchanged} unchanged + ${changed} changed + ${folded} folded`, columns - 2).map(
      (line) => dim(`  ${line}`),
    ),
    '',
    ...drawReasons(facts, paper),
    ...(sample === undefined || story !== undefined
      ? []
      : ['', bold('  What the first changed line says of it'), `  ${lastOf(sample, columns - 2)}`]),
    '',
    ...drawNext(columns, story === undefined ? 2 : NEXT.length).map((line) => dim(line)),
  ];
  return `${lines.map((line) => line.trimEnd()).join('\n')}\n`;
}

const lastOf = (text: string, width: number): string => (text.length <= width ? text : `…${text.slice(text.length - width + 1)}`);

/** How many errors went in, and how many came out. */
function errorsOf(passages: readonly Passage[]): readonly [number, number] {
  const into = passages.filter(({ before }) => isError(before)).length;
  const out = passages.filter(({ after }) => after !== undefined && isError(after)).length;
  return [into, out];
}
