import type { Transform } from 'node:stream';
import type { EngineSource } from '../engine/engine.ts';
import type { RelevelOptions } from './options.ts';
import { EngineStream, type Passage, type Releveling } from './stream.ts';

/** One line as text or as bytes, with or without its newline. */
export type Line = string | Uint8Array;

/** Lines in, lines out: a stream of objects. */
export interface RelevelLines extends Transform, Releveling {}

/**
 * Makes a stream of lines, for programs that have them already: `source.pipe(split2()).pipe(createRelevelLines())`.
 *
 * A line that stays as it is leaves as the very value that came in. One that is changed leaves as text where it came as text, else as
 * a Buffer, with a newline where it came with one; a summary, as the line does for which it leaves. What is more than one line, or a text that UTF-8 cannot
 * write, passes unseen. All else is as with `createRelevel`.
 */
export function createRelevelLines(options: RelevelOptions = {}): RelevelLines {
  return new EngineStream(options, { objectMode: true }, openLines);
}

/** Lines of a source that come one by one. */
export function openLines(source: EngineSource): Passage<Line, Line> {
  let lines: Line[] = [];
  const input = source.lineInput<Line>({
    same: (line) => lines.push(line),
    made: (bytes, like) => lines.push(inTheMannerOf(like, bytes)),
  });
  return {
    take: (line, _encoding, now) => input.push(line, bytesOf(line), now),
    end: (now) => input.end(now),
    left: () => {
      const left = lines;
      lines = [];
      return left;
    },
    isMidLine: () => false,
  };
}

/** A lone half of a surrogate pair. */
const ILL_FORMED = /\p{Surrogate}/u;

const LF = 0x0a;
const NEWLINE = Buffer.from('\n');

/** A line of our own making, which has a newline, as text or bytes, with or without it. */
function inTheMannerOf(like: Line, bytes: Buffer): Line {
  const end = hasNewline(like) ? bytes.length : bytes.length - 1;
  return typeof like === 'string' ? bytes.toString('utf8', 0, end) : Buffer.from(bytes.subarray(0, end));
}

const hasNewline = (line: Line): boolean => (typeof line === 'string' ? line.endsWith('\n') : line.at(-1) === LF);

/** With a newline. A text that UTF-8 cannot write is given as two lines, which pass unseen. */
function bytesOf(line: unknown): Buffer {
  if (line instanceof Uint8Array) return hasNewline(line) ? Buffer.from(line) : Buffer.concat([line, NEWLINE]);
  if (typeof line !== 'string') throw new TypeError(`relevel: a line is a text or bytes, and this is of type ${typeof line}`);
  const whole = hasNewline(line) ? line : `${line}\n`;
  return Buffer.from(ILL_FORMED.test(line) ? `\n${whole}` : whole);
}
