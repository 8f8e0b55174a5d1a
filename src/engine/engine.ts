import type { RuleSet } from '../rules/rule.ts';
import type { Counts } from './counts.ts';
import type { LineSink } from './hold/line-outflow.ts';
import type { SourceState } from './memory/carry.ts';
import type { Plan } from './plan.ts';
import type { EngineSettings, Sink } from './settings.ts';
import { ShadowedEngine, type ShadowedParts } from './shadowed.ts';

// All that others see of an engine: they open one here, and take of these interfaces what they need.

/** Where the bytes of one stream go into an engine. `now` is when they arrived, ms since 1970. */
export interface EngineInput {
  /** Takes the first `length` bytes of the engine's room. */
  pushFilled(length: number, now: number): void;
  /** Takes bytes that lie anywhere. */
  push(bytes: Uint8Array, now: number): void;
  pushText(text: string, now: number): void;
  /** Writes what the engine has passed over and kept back so far, but nothing that is held. */
  flush(): void;
  /** The lines that have come are not continued by what comes next. */
  endRecord(): void;
  /** The stream is at its end: an unfinished last line is a line. */
  end(now: number): void;
}

/** The same for a stream whose lines come one by one. */
export interface EngineLineInput<Line> {
  push(line: Line, bytes: Buffer, now: number): void;
  end(now: number): void;
}

/** What rules correlate and count in: a file, a container, a process with both of its streams. */
export interface EngineSource {
  readonly name: string;
  input(sink: Sink): EngineInput;
  lineInput<Line>(sink: LineSink<Line>): EngineLineInput<Line>;
  /** Releases what is held, unchanged; groups stay open. */
  releaseAll(reason: 'signal' | 'truncated'): void;
  /** Whether a line waits for the end of the process that wrote it, or may. */
  readonly awaitsExit: boolean;
  /** That process ended at `at`, in ms since 1970, with this code, and all that it wrote has been pushed. */
  exited(code: number, at: number, now: number): void;
  /** After the last input ended: ends the waits, closes the groups. */
  end(now: number): void;

  // For a source that goes on in another process; it has one stream.

  /** Where the first byte that is held stood in the stream; `undefined`: nothing is held. */
  readonly heldFrom: number | undefined;
  /** What the next process is to know. */
  readonly state: SourceState;
  /** Goes on where an earlier process stood. The source has a stream, and has seen nothing yet. */
  resume(state: SourceState): void;
  /** Whole lines that stand before what will come, and are not ours to write. */
  passOver(bytes: Buffer): void;
  /** What comes next does not follow what has come. */
  breakOff(): void;
}

/** What an engine holds at the moment. */
export interface EngineFigures {
  readonly heldLines: number;
  readonly heldBytes: number;
  /** When a line was last released because the queue was full, ms since 1970; -Infinity: never. */
  readonly fullAt: number;
  readonly openWaits: number;
  readonly openGroups: number;
  /** Lines so far of which all was known by earlier ones like them. */
  readonly alikeLines: number;
}

/** One synchronous machine: lines go in with the time at which they came, bytes come out into sinks. It knows no file, clock, timer or process. */
export interface Engine {
  readonly settings: EngineSettings;
  readonly counts: Counts;
  readonly figures: EngineFigures;
  /** What it made of its rules. */
  readonly plan: Plan;
  /** Where in the room the line begins that is being looked at, or was last; below zero: before it, or elsewhere. */
  lookedAt: number;

  /** Room for a chunk of so many bytes, or of fewer, for `pushFilled`; good until something else is pushed to this engine. */
  room(size: number): Buffer;
  /** Opens a source; `name` is its `$source`. */
  source(name: string): EngineSource;
  /** The open source of this name. */
  find(name: string): EngineSource | undefined;
  /** Decides what the clock has made due at or before `now`, ms since 1970. */
  advance(now: number): void;
  /** When `advance` is next needed, ms since 1970; Infinity: nothing waits for the clock. */
  nextDue(): number;
  /** Goes on with other rules, between two chunks. */
  adopt(rules: RuleSet, now: number): void;
  /** Releases what is held, unchanged, and writes the summaries. */
  releaseAll(reason: 'signal' | 'ended'): void;
  /** The same; from then on every byte is copied as it comes. */
  standDown(reason?: 'signal' | 'ended'): void;
}

export const openEngine = (rules: RuleSet, settings: EngineSettings, parts?: ShadowedParts): Engine =>
  new ShadowedEngine(rules, settings, parts);
