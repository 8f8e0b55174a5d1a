import { openEngine } from '../engine/engine.ts';
import type { RuleSet } from '../rules/rule.ts';
import { openLines, type Line } from './lines.ts';
import { settingsOf, type RelevelOptions } from './options.ts';
import { ruleSetOf, type RulesGiven } from './rules.ts';
import type { Releveling } from './stream.ts';

/** Lines in, lines out, at once: it has no timer and no stream. */
export interface RelevelSync extends Releveling {
  /** Takes a line that came at `now`, ms since 1970, and gives the lines that leave by it: none, if it is held or folded. `now` never falls. */
  line(line: Line, now: number): readonly Line[];
  /** Decides what is due at `now`, and gives the lines that leave by it. To be called at `nextDue`, if the clock is `'live'`. */
  tick(now: number): readonly Line[];
  /** When `tick` is next needed, ms since 1970; Infinity: nothing waits for the clock. */
  readonly nextDue: number;
  /** Gives all that is held, unchanged, and the summaries. Nothing may be asked of it afterwards. */
  end(): readonly Line[];
}

/**
 * Makes an engine that a program asks line by line. Lines are as with `createRelevelLines`. Throws `RulesError` with all that is wrong with
 * the rules, and `TypeError` if an option is.
 */
export function createRelevelSync(options: Omit<RelevelOptions, 'now' | 'priorityPrefix'> = {}): RelevelSync {
  const { rules, off, read, source: name, engine: settings } = settingsOf(options);
  const rulesOf = (given: RulesGiven | readonly RulesGiven[], without: readonly string[]): RuleSet => {
    const ruleSet = ruleSetOf(given, without);
    return { ...ruleSet, read: { ...ruleSet.read, ...read } };
  };
  const engine = openEngine(rulesOf(rules, off), settings);
  const source = engine.source(name);
  const passage = openLines(source);
  let last = 0;
  return {
    get counts() {
      return engine.counts;
    },
    get nextDue() {
      return engine.nextDue();
    },
    line: (line, now) => {
      last = now;
      passage.take(line, 'utf8', now);
      return passage.left();
    },
    tick: (now) => {
      last = now;
      engine.advance(now);
      return passage.left();
    },
    end: () => {
      passage.end(last);
      source.end(last);
      return passage.left();
    },
    reload: (given, without = []) => engine.adopt(rulesOf(given, without), last),
  };
}
