import type { Engine, EngineInput } from '../../engine/engine.ts';
import type { PumpEngine } from '../pump-engine.ts';

const LF = 0x0a;
const NOTHING: Buffer = Buffer.alloc(0);

export type SureEngine = PumpEngine & ProcessEnd & Pick<Engine, 'counts'>;

/** What the end of the process that wrote to a source means; `source` names one that is open. */
export interface ProcessEnd {
  /** Whether a line may wait for it. */
  awaitsExit(source: string): boolean;
  /** It has ended, at `at`, with this code, and all that it wrote was pushed. */
  exited(source: string, code: number, at: number, now: number): void;
}

/** What of an engine is needed here. */
type Breakable = Pick<
  Engine,
  'source' | 'find' | 'room' | 'advance' | 'nextDue' | 'standDown' | 'counts' | 'settings' | 'figures' | 'lookedAt'
>;

/**
 * An engine that stops no stream, whatever is wrong with it: where it throws, it lets go of what it holds, and from then
 * on each byte is copied. What it was looking at leaves as it came; where it cannot be known whether something has
 * left, it leaves again.
 *
 * `onFailure` is told once, with how many lines the engine would not give back.
 */
export function sureEngine(engine: Breakable, onFailure: (error: unknown, kept: number) => void): SureEngine {
  let broken = false;

  const breakDown = (error: unknown): void => {
    if (broken) return;
    broken = true;
    try {
      engine.standDown();
    } catch {
      // What it kept is told.
    }
    onFailure(error, engine.figures.heldLines);
  };
  const attempt = (step: () => void): void => {
    if (broken) return;
    try {
      step();
    } catch (error) {
      breakDown(error);
    }
  };

  /** What readers have, and go on to fill when the engine is broken: the most of its room that it gave; of our own, if it had none. */
  let room = NOTHING;
  const roomOf = (size: number): Buffer => {
    if (!broken) {
      try {
        const given = engine.room(size);
        if (given.buffer !== room.buffer || given.length > room.length) room = given;
        return given;
      } catch (error) {
        breakDown(error);
      }
    }
    if (room.length === 0) room = Buffer.allocUnsafeSlow(size);
    return room.subarray(0, size);
  };

  return {
    counts: engine.counts,
    source: (name) => {
      const source = engine.source(name);
      return {
        input: (sink) => {
          const input = source.input(sink);
          const unfinished = new Unfinished(engine.settings.maxLine);
          /** Does a step that is to take so many bytes of the room. */
          const take = (length: number, step: () => void): void => {
            const chunk = room.subarray(0, length);
            if (broken) return sink.write(chunk, 0, length);
            engine.lookedAt = -Infinity; // to tell whether a line of this chunk was looked at
            try {
              step();
              unfinished.follow(chunk);
            } catch (error) {
              sendBefore(input);
              const { lookedAt } = engine;
              breakDown(error);
              const rest = lookedAt < 0 ? Buffer.concat([unfinished.bytes, chunk]) : chunk.subarray(lookedAt);
              sink.write(rest, 0, rest.length);
            }
          };
          return {
            pushFilled: (length, at) => take(length, () => input.pushFilled(length, at)),
            end: (at) => take(0, () => input.end(at)),
          };
        },
        end: (at) => attempt(() => source.end(at)),
      };
    },
    awaitsExit: (source) => !broken && engine.find(source)?.awaitsExit === true,
    exited: (source, code, at, now) => attempt(() => engine.find(source)?.exited(code, at, now)),
    room: roomOf,
    advance: (at) => attempt(() => engine.advance(at)),
    nextDue: () => (broken ? Infinity : engine.nextDue()),
    standDown: () => attempt(() => engine.standDown()),
  };
}

/** What was passed over before the line that broke it. */
function sendBefore(input: EngineInput): void {
  try {
    input.flush();
  } catch {
    // It broke in the sending.
  }
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
