import { Transform, type TransformCallback, type TransformOptions } from 'node:stream';
import type { Counts } from '../engine/counts.ts';
import type { EngineFigures, EngineSource } from '../engine/engine.ts';
import { Machine } from './machine.ts';
import { settingsOf, type RelevelOptions } from './options.ts';
import type { RulesGiven } from './rules.ts';

/** What a stream of ours can do beside being a stream. */
export interface Releveling {
  /** What became of the lines so far; it goes on counting. */
  readonly counts: Readonly<Counts>;
  /**
   * Goes on with other rules from the next chunk on. Rules that are defined as before keep their waits and groups. Throws
   * `RulesError` where something is wrong with them; those before them stay in force then.
   */
  reload(rules: RulesGiven | readonly RulesGiven[], off?: readonly string[]): void;
}

/** How chunks of one kind go through an engine. */
export interface Passage<Chunk, Left> {
  /** May throw: what came is none of that kind. */
  readonly take: (chunk: Chunk, encoding: BufferEncoding, now: number) => void;
  readonly end: (now: number) => void;
  /** What has left since it was last asked. */
  readonly left: () => readonly Left[];
  /** Whether the last chunk ended within a line. */
  readonly isMidLine: () => boolean;
}

/** A stream that an engine stands in. */
export class EngineStream<Chunk, Left> extends Transform implements Releveling {
  readonly #machine: Machine;
  readonly #passage: Passage<Chunk, Left>;
  #taken = 0;

  /** Throws `RulesError` and `TypeError`. */
  constructor(options: RelevelOptions, streamOptions: TransformOptions, open: (source: EngineSource) => Passage<Chunk, Left>) {
    super(streamOptions);
    this.#machine = new Machine(settingsOf(options), {
      flush: () => {
        for (const chunk of this.#passage.left()) this.push(chunk);
      },
      taken: () => this.#taken,
      isStuck: () => this.writableLength > 0 && this.readableLength >= this.readableHighWaterMark,
      isMidLine: () => this.#passage.isMidLine(),
      onFault: (error) => this.destroy(error as Error),
    });
    this.#passage = open(this.#machine.source);
  }

  get counts(): Readonly<Counts> {
    return this.#machine.counts;
  }

  /** No part of the interface: for whoever asks how the engine does, such as a test. */
  get figures(): EngineFigures {
    return this.#machine.figures;
  }

  reload(rules: RulesGiven | readonly RulesGiven[], off: readonly string[] = []): void {
    this.#machine.reload(rules, off);
  }

  override _transform(chunk: Chunk, encoding: BufferEncoding, done: TransformCallback): void {
    this.#taken += 1;
    this.#step(() => this.#passage.take(chunk, encoding, this.#machine.now()), done);
  }

  override _flush(done: TransformCallback): void {
    this.#step(() => {
      const at = this.#machine.now();
      this.#passage.end(at);
      this.#machine.source.end(at);
    }, done);
    this.#machine.stop();
  }

  override _read(size: number): void {
    super._read(size);
    this.#machine.settle();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#machine.stop();
    done(error);
  }

  #step(step: () => void, done: TransformCallback): void {
    try {
      step();
      this.#machine.settle();
    } catch (error) {
      done(error as Error);
      return;
    }
    done();
  }
}
