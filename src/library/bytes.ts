import type { Transform } from 'node:stream';
import type { Source } from '../engine/source.ts';
import type { RelevelOptions } from './options.ts';
import { EngineStream, type Passage, type Releveling } from './stream.ts';

/** Bytes of lines in, bytes of lines out. */
export interface Relevel extends Transform, Releveling {}

/**
 * Makes a stream of bytes, as files and pipes have them, that lowers expected errors and folds repeats; every other line leaves as it
 * came, to the byte. Its end, and the end of the process, let go what is held; `destroy` does not, and loses it.
 *
 * Throws `RulesError` with all that is wrong with the rules, and `TypeError` where an option is.
 */
export function createRelevel(options: RelevelOptions = {}): Relevel {
  return new EngineStream(options, {}, openBytes);
}

const LF = 0x0a;

function openBytes(source: Source): Passage<Buffer> {
  let pieces: Buffer[] = [];
  let given: Buffer | undefined;
  let isMidLine = false;
  const input = source.input({
    write: (bytes, start, end) => {
      const lent = bytes.subarray(start, end);
      // A piece of what was given leaves without a copy, as from any stream that passes on what it gets.
      pieces.push(bytes === given ? (lent as Buffer) : Buffer.from(lent));
    },
  });
  return {
    take: (chunk, now) => {
      given = chunk;
      if (chunk.length > 0) isMidLine = chunk.at(-1) !== LF;
      input.push(chunk, now);
      given = undefined;
    },
    end: (now) => {
      isMidLine = false;
      input.end(now);
    },
    left: () => {
      const left = pieces;
      pieces = [];
      return left.length > 1 ? [Buffer.concat(left)] : left;
    },
    isMidLine: () => isMidLine,
  };
}
