import type { Sink } from '../engine/settings.ts';
import type { EngineInput, PumpEngine } from '../io/pump-engine.ts';

const LF = 0x0a;

/** Takes the lines of one input after the other. What it gives back is written. */
export interface LineReading {
  readonly begin: (source: string) => void;
  /** A line without its newline; of one that is longer than `longest`, its beginning. */
  readonly line: (line: Buffer) => string;
  readonly end: () => string;
}

/** Stands where an engine is asked for, and hands on lines. */
export class LineEngine implements PumpEngine {
  readonly #reading: LineReading;
  readonly #longest: number;
  #room = Buffer.alloc(0);

  /** `longest`: of a longer line, in bytes, only so much is kept and a little more. */
  constructor(reading: LineReading, longest: number) {
    this.#reading = reading;
    this.#longest = longest;
  }

  source(name: string): ReturnType<PumpEngine['source']> {
    return { input: (sink) => this.#open(name, sink), end: () => {} };
  }

  #open(name: string, sink: Sink): EngineInput {
    let parts: Buffer[] = [];
    let length = 0;
    this.#reading.begin(name);
    const write = (text: string): void => {
      if (text === '') return;
      const bytes = Buffer.from(text);
      sink.write(bytes, 0, bytes.length);
    };
    const finish = (tail: Buffer): void => {
      const line = length === 0 ? tail : Buffer.concat([...parts, tail]);
      parts = [];
      length = 0;
      write(this.#reading.line(line));
    };
    return {
      pushFilled: (filled) => {
        const chunk = this.#room.subarray(0, filled);
        let at = 0;
        for (let newline = chunk.indexOf(LF); newline !== -1; newline = chunk.indexOf(LF, at)) {
          finish(chunk.subarray(at, newline));
          at = newline + 1;
        }
        if (at === chunk.length) return;
        // Of a line that is too long, its length is enough.
        if (length <= this.#longest) parts.push(Buffer.from(chunk.subarray(at)));
        length += chunk.length - at;
      },
      end: () => {
        if (length > 0) finish(Buffer.alloc(0));
        write(this.#reading.end());
      },
    };
  }

  room(size: number): Uint8Array {
    if (this.#room.length < size) this.#room = Buffer.allocUnsafeSlow(size);
    return this.#room;
  }

  nextDue(): number {
    return Infinity;
  }

  advance(): void {}

  standDown(): void {}
}
