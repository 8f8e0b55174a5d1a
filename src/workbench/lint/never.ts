import { openEngine, type Engine } from '../../engine/engine.ts';
import type { EngineSettings } from '../../engine/settings.ts';
import type { PumpEngine } from '../../io/pump-engine.ts';
import type { RuleSet } from '../../rules/rule.ts';
import { withoutOutput } from './without-output.ts';

/** A line that must stay, and does not. */
export interface Lowered {
  readonly source: string;
  readonly line: number;
  readonly rule: string;
  readonly text: string;
  readonly isFolded: boolean;
}

/** So many are told; a log of errors that a rule lowers may be long. */
const MOST = 100;
const LONGEST = 1_024;

/** An engine whose lines go nowhere: it finds those that rules lower, or collapse into summaries. */
export class NeverLowered {
  readonly engine: PumpEngine;
  readonly lowered: Lowered[] = [];
  readonly #engine: Engine;

  constructor(ruleSet: RuleSet, settings: EngineSettings) {
    this.#engine = openEngine(ruleSet, settings, {
      observer: {
        looks: () => {},
        waits: () => {},
        rests: () => {},
        spares: () => {},
        ends: ({ judged, ending, level }) => {
          const isFolded = ending === 'folded';
          if ((!isFolded && level >= judged.level) || this.lowered.length >= MOST) return;
          const { source, number, rule, record } = judged;
          this.lowered.push({
            source: source.name,
            line: number,
            rule: rule.rule.id,
            text: record.line.slice(0, LONGEST),
            isFolded,
          });
        },
      },
    });
    this.engine = withoutOutput(this.#engine);
  }

  get linesRead(): number {
    return this.#engine.counts.linesIn;
  }
}
