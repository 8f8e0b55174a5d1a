import { openEngine, type Engine, type EngineFigures, type EngineSource } from '../engine/engine.ts';
import type { Counts } from '../engine/counts.ts';
import { liveClock } from '../io/clock.ts';
import { dueTimer, type DueTimer } from '../io/due-timer.ts';
import { forgetLeaver, rememberLeaver, type Leaver } from './leaving.ts';
import type { LibrarySettings } from './options.ts';
import type { Reading, RuleSet } from '../rules/rule.ts';
import { ruleSetOf, type RulesGiven } from './rules.ts';

/** What a stream has that an engine stands in. */
export interface MachineStream {
  /** Hands on what the engine has written. */
  readonly flush: () => void;
  /** Chunks taken in so far. */
  readonly taken: () => number;
  /** Whether something has come that is not looked at yet, because nobody takes what leaves. */
  readonly isStuck: () => boolean;
  /** Whether it has bytes of a line whose newline has not come. */
  readonly isMidLine: () => boolean;
  readonly onFault: (error: unknown) => void;
}

/** An engine in a stream: with a clock, a timer that keeps no process alive, and an eye on the process's end. */
export class Machine {
  readonly source: EngineSource;
  readonly now: () => number;
  readonly #engine: Engine;
  readonly #read: Reading;
  readonly #stream: MachineStream;
  readonly #timer: DueTimer;
  readonly #leaver: Leaver;

  /** Throws `RulesError`. */
  constructor(settings: LibrarySettings, stream: MachineStream) {
    this.#read = settings.read;
    this.#engine = openEngine(this.#rulesOf(settings.rules, settings.off), settings.engine);
    this.source = this.#engine.source(settings.source);
    this.now = settings.now ?? liveClock();
    this.#stream = stream;
    this.#timer = dueTimer({
      now: this.now,
      nextDue: () => (stream.isStuck() ? Infinity : this.#engine.nextDue()),
      reads: stream.taken,
      onDue: (at) => this.#guard(() => this.#engine.advance(at)),
      keepsProcess: false,
    });
    this.#leaver = {
      beforeExit: () => this.#guard(() => this.#engine.releaseAll('ended')),
      exit: () => this.#guard(() => this.#engine.standDown('ended')),
    };
  }

  get counts(): Counts {
    return this.#engine.counts;
  }

  get figures(): EngineFigures {
    return this.#engine.figures;
  }

  /** To be called after each step that the stream itself takes, and when it is no longer stuck. */
  settle(): void {
    this.#stream.flush();
    this.#timer.arm();
    if (this.#holds()) rememberLeaver(this.#leaver);
    else forgetLeaver(this.#leaver);
  }

  /** Goes on with other rules. Throws `RulesError`; those before them stay then. */
  reload(rules: RulesGiven | readonly RulesGiven[], off: readonly string[]): void {
    this.#engine.adopt(this.#rulesOf(rules, off), this.now());
    this.settle();
  }

  #rulesOf(rules: RulesGiven | readonly RulesGiven[], off: readonly string[]): RuleSet {
    const ruleSet = ruleSetOf(rules, off);
    return { ...ruleSet, read: { ...ruleSet.read, ...this.#read } };
  }

  /** The source has ended already, or will never end. */
  stop(): void {
    this.#timer.stop();
    forgetLeaver(this.#leaver);
  }

  #holds(): boolean {
    const { openWaits, heldLines, openGroups } = this.#engine.figures;
    return openWaits > 0 || heldLines > 0 || openGroups > 0 || this.#stream.isMidLine();
  }

  /** Takes a step of our own; nobody stands above us who could catch what it throws. */
  #guard(step: () => void): void {
    try {
      step();
      this.settle();
    } catch (error) {
      this.#stream.onFault(error);
    }
  }
}
