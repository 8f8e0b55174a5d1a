import type { Engine } from '../../engine/engine.ts';
import type { Input } from '../../engine/input.ts';
import type { PumpEngine } from '../pump.ts';

const LF = 0x0a;
const NOTHING = Buffer.alloc(0);

export type SureEngine = PumpEngine & Pick<Engine, 'counts'>;

/**
 * An engine that stops no stream, whatever is wrong with it: where it throws, it lets go of what it holds, and from then
 * on each byte is copied. What it was looking at leaves as it came; where it cannot be known whether something has
 * left, it leaves again.
 *
 * `onFailure` is told once, with how many lines the engine would not give back.
 */
export function sureEngine(engine: Engine, onFailure: (error: unknown, kept: number) => void): SureEngine {
  let broken = false;

  const breakDown = (error: unknown): void => {
    if (broken) return;
    broken = true;
    try {
      engine.standDown();
    } catch {
      // What it kept is told.
    }
    onFailure(error, engine.heldLines);
  };
  const attempt = (step: () => void): void => {
    if (broken) return;
    try {
      step();
    } catch (error) {
      breakDown(error);
    }
  };

  return {
    counts: engine.counts,
    source: (name) => {
      const source = engine.source(name);
      return {
        input: (sink) => {
          const input = source.input(sink);
          const unfinished = new Unfinished(engine.settings.maxLine);
          const take = (chunk: Uint8Array, step: () => void): void => {
            if (broken) return sink.write(chunk, 0, chunk.length);
            engine.line.reset(NOTHING, 0, 0); // to tell whether a line of this chunk was looked at
            try {
              step();
              unfinished.follow(chunk);
            } catch (error) {
              sendBefore(input);
              breakDown(error);
              const rest = restOf(chunk, engine) ?? Buffer.concat([unfinished.bytes, chunk]);
              sink.write(rest, 0, rest.length);
            }
          };
          return {
            push: (chunk, at) => take(chunk, () => input.push(chunk, at)),
            end: (at) => take(NOTHING, () => input.end(at)),
          };
        },
        end: (at) => attempt(() => source.end(at)),
      };
    },
    advance: (at) => attempt(() => engine.advance(at)),
    nextDue: () => (broken ? Infinity : engine.nextDue()),
    standDown: () => attempt(() => engine.standDown()),
  };
}

/** What was passed over before the line that broke it. */
function sendBefore(input: Input): void {
  try {
    input.outflow.sendRun();
  } catch {
    // It broke in the sending.
  }
}

/** The chunk from the line on that was looked at last; undefined where that was none of the chunk's own. */
function restOf(chunk: Uint8Array, { line }: Engine): Uint8Array | undefined {
  const start = line.bytes.byteOffset + line.start - chunk.byteOffset;
  const isOfChunk = line.bytes.length > 0 && line.bytes.buffer === chunk.buffer && start >= 0 && start < chunk.length;
  return isOfChunk ? chunk.subarray(start) : undefined;
}

/** What has come of a line whose newline has not, as the engine keeps it: nothing of one that is too long. */
class Unfinished {
  readonly #longest: number;
  #overlong = false;
  bytes: Buffer = NOTHING;

  constructor(longest: number) {
    this.#longest = longest;
  }

  follow(chunk: Uint8Array): void {
    const behind = chunk.lastIndexOf(LF) + 1;
    if (behind > 0) {
      this.#overlong = false;
      this.bytes = NOTHING;
    }
    if (this.#overlong || behind === chunk.length) return;
    this.#overlong = this.bytes.length + chunk.length - behind > this.#longest;
    this.bytes = this.#overlong ? NOTHING : Buffer.concat([this.bytes, chunk.subarray(behind)]);
  }
}
