import { escapeControls } from './quote.ts';

/** A file of rules as the operator named it, and its whole text. */
export interface RulesFile {
  readonly name: string;
  readonly text: string;
}

/** Where in a rules file. Offsets are zero-based, in UTF-16 code units; `end` is exclusive. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export type ProblemCode =
  | 'bad-yaml'
  | 'bad-number'
  | 'unknown-key'
  | 'missing-key'
  | 'wrong-type'
  | 'unknown-word'
  | 'bad-name'
  | 'unknown-name'
  | 'event-cycle'
  | 'too-large'
  | 'duplicate-id'
  | 'bad-test'
  | 'bad-pattern'
  | 'comment-after-text'
  | 'bad-duration'
  | 'bad-until'
  | 'bad-template'
  | 'bad-example'
  | 'bad-exit'
  | 'contradiction'
  | 'binds-nothing'
  // of warnings
  | 'never-lowers'
  | 'never-raises';

/** What is wrong with one file, by offset. */
export interface Fault {
  readonly code: ProblemCode;
  /** What is wrong, and after a semicolon what would be right. */
  readonly message: string;
  readonly span: Span;
}

/** A fault with its place. Line and column count from one, columns in UTF-16 code units, as editors do. */
export interface Problem extends Fault {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** The source line, and carets under the culprit. Safe to print. */
  readonly excerpt: string;
}

/** For a caller that cannot go on without its rules; the message holds all that is wrong, not the first of it alone. */
export class RulesError extends Error {
  override readonly name = 'RulesError';
  /** What is wrong in the text of rules, in order of file and place. */
  readonly problems: readonly Problem[];
  /** What is wrong beside: a file that cannot be read, an id that no rule has. Safe to print. */
  readonly faults: readonly string[];

  constructor(problems: readonly Problem[], faults: readonly string[] = []) {
    super([...problems.map(formatProblem), ...faults].join('\n\n'));
    this.problems = problems;
    this.faults = faults;
  }
}

/** `file:line:column: message`, then the source line and carets under the culprit. Safe to print. */
export function formatProblem({ file, line, column, message, excerpt }: Problem): string {
  return `${escapeControls(file)}:${line}:${column}: ${message}\n${excerpt}`;
}

/** The faults of a file, each with its place, in order of place; what is said twice of one place is said once. */
export function placeFaults({ name, text }: RulesFile, faults: readonly Fault[]): Problem[] {
  const lines = new Lines(text);
  const said = new Set<string>();
  const problems: Problem[] = [];
  for (const fault of faults.toSorted((a, b) => a.span.start - b.span.start || a.span.end - b.span.end)) {
    const saying = `${fault.span.start} ${fault.message}`;
    if (said.has(saying)) continue;
    said.add(saying);
    const { line, column } = lines.placeOf(fault.span.start);
    const from = column - 1;
    const excerpt = excerptOf(lines.textOf(line), from, from + fault.span.end - fault.span.start);
    problems.push({ ...fault, file: name, line, column, excerpt });
  }
  return problems;
}

/** Finds lines and columns, which count from one. A byte order mark is no column. */
export class Lines {
  readonly #text: string;
  readonly #starts: number[];

  constructor(text: string) {
    this.#text = text;
    this.#starts = [text.startsWith('\uFEFF') ? 1 : 0];
    for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) this.#starts.push(at + 1);
  }

  placeOf(offset: number): { readonly line: number; readonly column: number } {
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#starts[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: Math.max(0, offset - this.#starts[low]!) + 1 };
  }

  /** Without its newline. */
  textOf(line: number): string {
    const end = (this.#starts[line] ?? this.#text.length + 1) - 1;
    return this.#text.slice(this.#starts[line - 1], end).replace(/\r$/u, '');
  }
}

/** Of a longer line only this much is shown, around the culprit: a file may be one line. */
const SHOWN = 160;
const SHOWN_BEFORE = 60;

function excerptOf(line: string, from: number, to: number): string {
  const left = line.length > SHOWN ? Math.max(0, from - SHOWN_BEFORE) : 0;
  const right = Math.min(line.length, left + SHOWN);
  const before = (left > 0 ? '…' : '') + escapeControls(line.slice(left, from));
  const culprit = escapeControls(line.slice(from, Math.min(to, right)));
  const after = escapeControls(line.slice(Math.max(from, Math.min(to, right)), right)) + (right < line.length ? '…' : '');
  // Tabs stay tabs below, so that the carets stand right however wide a tab is.
  return `${`  ${before}${culprit}${after}`.trimEnd()}\n  ${before.replace(/[^\t]/gu, ' ')}${'^'.repeat(Math.max(1, culprit.length))}`;
}
