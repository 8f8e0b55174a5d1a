import { openEngine, type Engine } from '../../engine/engine.ts';
import type { Ending, Judgement, Observer } from '../../engine/observer.ts';
import { RECORD_LINES, type EngineSettings, type Sink } from '../../engine/settings.ts';
import type { PumpEngine } from '../../io/pump-engine.ts';
import { LEVELS, type Level } from '../../record/level.ts';
import type { RuleSet } from '../../rules/rule.ts';

/** What one set of rules makes of a line. */
export interface Outcome {
  readonly rule: string;
  readonly ending: Ending;
  /** Afterwards; of a folded line, as it came. */
  readonly level: Level;
  readonly isFolded: boolean;
  readonly why: string | undefined;
}

/** A line of which two sets of rules make something different. */
export interface Difference {
  readonly source: string;
  readonly line: number;
  /** As it came. */
  readonly level: Level;
  /** `undefined`: no rule of the set applies to it. */
  readonly before: Outcome | undefined;
  readonly after: Outcome | undefined;
  /** `hidden`: it was at the threshold or above, and is now collapsed into a summary, or below. */
  readonly kind: 'hidden' | 'louder' | 'quieter';
  /** The line as it came; `undefined`, if nobody wanted it. */
  readonly text: string | undefined;
}

export interface ComparisonOptions {
  readonly before: RuleSet;
  readonly after: RuleSet;
  readonly settings: EngineSettings;
  /** Lines of this level and above are seen. */
  readonly threshold: Level;
  /** Whether the text of a line is wanted to which a rule applied. */
  readonly wantsText: (rule: string) => boolean;
  readonly onDifference: (difference: Difference) => void;
  /** What is to be written of the differences since the last time. */
  readonly rows: () => string;
}

/** What is known of a line that some rule applied to. */
interface Open {
  before: Outcome | undefined;
  after: Outcome | undefined;
  level: Level;
  text: string | undefined;
}

/** An engine says nothing of a line before it has those that continue it, and the line may stand behind another record. */
const MOST_BEHIND = 2 * RECORD_LINES;

/** One engine, and what it has told since lines were last compared. */
interface Side {
  readonly engine: Engine;
  readonly role: 'before' | 'after';
  /** Lines that wait. */
  readonly waiting: Set<number>;
}

/**
 * Sends the same bytes through two engines and compares what becomes of each line. Lines that neither mentions are the same. What is
 * kept is bounded by what the engines hold.
 */
export class Comparison implements PumpEngine {
  readonly #options: ComparisonOptions;
  readonly #before: Side;
  readonly #after: Side;
  readonly #open = new Map<number, Open>();
  #source = '';
  #room: Buffer = Buffer.alloc(0);

  constructor(options: ComparisonOptions) {
    this.#options = options;
    this.#before = this.#side('before', options.before);
    this.#after = this.#side('after', options.after);
  }

  #side(role: 'before' | 'after', rules: RuleSet): Side {
    const waiting = new Set<number>();
    const observer: Observer = {
      looks: () => {},
      rests: () => {},
      spares: () => {},
      waits: ({ number }) => void waiting.add(number),
      ends: (judgement) => {
        waiting.delete(judgement.judged.number);
        this.#note(role, judgement);
      },
    };
    return { engine: openEngine(rules, this.#options.settings, { observer }), role, waiting };
  }

  /** Lines that were read, of all inputs. */
  get linesRead(): number {
    return this.#after.engine.counts.linesIn;
  }

  source(name: string): ReturnType<PumpEngine['source']> {
    this.#source = name;
    const begun = this.linesRead;
    const [before, after] = [this.#before.engine.source(name), this.#after.engine.source(name)];
    const nowhere = { write: () => {} };
    let to: Sink = nowhere;
    return {
      input: (sink) => {
        to = sink;
        const [into, also] = [before.input(nowhere), after.input(nowhere)];
        return {
          pushFilled: (length, now) => {
            into.push(this.#room.subarray(0, length), now);
            also.pushFilled(length, now);
            this.#compare(to, this.linesRead - begun - MOST_BEHIND);
          },
          end: (now) => {
            into.end(now);
            also.end(now);
          },
        };
      },
      end: (now) => {
        before.end(now);
        after.end(now);
        this.#compare(to, Infinity);
      },
    };
  }

  room(size: number): Uint8Array {
    return (this.#room = this.#after.engine.room(size));
  }

  nextDue(): number {
    return Infinity;
  }

  advance(): void {}

  standDown(): void {}

  #note(role: 'before' | 'after', { judged, ending, level, decided }: Judgement): void {
    const { number } = judged;
    let open = this.#open.get(number);
    if (open === undefined)
      this.#open.set(number, (open = { before: undefined, after: undefined, level: judged.level, text: undefined }));
    const { id } = judged.rule.rule;
    open[role] = { rule: id, ending, level, isFolded: ending === 'folded', why: decided?.why };
    if (open.text === undefined && this.#options.wantsText(id)) open.text = judged.record.line;
  }

  /** Compares the lines up to `last` of which both engines have said what becomes of them. */
  #compare(sink: Sink, last: number): void {
    for (const [line, open] of this.#open) {
      if (line > last) continue;
      if (this.#before.waiting.has(line) || this.#after.waiting.has(line)) continue;
      this.#open.delete(line);
      const { before, after, level, text } = open;
      const kind = this.#kindOf(open);
      if (kind !== undefined) this.#options.onDifference({ source: this.#source, line, level, before, after, kind, text });
    }
    const rows = Buffer.from(this.#options.rows());
    if (rows.length > 0) sink.write(rows, 0, rows.length);
  }

  #kindOf({ before, after, level }: Open): Difference['kind'] | undefined {
    const { threshold } = this.#options;
    const was = loudnessOf(before, level);
    const is = loudnessOf(after, level);
    if (was === is) return undefined;
    if (is > was) return 'louder';
    return was >= threshold && is < threshold ? 'hidden' : 'quieter';
  }
}

/** A line that is collapsed is below all that are written. */
const loudnessOf = (outcome: Outcome | undefined, level: Level): number =>
  outcome === undefined ? level : outcome.isFolded ? -1 : outcome.level;

/** `ERROR`, or `(collapsed)`. */
export const wordOf = (outcome: Outcome | undefined, level: Level): string => {
  if (outcome?.isFolded === true) return '(collapsed)';
  return LEVELS[outcome?.level ?? level].toUpperCase();
};
