import { closeSync, openSync, readSync, rmSync } from 'node:fs';
import type { Corpus } from './corpora.ts';
import { BrokenProgram, endWhenOpen, failureOf, startProcess } from './process.ts';

/** What became of a corpus's lines. */
export interface Tally {
  readonly unchanged: number;
  readonly changed: number;
  readonly folded: number;
  readonly summaries: number;
}

/**
 * Runs `command` over `corpus` once, on stdin or, if it follows files, by its name, and throws `BrokenProgram` unless it did the job: each line that bears no
 * annotation stands in the input, byte for byte and in the same order; each changed one where its time stands; each
 * line in is written or counted; and most of the lines that a rule is to change were changed, and not more than those.
 */
export async function guard(command: readonly string[], corpus: Corpus, isFollowing: boolean): Promise<Tally> {
  const output = `${corpus.path}.out`;
  const [stdin, stdout] = [openSync(isFollowing ? '/dev/null' : corpus.path, 'r'), openSync(output, 'w')];
  try {
    const child = startProcess(command, stdin, stdout);
    if (isFollowing) endWhenOpen(child, corpus.path);
    const failure = await failureOf(child);
    if (failure !== undefined) throw new BrokenProgram(`${command.join(' ')}: ${failure}`);
    const tally = compare(corpus.path, output);
    const { unchanged, changed, folded } = tally;
    if (unchanged + changed + folded !== corpus.lines) {
      throw new BrokenProgram(`${corpus.path}: ${corpus.lines} lines in, but ${JSON.stringify(tally)}`);
    }
    if (changed + folded < corpus.changes / 2 || changed + folded > corpus.changes) {
      throw new BrokenProgram(`${corpus.path}: ${corpus.changes} lines are to change, but ${JSON.stringify(tally)}`);
    }
    return tally;
  } finally {
    closeSync(stdin);
    closeSync(stdout);
    rmSync(output, { force: true });
  }
}

const JSON_ANNOTATION = Buffer.from('"relevel":{"');
const LOGFMT_ANNOTATION = Buffer.from(' relevel.rule=');

/** In an annotation of either kind. */
const REPEATS = /(?:"repeats":|relevel\.repeats=)(\d+)/u;

/** Near the start of a line of either kind; no two lines of a corpus have the same. */
const TIME = /(?:"time":|ts=)([^, ]+)/u;

function compare(input: string, output: string): Tally {
  const [before, after] = [linesOf(input), linesOf(output)];
  let [unchanged, changed, folded, summaries] = [0, 0, 0, 0];
  for (const line of after) {
    if (!line.includes(JSON_ANNOTATION) && !line.includes(LOGFMT_ANNOTATION)) {
      skipTo(before, line, (other) => other.equals(line));
      unchanged += 1;
      continue;
    }
    const repeats = REPEATS.exec(line.toString());
    if (repeats === null) {
      const time = timeOf(line);
      skipTo(before, line, (other) => timeOf(other) === time);
      changed += 1;
    } else {
      folded += Number(repeats[1]);
      summaries += 1;
    }
  }
  before.return(undefined); // folded lines may remain in it
  return { unchanged, changed, folded, summaries };
}

const timeOf = (line: Buffer): string | undefined => TIME.exec(line.toString('latin1', 0, 80))?.[1];

function skipTo(lines: Generator<Buffer>, line: Buffer, fits: (other: Buffer) => boolean): void {
  for (let next = lines.next(); next.done !== true; next = lines.next()) if (fits(next.value)) return;
  throw new BrokenProgram(`a line was never in, or is out of order: ${line.toString().slice(0, 300)}`);
}

/** The lines of a file, without their newlines. A line is only lent: it is good until the next is asked for. */
function* linesOf(path: string): Generator<Buffer, undefined> {
  const file = openSync(path, 'r');
  try {
    const chunk = Buffer.allocUnsafe(1 << 20); // far longer than any line
    let kept = 0;
    for (let length = readSync(file, chunk); length > 0; length = readSync(file, chunk, kept, chunk.length - kept, null)) {
      const end = kept + length;
      let start = 0;
      for (let newline = chunk.indexOf(10); newline !== -1 && newline < end; newline = chunk.indexOf(10, start)) {
        yield chunk.subarray(start, newline);
        start = newline + 1;
      }
      chunk.copyWithin(0, start, end);
      kept = end - start;
    }
    if (kept > 0) yield chunk.subarray(0, kept);
  } finally {
    closeSync(file);
  }
}
