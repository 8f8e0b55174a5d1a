import type { RuleSet } from '../rules/rule.ts';
import { newCounts, type Counts } from './counts.ts';
import type { EngineSettings, Sink } from './settings.ts';

export class Engine {
  readonly counts: Counts;

  constructor(rules: RuleSet, _settings: EngineSettings) {
    this.counts = newCounts(rules.rules.map((rule) => rule.id));
  }

  /** Opens a source: what rules correlate and count in. `name` is its `$source`. */
  source(_name: string): Source {
    return new Source();
  }

  /** Decides what the clock has made due at or before `now`, ms since 1970. Only `live` and `example` clocks. */
  advance(_now: number): void {}

  /** When `advance` is next needed, ms since 1970; Infinity where nothing waits for the clock. */
  nextDue(): number {
    return Infinity;
  }

  /** Releases what is held, unchanged, writes the summaries; from then on every byte is copied as it comes. */
  standDown(): void {}
}

export class Source {
  /** A stream of this source, and the output that its lines leave by. Both streams of a child are two inputs of one source. */
  input(sink: Sink): Input {
    return new Input(sink);
  }

  /** After the last input ended: ends the waits, closes the groups. */
  end(_now: number): void {}
}

export class Input {
  readonly #sink: Sink;

  constructor(sink: Sink) {
    this.#sink = sink;
  }

  /** Takes a chunk that arrived at `now`, ms since 1970. The bytes are only lent. */
  push(chunk: Uint8Array, _now: number): void {
    this.#sink.write(chunk, 0, chunk.length);
  }

  /** The stream is at its end: an unfinished last line is a line. */
  end(_now: number): void {}
}
