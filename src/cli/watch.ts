import type { Counts, RuleCounts } from '../engine/counts.ts';
import type { Now } from '../io/clock.ts';
import { around, type PumpEngine } from '../io/pump-engine.ts';
import { exitNeed, unfitness } from '../rules/fit.ts';
import { quote } from '../rules/quote.ts';
import type { RuleSet } from '../rules/rule.ts';
import type { Diagnostics } from './diagnostics.ts';
import type { Settings } from './settings.ts';
import { writeSize } from './values.ts';

/** ms between two looks at the counts, and between two messages of the same kind. */
const LOOK = 1_000;
const QUIET = 60_000;

/** Something that an operator may want to mend. */
interface Concern {
  readonly countOf: (counts: RuleCounts) => number;
  /** `lines`: how many since it was last said. */
  readonly sayingOf: (lines: number, settings: Settings) => string;
}

const CONCERNS: readonly Concern[] = [
  {
    countOf: ({ released }) => released.full,
    sayingOf: (lines, { holdLines, holdBytes }) =>
      `the hold queue was full: ${linesOf(lines)} ${lines === 1 ? 'was' : 'were'} released unchanged; see --hold-lines (${holdLines}) and --hold-bytes (${writeSize(holdBytes)})`,
  },
  {
    countOf: ({ released }) => released.budget,
    sayingOf: (lines) => `budgets were used up: ${linesOf(lines)} passed unchanged; see "budget" of the rules`,
  },
  {
    countOf: ({ resting }) => resting,
    sayingOf: (lines) => `expired rules rest: ${linesOf(lines)} passed them by; see "until" of the rules`,
  },
];

const linesOf = (lines: number): string => (lines === 1 ? '1 line' : `${lines} lines`);

export interface Watched {
  /** The engine, and a look now and then at what it counts. */
  readonly engine: PumpEngine;
  /** Says what was not said yet. */
  readonly end: () => void;
}

/** Says what an operator may want to mend, soon after it begins, and then once a minute at most. */
export function watch(
  engine: PumpEngine & { readonly counts: Counts },
  { settings, now, diagnostics }: { readonly settings: Settings; readonly now: Now; readonly diagnostics: Diagnostics },
): Watched {
  const told = CONCERNS.map((concern) => ({ concern, lines: 0, at: -Infinity }));
  let lookAt = -Infinity;

  const look = (at: number, quiet: number): void => {
    lookAt = at + LOOK;
    for (const known of told) {
      const { countOf, sayingOf } = known.concern;
      let lines = 0;
      let [worst, most] = ['', 0];
      engine.counts.rules.forEach((counts, id) => {
        const count = countOf(counts);
        lines += count;
        if (count > most) [worst, most] = [id, count];
      });
      if (lines === known.lines || at - known.at < quiet) continue;
      diagnostics.say('warn', `${sayingOf(lines - known.lines, settings)}, above all of ${quote(worst)}`);
      known.lines = lines;
      known.at = at;
    }
  };

  return {
    engine: around(engine, {
      after: (at) => {
        if (at >= lookAt) look(at, QUIET);
      },
    }),
    end: () => look(now(), 0),
  };
}

/** Warns of rules that can never judge a line. */
export function sayUnfit({ rules }: RuleSet, diagnostics: Diagnostics): void {
  for (const rule of rules) {
    const why = unfitness(rule);
    if (why !== undefined) diagnostics.say('warn', why);
  }
}

/** Warns of rules that wait for the end of a process, of which a pipe or a file does not tell. */
export function sayNoExits({ rules }: RuleSet, diagnostics: Diagnostics): void {
  for (const rule of rules) {
    const why = exitNeed(rule);
    if (why !== undefined) diagnostics.say('warn', why);
  }
}

/** Says which rules rest from the start. */
export function sayExpired({ rules }: RuleSet, now: number, diagnostics: Diagnostics): void {
  for (const { id, file, until } of rules) {
    if (until === undefined || until > now) continue;
    const since = new Date(until).toISOString().replace('.000Z', 'Z');
    diagnostics.say('warn', `${file}: rule ${quote(id)} rests: its "until" passed at ${since}; mend the cause, or move it`);
  }
}
