import type { Engine } from '../engine/engine.ts';
import type { Now } from '../io/clock.ts';
import { around, type PumpEngine } from '../io/pump-engine.ts';
import type { RuleSet } from '../rules/rule.ts';

/** A stream that is silent takes other rules at least this soon. ms */
const SOON = 1_000;

export interface Swappable {
  /** In place of the engine. */
  readonly engine: PumpEngine;
  /** Has these rules judge all lines that are read from now on. */
  readonly adopt: (rules: RuleSet) => void;
}

/**
 * Lets an engine take other rules at any time. It takes them where the pump would have it write:
 * before the next chunk, or at a turn of the pump's timer, so that what is released has left when that is over.
 * `outer` is the engine, or what was put around it.
 */
export function swappable(engine: Pick<Engine, 'adopt'>, outer: PumpEngine, now: Now): Swappable {
  let offered: RuleSet | undefined;
  const take = (at: number): void => {
    const rules = offered;
    offered = undefined;
    if (rules !== undefined) engine.adopt(rules, at);
  };
  return {
    adopt: (rules) => {
      offered = rules;
    },
    engine: around(outer, {
      before: take,
      advance: (at) => {
        outer.advance(at);
        take(at);
      },
      // The timer has to be kept running to be there when rules come.
      nextDue: () => (offered === undefined ? Math.min(outer.nextDue(), now() + SOON) : -Infinity),
    }),
  };
}
