import picocolors from 'picocolors';
import { escapeControls } from '../rules/quote.ts';
import type { Place, Understood } from '../workbench/read-line.ts';
import type { Shape } from './read-shapes.ts';

/** Wider columns are cut. */
const WIDTHS = { line: 5, format: 10, envelope: 16, level: 8, time: 24 };

/** Draws how lines are understood, for people. Whatever comes from a line is escaped. */
export class ReadTable {
  readonly #width: number;
  readonly #colours: ReturnType<typeof picocolors.createColors>;
  #isBegun = false;

  constructor(width: number, isColoured: boolean) {
    this.#width = width;
    this.#colours = picocolors.createColors(isColoured);
  }

  row({ format, why, continues, envelope, level, msg, time, fields, mark }: Understood, { line }: Place, text: string): string {
    const { dim, red, yellow, cyan, green } = this.#colours;
    const cells: string[] = [
      dim(cell(String(line), WIDTHS.line)),
      cell(format ?? '-', WIDTHS.format),
      cell(
        envelope === undefined ? '' : [envelope['kind'], envelope['container'] ?? envelope['unit']].filter(Boolean).join(' '),
        WIDTHS.envelope,
      ),
    ];
    const used = Object.values(WIDTHS).reduce((sum, width) => sum + width + 1, 0);
    const room = Math.max(20, this.#width - used);
    if (continues !== undefined) {
      cells.push(cell('', WIDTHS.level), dim(cell(`continues line ${continues}`, WIDTHS.time)), dim(cut(text, room)));
    } else if (why !== undefined) {
      cells.push(dim(cell('opaque', WIDTHS.level)), dim(cell(why, WIDTHS.time)), dim(cut(text, room)));
    } else {
      const colour = level === 'warn' ? yellow : level === 'info' ? green : level === 'debug' || level === 'trace' ? cyan : red;
      const shown = cut(msg ?? '', room);
      const rest = room - shown.length - 1;
      const others = [...(mark === undefined ? [] : [mark]), ...fields.map(([name, json]) => `${name}=${json}`)].join(' ');
      cells.push(colour(cell(level!, WIDTHS.level)), cell(time ?? '', WIDTHS.time), shown);
      if (others !== '' && rest > 8) cells.push(dim(cut(others, rest)));
    }
    return `${this.#head()}${cells.join(' ').trimEnd()}\n`;
  }

  #head(): string {
    if (this.#isBegun) return '';
    this.#isBegun = true;
    const { line, format, envelope, level, time } = WIDTHS;
    const names = [
      cell('line', line),
      cell('format', format),
      cell('envelope', envelope),
      cell('level', level),
      cell('time', time),
    ];
    return `${this.#colours.bold([...names, 'msg and fields'].join(' '))}\n`;
  }

  shapes(shapes: readonly Shape[], others: number): string {
    const { bold, dim } = this.#colours;
    if (shapes.length === 0) return 'every line is recognized\n';
    const rows = shapes.map(
      ({ lines, why, example, first }) =>
        `${cell(String(lines), 8)} ${dim(cell(why, 24))} ${cell(String(first), 7)} ${cut(example, Math.max(20, this.#width - 43))}\n`,
    );
    const head = bold(`${cell('lines', 8)} ${cell('why', 24)} ${cell('first', 7)} example`);
    return `${head}\n${rows.join('')}${others > 0 ? `${cell(String(others), 8)} of other shapes\n` : ''}`;
  }
}

const cell = (text: string, width: number): string => cut(text, width).padEnd(width);

function cut(text: string, width: number): string {
  const safe = escapeControls(text.slice(0, 4 * width).replaceAll('\t', ' '));
  return safe.length > width ? `${safe.slice(0, width - 1)}…` : safe;
}
