import type { Counts } from './counts.ts';
import type { Input } from './input.ts';
import type { LineOutflow } from './hold/line-outflow.ts';
import type { EngineSettings } from './settings.ts';

/** What of an `Engine` is needed here. */
interface LineInputEngine {
  readonly counts: Counts;
  readonly settings: EngineSettings;
  now: number;
}

const LF = 0x0a;

/** A stream whose lines come one by one. */
export class LineInput<Line> {
  readonly #input: Input;
  readonly #outflow: LineOutflow<Line>;
  readonly #engine: LineInputEngine;

  constructor(input: Input, outflow: LineOutflow<Line>, engine: LineInputEngine) {
    this.#input = input;
    this.#outflow = outflow;
    this.#engine = engine;
  }

  /**
   * Takes a line that arrived at `now`, ms since 1970; `bytes` are those of the line and one newline. What is more than one
   * line, or too long, passes as it is.
   */
  push(line: Line, bytes: Buffer, now: number): void {
    const newline = bytes.indexOf(LF);
    if (newline !== bytes.length - 1 || newline > this.#engine.settings.maxLine) {
      this.#engine.now = now;
      this.#input.endRecord();
      if (newline === bytes.length - 1) this.#engine.counts.overlong += 1;
      this.#outflow.passUnseen(line, bytes.length);
      return;
    }
    this.#outflow.expect(line, bytes.length);
    this.#input.push(bytes, now);
  }

  /** The stream is at its end. */
  end(now: number): void {
    this.#input.end(now);
  }
}
