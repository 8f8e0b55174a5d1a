import type { Engine } from '../../engine/engine.ts';
import type { PumpEngine } from '../../io/pump-engine.ts';

/** An engine in replay whose lines go nowhere: it is asked what it would do. */
export const withoutOutput = (engine: Engine): PumpEngine => ({
  source: (name) => {
    const source = engine.source(name);
    return { input: () => source.input(NOWHERE), end: (now) => source.end(now) };
  },
  room: (size) => engine.room(size),
  nextDue: () => Infinity,
  advance: () => {},
  standDown: () => engine.standDown(),
});

const NOWHERE = { write: () => {} };
