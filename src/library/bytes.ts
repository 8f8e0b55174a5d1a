import type { Transform } from 'node:stream';
import type { Sink } from '../engine/settings.ts';
import type { EngineSource } from '../engine/engine.ts';
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
  return new EngineStream(options, { decodeStrings: false }, openBytes);
}

const LF = 0x0a;
const NEWLINE = '\n';

/** Bytes that leave are gathered in blocks of so many, at least. */
const BLOCK = 64 * 1024;

/**
 * What is given is the program's, and what leaves becomes it: so each byte is copied once into the engine's room, a text as it is
 * encoded, and each that leaves once out of it.
 */
function openBytes(source: EngineSource): Passage<Buffer | string, Buffer> {
  const leaving = new Leaving();
  let isMidLine = false;
  const input = source.input(leaving);
  return {
    take: (chunk, encoding, now) => {
      if (chunk.length === 0) return;
      if (typeof chunk === 'string' && !isUtf8(encoding)) return input.push(note(Buffer.from(chunk, encoding)), now);
      if (typeof chunk === 'string') {
        isMidLine = !chunk.endsWith(NEWLINE);
        input.pushText(chunk, now);
      } else {
        input.push(note(chunk), now);
      }
    },
    end: (now) => {
      isMidLine = false;
      input.end(now);
    },
    left: () => leaving.take(),
    isMidLine: () => isMidLine,
  };

  function note(chunk: Buffer): Buffer {
    isMidLine = chunk.at(-1) !== LF;
    return chunk;
  }
}

const isUtf8 = (encoding: BufferEncoding): boolean => encoding === 'utf8' || encoding === 'utf-8';

/** Gathers what leaves in blocks that are handed out, and never written to again where they were. */
class Leaving implements Sink {
  #block: Buffer = Buffer.alloc(0);
  #start = 0;
  #end = 0;
  #full: Buffer[] = [];

  write(bytes: Uint8Array, start: number, end: number): void {
    const length = end - start;
    if (this.#end + length > this.#block.length) {
      this.#cut();
      this.#block = Buffer.allocUnsafeSlow(Math.max(BLOCK, length));
      this.#start = this.#end = 0;
    }
    this.#block.set(bytes.subarray(start, end), this.#end);
    this.#end += length;
  }

  take(): readonly Buffer[] {
    this.#cut();
    const taken = this.#full;
    this.#full = [];
    return taken;
  }

  #cut(): void {
    if (this.#end > this.#start) this.#full.push(this.#block.subarray(this.#start, this.#end));
    this.#start = this.#end;
  }
}
